import type { Failure } from '../errors.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'

/** How times are judged. All in seconds. */
export interface TimeRules {
  readonly clockToleranceSeconds: number
  readonly maxTokenAgeSeconds: number | undefined
}

/** From when, and until before when. In seconds since the epoch. */
export interface Lifetime {
  readonly from: number
  readonly until: number
}

/** An expired token is forgiven for no longer than this, whatever tolerance is configured. */
const MAX_EXPIRY_TOLERANCE_SECONDS = 60

/** The last second of the year 9999: a larger date is in milliseconds, or a mistake. */
const MAX_NUMERIC_DATE = 253_402_300_799

/** Reads a NumericDate (RFC 7519 §2): a finite number of seconds in a range that makes sense. */
export function readNumericDate(claims: JsonObject, name: string): number | undefined {
  const value = ownMember(claims, name)
  return typeof value === 'number' && value >= 0 && value <= MAX_NUMERIC_DATE ? value : undefined
}

/** `exp` must be there, and not have passed. `now` is in seconds since the epoch, here and below, with its fraction. */
export function checkExpiry(claims: JsonObject, now: number, rules: TimeRules): Failure | undefined {
  const exp = readNumericDate(claims, 'exp')
  if (exp === undefined) return malformed(claims, 'exp')
  return now < expiryOf(exp, rules)
    ? undefined
    : { code: 'token_expired', detail: `it expired ${String(Math.round(now - exp))} s ago` }
}

/** `nbf`, where it is there, must have come, and before `exp`. */
export function checkNotBefore(claims: JsonObject, now: number, rules: TimeRules): Failure | undefined {
  if (!Object.hasOwn(claims, 'nbf')) return undefined
  const nbf = readNumericDate(claims, 'nbf')
  if (nbf === undefined) return malformed(claims, 'nbf')
  if (isPastExpiry(nbf, claims)) return afterExpiry('nbf')
  if (now >= beginningOf(nbf, rules)) return undefined
  return { code: 'token_not_yet_valid', detail: `it becomes valid in ${String(Math.round(nbf - now))} s` }
}

/** `iat`, where it is there, must lie in the past, before `exp`, and not too far back. */
export function checkAge(claims: JsonObject, now: number, rules: TimeRules): Failure | undefined {
  const { clockToleranceSeconds, maxTokenAgeSeconds } = rules
  if (!Object.hasOwn(claims, 'iat')) {
    return maxTokenAgeSeconds === undefined ? undefined : { code: 'token_too_old', detail: '"iat" is missing' }
  }
  const iat = readNumericDate(claims, 'iat')
  if (iat === undefined) return malformed(claims, 'iat')
  if (isPastExpiry(iat, claims)) return afterExpiry('iat')
  if (now < beginningOf(iat, rules)) {
    const detail = `"iat" lies ${String(Math.round(iat - now))} s in the future: the issuer's clock is ahead, or this one behind`
    return { code: 'token_not_yet_valid', detail }
  }
  if (maxTokenAgeSeconds === undefined) return undefined
  const exp = readNumericDate(claims, 'exp') ?? 0
  const tooOld = exp - iat > maxTokenAgeSeconds || now - iat > maxTokenAgeSeconds + clockToleranceSeconds
  return tooOld ? { code: 'token_too_old', detail: `it lives longer than ${String(maxTokenAgeSeconds)} s` } : undefined
}

/** Reads when claims that have passed the three checks above pass them: no earlier and no later. */
export function readLifetime(claims: JsonObject, rules: TimeRules): Lifetime {
  const exp = readNumericDate(claims, 'exp') ?? 0
  const nbf = readNumericDate(claims, 'nbf') ?? Number.NEGATIVE_INFINITY
  const iat = readNumericDate(claims, 'iat') ?? Number.NEGATIVE_INFINITY
  // What lives no longer than it may is never too old before it expires.
  return { from: beginningOf(Math.max(nbf, iat), rules), until: expiryOf(exp, rules) }
}

function expiryOf(exp: number, { clockToleranceSeconds }: TimeRules): number {
  return exp + Math.min(clockToleranceSeconds, MAX_EXPIRY_TOLERANCE_SECONDS)
}

function beginningOf(date: number, { clockToleranceSeconds }: TimeRules): number {
  return date - clockToleranceSeconds
}

/** Where `exp` itself cannot be read, that is said already, and nothing comes after it. */
function isPastExpiry(date: number, claims: JsonObject): boolean {
  return date > (readNumericDate(claims, 'exp') ?? Number.POSITIVE_INFINITY)
}

function afterExpiry(name: string): Failure {
  return { code: 'invalid_claims', detail: `"${name}" lies after "exp"` }
}

function malformed(claims: JsonObject, name: string): Failure {
  const problem = Object.hasOwn(claims, name) ? 'is not a NumericDate that makes sense' : 'is missing'
  return { code: 'invalid_claims', detail: `"${name}" ${problem}` }
}
