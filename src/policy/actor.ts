import { ConfigurationError } from '../errors.js'
import { quote } from '../lib/quote.js'
import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'
import type { Auth } from '../tokens/auth.js'
import { definePolicy, deny, denyUndecided, grant, type Policy } from './decision.js'

/** Who acts for the subject of a token. What is not given is not looked at, but for the issuer. */
export interface Actor {
  /** `sub` of the actor. */
  readonly subject?: string | undefined
  /** `iss` of the actor. Without it, an actor that names an issuer must name that of the token. */
  readonly issuer?: string | undefined
  /** `client_id` of the actor. */
  readonly clientId?: string | undefined
}

/** The members of an actor, and the claims that they are compared with. */
const MEMBERS = { subject: 'sub', issuer: 'iss', clientId: 'client_id' } as const

/**
 * Grants a token that one of the given actors uses on behalf of its subject, by the claim `act` of token exchange. A text
 * means the actor's subject. Without `act` nobody acts for the subject, and this denies.
 *
 * This looks at the current actor only, the outermost `act`: those nested in it are history, and not for deciding access
 * (RFC 8693 §4.1). An `act` that cannot be read is granted neither by this nor by `not` of it.
 *
 * @example
 *   requirePolicy(allOf(scope('orders:read'), actor('support-desk')))
 *   requirePolicy(actor({ subject: 'support-desk', issuer: 'https://partner.example.net' }))
 *
 * @throws {ConfigurationError} At start-up, without actors or with one that is malformed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-4.1 | RFC 8693 §4.1}
 */
export function actor(...actors: (string | Actor)[]): Policy<unknown> {
  checkActors(actors)
  const accepted = actors.map((one) => (typeof one === 'string' ? { subject: one } : { ...one }))
  const description = `actor ${accepted.map(({ subject, clientId, issuer }) => subject ?? clientId ?? issuer).join(' | ')}`
  const nobody = deny('the actor is none of those expected: "act" is missing, so that nobody acts for the subject')
  const malformed = denyUndecided('the claim act is malformed')
  return definePolicy({ description }, (auth, _request, { tokenClaims }) => {
    if (!Object.hasOwn(tokenClaims, 'act')) return nobody
    const current = tokenClaims['act']
    if (!isActor(current)) return malformed
    return accepted.some((one) => fits(current, one, auth)) ? grant : deny(describeDenial(current, accepted, auth))
  })
}

/** Who acts may be a person: of the actor, its members are named and not what they say. */
function describeDenial(current: JsonObject, accepted: readonly Actor[], { issuer }: Auth<unknown>): string {
  const named = Object.values(MEMBERS).filter((name) => Object.hasOwn(current, name))
  const isForeign = Object.hasOwn(current, 'iss') && current['iss'] !== issuer
  const missing = accepted.every((one) => one.issuer === undefined) && isForeign
  return `the actor is none of those expected: "act" has ${named.map(quote).join(', ')}${missing ? ', and "iss" names another issuer than that of the token, which none of those expected does' : ''}`
}

/** An actor without an issuer of its own is one of the issuer of the token. */
function fits(current: JsonObject, expected: Actor, { issuer }: Auth<unknown>): boolean {
  return (
    (ownMember(current, 'iss') ?? issuer) === (expected.issuer ?? issuer) &&
    (expected.subject === undefined || ownMember(current, 'sub') === expected.subject) &&
    (expected.clientId === undefined || ownMember(current, 'client_id') === expected.clientId)
  )
}

/** An actor is an object with something to be known by, all of it texts. */
function isActor(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false
  const named = Object.values(MEMBERS).filter((name) => Object.hasOwn(value, name))
  return named.length > 0 && named.every((name) => typeof value[name] === 'string' && value[name] !== '')
}

function checkActors(actors: readonly unknown[]): void {
  if (actors.length > 0 && actors.every(isExpectedActor)) return
  throw new ConfigurationError(
    'actor() needs at least one actor: its subject as a text, or an object of "subject", "issuer" and "clientId", actor(\'support-desk\').',
  )
}

function isExpectedActor(one: unknown): boolean {
  if (typeof one === 'string') return one !== ''
  if (!isJsonObject(one)) return false
  const members = Object.entries(one).filter(([, value]) => value !== undefined)
  return (
    members.length > 0 &&
    members.every(([name, value]) => Object.hasOwn(MEMBERS, name) && typeof value === 'string' && value !== '')
  )
}
