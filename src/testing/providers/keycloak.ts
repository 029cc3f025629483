import { JWT, idClaims, baseClaims, type Provider } from './provider.js'

export const keycloak: Provider = {
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
      resource_access: { [context.audience]: { roles: ['clerk'] }, account: { roles: ['view-profile'] } },
      scope: 'openid profile email',
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      jti: context.uuid,
      typ: 'ID',
      azp: context.clientId,
      sid: context.uuid,
      acr: '1',
    },
  }),
}
