import { check } from '../check.js'
import { checkBeforeExpiry, malformedDate, readNumericDate } from '../numeric-date.js'

/** `nbf`, where it is there, has come, and lies before `exp`. */
export const notBefore = check({
  name: 'not before',
  spec: 'RFC 7519 §4.1.5',
  needs: ['decoded'],
  run({ rules: { clockToleranceSeconds }, lifetime, findings: { decoded, expiresAt } }) {
    const { claims } = decoded
    if (!Object.hasOwn(claims, 'nbf')) return undefined
    const nbf = readNumericDate(claims, 'nbf')
    if (nbf === undefined) return malformedDate(claims, 'nbf')
    const misplaced = checkBeforeExpiry('nbf', nbf, expiresAt)
    if (misplaced !== undefined || !lifetime.isBefore(nbf - clockToleranceSeconds)) return misplaced
    return { code: 'token_not_yet_valid', detail: `it becomes valid in ${lifetime.describeUntil(nbf)} s` }
  },
})
