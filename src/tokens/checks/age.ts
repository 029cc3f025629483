import { check } from '../check.js'
import { checkBeforeExpiry, malformedDate, readNumericDate } from '../numeric-date.js'

/** `iat`, where it is there, lies in the past, before `exp`, and not too far back. */
export const age = check({
  name: 'age',
  spec: 'RFC 7519 §4.1.6',
  needs: ['decoded'],
  run({ rules: { clockToleranceSeconds, maxTokenAgeSeconds }, lifetime, findings }) {
    const { decoded, expiresAt } = findings
    const { claims } = decoded
    if (!Object.hasOwn(claims, 'iat')) {
      return maxTokenAgeSeconds === undefined ? undefined : { code: 'token_too_old', detail: '"iat" is missing' }
    }
    const iat = readNumericDate(claims, 'iat')
    if (iat === undefined) return malformedDate(claims, 'iat')
    findings.issuedAt = iat
    const misplaced = checkBeforeExpiry('iat', iat, expiresAt)
    if (misplaced !== undefined) return misplaced
    if (lifetime.isBefore(iat - clockToleranceSeconds)) {
      const detail = `"iat" lies ${lifetime.describeUntil(iat)} s in the future: the issuer's clock is ahead, or this one behind`
      return { code: 'token_not_yet_valid', detail }
    }
    if (maxTokenAgeSeconds === undefined) return undefined
    const tooOld =
      (expiresAt ?? 0) - iat > maxTokenAgeSeconds || lifetime.isAfter(iat + maxTokenAgeSeconds + clockToleranceSeconds)
    return tooOld
      ? { code: 'token_too_old', detail: `it lives longer than ${String(maxTokenAgeSeconds)} s` }
      : undefined
  },
})
