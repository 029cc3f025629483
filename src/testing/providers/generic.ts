import { API, JWT, idClaims, baseClaims, type Provider } from './provider.js'

/** RFC 9068, as oidc-provider, Logto and others issue it. */
export const generic: Provider = {
  issuer: 'https://issuer.example.com',
  audience: API,
  access: (context) => ({
    header: { typ: 'at+jwt' },
    claims: { ...baseClaims(context), client_id: context.clientId, jti: context.uuid, scope: 'openid' },
  }),
  app: (context) => ({
    header: { typ: 'at+jwt' },
    claims: {
      ...baseClaims(context),
      sub: context.clientId,
      client_id: context.clientId,
      jti: context.uuid,
      scope: 'orders:read',
    },
  }),
  id: (context) => ({ header: JWT, claims: idClaims(context) }),
}
