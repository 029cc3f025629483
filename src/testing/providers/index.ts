import { auth0 } from './auth0.js'
import { authentik } from './authentik.js'
import { cognito } from './cognito.js'
import { duende } from './duende.js'
import { entra } from './entra.js'
import { entraV1 } from './entra-v1.js'
import { fusionauth } from './fusionauth.js'
import { generic } from './generic.js'
import { google } from './google.js'
import { hydra } from './hydra.js'
import { keycloak } from './keycloak.js'
import { okta } from './okta.js'
import { pingone } from './pingone.js'
import { zitadel } from './zitadel.js'
import type { Provider } from './provider.js'

/** Look-alikes of the tokens that providers issue, from their documentation; no provider was asked. */
export const providers = {
  generic,
  auth0,
  okta,
  keycloak,
  entra,
  'entra-v1': entraV1,
  cognito,
  google,
  pingone,
  zitadel,
  hydra,
  authentik,
  duende,
  fusionauth,
} as const satisfies Readonly<Record<string, Provider>>

/** A provider whose tokens can be minted. */
export type ProviderName = keyof typeof providers
