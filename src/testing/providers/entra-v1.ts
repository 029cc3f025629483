import { TENANT, JWT, idClaims, baseClaims, type Provider } from './provider.js'

/** Microsoft Entra ID, v1.0 tokens: what an API registration gets unless it asks for v2.0. */
export const entraV1: Provider = {
  issuer: `https://sts.windows.net/${TENANT}/`,
  audience: 'api://orders',
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      nbf: context.now,
      appid: context.clientId,
      appidacr: '1',
      tid: TENANT,
      scp: 'orders.read',
      ver: '1.0',
    },
  }),
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      nbf: context.now,
      appid: context.clientId,
      appidacr: '1',
      tid: TENANT,
      roles: ['Orders.All'],
      ver: '1.0',
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: { ...idClaims(context), nbf: context.now, tid: TENANT, unique_name: 'ada@example.com', ver: '1.0' },
  }),
}
