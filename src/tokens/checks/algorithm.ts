import { ABOUT_SECRETS } from '../../issuers/algorithms.js'
import { quote } from '../../lib/quote.js'
import { ownMember } from '../../lib/strict-json.js'
import { check } from '../check.js'

/** Its algorithm is on the issuer's allow-list, compared with its case. */
export const algorithm = check({
  name: 'algorithm',
  spec: 'RFC 8725 §3.1',
  of: 'signed',
  needs: ['decoded', 'issuer'],
  run({ findings }) {
    const alg = ownMember(findings.decoded.header, 'alg')
    const { algorithms } = findings.issuer.settings
    for (const allowed of algorithms) {
      if (allowed !== alg) continue
      findings.algorithm = allowed
      return undefined
    }
    return { code: 'algorithm_not_allowed', detail: describeAlgorithm(alg, algorithms) }
  },
})

function describeAlgorithm(alg: unknown, allowed: readonly string[]): string {
  if (alg === undefined) return '"alg" is missing'
  if (typeof alg !== 'string') return '"alg" is not a text'
  const isUnasked = /^HS(?:256|384|512)$/.test(alg) && !allowed.some((one) => one.startsWith('HS'))
  const about = isUnasked ? `. ${alg} is made with a shared secret, ${ABOUT_SECRETS}` : ''
  return `its "alg" is ${quote(alg)}; allowed are ${allowed.join(', ')}${about}`
}
