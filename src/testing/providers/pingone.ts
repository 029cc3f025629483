import { API, TENANT, JWT, idClaims, baseClaims, type Provider } from './provider.js'

export const pingone: Provider = {
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
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      aud: [context.audience],
      sub: context.clientId,
      client_id: context.clientId,
      scope: 'orders:read',
      jti: context.uuid,
      env: TENANT,
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: { ...idClaims(context), acr: 'Single_Factor', sid: context.uuid, env: TENANT },
  }),
}
