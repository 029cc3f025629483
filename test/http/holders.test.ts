import express from 'express'
import {
  appOnly,
  delegated,
  not,
  requireAuth,
  requirePolicy,
  type Policy,
  type ProfileName,
} from 'express-resource-server'
import { createTestIssuer, type Changes, type ProviderName } from 'express-resource-server/testing'
import request from 'supertest'

describe('whose token it is', () => {
  type Verdict = 'user' | 'app' | 'untold'
  const SERVICE_ACCOUNT = { preferred_username: 'service-account-client-1', sid: undefined }
  const holders: readonly (readonly [ProviderName, ProfileName, Verdict, Changes])[] = [
    ['generic', 'auto', 'user', { auth_time: 1 }],
    ['generic', 'auto', 'user', { amr: ['pwd'] }],
    ['generic', 'auto', 'app', { sub: 'client-1' }],
    ['generic', 'auto', 'app', { gty: 'client-credentials' }],
    ['generic', 'auto', 'untold', {}],
    ['generic', 'auto', 'untold', { acr: '1' }],
    ['generic', 'auto', 'untold', { auth_time: 0 }],
    ['generic', 'auto', 'untold', { auth_time: 1, client_id: undefined }],
    ['generic', 'auto', 'app', { idtyp: 'app' }],
    ['generic', 'auto', 'app', { sub: 'client-1', auth_time: 1 }],
    ['generic', 'auto', 'app', { idtyp: 'app', auth_time: 1 }],
    ['generic', 'auto', 'app', { gty: 'client-credentials', amr: ['pwd'] }],
    ['generic', 'auto', 'untold', { sub: undefined }],
    ['generic', 'auto', 'untold', { sub: undefined, auth_time: 1 }],
    ['generic', 'rfc9068', 'user', { acr: '1' }],
    ['generic', 'rfc9068', 'user', { auth_time: 1 }],
    ['generic', 'rfc9068', 'user', { amr: ['pwd'] }],
    ['generic', 'rfc9068', 'app', { sub: 'client-1', auth_time: 1 }],
    ['generic', 'rfc9068', 'untold', {}],
    ['auth0', 'auto', 'user', {}],
    ['auth0', 'auto', 'app', { sub: 'client-1@clients', gty: 'client-credentials' }],
    ['auth0', 'auto', 'app', { sub: 'client-1@clients' }],
    ['auth0', 'auto', 'app', { gty: 'client-credentials' }],
    ['auth0', 'auto', 'untold', { sub: undefined }],
    ['auth0', 'auto', 'untold', { sub: 'client-1@clients', azp: undefined }],
    ['okta', 'auto', 'user', {}],
    ['okta', 'auto', 'app', { uid: undefined, sub: 'client-1' }],
    ['okta', 'auto', 'user', { sub: 'client-1' }],
    ['okta', 'auto', 'untold', { uid: undefined }],
    ['entra', 'auto', 'user', {}],
    ['entra', 'auto', 'user', { idtyp: 'user' }],
    ['entra', 'auto', 'app', { idtyp: 'app', scp: undefined }],
    ['entra', 'auto', 'user', { idtyp: 'user', scp: undefined }],
    ['entra', 'auto', 'app', { idtyp: 'app' }],
    ['entra', 'auto', 'app', { scp: undefined }],
    ['entra', 'auto', 'untold', { scp: undefined, roles: undefined }],
    ['entra', 'auto', 'untold', { idtyp: 'device' }],
    ['entra-v1', 'auto', 'user', { scp: 'orders.read' }],
    ['entra-v1', 'auto', 'app', { idtyp: 'app', scp: undefined }],
    ['keycloak', 'auto', 'user', { preferred_username: 'ada' }],
    ['keycloak', 'auto', 'app', SERVICE_ACCOUNT],
    ['keycloak', 'auto', 'app', { ...SERVICE_ACCOUNT, azp: 'Client-1' }],
    ['keycloak', 'auto', 'untold', {}],
    ['keycloak', 'auto', 'untold', { preferred_username: 'ada', sid: undefined }],
    ['keycloak', 'auto', 'untold', { preferred_username: undefined, sid: '1' }],
    ['keycloak', 'auto', 'untold', { ...SERVICE_ACCOUNT, sid: '1' }],
    ['keycloak', 'auto', 'untold', { ...SERVICE_ACCOUNT, azp: 'another' }],
    ['cognito', 'auto', 'user', {}],
    ['cognito', 'auto', 'app', { sub: 'client-1', username: undefined }],
    ['cognito', 'auto', 'untold', { username: undefined }],
    ['cognito', 'auto', 'untold', { sub: 'client-1' }],
    ['pingone', 'auto', 'user', { auth_time: 1 }],
    ['pingone', 'auto', 'app', { sub: 'client-1' }],
    ['pingone', 'auto', 'app', { sub: 'client-1', auth_time: 1 }],
    ['pingone', 'auto', 'untold', { auth_time: undefined }],
    ['pingone', 'auto', 'untold', { sub: undefined, auth_time: 1 }],
    ['duende', 'duende', 'user', { auth_time: 1 }],
    ['duende', 'duende', 'app', { sub: undefined }],
    ['duende', 'duende', 'untold', {}],
    ['duende', 'duende', 'untold', { sub: 'client-1', auth_time: 1 }],
    ['duende', 'duende', 'untold', { sub: undefined, client_id: undefined }],
    ['fusionauth', 'fusionauth', 'user', {}],
    ['fusionauth', 'fusionauth', 'app', { gty: ['client_credentials'], authenticationType: undefined }],
    ['fusionauth', 'fusionauth', 'app', { gty: ['client_credentials'] }],
    ['fusionauth', 'fusionauth', 'untold', { authenticationType: undefined }],
    ['fusionauth', 'fusionauth', 'untold', { applicationId: undefined, permissions: ['read'] }],
    ['hydra', 'hydra', 'app', { sub: 'client-1' }],
    ['hydra', 'hydra', 'untold', {}],
    ['zitadel', 'auto', 'untold', { sub: 'client-1' }],
    ['authentik', 'auto', 'untold', { sub: 'client-1' }],
  ]
  const asked: Readonly<Record<string, readonly [Policy<unknown>, Verdict | 'nobody']>> = {
    delegated: [delegated(), 'user'],
    appOnly: [appOnly(), 'app'],
    'not-delegated': [not(delegated()), 'app'],
    'not-appOnly': [not(appOnly()), 'user'],
  }

  it.each(holders)('%s with the profile %s: %s, by %j', async (provider, profile, verdict, claims) => {
    const by = await createTestIssuer({ provider, algorithm: 'ES256' })
    const app = express()
    app.use(requireAuth({ ...by.options, profile }))
    for (const [name, [policy]] of Object.entries(asked)) {
      app.get(`/${name}`, requirePolicy(policy), (_req, res) => res.sendStatus(204))
    }
    const token = await by.accessToken(claims)
    for (const [name, [, granted]] of Object.entries(asked)) {
      const { status, text } = await request(app).get(`/${name}`).set('Authorization', `Bearer ${token}`)
      expect([name, status, text]).toEqual([name, granted === verdict ? 204 : 403, granted === verdict ? '' : text])
    }
  })
})
