import { randomBytes } from 'node:crypto'
import { createAuthenticator } from '../../../src/authenticator.js'
import type { Algorithm } from '../../../src/issuers/algorithms.js'
import { createKey, forgeToken, signer, type ForgeKey, type KeyKind } from '../../kit/forge.js'

const ISSUER = 'https://issuer.example.com'
const NOW = 1_800_000_000
const CLAIMS = { iss: ISSUER, aud: 'api', sub: 'user-1', iat: NOW, exp: NOW + 300 }

/** What signs, what verifies, and how many bytes a signature has (RFC 7518 3.2 to 3.5, RFC 8037 3.1). */
type Row = readonly [algorithm: Algorithm, kind: KeyKind | number, bytes: number]

const rows: readonly Row[] = [
  ['RS256', 'RSA', 256],
  ['RS384', 'RSA', 256],
  ['RS512', 'RSA', 256],
  ['PS256', 'RSA', 256],
  ['PS384', 'RSA', 256],
  ['PS512', 'RSA', 256],
  ['ES256', 'P-256', 64],
  ['ES384', 'P-384', 96],
  ['ES512', 'P-521', 132],
  ['EdDSA', 'Ed25519', 64],
  ['Ed25519', 'Ed25519', 64],
  ['HS256', 32, 32],
  ['HS384', 48, 48],
  ['HS512', 64, 64],
]

const keys = new Map<KeyKind, readonly [ForgeKey, ForgeKey]>()

/** A key and another one of its kind: what to sign with and what to publish. */
function pairOf(kind: KeyKind | number) {
  if (typeof kind === 'number') {
    const secrets = [randomBytes(kind), randomBytes(kind)] as const
    return secrets.map((secret) => ({ key: secret, jwk: { kty: 'oct', k: secret.toString('base64url') } }))
  }
  const pair = keys.get(kind) ?? ([createKey(kind), createKey(kind)] as const)
  keys.set(kind, pair)
  return pair.map((key) => ({ key, jwk: key.jwk }))
}

describe.each(rows)('%s', (algorithm, kind, bytes) => {
  const [own, other] = pairOf(kind)
  if (own === undefined || other === undefined) throw new Error('There are two.')
  const authenticator = createAuthenticator({
    issuer: ISSUER,
    audience: 'api',
    jwks: { keys: [{ ...own.jwk, alg: algorithm }] },
    algorithms: [algorithm],
    clock: () => NOW * 1000,
    verifiedTokenCache: false,
  })
  const header = { alg: algorithm, typ: 'at+jwt' }
  const good = forgeToken(header, CLAIMS, signer(algorithm, own.key))
  const signed = good.slice(0, good.lastIndexOf('.'))
  const signature = Buffer.from(good.slice(good.lastIndexOf('.') + 1), 'base64url')
  const judge = async (bytesOfSignature: Uint8Array): Promise<string> => {
    const token = `${signed}.${Buffer.from(bytesOfSignature).toString('base64url')}`
    return authenticator.verifyToken(token).then(
      () => 'accepted',
      (error: unknown) => (error as { code: string }).code,
    )
  }

  it('verifies with its key', async () => {
    expect(signature).toHaveLength(bytes)
    expect(await judge(signature)).toBe('accepted')
  })

  // RFC 8017 8.1.2, 8.2.2: a signature is as long as the modulus. One in 256 begins with a zero.
  if (/^[RP]S/.test(algorithm))
    it('does not verify without its leading zero', async () => {
      for (let count = 0; ; count++) {
        const one = forgeToken(header, { ...CLAIMS, count }, signer(algorithm, own.key))
        const [head = '', payload = '', encoded = ''] = one.split('.')
        const bytesOfOne = Buffer.from(encoded, 'base64url')
        if (bytesOfOne[0] !== 0) continue
        await expect(authenticator.verifyToken(one)).resolves.toBeDefined()
        const shorter = `${head}.${payload}.${bytesOfOne.subarray(1).toString('base64url')}`
        await expect(authenticator.verifyToken(shorter)).rejects.toMatchObject({ code: 'invalid_signature' })
        return
      }
    })

  it('does not verify with another key, with a bit more or less, or cut or drawn out', async () => {
    const foreign = signer(algorithm, other.key)(signed)
    const flipped = [0, bytes >> 1, bytes - 1].map((at) => signature.map((byte, n) => (n === at ? byte ^ 1 : byte)))
    const lengths = [signature.subarray(1), signature.subarray(0, -1), Buffer.concat([signature, Buffer.from([0])])]
    for (const wrong of [foreign, ...flipped, ...lengths, Buffer.alloc(bytes), Buffer.alloc(1)]) {
      expect(await judge(wrong)).toBe('invalid_signature')
    }
  })
})
