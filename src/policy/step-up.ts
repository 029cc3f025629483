import { ConfigurationError } from '../errors.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { definePolicy, grant, type Denial, type Policy, type PolicyContext } from './decision.js'
import { isScopeToken } from './scope-token.js'

/** How the user must have signed in. */
export interface StepUp {
  /** Authentication contexts that will do, the preferred one first; the token's `acr` must be one of them. */
  readonly acr?: string | readonly string[] | undefined
  /**
   * Methods of authentication that will do; the token's `amr` must hold one of them (RFC 8176: `mfa`, `hwk`, `otp`, ...). A
   * challenge cannot ask for methods (RFC 9470 knows `acr_values` and `max_age` only): give `acr` too where the issuer has
   * one for them, or the client is told that a better sign-in is needed and not which.
   */
  readonly amr?: string | readonly string[] | undefined
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
 * @throws {ConfigurationError} At start-up, when none of the three is given, or one is malformed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8176#section-2 | RFC 8176 §2} for the methods
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470#section-3 | RFC 9470 §3}
 */
export function stepUp(needed: StepUp): Policy<unknown> {
  checkMembers(needed)
  const { maxAgeSeconds } = needed
  const [acrValues, amrValues] = [needed.acr, needed.amr].map((values) =>
    values === undefined ? undefined : [values].flat(),
  )
  checkStepUp({ acr: acrValues, amr: amrValues }, maxAgeSeconds)
  const description = `sign-in: ${describe(acrValues, amrValues, maxAgeSeconds).join(', ')}`
  return definePolicy({ description }, (_auth, _request, context) => {
    const { tokenClaims } = context
    const suffices = {
      acr: acrValues === undefined || holdsOne([ownMember(tokenClaims, 'acr')], acrValues),
      // RFC 8176 §1: an array. Some issuers write a text where there is one method.
      amr: amrValues === undefined || holdsOne([ownMember(tokenClaims, 'amr')].flat(), amrValues),
      auth_time: maxAgeSeconds === undefined || isRecent(ownMember(tokenClaims, 'auth_time'), maxAgeSeconds, context),
    }
    const lacking = Object.entries(suffices).flatMap(([name, is]) => (is ? [] : [name]))
    return lacking.length === 0 ? grant : { ...denyFor(lacking, tokenClaims), acrValues, maxAgeSeconds }
  })
}

function holdsOne(values: readonly unknown[], expected: readonly unknown[]): boolean {
  return values.some((value) => expected.includes(value))
}

function denyFor(lacking: readonly string[], claims: JsonObject): Denial {
  const parts = lacking.map((name) => `"${name}" ${Object.hasOwn(claims, name) ? 'does not suffice' : 'is missing'}`)
  return { granted: false, code: 'insufficient_user_authentication', detail: parts.join(', ') }
}

function describe(
  acrValues: readonly string[] | undefined,
  amrValues: readonly string[] | undefined,
  maxAgeSeconds: number | undefined,
): readonly string[] {
  return [
    ...(acrValues === undefined ? [] : [`acr ${acrValues.join(' | ')}`]),
    ...(amrValues === undefined ? [] : [`amr ${amrValues.join(' | ')}`]),
    ...(maxAgeSeconds === undefined ? [] : [`at most ${String(maxAgeSeconds)} s ago`]),
  ]
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
  if (members.every((member) => ['acr', 'amr', 'maxAgeSeconds'].includes(member))) return
  throw new ConfigurationError('stepUp() takes an object of "acr", "amr" and "maxAgeSeconds", and nothing else.')
}

function checkStepUp(values: Readonly<Record<'acr' | 'amr', readonly unknown[] | undefined>>, maxAge: unknown): void {
  if (values.acr === undefined && values.amr === undefined && maxAge === undefined) {
    throw new ConfigurationError('stepUp() needs "acr", "amr" or "maxAgeSeconds".')
  }
  for (const [name, list] of Object.entries(values)) {
    if (list === undefined) continue
    if (list.length > 0 && list.every((value) => typeof value === 'string' && isScopeToken(value))) continue
    throw new ConfigurationError(`stepUp() takes "${name}" as texts without spaces, quotes and backslashes.`)
  }
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && Number(maxAge) >= 0)) {
    throw new ConfigurationError('stepUp() takes "maxAgeSeconds" as a whole number of seconds, 0 or more.')
  }
}
