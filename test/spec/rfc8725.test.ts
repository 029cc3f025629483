/**
 * RFC 8725, best current practices for JWTs, and its successor in the making (draft-ietf-oauth-rfc8725bis).
 *
 * Deviated from, or not applicable:
 *
 * - RFC 8725 3.4, points on their curve, and the other rules of single keys: jose-rfcs.test.ts.
 * - RFC 8725 3.5, no passwords as keys: symmetric keys only from configuration, and of 32 bytes at least; whether they are random
 *   cannot be seen.
 * - RFC 8725 3.7, UTF-8 only: as it says; that includes a byte order mark, which RFC 8259 8.1 lets a parser ignore.
 * - RFC 8725 3.11, explicit typing: the default `'auto'` also takes tokens without it (see rfc9068.test.ts).
 * - RFC 8725 bis, limits for PBES2 and for compressed JWE: encrypted tokens are refused before anything is computed.
 */
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto'
import { ConfigurationError, type ReasonCode, type RequireAuthOptions } from 'express-resource-server'
import { rawRequest, startServer } from '../kit/raw-request.js'
import {
  createKey,
  encode,
  fixedSignature,
  forgeToken,
  publicPem,
  republish,
  signer,
  type Content,
  type Sign,
} from '../kit/forge.js'
import { createKeyEndpoint } from '../kit/key-endpoint.js'
import { expectRefusal } from '../kit/refusals.js'
import { createApi, expectGranted, expectRefused } from '../kit/api.js'
import { accessClaims, accessHeader, AUDIENCE, createForgedApi, ISSUER, NOW, tokenOf } from '../kit/forged-api.js'

const rsa = createKey('RSA', { kid: 'rsa' })
const ec = createKey('P-256', { kid: 'ec' })
const ec384 = createKey('P-384', { kid: 'ec384' })
const ed = createKey('Ed25519', { kid: 'ed' })
const evil = createKey('RSA', { kid: 'rsa' })
const api = createForgedApi([rsa, ec, ec384, ed])

/** A token of the RSA key, RS256 whatever its header says. */
const rsaToken = (header: Readonly<Record<string, unknown>> = {}, claims: Content = accessClaims()) =>
  forgeToken(accessHeader(rsa, header), claims, signer('RS256', rsa))

afterEach(() => expectGranted(api, rsaToken()))

describe('algorithms', () => {
  test.each([
    ['RS256', rsa],
    ['ES256', ec],
    ['ES384', ec384],
    ['EdDSA', ed],
  ] as const)('RFC 8725 3.1: takes %s without being told, of the right key only', async (algorithm, key) => {
    await expectGranted(api, tokenOf(key, algorithm))
    const token = tokenOf(key, algorithm)
    const other = forgeToken(accessHeader(key), accessClaims({ sub: 'user-2' }), signer(algorithm, key))
    const spliced = [...token.split('.').slice(0, 2), other.split('.')[2]].join('.')
    await expectRefused(api, spliced, 'invalid_signature')
  })

  const configurations: readonly [what: string, options: object][] = [
    ['no algorithm', { algorithms: [] }],
    ['none', { algorithms: ['none'] }],
    ['None', { algorithms: ['None'] }],
    ['rs256 in small letters', { algorithms: ['rs256'] }],
    ['RS1', { algorithms: ['RS1'] }],
    ['an encryption algorithm', { algorithms: ['RSA-OAEP-256'] }],
    ['an undefined entry', { algorithms: [undefined] }],
    ['a text', { algorithms: 'RS256' }],
    ['HS256 with keys that are fetched', { algorithms: ['HS256'] }],
    ['HS256 beside RS256', { algorithms: ['RS256', 'HS256'] }],
    ['HS256 beside RS256, with static keys', { algorithms: ['RS256', 'HS256'], jwks: { keys: [rsa.jwk] } }],
    ['HS256 for one issuer, with keys that are fetched', { issuer: { issuer: ISSUER, algorithms: ['HS256'] } }],
  ]

  test.each(configurations)('RFC 8725 3.1: an allow-list with %s is an error at start-up', (_what, options) => {
    expect(() => createForgedApi([rsa], options as RequireAuthOptions)).toThrow(ConfigurationError)
  })

  test('RFC 8725 3.1: nothing outside the allow-list is taken, and changing the list later changes nothing', async () => {
    const algorithms: ('ES256' | 'RS256')[] = ['ES256']
    const narrow = createForgedApi([rsa, ec], { algorithms })
    algorithms.push('RS256')
    await expectGranted(narrow, tokenOf(ec, 'ES256'))
    await expectRefused(narrow, tokenOf(rsa, 'RS256'), 'algorithm_not_allowed')
  })

  test.each(['none', 'None', 'NONE', 'nOnE', 'noNe', 'none ', ' none', 'none\u0000', '\uff4eone', ''])(
    'RFC 8725 bis 3.1: refuses alg %j, with a signature and without',
    async (alg) => {
      await expectRefused(api, rsaToken({ alg }), 'algorithm_not_allowed')
      const unsigned = forgeToken(accessHeader(rsa, { alg }), accessClaims(), fixedSignature(Buffer.alloc(0)))
      await expectRefused(api, unsigned, 'malformed_token')
    },
  )

  test.each(['rs256', 'Rs256', 'RS256 ', 'RS-256', 'RS256\u0000', 'RS2560', 'SHA256withRSA'])(
    'RFC 8725 bis 3.1: refuses alg %j though the signature is RS256',
    async (alg) => {
      await expectRefused(api, rsaToken({ alg }), 'algorithm_not_allowed')
    },
  )

  test.each([
    'RS1',
    'RSA1_5',
    'RSA-OAEP',
    'HS256',
    'HS384',
    'HS512',
    'ES256K',
    'Ed448',
    'ML-DSA-44',
    'ML-DSA-87',
    'dir',
    'A128KW',
    '__proto__',
    'constructor',
    'toString',
    'x'.repeat(2500),
  ])('RFC 8725 3.2: refuses alg %s', async (alg) => {
    await expectRefused(api, rsaToken({ alg }), 'algorithm_not_allowed')
  })

  const pem = publicPem(rsa)
  const secrets: readonly [what: string, secret: string | Uint8Array][] = [
    ['the PEM text of a public key', pem],
    ['the PEM text without its last line break', pem.trimEnd()],
    ['the PEM text with CRLF', pem.replaceAll('\n', '\r\n')],
    ['the DER bytes of a public key', rsa.publicKey.export({ format: 'der', type: 'spki' })],
    ['the PKCS #1 bytes of a public key', rsa.publicKey.export({ format: 'der', type: 'pkcs1' })],
    ['the text of a JWK', JSON.stringify(rsa.jwk)],
    ['the text of the key set', JSON.stringify({ keys: [rsa.jwk] })],
    ['the modulus', Buffer.from(String(rsa.jwk['n']), 'base64url')],
    ['the text of the modulus', String(rsa.jwk['n'])],
    ['no secret', ''],
    ['a zero byte', Buffer.alloc(1)],
  ]

  test.each(secrets)('RFC 8725 3.1: refuses HS256, HS384 and HS512 with %s', async (_what, secret) => {
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      await expectRefused(
        api,
        forgeToken(accessHeader(rsa, { alg }), accessClaims(), signer(alg, secret)),
        'algorithm_not_allowed',
      )
      const claimsToBe = forgeToken(accessHeader(rsa, { alg: 'RS256' }), accessClaims(), signer(alg, secret))
      await expectRefused(api, claimsToBe, 'invalid_signature')
    }
  })
})

describe('keys and algorithms', () => {
  const mismatches: readonly [what: string, alg: string, kid: string, sign: Sign, code: ReasonCode][] = [
    ['RS384 by a key that is for RS256', 'RS384', 'rsa', signer('RS384', rsa), 'unknown_key'],
    ['RS512 by a key that is for RS256', 'RS512', 'rsa', signer('RS512', rsa), 'unknown_key'],
    ['PS256 by a key that is for RS256', 'PS256', 'rsa', signer('PS256', rsa), 'unknown_key'],
    ['ES256 with the name of an RSA key', 'ES256', 'rsa', signer('ES256', ec), 'unknown_key'],
    ['RS256 with the name of an EC key', 'RS256', 'ec', signer('RS256', rsa), 'unknown_key'],
    ['ES256 with the name of a P-384 key', 'ES256', 'ec384', signer('ES256', ec384), 'unknown_key'],
    ['ES384 with the name of a P-256 key', 'ES384', 'ec', signer('ES384', ec), 'unknown_key'],
    ['EdDSA with the name of an EC key', 'EdDSA', 'ec', signer('EdDSA', ed), 'unknown_key'],
    ['Ed25519 by a key that is for EdDSA', 'Ed25519', 'ed', signer('EdDSA', ed), 'unknown_key'],
    ['PS256 in the clothes of RS256', 'RS256', 'rsa', signer('PS256', rsa), 'invalid_signature'],
    ['RS512 in the clothes of RS256', 'RS256', 'rsa', signer('RS512', rsa), 'invalid_signature'],
  ]

  test.each(mismatches)('RFC 8725 3.1: refuses %s', async (_what, alg, kid, sign, code) => {
    await expectRefused(api, forgeToken({ alg, kid, typ: 'at+jwt' }, accessClaims(), sign), code)
  })

  const bare = republish(rsa, { alg: undefined })

  test('RFC 8725 3.1: a key without alg is for the first algorithm of the list that fits it', async () => {
    const pinned = createForgedApi([bare])
    for (const alg of ['PS256', 'RS384', 'RS512', 'PS512'])
      await expectRefused(pinned, tokenOf(bare, alg), 'unknown_key')
    await expectGranted(pinned, tokenOf(bare, 'RS256'))
    for (const alg of ['PS256', 'RS384', 'RS512', 'PS512'])
      await expectRefused(pinned, tokenOf(bare, alg), 'unknown_key')
  })

  test('RFC 8725 3.1: which algorithm that is, the order of the list says, not the first token', async () => {
    const pinned = createForgedApi([bare], { algorithms: ['PS256', 'RS256'] })
    await expectRefused(pinned, tokenOf(bare, 'RS256'), 'unknown_key')
    await expectGranted(pinned, tokenOf(bare, 'PS256'))
    await expectRefused(pinned, tokenOf(bare, 'RS256'), 'unknown_key')
  })

  test('RFC 8725 3.1: two keys of one name are for one algorithm each', async () => {
    const both = createForgedApi([republish(rsa, { kid: 'k' }), republish(ec, { kid: 'k' })])
    const named = (alg: string, sign: Sign) => forgeToken({ alg, kid: 'k', typ: 'at+jwt' }, accessClaims(), sign)
    await expectGranted(both, named('RS256', signer('RS256', rsa)))
    await expectGranted(both, named('ES256', signer('ES256', ec)))
    await expectRefused(both, named('PS256', signer('PS256', rsa)), 'unknown_key')
  })

  test('RFC 8725 3.5: a secret from configuration is taken, a short one is an error at start-up', async () => {
    const secret = randomBytes(32)
    const jwk = { kty: 'oct', kid: 's', alg: 'HS256', k: secret.toString('base64url') }
    const options: RequireAuthOptions = {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['HS256'],
      clock: () => NOW * 1000,
    }
    const shared = createApi({ ...options, jwks: { keys: [jwk] } })
    const token = (sign: Sign) => forgeToken({ alg: 'HS256', kid: 's', typ: 'at+jwt' }, accessClaims(), sign)
    await expectGranted(shared, token(signer('HS256', secret)))
    await expectRefused(shared, token(signer('HS256', randomBytes(32))), 'invalid_signature')
    for (const k of ['', encode('password'), encode(randomBytes(31))]) {
      expect(() => createApi({ ...options, jwks: { keys: [{ ...jwk, k }] } })).toThrow(ConfigurationError)
    }
  })

  test('RFC 8725 3.5: a secret in a fetched key set is no key', async () => {
    const secret = randomBytes(32)
    const withSecret = createForgedApi([{ kty: 'oct', kid: 's', alg: 'HS256', k: secret.toString('base64url') }, rsa])
    const header = { alg: 'HS256', kid: 's', typ: 'at+jwt' }
    await expectRefused(
      withSecret,
      forgeToken(header, accessClaims(), signer('HS256', secret)),
      'algorithm_not_allowed',
    )
    await expectGranted(withSecret, rsaToken())
  })
})

describe('several issuers', () => {
  const one = createKeyEndpoint('https://one.example.com', [republish(rsa, { kid: 'k' }).jwk])
  const two = createKeyEndpoint('https://two.example.com', [republish(ec, { kid: 'k' }).jwk, ec384.jwk, ed.jwk])
  const fetched: string[] = []
  const both = createApi({
    issuer: [
      { issuer: one.issuer, algorithms: ['RS256'] },
      { issuer: two.issuer, algorithms: ['ES256', 'ES384'], audience: 'urn:two' },
    ],
    audience: AUDIENCE,
    clock: () => NOW * 1000,
    fetch: (url, init) => {
      fetched.push(url)
      return url.startsWith(one.issuer) ? one.fetch(url, init) : two.fetch(url, init)
    },
  })
  const tokenFrom = (
    iss: string,
    alg: string,
    sign: Sign,
    kid = 'k',
    aud = iss === two.issuer ? 'urn:two' : AUDIENCE,
  ) => forgeToken({ alg, kid, typ: 'at+jwt' }, accessClaims({ iss, aud }), sign)
  const rs256 = signer('RS256', rsa)
  const es256 = signer('ES256', ec)

  beforeAll(async () => {
    await expectGranted(both, tokenFrom(one.issuer, 'RS256', rs256))
    await expectGranted(both, tokenFrom(two.issuer, 'ES256', es256))
  })

  const rows: readonly [what: string, token: () => string, code: ReasonCode][] = [
    ["the other issuer's algorithm and key", () => tokenFrom(one.issuer, 'ES256', es256), 'algorithm_not_allowed'],
    [
      "the other issuer's algorithm and key, swapped",
      () => tokenFrom(two.issuer, 'RS256', rs256),
      'algorithm_not_allowed',
    ],
    ['a key of the same name that is the other one', () => tokenFrom(one.issuer, 'RS256', es256), 'invalid_signature'],
    ['the name of a key of the other issuer', () => tokenFrom(two.issuer, 'ES384', rs256, 'rsa'), 'unknown_key'],
    [
      'a key outside its own allow-list',
      () => tokenFrom(two.issuer, 'EdDSA', signer('EdDSA', ed), 'ed'),
      'algorithm_not_allowed',
    ],
    [
      'an audience that only the other issuer may name',
      () => tokenFrom(two.issuer, 'ES256', es256, 'k', AUDIENCE),
      'wrong_audience',
    ],
    [
      'an audience that only the other issuer may name, swapped',
      () => tokenFrom(one.issuer, 'RS256', rs256, 'k', 'urn:two'),
      'wrong_audience',
    ],
    ['an issuer that is not trusted', () => tokenFrom('https://three.example.com', 'RS256', rs256), 'unknown_issuer'],
  ]

  test.each(rows)('RFC 8725 3.8: refuses %s', async (_what, token, code) => {
    await expectRefused(both, token(), code)
    await expectGranted(both, tokenFrom(one.issuer, 'RS256', rs256))
    await expectGranted(both, tokenFrom(two.issuer, 'ES256', es256))
  })

  test('RFC 8725 3.10: nobody but the trusted issuers was ever asked', () => {
    for (const url of fetched) expect([one.issuer, two.issuer]).toContain(new URL(url).origin)
    expect(fetched).toContain(one.jwksUri)
  })

  test.each([undefined, '', []])('RFC 8725 3.9: an audience of %j is an error at start-up', (audience) => {
    const before = process.env['OAUTH_AUDIENCE']
    delete process.env['OAUTH_AUDIENCE']
    expect(() => createForgedApi([rsa], { audience })).toThrow(/audience/i)
    if (before !== undefined) process.env['OAUTH_AUDIENCE'] = before
  })
})

describe('what a header asks for', () => {
  const chain = [encode('certificate')]
  const places = [
    'https://evil.example/jwks',
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'data:,{}',
    '//evil.example',
  ]
  const parameters: readonly [what: string, header: Readonly<Record<string, unknown>>][] = [
    ['jwk', { jwk: evil.jwk }],
    ['jwk of the right key', { jwk: rsa.jwk }],
    ['a symmetric jwk', { jwk: { kty: 'oct', k: 'AAAA' } }],
    ['jwk that is null', { jwk: null }],
  ]
  const hints: readonly [what: string, header: Readonly<Record<string, unknown>>][] = [
    ...places.map((jku): [string, Readonly<Record<string, unknown>>] => [`jku ${jku}`, { jku }]),
    ...places.map((x5u): [string, Readonly<Record<string, unknown>>] => [`x5u ${x5u}`, { x5u }]),
    ['x5c', { x5c: chain }],
    ['jku that is an empty text', { jku: '' }],
    ['jku that is no text', { jku: [places] }],
  ]

  test.each(parameters)('RFC 8725 3.10: refuses %s, and fetches nothing for it', async (_what, header) => {
    const fetched = api.endpoint.requests.length
    await expectRefused(api, rsaToken(header), 'unsupported_header')
    const forged = forgeToken(accessHeader(rsa, header), accessClaims(), signer('RS256', evil))
    await expectRefused(api, forged, 'unsupported_header')
    expect(api.endpoint.requests.length).toBe(fetched)
  })

  // RFC 7515 section 4.1.2: a place to find a key at is a hint, which need not be followed.
  test.each(hints)('RFC 8725 3.10: follows no %s, and takes no key from it', async (_what, header) => {
    const fetched = api.endpoint.requests.length
    await expectGranted(api, rsaToken(header))
    const forged = forgeToken(accessHeader(rsa, header), accessClaims(), signer('RS256', evil))
    await expectRefused(api, forged, 'invalid_signature')
    expect(api.endpoint.requests.length).toBe(fetched)
  })

  test('RFC 8725 3.10: x5t and x5t#S256 choose no key', async () => {
    await expectGranted(api, rsaToken({ x5t: 'AAAA', 'x5t#S256': 'BBBB' }))
    const forged = forgeToken(accessHeader(rsa, { x5t: 'AAAA' }), accessClaims(), signer('RS256', evil))
    await expectRefused(api, forged, 'invalid_signature')
  })

  test.each([
    '../../../../dev/null',
    '/etc/passwd',
    'file:///etc/passwd',
    'https://evil.example/key',
    "' OR 1=1 --",
    '$(id)',
    '__proto__',
    'constructor',
    'toString',
    'RSA',
    'rsa ',
    ' rsa',
    'rsa\u0000',
    'rsa\r\nX: y',
    'ec',
  ])('RFC 8725 3.10: kid %j is a name that nobody has', async (kid) => {
    const own = createForgedApi([rsa])
    await expectGranted(own, rsaToken())
    await expectRefused(own, rsaToken({ kid }), 'unknown_key')
    expect([...new Set(own.endpoint.requests)]).toEqual([
      `${ISSUER}/.well-known/openid-configuration`,
      own.endpoint.jwksUri,
    ])
  })

  test.each(['DEF', 'GZIP', 'none', '', null])('RFC 8725 3.6: refuses zip %j', async (zip) => {
    await expectRefused(api, rsaToken({ zip }), 'unsupported_header')
  })

  test('RFC 8725 3.6: a token of PingAM says that it is not compressed', async () => {
    await expectGranted(api, rsaToken({ zip: 'NONE' }))
  })

  test.each(['JWT', 'jwt', 'application/jwt', 'APPLICATION/JWT'])(
    'RFC 8725 3.3: refuses a nested token with cty %s',
    async (cty) => {
      await expectRefused(api, rsaToken({ cty }), 'unsupported_header')
      await expectRefused(api, rsaToken({ cty }, rsaToken()), 'malformed_token')
    },
  )

  test('RFC 8725 3.3: refuses a nested token that does not say so', async () => {
    await expectRefused(api, rsaToken({}, rsaToken()), 'malformed_token')
    await expectRefused(api, rsaToken({}, JSON.stringify(rsaToken())), 'malformed_token')
  })
})

describe('encrypted tokens', () => {
  /** RSA-OAEP-256 with A256GCM to the public key that everybody can fetch (RFC 7516 5.1). */
  function encryptToken(plaintext: string, header: object): string {
    const contentKey = randomBytes(32)
    const iv = randomBytes(12)
    const oaep = { key: rsa.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
    const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(encode(header)))
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
    const segments = [encode(header), encode(publicEncrypt(oaep, contentKey)), encode(iv), encode(ciphertext)]
    return [...segments, encode(cipher.getAuthTag())].join('.')
  }

  test.each([
    ['claims', () => JSON.stringify(accessClaims())],
    ['a signed token', () => rsaToken()],
  ])('RFC 8725 bis 3.3: refuses %s encrypted to the public key of the issuer', async (_what, plaintext) => {
    const header = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'rsa', typ: 'at+jwt' }
    await expectRefused(api, encryptToken(plaintext(), header), 'malformed_token')
    await expectRefused(api, rsaToken({ enc: 'A256GCM' }), 'unsupported_header')
  })

  test.each([
    ['PBES2', { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 - 1, p2s: 'AAAA' }],
    ['decompression', { alg: 'dir', enc: 'A256GCM', zip: 'DEF' }],
  ])('RFC 8725 bis: costly parameters of %s are refused unread', async (_what, header) => {
    await expectRefused(api, `${encode(header)}.AAAA.AAAA.AAAA.AAAA`, 'malformed_token')
    const { alg, ...rest } = header
    await expectRefused(api, rsaToken({ ...rest, enc: undefined, zip: undefined, alg }), 'algorithm_not_allowed')
  })
})

describe('text', () => {
  const json = JSON.stringify(accessClaims())
  const header = JSON.stringify(accessHeader(rsa))
  const spoilt = (text: string): readonly [what: string, bytes: Uint8Array][] => [
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['a stray byte', Buffer.from(text.replace('-', '\xff'), 'latin1')],
    ['an overlong slash', replaceBytes(text, Buffer.from([0xc0, 0xaf]))],
    ['half a surrogate pair', replaceBytes(text, Buffer.from([0xed, 0xa0, 0x80]))],
    ['a truncated sequence', replaceBytes(text, Buffer.from([0xe2, 0x82]))],
    ['a code point beyond the last', replaceBytes(text, Buffer.from([0xf4, 0x90, 0x80, 0x80]))],
  ]

  /** Puts bytes in place of the first "t" within a string. */
  function replaceBytes(text: string, bytes: Uint8Array): Uint8Array {
    const at = text.indexOf('t')
    return Buffer.concat([Buffer.from(text.slice(0, at)), bytes, Buffer.from(text.slice(at + 1))])
  }

  test.each(spoilt(json))('RFC 8725 3.7: refuses claims with %s', async (_what, bytes) => {
    await expectRefused(api, rsaToken({}, bytes), 'malformed_token')
  })

  test.each(spoilt(header.replace('at+jwt', 'at-jwt')))(
    'RFC 8725 3.7: refuses a header with %s',
    async (_what, bytes) => {
      await expectRefused(api, forgeToken(bytes, accessClaims(), signer('RS256', rsa)), 'malformed_token')
    },
  )

  test('RFC 8725 3.7: takes every letter that is written in UTF-8', async () => {
    const sub = 'J\u00fcrgen \u4e2d\u6587 \ud83d\ude00'
    expect(await expectGranted(api, rsaToken({}, accessClaims({ sub })))).toMatchObject({ subject: sub })
  })

  test.each([
    ['the JSON serialization', (token: string) => flattened(token)],
    ['an empty list of signatures', () => '{"payload":"e30","signatures":[]}'],
    ['JSON around a token', (token: string) => `{"access_token":"${token}"}`],
    ['a token in brackets', (token: string) => `[${token}]`],
  ])('RFC 8725 bis: answers 401 to %s', async (_what, write) => {
    const server = await startServer(api.app)
    try {
      const headers = [['Authorization', `Bearer ${write(rsaToken())}`]] as const
      const answer = await rawRequest(server.port, { path: '/any', headers })
      expectRefusal(answer, 'malformed_token')
    } finally {
      await server.close()
    }
  })

  test.each([
    ['a tilde at the end', (token: string) => `${token}~`],
    ['disclosures behind it', (token: string) => `${token}~WyJhIiwiYiIsImMiXQ~`],
    ['a plus sign', (token: string) => token.replace('.', '.+')],
    ['a slash', (token: string) => token.replace('.', './')],
    ['a tilde within', (token: string) => token.replace('.', '~.')],
  ])('RFC 8725 bis: refuses a token with %s', async (_what, write) => {
    await expectRefused(api, write(rsaToken()), 'malformed_token')
  })

  function flattened(token: string): string {
    const [protectedHeader, payload, signature] = token.split('.')
    return JSON.stringify({ protected: protectedHeader, payload, signature })
  }
})

describe('kinds', () => {
  test.each([
    ['at+jwt', undefined],
    ['dpop+jwt', 'dpop_proof_presented'],
    ['logout+jwt', 'logout_token_presented'],
    ['secevent+jwt', 'wrong_token_type'],
    ['x', 'wrong_token_type'],
  ] as const)('RFC 8725 3.11: a token of typ %s is judged by it under every profile', async (typ, code) => {
    for (const profile of ['auto', 'rfc9068', 'auth0', 'okta', 'entra', 'keycloak', 'cognito'] as const) {
      const own = createForgedApi([rsa], { profile })
      if (code === undefined) await expectGranted(own, rsaToken({ typ }))
      else await expectRefused(own, rsaToken({ typ }), code)
    }
  })

  const kinds: readonly [what: string, header: object, claims: object, code: ReasonCode][] = [
    ['an ID token', { typ: 'JWT' }, { nonce: 'n', at_hash: 'h', scope: undefined }, 'id_token_presented'],
    ['a security event', { typ: 'JWT' }, { events: {} }, 'logout_token_presented'],
    ['a DPoP proof', { typ: 'JWT' }, { htm: 'GET' }, 'dpop_proof_presented'],
    ['a Cognito ID token', { typ: undefined }, { token_use: 'id' }, 'id_token_presented'],
    ['a Keycloak refresh token', { typ: 'JWT' }, { typ: 'Refresh' }, 'refresh_token_presented'],
    ['an Okta ID token', { typ: undefined }, { jti: 'ID.abc' }, 'id_token_presented'],
    ['a token without any mark', { typ: 'JWT' }, { scope: undefined }, 'unrecognised_token_type'],
  ]

  test.each(kinds)('RFC 8725 3.12: %s passes for no access token', async (_what, header, claims, code) => {
    await expectRefused(api, rsaToken({ ...header }, accessClaims({ ...claims })), code)
  })
})
