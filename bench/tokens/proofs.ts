import { createHash, randomUUID, type KeyObject } from 'node:crypto'
import type { BenchAlgorithm } from './keys.js'
import { generateKey } from './keys.js'
import { signToken } from './mint.js'

export const origin = 'https://api.example.com'

/** A key of a client, to which tokens are bound. */
export interface ClientKey {
  readonly algorithm: BenchAlgorithm
  readonly key: KeyObject
  readonly jwk: Readonly<Record<string, unknown>>
  readonly thumbprint: string
}

export function createClientKey(algorithm: BenchAlgorithm): ClientKey {
  const { privateKey, publicKey } = generateKey(algorithm)
  const jwk = publicKey.export({ format: 'jwk' })
  const needed = Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    algorithm,
    key: privateKey,
    jwk: { ...jwk },
    thumbprint: digest(JSON.stringify(Object.fromEntries(needed))),
  }
}

/** A proof for GET /orders with this token, no two of them the same. */
export function createProof(token: string, { algorithm, key, jwk }: ClientKey): string {
  const claims = {
    jti: randomUUID(),
    htm: 'GET',
    htu: `${origin}/orders`,
    iat: Math.floor(Date.now() / 1000),
    ath: digest(token),
  }
  return signToken({ typ: 'dpop+jwt', alg: algorithm, jwk }, claims, { kid: '', algorithm, key })
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
