import { claimKeys, readClaim } from '../lib/claim-path.js'
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

/** Where roles and permissions live, as the keys of each claim. */
export interface AuthorityPaths {
  readonly roles: readonly (readonly string[])[]
  readonly permissions: readonly (readonly string[])[]
}

/** Scope tokens of RFC 6749 §3.3. White space other than the space separates nothing, and such a token matches no scope. */
const SCOPE_CHARACTERS = /^[\s\x21\x23-\x5B\x5D-\x7E]*$/u
const MAX_AUDIENCES = 256
const MAX_REMEMBERED_TEXTS = 256

const none: readonly string[] = Object.freeze([])

/** Reads the audience: `aud`, or where it is absent what the profile names instead (Cognito's `client_id`). */
export function readAudience(claims: JsonObject, profile: Profile): readonly string[] | Failure {
  const absent = !Object.hasOwn(claims, 'aud') && profile.audienceFallback !== undefined
  const audience = readTexts(ownMember(claims, absent ? (profile.audienceFallback ?? 'aud') : 'aud'))
  if (audience === undefined || audience.length > MAX_AUDIENCES) return invalid('aud')
  return audience
}

/** Settles where roles and permissions live in the tokens of one issuer. */
export function resolveAuthorityPaths(profile: Profile, trustedAudience: readonly string[]): AuthorityPaths {
  const audienceRoles = profile.audienceRoles === undefined ? [] : trustedAudience.map(profile.audienceRoles)
  return {
    roles: [...profile.roles, ...audienceRoles].map(claimKeys),
    permissions: profile.permissions.map(claimKeys),
  }
}

/**
 * Reads what authorization needs. An audience, a client or a scope in an unknown shape is a reason to refuse the token; a
 * role or permission claim in an unknown shape names none, so that a policy that asks for one refuses.
 */
export function readAuthority(
  claims: JsonObject,
  { profile, authorityPaths }: { readonly profile: Profile; readonly authorityPaths: AuthorityPaths },
): Authority | Failure {
  const audience = readAudience(claims, profile)
  if (isFailure(audience)) return audience
  const clientId = readClientId(claims, profile)
  if (typeof clientId !== 'string') return clientId
  const scopes = readScopes(claims, profile)
  if (isFailure(scopes)) return scopes
  return {
    clientId,
    audience,
    scopes,
    roles: readNames(claims, authorityPaths.roles, profile),
    permissions: readNames(claims, authorityPaths.permissions, profile),
  }
}

/** The client, under the first of its names that is there; when there are several, they must agree. */
function readClientId(claims: JsonObject, profile: Profile): string | Failure {
  let found: string | undefined
  for (const name of profile.clientId) {
    if (!Object.hasOwn(claims, name)) continue
    const value = claims[name]
    if (typeof value !== 'string' || (found !== undefined && found !== value)) return invalid(name)
    found = value
  }
  return found ?? ''
}

/** The scopes; when two claims hold some, both must hold the same. */
function readScopes(claims: JsonObject, profile: Profile): readonly string[] | Failure {
  let found: readonly string[] | undefined
  for (const name of profile.scopes) {
    if (!Object.hasOwn(claims, name)) continue
    if (profile.scopesAreText === true && typeof claims[name] !== 'string') return invalid(name)
    const scopes = readScopeTokens(claims[name])
    if (scopes === undefined || (found !== undefined && !isSameSet(found, scopes))) return invalid(name)
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
  MAX_REMEMBERED_TEXTS,
)
const listOfOne = remember((text): readonly string[] => Object.freeze([text]), MAX_REMEMBERED_TEXTS)

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
