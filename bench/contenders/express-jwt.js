// https://github.com/auth0/express-jwt with the key set of https://github.com/auth0/node-jwks-rsa, as its EXAMPLES.md joins them.
import { expressjwt } from 'express-jwt'
import jwksRsa from 'jwks-rsa'

export function createMiddleware({ issuer, audience, jwksUri, algorithm }) {
  return expressjwt({
    secret: jwksRsa.expressJwtSecret({ cache: true, rateLimit: true, jwksRequestsPerMinute: 5, jwksUri }),
    issuer,
    audience,
    algorithms: [algorithm],
  })
}

/** Its middleware, with the least request that it takes. */
export function createVerifier(setup) {
  const middleware = createMiddleware(setup)
  return (token) =>
    new Promise((resolve, reject) => {
      const req = { method: 'GET', headers: { authorization: `Bearer ${token}` } }
      void middleware(req, {}, (error) => {
        if (error) reject(error)
        else resolve(req.auth)
      })
    })
}
