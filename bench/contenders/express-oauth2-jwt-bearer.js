// https://github.com/auth0/node-oauth2-jwt-bearer, "Library Initialization": the key set's address instead of discovery, where it is known.
import { auth } from 'express-oauth2-jwt-bearer'

export function createMiddleware({ issuer, audience, jwksUri }) {
  return auth(jwksUri === undefined ? { issuerBaseURL: issuer, audience } : { issuer, audience, jwksUri })
}

export function createVerifier(setup) {
  return callMiddleware(createMiddleware(setup))
}

/** Any of many issuers ("mcd"), each with the keys that it is given. */
export function createTenantVerifier({ audience, algorithm, options: { issuers, jwks } }) {
  const mcd = { issuers: issuers.map((issuer) => ({ issuer, alg: algorithm, publicKey: jwks })) }
  return callMiddleware(auth({ mcd, audience }))
}

/** It has no verifier of its own to call: this is its middleware, with the least request that it takes. */
function callMiddleware(middleware) {
  return (token) =>
    new Promise((resolve, reject) => {
      const req = {
        method: 'GET',
        url: '/',
        originalUrl: '/',
        protocol: 'http',
        headers: { host: 'api.example.com', authorization: `Bearer ${token}` },
        query: {},
        get: () => 'api.example.com',
        is: () => false,
      }
      void middleware(req, {}, (error) => {
        if (error) reject(error)
        else resolve(req.auth)
      })
    })
}
