import { TENANT, JWT, idClaims, baseClaims, type Provider } from './provider.js'

/** Microsoft Entra ID, v2.0 tokens. */
export const entra: Provider = {
  issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  audience: 'b14a7505-96e9-4927-91e8-0601d0fc9caa',
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      nbf: context.now,
      azp: context.clientId,
      azpacr: '1',
      oid: '00000000-0000-0000-66f3-3332eca7ea81',
      tid: TENANT,
      roles: ['Orders.Clerk'],
      scp: 'orders.read',
      uti: 'q1',
      ver: '2.0',
    },
  }),
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      nbf: context.now,
      azp: context.clientId,
      azpacr: '1',
      oid: '00000000-0000-0000-66f3-3332eca7ea82',
      tid: TENANT,
      roles: ['Orders.All'],
      ver: '2.0',
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      nbf: context.now,
      oid: '00000000-0000-0000-66f3-3332eca7ea81',
      tid: TENANT,
      roles: ['Orders.Clerk'],
      preferred_username: 'ada@example.com',
      ver: '2.0',
    },
  }),
}
