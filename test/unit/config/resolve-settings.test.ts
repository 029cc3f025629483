import { z } from 'zod'
import type { ResourceServerOptions } from '../../../src/config/options.js'
import { resolveSettings } from '../../../src/config/resolve-settings.js'

const ISSUER = 'https://login.example.com'
const AUDIENCE = 'https://api.example.com'
const settle = (options: ResourceServerOptions = {}, environment = {}) => resolveSettings(options, environment)

const first = (options: ResourceServerOptions = {}, environment = {}) => {
  const { issuers } = settle({ issuer: ISSUER, audience: AUDIENCE, ...options }, environment)
  return typeof issuers === 'function' ? undefined : issuers[0]
}

describe('resolveSettings', () => {
  test('settles every default', () => {
    expect(settle({ issuer: ISSUER, audience: AUDIENCE })).toEqual({
      issuers: [
        {
          issuer: ISSUER,
          audience: [AUDIENCE],
          algorithms: [
            ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
            ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
          ],
          jwksUri: undefined,
          jwks: undefined,
          profile: expect.objectContaining({ name: 'auto' }) as unknown,
          isAccessToken: undefined,
          authorityPaths: {
            clientId: [['client_id'], ['azp'], ['appid'], ['cid']],
            scopes: [['scope'], ['scp']],
            roles: [['roles']],
            audienceRoles: [],
            permissions: [['permissions']],
            rolesOf: undefined,
            shown: { roles: [['roles']], permissions: [['permissions']] },
          },
        },
      ],
      clockToleranceSeconds: 30,
      maxTokenAgeSeconds: undefined,
      schema: undefined,
      scopeHierarchy: undefined,
      lifetimes: expect.objectContaining({
        freshSeconds: undefined,
        maxStaleSeconds: 14_400,
        cooldownSeconds: 30,
        timeoutSeconds: 5,
      }) as unknown,
      maxBytes: 524_288,
      cache: { maxEntries: 10_000, maxAgeSeconds: 600 },
      callbackTimeoutSeconds: 5,
      dangerouslyAllowHttp: false,
      realm: 'api',
      resourceMetadata: undefined,
      fetch: expect.any(Function) as unknown,
      clock: expect.any(Function) as unknown,
    })
  })

  test('keeps functions and instances as they are, and copies keys', () => {
    const given = { fetch: () => Promise.reject(new Error()), clock: () => 0, isAccessToken: () => true }
    const key = { kty: 'EC', constructor: 'a' }
    const jwks = { keys: [key] }
    const claims = z.looseObject({})
    const { fetch, clock, issuers, schema } = settle({
      issuer: { issuer: ISSUER, isAccessToken: given.isAccessToken, jwks },
      audience: AUDIENCE,
      fetch: given.fetch,
      clock: given.clock,
      claims,
    })
    expect([fetch, clock, schema]).toEqual([given.fetch, given.clock, claims])
    expect(schema).toBe(claims)
    const [own] = typeof issuers === 'function' ? [] : issuers
    expect(own?.isAccessToken).toBe(given.isAccessToken)
    key.kty = 'RSA'
    jwks.keys.push({ kty: 'oct', constructor: 'b' })
    expect(own?.jwks).toEqual({ keys: [{ kty: 'EC', constructor: 'a' }] })
  })

  test('takes undefined for not written', () => {
    const options = { issuer: ISSUER, audience: AUDIENCE }
    const unset = { clockToleranceSeconds: undefined, keys: undefined, realm: undefined, verifiedTokenCache: undefined }
    const { fetch: _fetch, ...expected } = settle(options)
    expect(settle({ ...options, ...unset })).toMatchObject(expected)
    expect(_fetch).toBeInstanceOf(Function)
  })

  test('reads the environment where an option is not written, and trims it', () => {
    const environment = { OAUTH_ISSUER: ` ${ISSUER}\n`, OAUTH_AUDIENCE: `${AUDIENCE} ` }
    expect(settle({}, environment).issuers).toMatchObject([{ issuer: ISSUER, audience: [AUDIENCE] }])
  })

  test.each(['api-a,api-b', 'api-a api-b', ' api-a,\n api-b, '])('reads several audiences from %j', (text) => {
    const environment = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: text }
    expect(settle({}, environment).issuers).toMatchObject([{ audience: ['api-a', 'api-b'] }])
    // A name with a comma or white space in it is written as a list of one.
    expect(settle({ audience: [text.trim()] }, environment).issuers).toMatchObject([{ audience: [text.trim()] }])
  })

  test('takes places of claims for every issuer, or for one', () => {
    const claimPaths = { roles: 'https://app.example.com/roles', clientId: ['client', 'a.b'] }
    expect(settle({ issuer: ISSUER, audience: AUDIENCE, claimPaths }).issuers).toMatchObject([
      {
        authorityPaths: {
          roles: [['https://app.example.com/roles']],
          clientId: [['client', 'a.b']],
          scopes: [['scope'], ['scp']],
        },
      },
    ])
    const own = { issuer: ISSUER, claimPaths: { permissions: 'app.may' } }
    expect(settle({ issuer: own, audience: AUDIENCE, claimPaths, profile: 'keycloak' }).issuers).toMatchObject([
      { authorityPaths: { roles: [['realm_access', 'roles']], permissions: [['app', 'may']] } },
    ])
  })

  test('takes an issuer that nothing is fetched from for a name', () => {
    const adfs = 'http://adfs.example.com/adfs/services/trust'
    const jwksUri = 'https://adfs.example.com/adfs/discovery/keys'
    expect(settle({ issuer: { issuer: adfs, jwksUri }, audience: AUDIENCE }).issuers).toMatchObject([{ issuer: adfs }])
    expect(() => settle({ issuer: adfs, audience: AUDIENCE })).toThrow(/uses http beyond this machine/)
    const plain = { issuer: adfs, jwksUri: 'http://adfs.example.com/adfs/discovery/keys' }
    expect(() => settle({ issuer: plain, audience: AUDIENCE })).toThrow(/"jwksUri" uses http beyond this machine/)
  })

  test('lets what is written win over the environment', () => {
    const environment = { OAUTH_ISSUER: 'https://other.example.com', OAUTH_AUDIENCE: 'other' }
    expect(settle({ issuer: ISSUER, audience: AUDIENCE }, environment).issuers).toMatchObject([
      { issuer: ISSUER, audience: [AUDIENCE] },
    ])
  })

  test.each([
    [{ OAUTH_AUDIENCE: AUDIENCE }, /^No issuer\. /],
    [{ OAUTH_AUDIENCE: AUDIENCE, OAUTH_ISSUER: '' }, /^No issuer\. /],
    [{ OAUTH_AUDIENCE: AUDIENCE, OAUTH_ISSUER: ' ' }, /^No issuer\. /],
    [{ OAUTH_ISSUER: ISSUER }, /^No audience\. /],
    [{ OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: ' ' }, /^No audience\. /],
    [{ OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: ' , ' }, /^No audience\. /],
  ])('fails with the environment %j', (environment, message) => {
    expect(() => settle({}, environment)).toThrow(message)
  })

  test('lets what is said of one issuer win over what stands at the top', () => {
    const options: ResourceServerOptions = {
      issuer: ['https://a.example.com', { issuer: 'https://b.example.com', audience: 'b', algorithms: ['ES256'] }],
      audience: ['a1', 'a2'],
      algorithms: ['RS256'],
      profile: 'rfc9068',
    }
    expect(settle(options).issuers).toMatchObject([
      { issuer: 'https://a.example.com', audience: ['a1', 'a2'], algorithms: ['RS256'], profile: { name: 'rfc9068' } },
      { issuer: 'https://b.example.com', audience: ['b'], algorithms: ['ES256'], profile: { name: 'rfc9068' } },
    ])
  })

  test("takes an issuer's own keys instead of those at the top", () => {
    const jwks = { keys: [{ kty: 'RSA' }] }
    expect(first({ jwks, issuer: { issuer: ISSUER, jwksUri: `${ISSUER}/jwks` } })).toMatchObject({
      jwks: undefined,
      jwksUri: `${ISSUER}/jwks`,
    })
    expect(first({ jwks })).toMatchObject({ jwks, jwksUri: undefined })
  })

  test.each([
    'http://localhost:8080/realms/demo',
    'http://issuer.localhost',
    'http://127.0.0.1:3000',
    'http://[::1]:3000/',
    'https://login.example.com/',
    'https://login.example.com/a/b',
  ])('takes the issuer %s as it is', (issuer) => {
    expect(first({ issuer })?.issuer).toBe(issuer)
  })

  test.each(['http://keycloak:8080/realms/demo', 'http://login.example.com'])(
    'takes the issuer %s only where http is dangerously allowed',
    (issuer) => {
      expect(() => first({ issuer })).toThrow('"dangerouslyAllowHttp"')
      expect(first({ issuer, dangerouslyAllowHttp: true })?.issuer).toBe(issuer)
    },
  )

  test('takes an issuer that is no URL where its keys are given', () => {
    expect(first({ issuer: 'orders', jwksUri: 'https://login.example.com/jwks' })?.issuer).toBe('orders')
    expect(() => first({ issuer: 'orders' })).toThrow('is not a URL')
  })

  test.each([
    [false, undefined],
    [{}, { maxEntries: 10_000, maxAgeSeconds: 600 }],
    [{ maxEntries: 5 }, { maxEntries: 5, maxAgeSeconds: 600 }],
    [{ maxAgeSeconds: 60 }, { maxEntries: 10_000, maxAgeSeconds: 60 }],
  ] as const)('remembers as much as verifiedTokenCache: %j says', (verifiedTokenCache, cache) => {
    expect(settle({ issuer: ISSUER, audience: AUDIENCE, verifiedTokenCache }).cache).toEqual(cache)
  })

  test('looks the global fetch up at each call', async () => {
    const platform = globalThis.fetch
    const { fetch } = settle({ issuer: ISSUER, audience: AUDIENCE })
    try {
      globalThis.fetch = () => Promise.resolve(new Response('replaced', { status: 299 }))
      const { signal } = new AbortController()
      const init = { redirect: 'manual', signal, headers: { accept: 'application/json' } } as const
      expect((await fetch('https://login.example.com', init)).status).toBe(299)
    } finally {
      globalThis.fetch = platform
    }
  })

  test('freezes what it returns, and what the caller changes later changes nothing', () => {
    const audience = [AUDIENCE]
    const settings = settle({ issuer: ISSUER, audience })
    audience.push('evil')
    expect(settings.issuers).toMatchObject([{ audience: [AUDIENCE] }])
    expect(Object.isFrozen(settings)).toBe(true)
    expect(Object.isFrozen(settings.issuers)).toBe(true)
  })

  describe('with a resolver', () => {
    const ask = async (answer: unknown) => {
      const { issuers } = settle({ issuer: () => answer as undefined, audience: AUDIENCE })
      return typeof issuers === 'function' ? issuers(ISSUER) : undefined
    }

    test('settles its answers like written issuers', async () => {
      expect(await ask({ issuer: ISSUER, profile: 'okta' })).toMatchObject({
        issuer: ISSUER,
        audience: [AUDIENCE],
        profile: { name: 'okta' },
      })
      expect(await ask(undefined)).toBeUndefined()
      expect(await ask(Promise.resolve(undefined))).toBeUndefined()
    })

    test.each<[unknown, string]>([
      [{ issuer: ISSUER, audiance: 'x' }, 'Did you mean "audience"?'],
      [{ issuer: ISSUER, foo: 1 }, 'Unknown option "foo". Known are: audience, '],
      [{ issuer: ISSUER, jwks: { keys: [], foo: 1 } }, 'Unknown option "jwks.foo". Known are: keys.'],
      [{ issuer: 'http://login.example.com' }, '"dangerouslyAllowHttp"'],
      [{ issuer: ISSUER, algorithms: ['HS256'] }, '"jwks"'],
      [{}, 'The option "issuer" must be a text.'],
    ])('rejects the answer %j', async (answer, message) => {
      await expect(ask(answer)).rejects.toThrow(message)
    })
  })
})
