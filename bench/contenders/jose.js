// https://github.com/panva/jose, "JWT Claims Set Validation & Signature Verification" with a remote JWK Set.
import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { bearer } from './bearer.js'

export function createVerifier({ issuer, audience, jwksUri, algorithm, options: { jwks } = {} }) {
  const keys = jwks === undefined ? createRemoteJWKSet(new URL(jwksUri)) : createLocalJWKSet(jwks)
  // jose demands the claims that it is told to compare; "exp" it must be told to.
  const options = { issuer, audience, algorithms: [algorithm], requiredClaims: ['exp'] }
  return async (token) => (await jwtVerify(token, keys, options)).payload
}

export function createMiddleware(setup) {
  return bearer(createVerifier(setup))
}

/** Any of many issuers, each with the keys that it is given. */
export function createTenantVerifier({ audience, algorithm, options: { issuers, jwks } }) {
  const keys = new Map(issuers.map((issuer) => [issuer, createLocalJWKSet(jwks)]))
  return async (token) => {
    const { iss: issuer } = decodeJwt(token)
    const own = keys.get(issuer)
    if (own === undefined) throw new Error('unknown issuer')
    return (await jwtVerify(token, own, { issuer, audience, algorithms: [algorithm], requiredClaims: ['exp'] })).payload
  }
}
