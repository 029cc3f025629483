import { readUrl } from '../../lib/urls.js'
import { auth0 } from './auth0.js'
import { authentik } from './authentik.js'
import { auto } from './auto.js'
import { cognito } from './cognito.js'
import { duende } from './duende.js'
import { entra } from './entra.js'
import { fusionauth } from './fusionauth.js'
import { google } from './google.js'
import { hydra } from './hydra.js'
import { keycloak } from './keycloak.js'
import { okta } from './okta.js'
import { pingone } from './pingone.js'
import type { Profile } from './profile.js'
import { rfc9068 } from './rfc9068.js'
import { zitadel } from './zitadel.js'

const profiles = {
  auto,
  rfc9068,
  auth0,
  authentik,
  cognito,
  duende,
  entra,
  fusionauth,
  google,
  hydra,
  keycloak,
  okta,
  pingone,
  zitadel,
} as const satisfies Readonly<Record<string, Profile>>

/** The name of a profile: how an issuer's access tokens look. */
export type ProfileName = keyof typeof profiles

/** Every name, in the order of the documentation. */
export const profileNames = Object.keys(profiles) as unknown as readonly [ProfileName, ...ProfileName[]] // keys of the literal above

/** Chooses the profile of an issuer: the one named, or for `auto` the one of the provider that its URL belongs to. */
export function profileFor(name: ProfileName, issuer: string): Profile {
  if (name !== 'auto') return profiles[name]
  const url = readUrl(issuer)
  if (url === undefined) return auto
  return Object.values<Profile>(profiles).find((profile) => profile.isIssuer?.(url) === true) ?? auto
}
