import { constants, createHmac, timingSafeEqual, verify, type KeyObject } from 'node:crypto'
import type { Failure } from '../errors.js'
import type { Eventual } from '../lib/eventual.js'
import { isSymmetric, type Algorithm } from './algorithms.js'
import type { VerificationKey } from './verification-key.js'

/** How the platform verifies an algorithm (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1). */
export interface Scheme {
  /** Undefined where the algorithm brings its own. */
  readonly hash?: 'sha256' | 'sha384' | 'sha512'
  readonly padding?: number
  readonly saltLength?: number
  readonly dsaEncoding?: 'ieee-p1363'
}

const pkcs1 = { padding: constants.RSA_PKCS1_PADDING }
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const ecdsa = { dsaEncoding: 'ieee-p1363' } as const

const schemes: Readonly<Record<Algorithm, Scheme>> = {
  RS256: { hash: 'sha256', ...pkcs1 },
  RS384: { hash: 'sha384', ...pkcs1 },
  RS512: { hash: 'sha512', ...pkcs1 },
  PS256: { hash: 'sha256', ...pss },
  PS384: { hash: 'sha384', ...pss },
  PS512: { hash: 'sha512', ...pss },
  ES256: { hash: 'sha256', ...ecdsa },
  ES384: { hash: 'sha384', ...ecdsa },
  ES512: { hash: 'sha512', ...ecdsa },
  EdDSA: {},
  Ed25519: {},
  HS256: { hash: 'sha256' },
  HS384: { hash: 'sha384' },
  HS512: { hash: 'sha512' },
}

/** How the platform is told of an algorithm, to sign with it as it is verified. */
export function signatureForm(algorithm: Algorithm): Scheme {
  return schemes[algorithm]
}

const invalid: Failure = { code: 'invalid_signature' }
const otherSecret: Failure = {
  code: 'invalid_signature',
  detail:
    'the issuer has another secret than "jwks": "k" is base64url of the secret as it is written, Buffer.from(secret).toString("base64url")',
}

/**
 * Checks the signature of a compact JWS whose form has been checked, with the one algorithm that its key is for. Whatever
 * goes wrong in there, a signature that was not verified does not stand.
 *
 * It goes to `node:crypto` rather than to jose, for the same verdict with less work around it (test/oracle compares the two
 * on every algorithm): jose imports the keys, and the platform verifies. Asymmetric signatures are verified beside the event
 * loop, on the thread pool.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 | RFC 7515 §5.2}
 */
export function checkSignature(token: string, key: VerificationKey): Eventual<Failure | undefined> {
  return checkSignatureThen(token, key, (failure) => failure)
}

/** The same, and goes on with the answer: without a promise more for that. */
export function checkSignatureThen<Result>(
  token: string,
  { key, algorithm }: VerificationKey,
  next: (failure: Failure | undefined) => Eventual<Result>,
): Eventual<Result> {
  const end = token.lastIndexOf('.')
  const signed = Buffer.from(token.slice(0, end), 'latin1')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  const { hash, padding, saltLength, dsaEncoding } = schemes[algorithm]
  if (isSymmetric(algorithm)) return next(isAuthentic(hash, key, { signed, signature }) ? undefined : otherSecret)
  if (!isWholeRsaSignature(key, signature)) return next(invalid)
  return new Promise((resolve, reject) => {
    const conclude = (failure: Failure | undefined): void => {
      try {
        resolve(next(failure))
      } catch (error) {
        const thrown = error as Error // or whatever "next" threw
        reject(thrown)
      }
    }
    try {
      verify(hash, signed, { key, padding, saltLength, dsaEncoding }, signature, (error, verified) => {
        // The platform answers true, false or an error: only true verifies.
        conclude(error === null && verified ? undefined : invalid)
      })
    } catch {
      conclude(invalid)
    }
  })
}

/**
 * The platform takes a signature of RSASSA-PSS whose leading zeros are missing: one in 256 tokens would have two spellings.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8017#section-8.1.2 | RFC 8017 §8.1.2} step 1: as long as the modulus
 */
function isWholeRsaSignature({ asymmetricKeyDetails }: KeyObject, signature: Buffer): boolean {
  const bits = asymmetricKeyDetails?.modulusLength
  return bits === undefined || signature.length === Math.ceil(bits / 8)
}

function isAuthentic(
  hash: string | undefined,
  secret: KeyObject,
  { signed, signature }: { readonly signed: Buffer; readonly signature: Buffer },
): boolean {
  if (hash === undefined) return false
  const expected = createHmac(hash, secret).update(signed).digest()
  return expected.length === signature.length && timingSafeEqual(expected, signature)
}
