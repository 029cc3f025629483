import { claimKeys, readClaim, type ClaimPath } from '../lib/claim-path.js'
import { isFailure, type Failure } from '../errors.js'
import { remember } from '../lib/remember.js'
import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'
import type { Profile } from './profiles/profile.js'

/** What authorization needs of a token, read from wherever its profile says. */
export interface Authority {
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
}

/** Where an issuer has what no profile knows: each replaces the places of the profile. */
export interface ClaimPaths {
  readonly scopes?: ClaimPath | undefined
  readonly roles?: ClaimPath | undefined
  readonly permissions?: ClaimPath | undefined
  readonly clientId?: ClaimPath | undefined
}

type Keys = readonly string[]

/** Where the authority of one issuer's tokens lives, as the keys of each claim. */
export interface AuthorityPaths {
  readonly clientId: readonly Keys[]
  readonly scopes: readonly Keys[]
  readonly roles: readonly Keys[]
  /** Those that hold at one audience only. */
  readonly audienceRoles: readonly { readonly audience: string; readonly keys: Keys }[]
  readonly permissions: readonly Keys[]
  /** The claim that must name an audience of this API, or the roles are another's; and those audiences. */
  readonly rolesOf: { readonly claim: string; readonly audience: readonly string[] } | undefined
}

/** Scope tokens of RFC 6749 §3.3. White space other than the space separates nothing, and such a token matches no scope. */
const SCOPE_CHARACTERS = /^[\s\x21\x23-\x5B\x5D-\x7E]*$/u
const MAX_AUDIENCES = 256
/** With the longest of them, less than a megabyte each. */
const REMEMBERED_TEXTS = { maxEntries: 256, maxLength: 256 }

const none: readonly string[] = Object.freeze([])

/** Reads the audience: `aud`, or where it is absent what the profile names instead (Cognito's `client_id`). */
export function readAudience(claims: JsonObject, profile: Profile): readonly string[] | Failure {
  const absent = !Object.hasOwn(claims, 'aud') && profile.audienceFallback !== undefined
  const audience = readTexts(ownMember(claims, absent ? (profile.audienceFallback ?? 'aud') : 'aud'))
  if (audience === undefined || audience.length > MAX_AUDIENCES) return invalid('aud')
  return audience
}

/** Settles where the authority lives in the tokens of one issuer. */
export function resolveAuthorityPaths(
  { scopes, roles, permissions, clientId, audienceRoles, rolesOf }: Profile,
  trustedAudience: readonly string[],
  own: ClaimPaths = {},
): AuthorityPaths {
  const keysOf = (path: ClaimPath | undefined, paths: readonly ClaimPath[]): readonly Keys[] =>
    path === undefined ? paths.map(claimKeys) : [claimKeys(path)]
  const isProfiles = own.roles === undefined
  return {
    clientId: keysOf(own.clientId, clientId),
    scopes: keysOf(own.scopes, scopes),
    roles: keysOf(own.roles, roles),
    audienceRoles:
      isProfiles && audienceRoles !== undefined
        ? trustedAudience.map((audience) => ({ audience, keys: claimKeys(audienceRoles(audience)) }))
        : [],
    permissions: keysOf(own.permissions, permissions),
    rolesOf: isProfiles && rolesOf !== undefined ? { claim: rolesOf, audience: trustedAudience } : undefined,
  }
}

/**
 * Reads what authorization needs. An audience, a client or a scope in an unknown shape is a reason to refuse the token; a
 * role or permission claim in an unknown shape names none, so that a policy that asks for one refuses.
 *
 * @param audience - That of the token. Roles that hold at one audience only are read for those that the token is for.
 */
export function readAuthority(
  claims: JsonObject,
  audience: readonly string[],
  { profile, authorityPaths: paths }: { readonly profile: Profile; readonly authorityPaths: AuthorityPaths },
): Authority | Failure {
  const clientId = readClientId(claims, paths.clientId)
  if (typeof clientId !== 'string') return clientId
  const scopes = readScopes(claims, paths.scopes, profile)
  if (isFailure(scopes)) return scopes
  return {
    clientId,
    audience,
    scopes,
    roles: readNames(claims, rolePaths(claims, audience, paths), profile),
    permissions: readNames(claims, paths.permissions, profile),
  }
}

/** Where the roles live that are about this API, for this token; nowhere where its roles are another's. */
export function rolePaths(
  claims: JsonObject,
  audience: readonly string[],
  { roles, audienceRoles, rolesOf }: AuthorityPaths,
): readonly Keys[] {
  if (rolesOf !== undefined) {
    const about = ownMember(claims, rolesOf.claim)
    if (typeof about !== 'string' || !audience.includes(about) || !rolesOf.audience.includes(about)) return []
  }
  if (audienceRoles.length === 0) return roles
  return [...roles, ...audienceRoles.filter((one) => audience.includes(one.audience)).map(({ keys }) => keys)]
}

/** The client, under the first of its names that is there; when there are several, they must agree. */
export function readClientId(claims: JsonObject, paths: readonly Keys[]): string | Failure {
  let found: string | undefined
  for (const keys of paths) {
    const value = readClaim(claims, keys)
    if (value === undefined) continue
    if (typeof value !== 'string' || (found !== undefined && found !== value)) return invalid(keys.join('.'))
    found = value
  }
  return found ?? ''
}

/** The scopes; when two claims hold some, both must hold the same. */
function readScopes(
  claims: JsonObject,
  paths: readonly Keys[],
  { scopesAreText }: Profile,
): readonly string[] | Failure {
  let found: readonly string[] | undefined
  for (const keys of paths) {
    const value = readClaim(claims, keys)
    if (value === undefined) continue
    if (scopesAreText === true && typeof value !== 'string') return invalid(keys.join('.'))
    const scopes = readScopeTokens(value)
    if (scopes === undefined || (found !== undefined && !isSameSet(found, scopes))) return invalid(keys.join('.'))
    found = scopes
  }
  return found ?? none
}

function readScopeTokens(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return splitScopes(value)
  const texts = readTexts(value)
  return texts?.every((text) => SCOPE_CHARACTERS.test(text)) === true ? withoutRepetitions(texts) : undefined
}

// The tokens of an issuer have few scope texts and few audiences among them: they share one array each.
const splitScopes = remember(
  (text) =>
    SCOPE_CHARACTERS.test(text) ? withoutRepetitions(text.split(' ').filter((token) => token !== '')) : undefined,
  REMEMBERED_TEXTS,
)
const listOfOne = remember((text): readonly string[] => Object.freeze([text]), REMEMBERED_TEXTS)

/** Role and permission names: a text, an array of texts, or where the profile says so the names of an object's members. */
function readNames(
  claims: JsonObject,
  paths: readonly (readonly string[])[],
  { rolesAreMemberNames = false }: Profile,
): readonly string[] {
  let names = none
  for (const keys of paths) {
    const value = readClaim(claims, keys)
    const found = rolesAreMemberNames && isJsonObject(value) ? Object.keys(value) : (readTexts(value) ?? none)
    names = names.length === 0 ? found : [...names, ...found]
  }
  return withoutRepetitions(names)
}

/** The array itself where it can be: a claim is frozen, and need not be there twice. */
function withoutRepetitions(texts: readonly string[]): readonly string[] {
  const distinct = texts.length < 2 ? undefined : new Set(texts)
  return Object.freeze(distinct === undefined || distinct.size === texts.length ? texts : [...distinct])
}

function readTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return listOfOne(value)
  return Array.isArray(value) && value.every((text) => typeof text === 'string') ? value : undefined
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text) => b.includes(text))
}

function invalid(name: string): Failure {
  return {
    code: 'invalid_claims',
    detail: `"${name}" is missing or malformed, or differs from a claim that says the same`,
  }
}
