import type { Failure } from '../errors.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { isPromised } from '../lib/take-answer.js'
import type { ReasonCode } from '../reasons.js'
import { bearsMark, type Profile } from './profiles/profile.js'

/** Decides about tokens that no profile describes, at once. Only `true` admits; a promise does not. */
export type IsAccessToken = (header: JsonObject, claims: JsonObject) => boolean

export interface Classification {
  readonly profile: Profile
  readonly isAccessToken?: IsAccessToken | undefined
}

/** What each `typ` header of another kind says was presented; `typ` as {@link normaliseType} leaves it. */
const OTHER_TYPES: Readonly<Record<string, ReasonCode>> = {
  'id_token+jwt': 'id_token_presented',
  'rt+jwt': 'refresh_token_presented',
  'logout+jwt': 'logout_token_presented',
  'dpop+jwt': 'dpop_proof_presented',
}

/** What each payload `typ` of another kind says was presented (Keycloak). */
const OTHER_PAYLOAD_TYPES: Readonly<Record<string, ReasonCode>> = {
  ID: 'id_token_presented',
  'Serialized-ID': 'id_token_presented',
  Refresh: 'refresh_token_presented',
  Offline: 'refresh_token_presented',
  Logout: 'logout_token_presented',
}

/** Claims that OpenID Connect and its providers put into ID tokens. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'rat']

/**
 * Says why a token is no access token, or `undefined` when it is one. Evidence has ranks, and each beats those below it:
 * what only another kind carries, what only access tokens carry, what ID tokens carry, what this provider's access tokens
 * carry, and the issuer's own predicate. A token without any evidence is refused.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.12 | RFC 8725 §3.12}
 */
export function classifyToken(
  header: JsonObject,
  claims: JsonObject,
  { profile, isAccessToken }: Classification,
): Failure | undefined {
  const otherKind = checkType(header) ?? checkKindMarks(claims)
  if (otherKind !== undefined) return otherKind
  if (isTyped(header)) return undefined
  if (profile.onlyTyped !== true && bearsStrongMark(claims)) return undefined
  const negative = [...ID_TOKEN_CLAIMS, ...(profile.negatives ?? [])].find((name) => Object.hasOwn(claims, name))
  if (negative !== undefined) return { code: 'id_token_presented', detail: `it carries "${negative}"` }
  if (profile.onlyTyped === true) return unrecognised(profile)
  if (bearsMark(profile, claims)) return undefined
  if (isAccessToken === undefined) return unrecognised(profile)
  const problem = askPredicate(isAccessToken, header, claims)
  return problem === undefined ? undefined : unrecognised(profile, problem)
}

/**
 * Says which other kind of token the `typ` header names. Any value but `at+jwt`, `JWT` and none is another kind.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.11 | RFC 8725 §3.11}
 */
export function checkType(header: JsonObject): Failure | undefined {
  const type = normaliseType(header)
  if (type === undefined || type === 'jwt' || type === 'at+jwt') return undefined
  const code = ownMember(OTHER_TYPES, type) as ReasonCode | undefined // the table holds nothing else
  if (type === 'okta-internal-at+jwt') {
    return { code: 'wrong_token_type', detail: 'it comes from an Okta org authorization server; use a custom one' }
  }
  return { code: code ?? 'wrong_token_type', detail: 'its "typ" header names another kind of token' }
}

/** RFC 7515 §4.1.9: compared without case, and `application/` may be left out. */
function normaliseType(header: JsonObject): string | undefined {
  const type = ownMember(header, 'typ')
  return typeof type === 'string' ? type.toLowerCase().replace(/^application\//, '') : undefined
}

function isTyped(header: JsonObject): boolean {
  return normaliseType(header) === 'at+jwt'
}

/** Marks that only another kind carries. They beat even `typ: at+jwt`. */
function checkKindMarks(claims: JsonObject): Failure | undefined {
  const payloadType = ownMember(claims, 'typ')
  const payloadKind = typeof payloadType === 'string' ? ownMember(OTHER_PAYLOAD_TYPES, payloadType) : undefined
  if (payloadKind !== undefined) {
    return { code: payloadKind as ReasonCode, detail: 'its claim "typ" names another kind' } // the table holds nothing else
  }
  if (Object.hasOwn(claims, 'token_use') && claims['token_use'] !== 'access') {
    const code = claims['token_use'] === 'id' ? 'id_token_presented' : 'wrong_token_type'
    return { code, detail: 'its claim "token_use" is not "access"' }
  }
  const { jti } = claims
  if (typeof jti === 'string' && jti.startsWith('ID.')) {
    return { code: 'id_token_presented', detail: 'its "jti" starts with "ID."' }
  }
  if (Object.hasOwn(claims, 'events')) return { code: 'logout_token_presented', detail: 'it carries "events"' }
  if (Object.hasOwn(claims, 'htm') || Object.hasOwn(claims, 'htu')) {
    return { code: 'dpop_proof_presented', detail: 'it carries "htm" or "htu"' }
  }
  return undefined
}

/** Marks that only access tokens carry: those of Keycloak, Cognito and Okta. */
function bearsStrongMark(claims: JsonObject): boolean {
  const { typ, token_use: use, jti } = claims
  return typ === 'Bearer' || typ === 'DPoP' || use === 'access' || (typeof jti === 'string' && jti.startsWith('AT.'))
}

/** Says why a predicate does not admit a token. Callers from JavaScript may return anything: only `true` admits. */
function askPredicate(isAccessToken: IsAccessToken, header: JsonObject, claims: JsonObject): string | undefined {
  try {
    const answer: unknown = isAccessToken(header, claims)
    if (answer === true) return undefined
    return isPromised(answer) ? '"isAccessToken" answered with a promise: it must say true or false at once.' : ''
  } catch {
    return '"isAccessToken" threw.'
  }
}

function unrecognised({ name, hint }: Profile, problem = ''): Failure {
  const texts = [`it bears no mark of an access token of the profile "${name}".`, problem, hint ?? '']
  return { code: 'unrecognised_token_type', detail: texts.filter((text) => text !== '').join(' ') }
}
