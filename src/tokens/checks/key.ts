import type { Failure } from '../../errors.js'
import type { VerificationKey } from '../../issuers/verification-key.js'
import { isPending } from '../../lib/eventual.js'
import { check, type Outcome } from '../check.js'
import type { Findings, FindingsSoFar } from '../examination.js'

const notFetched: Failure = {
  code: 'unknown_key',
  detail: 'its key is not at hand, and "exp" says that it is not worth a fetch',
}

/** The issuer has exactly one key that fits. What has expired, or says no time at which it does, is not worth a fetch. */
export const key = check({
  name: 'key',
  spec: 'RFC 7515 §4.1.4',
  of: 'signed',
  needs: ['issuer', 'algorithm'],
  run({ lifetime, findings }) {
    const { kid, issuer, algorithm } = findings
    const wanted = { kid, algorithm }
    findings.wanted = wanted
    const isDead = findings.isCurrent === undefined
    const found = isDead ? lifetime.peekKey(issuer, wanted) : lifetime.findKey(issuer, wanted)
    return isPending(found) ? found.then((one) => note(one, findings)) : note(found, findings)
  },
})

function note(key: VerificationKey | undefined, findings: Pick<Findings, 'issuer'> & FindingsSoFar): Outcome {
  if (key !== undefined) {
    findings.key = key
    return undefined
  }
  const { isCurrent, issuer, wanted } = findings
  if (isCurrent === undefined || wanted === undefined) return notFetched
  return { code: 'unknown_key', detail: issuer.keys.explain(wanted) }
}
