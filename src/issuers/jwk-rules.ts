import { readBase64Url } from '../lib/base64url.js'
import { isJsonObject, ownMember, type JsonObject } from '../lib/strict-json.js'

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv']
/** Why a private key is refused: whoever publishes one must hear of it. */
export const PRIVATE_KEY = 'it is a private key'

const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 8192
const MIN_EXPONENT = 65_537
const COORDINATE_BYTES: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }
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

/** Where a key set comes from. */
export interface JwkOrigin {
  readonly source: 'configuration' | 'fetched'
  readonly issuer: string
}

/**
 * Says why a member of a key set cannot serve to verify access tokens, or `undefined` when it can.
 *
 * One unusable key is skipped and never spoils the set. Symmetric keys pass only where the caller says that the set was
 * given in configuration: a secret that a URL serves is none.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-4 | RFC 7517 §4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-6 | RFC 7518 §6}
 */
export function checkJwk(jwk: unknown, { source, issuer }: JwkOrigin): string | undefined {
  if (!isJsonObject(jwk)) return 'it is not an object'
  const kid = ownMember(jwk, 'kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH)) {
    return '"kid" is not a text of 1 to 256 characters'
  }
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) return PRIVATE_KEY
  if (!isOfIssuer(ownMember(jwk, 'issuer'), issuer)) return 'it belongs to another issuer'
  return checkUse(jwk) ?? checkMaterial(jwk, source)
}

/** Microsoft Entra publishes the keys of many tenants in one set, and says of each key whose it is. */
function isOfIssuer(owner: unknown, issuer: string): boolean {
  if (owner === undefined) return true
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

function checkMaterial(jwk: JsonObject, source: 'configuration' | 'fetched'): string | undefined {
  switch (ownMember(jwk, 'kty')) {
    case 'RSA':
      return checkRsa(jwk)
    case 'EC':
      return checkEc(jwk)
    case 'OKP':
      return checkOkp(jwk)
    case 'oct':
      return source === 'configuration' ? checkSecret(jwk) : 'it is symmetric'
    default:
      return '"kty" is unknown'
  }
}

function checkRsa(jwk: JsonObject): string | undefined {
  const modulus = readBytes(jwk, 'n')
  const exponent = readBytes(jwk, 'e')
  if (modulus === undefined || exponent === undefined) return '"n" or "e" is malformed'
  // RFC 7518 §2: a Base64urlUInt has no leading zero octets.
  if (modulus[0] === 0 || exponent[0] === 0) return '"n" or "e" starts with a zero octet'
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return 'its modulus is shorter than 2048 or longer than 8192 bits'
  if (isEven(modulus)) return 'its modulus is even'
  if (exponent.length > 4 || exponent.readUIntBE(0, exponent.length) < MIN_EXPONENT || isEven(exponent)) {
    return 'its exponent is not an odd number from 65537 to 2^32'
  }
  return undefined
}

function checkEc(jwk: JsonObject): string | undefined {
  const curve = ownMember(jwk, 'crv')
  const bytes = typeof curve === 'string' ? ownMember(COORDINATE_BYTES, curve) : undefined
  if (bytes === undefined) return '"crv" is unknown'
  const fullLength = readBytes(jwk, 'x')?.length === bytes && readBytes(jwk, 'y')?.length === bytes
  return fullLength ? undefined : '"x" or "y" is malformed'
}

function checkOkp(jwk: JsonObject): string | undefined {
  if (ownMember(jwk, 'crv') !== 'Ed25519') return '"crv" is not "Ed25519"'
  const x = readBytes(jwk, 'x')
  if (x?.length !== 32) return '"x" is malformed'
  const withoutSign = Buffer.from(x)
  withoutSign[31] = (withoutSign[31] ?? 0) & 0x7f
  return SMALL_ORDER_POINTS.has(withoutSign.toString('hex')) ? 'its point has a small order' : undefined
}

/** How long the secret must be depends on the algorithm; see lib/algorithms.ts. */
function checkSecret(jwk: JsonObject): string | undefined {
  return readBytes(jwk, 'k') === undefined ? '"k" is malformed' : undefined
}

function readBytes(jwk: JsonObject, member: string): Buffer | undefined {
  const text = ownMember(jwk, member)
  return typeof text === 'string' ? readBase64Url(text) : undefined
}

function isEven(integer: Buffer): boolean {
  return ((integer.at(-1) ?? 0) & 1) === 0
}
