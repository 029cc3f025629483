import { CLIENT, type Provider } from './provider.js'

/** Spring Authorization Server, as it is; the audience is the client. */
export const spring: Provider = {
  issuer: 'https://spring.example.com',
  audience: CLIENT,
  access: ({ issuer, audience, now, uuid }) => ({
    header: {},
    claims: {
      sub: 'user-1',
      aud: audience,
      nbf: now,
      scope: ['orders.read', 'openid'],
      iss: issuer,
      exp: now + 300,
      iat: now,
      jti: uuid,
    },
  }),
  app: ({ issuer, audience, clientId, now, uuid }) => ({
    header: {},
    claims: {
      sub: clientId,
      aud: audience,
      nbf: now,
      scope: ['orders.read'],
      iss: issuer,
      exp: now + 300,
      iat: now,
      jti: uuid,
    },
  }),
  // Without a hash, and with a nonce only where the client sent one.
  id: ({ issuer, clientId, now, uuid }) => ({
    header: {},
    claims: {
      sub: 'user-1',
      aud: clientId,
      azp: clientId,
      auth_time: now,
      iss: issuer,
      exp: now + 1800,
      iat: now,
      jti: uuid,
      sid: uuid,
    },
  }),
}
