import { ownMember } from '../../lib/strict-json.js'
import { checkHeader } from '../check-header.js'
import { check } from '../check.js'

/**
 * The header holds what that of an access token may hold, before its algorithm and its key are looked for.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.10 | RFC 8725 §3.10}
 */
export const header = check({
  name: 'header',
  spec: 'RFC 8725 §3.10',
  of: 'signed',
  needs: ['decoded'],
  run({ findings }) {
    const { header: own, claims } = findings.decoded
    const kid = ownMember(own, 'kid')
    if (typeof kid === 'string') findings.kid = kid
    return checkHeader(own, claims)
  },
})
