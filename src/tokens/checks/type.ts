import { check } from '../check.js'
import { checkType, readType } from '../token-type.js'

/** The `typ` header names no other kind of token. */
export const type = check({
  name: 'type',
  spec: 'RFC 8725 §3.11',
  of: 'signed',
  needs: ['decoded'],
  run({ findings }) {
    findings.type = readType(findings.decoded.header)
    return checkType(findings.type)
  },
})
