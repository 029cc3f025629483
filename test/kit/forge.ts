/**
 * Makes tokens that no honest issuer makes: any header, any payload, any bytes, any signature. Nothing here uses jose, so that
 * what is sent is what was written, and a shared mistake cannot hide.
 *
 * @example
 *   const key = createKey('RSA', { kid: 'a' })
 *   const token = forgeToken({ alg: 'RS256', kid: 'a' }, '{"sub":"a","sub":"b"}', key.sign)
 */
import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  sign as signBytes,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto'

/** What a key is made of. */
export type KeyKind =
  'RSA' | 'P-256' | 'P-384' | 'P-521' | 'secp256k1' | 'P-224' | 'Ed25519' | 'Ed448' | 'X25519' | 'X448'

/** A public JWK, or something that only looks like one. */
export type Jwk = Readonly<Record<string, unknown>>

/** Makes the signature over a signing input (`header.payload`). */
export type Sign = (signingInput: string) => Buffer

/** Whoever makes the third segment, and what a header says of that. */
export interface Signer {
  readonly alg: string
  readonly kid: string
  readonly sign: Sign
}

/** A key pair: what it signs with, by its usual algorithm, and what it publishes. */
export interface ForgeKey extends Signer {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public JWK to publish. */
  readonly jwk: Jwk
}

export interface KeyOptions {
  /** Default: `'KIND-1'`, `'KIND-2'`, ... */
  readonly kid?: string
  /** What it signs with and is published for. Default: what an honest JWK of the kind names. */
  readonly alg?: string
  /** Of RSA keys. Default: 2048. */
  readonly modulusLength?: number
  /** Of RSA keys. Default: 65537. */
  readonly publicExponent?: number
  /** Members to change in the published JWK; `undefined` takes one out. */
  readonly members?: Jwk
}

/** What stands in one segment: an object becomes JSON, text and bytes are taken literally. */
export type Content = object | string | Uint8Array

/** The algorithm that an honest JWK of the kind names. */
const USUAL_ALGORITHMS: Readonly<Partial<Record<KeyKind, string>>> = {
  RSA: 'RS256',
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  secp256k1: 'ES256K',
  Ed25519: 'EdDSA',
  Ed448: 'EdDSA',
}

let created = 0

/** Creates a key pair. Its JWK has `kid`, `use: 'sig'` and the usual `alg`, unless `members` says otherwise. */
export function createKey(kind: KeyKind, options: KeyOptions = {}): ForgeKey {
  created++
  const { kid = `${kind}-${String(created)}`, alg = USUAL_ALGORITHMS[kind], members = {} } = options
  const { publicKey, privateKey } = generatePair(kind, options)
  const jwk = withoutUndefined({ ...exportPublic(publicKey, kind), kid, use: 'sig', alg, ...members })
  // A key that signs nothing names no algorithm, and throws when it is told to.
  return { ...signAs(alg ?? kind, privateKey, kid), privateKey, publicKey, jwk }
}

/** Returns a key with other members in its published JWK; `undefined` takes one out. */
export function republish(key: ForgeKey, members: Jwk): ForgeKey {
  return { ...key, jwk: withoutUndefined({ ...key.jwk, ...members }) }
}

function generatePair(kind: KeyKind, { modulusLength = 2048, publicExponent }: KeyOptions): KeyPairKeyObjectResult {
  switch (kind) {
    case 'RSA':
      return publicExponent === undefined
        ? generateKeyPairSync('rsa', { modulusLength })
        : generateKeyPairSync('rsa', { modulusLength, publicExponent })
    case 'Ed25519':
      return generateKeyPairSync('ed25519')
    case 'Ed448':
      return generateKeyPairSync('ed448')
    case 'X25519':
      return generateKeyPairSync('x25519')
    case 'X448':
      return generateKeyPairSync('x448')
    case 'P-224':
      return generateKeyPairSync('ec', { namedCurve: 'secp224r1' })
    default:
      return generateKeyPairSync('ec', { namedCurve: kind })
  }
}

/** Node exports no JWK of a P-224 key: RFC 7518 does not know the curve. */
function exportPublic(publicKey: KeyObject, kind: KeyKind): Jwk {
  if (kind !== 'P-224') return { ...publicKey.export({ format: 'jwk' }) }
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-56)
  return { kty: 'EC', crv: kind, x: encode(point.subarray(0, 28)), y: encode(point.subarray(28)) }
}

/**
 * Signs by the rules of an algorithm of RFC 7518, with whatever key: HS* also takes bytes or text as the secret, and an RSA
 * key signs RS* and PS* alike. What is signed is what goes over the wire: latin1.
 *
 * @throws {TypeError} When it signs what the platform cannot do, ES256 with an RSA key say.
 */
export function signer(algorithm: string, key: ForgeKey | KeyObject | Uint8Array | string): Sign {
  const hash = algorithm === 'ES256K' ? 'sha256' : `sha${algorithm.slice(2)}`
  if (algorithm.startsWith('HS')) {
    const secret = typeof key === 'string' || key instanceof Uint8Array ? key : publicPem(key)
    return (input) => createHmac(hash, secret).update(input, 'latin1').digest()
  }
  if (typeof key === 'string' || key instanceof Uint8Array) throw new TypeError(`${algorithm} needs a private key.`)
  const privateKey = 'privateKey' in key ? key.privateKey : key
  const options = {
    key: privateKey,
    // Each is for keys of its own kind, and none of the others' business.
    dsaEncoding: 'ieee-p1363',
    ...(algorithm.startsWith('PS') && {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
  } as const
  return (input) => signBytes(/^[REP]S/.test(algorithm) ? hash : null, Buffer.from(input, 'latin1'), options)
}

/** Signs by an algorithm and under the name of a key, whatever the key is for and is called. */
export function signAs(alg: string, key: ForgeKey, kid?: string): Signer
export function signAs(alg: string, key: KeyObject | Uint8Array | string, kid: string): Signer
export function signAs(alg: string, key: ForgeKey | KeyObject | Uint8Array | string, kid?: string): Signer {
  return { alg, kid: kid ?? (typeof key === 'object' && 'kid' in key ? key.kid : ''), sign: signer(alg, key) }
}

/** Signs with nothing: the bytes given stand in the third segment. */
export function fixedSignature(bytes: Uint8Array): Sign {
  return () => Buffer.from(bytes)
}

/**
 * Signs RS256 for a public key whose exponent was set to 1, without any private key: with `e = 1` the padded digest is its own
 * signature (EMSA-PKCS1-v1_5, RFC 8017 9.2).
 */
export function exponentOneSigner(modulusBytes = 256): Sign {
  const sha256Prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  return (input) => {
    const digestInfo = Buffer.concat([sha256Prefix, createHash('sha256').update(input).digest()])
    const padding = Buffer.alloc(modulusBytes - digestInfo.length - 3, 0xff)
    return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), digestInfo])
  }
}

/** The neutral element of Ed25519, as public key and as R: with it (R, S = 0) is a signature of every message. */
export const ED25519_NEUTRAL = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])

/** Signs EdDSA for the public key {@link ED25519_NEUTRAL}, without any private key. */
export const smallOrderSigner: Sign = fixedSignature(Buffer.concat([ED25519_NEUTRAL, Buffer.alloc(32)]))

/** Makes a compact JWS: the contents are encoded canonically, then signed. */
export function forgeToken(header: Content, payload: Content, sign: Sign): string {
  return joinSegments(encode(header), encode(payload), sign)
}

/** Makes a compact JWS of segments that are taken literally, padding and other mistakes included, and signed as they are. */
export function joinSegments(headerSegment: string, payloadSegment: string, sign: Sign): string {
  const input = `${headerSegment}.${payloadSegment}`
  return `${input}.${encode(sign(input))}`
}

/** Encodes one segment in canonical base64url. */
export function encode(content: Content): string {
  const isBytes = typeof content === 'string' || content instanceof Uint8Array
  return Buffer.from(isBytes ? content : JSON.stringify(content)).toString('base64url')
}

/** The three segments of a token. */
export function segmentsOf(token: string): [header: string, payload: string, signature: string] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [header, payload, signature]
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Every other spelling of the same bytes: the last character with its unused bits set. */
export function aliasesOf(segment: string): readonly string[] {
  const spareBits = segment.length % 4 === 2 ? 4 : segment.length % 4 === 3 ? 2 : 0
  const last = ALPHABET.indexOf(segment.charAt(segment.length - 1))
  const aliases = Array.from({ length: 2 ** spareBits }, (_, bits) => (last & ~(2 ** spareBits - 1)) | bits)
  return aliases.filter((index) => index !== last).map((index) => segment.slice(0, -1) + ALPHABET.charAt(index))
}

/** The segment with one bit of its bytes flipped. */
export function flipBit(segment: string, bit: number): string {
  const bytes = Buffer.from(segment, 'base64url')
  const at = bit >> 3
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
  return encode(bytes)
}

/** The PEM text of a public key (SPKI), as it is published and as an attacker would use it for a secret. */
export function publicPem(key: ForgeKey | KeyObject): string {
  const publicKey = 'publicKey' in key ? key.publicKey : key
  return publicKey.export({ format: 'pem', type: 'spki' }).toString()
}

/** The members that are there: `undefined` takes one out. */
export function withoutUndefined(members: Jwk): Jwk {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
