import { check } from '../check.js'
import { expiryOf } from '../lifetime.js'
import { malformedDate, readNumericDate } from '../numeric-date.js'

/** `exp` is there, and has not passed. */
export const expiry = check({
  name: 'expiry',
  spec: 'RFC 7519 §4.1.4',
  stands: 'in time',
  needs: ['decoded'],
  run({ now, rules, findings }) {
    const { claims } = findings.decoded
    const exp = readNumericDate(claims, 'exp')
    if (exp === undefined) return malformedDate(claims, 'exp')
    if (now >= expiryOf(exp, rules)) {
      return { code: 'token_expired', detail: `it expired ${String(Math.round(now - exp))} s ago` }
    }
    findings.expiresAt = exp
    return undefined
  },
})
