import { check } from '../check.js'
import { beginningOf } from '../lifetime.js'
import { checkBeforeExpiry, malformedDate, readNumericDate } from '../numeric-date.js'

/** `nbf`, where it is there, has come, and lies before `exp`. */
export const notBefore = check({
  name: 'not before',
  spec: 'RFC 7519 §4.1.5',
  stands: 'in time',
  needs: ['decoded'],
  run({ now, rules, findings: { decoded } }) {
    const { claims } = decoded
    if (!Object.hasOwn(claims, 'nbf')) return undefined
    const nbf = readNumericDate(claims, 'nbf')
    if (nbf === undefined) return malformedDate(claims, 'nbf')
    const misplaced = checkBeforeExpiry('nbf', nbf, claims)
    if (misplaced !== undefined || now >= beginningOf(nbf, rules)) return misplaced
    return { code: 'token_not_yet_valid', detail: `it becomes valid in ${String(Math.round(nbf - now))} s` }
  },
})
