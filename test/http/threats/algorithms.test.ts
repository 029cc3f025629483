import { createPublicKey } from 'node:crypto'
import { createKey, encode, segmentsOf, signAs, type Jwk, type Signer } from '../../kit/forge.js'
import { attack, createWorld, family, strictWorld, threatTable, type Row, refusedAtStart } from './harness.js'
import { requireAuth, type RequireAuthOptions } from 'express-resource-server'
import { AS1, AS2, AUDIENCE, as1Keys, as2es, as2rs, ed1, es1, es384, forge, ps1, rs1 } from './tokens.js'

const unsigned = (token: string): string => `${segmentsOf(token).slice(0, 2).join('.')}.`
const spki = rs1.publicKey.export({ format: 'pem', type: 'spki' }).toString()
const pkcs1 = rs1.publicKey.export({ format: 'pem', type: 'pkcs1' }).toString()
const spkiDer = rs1.publicKey.export({ format: 'der', type: 'spki' })
const pkcs1Der = rs1.publicKey.export({ format: 'der', type: 'pkcs1' })
const jwks = { keys: as1Keys.map(({ jwk }) => jwk) }
const text = (value: unknown): string => String(value)

/** Everything that an attacker can know of a public key, as the bytes of a shared secret. */
const publicSecrets: Readonly<Record<string, string | Uint8Array>> = {
  'SPKI PEM with its final newline': spki,
  'SPKI PEM without a final newline': spki.trimEnd(),
  'SPKI PEM with CRLF': spki.replaceAll('\n', '\r\n'),
  'SPKI PEM with CRLF, no final one': spki.replaceAll('\n', '\r\n').trimEnd(),
  'SPKI PEM with a leading space': ` ${spki}`,
  'SPKI PEM with a leading newline': `\n${spki}`,
  'SPKI PEM with a leading BOM': `\uFEFF${spki}`,
  'SPKI PEM with a comment before BEGIN': `# key of as1\n${spki}`,
  'SPKI PEM with a header inside': spki.replace('KEY-----\n', 'KEY-----\nComment: x\n\n'),
  'SPKI PEM with two final newlines': `${spki}\n`,
  'SPKI PEM on one line': spki.replaceAll('\n', ''),
  'SPKI PEM with the newlines as backslash n': spki.replaceAll('\n', '\\n'),
  'the base64 of the SPKI alone': spkiDer.toString('base64'),
  'PKCS#1 PEM': pkcs1,
  'PKCS#1 PEM without a final newline': pkcs1.trimEnd(),
  'SPKI DER': spkiDer,
  'PKCS#1 DER': pkcs1Der,
  'a certificate PEM around it': spki.replaceAll('PUBLIC KEY', 'CERTIFICATE'),
  'the JWK as served': JSON.stringify(rs1.jwk),
  'the JWK, pretty': JSON.stringify(rs1.jwk, null, 2),
  'the canonical JWK (RFC 7638)': JSON.stringify({ e: rs1.jwk['e'], kty: 'RSA', n: rs1.jwk['n'] }),
  'the whole JWKS as served': JSON.stringify(jwks),
  'the whole JWKS, pretty': JSON.stringify(jwks, null, 2),
  'the bytes of n': Buffer.from(text(rs1.jwk['n']), 'base64url'),
  'the text of n': text(rs1.jwk['n']),
  'the text of e': text(rs1.jwk['e']),
  'the kid': 'rs1',
  'the issuer': AS1,
  'no bytes': '',
  'one zero byte': Buffer.alloc(1),
  '32 zero bytes': Buffer.alloc(32),
  'the text "undefined"': 'undefined',
  'the text "null"': 'null',
  'the text "[object Object]"': '[object Object]',
}

const noAlgWorld = (key: { readonly jwk: Jwk }, ...algorithms: NonNullable<RequireAuthOptions['algorithms']>) =>
  createWorld({
    options: { algorithms },
    jwks: () => [rs1.jwk, { ...key.jwk, kid: 'bare', alg: undefined }],
  })
const bare = (alg: string): Signer => signAs(alg, ps1, 'bare')
const rsaOnly = noAlgWorld(ps1, 'RS256')
const rsThenPs = noAlgWorld(ps1, 'RS256', 'PS256')
const psThenRs = noAlgWorld(ps1, 'PS256', 'RS256')

const octSecret = Buffer.alloc(32, 7)
const octWorld = createWorld({
  jwks: () => [rs1.jwk, { kty: 'oct', kid: 'oct', alg: 'HS256', use: 'sig', k: encode(octSecret) }],
})
const okpWorld = createWorld({
  jwks: () => [
    rs1.jwk,
    { ...ed1.jwk, kid: 'x25519', crv: 'X25519' },
    { ...ed1.jwk, kid: 'x448', crv: 'X448', x: encode(Buffer.alloc(56, 9)) },
    { ...ed1.jwk, kid: 'ed448', crv: 'Ed448', x: encode(Buffer.alloc(57, 9)) },
    { ...es1.jwk, kid: 'p384-as-es256', crv: 'P-384' },
    { ...es384.jwk, kid: 'es384-as-es256', alg: 'ES256' },
    { ...es1.jwk, kid: 'es256-as-es384', alg: 'ES384' },
  ],
})
const perIssuerWorld = createWorld({
  options: {
    issuer: [
      { issuer: AS1, algorithms: ['RS256'] },
      { issuer: AS2, algorithms: ['ES256'] },
    ],
  },
})
const edNamed = createKey('Ed25519', { kid: 'ed-named', alg: 'Ed25519' })
const edWorld = createWorld({
  jwks: () => [rs1.jwk, edNamed.jwk, ed1.jwk, { ...ed1.jwk, kid: 'ed-bare', alg: undefined }],
})
const edOnlyWorld = createWorld({
  options: { algorithms: ['RS256', 'EdDSA'] },
  jwks: () => [rs1.jwk, edNamed.jwk, { ...ed1.jwk, kid: 'ed-bare', alg: undefined }],
})
const mutable: ('RS256' | 'ES256')[] = ['RS256']
const mutatedWorld = createWorld({
  options: { algorithms: mutable },
  before: () => undefined,
  after: () => void mutable.push('ES256'),
})

const A = 'RFC 8725 3.1'
const rows: readonly Row[] = [
  attack('RFC 7515 A.5', 'none, the trailing dot kept', '401t', () => unsigned(forge({}, { alg: 'none' }))),
  attack(A, 'none, the signature kept', '401t', () => forge({}, { alg: 'none' })),
  attack(A, 'none in an unsigned edit, the signature of the good token kept', '401t', () => {
    const [, payload, signature] = segmentsOf(forge())
    return `${encode('{"alg":"none","kid":"rs1","typ":"at+jwt"}')}.${payload}.${signature}`
  }),
  ...['None', 'NONE', 'nOnE', 'noNe', 'nONE', 'none ', ' none', 'none\u0000', 'none\t', 'n\u006fne\u200b', '']
    .concat(['\uff4e\uff4f\uff4e\uff45', 'n\u043ene', 'null', 'undefined', 'false', '0'])
    .flatMap((alg) => [
      attack(A, `alg ${JSON.stringify(alg)}, signed`, '401t', () => forge({}, { alg })),
      attack(A, `alg ${JSON.stringify(alg)}, not signed`, '401t', () => unsigned(forge({}, { alg }))),
    ]),
  attack('RFC 7515 4.1.1', 'no alg', '401t', () => forge({}, { alg: undefined })),
  ...family(
    'alg',
    'RFC 7515 4.1.1',
    { 'an array': ['RS256'], 'a number': 256, null: null, 'an object': { RS256: 1 }, true: true, nested: [['RS256']] },
    '401t',
    (alg) => forge({}, { alg }),
    { code: 'algorithm_not_allowed' },
  ),
  ...['rs256', 'Rs256', 'RS256 ', ' RS256', 'RS-256', 'RS256\u0000', 'RS256,ES256', 'sha256WithRSAEncryption'].map(
    (alg) =>
      attack(A, `alg ${JSON.stringify(alg)}`, '401t', () => forge({}, { alg }), {
        code: 'algorithm_not_allowed',
      }),
  ),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length'].map((alg) =>
    attack(A, `alg ${alg}`, '401t', () => forge({}, { alg }), { code: 'algorithm_not_allowed' }),
  ),
  ...(['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
    family(`${alg} keyed with`, A, publicSecrets, '401t', (secret) => forge({}, {}, signAs(alg, secret, 'rs1')), {
      code: 'algorithm_not_allowed',
    }),
  ),
  ...family(
    'HS256 keyed with',
    A,
    {
      'the x and y of an EC key': [es1, Buffer.from(text(es1.jwk['x']) + text(es1.jwk['y']), 'base64url')],
      'the uncompressed EC point': [
        es1,
        Buffer.concat([Buffer.of(4), ...['x', 'y'].map((name) => Buffer.from(text(es1.jwk[name]), 'base64url'))]),
      ],
      'the x of an Ed25519 key': [ed1, Buffer.from(text(ed1.jwk['x']), 'base64url')],
      'the EC SPKI PEM': [es1, Buffer.from(text(es1.publicKey.export({ format: 'pem', type: 'spki' })))],
    } as const,
    '401t',
    ([key, secret]) => forge({}, {}, signAs('HS256', secret, key.kid)),
    { code: 'algorithm_not_allowed' },
  ),
  attack(A, 'a published oct key', '401t', () => forge({}, {}, signAs('HS256', octSecret, 'oct')), {
    world: octWorld,
    code: 'algorithm_not_allowed',
  }),
  attack(
    A,
    'a published oct key, HS256 without kid',
    '401t',
    () => forge({}, { kid: undefined }, signAs('HS256', octSecret, 'oct')),
    { world: octWorld },
  ),
  ...['PS256', 'RS384', 'RS512', 'PS384', 'PS512'].map((alg) =>
    attack(A, `${alg} by a key that is published for RS256`, '401t', () => forge({}, {}, signAs(alg, rs1)), {
      code: 'unknown_key',
    }),
  ),
  ...['RS256', 'RS384', 'RS512', 'PS384', 'PS512'].map((alg) =>
    attack(A, `${alg} by a key that is published for PS256`, '401t', () => forge({}, {}, signAs(alg, ps1))),
  ),
  attack(A, 'a key without alg, RS256 alone allowed: RS256', '200', () => forge({}, {}, bare('RS256')), {
    world: rsaOnly,
  }),
  ...['RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((alg) =>
    attack(A, `a key without alg, RS256 alone allowed: ${alg}`, '401t', () => forge({}, {}, bare(alg)), {
      world: rsaOnly,
    }),
  ),
  attack(
    A,
    'a key without alg is held to the first that is allowed: RS256',
    '200',
    () => forge({}, {}, bare('RS256')),
    { world: rsThenPs },
  ),
  attack(A, 'the same key with PS256 afterwards', '401t', () => forge({}, {}, bare('PS256')), {
    world: rsThenPs,
  }),
  attack(A, 'the other way round: PS256', '200', () => forge({}, {}, bare('PS256')), { world: psThenRs }),
  attack(A, 'the other way round: RS256', '401t', () => forge({}, {}, bare('RS256')), { world: psThenRs }),
  ...[ps1, es1, es384, ed1].map((key) => attack(A, `${key.alg} with its own key`, '200', () => forge({}, {}, key))),
  ...as1Keys.flatMap((key) =>
    as1Keys
      .filter((other) => other.alg !== key.alg)
      .map((other) =>
        attack(A, `alg ${key.alg} with the kid of ${other.kid}, signed by ${key.kid}`, '401t', () =>
          forge({}, { kid: other.kid }, key),
        ),
      ),
  ),
  ...as1Keys.flatMap((key) =>
    as1Keys
      .filter((other) => other.alg !== key.alg)
      .map((other) =>
        attack(A, `alg ${other.alg} over a signature by ${key.kid}`, '401t', () => forge({}, { alg: other.alg }, key)),
      ),
  ),
  ...['x25519', 'x448', 'ed448'].flatMap((kid) =>
    ['EdDSA', 'Ed25519', 'Ed448'].map((alg) =>
      attack('RFC 8037 3.1', `${alg} with the kid of an ${kid} key`, '401t', () => forge({}, { kid, alg }, ed1), {
        world: okpWorld,
      }),
    ),
  ),
  attack(
    'RFC 7518 3.4',
    'ES256 with a P-384 key that is published for ES256',
    '401t',
    () => forge({}, { kid: 'es384-as-es256', alg: 'ES256' }, es384),
    { world: okpWorld },
  ),
  attack(
    'RFC 7518 3.4',
    'ES256 signature with SHA-256 on P-384',
    '401t',
    () => forge({}, { kid: 'es384-as-es256' }, signAs('ES256', es384, 'x')),
    { world: okpWorld },
  ),
  attack(
    'RFC 7518 3.4',
    'ES384 with a P-256 key that is published for ES384',
    '401t',
    () => forge({}, { kid: 'es256-as-es384', alg: 'ES384' }, es1),
    { world: okpWorld },
  ),
  attack('RFC 9864 2', 'Ed25519, the key published as Ed25519', '200', () => forge({}, {}, edNamed), {
    world: edWorld,
  }),
  attack('RFC 8037 3.1', 'EdDSA, the key published as EdDSA', '200', () => forge({}, {}, ed1), {
    world: edWorld,
  }),
  ...['EdDSA', 'Ed25519'].map((alg) =>
    attack(
      'RFC 9864 2',
      `${alg}, the key published without alg`,
      '200',
      () => forge({}, { kid: 'ed-bare', alg }, ed1),
      { world: edWorld },
    ),
  ),
  attack(
    'RFC 9864 2',
    'Ed25519 where only EdDSA is allowed',
    '401t',
    () => forge({}, { kid: 'ed-bare', alg: 'Ed25519' }, ed1),
    { world: edOnlyWorld, code: 'algorithm_not_allowed' },
  ),
  attack('RFC 8037 3.1', 'Ed448 over an Ed25519 signature', '401t', () => forge({}, { alg: 'Ed448' }, ed1), {
    code: 'algorithm_not_allowed',
  }),
  attack(A, 'ES256 that claims AS1 (RS256 only), by the key of AS2', '401t', () => forge({}, {}, as2es), {
    world: perIssuerWorld,
    code: 'algorithm_not_allowed',
  }),
  attack(A, 'RS256 that claims AS2 (ES256 only), by a key of AS2', '401t', () => forge({ iss: AS2 }, {}, as2rs), {
    world: perIssuerWorld,
    code: 'algorithm_not_allowed',
  }),
  attack(A, 'RS256 that claims AS2 (ES256 only), by a key of AS1', '401t', () => forge({ iss: AS2 }), {
    world: perIssuerWorld,
  }),
  attack(A, 'ES256 of AS2', '200', () => forge({ iss: AS2 }, {}, as2es), { world: perIssuerWorld }),
  attack(A, 'ES256 of AS1 (RS256 only), by its own key', '401t', () => forge({}, {}, es1), {
    world: perIssuerWorld,
  }),
  ...[
    'ML-DSA-44',
    'ML-DSA-65',
    'ML-DSA-87',
    'SLH-DSA-SHA2-128s',
    'ES256K',
    'ESB256',
    'RS1',
    'RSA1_5',
    'RSA-OAEP',
    'dir',
  ].map((alg) => attack(A, `alg ${alg}`, '401t', () => forge({}, { alg }), { code: 'algorithm_not_allowed' })),
  ...[1000, 3000, 10_000, 1_000_000].map((length) =>
    attack(A, `alg of ${String(length)} characters`, '401t', () => forge({}, { alg: 'R'.repeat(length) })),
  ),
  attack(A, 'an algorithm that the caller pushed into its list afterwards', '401t', () => forge({}, {}, es1), {
    world: mutatedWorld,
    code: 'algorithm_not_allowed',
  }),
]

threatTable('algorithm and key-type confusion', rows, strictWorld)

describe('an allow-list that must not start (RFC 8725 3.1)', () => {
  const options = { issuer: AS1, audience: AUDIENCE }
  test.each([
    ['empty', []],
    ['none', ['none']],
    ['none beside RS256', ['RS256', 'none']],
    ['HS256 with fetched keys', ['HS256']],
    ['HS512 with fetched keys', ['HS512']],
    ['RS256 and HS256', ['RS256', 'HS256']],
    ['an undefined entry', [undefined]],
    ['a hole beside RS256', ['RS256', undefined]],
    ['lower case', ['rs256']],
    ['a text', 'RS256'],
    ['null', null],
    ['a name of Object.prototype', ['constructor']],
    ['RSA1_5', ['RSA1_5']],
  ])('%s', (_what, algorithms) => {
    expect(() => requireAuth({ ...options, algorithms } as RequireAuthOptions)).toThrow(refusedAtStart)
    expect(() => requireAuth({ ...options, issuer: { issuer: AS1, algorithms } } as RequireAuthOptions)).toThrow(
      refusedAtStart,
    )
  })

  test('a good one starts', () => {
    expect(() => requireAuth({ ...options, algorithms: ['RS256', 'ES256'] })).not.toThrow()
  })

  test('HS256 beside RS256 is refused for static keys too, and so is a public key as the secret', () => {
    const publicKey = createPublicKey(rs1.privateKey).export({ format: 'jwk' })
    for (const algorithms of [
      ['RS256', 'HS256'],
      ['HS256', 'ES256'],
    ] as const) {
      expect(() => requireAuth({ ...options, algorithms, jwks: { keys: [{ ...publicKey }] } })).toThrow(refusedAtStart)
    }
  })
})
