import fc from 'fast-check'
import {
  AUDIENCE,
  ISSUER,
  NOW,
  OTHER_ISSUER,
  SECOND_AUDIENCE,
  segmentMutations,
  signatureMutations,
  signers,
  strangers,
  tokenMutations,
  wraps,
  type Case,
  type Change,
  type Mutation,
  type Style,
  type Value,
} from './mint.js'

// Random tokens near the boundary: a good one, and a few changes, most of which matter to some rule and many of which are
// harmless, so that about a third of the tokens stay good.

const any = <Item>(...items: Item[]): fc.Arbitrary<Item> => fc.constantFrom(...items)
const mostly = <Item>(usual: Item, rare: fc.Arbitrary<Item>, weight = 12): fc.Arbitrary<Item> =>
  fc.oneof({ withCrossShrink: true }, { weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rare })

const raw = (text: string): Value => ({ raw: text })
const object = (...members: [string, Value][]): Value => ({ members })

/** Values of every JSON type: nobody's idea of the claim at hand. */
const oddValue: fc.Arbitrary<Value> = any<Value>(null, true, false, 0, 1, '', 'x', [], [1], ['x'], [null], object(), [
  [],
])

const names = any(
  'a',
  'b',
  'sub',
  'roles',
  '__proto__',
  'constructor',
  'toString',
  'a.b',
  '',
  'https://example.com/roles',
)
const text = fc.oneof(
  names,
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  any('a:b', '{"a":1}', '\\"', '":', '\u0000', '\ud83d\ude00', '\u2028', '\u007f'),
)

const nested = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    oddValue,
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((members) => ({ members })),
  ),
})).value

/** Arrays and objects in each other, up to and beyond what is allowed. */
const deep: fc.Arbitrary<Value> = fc
  .tuple(fc.oneof(fc.integer({ min: 1, max: 6 }), any(29, 30, 31, 32, 33), any(500, 3000)), fc.boolean())
  .map(([depth, isObject]) =>
    raw(isObject ? `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}` : '['.repeat(depth) + ']'.repeat(depth)),
  )

/** Trees around the largest that is allowed: of so many objects and arrays, members, or commas beside those of the others. */
const wide = (containers: number, members: number, commas: number): fc.Arbitrary<Value> =>
  fc.oneof(
    around(containers).map((count) => raw(`[${'[],'.repeat(count)}{}]`)),
    around(members).map((count) =>
      object(...Array.from({ length: count }, (_, i): [string, Value] => [`m${String(i)}`, 1])),
    ),
    around(commas).map((count) => raw(`[${'1,'.repeat(count)}",:[{"]`)),
  )
const around = (limit: number): fc.Arbitrary<number> => fc.integer({ min: limit - 12, max: limit + 1 })

/** JSON texts that some reader takes for a value, and a few that are one. */
const oddText: fc.Arbitrary<Value> = any(
  ...['01', '0x10', '+1', '.5', '1.', '1e', '-', '--1', '1_000', 'NaN', 'Infinity', '-Infinity', 'undefined', 'True'],
  ...['1e309', '-1e309', '1e400', '1'.repeat(400), '1e-400', '17e8', '-0', '0.10', '1E+2', '0e0'],
  ...[
    '"a\u0001b"',
    '"a\tb"',
    '"a\nb"',
    '"\\x41"',
    '"\\u12"',
    '"\\u12G4"',
    '"\\',
    '"\\/"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
  ],
  ...[
    "'a'",
    '`a`',
    '[1,]',
    '[,1]',
    '[1 2]',
    '{"a" 1}',
    '{"a":1,}',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{a:1}',
    '',
  ],
  ...['[{"a":{},"a":{}}]', '{"a":{"b":1},"b":{"a":1}}', '{"":1,"":2}', '// x\n1', '/**/1', '"a" "b"', '[1]]', '}'],
).map(raw)

const anything = fc.oneof(
  { weight: 8, arbitrary: nested },
  { weight: 2, arbitrary: deep },
  { weight: 2, arbitrary: oddText },
)

const set = (part: Change['part'], name: string, value: fc.Arbitrary<Value>): fc.Arbitrary<Change> =>
  value.map((settled) => ({ part, how: 'set' as const, name, value: settled }))
const claim = (name: string, value: fc.Arbitrary<Value>): fc.Arbitrary<Change> => set('payload', name, value)
const parameter = (name: string, value: fc.Arbitrary<Value>): fc.Arbitrary<Change> => set('header', name, value)
const claims = (list: readonly string[], value: fc.Arbitrary<Value>): fc.Arbitrary<Change> =>
  any(...list).chain((name) => claim(name, value))

// Every place where the verdict may turn: the tolerances of the rule sets, the cap of the expiry, the longest life.
const edges = [-630, -600, -300, -120, -60, -60, -30, -30, 0, 0, 30, 60, 300, 300, 500, 600]
const near = fc
  .tuple(any(...edges), any(-1, -0.5, -0.25, 0, 0, 0.25, 0.5, 1))
  .map(([edge, step]): Value => NOW + edge + step)
const oddDates = any<Value>(
  ...[0, -0, -1, 0.5, 1e300, 2 ** 53, 2 ** 63, 253_402_300_799, 253_402_300_800, (NOW + 300) * 1000, -NOW],
  ...[null, true, String(NOW + 300), '', 'now', [NOW + 300], object(['seconds', NOW + 300])],
  ...['1e309', '-1e309', '18e8', '1.8e9', '1800000100.00000000000000000001', `1${'0'.repeat(400)}`, '01800000100'].map(
    raw,
  ),
)
const date = fc.oneof({ weight: 5, arbitrary: near }, { weight: 1, arbitrary: oddDates })

const audience = any<Value>(
  ...[
    AUDIENCE,
    AUDIENCE,
    SECOND_AUDIENCE,
    [AUDIENCE],
    ['client-1', AUDIENCE],
    [AUDIENCE, AUDIENCE],
    [SECOND_AUDIENCE, 'x'],
  ],
  ...[
    [AUDIENCE, `${ISSUER}userinfo`],
    [AUDIENCE, `${OTHER_ISSUER}userinfo`],
    [`${ISSUER}userinfo`],
    `${ISSUER}userinfo`,
  ],
  ...[
    `${AUDIENCE}/`,
    `${AUDIENCE}:443`,
    `${AUDIENCE} `,
    AUDIENCE.toUpperCase(),
    `x${AUDIENCE}`,
    'https://apiXexample.com',
  ],
  ...['', null, 0, true, [], [null], [[AUDIENCE]], [AUDIENCE, 1], [AUDIENCE, null], object([AUDIENCE, 1]), 'client-1'],
  ...[`${AUDIENCE} ${SECOND_AUDIENCE}`, `${AUDIENCE},x`, 'https://\u0430pi.example.com'],
  ...[300, 1000].map((count): Value => [...Array<string>(count).fill('x'), AUDIENCE]),
)

const issuer = any<Value>(
  ...[
    ISSUER,
    ISSUER,
    OTHER_ISSUER,
    ISSUER.slice(0, -1),
    `${ISSUER}x`,
    `${OTHER_ISSUER}/`,
    ISSUER.toUpperCase(),
    `${ISSUER} `,
  ],
  ...[
    'https://evil.example.com',
    '__proto__',
    '',
    null,
    1,
    [ISSUER],
    object(['iss', ISSUER]),
    'https://l\u043egin.example.com/',
  ],
)

const scopes = any<Value>(
  ...[
    '',
    'a',
    'a b',
    'b a',
    ' a  b ',
    'a a b',
    'A',
    'a,b',
    'a+b',
    '*',
    'constructor',
    '\u00e9',
    '\u0001',
    '\u0000',
    '\u007f',
  ],
  ...[
    'a\tb',
    'a\nb',
    'a\u00a0b',
    'a\u3000b',
    'a"b',
    'a\\b',
    '\ud83d\ude00',
    [],
    ['a'],
    ['a', 'b'],
    ['b', 'a'],
    ['a', 'a', 'b'],
  ],
  ...[['a b'], [''], ['a"'], ['a', 1], [['a']], [null], null, 1, true, object(), object(['a', 1])],
)

const client = any<Value>('client-1', 'client-1', 'client-1', 'client-2', '', null, 1, ['client-1'], object())
const identifier = any<Value>(
  'user-1',
  'x',
  '',
  'client-1',
  '\ud83d\ude00',
  null,
  1,
  true,
  ['user-1'],
  object(),
  raw('"\\ud800"'),
)
const tokenId = any<Value>(
  ...[
    'AT.1',
    'AT.1',
    'ID.1',
    'ID.',
    'AT.',
    'at.1',
    'id.1',
    'xAT.1',
    ' ID.1',
    'AT1',
    'RT.1',
    '',
    null,
    1,
    ['ID.1'],
    ['AT.1'],
  ],
)

const mark = fc.oneof(
  // rank 1
  claim(
    'typ',
    any<Value>('ID', 'Refresh', 'Offline', 'Logout', 'Serialized-ID', 'id', 'logout', 'toString', '__proto__', 'JWT'),
  ),
  claim('token_use', any<Value>('id', 'access', 'access', 'ACCESS', 'refresh', '', null, ['access'], true)),
  claim(
    'tokenName',
    any<Value>('access_token', 'ACCESS_TOKEN', 'refresh_token', 'id_token', '', null, ['access_token']),
  ),
  claim('type', any<Value>('access', 'Access_Token', 'refresh', 'id', 'user', 'bearer', '', null, ['access'])),
  claim(
    'token_type',
    any<Value>('access', 'access', 'Bearer', 'ACCESS', 'bearer', 'refresh', 'code', '', null, ['access']),
  ),
  claims(['events', 'htm', 'htu'], any<Value>(object(), 'GET', null, '')),
  claims(['ati', 'active', 'redirect_uri', 'access_token'], any<Value>('x', true, null, '')),
  claim('jti', tokenId),
  // rank 2
  claim('typ', any<Value>('Bearer', 'DPoP', 'bearer', 'Bearer ', ['Bearer'], null, 1, 'at+jwt')),
  // rank 3
  claims(['nonce', 'at_hash', 'c_hash', 's_hash', 'rat', 'at_Hash', 'Nonce'], any<Value>('n-1', null, '', 1)),
  // rank 4
  claims(['permissions', 'appid', 'azpacr', 'idtyp'], any<Value>('client-1', 'app', [], ['a'], null, 1)),
  // no rank
  claims(['uid', 'roles', 'auth_time', 'acr', 'sid', 'amr', 'azp', 'cid'], any<Value>('client-1', ['a'])),
  claim('token_kind', any<Value>('api', 'api', 'truthy', 'throw', 'API', null, ['api'])),
)

const claimChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: mark },
  { weight: 6, arbitrary: claims(['exp', 'exp', 'nbf', 'iat'], date) },
  { weight: 2, arbitrary: claim('aud', audience) },
  { weight: 1, arbitrary: claim('iss', issuer) },
  { weight: 4, arbitrary: claims(['scope', 'scope', 'scp'], scopes) },
  { weight: 2, arbitrary: claims(['client_id', 'azp', 'appid', 'cid'], client) },
  { weight: 1, arbitrary: claims(['sub', 'sub', 'jti', 'client_id'], identifier) },
  { weight: 1, arbitrary: claim('cnf', any<Value>(object(), object(['jkt', 'x']), null, false, 'x')) },
  { weight: 2, arbitrary: text.chain((name) => claim(name, anything)) },
  { weight: 1, arbitrary: claims(['permissions', 'roles', 'entitlements', 'groups', 'acr'], nested) },
  { weight: 1, arbitrary: claim('wide', wide(768, 768, 2048)) },
  {
    weight: 2,
    arbitrary: any('exp', 'iat', 'sub', 'jti', 'client_id', 'aud', 'iss').map((name): Change => ({
      part: 'payload',
      how: 'remove',
      name,
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(any('sub', 'exp', 'scope', 'aud', 'iss', 'a'), nested)
      .map(([name, value]): Change => ({ part: 'payload', how: 'repeat', name, value })),
  },
)

const algorithms = any<Value>(
  ...[
    'ES256',
    'EdDSA',
    'Ed25519',
    'RS256',
    'RS512',
    'PS256',
    'PS384',
    'ES384',
    'ES512',
    'HS256',
    'HS256',
    'none',
    'None',
  ],
  ...[
    'es256',
    'ES256 ',
    ' ES256',
    'ES256K',
    'Ed448',
    'ML-DSA-44',
    '',
    '__proto__',
    'constructor',
    null,
    1,
    ['ES256'],
    object(),
  ],
)
const keyNames = any<Value>(
  ...Object.values(signers).map(({ jwk }) => jwk.kid ?? 'nobody'),
  ...[
    '',
    'EC',
    'ec ',
    '../../dev/null',
    '__proto__',
    'k'.repeat(256),
    'k'.repeat(257),
    null,
    1,
    ['ec'],
    object(),
    true,
  ],
)

const headerChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: parameter('alg', algorithms) },
  { weight: 3, arbitrary: parameter('kid', keyNames) },
  {
    weight: 3,
    arbitrary: any('kid', 'kid', 'typ', 'alg').map((name): Change => ({ part: 'header', how: 'remove', name })),
  },
  {
    weight: 3,
    arbitrary: any('crit', 'b64', 'zip', 'enc', 'jwk', 'jku', 'x5u', 'x5c', 'nonce', 'Crit', 'p2c', 'apu').chain(
      (name) =>
        parameter(name, any<Value>(null, true, false, '', 'DEF', 'NONE', [], ['exp'], ['b64'], object(['kty', 'oct']))),
    ),
  },
  {
    weight: 2,
    arbitrary: parameter(
      'cty',
      any<Value>('JWT', 'jwt', 'application/jwt', 'Application/JWT', 'json', 'xjwt', '', null, ['JWT']),
    ),
  },
  {
    weight: 2,
    arbitrary: any('x5t', 'x5t#S256').chain((name) => parameter(name, any<Value>('abc', 'abc', '', null, 1, ['x']))),
  },
  {
    weight: 2,
    arbitrary: any('sub', 'jti').chain((name) => parameter(name, any<Value>('user-1', 'user-2', '6c1e5bd0', null, 1))),
  },
  { weight: 1, arbitrary: parameter('iss', issuer) },
  { weight: 1, arbitrary: parameter('aud', audience) },
  { weight: 2, arbitrary: text.chain((name) => parameter(name, anything)) },
  { weight: 2, arbitrary: parameter('wide', wide(64, 128, 256)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(any('alg', 'kid', 'typ', 'a'), any<Value>('ES256', 'none', 'ec', 'at+jwt', 'JWT', null))
      .map(([name, value]): Change => ({ part: 'header', how: 'repeat', name, value })),
  },
)

const change = fc.oneof({ weight: 4, arbitrary: claimChange }, { weight: 1, arbitrary: headerChange })

const otherTypes = any<Value>(
  ...[
    'id_token+jwt',
    'logout+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'rt+jwt',
    'okta-internal-at+jwt',
    'dc+sd-jwt',
    'JWS',
    'JOSE',
  ],
  ...[
    'application/logout+jwt',
    'text/at+jwt',
    'application//at+jwt',
    'application/application/at+jwt',
    'at+jwtx',
    'xat+jwt',
  ],
  ...[
    ' at+jwt',
    'at+jwt ',
    'at+jwt;charset=utf-8',
    'at jwt',
    'at%2Bjwt',
    'application/',
    '',
    '__proto__',
    'JWT\n',
    '\u0130',
  ],
  ...[null, 1, true, ['at+jwt'], object()],
)
const accessTypes = any<Value>('at+jwt', 'at+jwt', 'application/at+jwt', 'AT+JWT', 'Application/At+Jwt')
const plainTypes = any<Value | undefined>('JWT', 'JWT', 'jwt', 'application/jwt', undefined, undefined)

const typeFor = (profile: 'auto' | 'rfc9068'): fc.Arbitrary<Value | undefined> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: profile === 'auto' ? 5 : 18, arbitrary: accessTypes },
    { weight: profile === 'auto' ? 9 : 3, arbitrary: plainTypes },
    { weight: 1, arbitrary: otherTypes },
  )

const bytes = any<readonly number[]>(
  ...[[0xc3, 0xa9], [0xf0, 0x9f, 0x98, 0x80], [0xef, 0xbf, 0xbd], [0xef, 0xbb, 0xbf], [0x7f], [0xe2, 0x80, 0xa8]],
  ...[
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xc3],
    [0x80],
    [0xe0, 0x80, 0xaf],
    [0xf8, 0x88],
  ],
  ...[[0x00], [0x1f], [0x0a], [0xc2, 0x85], [0xef, 0xbf, 0xbf]],
)
const wrapNames = Object.keys(wraps) as (keyof typeof wraps)[] // keys of a literal

const style: fc.Arbitrary<Style> = mostly<Style>(
  { space: '', escape: 'none', wrap: 'nothing' },
  fc.record<Style>({
    space: any('', ' ', '\n', '\t', '\r\n', ' \n\t\r ', '\f', '\u00a0', '\v'),
    escape: any('none', 'none', 'first', 'all', 'solidus'),
    wrap: mostly<Style['wrap']>('nothing', any(...wrapNames), 5),
    bytes: mostly<Style['bytes']>(undefined, bytes, 5),
  }),
)
const headerStyle = mostly<Style['length']>(undefined, fc.integer({ min: 4092, max: 4100 }), 80).chain((length) =>
  style.map((one) => ({ ...one, length })),
)

const mutationNames = [
  ...Object.keys(segmentMutations),
  ...Object.keys(signatureMutations),
  ...Object.keys(tokenMutations),
] as Mutation['how'][] // keys of literals
const mutation: fc.Arbitrary<Mutation> = fc.record({
  how: any(...mutationNames),
  segment: any<Mutation['segment']>(0, 1, 2),
  at: fc.nat(2000),
})

// RSA is slow to sign with, and rare for that.
const signerNames = (Object.keys(signers) as Case['signer'][]).filter((name) => !strangers.includes(name)) // keys of a literal
const rsaNames: Case['signer'][] = ['rsa', 'rsaPlain', 'pss']
const signer = fc.oneof(
  { withCrossShrink: true },
  { weight: 20, arbitrary: any<Case['signer']>('ec', 'ed', 'edPlain', 'ecPlain', 'sharedEc', 'sharedEd', 'nameless') },
  { weight: 3, arbitrary: any(...signerNames.filter((name) => !rsaNames.includes(name))) },
  { weight: 1, arbitrary: any(...rsaNames) },
  { weight: 1, arbitrary: any(...strangers) },
)

const changes = fc.oneof(
  { withCrossShrink: true },
  { weight: 2, arbitrary: fc.constant<Change[]>([]) },
  { weight: 5, arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }) },
  { weight: 4, arbitrary: fc.array(change, { minLength: 2, maxLength: 2 }) },
  { weight: 2, arbitrary: fc.array(change, { minLength: 3, maxLength: 6 }) },
)

/** Cases for one profile, to be judged by one of so many rule sets. */
export function caseFor(profile: 'auto' | 'rfc9068', ruleSets: number): fc.Arbitrary<Case> {
  const record = fc.record<Case>({
    rules: fc.nat(ruleSets - 1),
    millis: mostly(0, any(250, 500, 750, 999), 3),
    signer,
    other: fc.constant(false),
    typ: typeFor(profile),
    scope: any<Value | undefined>('orders:read', undefined),
    changes,
    header: headerStyle,
    payload: style,
    mutation: mostly<Case['mutation']>(undefined, mutation, 15),
    length: mostly<Case['length']>(undefined, any(16_380, 16_383, 16_384, 16_385, 16_386), 100),
  })
  // Now and then the second issuer: with its own key, or with one that is not its own.
  const ofSecond = fc
    .tuple(record, mostly<Case['signer']>('second', any('ec', 'ed'), 3))
    .map(([one, signer]) => ({ ...one, signer, other: true }))
  return fc.oneof({ withCrossShrink: true }, { weight: 14, arbitrary: record }, { weight: 1, arbitrary: ofSecond })
}
