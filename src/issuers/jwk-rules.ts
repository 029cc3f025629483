import { isCanonicalBase64Url, readBase64Url } from '../lib/base64url.js'
import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'
import { ABOUT_SECRETS } from './algorithms.js'

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv']
/** Why a private key is refused: whoever publishes one must hear of it. */
export const PRIVATE_KEY = 'it is a private key'
/** Why a secret is left out that nobody asked for. */
export const SHARED_SECRET = `it is a shared secret, ${ABOUT_SECRETS}`

const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 8192
const MIN_EXPONENT = 65_537
const COORDINATE_BYTES: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }
/** The leading zero octets that a coordinate may lack: more of them do not happen by chance. */
const MAX_MISSING_OCTETS = 4
const MAX_KID_LENGTH = 256
/** Stands for any tenant in the `issuer` of a key of Microsoft Entra. */
const TENANT = '{tenantid}'

/**
 * The y coordinates of the points of small order on Ed25519 and their other encodings, the sign bit cleared: with one of
 * these as a public key a signature can be made without the private key.
 */
const SMALL_ORDER_POINTS = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** Where a key comes from. */
export interface JwkOrigin {
  readonly source: 'configuration' | 'fetched' | 'proof'
  /** Whose it must be, where it says so: undefined for a key that came with a proof, which is no issuer's. */
  readonly issuer: string | undefined
}

/** What a key is made of, in the one spelling of RFC 7518 §6, however its issuer writes it. */
export interface KeyMaterial {
  readonly kty: string
  readonly crv?: string
  readonly n?: string
  readonly e?: string
  readonly x?: string
  readonly y?: string
  readonly k?: string
}

/**
 * Reads what a public key is made of, or says in a text why it cannot serve to verify signatures.
 *
 * One unusable key is skipped and never spoils the set. Symmetric keys pass only where the caller says that the set was
 * given in configuration: a secret that a URL serves is none. The same number is the same key: issuers write numbers of
 * keys with a zero octet too many or too few (Java's `BigInteger`), and in base64 rather than base64url. Nothing else is
 * read so, and of a token nothing at all.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-4 | RFC 7517 §4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-6 | RFC 7518 §6}
 */
export function readJwk(jwk: unknown, { source, issuer }: JwkOrigin): KeyMaterial | string {
  if (!isJsonObject(jwk)) return 'it is not an object'
  const kid = ownMember(jwk, 'kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH)) {
    return '"kid" is not a text of 1 to 256 characters'
  }
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) return PRIVATE_KEY
  if (!isOfIssuer(ownMember(jwk, 'issuer'), issuer)) return 'it belongs to another issuer'
  return checkUse(jwk) ?? readMaterial(jwk, source)
}

/** Microsoft Entra publishes the keys of many tenants in one set, and says of each key whose it is. */
function isOfIssuer(owner: unknown, issuer: string | undefined): boolean {
  if (owner === undefined || issuer === undefined) return true
  if (typeof owner !== 'string') return false
  const at = owner.indexOf(TENANT)
  if (at === -1) return owner === issuer
  const before = owner.slice(0, at)
  const after = owner.slice(at + TENANT.length)
  const tenant = issuer.slice(before.length, issuer.length - after.length)
  return issuer === before + tenant + after && /^[\w.-]+$/.test(tenant)
}

function checkUse(jwk: JsonObject): string | undefined {
  const use = ownMember(jwk, 'use')
  if (use !== undefined && use !== 'sig') return '"use" is not "sig"'
  const operations = ownMember(jwk, 'key_ops')
  if (operations === undefined) return undefined
  if (!Array.isArray(operations) || new Set(operations).size !== operations.length) return '"key_ops" is malformed'
  return operations.includes('verify') ? undefined : '"key_ops" lacks "verify"'
}

function readMaterial(jwk: JsonObject, source: JwkOrigin['source']): KeyMaterial | string {
  switch (ownMember(jwk, 'kty')) {
    case 'RSA':
      return readRsa(jwk)
    case 'EC':
      return readEc(jwk)
    case 'OKP':
      return readOkp(jwk)
    case 'oct':
      return source === 'configuration' ? readSecret(jwk) : SHARED_SECRET
    default:
      return '"kty" is unknown'
  }
}

function readRsa(jwk: JsonObject): KeyMaterial | string {
  const modulus = readInteger(jwk, 'n')
  const exponent = readInteger(jwk, 'e')
  if (modulus === undefined || exponent === undefined) return '"n" or "e" is malformed'
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return 'its modulus is shorter than 2048 or longer than 8192 bits'
  if (isEven(modulus)) return 'its modulus is even'
  if (exponent.length > 4 || isEven(exponent) || exponent.readUIntBE(0, exponent.length) < MIN_EXPONENT) {
    return 'its exponent is not an odd number from 65537 to 2^32'
  }
  return { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') }
}

function readEc(jwk: JsonObject): KeyMaterial | string {
  const crv = ownMember(jwk, 'crv')
  const bytes = typeof crv === 'string' ? ownMember(COORDINATE_BYTES, crv) : undefined
  if (typeof crv !== 'string' || typeof bytes !== 'number') return '"crv" is unknown'
  const x = readCoordinate(jwk, 'x', bytes)
  const y = readCoordinate(jwk, 'y', bytes)
  return x === undefined || y === undefined ? '"x" or "y" is malformed' : { kty: 'EC', crv, x, y }
}

function readOkp(jwk: JsonObject): KeyMaterial | string {
  if (ownMember(jwk, 'crv') !== 'Ed25519') return '"crv" is not "Ed25519"'
  const x = readBytes(jwk, 'x')
  if (x?.length !== 32) return '"x" is malformed'
  const withoutSign = Buffer.from(x)
  withoutSign[31] = (withoutSign[31] ?? 0) & 0x7f
  if (SMALL_ORDER_POINTS.has(withoutSign.toString('hex'))) return 'its point has a small order'
  return { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }
}

/** How long the secret must be depends on the algorithm; see algorithms.ts. */
function readSecret(jwk: JsonObject): KeyMaterial | string {
  const k = ownMember(jwk, 'k')
  // Whoever writes the configuration can correct it: one spelling.
  return typeof k === 'string' && isCanonicalBase64Url(k)
    ? { kty: 'oct', k }
    : '"k" is not the secret in base64url: Buffer.from(secret).toString("base64url")'
}

/** A coordinate of full length, as RFC 7518 §6.2.1.2 asks for it; whether the point is on its curve is judged later. */
function readCoordinate(jwk: JsonObject, member: string, length: number): string | undefined {
  const integer = readInteger(jwk, member)
  if (integer === undefined || integer.length > length || integer.length < length - MAX_MISSING_OCTETS) return undefined
  return Buffer.concat([Buffer.alloc(length - integer.length), integer]).toString('base64url')
}

/** A number without its leading zero octets; zero itself is no octet at all. */
function readInteger(jwk: JsonObject, member: string): Buffer | undefined {
  const bytes = readBytes(jwk, member)
  const first = bytes?.findIndex((octet) => octet !== 0)
  return first === -1 ? Buffer.alloc(0) : bytes?.subarray(first)
}

/** Bytes in base64url or base64 (RFC 4648 §4), with or without padding. */
function readBytes(jwk: JsonObject, member: string): Buffer | undefined {
  const text = ownMember(jwk, member)
  if (typeof text !== 'string') return undefined
  const unpadded = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text
  return readBase64Url(unpadded.replaceAll('+', '-').replaceAll('/', '_'))
}

function isEven(integer: Buffer): boolean {
  return ((integer.at(-1) ?? 0) & 1) === 0
}
