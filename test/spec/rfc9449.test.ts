import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'
import { isFailure } from '../../src/errors.js'
import {
  athOf,
  createClientKey,
  createProof,
  dpopAt,
  NOW,
  ORIGIN,
  present,
  signTexts,
  TOKEN,
  type ProofChanges,
} from '../kit/dpop.js'
import type { PresentedProof } from '../../src/binding/dpop/proof.js'

const key = createClientKey()
const other = createClientKey()

/** The code of a refusal, or "taken". */
async function outcomeOf(presented: PresentedProof, settings: Parameters<typeof dpopAt>[0] = {}): Promise<string> {
  const taken = await dpopAt(settings).dpop.take(presented)
  return isFailure(taken) ? taken.code : 'taken'
}

const rsa = (bits: number, publicExponent = 65_537) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent })
  return { alg: 'RS256', privateKey, jwk: { ...publicKey.export({ format: 'jwk' }) }, thumbprint: '' }
}

const bad = 'invalid_dpop_proof'
const x = String(key.jwk['x'])
/** The last character of 32 bytes in base64url has two bits to spare. */
const strayBits = x.slice(0, -1) + String.fromCharCode(x.charCodeAt(x.length - 1) + 1)
const repeat = (claims: string): string =>
  signTexts(
    key,
    JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk }),
    `{"jti":"a","htm":"GET","htu":"${ORIGIN}/orders","iat":${String(NOW)},"ath":"${athOf(TOKEN)}"${claims}}`,
  )

type Row = readonly [name: string, proof: string | undefined, expected: string]
const good = createProof(key)
const withClaims = (claims: ProofChanges['claims'] = {}): string => createProof(key, { claims })
const withHeader = (header: ProofChanges['header'] = {}): string => createProof(key, { header })

const tables: Readonly<Record<string, readonly Row[]>> = {
  '4.3 (1) there is not more than one DPoP header field': [
    ['none', undefined, bad],
    ['two, as Node joins them', `${good}, ${createProof(key)}`, bad],
    ['the same twice', `${good}, ${good}`, bad],
    ['two with a space', `${good} ${good}`, bad],
  ],
  '4.3 (2) it is one well-formed JWT': [
    ['a good one', good, 'taken'],
    ['nothing', '', bad],
    ['a word', 'proof', bad],
    ['two segments', good.split('.').slice(0, 2).join('.'), bad],
    ['four segments', `${good}.${good.split('.')[2] ?? ''}`, bad],
    ['no signature', `${good.split('.').slice(0, 2).join('.')}.`, bad],
    ['padding', `${good}=`, bad],
    ['white space', ` ${good}`, bad],
    ['a header that is an array', signTexts(key, '[]', '{}'), bad],
    [
      'a payload that is no JSON',
      signTexts(key, JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk }), 'x'),
      bad,
    ],
    ['a claim twice', repeat(`,"iat":${String(NOW)}`), bad],
    ['a claim twice, in a nested object', repeat(',"x":{"a":1,"a":2}'), bad],
    ['a claim called __proto__', repeat(',"__proto__":{}'), bad],
    [
      'a header parameter twice',
      signTexts(
        key,
        `{"typ":"dpop+jwt","typ":"dpop+jwt","alg":"ES256","jwk":${JSON.stringify(key.jwk)}}`,
        JSON.stringify({}),
      ),
      bad,
    ],
    ['just under 8 KiB', withClaims({ junk: 'x'.repeat(5300) }), 'taken'],
    ['over 8 KiB', withClaims({ junk: 'x'.repeat(6000) }), bad],
    ['16 KiB', withClaims({ junk: 'x'.repeat(12_000) }), bad],
    ['deep', repeat(`,"x":${'['.repeat(100)}${']'.repeat(100)}`), bad],
  ],
  '4.3 (3) every required claim is in it': [
    ['without jti', withClaims({ jti: undefined }), bad],
    ['without htm', withClaims({ htm: undefined }), bad],
    ['without htu', withClaims({ htu: undefined }), bad],
    ['without iat', withClaims({ iat: undefined }), bad],
    ['without ath', withClaims({ ath: undefined }), bad],
    ['an empty jti', withClaims({ jti: '' }), bad],
    ['a jti that is a number', withClaims({ jti: 1 }), bad],
    ['a jti of 256 characters', withClaims({ jti: 'j'.repeat(256) }), 'taken'],
    ['a jti of 257 characters', withClaims({ jti: 'j'.repeat(257) }), bad],
    ['a jti with NUL', withClaims({ jti: 'a\0b' }), bad],
    ['a jti of any script', withClaims({ jti: '\u4e2d' }), 'taken'],
    ['half a character as jti', repeat(String.raw`,"x":"\ud800"`), bad],
    ['claims beyond', withClaims({ sub: 'somebody', 'https://example.com/x': [1] }), 'taken'],
  ],
  '4.3 (4) typ is dpop+jwt': [
    ...[
      undefined,
      null,
      'JWT',
      'at+jwt',
      'dpop+jwtx',
      'dpop',
      'DPOP+JWT',
      'Dpop+jwt',
      'application/dpop+jwt',
      ' dpop+jwt',
      1,
      ['dpop+jwt'],
    ].map((typ): Row => [JSON.stringify(typ ?? 'none'), withHeader({ typ }), bad]),
  ],
  '4.3 (5) alg is an asymmetric algorithm of the list': [
    ...[
      undefined,
      null,
      'none',
      'None',
      'HS256',
      'HS512',
      'RS1',
      'ES256K',
      'es256',
      'RS256',
      'ES384',
      'EdDSA',
      '',
      1,
      ['ES256'],
    ].map((alg): Row => [JSON.stringify(alg ?? 'none'), withHeader({ alg }), bad]),
  ],
  '4.3 (6) the signature verifies with jwk': [
    [
      'by another key',
      signTexts(
        { ...other, jwk: key.jwk },
        JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk }),
        Buffer.from(good.split('.')[1] ?? '', 'base64url').toString(),
      ),
      bad,
    ],
    [
      'one letter of the payload changed',
      good.replace(/\.(.)/, (_, first: string) => `.${first === 'e' ? 'f' : 'e'}`),
      bad,
    ],
    ['all zeros', `${good.split('.').slice(0, 2).join('.')}.${Buffer.alloc(64).toString('base64url')}`, bad],
    ['half of it', `${good.split('.').slice(0, 2).join('.')}.${(good.split('.')[2] ?? '').slice(0, 43)}`, bad],
  ],
  '4.3 (7) jwk holds no private key, and one that can serve': [
    ['none', withHeader({ jwk: undefined }), bad],
    ['null', withHeader({ jwk: null }), bad],
    ['a text', withHeader({ jwk: JSON.stringify(key.jwk) }), bad],
    ['an array', withHeader({ jwk: [key.jwk] }), bad],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'].map((name): Row => [
      `with "${name}"`,
      withHeader({ jwk: { ...key.jwk, [name]: 'AA' } }),
      bad,
    ]),
    [
      'symmetric',
      withHeader({ jwk: { kty: 'oct', k: 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0' }, alg: 'HS256' }),
      bad,
    ],
    ['of another type', withHeader({ jwk: createClientKey('EdDSA').jwk }), bad],
    ['for encryption', withHeader({ jwk: { ...key.jwk, use: 'enc' } }), bad],
    ['to sign only', withHeader({ jwk: { ...key.jwk, key_ops: ['sign'] } }), bad],
    ['for another algorithm', withHeader({ jwk: { ...key.jwk, alg: 'ES384' } }), bad],
    [
      'for this algorithm, to verify',
      withHeader({ jwk: { ...key.jwk, alg: 'ES256', use: 'sig', key_ops: ['verify'] } }),
      'taken',
    ],
    [
      'with members that mean nothing here',
      withHeader({ jwk: { ...key.jwk, kid: 'a', x5c: ['AA'], issuer: 'https://x', junk: 'x'.repeat(1000) } }),
      'taken',
    ],
    ['padded', withHeader({ jwk: { ...key.jwk, x: `${x}=` } }), bad],
    ['with stray bits', withHeader({ jwk: { ...key.jwk, x: strayBits } }), bad],
    [
      'in base64',
      withHeader({
        jwk: {
          ...key.jwk,
          x: x.replaceAll('-', '+').replaceAll('_', '/'),
          y: `${String(key.jwk['y']).replaceAll('-', '+').replaceAll('_', '/')}=`,
        },
      }),
      bad,
    ],
    [
      'with an octet too many',
      withHeader({
        jwk: { ...key.jwk, x: Buffer.concat([Buffer.alloc(1), Buffer.from(x, 'base64url')]).toString('base64url') },
      }),
      bad,
    ],
    ['RSA of 1024 bits', createProof(rsa(1024)), bad],
    ['RSA with exponent 3', createProof(rsa(2048, 3)), bad],
    [
      'Ed25519 of small order',
      createProof({
        ...createClientKey('EdDSA'),
        jwk: { kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32).toString('base64url') },
      }),
      bad,
    ],
  ],
  '4.3 (8) htm is the method': [
    ...['get', 'Get', 'POST', 'GET ', '', null, 1, ['GET']].map((htm): Row => [
      JSON.stringify(htm),
      withClaims({ htm }),
      bad,
    ]),
  ],
  '4.3 (9) htu is the URI without query and fragment': [
    ...[
      '',
      '/orders',
      'orders',
      '//api.example.com/orders',
      null,
      1,
      [`${ORIGIN}/orders`],
      `${ORIGIN}/order`,
      `${ORIGIN}/orders/`,
      `${ORIGIN}//orders`,
      `${ORIGIN}/Orders`,
      `${ORIGIN}/orders%2F`,
      `${ORIGIN}/%2Forders`,
      ORIGIN,
      'https://evil.example/orders',
      'https://api.example.com.evil.example/orders',
      'https://api.example.com./orders',
      'http://api.example.com/orders',
      'https://api.example.com:8443/orders',
      'https://api.example.com:80/orders',
      'wss://api.example.com/orders',
      'https://user@api.example.com/orders',
      'https://user:pass@api.example.com/orders',
      'https://@api.example.com/orders',
      'https:api.example.com/orders',
      'https:///api.example.com/orders',
      String.raw`https:\\api.example.com\orders`,
      String.raw`https://api.example.com\orders`,
      `${ORIGIN}/orders\t`,
      ` ${ORIGIN}/orders`,
      `${ORIGIN}/ord\ners`,
      `${ORIGIN}/orders%`,
      `${ORIGIN}/orders%0`,
      `${ORIGIN}/orders%zz`,
      `${ORIGIN}/orders\u0000`,
      `${ORIGIN}/\u4e2d`,
      `${ORIGIN}/${'a'.repeat(4000)}`,
    ].map((htu): Row => [`${JSON.stringify(htu)} is not it`, withClaims({ htu }), bad]),
    ...[
      `${ORIGIN}/orders?page=1`,
      `${ORIGIN}/orders#top`,
      `${ORIGIN}/orders?`,
      `${ORIGIN}/orders?#`,
      `${ORIGIN}/orders?a=https://evil.example/`,
      'HTTPS://api.example.com/orders',
      'https://API.Example.COM/orders',
      'https://api.example.com:443/orders',
      'https://api.example.com:/orders',
      `${ORIGIN}/./orders`,
      `${ORIGIN}/a/../orders`,
      `${ORIGIN}/../orders`,
      `${ORIGIN}/a/b/../../orders`,
      `${ORIGIN}/%2e/orders`,
      `${ORIGIN}/a/%2E%2e/orders`,
      `${ORIGIN}/%6Frders`,
      `${ORIGIN}/%6f%72%64%65%72%73`,
    ].map((htu): Row => [`${JSON.stringify(htu)} is it`, withClaims({ htu }), 'taken']),
  ],
  '4.3 (11) iat is in the window': [
    ...[0, 1, 10, 59, 60, -1, -8, -10].map((ago): Row => [
      `${String(ago)} s ago`,
      withClaims({ iat: NOW - ago }),
      'taken',
    ]),
    ...[61, 70, 3600, -11, -3600, NOW].map((ago): Row => [`${String(ago)} s ago`, withClaims({ iat: NOW - ago }), bad]),
    ...[String(NOW), NOW + 0.5, NOW * 1000, null, [NOW], -NOW, true].map((iat): Row => [
      `${JSON.stringify(iat)} is no time`,
      withClaims({ iat }),
      bad,
    ]),
    [
      'a number beyond a double',
      signTexts(
        key,
        JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk }),
        `{"jti":"a","htm":"GET","htu":"${ORIGIN}/orders","iat":1e999,"ath":"${athOf(TOKEN)}"}`,
      ),
      bad,
    ],
    ['exp past', withClaims({ exp: NOW - 11 }), bad],
    ['exp just past, as clocks go', withClaims({ exp: NOW - 5 }), 'taken'],
    ['exp to come', withClaims({ exp: NOW + 60 }), 'taken'],
    ['exp that is no number', withClaims({ exp: String(NOW + 60) }), bad],
    ['nbf to come', withClaims({ nbf: NOW + 11 }), bad],
    ['nbf to come, as clocks go', withClaims({ nbf: NOW + 5 }), 'taken'],
    ['nbf that is no number', withClaims({ nbf: null }), bad],
  ],
  '4.3 (12) ath is the hash of the token': [
    ...[
      athOf('another'),
      `${athOf(TOKEN)}=`,
      Buffer.from(athOf(TOKEN), 'base64url').toString('hex'),
      athOf(`DPoP ${TOKEN}`),
      athOf(` ${TOKEN}`),
      '',
      null,
      [athOf(TOKEN)],
    ].map((ath): Row => [JSON.stringify(ath), withClaims({ ath }), bad]),
  ],
  'RFC 7515, header parameters that change the meaning': [
    ['crit', withHeader({ crit: ['exp'] }), bad],
    ['b64', withHeader({ b64: false, crit: ['b64'] }), bad],
    ['b64 alone', withHeader({ b64: true }), bad],
    ['zip', withHeader({ zip: 'DEF' }), bad],
    ['enc', withHeader({ enc: 'A256GCM' }), bad],
    ['kid, jku, x5u', withHeader({ kid: 'a', jku: 'https://evil.example', x5u: 'https://evil.example' }), 'taken'],
  ],
}

describe.each(Object.entries(tables))('RFC 9449 %s', (_rule, rows) => {
  it.each(rows)('%s', async (_name, proof, expected) => {
    expect(await outcomeOf(present(key, proof))).toBe(expected)
  })
})

describe('RFC 9449 4.3 (5), every asymmetric algorithm', () => {
  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    '%s is taken where it is allowed, and refused where it is not',
    async (alg) => {
      const mine = createClientKey(alg)
      expect(await outcomeOf(present(mine, createProof(mine)))).toBe('taken')
      const algorithms = [alg === 'ES256' ? 'RS256' : 'ES256'] as const
      expect(await outcomeOf(present(mine, createProof(mine)), { algorithms })).toBe(bad)
    },
  )
})

describe('RFC 9449 4.3 (12) and 6, the key that the token is bound to', () => {
  it.each<readonly [string, string | undefined, string]>([
    ['the key of the proof', key.thumbprint, 'taken'],
    ['another key', other.thumbprint, 'key_binding_mismatch'],
    ['no key', undefined, 'key_binding_mismatch'],
    ['an empty thumbprint', '', 'key_binding_mismatch'],
    ['a padded thumbprint', `${key.thumbprint}=`, 'key_binding_mismatch'],
  ])('%s', async (_name, boundTo, expected) => {
    expect(await outcomeOf(present(key, createProof(key), { boundTo }))).toBe(expected)
  })
})

describe('RFC 9449 4.3 (9), the URI of the request', () => {
  it.each<readonly [origin: string, target: string, htu: string, expected: string]>([
    [ORIGIN, '/orders?page=2', `${ORIGIN}/orders`, 'taken'],
    [ORIGIN, '/', ORIGIN, 'taken'],
    [ORIGIN, '/', `${ORIGIN}/`, 'taken'],
    [ORIGIN, '', `${ORIGIN}/`, bad],
    [ORIGIN, '*', ORIGIN, bad],
    [ORIGIN, 'api.example.com:443', ORIGIN, bad],
    // Who is asked is not for the request to say.
    [ORIGIN, 'https://evil.example/orders', `${ORIGIN}/orders`, 'taken'],
    [ORIGIN, 'https://evil.example/orders', 'https://evil.example/orders', bad],
    [ORIGIN, 'http://evil.example', ORIGIN, 'taken'],
    [ORIGIN, '//evil.example/orders', 'https://evil.example/orders', bad],
    [ORIGIN, '//evil.example/orders', `${ORIGIN}//evil.example/orders`, 'taken'],
    [ORIGIN, '/a%2fb', `${ORIGIN}/a%2Fb`, 'taken'],
    [ORIGIN, '/a%2fb', `${ORIGIN}/a/b`, bad],
    [ORIGIN, '/a%41', `${ORIGIN}/aA`, 'taken'],
    [ORIGIN, '/a|b', `${ORIGIN}/a%7Cb`, 'taken'],
    [ORIGIN, '/a%20b', `${ORIGIN}/a%20b`, 'taken'],
    [ORIGIN, String.raw`/a\b`, `${ORIGIN}/a/b`, bad],
    [ORIGIN, '/a#b', `${ORIGIN}/a`, bad],
    [ORIGIN, '/x/../orders', `${ORIGIN}/orders`, 'taken'],
    // A proxy takes a prefix off.
    [`${ORIGIN}/v1`, '/orders', `${ORIGIN}/v1/orders`, 'taken'],
    [`${ORIGIN}/v1/`, '/orders', `${ORIGIN}/v1/orders`, 'taken'],
    [`${ORIGIN}/v1`, '/orders', `${ORIGIN}/orders`, bad],
    [`${ORIGIN}/v1`, '/../orders', `${ORIGIN}/orders`, bad],
    [`${ORIGIN}/v1`, '/%2e%2e/orders', `${ORIGIN}/v1/orders`, 'taken'],
    ['HTTPS://API.example.com:443', '/orders', `${ORIGIN}/orders`, 'taken'],
    ['http://localhost:3000', '/orders', 'http://localhost:3000/orders', 'taken'],
    ['http://localhost:80', '/orders', 'http://localhost/orders', 'taken'],
    ['https://[2001:DB8::1]:8443', '/orders', 'https://[2001:db8:0:0::1]:8443/orders', 'taken'],
    ['https://xn--fsq.example', '/orders', 'https://XN--FSQ.example/orders', 'taken'],
  ])('at %s, for %j, htu %j is %s', async (origin, target, htu, expected) => {
    expect(await outcomeOf(present(key, withClaims({ htu }), { target }), { origin })).toBe(expected)
  })

  it.each([
    '',
    'api.example.com',
    '/v1',
    'ftp://api.example.com',
    `${ORIGIN}?a`,
    `${ORIGIN}#a`,
    'https://user@api.example.com',
    'https://',
  ])('refuses %j as an origin at creation', (origin) => {
    expect(() => dpopAt({ origin })).toThrow(expect.objectContaining({ code: 'configuration_error' }) as Error)
  })

  it('refuses algorithms with a secret, and none, at creation', () => {
    expect(() => dpopAt({ algorithms: ['ES256', 'HS256'] })).toThrow(/asymmetric/)
    expect(() => dpopAt({ algorithms: [] })).toThrow(/at least one/)
  })
})

describe('the examples of RFC 9449', () => {
  const jwk = {
    kty: 'EC',
    x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
    y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
    crv: 'P-256',
  }
  const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
  const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
  const header =
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19'
  // Section 7.1, Figure 12.
  const ofResource = `${header}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`
  // Section 4.1, Figure 2: for the token endpoint, without a token.
  const ofTokenRequest = `${header}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`
  const at = (seconds: number, origin = 'https://resource.example.org') => ({ origin, clock: () => seconds * 1000 })
  const presented: PresentedProof = {
    proof: ofResource,
    method: 'GET',
    target: '/protectedresource',
    token,
    boundTo: jkt,
  }

  it('are what they say: the key, its thumbprint, the hash of the token', () => {
    expect(decodeProtectedHeader(ofResource)).toEqual({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    expect(createPublicKey({ key: jwk, format: 'jwk' }).asymmetricKeyType).toBe('ec')
    expect(athOf(token)).toBe('fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo')
  })

  it('section 7.1: the proof is taken at its time, for its request, with its token, and at no other', async () => {
    const taken = await dpopAt(at(1_562_262_618)).dpop.take(presented)
    expect(taken).toEqual({ method: 'dpop', thumbprint: jkt, nonce: undefined })
    expect(await outcomeOf(presented, at(1_562_262_679))).toBe(bad)
    expect(await outcomeOf({ ...presented, method: 'POST' }, at(1_562_262_618))).toBe(bad)
    expect(await outcomeOf({ ...presented, token: `${token}x` }, at(1_562_262_618))).toBe(bad)
    expect(await outcomeOf(presented, at(1_562_262_618, 'https://server.example.com'))).toBe(bad)
  })

  it('section 4.1: the proof for a token endpoint is none for a resource, for want of "ath" alone', async () => {
    const { dpop } = dpopAt(at(1_562_262_616, 'https://server.example.com'))
    const asked = { ...presented, proof: ofTokenRequest, method: 'POST', target: '/token' }
    expect(await dpop.take(asked)).toEqual({ code: bad, detail: 'its "ath" is not the hash of the access token' })
  })
})

it('refuses a point that is not on its curve, though the token is bound to it', async () => {
  const jwk = { crv: 'P-256', kty: 'EC', x, y: x }
  const boundTo = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url')
  expect(await outcomeOf(present(key, withHeader({ jwk }), { boundTo }))).toBe(bad)
})

it('says nothing of the proof, its key or the token in a refusal', async () => {
  const refused = Object.values(tables)
    .flat()
    .filter(([, , expected]) => expected !== 'taken')
  for (const [, proof = ''] of refused) {
    const text = JSON.stringify(await dpopAt().dpop.take(present(key, proof)))
    const segments = proof.split('.').filter((segment) => segment.length > 8)
    for (const secret of [x, String(key.jwk['y']), athOf(TOKEN), TOKEN, key.thumbprint, ...segments]) {
      expect(text).not.toContain(secret)
    }
  }
})
