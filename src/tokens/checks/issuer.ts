import type { Failure } from '../../errors.js'
import { whenSettled } from '../../lib/eventual.js'
import { ownMember } from '../../lib/strict-json.js'
import { check, type Outcome } from '../check.js'
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
    return whenSettled(lifetime.findIssuer(iss), (found): Outcome => {
      if (found === undefined) return unknownIssuer(iss, issuers.names)
      findings.issuer = found
      return undefined
    })
  },
})

function unknownIssuer(iss: unknown, names: readonly string[] | undefined): Failure {
  return { code: 'unknown_issuer', detail: describeIssuer(iss, names) }
}
