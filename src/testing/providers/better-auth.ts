import { idClaims, type Provider } from './provider.js'

/** The JWT plugin of better-auth: the user of the session, signed. Issuer and audience are the base URL. */
export const betterAuth: Provider = {
  issuer: 'https://app.example.com',
  jwksUri: 'https://app.example.com/api/auth/jwks',
  audience: 'https://app.example.com',
  access: ({ issuer, audience, now }) => ({
    header: {},
    claims: {
      iat: now,
      name: 'Ada',
      email: 'ada@example.com',
      emailVerified: true,
      createdAt: '2026-11-01T00:00:00.000Z',
      updatedAt: '2026-11-01T00:00:00.000Z',
      id: 'user-1',
      sub: 'user-1',
      exp: now + 300,
      iss: issuer,
      aud: audience,
    },
  }),
  id: (context) => ({ header: {}, claims: idClaims(context) }),
}
