import { claimKeys, type ClaimPath } from './claim-path.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { deepFreeze } from '../lib/deep-freeze.js'
import type { Profile } from './profiles/profile.js'
import type { NamePlaces } from './token-facts.js'

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
  /** What policies are handed of these, for every token of the issuer: frozen, and so walked several times as slowly. */
  readonly shown: NamePlaces
  /** The claim that must name an audience of this API, or the roles are another's; and those audiences. */
  readonly rolesOf: { readonly claim: string; readonly audience: readonly string[] } | undefined
}

/** Settles where the authority lives in the tokens of one issuer. */
export function resolveAuthorityPaths(
  { scopes, roles, permissions, clientId, audienceRoles, rolesOf }: Profile,
  trustedAudience: readonly string[],
  own: ClaimPaths = {},
): AuthorityPaths {
  const keysOf = (path: ClaimPath | undefined, paths: readonly ClaimPath[]): readonly Keys[] =>
    (path === undefined ? paths : [path]).map(claimKeys)
  const isProfiles = own.roles === undefined
  const names = { roles: keysOf(own.roles, roles), permissions: keysOf(own.permissions, permissions) }
  return {
    ...names,
    clientId: keysOf(own.clientId, clientId),
    scopes: keysOf(own.scopes, scopes),
    shown: deepFreeze(structuredClone(names)),
    audienceRoles:
      isProfiles && audienceRoles !== undefined
        ? trustedAudience.map((audience) => ({ audience, keys: Object.freeze(claimKeys(audienceRoles(audience))) }))
        : [],
    rolesOf: isProfiles && rolesOf !== undefined ? { claim: rolesOf, audience: trustedAudience } : undefined,
  }
}

/**
 * Finds where the roles and permissions live in this token. Its roles live nowhere where they are another's; those that hold
 * at one audience are read for the audiences that it is for. Frozen, since policies are handed them.
 */
export function findNamePlaces(claims: JsonObject, audience: readonly string[], paths: AuthorityPaths): NamePlaces {
  const { audienceRoles, shown, rolesOf } = paths
  if (rolesOf !== undefined) {
    const about = ownMember(claims, rolesOf.claim)
    if (typeof about !== 'string' || !audience.includes(about) || !rolesOf.audience.includes(about)) {
      return Object.freeze({ roles: nowhere, permissions: shown.permissions, foreignRoles: rolesOf.claim })
    }
  }
  // Most tokens of an issuer share this.
  if (audienceRoles.length === 0) return shown
  const ofAudience = audienceRoles.filter((one) => audience.includes(one.audience)).map(({ keys }) => keys)
  return Object.freeze({ roles: Object.freeze([...shown.roles, ...ofAudience]), permissions: shown.permissions })
}

const nowhere: readonly Keys[] = Object.freeze([])
