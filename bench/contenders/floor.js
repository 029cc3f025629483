// Nothing but the signature, with the key at hand: nobody can be below it without leaving the check out.
import { createPublicKey, verify } from 'node:crypto'

export function createVerifier({ publicKey, algorithm }) {
  const pem = createPublicKey(publicKey)
  const key = algorithm === 'ES256' ? { key: pem, dsaEncoding: 'ieee-p1363' } : pem
  const digest = algorithm === 'EdDSA' ? null : 'sha256'
  return (token) => {
    const end = token.lastIndexOf('.')
    const signature = Buffer.from(token.slice(end + 1), 'base64url')
    if (!verify(digest, Buffer.from(token.slice(0, end), 'latin1'), key, signature)) throw new Error('bad signature')
  }
}
