import type { Failure } from '../../errors.js'
import { whenSettled } from '../../lib/eventual.js'
import { check, type Outcome } from '../check.js'

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
    return whenSettled(found, (one): Outcome => {
      if (one === undefined) return isDead ? notFetched : { code: 'unknown_key', detail: issuer.keys.explain(wanted) }
      findings.key = one
      return undefined
    })
  },
})
