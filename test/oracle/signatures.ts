import {
  constants,
  createHmac,
  generateKeyPairSync,
  randomBytes,
  sign as signBytes,
  type KeyObject,
  type SigningOptions,
} from 'node:crypto'
import type { Algorithm } from 'express-resource-server'
import fc from 'fast-check'
import { compactVerify, importJWK, type JWK } from 'jose'
import { importKeys, type VerificationKey } from '../../src/issuers/verification-key.js'
import { checkSignature } from '../../src/issuers/check-signature.js'
import type { Tally } from './judges.js'

// Judges signatures by checkSignature, which asks the platform, and by jose's compactVerify, which goes through WebCrypto: on
// every algorithm, over keys of every shape, with signatures that are good, of something else, or bent in every way known.

interface Subject {
  readonly name: string
  readonly algorithm: Algorithm
  readonly jwk: JWK
  /** Good signing inputs with their signatures. */
  readonly signed: readonly Signed[]
  /** Signatures over the same inputs that are good for something else: another hash, another salt, another encoding. */
  readonly foreign: readonly ((input: Buffer) => Buffer)[]
  /** The order of the group, for what can be added to a number in the signature. */
  readonly order?: bigint
}

interface Signed {
  readonly input: string
  readonly signature: Buffer
}

const POOL = 24
/** The subjects among whose signatures is one that begins with a zero octet. */
const WITH_ZERO = 'RSA 2048'

const orders = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  EdDSA: 2n ** 252n + 27742317777372353535851937790883648493n,
} as const

function inputFor(algorithm: Algorithm, round: number): string {
  const header = Buffer.from(JSON.stringify({ alg: algorithm, typ: 'at+jwt' })).toString('base64url')
  const payload = Buffer.from(JSON.stringify({ sub: String(round), pad: randomBytes(round * 7).toString('hex') }))
  return `${header}.${payload.toString('base64url')}`
}

function subject(
  name: string,
  algorithm: Algorithm,
  jwk: JWK,
  signInput: (input: Buffer) => Buffer,
  rest: Pick<Subject, 'foreign' | 'order'> = { foreign: [] },
): Subject {
  const sign = (round: number): Signed => {
    const input = inputFor(algorithm, round)
    return { input, signature: signInput(Buffer.from(input)) }
  }
  const signed = Array.from({ length: POOL }, (_, round) => sign(round))
  // One in 256 begins with a zero octet: some readers do without it.
  for (let tries = 0; name === WITH_ZERO && signed[1]?.signature[0] !== 0 && tries < 5000; tries++) signed[1] = sign(1)
  return { name, algorithm, jwk, signed, ...rest }
}

function rsaSubjects(modulusLength: number): readonly Subject[] {
  const { privateKey: key, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  const jwk = publicKey.export({ format: 'jwk' }) as JWK
  const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants
  const by = (hash: string, options: SigningOptions) => (input: Buffer) => signBytes(hash, input, { key, ...options })
  const pkcs1 = { padding: RSA_PKCS1_PADDING }
  const pss = (saltLength: number) => ({ padding: RSA_PKCS1_PSS_PADDING, saltLength })
  return (['256', '384', '512'] as const).flatMap((bits) => {
    const hash = `sha${bits}`
    const other = bits === '256' ? 'sha512' : 'sha256'
    const foreign = [
      ...[by(hash, pkcs1), by(hash, pss(RSA_PSS_SALTLEN_DIGEST)), by('sha1', pkcs1), by(other, pkcs1)],
      ...[by(other, pss(RSA_PSS_SALTLEN_DIGEST)), by(hash, pss(0)), by(hash, pss(20)), by(hash, pss(100))],
    ]
    const name = `RSA ${String(modulusLength)}`
    return [
      subject(name, `RS${bits}`, jwk, by(hash, pkcs1), { foreign }),
      subject(name, `PS${bits}`, jwk, by(hash, pss(RSA_PSS_SALTLEN_DIGEST)), { foreign }),
    ]
  })
}

function ecSubject(algorithm: 'ES256' | 'ES384' | 'ES512', namedCurve: string): Subject {
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const hash = `sha${algorithm.slice(2)}`
  const by = (digest: string, dsaEncoding: 'ieee-p1363' | 'der') => (input: Buffer) =>
    signBytes(digest, input, { key, dsaEncoding })
  const foreign = [by(hash, 'der'), by(hash === 'sha256' ? 'sha384' : 'sha256', 'ieee-p1363'), by('sha1', 'ieee-p1363')]
  const jwk = publicKey.export({ format: 'jwk' }) as JWK
  return subject(namedCurve, algorithm, jwk, by(hash, 'ieee-p1363'), { foreign, order: orders[algorithm] })
}

function edSubjects(): readonly Subject[] {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { privateKey: otherKey } = generateKeyPairSync('ed448')
  const good = publicKey.export({ format: 'jwk' }) as JWK
  const by = (key: KeyObject) => (input: Buffer) => signBytes(null, input, key)
  const rest = { foreign: [by(otherKey)], order: orders.EdDSA }
  // Points of small order, and one that is not reduced: keys under which odd signatures may verify (RFC 8032 §5.1.7).
  const points = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ].map((hex) => Buffer.from(hex, 'hex').toString('base64url'))
  return (['EdDSA', 'Ed25519'] as const).flatMap((algorithm) => [
    subject('Ed25519', algorithm, good, by(privateKey), rest),
    ...points.map((x, i) => subject(`small order ${String(i)}`, algorithm, { ...good, x }, by(privateKey), rest)),
  ])
}

function secretSubjects(): readonly Subject[] {
  return ([32, 48, 64, 200] as const).flatMap((length) =>
    (['256', '384', '512'] as const)
      .filter((bits) => length * 8 >= Number(bits))
      .map((bits) => {
        const secret = randomBytes(length)
        const by = (hash: string) => (input: Buffer) => createHmac(hash, secret).update(input).digest()
        const jwk = { kty: 'oct', k: secret.toString('base64url') }
        const foreign = [by('sha1'), by(bits === '256' ? 'sha512' : 'sha256')]
        return subject(`secret of ${String(length)}`, `HS${bits}`, jwk, by(`sha${bits}`), { foreign })
      }),
  )
}

const subjects: readonly Subject[] = [
  ...[2048, 2056, 3072, 4096].flatMap(rsaSubjects),
  ecSubject('ES256', 'P-256'),
  ecSubject('ES384', 'P-384'),
  ecSubject('ES512', 'P-521'),
  ...edSubjects(),
  ...secretSubjects(),
]

/** How a signature, or what it stands under, is bent. `at`, `size` and `fill` choose where and with what. */
export interface Bend {
  readonly subject: number
  readonly round: number
  readonly kind: string
  readonly at: number
  readonly size: number
  readonly fill: number
}

function flip(bytes: Buffer, at: number): Buffer {
  const bent = Buffer.from(bytes)
  const place = at % (bent.length * 8)
  bent[place >> 3] = (bent[place >> 3] ?? 0) ^ (1 << (place & 7))
  return bent
}

/** Adds to, or takes from, the last number of a signature: `s` of ECDSA, big endian, and of EdDSA, little endian. */
function bendNumber(signature: Buffer, { order, algorithm }: Subject, negate: boolean): Buffer {
  if (order === undefined) return signature
  const half = signature.length / 2
  const isLittle = algorithm.startsWith('Ed')
  const tail = Buffer.from(signature.subarray(half))
  const s = BigInt(`0x${(isLittle ? tail.reverse() : tail).toString('hex')}`)
  const hex = (negate ? order - (s % order) : s + order).toString(16).padStart(half * 2, '0')
  const bytes = Buffer.from(hex.slice(-half * 2), 'hex')
  return Buffer.concat([signature.subarray(0, half), isLittle ? bytes.reverse() : bytes])
}

type BendSignature = (signature: Buffer, bend: Bend, of: Subject) => Buffer

const bendings: Readonly<Record<string, BendSignature>> = {
  none: (signature) => signature,
  'flip a bit': (signature, { at }) => flip(signature, at),
  shorten: (signature, { size }) => signature.subarray(0, Math.max(0, signature.length - size)),
  lengthen: (signature, { size, fill }) => Buffer.concat([signature, Buffer.alloc(size, fill)]),
  prepend: (signature, { size, fill }) => Buffer.concat([Buffer.alloc(size, fill), signature]),
  strip: (signature, { size }) => signature.subarray(size % signature.length),
  fill: (signature, { fill }) => Buffer.alloc(signature.length, fill),
  'fill the first half': (signature, { fill }) => Buffer.from(signature).fill(fill, 0, signature.length >> 1),
  'fill the second half': (signature, { fill }) => Buffer.from(signature).fill(fill, signature.length >> 1),
  'swap halves': (signature) => {
    const half = signature.length >> 1
    return Buffer.concat([signature.subarray(half), signature.subarray(0, half)])
  },
  'strip zeros': (signature) => signature.subarray(signature.findIndex((octet) => octet !== 0)),
  'of another input': (_, { round, at }, of) => of.signed[(round + 1 + (at % (POOL - 1))) % POOL]?.signature ?? fail(),
  foreign: (signature, { round, at }, of) =>
    of.foreign[at % of.foreign.length]?.(Buffer.from(of.signed[round]?.input ?? fail())) ?? signature,
  'add the order': (signature, _, of) => bendNumber(signature, of, false),
  negate: (signature, _, of) => bendNumber(signature, of, true),
  'of another key': (signature, { round, at }, of) => {
    const others = subjects.filter((other) => other.algorithm === of.algorithm && other !== of)
    return others[at % Math.max(1, others.length)]?.signed[round]?.signature ?? signature
  },
  empty: () => Buffer.alloc(0),
  random: (signature) => randomBytes(signature.length),
}

const BEND_INPUT = 'flip a bit of the input'

export const bends: fc.Arbitrary<Bend> = fc.record({
  subject: fc.nat(subjects.length - 1),
  round: fc.nat(POOL - 1),
  kind: fc.constantFrom(...Object.keys(bendings), BEND_INPUT),
  at: fc.nat(4095),
  size: fc.integer({ min: 1, max: 64 }),
  fill: fc.constantFrom(0, 0, 0xff, 1, 0x30, 0x80),
})

function bendInput(input: string, at: number): string {
  const [header = '', payload = ''] = input.split('.')
  return `${header}.${flip(Buffer.from(payload, 'base64url'), at).toString('base64url')}`
}

function bendToken(bend: Bend): { readonly of: Subject; readonly token: string } {
  const of = subjects[bend.subject] ?? fail()
  const { input, signature } = of.signed[bend.round] ?? fail()
  const isOfInput = bend.kind === BEND_INPUT
  const bent = isOfInput ? signature : (bendings[bend.kind]?.(signature, bend, of) ?? fail())
  return { of, token: `${isOfInput ? bendInput(input, bend.at) : input}.${bent.toString('base64url')}` }
}

const imported = new Map<Subject, Promise<VerificationKey | undefined>>()

function ourKey(of: Subject): Promise<VerificationKey | undefined> {
  const known = imported.get(of)
  if (known !== undefined) return known
  const importing = importKeys([of.jwk], {
    issuer: 'https://login.example.com',
    algorithms: [of.algorithm],
    source: 'configuration',
  }).then(({ keys }) => [...keys.values()][0])
  imported.set(of, importing)
  return importing
}

/**
 * RFC 8017 sections 8.1.2 and 8.2.2, step 1: a signature is as long as the modulus. The platform of jose takes one of
 * RSASSA-PSS that lacks a zero octet in front.
 */
function hasLengthOfModulus(token: string, { jwk, signed }: Subject): boolean {
  const length = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url').length
  return jwk.kty !== 'RSA' || length === signed[0]?.signature.length
}

/** Says how our verdict on a bent signature differs from jose's, or `undefined`. */
export async function compareSignature(bend: Bend, tally: Tally): Promise<string | undefined> {
  const { of, token } = bendToken(bend)
  const key = await ourKey(of)
  if (key === undefined) {
    tally.add('key not imported')
    return undefined
  }
  const ours = (await checkSignature(token, key)) === undefined
  const theirVerdict = await importJWK(of.jwk, of.algorithm)
    .then((theirKey) => compactVerify(token, theirKey, { algorithms: [of.algorithm] }))
    .then(
      () => true,
      () => false,
    )
  const theirs = theirVerdict && hasLengthOfModulus(token, of)
  if (theirVerdict && !theirs) tally.note('shorter than the modulus, verified by jose')
  tally.add(`${ours ? 'verified' : 'not verified'} by us, ${theirs ? 'verified' : 'not verified'} by jose`)
  tally.add(`of which ${of.algorithm}`)
  if (ours === theirs) return undefined
  return `${of.name} ${of.algorithm}: we say ${String(ours)}, jose says ${String(theirs)} of ${JSON.stringify(bend)}`
}

function fail(): never {
  throw new Error('there is no such subject')
}
