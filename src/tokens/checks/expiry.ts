import { check } from '../check.js'
import { malformedDate, readNumericDate } from '../numeric-date.js'

/** An expired token is forgiven for no longer than this, whatever tolerance is configured. */
const MAX_TOLERANCE_SECONDS = 60

/** `exp` is there, and has not passed. */
export const expiry = check({
  name: 'expiry',
  spec: 'RFC 7519 §4.1.4',
  needs: ['decoded'],
  run({ rules: { clockToleranceSeconds }, lifetime, findings }) {
    const { claims } = findings.decoded
    const exp = readNumericDate(claims, 'exp')
    if (exp === undefined) return malformedDate(claims, 'exp')
    findings.expiresAt = exp
    if (!lifetime.isBefore(exp + Math.min(clockToleranceSeconds, MAX_TOLERANCE_SECONDS))) {
      return { code: 'token_expired', detail: `it expired ${lifetime.describeSince(exp)} s ago` }
    }
    findings.isCurrent = true
    return undefined
  },
})
