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
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      jti: context.uuid,
      typ: 'Bearer',
      azp: context.clientId,
      acr: '1',
      scope: 'profile email',
      clientHost: '10.0.0.1',
      preferred_username: `service-account-${context.clientId}`,
    },
  }),
  refresh: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      aud: context.issuer,
      jti: context.uuid,
      typ: 'Refresh',
      azp: context.clientId,
      sid: context.uuid,
      scope: 'openid profile email',
      exp: context.now + 1800,
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
