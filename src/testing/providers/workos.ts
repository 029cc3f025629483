import { API, baseClaims, idClaims, type Provider } from './provider.js'

/** WorkOS AuthKit with a JWT template that says `{ "aud": "...", "token_use": "access" }`. */
export const workos: Provider = {
  issuer: 'https://api.workos.com/user_management/client_1',
  jwksUri: 'https://api.workos.com/sso/jwks/client_1',
  audience: API,
  access: (context) => ({
    header: {},
    claims: {
      ...baseClaims(context),
      sid: 'session_1',
      jti: context.uuid,
      org_id: 'org_1',
      role: 'clerk',
      permissions: ['orders:read'],
      token_use: 'access',
    },
  }),
  id: (context) => ({ header: {}, claims: idClaims(context) }),
}
