import { JWT, idClaims, baseClaims, type Provider } from './provider.js'

export const duende: Provider = {
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
  app: (context) => ({
    header: { typ: 'at+jwt' },
    claims: {
      iss: context.issuer,
      aud: context.audience,
      nbf: context.now,
      iat: context.now,
      exp: context.now + 300,
      client_id: context.clientId,
      jti: context.uuid,
      scope: ['orders:read'],
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: { ...idClaims(context), nbf: context.now, idp: 'local', amr: ['pwd'], sid: context.uuid },
  }),
}
