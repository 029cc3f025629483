import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { jwtVerify } from 'jose'
import { ISSUER, NOW } from '../kit/forged-api.js'
import {
  createIntrospectingApi,
  introspection,
  outcomeOf,
  TOKEN,
  type Introspection,
} from '../kit/introspecting-api.js'

type ClientAuthentication = Introspection['clientAuthentication']

async function callBy(clientAuthentication: ClientAuthentication, clientId = 'orders-api', token = TOKEN) {
  const api = createIntrospectingApi({ clientId, clientAuthentication })
  const outcome = outcomeOf(await api.get(token))
  return { outcome, calls: api.calls, call: api.calls[0] }
}

/** Reads form-encoded text, as a server does. */
const decode = (text: string): string => new URLSearchParams(`v=${text}`).get('v') ?? ''

describe('this API says who asks', () => {
  it('by a secret in the header, each part form-encoded first', async () => {
    const { call } = await callBy(
      { method: 'client_secret_basic', clientSecret: 'p:a ss%+&=\u00e9' },
      'https://api.example.com/',
    )
    const header = call?.headers['authorization'] ?? ''
    expect(header).toBe(
      `Basic ${Buffer.from('https%3A%2F%2Fapi.example.com%2F:p%3Aa+ss%25%2B%26%3D%C3%A9').toString('base64')}`,
    )
    expect([...(call?.form.keys() ?? [])]).toEqual(['token', 'token_type_hint'])
  })

  it('by a secret in the body', async () => {
    const { call } = await callBy({ method: 'client_secret_post', clientSecret: 'a&token=b' })
    expect(call?.headers['authorization']).toBeUndefined()
    expect([...(call?.form ?? [])]).toEqual([
      ['token', TOKEN],
      ['token_type_hint', 'access_token'],
      ['client_id', 'orders-api'],
      ['client_secret', 'a&token=b'],
    ])
  })

  it('by mutual TLS, where the connection proves what the body names', async () => {
    const { call } = await callBy({ method: 'tls_client_auth' })
    expect(call?.headers['authorization']).toBeUndefined()
    expect(call?.form.get('client_id')).toBe('orders-api')
  })

  const keys = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    EdDSA: generateKeyPairSync('ed25519'),
  }
  it.each(Object.entries(keys))('by a JWT of its own for the issuer alone, with %s', async (alg, { privateKey }) => {
    const { call, outcome } = await callBy({ method: 'private_key_jwt', key: privateKey, kid: 'key-1' })
    expect(outcome).toBe('200')
    expect(call?.form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    const { payload, protectedHeader } = await jwtVerify(
      call?.form.get('client_assertion') ?? '',
      createPublicKey(privateKey),
      { audience: ISSUER, issuer: 'orders-api', subject: 'orders-api', currentDate: new Date(NOW * 1000) },
    )
    expect(protectedHeader).toEqual({ alg, typ: 'client-authentication+jwt', kid: 'key-1' })
    expect(payload).toEqual({
      iss: 'orders-api',
      sub: 'orders-api',
      aud: ISSUER,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      iat: NOW,
      exp: NOW + 60,
    })
  })

  it('by another JWT each time', async () => {
    const api = createIntrospectingApi({
      clientAuthentication: { method: 'private_key_jwt', key: keys.ES256.privateKey, algorithm: 'ES256' },
    })
    await api.get(TOKEN)
    await api.get(TOKEN)
    const [one, other] = api.calls.map(({ form }) => form.get('client_assertion'))
    expect(one).not.toBe(other)
  })

  it('by an access token of its own, from a function that is asked each time', async () => {
    let count = 0
    const api = createIntrospectingApi({
      clientAuthentication: { method: 'bearer', token: () => Promise.resolve(`own-token-${String(++count)}`) },
    })
    await api.get(TOKEN)
    await api.get(TOKEN)
    expect(api.calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer own-token-1',
      'Bearer own-token-2',
    ])
  })

  it.each([
    ['no text', () => undefined as unknown as string],
    ['a text with a line break', () => 'x\r\nX-Injected: 1'],
    ['an error', () => Promise.reject(new Error('secret-of-theirs'))],
  ])('and nobody is asked where that function answers %s', async (_name, token) => {
    const { outcome, calls } = await callBy({ method: 'bearer', token })
    expect(outcome).toBe('503 introspection_unavailable')
    expect(calls).toHaveLength(0)
  })

  it('whatever stands in the id and the secret, they arrive as they are, and nothing beside them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.isWellFormed()),
        fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text.isWellFormed()),
        async (clientId, clientSecret) => {
          const basic = await callBy({ method: 'client_secret_basic', clientSecret }, clientId)
          const [, credentials = ''] = (basic.call?.headers['authorization'] ?? '').split(' ')
          const parts = Buffer.from(credentials, 'base64').toString('latin1').split(':')
          expect(parts.map(decode)).toEqual([clientId, clientSecret])
          const post = await callBy({ method: 'client_secret_post', clientSecret }, clientId)
          expect([...(post.call?.form ?? [])].slice(2)).toEqual([
            ['client_id', clientId],
            ['client_secret', clientSecret],
          ])
        },
      ),
      { numRuns: 100 },
    )
  })

  it('whatever a token is made of, it arrives as it is, as the one member of its name', async () => {
    const token68 = fc
      .tuple(fc.stringMatching(/^[A-Za-z0-9\-_~+/]{16,200}$/), fc.constantFrom('', '=', '=='))
      .map((parts) => parts.join(''))
    const api = createIntrospectingApi()
    await fc.assert(
      fc.asyncProperty(token68, async (token) => {
        await api.get(token)
        const { form } = api.calls.at(-1) ?? {}
        expect(form?.getAll('token')).toEqual([token])
        expect([...(form?.keys() ?? [])]).toEqual(['token', 'token_type_hint'])
      }),
      { numRuns: 200 },
    )
  })

  it('and what would end the member costs no call', async () => {
    for (const token of [
      'aaaaaaaaaaaaaaaa&token=x',
      'aaaaaaaaaaaaaaaa%26active',
      'aaaaaaaaaaaaaaaa"x',
      'a'.repeat(4097),
      'short',
    ]) {
      const { outcome, calls } = await callBy(introspection.clientAuthentication, 'orders-api', token)
      expect(outcome).toMatch(/^401 (?:malformed_token|token_too_large)$/)
      expect(calls).toHaveLength(0)
    }
    const { outcome, calls } = await callBy(introspection.clientAuthentication, 'orders-api', `${TOKEN} ${TOKEN}`)
    expect(outcome).toBe('400 malformed_credentials')
    expect(calls).toHaveLength(0)
  })
})

describe('a key that cannot sign is an error at start-up', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  it.each([
    ['a public one', { method: 'private_key_jwt', key: rsa.publicKey }, /must be a private key/],
    [
      'one of another algorithm',
      { method: 'private_key_jwt', key: rsa.privateKey, algorithm: 'ES256' },
      /does not fit/,
    ],
    ['a secret algorithm', { method: 'private_key_jwt', key: rsa.privateKey, algorithm: 'HS256' }, /does not fit/],
    [
      'one of a curve that has no algorithm',
      { method: 'private_key_jwt', key: generateKeyPairSync('x25519').privateKey },
      /does not fit/,
    ],
    ['none', { method: 'private_key_jwt' }, /must be a private key/],
  ] as const)('%s', (_name, clientAuthentication, message) => {
    // What JavaScript may write.
    const own = { clientAuthentication: clientAuthentication as unknown as ClientAuthentication }
    expect(() => createIntrospectingApi(own)).toThrow(message)
  })

  it('and PEM and JWK are read by the platform', () => {
    const jwk = rsa.privateKey.export({ format: 'jwk' })
    const key = createPrivateKey({ key: jwk, format: 'jwk' })
    expect(() => createIntrospectingApi({ clientAuthentication: { method: 'private_key_jwt', key } })).not.toThrow()
  })
})
