// https://github.com/nearform/fast-jwt: the key as PEM, or through https://github.com/nearform/get-jwks as that one's README says.
import { createVerifier as createFastVerifier } from 'fast-jwt'
import buildGetJwks from 'get-jwks'
import { bearer } from './bearer.js'

export function createVerifier({ issuer, audience, algorithm, publicKey, jwksDomain, options }) {
  return createFastVerifier({
    key: options.keys === 'pem' ? publicKey : keyFrom(jwksDomain),
    algorithms: [algorithm],
    allowedIss: issuer,
    allowedAud: audience,
    // A claim that is not there is not compared unless it is required.
    requiredClaims: ['iss', 'aud', 'exp'],
    ...(options.cacheSize === undefined ? {} : { cache: options.cacheSize }),
  })
}

export function createMiddleware(setup) {
  return bearer(createVerifier(setup))
}

function keyFrom(domain) {
  const getJwks = buildGetJwks({ issuersWhitelist: [domain] })
  return async ({ header }) => getJwks.getPublicKey({ kid: header.kid, alg: header.alg, domain })
}
