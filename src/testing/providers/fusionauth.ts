import { CLIENT, TENANT, JWT, idClaims, baseClaims, type Provider } from './provider.js'

/** FusionAuth, whose access and ID tokens share the audience. */
export const fusionauth: Provider = {
  issuer: 'https://fusionauth.example.com',
  audience: CLIENT,
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      jti: context.uuid,
      applicationId: context.clientId,
      tid: TENANT,
      authenticationType: 'PASSWORD',
      roles: ['clerk'],
      gty: ['authorization_code'],
      scope: 'openid',
      sid: context.uuid,
    },
  }),
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      sub: 'entity-1',
      jti: context.uuid,
      gty: ['client_credentials'],
      permissions: ['read'],
      scope: 'target-entity:client-1',
      tid: TENANT,
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      jti: context.uuid,
      tid: TENANT,
      authenticationType: 'PASSWORD',
      scope: 'openid',
      sid: context.uuid,
      email: 'ada@example.com',
    },
  }),
}
