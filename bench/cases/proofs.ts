import { createPrivateKey } from 'node:crypto'
import { signingKey } from '../tokens/keys.js'
import { claimsOf, headerOf, signToken } from '../tokens/mint.js'
import { createClientKey, createProof, origin, type ClientKey } from '../tokens/proofs.js'
import { headersWith } from './bearer.js'
import type { CaseGroup } from './case.js'

/** Requests of clients that hold a key: every proof is new, as each must be. */
export const boundTokens: readonly CaseGroup[] = [
  createGroup('DPoP, remembered token, known key', (calls) => {
    const client = createClientKey('ES256')
    const token = mint(0, client)
    return Array.from({ length: calls }, () => request(token, client))
  }),
  createGroup('DPoP, new token, new key', (calls) =>
    Array.from({ length: calls }, (_, index) => {
      const client = createClientKey('ES256')
      return request(mint(index, client), client)
    }),
  ),
]

function createGroup(id: string, make: (calls: number) => readonly (readonly string[])[]): CaseGroup {
  return {
    id,
    way: 'middleware',
    algorithm: 'ES256',
    inFlight: 32,
    warmUp: 2000,
    count: 300,
    // The proofs are made before they are sent.
    options: () => ({ dpop: { origin, proofMaxAgeSeconds: 3600 } }),
    make: (calls) => Promise.resolve([{ id, material: make(calls) }]),
  }
}

function mint(index: number, { thumbprint: jkt }: ClientKey): string {
  const { kid, algorithm, privateKey } = signingKey('ES256')
  const signer = { kid, algorithm, key: createPrivateKey(privateKey) }
  return signToken(headerOf(signer), { ...claimsOf(index, Math.floor(Date.now() / 1000)), cnf: { jkt } }, signer)
}

function request(token: string, client: ClientKey): readonly string[] {
  return [...headersWith(`DPoP ${token}`), 'DPoP', createProof(token, client)]
}
