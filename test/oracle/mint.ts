import { createHmac, createPublicKey, generateKeyPairSync, constants, sign, type KeyObject } from 'node:crypto'

// A case is plain data: a good token, and what is to be changed in it. It says everything, but for the key material, so
// that a counterexample can be read, and shrunk.

export const NOW = 1_800_000_000
export const AUDIENCE = 'https://api.example.com'
export const SECOND_AUDIENCE = 'urn:example:orders'
export const ISSUER = 'https://login.example.com/'
export const OTHER_ISSUER = 'https://other.example.net'

/** JSON as data that can also hold what JSON.stringify cannot write: repeated members, and any text at all. */
export type Value = null | boolean | number | string | readonly Value[] | Members | Raw
export interface Members {
  readonly members: readonly (readonly [name: string, value: Value])[]
}
export interface Raw {
  readonly raw: string
}

/** `set` replaces or appends, `repeat` appends a member whatever else is there. */
export type Change =
  | {
      readonly part: 'header' | 'payload'
      readonly how: 'set' | 'repeat'
      readonly name: string
      readonly value: Value
    }
  | { readonly part: 'header' | 'payload'; readonly how: 'remove'; readonly name: string }

/** How a JSON text is written. */
export interface Style {
  readonly space: string
  readonly escape: 'none' | 'first' | 'all' | 'solidus'
  readonly wrap: keyof typeof wraps
  /** Bytes put into a text of the object, valid UTF-8 or not. */
  readonly bytes?: readonly number[] | undefined
  /** Spaces at the end until the segment is this long. */
  readonly length?: number | undefined
}

/** What happens to the compact form; the first two segments are signed as they are then. */
export interface Mutation {
  readonly how: keyof typeof segmentMutations | keyof typeof tokenMutations | keyof typeof signatureMutations
  readonly segment: 0 | 1 | 2
  readonly at: number
}

export interface Case {
  readonly rules: number
  /** How far the clock is beyond {@link NOW}, in milliseconds. */
  readonly millis: number
  readonly signer: keyof typeof signers
  /** Whether the claims are those of the second issuer. */
  readonly other: boolean
  readonly typ: Value | undefined
  readonly scope: Value | undefined
  readonly changes: readonly Change[]
  readonly header: Style
  readonly payload: Style
  readonly mutation: Mutation | undefined
  /** The length of the whole token, reached by spaces at the end of the payload. */
  readonly length: number | undefined
}

export interface Minted {
  readonly token: string
  readonly header: string
  readonly payload: string
}

interface Signer {
  readonly privateKey: KeyObject
  readonly jwk: {
    readonly kty: string
    readonly kid?: string
    readonly alg?: string
    readonly [member: string]: unknown
  }
  /** What it signs with where the header does not ask for another algorithm of the same kind. */
  readonly algorithm: string
}

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey
const okp = () => generateKeyPairSync('ed25519').privateKey
/** A key whose `x` begins with a zero octet, which some issuers leave out. */
const ecWithZero = (namedCurve: string): KeyObject => {
  for (;;) {
    const key = ec(namedCurve)
    const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
    if (Buffer.from(x, 'base64url')[0] === 0) return key
  }
}
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

function signer(
  privateKey: KeyObject,
  algorithm: string,
  published: { kid?: string; alg?: string; use?: string },
): Signer {
  const { kty = '', ...jwk } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { privateKey, algorithm, jwk: { ...jwk, kty, ...published } }
}

/** The keys of the first issuer, with every way to be found or not, one of the second, and an attacker's. */
export const signers = {
  ec: signer(ec('P-256'), 'ES256', { kid: 'ec', alg: 'ES256', use: 'sig' }),
  ecPlain: signer(ecWithZero('P-256'), 'ES256', { kid: 'ec-plain' }),
  ed: signer(okp(), 'EdDSA', { kid: 'ed', alg: 'EdDSA', use: 'sig' }),
  edPlain: signer(okp(), 'Ed25519', { kid: 'ed-plain' }),
  p384: signer(ec('P-384'), 'ES384', { kid: 'p384', alg: 'ES384' }),
  nameless: signer(ec('P-521'), 'ES512', { alg: 'ES512' }),
  rsa: signer(rsa(), 'RS256', { kid: 'rsa', alg: 'RS256', use: 'sig' }),
  rsaPlain: signer(rsa(), 'RS256', { kid: 'rsa-plain' }),
  pss: signer(rsa(), 'PS256', { kid: 'pss', alg: 'PS256' }),
  twin: signer(ec('P-256'), 'ES256', { kid: 'twin', alg: 'ES256' }),
  otherTwin: signer(ec('P-256'), 'ES256', { kid: 'twin', alg: 'ES256' }),
  sharedEc: signer(ec('P-256'), 'ES256', { kid: 'shared', alg: 'ES256' }),
  sharedEd: signer(okp(), 'EdDSA', { kid: 'shared', alg: 'EdDSA' }),
  // The second issuer calls its key as the first does.
  second: signer(ec('P-256'), 'ES256', { kid: 'ec', alg: 'ES256', use: 'sig' }),
  evil: signer(ec('P-256'), 'ES256', { kid: 'ec', alg: 'ES256' }),
  evilEd: signer(okp(), 'EdDSA', { kid: 'ed', alg: 'EdDSA' }),
} as const

/** Keys that no issuer publishes, though they bear the names of some that are. */
export const strangers: readonly (keyof typeof signers)[] = ['evil', 'evilEd']

const published = Object.values(signers).filter((one) => one !== signers.evil && one !== signers.evilEd)
/** The keys of the first issuer, in the spelling of RFC 7518. */
export const publishedKeys = published.filter((one) => one !== signers.second).map(({ jwk }) => jwk)
/** Two keys of one name are an error where they are configured. */
export const configuredKeys = publishedKeys.filter(({ kid }) => kid !== 'twin')
/** As they are fetched: two keys of one name, and numbers that are written as some issuers write them. */
export const fetchedKeys = [...publishedKeys.map(spellLoosely), spellInBase64(signers.pss.jwk)]
export const secondKeys = [signers.second.jwk]

/** Writes a zero octet before a modulus, as Java's `BigInteger` does, and none before a coordinate. */
function spellLoosely(jwk: Signer['jwk']): Signer['jwk'] {
  const { kid, n, x } = jwk
  if (kid === 'rsa-plain') return { ...jwk, n: `AAAA${String(n)}` }
  const octets = Buffer.from(String(x), 'base64url')
  return kid === 'ec-plain' ? { ...jwk, x: octets.subarray(1).toString('base64url') } : jwk
}

/** The same key once more, in the other alphabet. */
function spellInBase64(jwk: Signer['jwk']): Signer['jwk'] {
  return { ...jwk, n: Buffer.from(String(jwk['n']), 'base64url').toString('base64') }
}

/** Makes the token of a case. */
export function mint(example: Case): Minted {
  const key: Signer = signers[example.signer]
  const headerMembers = applyChanges(baseHeader(example, key), example.changes, 'header')
  const payloadMembers = applyChanges(baseClaims(example), example.changes, 'payload')
  const header = write(headerMembers, example.header)
  const headerSegment = mutateSegment(encode(header), example.mutation, 0)
  const room = example.length === undefined ? undefined : example.length - headerSegment.length - 2 - 86
  const payload = write(payloadMembers, room === undefined ? example.payload : { ...example.payload, length: room })
  const payloadSegment = mutateSegment(encode(payload), example.mutation, 1)
  const input = `${headerSegment}.${payloadSegment}`
  const alg = headerMembers.findLast(([name]) => name === 'alg')?.[1]
  const signature = mutateSignature(signWith(key, alg, input, example.mutation), example.mutation)
  const signatureSegment = mutateSegment(signature.toString('base64url'), example.mutation, 2)
  const token = mutateToken([headerSegment, payloadSegment, signatureSegment], example.mutation)
  return { token, header: header.toString('utf8'), payload: payload.toString('utf8') }
}

type MemberList = readonly (readonly [string, Value])[]

function baseHeader({ typ }: Case, { algorithm, jwk }: Signer): MemberList {
  const kid: MemberList = jwk.kid === undefined ? [] : [['kid', jwk.kid]]
  return [['alg', algorithm], ...(typ === undefined ? [] : [['typ', typ] as const]), ...kid]
}

function baseClaims({ other, scope }: Case): MemberList {
  return [
    ['iss', other ? OTHER_ISSUER : ISSUER],
    ['aud', other ? SECOND_AUDIENCE : AUDIENCE],
    ['sub', 'user-1'],
    ['client_id', 'client-1'],
    ['jti', '6c1e5bd0'],
    ['iat', NOW - 100],
    ['exp', NOW + 300],
    ...(scope === undefined ? [] : [['scope', scope] as const]),
  ]
}

function applyChanges(base: MemberList, changes: readonly Change[], part: Change['part']): MemberList {
  let members = base
  for (const change of changes) {
    if (change.part !== part) continue
    if (change.how !== 'repeat') members = members.filter(([name]) => name !== change.name)
    if (change.how !== 'remove') members = [...members, [change.name, change.value]]
  }
  return members
}

const MARK = '\uf8ff'

function write(members: MemberList, style: Style): Buffer {
  const marked: MemberList = style.bytes === undefined ? members : [...members, ['note', `n${MARK}`]]
  const text = wraps[style.wrap](writeValue({ members: marked }, style))
  const bytes = style.bytes === undefined ? Buffer.from(text, 'utf8') : replaceMark(text, style.bytes)
  const missing = Math.floor(((style.length ?? 0) * 3) / 4) - bytes.length
  return missing > 0 ? Buffer.concat([bytes, Buffer.alloc(missing, ' ')]) : bytes
}

function replaceMark(text: string, bytes: readonly number[]): Buffer {
  const [before = '', after = ''] = text.split(MARK)
  return Buffer.concat([Buffer.from(before, 'utf8'), Buffer.from(bytes), Buffer.from(after, 'utf8')])
}

function writeValue(value: Value, style: Style): string {
  const { space } = style
  const list = (open: string, items: readonly string[], close: string): string =>
    `${open}${space}${items.join(`${space},${space}`)}${space}${close}`
  if (typeof value === 'string') return writeText(value, style)
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if ('raw' in value) return value.raw
  if (!('members' in value)) {
    return list(
      '[',
      value.map((item) => writeValue(item, style)),
      ']',
    )
  }
  const members = value.members.map(
    ([name, item]) => `${writeText(name, style)}${space}:${space}${writeValue(item, style)}`,
  )
  return list('{', members, '}')
}

function writeText(text: string, { escape }: Style): string {
  const code = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  const units = Array.from({ length: text.length }, (_, index) => text.charAt(index))
  switch (escape) {
    case 'none':
      return JSON.stringify(text)
    case 'solidus':
      return JSON.stringify(text).replaceAll('/', '\\/')
    case 'first':
      return text === '' ? '""' : `"${code(text)}${JSON.stringify(text.slice(1)).slice(1)}`
    case 'all':
      return `"${units.map(code).join('')}"`
  }
}

/** What is put around the text of an object, or instead of it. */
export const wraps = {
  nothing: (text: string) => text,
  space: (text: string) => ` \t\r\n${text}\n `,
  byteOrderMark: (text: string) => `\ufeff${text}`,
  formFeed: (text: string) => `\f${text}`,
  noBreakSpace: (text: string) => `${text}\u00a0`,
  zero: (text: string) => `${text}\0`,
  twice: (text: string) => `${text}${text}`,
  garbage: (text: string) => `${text}x`,
  comment: (text: string) => `${text}/**/`,
  guard: (text: string) => `)]}'\n${text}`,
  array: (text: string) => `[${text}]`,
  text: (text: string) => JSON.stringify(text),
  cut: (text: string) => text.slice(0, -1),
  comma: (text: string) => `${text.slice(0, -1)},}`,
  doubleComma: (text: string) => `${text.slice(0, -1)},,"z":1}`,
  bareName: (text: string) => `${text.slice(0, -1)},z:1}`,
  singleQuotes: (text: string) => text.replaceAll('"', "'"),
  number: () => '1',
  null: () => 'null',
  emptyArray: () => '[]',
  emptyObject: () => '{}',
  empty: () => '',
} as const satisfies Readonly<Record<string, (text: string) => string>>

function encode(bytes: Buffer): string {
  return bytes.toString('base64url')
}

/** Signs with the algorithm of the header where the key can, else with its own. */
function signWith(key: Signer, alg: Value | undefined, input: string, mutation: Mutation | undefined): Buffer {
  const bytes = Buffer.from(input, 'utf8')
  if (alg === 'HS256') {
    return createHmac('sha256', createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }))
      .update(bytes)
      .digest()
  }
  const fitting = typeof alg === 'string' && fits(alg, key.jwk.kty) ? alg : key.algorithm
  const hash = key.jwk.kty === 'OKP' ? null : `sha${fitting.slice(2)}`
  const saltLength = mutation?.how === 'salt' ? mutation.at % 190 : constants.RSA_PSS_SALTLEN_DIGEST
  const pss = fitting.startsWith('PS') ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } : {}
  const dsaEncoding = mutation?.how === 'der' ? 'der' : 'ieee-p1363'
  return sign(hash, bytes, { key: key.privateKey, dsaEncoding, ...pss })
}

function fits(alg: string, kty: string): boolean {
  if (kty === 'RSA') return /^[RP]S(?:256|384|512)$/.test(alg)
  return kty === 'EC' && /^ES(?:256|384|512)$/.test(alg)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const SPACES = [' ', '\t', '\n', '\r\n', '\f', '\u00a0', '\u200b', '\0', '~', '%2E', '+', '/', '-', '_', '=', '\u0410']

const insert = (text: string, at: number, what: string): string => {
  const position = at % (text.length + 1)
  return `${text.slice(0, position)}${what}${text.slice(position)}`
}

export const segmentMutations = {
  pad: (text: string) => text + '='.repeat((4 - (text.length % 4)) % 4),
  padOnce: (text: string) => `${text}=`,
  padTwice: (text: string) => `${text}==`,
  insert: (text: string, at: number) => insert(text, Math.floor(at / SPACES.length), SPACES[at % SPACES.length] ?? ''),
  strayBits: (text: string, at: number) => {
    const spare = [0, 0, 16, 4][text.length % 4] ?? 0
    const digit = ALPHABET.indexOf(text.at(-1) ?? 'A')
    return spare === 0 ? text : `${text.slice(0, -1)}${ALPHABET.charAt(digit + 1 + (at % (spare - 1)))}`
  },
  otherAlphabet: (text: string) => text.replaceAll('-', '+').replaceAll('_', '/'),
  oneMore: (text: string) => `${text}A`,
  oneLess: (text: string) => text.slice(0, -1),
  none: () => '',
  another: (text: string, at: number) => {
    const position = at % Math.max(text.length, 1)
    const digit = (ALPHABET.indexOf(text.charAt(position)) + 1 + (at % 63)) % 64
    return `${text.slice(0, position)}${ALPHABET.charAt(digit)}${text.slice(position + 1)}`
  },
} as const satisfies Readonly<Record<string, (text: string, at: number) => string>>

const ORDER = { ed: 2n ** 252n + 27742317777372353535851937790883648493n }
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

export const signatureMutations = {
  // These two are signed differently; see signWith.
  der: (signature: Buffer) => signature,
  salt: (signature: Buffer) => signature,
  truncate: (signature: Buffer, at: number) => signature.subarray(0, signature.length - 1 - (at % signature.length)),
  extend: (signature: Buffer, at: number) => Buffer.concat([signature, Buffer.alloc(1 + (at % 40))]),
  zero: (signature: Buffer) => Buffer.alloc(signature.length),
  flip: (signature: Buffer, at: number) => {
    const copy = Buffer.from(signature)
    const position = at % copy.length
    copy[position] = (copy[position] ?? 0) ^ (1 << (at % 8))
    return copy
  },
  // Good for ECDSA on P-256, where -s is a signature too.
  highS: (signature: Buffer) =>
    Buffer.concat([
      signature.subarray(0, 32),
      bigEndian(P256_ORDER - (readBigEndian(signature.subarray(32, 64)) % P256_ORDER)),
    ]),
  rPlusN: (signature: Buffer) =>
    Buffer.concat([
      bigEndian((readBigEndian(signature.subarray(0, 32)) + P256_ORDER) % 2n ** 256n),
      signature.subarray(32),
    ]),
  // Refused for Ed25519 (RFC 8032 section 5.1.7).
  sPlusL: (signature: Buffer) => {
    const s = readBigEndian(Buffer.from(signature.subarray(32, 64)).reverse())
    return Buffer.concat([signature.subarray(0, 32), bigEndian((s + ORDER.ed) % 2n ** 256n).reverse()])
  },
} as const satisfies Readonly<Record<string, (signature: Buffer, at: number) => Buffer>>

function readBigEndian(bytes: Buffer): bigint {
  return BigInt(`0x0${bytes.toString('hex')}`)
}

function bigEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

const other = 'eyJhbGciOiJub25lIn0'

export const tokenMutations = {
  extraSegment: (parts: readonly string[]) => [...parts, 'AAAA'].join('.'),
  fiveSegments: (parts: readonly string[]) => [...parts, 'AAAA', 'AAAA'].join('.'),
  trailingDot: (parts: readonly string[]) => `${parts.join('.')}.`,
  leadingDot: (parts: readonly string[]) => `.${parts.join('.')}`,
  doubleDot: (parts: readonly string[]) => parts.join('..'),
  manyDots: (parts: readonly string[], at: number) => parts.join('.') + '.'.repeat(at),
  twoSegments: (parts: readonly string[]) => parts.slice(0, 2).join('.'),
  oneSegment: (parts: readonly string[]) => parts[0] ?? '',
  noDots: (parts: readonly string[]) => parts.join(''),
  foreignHeader: ([, ...rest]: readonly string[]) => [other, ...rest].join('.'),
  foreignPayload: ([header = '', , signature = '']: readonly string[]) => [header, other, signature].join('.'),
  swapped: ([header = '', payload = '', signature = '']: readonly string[]) => [payload, header, signature].join('.'),
  reversed: (parts: readonly string[]) => parts.toReversed().join('.'),
  spaceBefore: (parts: readonly string[]) => ` ${parts.join('.')}`,
  spaceAfter: (parts: readonly string[]) => `${parts.join('.')} `,
  lineAfter: (parts: readonly string[]) => `${parts.join('.')}\n`,
  quoted: (parts: readonly string[]) => `"${parts.join('.')}"`,
  disclosures: (parts: readonly string[]) => `${parts.join('.')}~AAAA~`,
  dotInside: (parts: readonly string[], at: number) => insert(parts.join('.'), at, '.'),
  upperCase: (parts: readonly string[]) => parts.join('.').toUpperCase(),
  json: ([header = '', payload = '', signature = '']: readonly string[]) =>
    JSON.stringify({ protected: header, payload, signature }),
  nothing: () => '',
} as const satisfies Readonly<Record<string, (parts: readonly string[], at: number) => string>>

function mutateSegment(text: string, mutation: Mutation | undefined, segment: Mutation['segment']): string {
  const { how, at } = mutation ?? { how: undefined, at: 0 }
  const applies = how !== undefined && mutation?.segment === segment && isIn(how, segmentMutations)
  return applies ? segmentMutations[how](text, at) : text
}

function mutateSignature(signature: Buffer, mutation: Mutation | undefined): Buffer {
  if (mutation === undefined || !isIn(mutation.how, signatureMutations)) return signature
  return signatureMutations[mutation.how](signature, mutation.at)
}

function mutateToken(parts: readonly string[], mutation: Mutation | undefined): string {
  if (mutation === undefined || !isIn(mutation.how, tokenMutations)) return parts.join('.')
  return tokenMutations[mutation.how](parts, mutation.at)
}

function isIn<Table extends object>(name: PropertyKey, table: Table): name is keyof Table {
  return Object.hasOwn(table, name)
}
