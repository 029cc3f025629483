import type { JsonObject } from '../../lib/strict-json.js'
import { type Provider, type TemplateContext } from './provider.js'

const HEADER = { jku: 'https://uaa.example.com/token_keys', typ: 'JWT' }

const common = ({ issuer, audience, clientId, now, uuid }: TemplateContext): JsonObject => ({
  jti: uuid.replaceAll('-', ''),
  sub: 'user-1',
  client_id: clientId,
  cid: clientId,
  grant_type: 'authorization_code',
  user_id: 'user-1',
  origin: 'uaa',
  user_name: 'ada',
  rev_sig: '1a2b3c4d',
  iat: now,
  exp: now + 300,
  iss: issuer,
  zid: 'uaa',
  aud: [audience, clientId, 'openid'],
})

/** Cloud Foundry UAA, and SAP XSUAA, which is one. */
export const uaa: Provider = {
  issuer: 'https://uaa.example.com/oauth/token',
  jwksUri: 'https://uaa.example.com/token_keys',
  audience: 'orders',
  access: (context) => ({
    header: HEADER,
    claims: {
      ...common(context),
      azp: context.clientId,
      scope: ['orders.read', 'openid'],
      email: 'ada@example.com',
      auth_time: context.now,
    },
  }),
  app: ({ issuer, audience, clientId, now, uuid }) => ({
    header: HEADER,
    claims: {
      jti: uuid.replaceAll('-', ''),
      sub: clientId,
      authorities: ['orders.read'],
      scope: ['orders.read'],
      client_id: clientId,
      cid: clientId,
      azp: clientId,
      grant_type: 'client_credentials',
      rev_sig: '1a2b3c4d',
      iat: now,
      exp: now + 300,
      iss: issuer,
      zid: 'uaa',
      aud: [audience, clientId],
    },
  }),
  id: (context) => ({
    header: HEADER,
    claims: {
      ...common(context),
      aud: [context.clientId],
      azp: context.clientId,
      scope: ['openid'],
      email: 'ada@example.com',
      email_verified: true,
      amr: ['pwd'],
      auth_time: context.now,
      previous_logon_time: (context.now - 60) * 1000,
    },
  }),
  refresh: (context) => ({
    header: HEADER,
    claims: {
      ...common(context),
      jti: `${context.uuid.replaceAll('-', '')}-r`,
      granted_scopes: ['orders.read', 'openid'],
      exp: context.now + 2_592_000,
    },
  }),
}
