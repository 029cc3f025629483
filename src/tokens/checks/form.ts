import { isFailure } from '../../errors.js'
import { check } from '../check.js'
import { decodeToken } from '../decode-token.js'

/** It is a compact JWS that no two parsers can read differently. */
export const form = check({
  name: 'form',
  spec: 'RFC 7515 §7.1',
  of: 'signed',
  run({ token, findings }) {
    const decoded = decodeToken(token)
    if (isFailure(decoded)) return decoded
    findings.decoded = decoded
    return undefined
  },
})
