import { CLIENT, TENANT, JWT, idClaims, baseClaims, type Provider } from './provider.js'

/** FusionAuth, whose access and ID tokens share the audience. */
export const fusionauth: Provider = {
  issuer: 'https://fusionauth.example.com',
  audience: CLIENT,
  access: (context) => ({
    header: { ...JWT, gty: ['authorization_code'] },
    claims: {
      ...baseClaims(context),
      jti: context.uuid,
      applicationId: context.clientId,
      tid: TENANT,
      authenticationType: 'PASSWORD',
      roles: ['clerk'],
      scope: 'openid',
      sid: context.uuid,
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      jti: context.uuid,
      tid: TENANT,
      authenticationType: 'PASSWORD',
      sid: context.uuid,
      email: 'ada@example.com',
    },
  }),
}
