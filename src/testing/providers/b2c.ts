import { JWT, TENANT, baseClaims, idClaims, type Provider } from './provider.js'

const POLICY = 'B2C_1_signin'

/** Azure AD B2C, a user flow; the access token of its implicit flow, with the client's nonce. */
export const b2c: Provider = {
  issuer: `https://contoso.b2clogin.com/${TENANT}/v2.0/`,
  jwksUri: `https://contoso.b2clogin.com/contoso.onmicrosoft.com/${POLICY}/discovery/v2.0/keys`,
  audience: '90c0fe63-bcf2-44d5-8fb7-b8bbc0b29dc6',
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      nbf: context.now,
      ver: '1.0',
      nonce: 'n-0S6_WzA2Mj',
      auth_time: context.now,
      azp: context.clientId,
      scp: 'orders.read',
      tfp: POLICY,
    },
  }),
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      sub: 'service-principal-1',
      nbf: context.now,
      ver: '1.0',
      azp: context.clientId,
      scp: 'app.read app.write',
      tfp: POLICY,
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: { ...idClaims(context), nbf: context.now, ver: '1.0', tfp: POLICY },
  }),
}
