import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'

/** A DPoP proof as it came to this issuer, and what it must be for. */
export interface IssuerProof {
  readonly proof: string
  readonly method: string
  /** Without query and fragment. */
  readonly uri: string
  /** In seconds since the epoch. */
  readonly now: number
}

const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256']

/** How old a proof may be, in seconds, and how far ahead. */
const WINDOW_SECONDS = 60

/**
 * Finds the thumbprint of the key that a proof shows, or `undefined` when it is none (RFC 9449 §4.3). That the same proof comes
 * twice is NOT looked for: this issuer is for development.
 */
export async function checkProof({ proof, method, uri, now }: IssuerProof): Promise<string | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ALGORITHMS,
      currentDate: new Date(now * 1000),
    })
    const { htm, htu, iat, jti } = payload
    const isFor = htm === method && typeof htu === 'string' && htu.replace(/[?#].*/, '') === uri
    const isFresh = typeof iat === 'number' && Math.abs(now - iat) <= WINDOW_SECONDS
    const { jwk } = protectedHeader
    if (!isFor || !isFresh || typeof jti !== 'string' || jwk === undefined) return undefined
    return await calculateJwkThumbprint(jwk)
  } catch {
    return undefined
  }
}
