import {
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  type JsonWebKey,
  type KeyPairKeyObjectResult,
} from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { cacheFile } from './cache.js'

export type BenchAlgorithm = 'RS256' | 'ES256' | 'EdDSA'

export interface SigningKey {
  readonly kid: string
  readonly algorithm: BenchAlgorithm
  /** PEM, PKCS #8. */
  readonly privateKey: string
}

export const algorithms: readonly BenchAlgorithm[] = ['RS256', 'ES256', 'EdDSA']
/** Keys of the large key sets that sign; the others are there to be passed by. */
const SIGNERS_PER_SET = 10

/** The key of each algorithm: made once, then read, so that the tokens on disk stay good. */
export function signingKey(algorithm: BenchAlgorithm): SigningKey {
  return storedKeys(algorithm, 1)[0] ?? fail()
}

/** The keys that sign in a set of this size. */
export function signersFor(setSize: number): readonly SigningKey[] {
  return storedKeys('RS256', SIGNERS_PER_SET).slice(0, setSize)
}

/** The public half as an issuer publishes it. */
export function publicJwk({ kid, algorithm, privateKey }: SigningKey): JsonWebKey {
  return { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }
}

export function publicPem({ privateKey }: SigningKey): string {
  return createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString()
}

/**
 * A key set of this size, the signers spread over it.
 *
 * What fills it are numbers of the size of an RSA modulus: nobody signs with them, and nobody can tell before trying.
 */
export function keySetOf(setSize: number): readonly JsonWebKey[] {
  const signers = signersFor(setSize)
  const step = setSize / signers.length
  const set = Array.from({ length: setSize }, (): JsonWebKey => fillerJwk())
  signers.forEach((signer, index) => {
    set[Math.floor((index + 0.5) * step)] = publicJwk(signer)
  })
  return set
}

function fillerJwk(): JsonWebKey {
  const modulus = randomBytes(256)
  modulus[0] = 0x80 | (modulus[0] ?? 0)
  modulus[255] = 1 | (modulus[255] ?? 0)
  return { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB', kid: randomUUID(), alg: 'RS256', use: 'sig' }
}

function storedKeys(algorithm: BenchAlgorithm, count: number): readonly SigningKey[] {
  const file = cacheFile('keys', `${algorithm}-${String(count)}.json`)
  // Nobody but this function writes it.
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SigningKey[]
  const keys = Array.from({ length: count }, () => createKey(algorithm))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 })
  return keys
}

function createKey(algorithm: BenchAlgorithm): SigningKey {
  const { privateKey } = generateKey(algorithm)
  return { kid: randomUUID(), algorithm, privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() }
}

export function generateKey(algorithm: BenchAlgorithm): KeyPairKeyObjectResult {
  switch (algorithm) {
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 })
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 'EdDSA':
      return generateKeyPairSync('ed25519')
  }
}

function fail(): never {
  throw new Error('There is no key.')
}
