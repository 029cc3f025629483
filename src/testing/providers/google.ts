import { CLIENT, JWT, idClaims, baseClaims, type Provider } from './provider.js'

/** Google, whose access tokens are opaque: both are ID tokens, and both are refused. */
export const google: Provider = {
  issuer: 'https://accounts.google.com',
  audience: `${CLIENT}.apps.googleusercontent.com`,
  access: (context) => ({
    header: JWT,
    claims: { ...baseClaims(context), azp: context.audience, email: 'ada@example.com', email_verified: true },
  }),
  id: (context) => ({
    header: JWT,
    claims: { ...idClaims(context), azp: context.clientId, email: 'ada@example.com', email_verified: true },
  }),
}
