import { idClaims, baseClaims, type Provider } from './provider.js'

export const okta: Provider = {
  issuer: 'https://dev-1.okta.com/oauth2/default',
  audience: 'api://default',
  access: (context) => ({
    header: {},
    claims: {
      ...baseClaims(context),
      ver: 1,
      jti: `AT.${context.uuid}`,
      cid: context.clientId,
      uid: '00u1',
      scp: ['openid', 'profile'],
      groups: ['Everyone'],
    },
  }),
  app: (context) => ({
    header: {},
    claims: {
      ...baseClaims(context),
      sub: context.clientId,
      ver: 1,
      jti: `AT.${context.uuid}`,
      cid: context.clientId,
      scp: ['orders'],
    },
  }),
  id: (context) => ({
    header: {},
    claims: {
      ...idClaims(context),
      ver: 1,
      jti: `ID.${context.uuid}`,
      amr: ['pwd'],
      idp: '00o1',
      preferred_username: 'ada@example.com',
    },
  }),
}
