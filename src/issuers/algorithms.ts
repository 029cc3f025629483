/**
 * The signature algorithms that this library knows, and the keys that each one fits.
 *
 * `curve` is the only curve of an algorithm (RFC 7518 §3.4, RFC 8037, RFC 9864), `secretBytes` the least size of its secret
 * (RFC 7518 §3.2).
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
  HS256: { kty: 'oct', secretBytes: 32 },
  HS384: { kty: 'oct', secretBytes: 48 },
  HS512: { kty: 'oct', secretBytes: 64 },
} as const satisfies Readonly<Record<string, KeyType>>

/** The name of a signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2). */
export type Algorithm = keyof typeof keyTypes

interface KeyType {
  readonly kty: string
  readonly curve?: string
  readonly secretBytes?: number
}

/** Tells whether an algorithm is meant for a JWK of this type, curve and size of secret. */
export function fitsKey(
  algorithm: Algorithm,
  { kty, crv, k = '' }: { readonly kty: string; readonly crv?: string; readonly k?: string },
): boolean {
  const needed: KeyType = keyTypes[algorithm]
  if (needed.kty !== kty || (needed.curve !== undefined && needed.curve !== crv)) return false
  return needed.secretBytes === undefined || Buffer.from(k, 'base64url').length >= needed.secretBytes
}

/** Every algorithm, the asymmetric ones first. */
export const algorithmNames = Object.keys(keyTypes) as unknown as readonly [Algorithm, ...Algorithm[]] // keys of the literal above

/** Tells whether an algorithm's key is a secret that the verifier shares with the issuer. */
export function isSymmetric(algorithm: Algorithm): boolean {
  return keyTypes[algorithm].kty === 'oct'
}

/** Why a secret does not do where a public key would, and what to do; it goes on from there. */
export const ABOUT_SECRETS =
  'and whoever verifies with one can make tokens too: have the issuer sign with an asymmetric key (ES256, RS256)'

/** What is allowed where nothing else is configured: asymmetric algorithms. */
export const defaultAlgorithms: readonly Algorithm[] = Object.freeze(
  algorithmNames.filter((name) => !isSymmetric(name)),
)
