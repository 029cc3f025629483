import { isFailure, type Failure } from '../../errors.js'
import { readClaim } from '../claim-path.js'
import { remember } from '../../lib/remember.js'
import { isJsonObject, type JsonObject } from '../../lib/strict-json.js'
import type { Authority } from '../token-facts.js'
import { findActsFor } from '../acts-for.js'
import { findNamePlaces } from '../authority-paths.js'
import { check } from '../check.js'
import type { Findings } from '../examination.js'
import { malformedClaim } from '../malformed-claim.js'
import type { Profile } from '../profiles/profile.js'
import { readTexts } from '../read-texts.js'

type Keys = readonly string[]
type Readable = Pick<Findings, 'decoded' | 'issuer' | 'client' | 'audience'>

/** Scope tokens of RFC 6749 §3.3. White space other than the space separates nothing, and such a token matches no scope. */
const SCOPE_CHARACTERS = /^[\s\x21\x23-\x5B\x5D-\x7E]*$/u
/** With the longest of them, less than a megabyte. */
const REMEMBERED_TEXTS = { maxEntries: 256, maxLength: 256 }

const none: readonly string[] = Object.freeze([])

/** Scopes and client have a shape that can be read, and two claims that say the same agree. */
export const authority = check({
  name: 'authority',
  spec: 'RFC 9068 §2.2.3',
  needs: ['decoded', 'issuer', 'client', 'audience'],
  run({ findings }) {
    const found = readAuthority(findings)
    if (isFailure(found)) return found
    findings.authority = found
    return undefined
  },
})

/**
 * Reads what authorization needs. A client or a scope in an unknown shape is a reason to refuse the token; a role or permission
 * claim in an unknown shape names none, so that a policy that asks for one refuses. Roles that hold at one audience only are
 * read for those that the token is for.
 */
function readAuthority({ decoded, issuer, client, audience }: Readable): Authority | Failure {
  if (typeof client !== 'string') return client
  const { claims } = decoded
  const { profile, authorityPaths: paths } = issuer.settings
  const scopes = readScopes(claims, paths.scopes, profile)
  if (isFailure(scopes)) return scopes
  const namePlaces = findNamePlaces(claims, audience, paths)
  const places = namePlaces === paths.shown ? paths : namePlaces
  return {
    clientId: client,
    audience,
    scopes,
    roles: readNames(claims, places.roles, profile),
    permissions: readNames(claims, places.permissions, profile),
    actsFor: findActsFor(claims, client, profile),
    namePlaces,
  }
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
    if (scopesAreText === true && typeof value !== 'string') return malformedClaim(keys.join('.'))
    const scopes = readScopeTokens(value)
    if (scopes === undefined || (found !== undefined && !isSameSet(found, scopes)))
      return malformedClaim(keys.join('.'))
    found = scopes
  }
  return found ?? none
}

function readScopeTokens(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return splitScopes(value)
  const texts = readTexts(value)
  return texts?.every((text) => SCOPE_CHARACTERS.test(text)) === true ? withoutRepetitions(texts) : undefined
}

// The tokens of an issuer have few scope texts among them: they share one array each.
const splitScopes = remember(
  (text) =>
    SCOPE_CHARACTERS.test(text) ? withoutRepetitions(text.split(' ').filter((token) => token !== '')) : undefined,
  REMEMBERED_TEXTS,
)

/** Role and permission names: a text, an array of texts, or where the profile says so the names of an object's members. */
function readNames(
  claims: JsonObject,
  paths: readonly Keys[],
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
  if (texts === none) return none
  const distinct = texts.length < 2 ? undefined : new Set(texts)
  return Object.freeze(distinct === undefined || distinct.size === texts.length ? texts : [...distinct])
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text) => b.includes(text))
}
