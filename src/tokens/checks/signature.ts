import type { Failure } from '../../errors.js'
import { whenSettled, type Eventual } from '../../lib/eventual.js'
import { checkSignatureThen } from '../../issuers/check-signature.js'
import { check, type Outcome } from '../check.js'
import type { Examination, Findings, FindingsSoFar } from '../examination.js'

/**
 * The signature verifies, with the key that was found, and where that fails with the key that stands under its name now: an
 * issuer may put a new key under an old name.
 */
export const signature = check({
  name: 'signature',
  spec: 'RFC 7515 §5.2',
  of: 'signed',
  needs: ['issuer', 'wanted', 'key'],
  run(examination) {
    const { token, findings } = examination
    return checkSignatureThen(token, findings.key, (failure) =>
      failure === undefined ? conclude(undefined, findings) : tryOtherKey(failure, examination),
    )
  },
})

type Signed = Examination & { readonly findings: Pick<Findings, 'issuer' | 'wanted' | 'key'> & FindingsSoFar }

function tryOtherKey(failure: Failure, { token, lifetime, findings }: Signed): Eventual<Outcome> {
  const { issuer, wanted, key } = findings
  return whenSettled(lifetime.findOtherKey(issuer, wanted, key), (other): Eventual<Outcome> => {
    if (other === undefined) return failure
    findings.key = other
    return checkSignatureThen(token, other, (outcome) => conclude(outcome, findings))
  })
}

function conclude(outcome: Outcome, findings: FindingsSoFar): Outcome {
  if (outcome === undefined) findings.isSigned = true
  return outcome
}
