// Nothing but the checks that every library makes, written out, on the thread pool: what a check by hand would come to.
import { createPublicKey, verify } from 'node:crypto'

export function createVerifier({ issuer, audience, publicKey, algorithm }) {
  const pem = createPublicKey(publicKey)
  const key = algorithm === 'ES256' ? { key: pem, dsaEncoding: 'ieee-p1363' } : pem
  const digest = algorithm === 'EdDSA' ? null : 'sha256'
  return (token) =>
    new Promise((resolve, reject) => {
      const [header, payload, signature] = token.split('.')
      const claims = read(payload)
      if (
        read(header).alg !== algorithm ||
        claims.iss !== issuer ||
        claims.aud !== audience ||
        !(claims.exp > Date.now() / 1000)
      ) {
        throw new Error('another token')
      }
      const input = Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1')
      verify(digest, input, key, Buffer.from(signature, 'base64url'), (error, isGood) => {
        if (isGood) resolve(claims)
        else reject(error ?? new Error('bad signature'))
      })
    })
}

function read(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString())
}
