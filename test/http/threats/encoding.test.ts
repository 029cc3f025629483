import { createHash } from 'node:crypto'
import { aliasesOf, encode, flipBit, segmentsOf } from '../../kit/forge.js'
import { attack, bearer, createWorld, family, http, strictWorld, threatTable, type Row } from './harness.js'
import { ed1, es1, forge, forgeRaw, goodClaims, goodHeader, payloadText, rs1, signSegments } from './tokens.js'

// The Wycheproof vectors are not at hand offline; signatures.test.ts has families for the same faults. Tokens of megabytes are in
// http.test.ts, where the header limit is the subject.

const header = encode(JSON.stringify(goodHeader()))
const payload = encode(JSON.stringify(goodClaims))
const [, , signature] = segmentsOf(forge())

/** A header segment that ends in unused bits: its bytes are not a multiple of three. */
function unaligned(text: string): string {
  return Buffer.byteLength(text) % 3 === 0 ? `${text} ` : text
}
const looseHeader = encode(unaligned(JSON.stringify(goodHeader())))
const loosePayload = encode(unaligned(JSON.stringify(goodClaims)))

/** RFC 6750 3.1: what makes several words of a token is a malformed request, one odd word is a bad token. */
const separators = [
  ['400r', { space: ' ', tab: '\t' }],
  ['401t', { NBSP: '\u00a0', comma: ',', colon: ':', quote: '"' }],
] as const
const M = { code: 'malformed_token' } as const
const I = { code: 'invalid_claims' } as const
const B = 'RFC 7515 2'
const J = 'RFC 7519 7.2'
const D = 'RFC 7519 4'

const insert = (text: string, what: string): string => `${text.slice(0, 9)}${what}${text.slice(9)}`

const nested = (depth: number): string => `"x":${'['.repeat(depth)}${']'.repeat(depth)}`

const A5 =
  'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.'

const rows: readonly Row[] = [
  ...['=', '==', '===', '===='].map((padding) =>
    attack(B, `the signature with ${padding}`, '401t', () => `${forge()}${padding}`, M),
  ),
  ...[
    ['header', (pad: string) => signSegments(`${header}${pad}`, payload)],
    ['payload', (pad: string) => signSegments(header, `${payload}${pad}`)],
  ].flatMap(([name, make]) =>
    ['=', '=='].map((pad) =>
      // RFC 6750 3.1: token68 has "=" at its end only, so that this is one word and a bad token.
      attack('RFC 6750 3.1', `the ${String(name)} with ${pad}, signed so`, '401t', () =>
        typeof make === 'function' ? make(pad) : '',
      ),
    ),
  ),
  ...[rs1, es1, ed1].flatMap((key) => {
    const [head, body, sig] = segmentsOf(forge({}, {}, key))
    return aliasesOf(sig).map((alias, n) =>
      attack(B, `alias ${String(n + 1)} of an ${key.alg} signature`, '401t', () => `${head}.${body}.${alias}`, M),
    )
  }),
  ...aliasesOf(looseHeader).map((alias, n) =>
    attack(B, `alias ${String(n + 1)} of the header, signed so`, '401t', () => signSegments(alias, payload), M),
  ),
  ...aliasesOf(loosePayload).map((alias, n) =>
    attack(B, `alias ${String(n + 1)} of the payload, signed so`, '401t', () => signSegments(header, alias), M),
  ),
  attack(B, 'the canonical spelling of the same', '200', () => signSegments(looseHeader, loosePayload)),
  ...separators.flatMap(([outcome, characters]) => [
    ...family(
      'within the signature',
      'RFC 6750 3.1',
      characters,
      outcome,
      (character) => `${header}.${payload}.${insert(signature, character)}`,
    ),
    ...family('within the payload', 'RFC 6750 3.1', characters, outcome, (character) =>
      signSegments(header, insert(payload, character)),
    ),
    ...family('within the header', 'RFC 6750 3.1', characters, outcome, (character) =>
      signSegments(insert(header, character), payload),
    ),
  ]),
  ...family(
    'the token',
    'RFC 6750 3.1',
    {
      'in double quotes': `"${forge()}"`,
      'in single quotes': `'${forge()}'`,
      'in angle brackets': `<${forge()}>`,
      'in braces': `{${forge()}}`,
      'a comma behind': `${forge()},`,
      'a semicolon behind': `${forge()};`,
      'a comma before': `,${forge()}`,
      'a backslash before': `\\${forge()}`,
      'padding in front': `=${forge()}`,
      'percent-encoded dots': forge().replaceAll('.', '%2E'),
      'percent-encoded whole': forge().replaceAll(/./g, (one) => `%${(one.codePointAt(0) ?? 0).toString(16)}`),
      'an @': forge().replace('.', '@'),
      'UTF-8 bytes behind': `${forge()}\u00c3\u00a9`,
    },
    '401t',
    (token) => token,
    M,
  ),
  ...family(
    'the token',
    'RFC 6750 3.1',
    {
      'a parameter behind': `${forge()}; a=b`,
      'a tab before': `\t${forge()}`,
      'a word behind': `${forge()} x`,
    },
    '400r',
    (token) => token,
  ),
  // Spaces around a field value are no part of it (RFC 9110 5.5).
  attack('RFC 9110 5.5', 'spaces and tabs at the end of the field', '200', () => `${forge()} \t `),
  ...['~', '+', '/'].flatMap((one) => [
    attack(B, `${one} in the signature`, '401t', () => `${header}.${payload}.${insert(signature, one)}`, M),
    attack(B, `${one} in the payload, signed so`, '401t', () => signSegments(header, insert(payload, one)), M),
    attack(B, `${one} at the end`, '401t', () => `${forge()}${one}`, M),
  ]),
  attack(B, '- at the end', '401t', () => `${forge()}-`, M),
  attack(B, '_ at the end', '401t', () => `${forge()}_`, M),
  attack(
    B,
    'the ordinary base64 alphabet in the signature',
    '401t',
    () => {
      const bytes = Buffer.from(signature, 'base64url')
      return `${header}.${payload}.${bytes.toString('base64').replaceAll('=', '')}+/`
    },
    M,
  ),
  ...family(
    'a length that base64url cannot have',
    B,
    {
      header: `A.${payload}.${signature}`,
      'header, one too many': signSegments(`${header}${'A'.repeat((5 - (header.length % 4)) % 4)}`, payload),
      payload: signSegments(header, 'A'),
      'payload, one too many': signSegments(header, `${payload}${'A'.repeat((5 - (payload.length % 4)) % 4)}`),
      signature: `${header}.${payload}.A`,
      'signature, five': `${header}.${payload}.AAAAA`,
    },
    '401t',
    (token) => token,
    M,
  ),
  ...[2, 3, 4, 4000, 15_000].map((count) =>
    attack('RFC 7515 7.1', `${String(count)} dots alone`, '401t', () => '.'.repeat(count), M),
  ),
  ...[16_384, 16_385].map((length) =>
    attack('RFC 8725 3', `${String(length)} dots alone`, '401t', () => '.'.repeat(length), {
      code: length > 16_384 ? 'token_too_large' : 'malformed_token',
    }),
  ),
  ...family(
    'segments',
    'RFC 7515 7.1',
    {
      'a leading dot': `.${forge()}`,
      'a trailing dot': `${forge()}.`,
      '..': '..',
      '.': '.',
      '.a.': '.a.',
      'a.b': 'a.b',
      'a..b': 'a..b',
      a: 'a',
      'no signature': `${header}.${payload}.`,
      'no payload': `${header}..${signature}`,
      'no payload, signed so': signSegments(header, ''),
      'no header': `.${payload}.${signature}`,
      'no header, signed so': signSegments('', payload),
      'one dot only': `${header}.${payload}`,
      'header and a dot': `${header}.`,
      'two signatures': `${forge()}.${signature}`,
      'the token twice': `${forge()}.${forge()}`,
      'letters only': 'abcdefghijklmnop',
    },
    '401t',
    (token) => token,
    M,
  ),
  ...family(
    'JSON serialization',
    'RFC 7515 7.2',
    {
      general: JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
      'general, no signature': JSON.stringify({ payload, signatures: [] }),
      flattened: JSON.stringify({ payload, protected: header, signature }),
      hybrid: `{"payload":"${payload}","x":"${forge()}"}`,
    },
    '401t',
    (token) => token,
    M,
  ),
  ...family(
    'JSON serialization',
    'RFC 7515 7.2',
    {
      'general in base64url': JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
      'flattened in base64url': JSON.stringify({ payload, protected: header, signature }),
    },
    '401t',
    (text) => encode(text),
    M,
  ),
  attack('RFC 7515 7.2', 'JSON inside the compact form', '401t', () =>
    forgeRaw(
      JSON.stringify({ ...goodHeader(), payload, signatures: [] }),
      JSON.stringify({ payload, protected: header, signature }),
    ),
  ),
  ...family(
    'the payload',
    J,
    {
      'an array': '["a"]',
      'an array of the claims': `[${JSON.stringify(goodClaims)}]`,
      'a text': '"a"',
      'a number': '1',
      null: 'null',
      true: 'true',
      'white space': '   ',
      'not JSON': 'iss=as1',
      truncated: JSON.stringify(goodClaims).slice(0, -1),
      'letters behind': `${JSON.stringify(goodClaims)}x`,
      'a NUL behind': `${JSON.stringify(goodClaims)}\u0000`,
      'a second object behind': `${JSON.stringify(goodClaims)}{}`,
      'a prefix against JSON hijacking': `)]}'${JSON.stringify(goodClaims)}`,
      'a byte order mark': `\uFEFF${JSON.stringify(goodClaims)}`,
      'UTF-16LE': Buffer.from(JSON.stringify(goodClaims), 'utf16le'),
      'UTF-16LE with its mark': Buffer.from(`\uFEFF${JSON.stringify(goodClaims)}`, 'utf16le'),
      'a comment': payloadText('"x":1/**/'),
      'a trailing comma': payloadText('"x":1,'),
      'single quotes': JSON.stringify(goodClaims).replaceAll('"', "'"),
      'a good token inside': forge(),
    },
    '401t',
    (text) => forgeRaw(JSON.stringify(goodHeader()), text),
    M,
  ),
  ...family(
    'bytes in the payload',
    'RFC 8725 3.7',
    {
      'a lone 0xFF': [0xff],
      'a lone continuation byte': [0x80],
      'an overlong slash': [0xc0, 0xaf],
      'an encoded surrogate': [0xed, 0xa0, 0x80],
      'a truncated sequence': [0xe2, 0x82],
      'beyond U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
      'Latin-1': [0xe9],
    },
    '401t',
    (bytes) => {
      const [before = '', after = ''] = JSON.stringify(goodClaims).split('of-as1', 2)
      const rest = JSON.stringify(goodClaims).slice(before.length + 6)
      return forgeRaw(
        JSON.stringify(goodHeader()),
        Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after === '' ? '' : rest)]),
      )
    },
    M,
  ),
  ...family(
    'a member twice',
    D,
    {
      'sub, then admin': '"sub":"admin-of-everything"',
      'sub twice the same': `"sub":"${goodClaims.sub}"`,
      aud: '"aud":"https://other.test/"',
      exp: '"exp":99999999999',
      iss: '"iss":"https://as2.test/"',
      scope: '"scope":"orders:read orders:write"',
      'cnf and cnf': '"cnf":{"jkt":"a"},"cnf":null',
      'sub by an escape': String.raw`"\u0073ub":"admin-of-everything"`,
      'scope by escapes': String.raw`"sc\u006fpe":"orders:write"`,
      'iss by an escape in capitals': String.raw`"\u0069\u0073\u0073":"https://as2.test/"`,
      'in cnf': '"x":{"jkt":"a","jkt":"b"}',
      'in an array': '"x":[{"a":1,"a":2}]',
      'five deep': '"x":{"x":{"x":{"x":{"a":1,"a":2}}}}',
      'an empty name': '"":1,"":2',
      '__proto__ twice': '"__proto__":1,"__proto__":2',
      'with colons in the texts': '"x":"a:b:c","x":"d:e"',
      'a lone surrogate name twice': String.raw`"\ud800":1,"\ud800":2`,
      'numeric names': '"1":1,"1":2',
    },
    '401t',
    (members) => forgeRaw(JSON.stringify(goodHeader()), payloadText(members)),
    M,
  ),
  attack(D, 'texts full of colons, quotes and backslashes are no duplicates', '200', () =>
    forge({ 'a:b': 'c:d', 'q"': '"x":1,"x":2', 'e\\': '\\\\":\\', x: { 'a:b': ':' } }),
  ),
  attack(D, 'names that differ by case or by normal form only', '200', () =>
    forge({ SUB: 'x', '\u00e9': 1, 'e\u0301': 2 }),
  ),
  ...family(
    'prototypes',
    'RFC 7519 7.2',
    {
      'aud and exp from __proto__': payloadText(
        `"__proto__":{"aud":"https://api.test/","exp":${String(goodClaims.exp)}}`,
        'aud',
        'exp',
      ),
      'iss from __proto__': payloadText('"__proto__":{"iss":"https://as1.test/"}', 'iss'),
      'sub from __proto__': payloadText('"__proto__":{"sub":"admin-of-everything"}', 'sub'),
      'client_id from constructor.prototype': payloadText('"constructor":{"prototype":{"client_id":"c"}}', 'client_id'),
    },
    '401t',
    (text) => forgeRaw(JSON.stringify(goodHeader()), text),
    { also: expectClean },
  ),
  attack(
    'RFC 6749 3.3',
    'scope from __proto__',
    '401t',
    () => forgeRaw(JSON.stringify(goodHeader()), payloadText('"__proto__":{"scope":"orders:read"}', 'scope')),
    { path: '/read', also: expectClean },
  ),
  attack(
    'RFC 6749 3.3',
    'scope from constructor.prototype',
    '403s',
    () =>
      forgeRaw(
        JSON.stringify(goodHeader()),
        payloadText('"constructor":{"prototype":{"scope":"orders:read"}}', 'scope'),
      ),
    { path: '/read', also: expectClean },
  ),
  ...[31, 32, 33, 100, 1000, 5000].map((depth) =>
    attack(
      'RFC 8259 9',
      `arrays nested ${String(depth)} deep`,
      depth < 32 ? '200' : '401t',
      () => forgeRaw(JSON.stringify(goodHeader()), payloadText(nested(depth))),
      depth < 32 ? {} : M,
    ),
  ),
  attack(
    'RFC 8259 9',
    'objects nested 1500 deep',
    '401t',
    () => forgeRaw(JSON.stringify(goodHeader()), payloadText(`"x":${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}`)),
    M,
  ),
  attack(
    'RFC 8259 9',
    '100,000 deep',
    '401t',
    () => forgeRaw(JSON.stringify(goodHeader()), payloadText(nested(100_000))),
    { code: 'token_too_large' },
  ),
  attack('RFC 8259 9', 'echoed 31 deep', '200', () => forgeRaw(JSON.stringify(goodHeader()), payloadText(nested(31))), {
    path: '/any',
  }),
  attack(
    'RFC 8725 3',
    '50,000 members',
    '401t',
    () => forge(Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`m${String(n)}`, 1]))),
    { code: 'token_too_large' },
  ),
  attack('RFC 8725 3', 'an array of a million', '401t', () => forge({ x: Array(1_000_000).fill(1) }), {
    code: 'token_too_large',
  }),
  attack(
    'RFC 8725 3',
    '1000 audiences',
    '401t',
    () => forge({ aud: [...Array.from({ length: 1000 }, () => 'a'), goodClaims.aud] }),
    I,
  ),
  attack('RFC 7519 4.1.3', '256 audiences', '200', () =>
    forge({ aud: [...Array.from({ length: 255 }, () => 'a'), goodClaims.aud] }),
  ),
  attack(
    'RFC 7519 4.1.3',
    '257 audiences',
    '401t',
    () => forge({ aud: [...Array.from({ length: 256 }, () => 'a'), goodClaims.aud] }),
    I,
  ),
  ...family(
    'a number',
    'RFC 8259 6',
    {
      'a number of 5000 digits': '"x":' + '9'.repeat(5000),
      '1e400': '"x":1e400',
      '-1e400': '"x":-1e400',
      '0x10': '"x":0x10',
      '01': '"x":01',
      '+1': '"x":+1',
      '.5': '"x":.5',
      '5.': '"x":5.',
      '1_000': '"x":1_000',
      '10n': '"x":10n',
      NaN: '"x":NaN',
      '-Infinity': '"x":-Infinity',
    },
    '401t',
    (members) => forgeRaw(JSON.stringify(goodHeader()), payloadText(members)),
    M,
  ),
  ...['iat', 'nbf'].flatMap((name) =>
    ['9007199254740993', '18446744073709551616', '-9007199254740993', '1e300'].map((value) =>
      attack('RFC 7519 2', `${name} ${value}`, '401t', () =>
        forgeRaw(JSON.stringify(goodHeader()), payloadText(`"${name}":${value}`, name === 'iat' ? 'iat' : 'jti')),
      ),
    ),
  ),
  attack(
    'RFC 7519 2',
    'sub as a number beyond 2^53',
    '401t',
    () => forgeRaw(JSON.stringify(goodHeader()), payloadText('"sub":9007199254740993', 'sub')),
    I,
  ),
  attack(
    'RFC 7519 2',
    'client_id as a number beyond 2^53',
    '401t',
    () => forgeRaw(JSON.stringify(goodHeader()), payloadText('"client_id":9007199254740993', 'client_id')),
    I,
  ),
  // There is no option that refuses control characters in names: they come out of JSON.stringify escaped.
  ...['\u0000', '\u007f', '\u0085', '\u202e', '\u2066', '\u001b[31m', '\r\nX-Injected: 1'].map((odd) =>
    attack('RFC 8259 7', `sub with ${JSON.stringify(odd)}`, '200', () => forge({ sub: `user${odd}1` }), {
      path: '/any',
      also: ({ header }) => {
        expect(header('x-injected')).toBeUndefined()
      },
    }),
  ),
  ...['\u0000', '\u007f', '\u202e', '\u001b[31m', '"', '\\'].map((odd) =>
    attack(
      'RFC 6749 3.3',
      `scope with ${JSON.stringify(odd)}`,
      '401t',
      () => forge({ scope: `orders:read${odd} x` }),
      I,
    ),
  ),
  ...['orders:r\u00e9ad', 'orders:re\u0301ad'].map((scope) =>
    attack('RFC 6749 3.3', `scope ${JSON.stringify(scope)}`, '401t', () => forge({ scope }), {
      path: '/read',
    }),
  ),
  ...family(
    'look-alikes',
    'RFC 7519 4.1.1',
    {
      'a Cyrillic a in iss': { iss: 'https://\u0430s1.test/' },
      'a full-width s in iss': { iss: 'https://a\uff531.test/' },
      'a soft hyphen in iss': { iss: 'https://as1\u00ad.test/' },
      'a zero-width space in iss': { iss: 'https://as1.test/\u200b' },
      'a Cyrillic a in aud': { aud: 'https://\u0430pi.test/' },
      'a combining mark in aud': { aud: 'https://api.test/\u0301' },
      'a zero-width joiner in aud': { aud: 'https://api.test/\u200d' },
    },
    '401t',
    (claims) => forge(claims),
  ),
  attack('RFC 8259 2', 'another order and white space', '200', () =>
    forgeRaw(
      JSON.stringify(goodHeader(), null, 2),
      ` \n${JSON.stringify(Object.fromEntries(Object.entries(goodClaims).reverse()), null, '\t')}\r\n`,
    ),
  ),
  ...family(
    'control characters',
    'RFC 9110 5.5',
    {
      'a NUL before': `\u0000${forge()}`,
      'a NUL behind': `${forge()}\u0000`,
      'a bare CR inside': insert(forge(), '\r'),
      'a DEL behind': `${forge()}\u007f`,
      'a form feed inside': insert(forge(), '\f'),
    },
    'http',
    (token) => token,
    {},
  ),
  attack('RFC 6750 2.1', 'UTF-7', '401t', () => `+${encode(Buffer.from(forge(), 'utf16le').swap16())}-`, M),
  attack('RFC 6750 2.1', 'punycode', '401t', () => `xn--${forge()}`, M),
  attack('RFC 6750 2.1', 'base64url once more', '401t', () => encode(forge()), M),
  attack('RFC 7519 4.1.3', 'arrays in aud', '401t', () => forge({ aud: [[[goodClaims.aud]]] }), I),
  attack('RFC 7519 4.1.3', '500 arrays in aud', '401t', () => forge({ aud: Array(500).fill([goodClaims.aud]) }), I),
  attack('RFC 8725 3', 'a claim of 64 KiB: the cap is 16 KiB', '401t', () => forge({ x: 'x'.repeat(65_536) }), {
    code: 'token_too_large',
  }),
  attack('RFC 8725 3', 'a claim of 10,000 characters', '200', () => forge({ x: 'x'.repeat(10_000) })),
  attack('RFC 7515 A.5', 'the unsecured JWS of the RFC', '401t', () => A5, M),
  attack('RFC 7520 4.5', 'detached', '401t', () => `${header}..${signature}`, M),
  attack(
    'RFC 7797 4.2',
    'its example with "$.02" as the payload',
    '401t',
    () => `eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY`,
    M,
  ),
  ...family(
    'spliced',
    'RFC 7515 5.2',
    {
      'the payload of another token': () => [
        segmentsOf(forge())[0],
        segmentsOf(forge({ sub: 'user-2-of-as1' }))[1],
        signature,
      ],
      'the header of another token': () => [segmentsOf(forge({}, { x: 1 }))[0], payload, signature],
      'the signature of another token': () => [header, payload, segmentsOf(forge({ sub: 'user-2-of-as1' }))[2]],
      'header and payload in turn': () => [payload, header, signature],
    },
    '401t',
    (segments) => segments().join('.'),
  ),
  attack(B, 'padded segments and a signer, as a load balancer makes them', '401t', () => {
    const padded = (text: string): string =>
      Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
    return signSegments(
      padded(unaligned(JSON.stringify({ ...goodHeader(), signer: 'arn:aws' }))),
      padded(unaligned(JSON.stringify(goodClaims))),
    )
  }),
  attack(B, 'a signer without padding', '200', () => forge({}, { signer: 'arn:aws' })),
]

function expectClean(): void {
  const probe = {} as Record<string, unknown>
  expect([probe['scope'], probe['sub'], probe['client_id'], probe['aud']]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
}

threatTable('serialization, base64url and JSON', rows, strictWorld)

describe('what a remembered token does for its look-alikes (RFC 7515 2)', () => {
  const world = createWorld()

  /** The cache keeps a token from its second sight on. */
  const warm = async (token: string) => {
    const running = await world.start()
    for (let i = 0; i < 3; i++) expect((await running.send(bearer(token))).status).toBe(200)
    return running
  }

  test('every alias of a signature stays refused, and so does every flipped bit of the last bytes', async () => {
    const token = forge()
    const [head, body, sig] = segmentsOf(token)
    const running = await warm(token)
    const lookAlikes = [
      ...aliasesOf(sig).map((alias) => `${head}.${body}.${alias}`),
      ...Array.from({ length: 24 }, (_, bit) => `${head}.${body}.${flipBit(sig, 2024 + bit)}`),
      ...Array.from({ length: 16 }, (_, bit) => `${head}.${body}.${flipBit(sig, bit)}`),
      `${token}=`,
      `${token}==`,
    ]
    for (const lookAlike of lookAlikes) expect((await running.send(bearer(lookAlike))).status).toBe(401)
    expect((await running.send(bearer(token))).status).toBe(200)
  })

  test('two tokens that begin and end alike keep their own claims', async () => {
    const [mine, yours] = [forge({ sub: 'mine' }), forge({ sub: 'your' })]
    const running = await warm(mine)
    await warm(yours)
    const echo = async (token: string) =>
      (JSON.parse((await running.send(bearer(token, '/any'))).body) as { subject: string }).subject
    expect(await echo(mine)).toBe('mine')
    expect(await echo(yours)).toBe('your')
    const [head, body] = segmentsOf(yours)
    const swapped = `${head}.${body}.${segmentsOf(mine)[2]}`
    expect((await running.send(bearer(swapped))).status).toBe(401)
  })
})

test('600 mutations of a good token are never accepted and never an error of the server (RFC 7515 5.2)', async () => {
  const running = await strictWorld.start()
  const token = forge()
  const statuses = new Set<number>()
  const random = createRandom('encoding')
  for (let i = 0; i < 60; i++) {
    const requests = Array.from({ length: 10 }, (_, n) => {
      const mutant = mutate(token, random)
      return http('/any', [`Authorization: Bearer ${mutant === token ? `${token}A` : mutant}`], { close: n === 9 })
    })
    const answers = await running.pipeline(requests)
    expect(answers).toHaveLength(10)
    for (const { status } of answers) statuses.add(status)
  }
  // 503 for the second mutant of a "kid": the one fetch that unknown names may bring about is spent.
  expect([...statuses].filter((status) => ![401, 503].includes(status))).toEqual([])
  expect((await running.send(bearer(token))).status).toBe(200)
})

/** Numbers below a limit, the same ones in every run. */
function createRandom(seed: string): (limit: number) => number {
  let count = 0
  return (limit) =>
    createHash('sha256')
      .update(`${seed} ${String(count++)}`)
      .digest()
      .readUInt32BE(0) % limit
}

const PRINTABLE = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join('')

function mutate(token: string, random: (limit: number) => number): string {
  const at = random(token.length)
  const to = at + 1 + random(20)
  const letter = PRINTABLE.charAt(random(PRINTABLE.length))
  const variants = [
    () => token.slice(0, at) + letter + token.slice(at + 1),
    () => token.slice(0, at) + letter + token.slice(at),
    () => token.slice(0, at) + token.slice(to),
    () => token.slice(0, to) + token.slice(at),
    () => token.slice(0, at + 1),
    () => token.split('.').reverse().join('.'),
    () => token.slice(0, at) + token.slice(at, to).split('').reverse().join('') + token.slice(to),
  ]
  return (variants[random(variants.length)] ?? (() => ''))()
}
