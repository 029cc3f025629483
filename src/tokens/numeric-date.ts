import type { Failure } from '../errors.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'

/** The last second of the year 9999: a larger date is in milliseconds, or a mistake. */
const MAX_NUMERIC_DATE = 253_402_300_799

/** Reads a NumericDate (RFC 7519 §2): a finite number of seconds in a range that makes sense. */
export function readNumericDate(claims: JsonObject, name: string): number | undefined {
  const value = ownMember(claims, name)
  return typeof value === 'number' && value >= 0 && value <= MAX_NUMERIC_DATE ? value : undefined
}

/** Says what is wrong with a claim of which no NumericDate could be read. */
export function malformedDate(claims: JsonObject, name: string): Failure {
  const problem = Object.hasOwn(claims, name) ? 'is not a NumericDate that makes sense' : 'is missing'
  return { code: 'invalid_claims', detail: `"${name}" ${problem}` }
}

/** Refuses a date that lies after `exp`. Where `exp` itself cannot be read, that is said already, and nothing comes after it. */
export function checkBeforeExpiry(name: string, date: number, exp = Number.POSITIVE_INFINITY): Failure | undefined {
  if (date <= exp) return undefined
  return { code: 'invalid_claims', detail: `"${name}" lies after "exp"` }
}
