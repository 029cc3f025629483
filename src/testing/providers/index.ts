import { adfs } from './adfs.js'
import { auth0 } from './auth0.js'
import { authentik } from './authentik.js'
import { b2c } from './b2c.js'
import { betterAuth } from './better-auth.js'
import { clerk } from './clerk.js'
import { cognito } from './cognito.js'
import { duende } from './duende.js'
import { entraV1 } from './entra-v1.js'
import { entra } from './entra.js'
import { fusionauth } from './fusionauth.js'
import { generic } from './generic.js'
import { githubActions } from './github-actions.js'
import { gitlabCi } from './gitlab-ci.js'
import { google } from './google.js'
import { hydra } from './hydra.js'
import { keycloak } from './keycloak.js'
import { kubernetes } from './kubernetes.js'
import { okta } from './okta.js'
import { openauth } from './openauth.js'
import { pingam } from './pingam.js'
import { pingone } from './pingone.js'
import { spring } from './spring.js'
import { supabase } from './supabase.js'
import { uaa } from './uaa.js'
import { workos } from './workos.js'
import { zitadel } from './zitadel.js'
import type { Provider } from './provider.js'

/** Look-alikes of the tokens that providers issue, from their sources and documentation; no provider was asked. */
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
  adfs,
  b2c,
  'better-auth': betterAuth,
  clerk,
  'github-actions': githubActions,
  'gitlab-ci': gitlabCi,
  kubernetes,
  openauth,
  pingam,
  spring,
  supabase,
  uaa,
  workos,
} as const satisfies Readonly<Record<string, Provider>>

/** A provider whose tokens can be minted. */
export type ProviderName = keyof typeof providers
