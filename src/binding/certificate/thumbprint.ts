import { createHash } from 'node:crypto'

/**
 * Computes the thumbprint of a certificate, as it stands in `cnf["x5t#S256"]`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-3.1 | RFC 8705 §3.1}
 */
export function thumbprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('base64url')
}
