import { constants, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

// Forging with node:crypto alone: what is forged must not pass through the library that verifies.

export type Changes = Readonly<Record<string, unknown>>

export type Jwk = Readonly<Record<string, unknown>>

/** Whoever makes the third segment. */
export interface Signer {
  readonly alg: string
  readonly kid: string
  readonly sign: (input: string) => Buffer
}

/** An issuer's key: what it signs with and what it publishes. */
export interface SigningKey extends Signer {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: Jwk
}

export const AS1 = 'https://as1.test/'
export const AS2 = 'https://as2.test/'
export const AUDIENCE = 'https://api.test/'
/** Two tenants of Microsoft Entra ID. */
export const TENANTS = ['11111111-aaaa-4aaa-8aaa-111111111111', '22222222-bbbb-4bbb-8bbb-222222222222'] as const
export const entraIssuer = (tenant: string): string => `https://login.microsoftonline.com/${tenant}/v2.0`
/** The reading of the injected clock when a world starts, in seconds. */
export const NOW = 1_800_000_000

export function base64url(data: string | Uint8Array): string {
  return Buffer.from(data).toString('base64url')
}

/** Signs with a private key as `alg` says. */
export function signWith(alg: string, key: KeyObject, input: string): Buffer {
  const data = Buffer.from(input, 'latin1')
  const hash = `sha${alg.slice(2)}`
  switch (alg.slice(0, 2)) {
    case 'RS':
      return sign(hash, data, key)
    case 'PS': {
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
      return sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
    }
    case 'ES':
      return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
    default:
      return sign(null, data, key)
  }
}

/** A signer that signs with somebody's private key, whatever algorithm the header is to name. */
export function signer(alg: string, key: SigningKey, kid: string = key.kid): Signer {
  return { alg, kid, sign: (input) => signWith(alg, key.privateKey, input) }
}

/** A signer that takes any bytes for a shared secret. */
export function hmacSigner(alg: 'HS256' | 'HS384' | 'HS512', secret: string | Uint8Array, kid: string): Signer {
  return {
    alg,
    kid,
    sign: (input) =>
      createHmac(`sha${alg.slice(2)}`, secret)
        .update(input)
        .digest(),
  }
}

export function createRsaKey(kid: string, alg: string, bits = 2048, members: Changes = {}): SigningKey {
  return describeKey(kid, alg, generateKeyPairSync('rsa', { modulusLength: bits }), members)
}

export function createEcKey(kid: string, alg: string, namedCurve: string): SigningKey {
  return describeKey(kid, alg, generateKeyPairSync('ec', { namedCurve }))
}

export function createEdKey(kid: string, alg = 'EdDSA'): SigningKey {
  return describeKey(kid, alg, generateKeyPairSync('ed25519'))
}

export function describeKey(
  kid: string,
  alg: string,
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
  members: Changes = {},
): SigningKey {
  const jwk = withoutUndefined({ ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig', ...members })
  return { kid, alg, privateKey, publicKey, jwk, sign: (input) => signWith(alg, privateKey, input) }
}

export const rs1 = createRsaKey('rs1', 'RS256')
export const rs2 = createRsaKey('rs2', 'RS256')
export const ps1 = createRsaKey('ps1', 'PS256')
export const es1 = createEcKey('es1', 'ES256', 'P-256')
export const es384 = createEcKey('es384', 'ES384', 'P-384')
export const ed1 = createEdKey('ed1')
/** What AS1 publishes. */
export const as1Keys: readonly SigningKey[] = [rs1, rs2, ps1, es1, es384, ed1]

export const as2rs = createRsaKey('as2-rs', 'RS256')
export const as2es = createEcKey('as2-es', 'ES256', 'P-256')
export const as2Keys: readonly SigningKey[] = [as2rs, as2es]

/** The attacker's, published nowhere. */
export const evil = createRsaKey('evil', 'RS256')
export const evilEc = createEcKey('evil-ec', 'ES256', 'P-256')

/** The header of a good token. */
export function goodHeader(by: Signer = rs1): Changes {
  return { alg: by.alg, kid: by.kid, typ: 'at+jwt' }
}

/** The claims of a good token. */
export const goodClaims = {
  iss: AS1,
  aud: AUDIENCE,
  sub: 'user-1-of-as1',
  client_id: 'client-1-of-as1',
  jti: '4f1c1a52-8f3e-4f5c-a1c2-0d5be6a0c001',
  iat: NOW,
  exp: NOW + 300,
  scope: 'orders:read',
} as const

/** A good token but for these members, signed all the same; `undefined` takes a member out. */
export function forge(claims: Changes = {}, header: Changes = {}, by: Signer = rs1): string {
  return forgeRaw(
    JSON.stringify(withoutUndefined({ ...goodHeader(by), ...header })),
    JSON.stringify(withoutUndefined({ ...goodClaims, ...claims })),
    by,
  )
}

/** Signs literal bytes, JSON or not. */
export function forgeRaw(header: string | Uint8Array, payload: string | Uint8Array, by: Signer = rs1): string {
  return signSegments(base64url(header), base64url(payload), by)
}

/** Signs two segments as they are written. */
export function signSegments(header: string, payload: string, by: Signer = rs1): string {
  const input = `${header}.${payload}`
  return `${input}.${base64url(by.sign(input))}`
}

/** A header text with literal members behind or before the usual ones. */
export function headerText(members: string, by: Signer = rs1): string {
  return `{"alg":"${by.alg}","kid":"${by.kid}","typ":"at+jwt",${members}}`
}

/** A payload text with literal members behind the usual ones, those named in `without` left out. */
export function payloadText(members: string, ...without: readonly (keyof typeof goodClaims)[]): string {
  const rest = Object.fromEntries(Object.entries(goodClaims).filter(([name]) => !(without as string[]).includes(name)))
  return `${JSON.stringify(rest).slice(0, -1)},${members}}`
}

export function segmentsOf(token: string): [string, string, string] {
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

export function flipBit(segment: string, bit: number): string {
  const bytes = Buffer.from(segment, 'base64url')
  const at = bit >> 3
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
  return base64url(bytes)
}

function withoutUndefined(members: Changes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
