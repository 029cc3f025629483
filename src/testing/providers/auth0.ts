import { API, JWT, idClaims, baseClaims, type Provider } from './provider.js'

export const auth0: Provider = {
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
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      sub: `${context.clientId}@clients`,
      azp: context.clientId,
      gty: 'client-credentials',
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      sub: 'auth0|user-1',
      nickname: 'ada',
      updated_at: '2026-11-01T00:00:00.000Z',
      sid: context.uuid,
    },
  }),
}
