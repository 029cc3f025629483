import type { JsonObject } from '../lib/strict-json.js'

/** One token before it is signed. */
export interface TokenTemplate {
  readonly header: JsonObject
  readonly claims: JsonObject
}

/** What a template may refer to. */
export interface TemplateContext {
  readonly issuer: string
  readonly audience: string
  readonly clientId: string
  /** Seconds since the epoch. */
  readonly now: number
  readonly uuid: string
}

/** A provider: what its issuer is called, and what its tokens look like. */
interface Provider {
  readonly issuer: string
  /** What the option `audience` should be for an API behind this provider. */
  readonly audience: string
  readonly access: (context: TemplateContext) => TokenTemplate
  readonly id: (context: TemplateContext) => TokenTemplate
}

const API = 'https://api.example.com'
const CLIENT = 'client-1'
const TENANT = '6f1d3a52-0c1b-4f0e-9a44-0d5be6a0c001'
const JWT = { typ: 'JWT' }

/** The claims that ID tokens have everywhere: for the client, with the nonce that it sent. */
function idClaims({ issuer, clientId, now }: TemplateContext): JsonObject {
  return {
    iss: issuer,
    aud: clientId,
    sub: 'user-1',
    iat: now,
    exp: now + 300,
    auth_time: now,
    nonce: 'n-0S6_WzA2Mj',
    at_hash: '77QmUPtjPfzWtF2AnpK9RQ',
  }
}

function baseClaims({ issuer, audience, now }: TemplateContext): JsonObject {
  return { iss: issuer, aud: audience, sub: 'user-1', iat: now, exp: now + 300 }
}

/** Look-alikes of the tokens that providers issue, from their documentation; no provider was asked. */
export const providers = {
  /** RFC 9068, as oidc-provider, Logto and others issue it. */
  generic: {
    issuer: 'https://issuer.example.com',
    audience: API,
    access: (context) => ({
      header: { typ: 'at+jwt' },
      claims: { ...baseClaims(context), client_id: context.clientId, jti: context.uuid, scope: 'openid' },
    }),
    id: (context) => ({ header: JWT, claims: idClaims(context) }),
  },
  auth0: {
    issuer: 'https://tenant.eu.auth0.com/',
    audience: API,
    access: (context) => ({
      header: JWT,
      claims: {
        ...baseClaims(context),
        sub: 'auth0|user-1',
        aud: [context.audience, `${context.issuer}userinfo`],
        azp: context.clientId,
        scope: 'openid profile',
        permissions: [],
      },
    }),
    id: (context) => ({
      header: JWT,
      claims: { ...idClaims(context), sub: 'auth0|user-1', nickname: 'ada', updated_at: '2026-11-01T00:00:00.000Z', sid: context.uuid },
    }),
  },
  okta: {
    issuer: 'https://dev-1.okta.com/oauth2/default',
    audience: 'api://default',
    access: (context) => ({
      header: {},
      claims: {
        ...baseClaims(context),
        ver: 1,
        jti: `AT.${context.uuid}`,
        cid: context.clientId,
        uid: '00u1',
        scp: ['openid', 'profile'],
        groups: ['Everyone'],
      },
    }),
    id: (context) => ({
      header: {},
      claims: { ...idClaims(context), ver: 1, jti: `ID.${context.uuid}`, amr: ['pwd'], idp: '00o1', preferred_username: 'ada@example.com' },
    }),
  },
  keycloak: {
    issuer: 'https://keycloak.example.com/realms/demo',
    audience: 'orders-api',
    access: (context) => ({
      header: JWT,
      claims: {
        ...baseClaims(context),
        aud: [context.audience, 'account'],
        jti: context.uuid,
        typ: 'Bearer',
        azp: context.clientId,
        sid: context.uuid,
        acr: '1',
        'allowed-origins': ['https://app.example.com'],
        realm_access: { roles: ['offline_access', 'user'] },
        resource_access: { 'orders-api': { roles: ['clerk'] }, account: { roles: ['view-profile'] } },
        scope: 'openid profile email',
      },
    }),
    id: (context) => ({
      header: JWT,
      claims: { ...idClaims(context), jti: context.uuid, typ: 'ID', azp: context.clientId, sid: context.uuid, acr: '1' },
    }),
  },
  /** Microsoft Entra ID, v2.0 tokens. */
  entra: {
    issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    audience: 'b14a7505-96e9-4927-91e8-0601d0fc9caa',
    access: (context) => ({
      header: JWT,
      claims: {
        ...baseClaims(context),
        nbf: context.now,
        azp: context.clientId,
        azpacr: '1',
        oid: '00000000-0000-0000-66f3-3332eca7ea81',
        tid: TENANT,
        roles: ['Orders.Clerk'],
        scp: 'orders.read',
        uti: 'q1',
        ver: '2.0',
      },
    }),
    id: (context) => ({
      header: JWT,
      claims: {
        ...idClaims(context),
        nbf: context.now,
        oid: '00000000-0000-0000-66f3-3332eca7ea81',
        tid: TENANT,
        roles: ['Orders.Clerk'],
        preferred_username: 'ada@example.com',
        ver: '2.0',
      },
    }),
  },
  /** Microsoft Entra ID, v1.0 tokens: what an API registration gets unless it asks for v2.0. */
  'entra-v1': {
    issuer: `https://sts.windows.net/${TENANT}/`,
    audience: 'api://orders',
    access: (context) => ({
      header: JWT,
      claims: {
        ...baseClaims(context),
        nbf: context.now,
        appid: context.clientId,
        appidacr: '1',
        tid: TENANT,
        scp: 'orders.read',
        ver: '1.0',
      },
    }),
    id: (context) => ({
      header: JWT,
      claims: { ...idClaims(context), nbf: context.now, tid: TENANT, unique_name: 'ada@example.com', ver: '1.0' },
    }),
  },
  cognito: {
    issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example',
    audience: CLIENT,
    access: (context) => ({
      header: {},
      claims: {
        iss: context.issuer,
        sub: 'user-1',
        client_id: context.clientId,
        origin_jti: context.uuid,
        token_use: 'access',
        scope: 'aws.cognito.signin.user.admin',
        'cognito:groups': ['clerks'],
        auth_time: context.now,
        iat: context.now,
        exp: context.now + 300,
        jti: context.uuid,
        username: 'ada',
        version: 2,
      },
    }),
    id: (context) => ({
      header: {},
      claims: { ...idClaims(context), token_use: 'id', 'cognito:username': 'ada', 'cognito:groups': ['clerks'], email: 'ada@example.com' },
    }),
  },
  /** Google, whose access tokens are opaque: both are ID tokens, and both are refused. */
  google: {
    issuer: 'https://accounts.google.com',
    audience: `${CLIENT}.apps.googleusercontent.com`,
    access: (context) => ({
      header: JWT,
      claims: { ...baseClaims(context), azp: context.audience, email: 'ada@example.com', email_verified: true },
    }),
    id: (context) => ({
      header: JWT,
      claims: { ...idClaims(context), azp: context.clientId, email: 'ada@example.com', email_verified: true },
    }),
  },
  pingone: {
    issuer: `https://auth.pingone.eu/${TENANT}/as`,
    audience: API,
    access: (context) => ({
      header: JWT,
      claims: {
        ...baseClaims(context),
        aud: [context.audience],
        client_id: context.clientId,
        scope: 'orders:read',
        jti: context.uuid,
        sid: context.uuid,
        env: TENANT,
      },
    }),
    id: (context) => ({ header: JWT, claims: { ...idClaims(context), acr: 'Single_Factor', sid: context.uuid, env: TENANT } }),
  },
  zitadel: {
    issuer: 'https://instance-1.zitadel.cloud',
    audience: '195912339333529857',
    access: (context) => ({
      header: JWT,
      claims: {
        ...baseClaims(context),
        aud: [context.clientId, context.audience],
        nbf: context.now,
        client_id: context.clientId,
        jti: context.uuid,
        'urn:zitadel:iam:org:project:roles': { clerk: { '195912339333529857': 'example.com' } },
      },
    }),
    id: (context) => ({
      header: JWT,
      claims: { ...idClaims(context), aud: [context.clientId, context.audience], azp: context.clientId, client_id: context.clientId, amr: ['pwd'], sid: 'V1_1' },
    }),
  },
  hydra: {
    issuer: 'https://hydra.example.com/',
    audience: API,
    access: (context) => ({
      header: JWT,
      claims: {
        ...baseClaims(context),
        aud: [context.audience],
        nbf: context.now,
        client_id: context.clientId,
        ext: {},
        jti: context.uuid,
        scp: ['orders:read', 'offline'],
      },
    }),
    id: (context) => ({
      header: JWT,
      claims: { ...idClaims(context), aud: [context.clientId], acr: '0', rat: context.now, jti: context.uuid, sid: context.uuid },
    }),
  },
  /** authentik, whose access and ID tokens share the audience. */
  authentik: {
    issuer: 'https://authentik.example.com/application/o/orders/',
    audience: CLIENT,
    access: (context) => ({
      header: JWT,
      claims: {
        ...baseClaims(context),
        auth_time: context.now,
        acr: 'goauthentik.io/providers/oauth2/default',
        azp: context.clientId,
        uid: 'gN6jDZ2S',
        groups: ['clerks'],
      },
    }),
    id: (context) => ({
      header: JWT,
      claims: { ...idClaims(context), acr: 'goauthentik.io/providers/oauth2/default', azp: context.clientId, groups: ['clerks'] },
    }),
  },
  duende: {
    issuer: 'https://identityserver.example.com',
    audience: 'orders',
    access: (context) => ({
      header: { typ: 'at+jwt' },
      claims: {
        ...baseClaims(context),
        nbf: context.now,
        client_id: context.clientId,
        jti: context.uuid,
        scope: ['orders:read', 'openid'],
        role: 'clerk',
      },
    }),
    id: (context) => ({ header: JWT, claims: { ...idClaims(context), nbf: context.now, idp: 'local', amr: ['pwd'], sid: context.uuid } }),
  },
  /** FusionAuth, whose access and ID tokens share the audience. */
  fusionauth: {
    issuer: 'https://fusionauth.example.com',
    audience: CLIENT,
    access: (context) => ({
      header: { ...JWT, gty: ['authorization_code'] },
      claims: {
        ...baseClaims(context),
        jti: context.uuid,
        applicationId: context.clientId,
        tid: TENANT,
        authenticationType: 'PASSWORD',
        roles: ['clerk'],
        scope: 'openid',
        sid: context.uuid,
      },
    }),
    id: (context) => ({
      header: JWT,
      claims: { ...idClaims(context), jti: context.uuid, tid: TENANT, authenticationType: 'PASSWORD', sid: context.uuid, email: 'ada@example.com' },
    }),
  },
} as const satisfies Readonly<Record<string, Provider>>

/** A provider whose tokens can be minted. */
export type ProviderName = keyof typeof providers

/** What every client of these providers is called. */
export const testClientId = CLIENT
