// https://github.com/awslabs/aws-jwt-verify, "Other IDPs".
import { JwtVerifier } from 'aws-jwt-verify'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import { bearer } from './bearer.js'

export function createVerifier({ issuer, audience, jwksUri }) {
  // Its own fetcher knows https only, and there is none on loopback; keys are fetched once, so this is not in the figures.
  const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() }
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri }, { jwksCache: new SimpleJwksCache({ fetcher }) })
  return (token) => verifier.verify(token)
}

export function createMiddleware(setup) {
  return bearer(createVerifier(setup))
}

/** Any of many issuers, each with the keys that it is given. */
export function createTenantVerifier({ audience, options: { issuers, jwks } }) {
  const verifier = JwtVerifier.create(issuers.map((issuer) => ({ issuer, audience })))
  for (const issuer of issuers) verifier.cacheJwks(jwks, issuer)
  return (token) => verifier.verify(token)
}
