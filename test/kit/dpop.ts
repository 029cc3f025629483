import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import type { Store } from '../../src/stores/store.js'
import { createDpop, type Dpop, type DpopSettings } from '../../src/binding/dpop/create-dpop.js'
import type { PresentedProof } from '../../src/binding/dpop/proof.js'
import { defaultAlgorithms } from '../../src/issuers/algorithms.js'
import { createMemoryStore } from '../../src/stores/memory-store.js'

export const NOW = 1_800_000_000
export const ORIGIN = 'https://api.example.com'
export const TOKEN = 'header.payload.signature'

/** A key pair of a client, and how it signs. */
export interface ClientKey {
  readonly alg: string
  readonly privateKey: KeyObject
  readonly jwk: Readonly<Record<string, unknown>>
  readonly thumbprint: string
}

const hashes: Readonly<Record<string, string | undefined>> = {
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  PS256: 'sha256',
  RS256: 'sha256',
}

export function createClientKey(alg = 'ES256'): ClientKey {
  const curve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[alg]
  const { publicKey, privateKey } =
    curve !== undefined
      ? generateKeyPairSync('ec', { namedCurve: curve })
      : alg === 'EdDSA' || alg === 'Ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = publicKey.export({ format: 'jwk' })
  const needed = Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1))
  const thumbprint = createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(needed)))
    .digest('base64url')
  return { alg, privateKey, jwk: { ...jwk }, thumbprint }
}

/** What a proof says: members of its header and payload beside the right ones, or `undefined` to leave one out. */
export interface ProofChanges {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
}

export const athOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Signs the texts of a header and a payload as they are. */
export function signTexts(key: ClientKey, header: string, payload: string): string {
  const signed = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
  const pss = key.alg.startsWith('PS') ? { padding: 6, saltLength: -1 } : {}
  const signature = sign(hashes[key.alg], Buffer.from(signed), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
    ...pss,
  })
  return `${signed}.${signature.toString('base64url')}`
}

/** Makes a proof for GET /orders with the token, by default a good one. */
export function createProof(key: ClientKey, { header = {}, claims = {} }: ProofChanges = {}): string {
  return signTexts(
    key,
    JSON.stringify({ typ: 'dpop+jwt', alg: key.alg, jwk: key.jwk, ...header }),
    JSON.stringify({ jti: randomUUID(), htm: 'GET', htu: `${ORIGIN}/orders`, iat: NOW, ath: athOf(TOKEN), ...claims }),
  )
}

/** A taker of proofs whose clock the test moves. */
export function dpopAt(settings: Partial<DpopSettings> = {}): {
  dpop: Dpop
  store: Store
  at: (seconds: number) => void
} {
  let now = NOW
  const clock = (): number => now * 1000
  const store = settings.store ?? createMemoryStore({ clock })
  const dpop = createDpop({
    origin: ORIGIN,
    algorithms: defaultAlgorithms,
    proofMaxAgeSeconds: 60,
    futureSeconds: 10,
    nonce: undefined,
    storeTimeoutSeconds: 1,
    clock,
    ...settings,
    store,
  })
  return {
    dpop,
    store,
    at: (seconds) => {
      now = NOW + seconds
    },
  }
}

/** How a proof comes by default: for GET /orders, with the token bound to the key. */
export function present(
  key: ClientKey,
  proof: string | undefined,
  changes: Partial<PresentedProof> = {},
): PresentedProof {
  return { proof, method: 'GET', target: '/orders', token: TOKEN, boundTo: key.thumbprint, ...changes }
}
