import { CLIENT, JWT, idClaims, baseClaims, type Provider } from './provider.js'

/** authentik, whose access and ID tokens share the audience. */
export const authentik: Provider = {
  issuer: 'https://authentik.example.com/application/o/orders/',
  audience: CLIENT,
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      auth_time: context.now,
      acr: 'goauthentik.io/providers/oauth2/default',
      azp: context.clientId,
      uid: 'gN6jDZ2S',
      groups: ['clerks'],
    },
  }),
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      sub: 'service-account-1',
      azp: context.clientId,
      uid: 'gN6jDZ2T',
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      acr: 'goauthentik.io/providers/oauth2/default',
      groups: ['clerks'],
    },
  }),
}
