import { whenSettled, type Eventual } from '../../lib/eventual.js'
import { checkSignature } from '../../issuers/check-signature.js'
import { check, type Outcome } from '../check.js'

/**
 * The signature verifies, with the key that was found, and where that fails with the key that stands under its name now: an
 * issuer may put a new key under an old name.
 */
export const signature = check({
  name: 'signature',
  spec: 'RFC 7515 §5.2',
  of: 'signed',
  needs: ['issuer', 'wanted', 'key'],
  run({ token, lifetime, findings }) {
    const { issuer, wanted, key } = findings
    const conclude = (failure: Outcome): Outcome => {
      if (failure === undefined) findings.isSigned = true
      return failure
    }
    return whenSettled(checkSignature(token, key), (failure) => {
      if (failure === undefined) return conclude(undefined)
      return whenSettled(lifetime.findOtherKey(issuer, wanted, key), (other): Eventual<Outcome> => {
        if (other === undefined) return failure
        findings.key = other
        return whenSettled(checkSignature(token, other), conclude)
      })
    })
  },
})
