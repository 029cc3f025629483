import { isFailure, type Failure } from '../errors.js'
import { checkSignature } from '../issuers/check-signature.js'
import type { TrustedIssuer } from '../issuers/trusted-issuer.js'
import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'
import { checkHeader } from '../tokens/check-header.js'
import { decodeToken } from '../tokens/decode-token.js'
import { readNumericDate } from '../tokens/numeric-date.js'
import { readType } from '../tokens/token-type.js'

/** Who signed out of what. */
export interface LogoutToken {
  readonly jti: string
  readonly subject: string | undefined
  readonly sid: string | undefined
  readonly issuedAt: number
  readonly expiresAt: number
}

/** By what a logout token is judged. */
export interface LogoutRules {
  readonly issuer: TrustedIssuer
  readonly clientId: string
  readonly toleranceSeconds: number
  readonly now: () => number
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** RFC 8725 §3.11 has `logout+jwt`. Others write the kind of all JWTs, or none, and the event says the rest. */
const TYPES = [undefined, 'jwt', 'logout+jwt']

/**
 * Verifies a logout token, and answers what is wrong with it in a constant text.
 *
 * @throws {UnavailableError} When its key cannot be had.
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation | OpenID Connect Back-Channel Logout 1.0 §2.6}
 */
export async function verifyLogoutToken(token: string, rules: LogoutRules): Promise<LogoutToken | string> {
  const decoded = decodeToken(token)
  if (isFailure(decoded)) return 'The logout token is not a well-formed signed JWT.'
  const { header, claims } = decoded
  const problem = checkBeforeSignature(header, claims, rules)
  if (problem !== undefined) return problem
  const failure = await checkKey(token, header, rules)
  if (failure !== undefined) return failure
  return readClaims(claims, rules)
}

function checkBeforeSignature(
  header: JsonObject,
  claims: JsonObject,
  { issuer, now, ...rules }: LogoutRules,
): string | undefined {
  if (checkHeader(header, claims) !== undefined)
    return 'The header of the logout token holds a parameter that is not accepted.'
  if (!TYPES.includes(typeOf(header))) return 'The type of the token is not that of a logout token.'
  if (ownMember(claims, 'iss') !== issuer.settings.issuer) return 'The logout token comes from another issuer.'
  // Before a key is looked for: what is over is not worth a fetch.
  const expiresAt = readNumericDate(claims, 'exp')
  if (expiresAt === undefined) return 'The logout token does not say when it expires.'
  if (now() >= expiresAt + rules.toleranceSeconds) return 'The logout token has expired.'
  return undefined
}

async function checkKey(token: string, header: JsonObject, { issuer }: LogoutRules): Promise<string | undefined> {
  const { keys, settings } = issuer
  const alg = ownMember(header, 'alg')
  const algorithm = settings.algorithms.find((one) => one === alg)
  if (algorithm === undefined) return 'The logout token is signed with an algorithm that is not allowed.'
  const kid = ownMember(header, 'kid')
  const wanted = { kid: typeof kid === 'string' ? kid : undefined, algorithm }
  const key = await keys.find(wanted)
  if (key === undefined) return 'The logout token is signed with a key that is not known for its issuer.'
  if ((await checkSignature(token, key)) === undefined) return undefined
  // An issuer may put a new key under an old name.
  const other = await keys.findOther(wanted, key)
  const failure: Failure | undefined =
    other === undefined ? { code: 'invalid_signature' } : await checkSignature(token, other)
  return failure === undefined ? undefined : 'The signature of the logout token could not be verified.'
}

function readClaims(claims: JsonObject, { clientId, toleranceSeconds, now }: LogoutRules): LogoutToken | string {
  const audience = [ownMember(claims, 'aud')].flat()
  if (!audience.includes(clientId)) return 'The logout token is for another client.'
  const issuedAt = readNumericDate(claims, 'iat')
  // It was read before the key was looked for.
  const expiresAt = readNumericDate(claims, 'exp') ?? 0
  if (issuedAt === undefined) return 'The logout token does not say when it was issued.'
  // The key was waited for.
  if (now() >= expiresAt + toleranceSeconds) return 'The logout token has expired.'
  if (issuedAt > now() + toleranceSeconds) return 'The logout token was issued in the future.'
  const jti = ownMember(claims, 'jti')
  if (typeof jti !== 'string' || jti === '') return 'The logout token has no identifier.'
  if (!tellsOfLogout(claims)) return 'The token does not tell of a logout.'
  if (Object.hasOwn(claims, 'nonce')) return 'A logout token has no nonce.'
  const whose = readWhose(claims)
  if (whose === undefined) return 'The logout token names neither a subject nor a session.'
  return { jti, ...whose, issuedAt, expiresAt }
}

function readWhose(claims: JsonObject): Pick<LogoutToken, 'subject' | 'sid'> | undefined {
  const [subject, sid] = ['sub', 'sid'].map((name) => ownMember(claims, name))
  if (!isTextOrAbsent(subject) || !isTextOrAbsent(sid) || (subject ?? sid) === undefined) return undefined
  return { subject, sid }
}

function tellsOfLogout(claims: JsonObject): boolean {
  const events = ownMember(claims, 'events')
  return isJsonObject(events) && isJsonObject(ownMember(events, EVENT))
}

function typeOf(header: JsonObject): string | undefined {
  return Object.hasOwn(header, 'typ') ? readType(header) : undefined
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value !== '')
}
