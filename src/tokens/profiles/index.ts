import { readUrl } from '../../lib/urls.js'
import type { ClaimPath } from '../claim-path.js'
import { adfs } from './adfs.js'
import { auth0 } from './auth0.js'
import { authentik } from './authentik.js'
import { b2c } from './b2c.js'
import { clerk } from './clerk.js'
import { cognito } from './cognito.js'
import { duende } from './duende.js'
import { entra } from './entra.js'
import { fusionauth } from './fusionauth.js'
import { generic } from './generic.js'
import { google } from './google.js'
import { hydra } from './hydra.js'
import { keycloak } from './keycloak.js'
import { okta } from './okta.js'
import { openauth } from './openauth.js'
import { pingam } from './pingam.js'
import { pingone } from './pingone.js'
import type { Profile } from './profile.js'
import { rfc9068 } from './rfc9068.js'
import { supabase } from './supabase.js'
import { uaa } from './uaa.js'
import { zitadel } from './zitadel.js'

/** The name of a profile: how an issuer's access tokens look. */
export type ProfileName =
  | 'auto'
  | 'generic'
  | 'rfc9068'
  | 'adfs'
  | 'auth0'
  | 'authentik'
  | 'b2c'
  | 'clerk'
  | 'cognito'
  | 'duende'
  | 'entra'
  | 'fusionauth'
  | 'google'
  | 'hydra'
  | 'keycloak'
  | 'okta'
  | 'openauth'
  | 'pingam'
  | 'pingone'
  | 'supabase'
  | 'uaa'
  | 'zitadel'

const profiles: Readonly<Record<ProfileName, Profile>> = {
  auto: { ...generic, name: 'auto' },
  generic,
  rfc9068,
  adfs,
  auth0,
  authentik,
  b2c,
  clerk,
  cognito,
  duende,
  entra,
  fusionauth,
  google,
  hydra,
  keycloak,
  okta,
  openauth,
  pingam,
  pingone,
  supabase,
  uaa,
  zitadel,
}

/** Every name, in the order of the documentation. */
export const profileNames = Object.keys(profiles) as unknown as readonly [ProfileName, ...ProfileName[]] // keys of the literal above

/**
 * Chooses the profile of an issuer: the one named, or for `auto` the one of the provider that its host belongs to. A path that
 * looks like a provider's adds what that provider's tokens show to the generic rules, and takes nothing away from them.
 */
export function profileFor(name: ProfileName, issuer: string): Profile {
  if (name !== 'auto') return profiles[name]
  const url = readUrl(issuer)
  if (url === undefined) return profiles.auto
  const all = Object.values(profiles)
  const owner = all.find(({ isIssuer }) => isIssuer?.(url) === true)
  if (owner !== undefined) return owner
  const alike = all.find(({ resembles }) => resembles?.(url) === true)
  return alike === undefined ? profiles.auto : besideGeneric(alike)
}

function besideGeneric(profile: Profile): Profile {
  // Roles and permissions stay where the provider has them, if it has any: elsewhere, they may be somebody else's.
  const knowsRoles = profile.roles.length > 0 || profile.audienceRoles !== undefined
  return {
    ...profile,
    roles: knowsRoles ? profile.roles : generic.roles,
    permissions: knowsRoles ? profile.permissions : generic.permissions,
    genericMarks: true,
    negatives: [...new Set([...(profile.negatives ?? []), ...(generic.negatives ?? [])])],
    proofs: [...(profile.proofs ?? []), ...(generic.proofs ?? [])],
    scopes: union(profile.scopes, generic.scopes),
    clientId: union(profile.clientId, generic.clientId),
  }
}

function union(some: readonly ClaimPath[], others: readonly ClaimPath[]): readonly ClaimPath[] {
  return [...new Set([...some, ...others])]
}
