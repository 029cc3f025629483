import { failureSaying, type Failure } from '../../errors.js'
import { isPending } from '../../lib/eventual.js'
import { ownMember } from '../../lib/strict-json.js'
import { check } from '../check.js'
import { describeIssuer } from '../describe-issuer.js'

/** It names a trusted issuer. The name is unverified: it chooses among those trusted, and no more. */
export const issuer = check({
  name: 'issuer',
  spec: 'RFC 9068 §4',
  of: 'signed',
  needs: ['decoded'],
  run({ rules: { issuers }, lifetime, findings }) {
    const iss = ownMember(findings.decoded.claims, 'iss')
    if (typeof iss !== 'string') return unknownIssuer(iss, issuers.names)
    const found = lifetime.findIssuer(iss)
    findings.issuer = isPending(found) ? undefined : found
    if (isPending(found)) {
      return found.then((one) => {
        findings.issuer = one
        return one === undefined ? unknownIssuer(iss, issuers.names) : undefined
      })
    }
    return found === undefined ? unknownIssuer(iss, issuers.names) : undefined
  },
})

function unknownIssuer(iss: unknown, names: readonly string[] | undefined): Failure {
  return failureSaying('unknown_issuer', () => describeIssuer(iss, names))
}
