import { CLIENT, JWT, type Provider } from './provider.js'

/** OpenAuth, whose only JWTs are access tokens. Up to 0.4 they have no `iat`. */
export const openauth: Provider = {
  issuer: 'https://auth.example.com',
  audience: CLIENT,
  access: ({ issuer, audience, now }) => ({
    header: JWT,
    claims: {
      mode: 'access',
      type: 'user',
      properties: { id: '1' },
      aud: audience,
      iss: issuer,
      sub: 'user:bc82b5a0f2f1f2e1',
      exp: now + 300,
    },
  }),
}
