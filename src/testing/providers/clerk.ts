import { API, JWT, baseClaims, idClaims, type Provider } from './provider.js'

/** Clerk: a session token, version 2, to which an audience was added. */
export const clerk: Provider = {
  issuer: 'https://orders-1.clerk.accounts.dev',
  audience: API,
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      azp: 'https://app.example.com',
      fva: [7, -1],
      jti: context.uuid,
      nbf: context.now,
      o: { id: 'org_1', slg: 'acme', rol: 'clerk', per: 'read,manage' },
      pla: 'u:free',
      sid: 'sess_1',
      sts: 'active',
      v: 2,
    },
  }),
  id: (context) => ({ header: JWT, claims: idClaims(context) }),
}
