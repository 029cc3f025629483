import { ConfigurationError } from '../errors.js'
import { isScopeToken } from '../lib/header-grammar.js'
import { ownMember } from '../lib/strict-json.js'
import { definePolicy, grant, type Denial, type Policy, type PolicyContext } from './decision.js'

/** How the user must have signed in. */
export interface StepUp {
  /** Authentication contexts that will do, the preferred one first; the token's `acr` must be one of them. */
  readonly acr?: string | readonly string[] | undefined
  /** How long ago the user may have signed in, by the token's `auth_time`, in whole seconds. */
  readonly maxAgeSeconds?: number | undefined
}

/**
 * Grants a token that comes from a sign-in that was strong and recent enough; a denial tells the client which one to ask
 * for.
 *
 * This does NOT make anybody sign in: the issuer does, when the client comes back with the challenge's parameters.
 *
 * @example
 *   app.post('/refunds', requirePolicy(allOf(scope('refunds:write'), stepUp({ acr: 'mfa', maxAgeSeconds: 300 }))), refund)
 *
 * @throws {ConfigurationError} At start-up, when neither `acr` nor `maxAgeSeconds` is given, or one is malformed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470#section-3 | RFC 9470 §3}
 */
export function stepUp(needed: StepUp): Policy<unknown> {
  checkMembers(needed)
  const { acr, maxAgeSeconds } = needed
  const acrValues = acr === undefined ? undefined : [acr].flat()
  checkStepUp(acrValues, maxAgeSeconds)
  const denial: Denial = {
    granted: false,
    code: 'insufficient_user_authentication',
    detail: '"acr" or "auth_time" does not suffice',
    acrValues,
    maxAgeSeconds,
  }
  return definePolicy({ description: describe(acrValues, maxAgeSeconds) }, (_auth, _request, context) => {
    const { tokenClaims } = context
    const strong = acrValues === undefined || acrValues.some((value) => value === ownMember(tokenClaims, 'acr'))
    const recent = maxAgeSeconds === undefined || isRecent(ownMember(tokenClaims, 'auth_time'), maxAgeSeconds, context)
    return strong && recent ? grant : denial
  })
}

function describe(acrValues: readonly string[] | undefined, maxAgeSeconds: number | undefined): string {
  const strength = acrValues === undefined ? [] : [`acr ${acrValues.join(' | ')}`]
  const age = maxAgeSeconds === undefined ? [] : [`at most ${String(maxAgeSeconds)} s ago`]
  return `sign-in: ${[...strength, ...age].join(', ')}`
}

/** Ages count in whole seconds, as the claims do; an issuer's clock may be ahead by no more than the tolerance. */
function isRecent(
  authTime: unknown,
  maxAgeSeconds: number,
  { now, clockToleranceSeconds }: Pick<PolicyContext, 'now' | 'clockToleranceSeconds'>,
): boolean {
  if (typeof authTime !== 'number' || authTime < 0 || authTime > now + clockToleranceSeconds) return false
  return Math.floor(now) - authTime <= maxAgeSeconds
}

function checkMembers(needed: unknown): void {
  const members = typeof needed === 'object' && needed !== null ? Object.keys(needed) : ['']
  if (members.every((member) => member === 'acr' || member === 'maxAgeSeconds')) return
  throw new ConfigurationError('stepUp() takes an object of "acr" or "maxAgeSeconds" or both, and nothing else.')
}

function checkStepUp(acrValues: readonly unknown[] | undefined, maxAgeSeconds: unknown): void {
  if (acrValues === undefined && maxAgeSeconds === undefined) {
    throw new ConfigurationError('stepUp() needs "acr" or "maxAgeSeconds".')
  }
  if (
    acrValues?.length === 0 ||
    acrValues?.some((value) => typeof value !== 'string' || !isScopeToken(value)) === true
  ) {
    throw new ConfigurationError('stepUp() takes "acr" as texts without spaces, quotes and backslashes.')
  }
  if (maxAgeSeconds !== undefined && !(Number.isSafeInteger(maxAgeSeconds) && Number(maxAgeSeconds) >= 0)) {
    throw new ConfigurationError('stepUp() takes "maxAgeSeconds" as a whole number of seconds, 0 or more.')
  }
}
