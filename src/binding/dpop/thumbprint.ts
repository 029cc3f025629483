import { hash } from 'node:crypto'
import type { KeyMaterial } from '../../issuers/jwk-rules.js'

/**
 * Computes the SHA-256 thumbprint of a public key: over the members that it needs, and no other.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7638#section-3 | RFC 7638 §3}
 */
export function computeThumbprint({ kty, crv, e, n, x, y }: KeyMaterial): string {
  // In the order of their names; those that a type of key does not have are left out of the text.
  return hash('sha256', JSON.stringify({ crv, e, kty, n, x, y }), 'base64url')
}
