/**
 * The signature algorithms that this library knows, and the keys that each one fits.
 *
 * `curve` is the only curve of an algorithm (RFC 7518 §3.4, RFC 8037, RFC 9864).
 */
const keyTypes = {
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  ES256: { kty: 'EC', curve: 'P-256' },
  ES384: { kty: 'EC', curve: 'P-384' },
  ES512: { kty: 'EC', curve: 'P-521' },
  EdDSA: { kty: 'OKP', curve: 'Ed25519' },
  Ed25519: { kty: 'OKP', curve: 'Ed25519' },
  HS256: { kty: 'oct' },
  HS384: { kty: 'oct' },
  HS512: { kty: 'oct' },
} as const satisfies Readonly<Record<string, { kty: string; curve?: string }>>

/** The name of a signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2). */
export type Algorithm = keyof typeof keyTypes

/** Tells whether an algorithm is meant for a key of this type and curve. */
export function fitsKey(algorithm: Algorithm, kty: unknown, crv: unknown): boolean {
  const { kty: type, ...rest } = keyTypes[algorithm]
  return type === kty && (!('curve' in rest) || rest.curve === crv)
}

/** Every algorithm, the asymmetric ones first. */
export const algorithmNames = Object.keys(keyTypes) as unknown as readonly [Algorithm, ...Algorithm[]] // keys of the literal above

/** Tells whether an algorithm's key is a secret that the verifier shares with the issuer. */
export function isSymmetric(algorithm: Algorithm): boolean {
  return keyTypes[algorithm].kty === 'oct'
}

/** What is allowed where nothing else is configured: asymmetric algorithms. */
export const defaultAlgorithms: readonly Algorithm[] = Object.freeze(
  algorithmNames.filter((name) => !isSymmetric(name)),
)
