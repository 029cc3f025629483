import { createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { createKey, encode, segmentsOf, signAs } from '../../kit/forge.js'
import { attack, bothWorld, createWorld, family, strictWorld, threatTable, type Row } from './harness.js'
import { AS2, as2rs, evil, forge, forgeRaw, goodClaims, goodHeader, headerText, rs1, rs2 } from './tokens.js'

// Long texts with a raised header limit are in http.test.ts, where the limit is the subject.

const claimsText = JSON.stringify(goodClaims)

/** Places that a header may point to: none of them is configured, so that a request to one fails the row. */
const places = [
  'http://canary.test/keys',
  'https://canary.test/keys',
  'file:///etc/passwd',
  `data:application/json,${encodeURIComponent(JSON.stringify({ keys: [evil.jwk] }))}`,
  'ftp://canary.test/keys',
  '//canary.test/keys',
  'https://as1.test@canary.test/keys',
  'https://as1.test/redirect?to=https://canary.test/keys',
  'https://as1.test/jwks',
  'http://169.254.169.254/latest/meta-data',
  'http://127.0.0.1:80/',
  '',
]

const certificate = evil.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')

const oneKeyWorld = createWorld({ jwks: () => [rs1.jwk] })
const oneBareKeyWorld = createWorld({ jwks: () => [{ ...rs1.jwk, kid: undefined }] })
const manyKeysWorld = createWorld({
  jwks: () => [rs1.jwk, ...Array.from({ length: 999 }, (_, n) => ({ ...rs2.jwk, kid: `k${String(n)}` }))],
})
const pssOnlyTwin = createKey('RSA', { kid: 'rs1', alg: 'PS256' })
const sameKidWorld = createWorld({ jwks: () => [rs1.jwk, pssOnlyTwin.jwk] })
const ambiguousKidWorld = createWorld({ jwks: () => [rs1.jwk, rs2.jwk, { ...evil.jwk, kid: 'rs2' }] })
/** AS1 and AS2 both publish a key called like this; AS1's is rs1. */
const sharedKid = { ...signAs('RS256', rs2, 'as2-rs'), jwk: { ...rs2.jwk, kid: 'as2-rs' } }
const sharedKidWorld = createWorld({
  options: { issuer: ['https://as1.test/', AS2] },
  jwks: () => [rs1.jwk, sharedKid.jwk],
})
const usesWorld = createWorld({
  jwks: () => [
    rs1.jwk,
    { ...rs2.jwk, kid: 'enc', use: 'enc' },
    { ...rs2.jwk, kid: 'odd-use', use: 'SIG' },
    { ...rs2.jwk, kid: 'use-array', use: ['sig'] },
    { ...rs2.jwk, kid: 'use-null', use: null },
    { ...rs2.jwk, kid: 'ops-sign', use: undefined, key_ops: ['sign'] },
    { ...rs2.jwk, kid: 'ops-encrypt', use: undefined, key_ops: ['encrypt'] },
    { ...rs2.jwk, kid: 'ops-empty', use: undefined, key_ops: [] },
    { ...rs2.jwk, kid: 'ops-text', use: undefined, key_ops: 'verify' },
    { ...rs2.jwk, kid: 'ops-object', use: undefined, key_ops: { verify: true } },
    { ...rs2.jwk, kid: 'ops-twice', use: undefined, key_ops: ['verify', 'verify'] },
    { ...rs2.jwk, kid: 'use-sig-ops-sign', key_ops: ['sign'] },
    { ...rs2.jwk, kid: 'ops-verify', use: undefined, key_ops: ['verify'] },
    { ...rs2.jwk, kid: 'no-use', use: undefined },
  ],
})

/** A JWE with the claims inside, encrypted to somebody's public key. */
function encrypt(header: Readonly<Record<string, unknown>>, encryptedKey: Buffer, key: Buffer, text: string): string {
  const protectedHeader = encode(JSON.stringify(header))
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(protectedHeader))
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()])
  return [protectedHeader, ...[encryptedKey, iv, ciphertext, cipher.getAuthTag()].map((part) => encode(part))].join('.')
}

const contentKey = Buffer.alloc(32, 3)
const wrapped = publicEncrypt({ key: createPublicKey(rs1.privateKey), oaepHash: 'sha256' }, contentKey)
const jwe = { enc: 'A256GCM', kid: 'rs1', typ: 'at+jwt' }
const five = (header: object, ...parts: string[]): string => [encode(JSON.stringify(header)), ...parts].join('.')

const U = { code: 'unsupported_header' } as const
const K = { code: 'unknown_key' } as const
const M = { code: 'malformed_token' } as const
const R = 'RFC 8725 3.10'

const rows: readonly Row[] = [
  attack(
    R,
    'jwk of the attacker, kid rs1, signed by the attacker',
    '401t',
    () => forge({}, { jwk: evil.jwk, kid: 'rs1' }, evil),
    U,
  ),
  attack(R, 'jwk of the attacker, no kid', '401t', () => forge({}, { jwk: evil.jwk, kid: undefined }, evil), U),
  attack(R, 'jwk of the attacker, its own kid', '401t', () => forge({}, { jwk: evil.jwk }, evil), U),
  attack(R, 'jwk of the real key, signed by it', '401t', () => forge({}, { jwk: rs1.jwk }), U),
  ...family('jwk', R, { null: null, 'an empty object': {}, 'a text': 'x' }, '401t', (jwk) => forge({}, { jwk }), U),
  attack(
    R,
    'a symmetric jwk and HS256',
    '401t',
    () => forge({}, { jwk: { kty: 'oct', k: encode('secret') } }, signAs('HS256', 'secret', 'rs1')),
    U,
  ),
  ...['jku', 'x5u'].flatMap((name) =>
    places.flatMap((place) => [
      attack(R, `${name} ${place.slice(0, 50)}, by the attacker`, '401t', () => forge({}, { [name]: place }, evil), K),
      attack(R, `${name} ${place.slice(0, 50)}, by the right key`, '200', () => forge({}, { [name]: place })),
    ]),
  ),
  ...family(
    'x5c',
    R,
    {
      'a self-signed chain': [certificate],
      'malformed DER': ['AAAA'],
      'no certificate': [],
      'a text': certificate,
      null: null,
    },
    '401t',
    (x5c) => forge({}, { x5c }, evil),
    K,
  ),
  attack(R, 'x5c beside the right key', '200', () => forge({}, { x5c: [certificate] })),
  attack(R, 'x5c with 1000 certificates', '401t', () => forge({}, { x5c: Array(1000).fill(certificate) }, evil), {
    code: 'token_too_large',
  }),
  ...['x5t', 'x5t#S256'].flatMap((name) => [
    attack('RFC 7515 4.1.7', `${name} is ignored`, '200', () => forge({}, { [name]: encode(randomBytes(32)) })),
    attack('RFC 7515 4.1.7', `${name} does not choose a key`, '401t', () =>
      forge({}, { [name]: 'rs2', kid: 'rs1' }, rs2),
    ),
    ...family(
      name,
      'RFC 7515 4.1.7',
      { number: 1, array: ['x'], object: {}, null: null, boolean: true },
      '401t',
      (value) => forge({}, { [name]: value }),
      U,
    ),
  ]),
  ...[
    '../../../../dev/null',
    '/etc/passwd',
    '..\\..\\x',
    'file:///dev/null',
    "' OR 1=1 --",
    '$(touch x)',
    'https://canary.test/keys',
    'rs1 ',
    ' rs1',
    'RS1',
    'rs1\u0000',
    'rs',
    'rs11',
    'rs1,rs2',
    'RS256 rs1',
    'rs2',
    'evil',
  ].map((kid) => attack(R, `kid ${JSON.stringify(kid)}`, '401t', () => forge({}, { kid }))),
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'find', 'get'].map((kid) =>
    attack(R, `kid ${kid}`, '401t', () => forge({}, { kid }), { code: 'unknown_key' }),
  ),
  ...[256, 257, 2900, 6000, 100_000].map((length) =>
    attack(R, `kid of ${String(length)} characters`, '401t', () => forge({}, { kid: 'k'.repeat(length) }), {
      also: (answer) => {
        expect(answer.head.length + answer.body.length).toBeLessThan(1000)
      },
    }),
  ),
  ...family(
    'kid',
    'RFC 7515 4.1.4',
    { number: 1, array: ['rs1'], object: { rs1: 1 }, null: null, true: true, nested: [['rs1']], empty: '' },
    '401t',
    (kid) => forge({}, { kid }),
    U,
  ),
  ...[
    'rs1\r\nX-Injected: 1',
    '\u001b[31mrs1',
    'rs1%0d%0aX: 1',
    '\u{1F511}'.repeat(5),
    'rs1\u202Egnp',
    'rs1\u2028',
    '"; error="x',
  ].map((kid) =>
    attack(R, `kid ${JSON.stringify(kid)}`, '401t', () => forge({}, { kid }), {
      code: 'unknown_key',
      also: ({ header }) => {
        expect(header('x-injected')).toBeUndefined()
      },
    }),
  ),
  attack('RFC 7515 4.1.4', 'no kid, one key fits', '200', () => forge({}, { kid: undefined }), {
    world: oneKeyWorld,
  }),
  attack('RFC 7515 4.1.4', 'no kid, the only key has none either', '200', () => forge({}, { kid: undefined }), {
    world: createWorld({
      jwks: () => [
        { ...rs1.jwk, kid: undefined },
        { ...rs1.jwk, alg: 'PS256' },
        { ...rs2.jwk, kid: 'rs1', alg: 'RS384' },
      ],
    }),
    good: () => forge({}, { kid: undefined }),
  }),
  attack('RFC 7515 4.1.4', 'a kid, the only key has none', '401t', () => forge(), {
    world: oneBareKeyWorld,
    good: () => forge({}, { kid: undefined }),
  }),
  attack('RFC 7515 4.1.4', 'no kid, by the attacker, one key fits', '401t', () => forge({}, { kid: undefined }, evil), {
    world: oneKeyWorld,
    code: 'invalid_signature',
  }),
  attack('RFC 7515 4.1.4', 'no kid, two keys fit', '401t', () => forge({}, { kid: undefined }), {
    code: 'unknown_key',
  }),
  attack('RFC 7515 4.1.4', 'no kid, two keys fit, by the second', '401t', () => forge({}, { kid: undefined }, rs2)),
  attack('RFC 7515 4.1.4', 'a kid that two keys of one algorithm share', '401t', () => forge({}, {}, rs2), {
    world: ambiguousKidWorld,
  }),
  attack('RFC 7515 4.1.4', 'a kid that keys of two algorithms share, the first', '200', () => forge(), {
    world: sameKidWorld,
  }),
  attack(
    'RFC 7515 4.1.4',
    'a kid that keys of two algorithms share, the second',
    '200',
    () => forge({}, {}, pssOnlyTwin),
    {
      world: sameKidWorld,
    },
  ),
  attack(
    'RFC 8725 3.1',
    'the first of them with the algorithm of the other',
    '401t',
    () => forge({}, {}, signAs('PS256', rs1)),
    {
      world: sameKidWorld,
    },
  ),
  attack('RFC 7515 4.1.4', 'no kid, 1000 keys fit', '401t', () => forge({}, { kid: undefined }), {
    world: manyKeysWorld,
    code: 'unknown_key',
  }),
  attack('RFC 8725 3.8', 'kid and signature of AS2, iss AS1, only AS1 trusted', '401t', () => forge({}, {}, as2rs)),
  attack('RFC 8725 3.8', 'kid and signature of AS2, iss AS1, both trusted', '401t', () => forge({}, {}, as2rs), {
    world: bothWorld,
    code: 'unknown_key',
  }),
  attack('RFC 8725 3.8', 'kid and signature of AS1, iss AS2, both trusted', '401t', () => forge({ iss: AS2 }), {
    world: bothWorld,
    code: 'unknown_key',
  }),
  attack('RFC 8725 3.8', 'both issuers publish the kid: iss AS1, signed by AS2', '401t', () => forge({}, {}, as2rs), {
    world: sharedKidWorld,
    code: 'invalid_signature',
  }),
  attack(
    'RFC 8725 3.8',
    'both issuers publish the kid: iss AS2, signed by AS1',
    '401t',
    () => forge({ iss: AS2 }, {}, sharedKid),
    {
      world: sharedKidWorld,
      code: 'invalid_signature',
    },
  ),
  attack('RFC 8725 3.8', 'both issuers publish the kid: AS1 with its own', '200', () => forge({}, {}, sharedKid), {
    world: sharedKidWorld,
  }),
  attack(
    'RFC 8725 3.8',
    'both issuers publish the kid: AS2 with its own',
    '200',
    () => forge({ iss: AS2 }, {}, as2rs),
    {
      world: sharedKidWorld,
    },
  ),
  ...[
    'enc',
    'odd-use',
    'use-array',
    'use-null',
    'ops-sign',
    'ops-encrypt',
    'ops-empty',
    'ops-text',
    'ops-object',
    'ops-twice',
    'use-sig-ops-sign',
  ].map((kid) =>
    attack('RFC 7517 4.3', `a key published as ${kid}`, '401t', () => forge({}, { kid }, rs2), {
      world: usesWorld,
      code: 'unknown_key',
    }),
  ),
  ...['ops-verify', 'no-use'].map((kid) =>
    attack('RFC 7517 4.3', `a key published as ${kid}`, '200', () => forge({}, { kid }, rs2), {
      world: usesWorld,
    }),
  ),
  ...family(
    'critical',
    'RFC 7515 4.1.11',
    {
      'crit x, x present': { crit: ['x'], x: 1 },
      'crit exp': { crit: ['exp'] },
      'crit exp, exp present': { crit: ['exp'], exp: 9_999_999_999 },
      'crit b64 without b64': { crit: ['b64'] },
      'crit alg': { crit: ['alg'] },
      'crit typ': { crit: ['typ'] },
      'crit kid': { crit: ['kid'] },
      'crit cty': { crit: ['cty'], cty: 'x' },
      'crit empty': { crit: [] },
      'crit null': { crit: null },
      'crit a text': { crit: 'b64', b64: true },
      'crit an object': { crit: {} },
      'crit a number': { crit: 0 },
      'crit false': { crit: false },
      'crit with a number': { crit: [1] },
      'crit with an empty name': { crit: [''], '': 1 },
      'crit b64 twice, b64 true': { crit: ['b64', 'b64'], b64: true },
      'crit b64, b64 true': { crit: ['b64'], b64: true },
      'crit crit': { crit: ['crit'] },
      'crit __proto__': { crit: ['__proto__'] },
      'crit constructor': { crit: ['constructor'] },
      'crit toString': { crit: ['toString'] },
      'b64 true': { b64: true },
      'b64 false without crit': { b64: false },
      'b64 "false"': { b64: 'false' },
      'b64 0': { b64: 0 },
      'b64 null': { b64: null },
      'zip DEF': { zip: 'DEF' },
      'zip empty': { zip: '' },
      'zip null': { zip: null },
      'zip none in small letters': { zip: 'none' },
      'zip NONE in an array': { zip: ['NONE'] },
      'enc A256GCM': { enc: 'A256GCM' },
      'enc null': { enc: null },
      'cty JWT': { cty: 'JWT' },
      'cty jwt': { cty: 'jwt' },
      'cty application/jwt': { cty: 'application/jwt' },
      'cty a number': { cty: 1 },
      'cty an array': { cty: ['JWT'] },
      'nonce, as in a Microsoft Graph token': { nonce: 'n', typ: 'JWT' },
      'nonce with typ at+jwt': { nonce: 'n' },
      'iss of somebody else (RFC 7519 5.3)': { iss: AS2 },
      'sub of somebody else (RFC 7519 5.3)': { sub: 'admin' },
      'aud of somebody else (RFC 7519 5.3)': { aud: ['https://api.test/'] },
      'typ a number': { typ: 1 },
      'typ an array': { typ: ['at+jwt'] },
      'typ null': { typ: null },
    },
    '401t',
    (header) => forge({}, header),
    U,
  ),
  attack('RFC 7519 5.3', 'iss, sub and aud repeated as they are', '200', () =>
    forge({}, { iss: goodClaims.iss, sub: goodClaims.sub, aud: goodClaims.aud }),
  ),
  ...[500, 10_000].map((length) =>
    attack('RFC 7515 4.1.11', `crit with ${String(length)} names`, '401t', () =>
      forge({}, { crit: Array.from({ length }, (_, n) => String(n)) }),
    ),
  ),
  attack(
    'RFC 7797 6',
    'b64 false, crit, the payload as literal JSON',
    '401t',
    () => {
      const header = encode(JSON.stringify({ ...goodHeader(), b64: false, crit: ['b64'] }))
      const input = `${header}.${claimsText}`
      return `${header}.${encode(claimsText)}.${encode(rs1.sign(input))}`
    },
    U,
  ),
  attack(
    'RFC 7797 6',
    'b64 false and crit over a usual payload',
    '401t',
    () => forge({}, { b64: false, crit: ['b64'] }),
    U,
  ),
  attack(
    'RFC 8725 3.3',
    'a JWE to the public key of the issuer (RSA-OAEP-256)',
    '401t',
    () => encrypt({ ...jwe, alg: 'RSA-OAEP-256' }, wrapped, contentKey, claimsText),
    M,
  ),
  attack(
    'RFC 8725 3.3',
    'a JWE with alg dir, the key all zeros',
    '401t',
    () => encrypt({ ...jwe, alg: 'dir' }, Buffer.alloc(0), Buffer.alloc(32), claimsText),
    M,
  ),
  attack(
    'RFC 8725 3.3',
    'a JWE around a good token (nested)',
    '401t',
    () => encrypt({ ...jwe, alg: 'RSA-OAEP-256', cty: 'JWT' }, wrapped, contentKey, forge()),
    M,
  ),
  ...family(
    'a JWE',
    'RFC 8725 3.3',
    {
      'ECDH-ES': five(
        { ...jwe, alg: 'ECDH-ES', epk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } },
        '',
        'AAAA',
        'AAAA',
        'AAAA',
      ),
      'PBES2 with p2c 2^31-1': five(
        { ...jwe, alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31 - 1, p2s: 'AAAA' },
        'AAAA',
        'AAAA',
        'AAAA',
        'AAAA',
      ),
      'a zip bomb': five({ ...jwe, alg: 'dir', zip: 'DEF' }, '', 'AAAA', 'A'.repeat(8000), 'AAAA'),
      'A128KW with an empty key': five({ ...jwe, alg: 'A128KW' }, '', 'AAAA', 'AAAA', 'AAAA'),
      'A128CBC-HS256 with an empty ciphertext': five(
        { ...jwe, alg: 'dir', enc: 'A128CBC-HS256' },
        '',
        'AAAA',
        '',
        'AAAA',
      ),
      'four segments': five({ ...jwe, alg: 'dir' }, 'AAAA', 'AAAA', 'AAAA'),
    },
    '401t',
    (token) => token,
    M,
  ),
  ...family(
    'an encryption algorithm',
    'RFC 8725bis 3.3',
    {
      'PBES2 in three segments': { alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31 - 1 },
      'RSA-OAEP in three segments': { alg: 'RSA-OAEP-256' },
    },
    '401t',
    (header) => forge({}, header),
  ),
  ...family(
    'a member twice',
    'RFC 7515 4',
    {
      'alg none, then RS256': '{"alg":"none","alg":"RS256","kid":"rs1","typ":"at+jwt"}',
      'alg RS256, then none': '{"alg":"RS256","alg":"none","kid":"rs1","typ":"at+jwt"}',
      'alg twice the same': '{"alg":"RS256","alg":"RS256","kid":"rs1","typ":"at+jwt"}',
      'kid twice': headerText('"kid":"rs1"'),
      'kid of another first': '{"kid":"rs2","alg":"RS256","kid":"rs1","typ":"at+jwt"}',
      'typ JWT, then at+jwt': '{"typ":"JWT","alg":"RS256","kid":"rs1","typ":"at+jwt"}',
      'typ at+jwt, then JWT': headerText('"typ":"JWT"'),
      'an unknown member twice': headerText('"x":1,"x":1'),
      'a nested member twice': headerText('"x":{"y":1,"y":2}'),
      'alg by escapes': headerText(String.raw`"\u0061lg":"none"`),
      'alg by escapes, the other way round': String.raw`{"\u0061lg":"none","alg":"RS256","kid":"rs1","typ":"at+jwt"}`,
      'typ by escapes': headerText(String.raw`"t\u0079p":"JWT"`),
      '__proto__ twice': headerText('"__proto__":1,"__proto__":2'),
    },
    '401t',
    (header) => forgeRaw(header, claimsText),
    M,
  ),
  attack('RFC 7515 4', 'crit twice', '401t', () => forgeRaw(headerText('"crit":["x"],"crit":[]'), claimsText), M),
  ...family(
    'the header',
    'RFC 7515 5.2',
    {
      'an array': '["RS256"]',
      'a text': '"RS256"',
      'a number': '1',
      null: 'null',
      true: 'true',
      'an array of the header': `[${JSON.stringify(goodHeader())}]`,
      'a byte order mark': `\uFEFF${JSON.stringify(goodHeader())}`,
      'UTF-16LE': Buffer.from(JSON.stringify(goodHeader()), 'utf16le'),
      'UTF-16LE with its mark': Buffer.from(`\uFEFF${JSON.stringify(goodHeader())}`, 'utf16le'),
      'invalid UTF-8': Buffer.concat([Buffer.from(headerText('"x":"').slice(0, -1)), Buffer.of(0xff, 0x22, 0x7d)]),
      'overlong UTF-8': Buffer.concat([
        Buffer.from(headerText('"x":"').slice(0, -1)),
        Buffer.of(0xc0, 0xaf, 0x22, 0x7d),
      ]),
      'an encoded surrogate': Buffer.concat([
        Buffer.from(headerText('"x":"').slice(0, -1)),
        Buffer.of(0xed, 0xa0, 0x80, 0x22, 0x7d),
      ]),
      'trailing letters': `${JSON.stringify(goodHeader())}x`,
      'a trailing comma': headerText('"x":1,'),
      'a trailing NUL': `${JSON.stringify(goodHeader())}\u0000`,
      'two objects': `${JSON.stringify(goodHeader())}{}`,
      'a comment': headerText('"x":1/* */'),
      'a line comment': headerText('"x":1//\n'),
      'single quotes': JSON.stringify(goodHeader()).replaceAll('"', "'"),
      'names without quotes': '{alg:"RS256",kid:"rs1",typ:"at+jwt"}',
      NaN: headerText('"x":NaN'),
      Infinity: headerText('"x":Infinity'),
      '1e999': headerText('"x":1e999'),
      'a hexadecimal number': headerText('"x":0x10'),
      'no brace at the end': JSON.stringify(goodHeader()).slice(0, -1),
      'a bare line feed in a text': headerText('"x":"\n"'),
      'a bad escape': headerText(String.raw`"x":"\x41"`),
      'nothing but white space': '  ',
      'deep nesting': headerText(`"x":${'['.repeat(500)}${']'.repeat(500)}`),
      'nesting of five': headerText('"x":[[[[1]]]]'),
    },
    '401t',
    (header) => forgeRaw(header, claimsText),
    M,
  ),
  attack('RFC 7515 5.2', 'an empty object', '401t', () => forgeRaw('{}', claimsText)),
  attack('RFC 7515 5.2', 'white space between the members', '200', () =>
    forgeRaw(`\n{ "alg" :\t"RS256" ,\r\n"kid": "rs1", "typ": "at+jwt" } `, claimsText),
  ),
  attack(
    'RFC 8725 3.10',
    '__proto__ with alg none inside',
    '401t',
    () => forgeRaw(headerText('"__proto__":{"alg":"none","polluted":"yes"}'), claimsText),
    { also: expectClean },
  ),
  attack(
    'RFC 8725 3.10',
    '__proto__ alone brings alg, kid and typ',
    '401t',
    () => forgeRaw('{"__proto__":{"alg":"RS256","kid":"rs1","typ":"at+jwt"}}', claimsText),
    { also: expectClean },
  ),
  attack(
    'RFC 8725 3.10',
    'constructor.prototype with a member',
    '200',
    () => forgeRaw(headerText('"constructor":{"prototype":{"polluted":"yes"}}'), claimsText),
    { also: expectClean },
  ),
  attack(
    'RFC 8725 3',
    '2000 unknown members',
    '401t',
    () => forge({}, Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`m${String(n)}`, 1]))),
    { code: 'token_too_large' },
  ),
  attack('RFC 7515 4', '100 unknown members', '200', () =>
    forge({}, Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`m${String(n)}`, 1]))),
  ),
  attack('RFC 8725 3', 'a header segment of exactly 4096 characters', '200', () => forge({}, { x: padTo(4096) }), {
    also: () => {
      expect(segmentsOf(forge({}, { x: padTo(4096) }))[0]).toHaveLength(4096)
    },
  }),
  attack(
    'RFC 8725 3',
    'a header segment just above 4096 characters',
    '401t',
    () => forge({}, { x: `${padTo(4096)}x` }),
    {
      code: 'token_too_large',
    },
  ),
]

/** A text that makes the header segment so long: base64url takes four characters for three bytes. */
function padTo(length: number): string {
  return 'x'.repeat((length / 4) * 3 - JSON.stringify({ ...goodHeader(), x: '' }).length)
}

function expectClean(): void {
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(({} as Record<string, unknown>)['alg']).toBeUndefined()
}

threatTable('JOSE header and key selection', rows, strictWorld)
