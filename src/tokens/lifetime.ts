import type { JsonObject } from '../lib/strict-json.js'
import type { TimeRules } from './examination.js'
import { readNumericDate } from './numeric-date.js'

/** From when, and until before when. In seconds since the epoch. */
export interface Lifetime {
  readonly from: number
  readonly until: number
}

/** An expired token is forgiven for no longer than this, whatever tolerance is configured. */
const MAX_EXPIRY_TOLERANCE_SECONDS = 60

/** Reads when claims that have passed the three checks of time pass them: no earlier and no later. */
export function readLifetime(claims: JsonObject, rules: TimeRules): Lifetime {
  const exp = readNumericDate(claims, 'exp') ?? 0
  const nbf = readNumericDate(claims, 'nbf') ?? Number.NEGATIVE_INFINITY
  const iat = readNumericDate(claims, 'iat') ?? Number.NEGATIVE_INFINITY
  // What lives no longer than it may is never too old before it expires.
  return { from: beginningOf(Math.max(nbf, iat), rules), until: expiryOf(exp, rules) }
}

/** The time from which a token with that `exp` is refused. */
export function expiryOf(exp: number, { clockToleranceSeconds }: TimeRules): number {
  return exp + Math.min(clockToleranceSeconds, MAX_EXPIRY_TOLERANCE_SECONDS)
}

/** The time from which a date counts as come. */
export function beginningOf(date: number, { clockToleranceSeconds }: TimeRules): number {
  return date - clockToleranceSeconds
}
