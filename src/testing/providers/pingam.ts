import { CLIENT, type Provider, type TemplateContext } from './provider.js'

const HEADER = { typ: 'JWT', zip: 'NONE' }

const common = ({ issuer, audience, now, uuid }: TemplateContext) => ({
  sub: 'user-1',
  auditTrackingId: `${uuid}-1`,
  subname: 'user-1',
  iss: issuer,
  aud: audience,
  realm: '/alpha',
  iat: now,
  exp: now + 300,
})

/** PingAM, ForgeRock AM and OpenAM with client-based tokens; the audience is the client. */
export const pingam: Provider = {
  issuer: 'https://am.example.com/am/oauth2/realms/root/realms/alpha',
  audience: CLIENT,
  access: (context) => ({
    header: HEADER,
    claims: {
      ...common(context),
      cts: 'OAUTH2_STATELESS_GRANT',
      auth_level: 0,
      tokenName: 'access_token',
      token_type: 'Bearer',
      authGrantId: 'grant-1',
      nbf: context.now,
      grant_type: 'authorization_code',
      scope: ['orders', 'openid'],
      auth_time: context.now,
      expires_in: 300,
      jti: context.uuid,
    },
  }),
  app: (context) => ({
    header: HEADER,
    claims: {
      ...common(context),
      sub: context.clientId,
      subname: context.clientId,
      cts: 'OAUTH2_STATELESS_GRANT',
      tokenName: 'access_token',
      token_type: 'Bearer',
      authGrantId: 'grant-1',
      nbf: context.now,
      grant_type: 'client_credentials',
      scope: ['orders'],
      expires_in: 300,
      jti: context.uuid,
    },
  }),
  id: (context) => ({
    header: HEADER,
    claims: {
      ...common(context),
      aud: context.clientId,
      at_hash: '77QmUPtjPfzWtF2AnpK9RQ',
      acr: '0',
      azp: context.clientId,
      auth_time: context.now,
      tokenName: 'id_token',
      tokenType: 'JWTToken',
    },
  }),
  refresh: (context) => ({
    header: HEADER,
    claims: {
      ...common(context),
      cts: 'OAUTH2_STATELESS_GRANT',
      tokenName: 'refresh_token',
      token_type: 'Bearer',
      authGrantId: 'grant-1',
      nbf: context.now,
      scope: ['orders', 'openid'],
      expires_in: 604800,
      jti: context.uuid,
    },
  }),
}
