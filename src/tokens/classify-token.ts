import type { Failure } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import { isPromised } from '../lib/take-answer.js'
import type { UnverifiedToken } from './decode-token.js'
import { readKind, type NamedKind } from './kind-claims.js'
import { describeMark, findMark, type Mark } from './marks.js'
import { checkMessageMarks } from './message-marks.js'
import { genericMarks } from './profiles/generic.js'
import type { Profile } from './profiles/profile.js'
import { checkType } from './token-type.js'

/** Decides about tokens that no profile describes, at once. Only `true` admits; a promise does not. */
export type IsAccessToken = (header: JsonObject, claims: JsonObject) => boolean

export interface Classification {
  readonly profile: Profile
  readonly isAccessToken?: IsAccessToken | undefined
}

const none: readonly Mark[] = []

/** Marks that only access tokens carry: those of Keycloak, Cognito, PingAM and Okta. */
const STRONG_MARKS: readonly Mark[] = [
  { typ: 'Bearer' },
  { typ: 'DPoP' },
  { token_use: 'access' },
  { tokenName: 'access_token' },
  { jti: /^AT\./ },
]

/** Claims that OpenID Connect and its providers put into ID tokens. */
const ID_TOKEN_MARKS: readonly Mark[] = [
  { nonce: true },
  { at_hash: true },
  { c_hash: true },
  { s_hash: true },
  { rat: true },
]

/**
 * Says why a token is no access token, or `undefined` when it is one. Evidence has ranks, and each beats those below it:
 * what only another kind carries, what only access tokens carry, what ID tokens carry, what this provider's access tokens
 * carry, and the issuer's own predicate. A token without any evidence is refused.
 *
 * @param type - The `typ` header, as token-type.ts reads it.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.12 | RFC 8725 §3.12}
 */
export function classifyToken(
  { header, claims }: UnverifiedToken,
  type: string,
  { profile, isAccessToken }: Classification,
): Failure | undefined {
  const kind = readKind(claims, profile.otherwiseUsed)
  const otherKind = checkType(type) ?? kind.other ?? checkMessageMarks(claims, profile.otherwiseUsed)
  if (otherKind !== undefined) return otherKind
  if (type === 'at+jwt') return undefined
  if (profile.onlyTyped !== true && findMark(STRONG_MARKS, claims) !== undefined) return undefined
  const idToken = checkIdTokenMarks(claims, profile)
  if (idToken !== undefined) return idToken
  if (profile.onlyTyped === true) return unrecognised(profile, kind)
  if (bearsWeakMark(claims, profile, kind)) return undefined
  const problem = isAccessToken === undefined ? '' : askPredicate(isAccessToken, header, claims)
  return problem === undefined ? undefined : unrecognised(profile, kind, problem)
}

/** What ID tokens carry, everywhere and at this provider; where it puts such a claim into access tokens, there is proof of those. */
function checkIdTokenMarks(claims: JsonObject, { negatives = none, proofs = none }: Profile): Failure | undefined {
  const negative = findMark(negatives, claims)
  if (negative === undefined && findMark(proofs, claims) !== undefined) return undefined
  const mark = findMark(ID_TOKEN_MARKS, claims) ?? negative
  return mark === undefined ? undefined : { code: 'id_token_presented', detail: `it carries ${describeMark(mark)}` }
}

function bearsWeakMark(claims: JsonObject, profile: Profile, kind: NamedKind): boolean {
  return (
    findMark(profile.proofs ?? none, claims) !== undefined ||
    findMark(profile.marks, claims) !== undefined ||
    (profile.genericMarks === true && bearsGenericMark(claims, kind))
  )
}

/** Where it is unclear whether a claim names another kind, the claims that others leave out of ID tokens prove nothing. */
function bearsGenericMark(claims: JsonObject, { isAccess, unclear }: NamedKind): boolean {
  if (isAccess) return true
  if (unclear !== undefined) return false
  return findMark(genericMarks, claims) !== undefined
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

function unrecognised({ name, hint = '' }: Profile, { unclear }: NamedKind, problem = ''): Failure {
  const kind = unclear === undefined ? '' : `Its claim "${unclear}" may name another kind.`
  const texts = [`it bears no mark of an access token of the profile "${name}".`, kind, problem, hint]
  return { code: 'unrecognised_token_type', detail: texts.filter((text) => text !== '').join(' ') }
}
