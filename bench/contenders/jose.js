// https://github.com/panva/jose, "JWT Claims Set Validation & Signature Verification" with a remote JWK Set.
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { bearer } from './bearer.js'

export function createVerifier({ issuer, audience, jwksUri, algorithm }) {
  const keys = createRemoteJWKSet(new URL(jwksUri))
  // jose demands the claims that it is told to compare; "exp" it must be told to.
  const options = { issuer, audience, algorithms: [algorithm], requiredClaims: ['exp'] }
  return async (token) => (await jwtVerify(token, keys, options)).payload
}

export function createMiddleware(setup) {
  return bearer(createVerifier(setup))
}
