import express from 'express'
import { getAuth, requireAuth, requireScope, type Auth, type RequireAuthOptions } from 'express-resource-server'
import {
  createTestIssuer,
  type ProviderName,
  type TestIssuer,
  type TestIssuerOptions,
} from 'express-resource-server/testing'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import request from 'supertest'

/** An API such as a user of the testing entry has: it takes its options from outside. */
function createApp(options: RequireAuthOptions): express.Express {
  const app = express()
  app.use(requireAuth(options))
  app.get('/orders', requireScope('orders:read'), (_req, res) => {
    res.json([])
  })
  app.get('/me', (req, res) => {
    res.json(getAuth(req))
  })
  return app
}

function createApi(options: RequireAuthOptions) {
  const app = createApp(options)
  const get = (token: string) => request(app).get('/me').set('Authorization', `Bearer ${token}`)
  return {
    /** `accepted`, or the code of the refusal. */
    judge: async (token: string): Promise<string> => {
      const { status, text } = await get(token)
      return status === 200 ? 'accepted' : (JSON.parse(text) as { code: string }).code
    },
    auth: async (token: string) => JSON.parse((await get(token).expect(200)).text) as Auth,
  }
}

const create = (options: TestIssuerOptions = {}) => createTestIssuer({ algorithm: 'ES256', ...options })

const DISCOVERY = 'https://issuer.example.com/.well-known/openid-configuration'
const JWKS = 'https://issuer.example.com/test-issuer/jwks'

describe('createTestIssuer', () => {
  it('says that it was not awaited, where its options are read', async () => {
    const promised = createTestIssuer()
    // What JavaScript may write.
    const forgotten = promised as unknown as TestIssuer
    const message = 'createTestIssuer() promises an issuer: write "await createTestIssuer()".'
    expect(() => requireAuth(forgotten.options)).toThrow(message)
    expect(() => requireAuth({ ...forgotten.options })).toThrow(message)
    expect((await promised).options).toHaveProperty('issuer')
  })

  test('takes three lines', async () => {
    const issuer = await createTestIssuer()
    const app = createApp(issuer.options)
    const token = await issuer.accessToken({ scope: 'orders:read' })
    await request(app).get('/orders').set('Authorization', `Bearer ${token}`).expect(200)
    // And what is not granted is not.
    const poor = await issuer.accessToken({ scope: 'orders:write' })
    await request(app).get('/orders').set('Authorization', `Bearer ${poor}`).expect(403)
    await request(app).get('/orders').expect(401)
  })

  test('names an issuer and an audience, and hands over what leads to them', async () => {
    const issuer = await create()
    expect(issuer.issuer).toBe('https://issuer.example.com')
    expect(issuer.audience).toBe('https://api.example.com')
    expect(issuer.options).toEqual({
      issuer: issuer.issuer,
      audience: issuer.audience,
      fetch: expect.any(Function) as unknown,
      clock: expect.any(Function) as unknown,
    })
  })

  test.each([
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ] as const)('signs with %s', async (algorithm) => {
    const issuer = await createTestIssuer({ algorithm })
    const token = await issuer.accessToken()
    expect(decodeProtectedHeader(token).alg).toBe(algorithm)
    const api = createApi(issuer.options)
    expect(await api.judge(token)).toBe('accepted')
    expect(await api.judge(`${token.slice(0, -8)}AAAAAAAA`)).toBe('invalid_signature')
    await issuer.rotateKeys()
    // The forged signature has taken the one fetch of a cooldown.
    issuer.advance(30)
    const next = await issuer.accessToken()
    expect(decodeProtectedHeader(next)).toMatchObject({ alg: algorithm })
    expect(await api.judge(next)).toBe('accepted')
  })

  test('signs with RS256 unless it is told otherwise', async () => {
    const issuer = await createTestIssuer()
    expect(decodeProtectedHeader(await issuer.accessToken())).toEqual({
      alg: 'RS256',
      typ: 'at+jwt',
      kid: expect.any(String) as unknown,
    })
  })

  test('takes another issuer and another audience', async () => {
    const issuer = await create({ issuer: 'http://localhost:9000/a/', audience: 'orders' })
    expect(issuer.options).toMatchObject({ issuer: 'http://localhost:9000/a/', audience: 'orders' })
    const auth = await createApi(issuer.options).auth(await issuer.accessToken())
    expect(auth).toMatchObject({ issuer: 'http://localhost:9000/a/', audience: ['orders'] })
    expect(issuer.requests).toEqual([
      'http://localhost:9000/a/.well-known/openid-configuration',
      'http://localhost:9000/test-issuer/jwks',
    ])
  })

  const PROVIDERS: readonly ProviderName[] = [
    ...(['generic', 'auth0', 'okta', 'keycloak', 'entra', 'entra-v1', 'cognito'] as const),
    ...(['pingone', 'zitadel', 'hydra', 'authentik', 'duende', 'fusionauth'] as const),
  ]

  test.each(PROVIDERS)("mints %s's access tokens for any audience that it is given", async (provider) => {
    const issuer = await create({ provider, audience: 'orders' })
    const api = createApi(issuer.options)
    expect(await api.judge(await issuer.accessToken())).toBe('accepted')
    expect((await api.auth(await issuer.accessToken())).audience).toContain('orders')
    expect(await createApi({ ...issuer.options, audience: 'other' }).judge(await issuer.accessToken())).toBe(
      'wrong_audience',
    )
  })

  test("mints Keycloak's roles at any audience that it is given", async () => {
    const issuer = await create({ provider: 'keycloak', audience: 'stock-api' })
    const { roles } = await createApi(issuer.options).auth(await issuer.accessToken())
    expect(roles).toEqual(['offline_access', 'user', 'clerk'])
  })

  test('mints no access token of Google, which has none', async () => {
    const issuer = await create({ provider: 'google' })
    expect(() => createApi(issuer.options)).toThrow('Google issues no access tokens')
    const api = createApi({ ...issuer.options, profile: 'generic' })
    expect(await api.judge(await issuer.accessToken())).toBe('unrecognised_token_type')
  })
})

describe('accessToken', () => {
  let issuer: TestIssuer
  beforeAll(async () => {
    issuer = await create()
  })

  test('mints what RFC 9068 section 2.2 asks for, valid for 300 seconds', async () => {
    const now = issuer.now()
    expect(decodeJwt(await issuer.accessToken())).toEqual({
      iss: issuer.issuer,
      aud: issuer.audience,
      sub: 'user-1',
      client_id: 'client-1',
      scope: 'openid',
      jti: expect.any(String) as unknown,
      iat: now,
      exp: now + 300,
    })
  })

  test('gives every token a name of its own', async () => {
    const [a, b] = [decodeJwt(await issuer.accessToken()), decodeJwt(await issuer.accessToken())]
    expect(a.jti).not.toBe(b.jti)
  })

  test('changes claims and header parameters, and takes out what is undefined', async () => {
    const token = await issuer.accessToken(
      { scope: undefined, sub: 'user-2', tenant: null },
      { typ: undefined, x5t: 'a' },
    )
    const claims = decodeJwt(token)
    expect(claims).not.toHaveProperty('scope')
    expect(claims).toMatchObject({ sub: 'user-2', tenant: null, client_id: 'client-1' })
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', kid: expect.any(String) as unknown, x5t: 'a' })
  })

  test('takes out claims that the library then misses', async () => {
    const { judge } = createApi(issuer.options)
    expect(await judge(await issuer.accessToken({ aud: undefined }))).toBe('invalid_claims')
    expect(await judge(await issuer.accessToken({ iss: undefined }))).toBe('unknown_issuer')
    expect(await judge(await issuer.accessToken({}, { kid: undefined }))).toBe('accepted')
  })
})

describe('the other kinds', () => {
  test('an ID token is for the client, and refused with any audience', async () => {
    const issuer = await create()
    const { judge } = createApi(issuer.options)
    expect(decodeJwt(await issuer.idToken())).toMatchObject({ aud: 'client-1', nonce: 'n-0S6_WzA2Mj', sub: 'user-1' })
    expect(await judge(await issuer.idToken())).toBe('id_token_presented')
    expect(await judge(await issuer.idToken({ aud: issuer.audience }))).toBe('id_token_presented')
    const unmarked = { aud: issuer.audience, nonce: undefined, at_hash: undefined }
    expect(await judge(await issuer.idToken(unmarked))).toBe('unrecognised_token_type')
  })

  test('a refresh token is refused as one, in the form of the provider', async () => {
    const generic = await create()
    const keycloak = await create({ provider: 'keycloak' })
    expect(decodeProtectedHeader(await generic.refreshToken()).typ).toBe('rt+jwt')
    expect(decodeProtectedHeader(await keycloak.refreshToken()).typ).toBe('JWT')
    expect(decodeJwt(await keycloak.refreshToken())).toMatchObject({ typ: 'Refresh', aud: keycloak.issuer })
    for (const issuer of [generic, keycloak]) {
      expect(await createApi(issuer.options).judge(await issuer.refreshToken())).toBe('refresh_token_presented')
    }
    expect(await createApi(generic.options).judge(await generic.refreshToken({}, { typ: 'at+jwt' }))).toBe(
      'wrong_audience',
    )
  })

  test('a logout token is refused as one (OpenID Connect Back-Channel Logout 1.0 section 2.4)', async () => {
    const issuer = await create()
    const token = await issuer.logoutToken({ sid: 's' })
    expect(decodeProtectedHeader(token).typ).toBe('logout+jwt')
    expect(decodeJwt(token)).toMatchObject({
      aud: 'client-1',
      sid: 's',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    expect(decodeJwt(token)).not.toHaveProperty('nonce')
    expect(await createApi(issuer.options).judge(token)).toBe('logout_token_presented')
  })

  test('sign() adds nothing of its own but the algorithm and the key', async () => {
    const issuer = await create()
    const token = await issuer.sign({ a: 1 })
    expect(decodeJwt(token)).toEqual({ a: 1 })
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', kid: expect.any(String) as unknown })
    expect(await createApi(issuer.options).judge(token)).toBe('unknown_issuer')
  })

  test("another issuer's tokens are not its own, even under the same name", async () => {
    const [one, other] = [await create(), await create()]
    expect(one.issuer).toBe(other.issuer)
    const { judge } = createApi(one.options)
    expect(await judge(await other.accessToken())).toBe('unknown_key')
    expect(await judge(await one.accessToken())).toBe('accepted')
  })
})

describe('rotateKeys', () => {
  test('signs with a new key and keeps the old one published', async () => {
    const issuer = await create()
    const { judge } = createApi(issuer.options)
    const before = await issuer.accessToken()
    expect(await judge(before)).toBe('accepted')
    await issuer.rotateKeys()
    const after = await issuer.accessToken()
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
    expect(await judge(after)).toBe('accepted')
    expect(await judge(before)).toBe('accepted')
  })

  test('withdraws the old key when it is told to', async () => {
    const issuer = await create()
    const { judge } = createApi(issuer.options)
    const before = await issuer.accessToken()
    expect(await judge(before)).toBe('accepted')
    await issuer.rotateKeys({ withdrawOld: true })
    // The new key brings the refreshed set in.
    expect(await judge(await issuer.accessToken())).toBe('accepted')
    expect(await judge(before)).toBe('unknown_key')
  })

  test('may be done twice', async () => {
    const issuer = await create()
    const tokens = [await issuer.accessToken()]
    await issuer.rotateKeys()
    tokens.push(await issuer.accessToken())
    await issuer.rotateKeys()
    tokens.push(await issuer.accessToken())
    const { judge } = createApi(issuer.options)
    expect(await Promise.all(tokens.map(judge))).toEqual(['accepted', 'accepted', 'accepted'])
  })
})

describe('advance', () => {
  test('moves the time of the issuer and of the API, which otherwise stands still', async () => {
    const issuer = await create()
    const { judge } = createApi(issuer.options)
    const token = await issuer.accessToken()
    const now = issuer.now()
    expect(await judge(token)).toBe('accepted')
    expect(issuer.now()).toBe(now)
    expect(issuer.options.clock() / 1000).toBeGreaterThanOrEqual(now)

    // RFC 7519 section 4.1.4: valid for 300 seconds, and 30 more are forgiven. `now` has no fraction, the clock may have.
    issuer.advance(329)
    expect(issuer.now()).toBe(now + 329)
    expect(await judge(token)).toBe('accepted')
    issuer.advance(1)
    expect(await judge(token)).toBe('token_expired')
    expect(await judge(await issuer.accessToken())).toBe('accepted')
    issuer.advance(-330)
    expect(await judge(token)).toBe('accepted')
  })
})

describe('goDown and comeBack', () => {
  test('an API that has no keys yet cannot decide', async () => {
    const issuer = await create()
    const app = createApp(issuer.options)
    const token = await issuer.accessToken({ scope: 'orders:read' })
    const get = () => request(app).get('/orders').set('Authorization', `Bearer ${token}`)
    issuer.goDown()
    const response = await get()
    expect(response.status).toBe(503)
    expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(response.headers).not.toHaveProperty('www-authenticate')
    issuer.comeBack()
    issuer.advance(60)
    await get().expect(200)
  })

  test('an API that has the keys goes on', async () => {
    const issuer = await create()
    const { judge } = createApi(issuer.options)
    expect(await judge(await issuer.accessToken())).toBe('accepted')
    issuer.goDown()
    issuer.advance(3600)
    expect(await judge(await issuer.accessToken())).toBe('accepted')
  })
})

describe('requests', () => {
  test('lists what was fetched, metadata first, and nothing for keys that are at hand', async () => {
    const issuer = await create()
    const { judge } = createApi(issuer.options)
    expect(issuer.requests).toEqual([])
    await judge(await issuer.accessToken())
    expect(issuer.requests).toEqual([DISCOVERY, JWKS])
    await judge(await issuer.accessToken())
    await judge(await issuer.idToken())
    expect(issuer.requests).toEqual([DISCOVERY, JWKS])
  })

  test('lists those that failed', async () => {
    const issuer = await create()
    issuer.goDown()
    await createApi(issuer.options).judge(await issuer.accessToken())
    expect(issuer.requests).toEqual([DISCOVERY])
  })

  test('serves nothing but its metadata, its keys and its introspection endpoint, and no private key', async () => {
    const issuer = await create()
    const { fetch } = issuer.options
    expect((await fetch('https://issuer.example.com/token', {})).status).toBe(404)
    expect((await fetch('https://other.example.com/test-issuer/jwks', {})).status).toBe(404)
    expect(await (await fetch(DISCOVERY, {})).json()).toEqual({
      issuer: issuer.issuer,
      jwks_uri: JWKS,
      introspection_endpoint: 'https://issuer.example.com/test-issuer/introspect',
    })
    const { keys } = (await (await fetch(JWKS, {})).json()) as { keys: Record<string, unknown>[] }
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']])
  })
})

describe('what is misspelt', () => {
  // What JavaScript may pass.
  const from = (options: object) => createTestIssuer(options)

  test.each([{ provider: 'otka' }, { algorithm: 'HS256' }, { algorithm: 'none' }, { issuer: 'not a URL' }])(
    '%j is refused',
    async (options) => {
      await expect(from(options)).rejects.toThrow()
    },
  )
})

describe('opaque tokens of a test issuer', () => {
  const introspecting = (issuer: TestIssuer): RequireAuthOptions => ({
    ...issuer.options,
    issuer: { issuer: issuer.issuer, introspection: issuer.introspection },
  })

  test('are good for what they mean, until they expire or are taken back', async () => {
    const issuer = await create()
    const api = createApi(introspecting(issuer))
    const token = await issuer.opaqueToken({ scope: 'orders:read' })
    expect(token).toMatch(/^[\w-]{32}$/)
    expect(await api.auth(token)).toMatchObject({ subject: 'user-1', scopes: ['orders:read'], issuer: issuer.issuer })
    const other = await issuer.opaqueToken({ exp: issuer.now() + 10 })
    issuer.revoke(token)
    expect([await api.judge(token), await api.judge(other)]).toEqual(['token_inactive', 'accepted'])
    issuer.advance(11)
    expect(await api.judge(other)).toBe('token_inactive')
    expect(await api.judge(`${token}0`)).toBe('token_inactive')
  })

  test('are refused where nobody asks, and JWTs are as ever', async () => {
    const issuer = await create()
    expect(await createApi(issuer.options).judge(await issuer.opaqueToken())).toBe('malformed_token')
    const api = createApi(introspecting(issuer))
    expect(await api.judge(await issuer.accessToken())).toBe('accepted')
  })

  test('and with tokens: "all" a JWT can be taken back', async () => {
    const issuer = await create()
    const introspection = { ...issuer.introspection, tokens: 'all' } as const
    const api = createApi({ ...issuer.options, issuer: { issuer: issuer.issuer, introspection } })
    const token = await issuer.accessToken()
    expect(await api.judge(token)).toBe('accepted')
    issuer.revoke(token)
    expect(await api.judge(token)).toBe('token_inactive')
  })

  test.each(['keycloak', 'hydra', 'zitadel', 'auth0', 'entra', 'okta', 'clerk'] as const)(
    'of %s are judged',
    async (provider) => {
      const issuer = await create({ provider })
      const api = createApi(introspecting(issuer))
      expect(await api.judge(await issuer.opaqueToken({ aud: issuer.audience }))).toBe('accepted')
      expect(await api.judge(await issuer.opaqueToken({ aud: 'https://other.example' }))).toBe('wrong_audience')
    },
  )

  test('the endpoint knows its client, and a POST', async () => {
    const issuer = await create()
    const introspection = { ...issuer.introspection, clientId: 'another' }
    const api = createApi({ ...issuer.options, issuer: { issuer: issuer.issuer, introspection } })
    expect(await api.judge(await issuer.opaqueToken())).toBe('introspection_refused')
    expect((await issuer.options.fetch(`${issuer.issuer}/test-issuer/introspect`)).status).toBe(405)
  })
})
