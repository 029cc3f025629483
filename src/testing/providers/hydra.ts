import { API, JWT, idClaims, baseClaims, type Provider } from './provider.js'

export const hydra: Provider = {
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
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      aud: [context.audience],
      sub: context.clientId,
      nbf: context.now,
      client_id: context.clientId,
      ext: {},
      jti: context.uuid,
      scp: ['orders:read'],
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      aud: [context.clientId],
      acr: '0',
      rat: context.now,
      jti: context.uuid,
      sid: context.uuid,
    },
  }),
}
