import request from 'supertest'
import { forgeToken } from '../kit/forge.js'
import { accessClaims, accessHeader, AUDIENCE, ISSUER, NOW, tokenOf } from '../kit/forged-api.js'
import { createKey } from '../kit/forge.js'
import { createApi } from '../kit/api.js'
import { activeAnswer, createIntrospectingApi, introspection, outcomeOf, TOKEN } from '../kit/introspecting-api.js'

describe('the shape decides who is asked', () => {
  it('a JWT is judged here, and its issuer is not asked', async () => {
    const api = createIntrospectingApi()
    expect(outcomeOf(await api.get(tokenOf(api.key, 'ES256')))).toBe('200')
    expect(api.calls).toHaveLength(0)
  })

  const other = createKey('P-256')
  it.each([
    [
      'of an unknown issuer',
      (key = other) => tokenOf(key, 'ES256', accessClaims({ iss: 'https://evil.example' })),
      'unknown_issuer',
    ],
    [
      'whose signature is wrong',
      (key = other) => tokenOf({ ...other, kid: key.kid, jwk: { ...other.jwk, kid: key.kid } }, 'ES256'),
      'invalid_signature',
    ],
    [
      'without a signature',
      () => forgeToken({ alg: 'none', typ: 'at+jwt' }, accessClaims(), () => Buffer.alloc(0)),
      'malformed_token',
    ],
    [
      'with alg none',
      () => forgeToken({ alg: 'none', typ: 'at+jwt' }, accessClaims(), () => Buffer.alloc(8)),
      'algorithm_not_allowed',
    ],
    [
      'that expired',
      (key = other) => tokenOf(key, 'ES256', accessClaims({ exp: NOW - 100, iat: NOW - 200 })),
      'token_expired',
    ],
    [
      'that is an answer about a token',
      (key = other) =>
        forgeToken(
          accessHeader(key, { typ: 'token-introspection+jwt' }),
          { ...accessClaims(), token_introspection: activeAnswer() },
          key.sign,
        ),
      'wrong_token_type',
    ],
    ['of three segments of nonsense', () => 'aaaaaaaaaa.bbbbbbbbbb.cccccccccc', 'malformed_token'],
    ['of empty segments', () => 'aaaaaaaaaaaaaaaaaaaaaaa..', 'malformed_token'],
  ] as const)('a JWT %s is refused, and goes no further', async (_name, make, code) => {
    const api = createIntrospectingApi()
    expect(outcomeOf(await api.get(make(api.key)))).toBe(`401 ${code}`)
    expect(api.calls).toHaveLength(0)
  })

  it.each([
    ['with a dot, as those of Hydra', 'ory_at_0123456789abcdef.0123456789abcdef'],
    ['of five segments, as encrypted ones', 'eyJhbGciOiJkaXIifQ..aaaaaaaaaaaaaaaa.bbbbbbbbbbbb.cccccccccc'],
    ['with every character of a token68', 'AZaz09-_~+/AZaz09-_~+/=='],
  ])('a token %s is opaque', async (_name, token) => {
    const api = createIntrospectingApi()
    expect(outcomeOf(await api.get(token))).toBe('200')
    expect(api.calls[0]?.form.get('token')).toBe(token)
  })

  it('without the option, an opaque token is malformed as ever', async () => {
    const api = createIntrospectingApi({}, { issuer: ISSUER })
    expect(outcomeOf(await api.get(TOKEN))).toBe('401 malformed_token')
    expect(api.calls).toHaveLength(0)
  })
})

describe('with tokens: "all" a JWT is judged here first, and its issuer is asked as well', () => {
  it('for each request, whether or not the token is remembered', async () => {
    const api = createIntrospectingApi({ tokens: 'all' })
    const token = tokenOf(api.key, 'ES256')
    for (let i = 0; i < 4; i++) expect(outcomeOf(await api.get(token))).toBe('200')
    expect(api.calls.map(({ form }) => form.get('token'))).toEqual([token, token, token, token])
    api.answerWith(() => Response.json({ active: false }))
    expect(outcomeOf(await api.get(token))).toBe('401 token_inactive')
  })

  it('and is not asked about one that fails a check of its own', async () => {
    const api = createIntrospectingApi({ tokens: 'all' })
    const bad = tokenOf(api.key, 'ES256', accessClaims({ aud: 'https://other.example' }))
    expect(outcomeOf(await api.get(bad))).toBe('401 wrong_audience')
    expect(api.calls).toHaveLength(0)
  })

  it.each(['iss', 'sub', 'jti'])('and an answer about another "%s" refuses', async (name) => {
    const api = createIntrospectingApi({ tokens: 'all' })
    api.answerWith(() => Response.json({ active: true, [name]: 'another' }))
    expect(outcomeOf(await api.get(tokenOf(api.key, 'ES256')))).toBe('401 invalid_claims')
  })

  it('and with a cache at most once in its seconds from the second request on', async () => {
    const api = createIntrospectingApi({ tokens: 'all', cache: { seconds: 30 } })
    const token = tokenOf(api.key, 'ES256')
    for (let i = 0; i < 10; i++) await api.get(token)
    expect(api.calls.length).toBeLessThanOrEqual(2)
    api.answerWith(() => Response.json({ active: false }))
    api.advance(30)
    expect(outcomeOf(await api.get(token))).toBe('401 token_inactive')
  })
})

describe('an opaque token goes to one issuer', () => {
  const otherIssuer = 'https://other.example'
  const asked: string[] = []
  const fetch = (url: string): Promise<Response> => {
    asked.push(url)
    const { origin } = new URL(url)
    if (url.includes('.well-known')) {
      return Promise.resolve(
        Response.json({ issuer: origin, jwks_uri: `${origin}/jwks`, introspection_endpoint: `${origin}/introspect` }),
      )
    }
    return Promise.resolve(Response.json(activeAnswer({ iss: origin })))
  }
  const both = [
    { issuer: ISSUER, introspection },
    { issuer: otherIssuer, introspection },
  ]
  const common = { audience: AUDIENCE, fetch, clock: () => NOW * 1000 }
  const route = (token: string) =>
    token.startsWith('one_') ? ISSUER : token.startsWith('two_') ? otherIssuer : undefined
  const ask = async (options: Parameters<typeof createApi>[0], token: string) => {
    asked.length = 0
    const { app } = createApi(options)
    return request(app).get('/any').set('Authorization', `Bearer ${token}`)
  }

  it('so that two need a function that names it', () => {
    expect(() => createApi({ ...common, issuer: both })).toThrow(/set "issuerOfOpaqueToken"/)
    expect(() => createApi({ ...common, issuer: ISSUER, issuerOfOpaqueToken: route })).toThrow(
      /no issuer has "introspection"/,
    )
  })

  it.each([
    ['now', route],
    ['later', (token: string) => Promise.resolve(route(token))],
  ])('that answers %s', async (_when, issuerOfOpaqueToken) => {
    const options = { ...common, issuer: both, issuerOfOpaqueToken }
    for (const [prefix, issuer] of [
      ['one_', ISSUER],
      ['two_', otherIssuer],
    ] as const) {
      const answer = await ask(options, `${prefix}0123456789abcdef`)
      expect(answer.body).toMatchObject({ issuer })
      expect(asked.every((url) => url.startsWith(issuer))).toBe(true)
    }
    expect(outcomeOf(await ask(options, 'xxx_0123456789abcdef'))).toBe('401 malformed_token')
    expect(asked).toEqual([])
  })

  it('of tenants too, whom the function names', async () => {
    const issuer = (name: string) => both.find((one) => one.issuer === name)
    const options = { ...common, issuer, issuerOfOpaqueToken: route }
    expect((await ask(options, 'two_0123456789abcdef')).body).toMatchObject({ issuer: otherIssuer })
    expect(outcomeOf(await ask({ ...common, issuer }, 'two_0123456789abcdef'))).toBe('401 malformed_token')
    expect(asked).toEqual([])
    const untrusted = { ...options, issuerOfOpaqueToken: () => 'https://evil.example' }
    expect(outcomeOf(await ask(untrusted, 'two_0123456789abcdef'))).toBe('401 malformed_token')
    expect(asked).toEqual([])
  })

  it('and an answer in the name of another issuer is none', async () => {
    const lying = (url: string) =>
      url.endsWith('/introspect') ? Promise.resolve(Response.json(activeAnswer({ iss: ISSUER }))) : fetch(url)
    const options = { ...common, fetch: lying, issuer: both, issuerOfOpaqueToken: route }
    expect(outcomeOf(await ask(options, 'two_0123456789abcdef'))).toBe('401 unknown_issuer')
  })
})

describe('where to ask', () => {
  it.each([
    ['http beyond this machine', 'http://issuer.example.com/introspect', /uses http beyond this machine/],
    ['no URL', 'introspect', /must be a whole https URL/],
    ['with a password', 'https://a:b@issuer.example.com/', /must be a whole https URL/],
  ])('cannot be %s', (_name, endpoint, message) => {
    expect(() => createIntrospectingApi({ endpoint })).toThrow(message)
  })

  it('may be http on this machine, or https, and then no metadata is asked', async () => {
    expect(() => createIntrospectingApi({ endpoint: 'http://localhost:1/introspect' })).not.toThrow()
    const urls: string[] = []
    const fetch = (url: string) => {
      urls.push(url)
      return Promise.resolve(Response.json(activeAnswer()))
    }
    const api = createIntrospectingApi({ endpoint: 'https://elsewhere.example/introspect' }, { fetch })
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    expect(urls).toEqual(['https://elsewhere.example/introspect'])
  })

  it('must be said for an issuer that is a mere name', () => {
    const issuer = { issuer: 'a-name', jwks: { keys: [createKey('P-256').jwk] }, introspection }
    expect(() => createIntrospectingApi({}, { issuer })).toThrow(/"introspection.endpoint" is missing/)
  })
})
