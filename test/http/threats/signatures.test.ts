import { constants, createHash, privateEncrypt, sign as rawSign } from 'node:crypto'
import { z } from 'zod'
import {
  createKey,
  encode,
  exponentOneSigner,
  fixedSignature,
  flipBit,
  segmentsOf,
  smallOrderSigner,
  type ForgeKey,
  type Jwk,
  type Signer,
} from '../../kit/forge.js'
import { attack, bearer, createWorld, family, strictWorld, threatTable, type Row } from './harness.js'
import { AS1, NOW, as1Keys, ed1, es1, es384, evil, evilEc, forge, goodClaims, ps1, rs1, rs2 } from './tokens.js'

// The Wycheproof files are not at hand offline; the families below make the same faults. There is no low-S policy: the high-S twin
// is a valid signature (RFC 7518 3.4), see the row.

const S = { code: 'invalid_signature' } as const
const V = 'RFC 7515 5.2'

const integer = (value: bigint, bytes: number): Buffer =>
  Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex')
const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** A signer that names a key and answers fixed bytes. */
const fixed = (key: ForgeKey, signature: Uint8Array): Signer => ({ ...key, sign: fixedSignature(signature) })
/** A signer that changes what the right key signs. */
const changed = (key: ForgeKey, change: (signature: Buffer) => Uint8Array): Signer => ({
  ...key,
  sign: (input) => Buffer.from(change(key.sign(input))),
})

// --- ECDSA

const ORDERS = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
} as const

const ecRows = (key: ForgeKey, n: bigint, size: number): readonly Row[] => {
  const p256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
  const special = { 0: 0n, 1: 1n, 2: 2n, n, 'n-1': n - 1n, 'n+1': n + 1n, p: p256, max: 2n ** BigInt(size * 8) - 1n }
  return Object.entries(special).flatMap(([rName, r]) =>
    Object.entries(special).map(([sName, s]) =>
      attack(
        'RFC 7518 3.4',
        `${key.alg} with r=${rName}, s=${sName}`,
        '401t',
        () => forge({}, {}, fixed(key, Buffer.concat([integer(r, size), integer(s, size)]))),
        S,
      ),
    ),
  )
}

const halves = (signature: Buffer): [Buffer, Buffer] => [
  signature.subarray(0, signature.length / 2),
  signature.subarray(signature.length / 2),
]
const der = (key: ForgeKey): Signer => ({
  ...key,
  sign: (input) => rawSign('sha256', Buffer.from(input), key.privateKey),
})
const highS = changed(es1, (signature) => {
  const [r, s] = halves(signature)
  return Buffer.concat([r, integer(ORDERS['P-256'] - toInteger(s), 32)])
})

// --- RSA

const SHA256_PREFIX = '3031300d060960864801650304020105000420'
const digestOf = (input: string): string => createHash('sha256').update(input).digest('hex')
const KEY_BYTES = 256

/** Signs a whole encoded message, whatever it is: the private operation without any padding. */
const encoded = (key: ForgeKey, encode: (input: string) => string): Signer => ({
  ...key,
  sign: (input) =>
    privateEncrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, Buffer.from(encode(input), 'hex')),
})
/** `00 01 FF.. 00` and the rest, as PKCS#1 v1.5 wants it. */
const pkcs1 = (rest: string, filler = 'ff', start = '0001'): string =>
  `${start}${filler.repeat(KEY_BYTES - 3 - rest.length / 2)}00${rest}`
const shortPadding = (input: string, trailing: string): string => {
  const head = `0001${'ff'.repeat(8)}00${SHA256_PREFIX}${digestOf(input)}`
  return head + trailing.repeat(KEY_BYTES).slice(0, KEY_BYTES * 2 - head.length)
}

const paddings: Readonly<Record<string, (input: string) => string>> = {
  'no NULL in the DigestInfo': (input) => pkcs1(`302f300b06096086480165030402010420${digestOf(input)}`),
  'zeros behind a short padding': (input) => shortPadding(input, '00'),
  'ones behind a short padding': (input) => shortPadding(input, 'ff'),
  'the digest alone': (input) => pkcs1(digestOf(input)),
  'BER lengths in the long form': (input) => pkcs1(`308131300d060960864801650304020105000420${digestOf(input)}`),
  'BER length of the digest in the long form': (input) =>
    pkcs1(`3032300d06096086480165030402010500048120${digestOf(input)}`),
  'an indefinite length': (input) => pkcs1(`3080300d060960864801650304020105000420${digestOf(input)}0000`),
  'the OID of SHA-1': (input) => pkcs1(`3021300906052b0e03021a05000414${digestOf(input).slice(0, 40)}`),
  'the OID of SHA-512 over a SHA-256 digest': (input) =>
    pkcs1(`3031300d060960864801650304020305000420${digestOf(input)}`),
  'a wrong digest length': (input) => pkcs1(`3031300d06096086480165030402010500041f${digestOf(input).slice(0, 62)}`),
  'parameters that are not NULL': (input) => pkcs1(`3033300f060960864801650304020105020200000420${digestOf(input)}`),
  'trailing bytes in the sequence': (input) => pkcs1(`3033300d060960864801650304020105000420${digestOf(input)}0500`),
  'block type 0': (input) => pkcs1(`${SHA256_PREFIX}${digestOf(input)}`, '00', '0000'),
  'block type 2': (input) => pkcs1(`${SHA256_PREFIX}${digestOf(input)}`, 'aa', '0002'),
  'a filler of 0xFE': (input) => pkcs1(`${SHA256_PREFIX}${digestOf(input)}`, 'fe'),
  'one filler byte changed': (input) => pkcs1(`${SHA256_PREFIX}${digestOf(input)}`).replace('0001ffff', '0001fffe'),
  'no zero behind the filler': (input) => pkcs1(`${SHA256_PREFIX}${digestOf(input)}`).replace('ff003031', 'ffff3031'),
  'another digest': () => pkcs1(`${SHA256_PREFIX}${'00'.repeat(32)}`),
}

/** EMSA-PSS (RFC 8017 9.1.1) with every parameter open. */
function encodePss(input: string, salt: number, { hash = 'sha256', mgf = 'sha256', trailer = 0xbc } = {}): string {
  const digest = (name: string, ...parts: Uint8Array[]): Buffer =>
    createHash(name).update(Buffer.concat(parts)).digest()
  const saltBytes = Buffer.alloc(salt, 5)
  const h = digest(hash, Buffer.alloc(8), digest(hash, Buffer.from(input)), saltBytes)
  const db = Buffer.concat([Buffer.alloc(KEY_BYTES - salt - h.length - 2), Buffer.of(1), saltBytes])
  let mask = Buffer.alloc(0)
  for (let counter = 0; mask.length < db.length; counter++) {
    mask = Buffer.concat([mask, digest(mgf, h, Buffer.of(0, 0, 0, counter))])
  }
  for (let i = 0; i < db.length; i++) db[i] = (db[i] ?? 0) ^ (mask[i] ?? 0)
  db[0] = (db[0] ?? 0) & 0x7f
  return Buffer.concat([db, h, Buffer.of(trailer)]).toString('hex')
}

// --- Keys that must not verify anything, each beside the good ones

const bytesOf = (jwk: Jwk, member: string): Buffer => Buffer.from(String(jwk[member]), 'base64url')
const even = (jwk: Jwk): string => {
  const n = bytesOf(jwk, 'n')
  n[n.length - 1] = (n.at(-1) ?? 0) & 0xfe
  return encode(n)
}
const rsa = (bits: number): ForgeKey => createKey('RSA', { kid: `rsa-${String(bits)}`, modulusLength: bits })
const small = [512, 768, 1024, 2040, 2047].map(rsa)
const exponentOne: Signer = { alg: 'RS256', kid: 'e1', sign: exponentOneSigner() }
const published = (key: ForgeKey, kid: string, members: Jwk): Jwk => ({ ...key.jwk, kid, ...members })

const exponents: Readonly<Record<string, unknown>> = {
  'e=0': encode(Buffer.of(0)),
  'e=1': encode(Buffer.of(1)),
  'e=2': encode(Buffer.of(2)),
  'e=3': encode(Buffer.of(3)),
  'e=65535': encode(Buffer.of(0xff, 0xff)),
  'e=65538': encode(Buffer.of(1, 0, 2)),
  'e=2^32+1': encode(Buffer.of(1, 0, 0, 0, 1)),
  'e of 1024 bits': encode(Buffer.alloc(128, 0xff)),
  'e missing': undefined,
  'e empty': '',
  'e a number': 65_537,
  'e padded': 'AQAB====',
  'e in hexadecimal': '0x010001',
}
const moduli: Readonly<Record<string, unknown>> = {
  'n even': even(rs2.jwk),
  'n = 0': encode(Buffer.alloc(256)),
  'n of 16384 bits': encode(Buffer.alloc(2048, 0xff)),
  'n missing': undefined,
  'n with white space': ` ${String(rs2.jwk['n'])}`,
  'n with +': `${String(rs2.jwk['n']).slice(0, -1)}+`,
  'n not canonical': `${String(rs2.jwk['n']).slice(0, -1)}B`,
  'n an array': [rs2.jwk['n']],
}
const p256Prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const points: Readonly<Record<string, Jwk>> = {
  '(0,0)': { x: encode(Buffer.alloc(32)), y: encode(Buffer.alloc(32)) },
  'not on the curve': { x: encode(Buffer.alloc(32, 1)), y: encode(Buffer.alloc(32, 1)) },
  'x = p': { x: encode(integer(p256Prime, 32)) },
  'x and y in turn': { x: es1.jwk['y'], y: es1.jwk['x'] },
  'x one byte short': { x: encode(bytesOf(es1.jwk, 'x').subarray(0, -1)) },
  'y missing (compressed)': { y: undefined },
  'y null': { y: null },
  'crv P-384': { crv: 'P-384' },
  'crv secp256k1': { crv: 'secp256k1' },
  'crv P-224': { crv: 'P-224' },
  'crv missing': { crv: undefined },
  'crv __proto__': { crv: '__proto__' },
  'crv an array': { crv: ['P-256'] },
  'kty RSA': { kty: 'RSA' },
  'kty oct': { kty: 'oct', k: es1.jwk['x'] },
  'kty lower case': { kty: 'ec' },
  'alg RS256': { alg: 'RS256' },
  'alg none': { alg: 'none' },
  'alg HS256': { alg: 'HS256' },
  'alg ECDH-ES': { alg: 'ECDH-ES' },
  'alg a number': { alg: 256 },
  'd present': { d: encode(Buffer.alloc(32, 1)) },
  'd null': { d: null },
}
/** RFC 8032: the encodings of points whose order divides 8, canonical or not, with both signs. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].flatMap((hex) => [hex, hex.slice(0, 62) + (Number.parseInt(hex.slice(62), 16) | 0x80).toString(16)])

const privateJwk = { ...rs2.privateKey.export({ format: 'jwk' }), kid: 'rs-private', alg: 'RS256', use: 'sig' }
const secp = createKey('secp256k1', { kid: 'secp', alg: 'ES256' })
const edSpare = createKey('Ed25519', { kid: 'ed-spare' })

/** Other spellings of the same numbers: the same keys (RFC 7518 2). */
const spellings: readonly Jwk[] = [
  published(rs2, 'e with a leading zero', { e: encode(Buffer.of(0, 1, 0, 1)) }),
  published(rs2, 'n with a leading zero', { n: encode(Buffer.concat([Buffer.of(0), bytesOf(rs2.jwk, 'n')])) }),
  published(rs2, 'n padded', { n: `${String(rs2.jwk['n'])}==` }),
  published(rs2, 'n in base64', { n: bytesOf(rs2.jwk, 'n').toString('base64') }),
]
const coordinateSpellings: readonly Jwk[] = [
  published(es1, 'x one byte long', { x: encode(Buffer.concat([Buffer.of(0), bytesOf(es1.jwk, 'x')])) }),
  published(es1, 'x padded', { x: `${String(es1.jwk['x'])}=` }),
  published(es1, 'x and y in base64', {
    x: bytesOf(es1.jwk, 'x').toString('base64'),
    y: bytesOf(es1.jwk, 'y').toString('base64'),
  }),
]

const weakWorld = createWorld({
  jwks: () => [
    ...small.map(({ jwk }) => jwk),
    ...Object.entries(exponents).map(([kid, e]) => published(rs2, kid, { e })),
    published(rs2, 'e1', { e: 'AQ' }),
    ...Object.entries(moduli).map(([kid, n]) => published(rs2, kid, { n })),
    ...Object.entries(points).map(([kid, members]) => published(es1, kid, members)),
    ...SMALL_ORDER.map((hex) => published(edSpare, hex, { x: encode(Buffer.from(hex, 'hex')) })),
    privateJwk,
    secp.jwk,
    published(rs2, 'with-x5c', { x5c: [evil.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] }),
    published(rs2, 'again', {}),
    ...spellings,
    ...coordinateSpellings,
    null as unknown as Jwk,
    'x' as unknown as Jwk,
    ...as1Keys.map(({ jwk }) => jwk),
  ],
})
const onlyWeak = createWorld({ jwks: () => [published(rs2, 'e1', { e: 'AQ' }), ...small.map(({ jwk }) => jwk)] })

const W = { world: weakWorld, code: 'unknown_key' } as const
const L = 2n ** 252n + 27742317777372353535851937790883648493n

const plusL = changed(ed1, (signature) => {
  const [r, s] = halves(signature)
  return Buffer.concat([r, integer(toInteger(Buffer.from(s).reverse()) + L, 32).reverse()])
})

const rows: readonly Row[] = [
  ...[rs1, ps1, es1, es384, ed1].flatMap((key) =>
    [0, 7, 8, 100, 255, 300, 511].map((bit) =>
      attack(
        V,
        `${key.alg}: bit ${String(bit)} of the signature flipped`,
        '401t',
        () => {
          const [head, body, signature] = segmentsOf(forge({}, {}, key))
          return `${head}.${body}.${flipBit(signature, bit)}`
        },
        S,
      ),
    ),
  ),
  ...[rs1, ps1, es1, es384, ed1].map((key) =>
    attack(
      V,
      `${key.alg}: the payload edited afterwards`,
      '401t',
      () => {
        const [head, , signature] = segmentsOf(forge({}, {}, key))
        return `${head}.${encode(JSON.stringify({ ...goodClaims, scope: 'orders:read orders:write' }))}.${signature}`
      },
      S,
    ),
  ),
  attack(
    V,
    'the header edited afterwards',
    '401t',
    () => {
      const [, body, signature] = segmentsOf(forge())
      return `${encode('{"alg":"RS256","kid":"rs1","typ":"at+jwt","x":1}')}.${body}.${signature}`
    },
    S,
  ),
  ...as1Keys.map((key) =>
    attack(
      V,
      `the attacker's signature under the kid ${key.kid}`,
      '401t',
      () => forge({}, {}, { ...key, sign: key.alg.startsWith('ES') ? evilEc.sign : evil.sign }),
      S,
    ),
  ),
  attack(V, 'rs2 under the kid rs1', '401t', () => forge({}, { kid: 'rs1' }, rs2), S),
  attack(V, 'rs1 under the kid rs2', '401t', () => forge({}, { kid: 'rs2' }, rs1), S),
  ...ecRows(es1, ORDERS['P-256'], 32),
  ...ecRows(es384, ORDERS['P-384'], 48),
  attack('RFC 7518 3.4', 'DER', '401t', () => forge({}, {}, der(es1)), S),
  ...[1, 31, 32, 63, 65, 66, 70, 96, 128, 132, 4096].flatMap((length) =>
    [
      Buffer.alloc(length),
      Buffer.alloc(length, 0xff),
      Buffer.concat([es1.sign('x'), Buffer.alloc(4096)]).subarray(0, length),
    ].map((bytes, n) =>
      attack(
        'RFC 7518 3.4',
        `ES256 of ${String(length)} bytes, form ${String(n + 1)}`,
        '401t',
        () => forge({}, {}, fixed(es1, bytes)),
        S,
      ),
    ),
  ),
  ...family(
    'ECDSA',
    'RFC 7518 3.4',
    {
      'the right one and a zero': (sig: Buffer) => Buffer.concat([sig, Buffer.of(0)]),
      'the right one behind a zero': (sig: Buffer) => Buffer.concat([Buffer.of(0), sig]),
      'a byte short': (sig: Buffer) => sig.subarray(1),
      'r and s with a leading zero each': (sig: Buffer) =>
        Buffer.concat([Buffer.of(0), halves(sig)[0], Buffer.of(0), halves(sig)[1]]),
      'r and s in turn': (sig: Buffer) => Buffer.concat([halves(sig)[1], halves(sig)[0]]),
      'r alone': (sig: Buffer) => Buffer.concat([halves(sig)[0], Buffer.alloc(32)]),
      's alone': (sig: Buffer) => Buffer.concat([Buffer.alloc(32), halves(sig)[1]]),
      'the right one twice': (sig: Buffer) => Buffer.concat([sig, sig]),
      'in hexadecimal': (sig: Buffer) => Buffer.from(sig.toString('hex')),
      'r and s little-endian': (sig: Buffer) => Buffer.concat(halves(sig).map((half) => Buffer.from(half).reverse())),
    },
    '401t',
    (change) => forge({}, {}, changed(es1, change)),
    S,
  ),
  attack('RFC 7518 3.4', 'the high-S twin is a valid signature', '200', () => forge({}, {}, highS)),
  ...Object.entries(paddings).map(([name, encode]) =>
    attack('RFC 8017 8.2.2', name, '401t', () => forge({}, {}, encoded(rs1, encode)), S),
  ),
  attack('RFC 8017 8.2.2', 'the right encoding by the same means', '200', () =>
    forge(
      {},
      {},
      encoded(rs1, (input) => pkcs1(`${SHA256_PREFIX}${digestOf(input)}`)),
    ),
  ),
  ...family(
    'RSA',
    'RFC 8017 8.2.2',
    {
      'a zero behind the signature': (sig: Buffer) => Buffer.concat([sig, Buffer.of(0)]),
      'a zero before the signature': (sig: Buffer) => Buffer.concat([Buffer.of(0), sig]),
      'a byte short': (sig: Buffer) => sig.subarray(1),
      reversed: (sig: Buffer) => Buffer.from(sig).reverse(),
      'all zeros': (sig: Buffer) => Buffer.alloc(sig.length),
      one: (sig: Buffer) => integer(1n, sig.length),
      'the modulus': () => bytesOf(rs1.jwk, 'n'),
      'the modulus less one': () => integer(toInteger(bytesOf(rs1.jwk, 'n')) - 1n, 256),
      'the modulus added': (sig: Buffer) => integer(toInteger(sig) + toInteger(bytesOf(rs1.jwk, 'n')), 257),
    },
    '401t',
    (change) => forge({}, {}, changed(rs1, change)),
    S,
  ),
  ...[0, 1, 20, 31, 33, 64, 222].map((salt) =>
    attack(
      'RFC 7518 3.5',
      `PS256 with a salt of ${String(salt)} bytes`,
      '401t',
      () =>
        forge(
          {},
          {},
          encoded(ps1, (input) => encodePss(input, salt)),
        ),
      S,
    ),
  ),
  ...family(
    'PSS',
    'RFC 7518 3.5',
    {
      'MGF1 with SHA-1': { mgf: 'sha1' },
      'MGF1 with SHA-512': { mgf: 'sha512' },
      'SHA-384 throughout': { hash: 'sha384', mgf: 'sha384' },
      'another trailer': { trailer: 0xcc },
    },
    '401t',
    (parameters) =>
      forge(
        {},
        {},
        encoded(ps1, (input) => encodePss(input, 32, parameters)),
      ),
    S,
  ),
  attack('RFC 7518 3.5', 'the right encoding by the same means', '200', () =>
    forge(
      {},
      {},
      encoded(ps1, (input) => encodePss(input, 32)),
    ),
  ),
  attack(
    'RFC 7518 6.3.1.2',
    'e = 1 is published: the padded digest as the signature',
    '401t',
    () => forge({}, {}, exponentOne),
    W,
  ),
  attack('RFC 7518 6.3.1.2', 'the same without kid', '401t', () => forge({}, { kid: undefined }, exponentOne), W),
  ...small.map((key) =>
    attack(
      'RFC 7518 3.3',
      `a good signature by a published key of ${key.kid.slice(4)} bits`,
      '401t',
      () => forge({}, {}, key),
      W,
    ),
  ),
  ...[...Object.keys(exponents), ...Object.keys(moduli)].map((kid) =>
    attack('RFC 7518 6.3.1', `a key published with ${kid}`, '401t', () => forge({}, { kid }, rs2), W),
  ),
  ...[...spellings.map((jwk) => [jwk, rs2] as const), ...coordinateSpellings.map((jwk) => [jwk, es1] as const)].map(
    ([{ kid }, key]) =>
      attack('RFC 7518 2', `a key published with ${String(kid)}`, '200', () => forge({}, { kid }, key), {
        world: weakWorld,
      }),
  ),
  ...Object.keys(points).map((kid) =>
    attack('RFC 7518 6.2.1', `an EC key published with ${kid}`, '401t', () => forge({}, { kid }, es1), W),
  ),
  attack('RFC 8812 3.1', 'a secp256k1 key', '401t', () => forge({}, {}, secp), W),
  ...SMALL_ORDER.flatMap((hex) => [
    attack(
      'RFC 8032 5.1.7',
      `the public key ${hex.slice(0, 6)}..${hex.slice(-4)}, R neutral, S = 0`,
      '401t',
      () => forge({}, { kid: hex, alg: 'EdDSA' }, { ...ed1, sign: smallOrderSigner }),
      W,
    ),
    attack(
      'RFC 8032 5.1.7',
      `an honest key, R = ${hex.slice(0, 6)}..${hex.slice(-4)}, S = 0`,
      '401t',
      () => forge({}, {}, fixed(ed1, Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(32)]))),
      S,
    ),
  ]),
  attack('RFC 8032 5.1.7', 'S + L', '401t', () => forge({}, {}, plusL), S),
  ...[0, 63, 65, 128].map((length) =>
    attack('RFC 8032 5.1.7', `EdDSA of ${String(length)} bytes`, '401t', () =>
      forge({}, {}, fixed(ed1, Buffer.alloc(length))),
    ),
  ),
  attack('RFC 7517 4', 'a key published with its private half', '401t', () => forge({}, { kid: 'rs-private' }, rs2), W),
  attack('RFC 7517 4.7', 'x5c of another key: n and e count', '200', () => forge({}, { kid: 'with-x5c' }, rs2), {
    world: weakWorld,
  }),
  attack('RFC 7517 4.7', 'x5c of another key, signed by that', '401t', () => forge({}, { kid: 'with-x5c' }, evil), {
    world: weakWorld,
    ...S,
  }),
  ...['rs2', 'again'].map((kid) =>
    attack('RFC 7517 4.5', `one key under two names: ${kid}`, '200', () => forge({}, { kid }, rs2), {
      world: weakWorld,
    }),
  ),
  attack(
    V,
    'the signature of another token',
    '401t',
    () => {
      const [head, body] = segmentsOf(forge())
      return `${head}.${body}.${segmentsOf(forge({ sub: 'user-2-of-as1' }))[2]}`
    },
    S,
  ),
  attack('RFC 8725 3.8', 'an unknown issuer', '401t', () => forge({ iss: 'https://canary.test/' }, {}, evil), {
    code: 'unknown_issuer',
  }),
  attack(
    V,
    'expired and badly signed: the answer is about the time, as it is where the key is not at hand',
    '401t',
    () => forge({ exp: NOW - 3600, iat: NOW - 7200 }, { kid: 'rs1' }, evil),
    { code: 'token_expired' },
  ),
  attack(V, 'for another audience and badly signed', '401t', () => forge({ aud: 'x' }, { kid: 'rs1' }, evil), S),
  attack(V, 'an ID token, badly signed', '401t', () => forge({ nonce: 'n' }, { kid: 'rs1', typ: 'JWT' }, evil), S),
]

threatTable('signatures and keys', rows, strictWorld)

describe('a set of nothing but weak keys', () => {
  test.each([
    ['the e = 1 forgery', () => forge({}, {}, exponentOne)],
    ['a good signature by 1024 bits', () => forge({}, {}, small[2])],
  ])('counts as no keys at all: %s is 503, and no WWW-Authenticate', async (_what, token) => {
    const running = await onlyWeak.start()
    const answer = await running.send(bearer(token()))
    expect([answer.status, answer.header('www-authenticate')]).toEqual([503, undefined])
    expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/)
    expect(running.hits).toBe(0)
  })
})

describe('nothing of the user runs before the signature holds (RFC 8725 3.3)', () => {
  const calls: string[] = []
  const world = createWorld({
    options: {
      issuer: {
        issuer: AS1,
        profile: 'auto',
        isAccessToken: () => {
          calls.push('isAccessToken')
          return true
        },
      },
      claims: z.looseObject({}).refine(() => calls.push('claims') > 0),
    },
    after: ({ app, handler }) => {
      app.get(
        '/counted',
        (_req, _res, next) => {
          calls.push('policy')
          next()
        },
        handler,
      )
    },
  })
  const unmarked = { scope: undefined }

  test('a bad signature calls neither the predicate nor the schema nor a route', async () => {
    const running = await world.start()
    const token = forge(unmarked, { kid: 'rs1', typ: undefined }, evil)
    expect((await running.send(bearer(token, '/counted'))).status).toBe(401)
    expect(calls).toEqual([])
    expect(running.hits).toBe(0)
  })

  test('a good one calls each', async () => {
    const running = await world.start()
    const token = forge(unmarked, { typ: undefined })
    expect((await running.send(bearer(token, '/counted'))).status).toBe(200)
    expect(calls).toEqual(['isAccessToken', 'claims', 'policy'])
  })
})

describe('what an unsigned token says makes no difference', () => {
  test('an unknown issuer and an expired token never cause a fetch', async () => {
    const running = await createWorld().start()
    for (const token of [
      forge({ iss: 'https://canary.test/' }, {}, evil),
      forge({ exp: NOW - 3600, iat: NOW - 7200 }),
    ]) {
      expect((await running.send(bearer(token))).status).toBe(401)
    }
    expect(running.fetched).toEqual([])
    expect((await running.send(bearer(forge()))).status).toBe(200)
    expect(running.fetched).not.toEqual([])
  })

  // What has expired, or says no time at which it does, is told so whether or not its key is at hand.
  test.each<[kid: string, claims: Readonly<Record<string, unknown>>, code: string]>(
    ['rs1', 'unheard-of'].flatMap((kid): [string, Readonly<Record<string, unknown>>, string][] => [
      [kid, {}, kid === 'rs1' ? 'invalid_signature' : 'unknown_key'],
      [kid, { exp: NOW - 3600, iat: NOW - 7200 }, 'token_expired'],
      [kid, { exp: 'never' }, 'invalid_claims'],
      [kid, { exp: undefined }, 'invalid_claims'],
    ]),
  )('under the kid %s, %j is the same before and after the keys were fetched', async (kid, claims, code) => {
    const running = await createWorld().start()
    const codeOf = async (): Promise<unknown> => {
      const { status, body } = await running.send(bearer(forge(claims, { kid }, evil)))
      expect(status).toBe(401)
      return (JSON.parse(body) as { code: unknown }).code
    }
    expect(await codeOf()).toBe(code)
    await running.send(bearer(forge()))
    expect(await codeOf()).toBe(code)
  })
})
