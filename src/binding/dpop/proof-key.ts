import { createPublicKey, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { readJwk, type KeyMaterial } from '../../issuers/jwk-rules.js'
import { fitsKey, type Algorithm } from '../../issuers/algorithms.js'
import { isJsonObject, ownMember } from '../../lib/strict-json.js'

/** Keys that are kept imported: as many clients as there are at a time. */
const MAX_KEYS = 5000

/**
 * Reads the public key in the header of a proof, or says in a text why it cannot serve. It must be written in the one spelling
 * of RFC 7518: what its thumbprint is must not depend on who computes it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.2 | RFC 9449 §4.2}
 */
export function readProofKey(jwk: unknown, algorithm: Algorithm): KeyMaterial | string {
  const material = readJwk(jwk, { source: 'proof', issuer: undefined })
  if (typeof material === 'string' || !isJsonObject(jwk))
    return typeof material === 'string' ? material : 'it is not an object'
  if (Object.entries(material).some(([name, text]) => ownMember(jwk, name) !== text)) {
    return 'its numbers are not in canonical base64url'
  }
  const alg = ownMember(jwk, 'alg')
  if (alg !== undefined && alg !== algorithm) return 'its "alg" is another than that of the proof'
  return fitsKey(algorithm, material) ? material : 'it does not fit the algorithm of the proof'
}

/** Imports keys by their thumbprint, and keeps those that came last. */
export function createKeyImporter(): (material: KeyMaterial, thumbprint: string) => KeyObject | undefined {
  const keys = new LRUCache<string, KeyObject>({ max: MAX_KEYS })
  return (material, thumbprint) => {
    const known = keys.get(thumbprint)
    if (known !== undefined) return known
    try {
      const key = createPublicKey({ key: { ...material }, format: 'jwk' })
      keys.set(thumbprint, key)
      return key
    } catch {
      // A point that is not on its curve, say.
      return undefined
    }
  }
}
