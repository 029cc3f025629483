import { get as httpGet } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import {
  allOf,
  anyOf,
  claim,
  createResourceServer,
  findAuth,
  getAuth,
  not,
  optionalAuth,
  owner,
  requireAnyScope,
  requireAuth,
  requireClaim,
  requirePolicy,
  requireRole,
  requireScope,
  requireStepUp,
  role,
  scope,
  stepUp,
  type Policy,
} from 'express-resource-server'
import { createTestIssuer, type Changes, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { denied, lacksScope, needsStepUp, type Refusal } from '../kit/refusals.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const ok: RequestHandler = (_req, res) => {
  res.json({ reached: true })
}

// The app's own answer to errors, whatever their status. Express knows an error handler by its four parameters.
// eslint-disable-next-line @typescript-eslint/no-unused-vars
const showError: ErrorRequestHandler = (error: Error, _req, res, _next) => {
  res.status(500).json({ name: error.name, message: error.message })
}

interface Row {
  readonly guard: string
  readonly handler: () => RequestHandler
  readonly granted: () => Changes
  readonly refused: () => Changes
  readonly refusal: Refusal
}

const rows: readonly Row[] = [
  {
    guard: 'requireScope: every scope (RFC 6750 section 3.1)',
    handler: () => requireScope('orders:read', 'orders:write'),
    granted: () => ({ scope: 'x orders:write orders:read' }),
    refused: () => ({ scope: 'orders:read orders:writer' }),
    refusal: lacksScope('orders:read orders:write'),
  },
  {
    guard: 'requireAnyScope: one scope, and the challenge names the set',
    handler: () => requireAnyScope('orders:read', 'orders:admin'),
    granted: () => ({ scope: 'orders:admin' }),
    refused: () => ({ scope: 'ORDERS:READ' }),
    refusal: lacksScope('orders:read orders:admin'),
  },
  {
    guard: 'requireClaim: equal',
    handler: () => requireClaim('tenant', 'acme'),
    granted: () => ({ tenant: 'acme' }),
    refused: () => ({ tenant: 'acme2' }),
    refusal: denied,
  },
  {
    guard: 'requireClaim: contained in an array, never in a text',
    handler: () => requireClaim('realm_access.roles', 'admin'),
    granted: () => ({ realm_access: { roles: ['user', 'admin'] } }),
    refused: () => ({ realm_access: { roles: 'admins' } }),
    refusal: denied,
  },
  {
    guard: 'requireClaim: a URL is one name',
    handler: () => requireClaim('https://example.com/tier', 'gold'),
    granted: () => ({ 'https://example.com/tier': 'gold' }),
    refused: () => ({ 'https://example': { 'com/tier': 'gold' } }),
    refusal: denied,
  },
  {
    guard: 'requireClaim: an array of names is taken literally',
    handler: () => requireClaim(['resource_access', 'my.client', 'roles'], 'clerk'),
    granted: () => ({ resource_access: { 'my.client': { roles: ['clerk'] } } }),
    refused: () => ({ resource_access: { my: { client: { roles: ['clerk'] } } } }),
    refusal: denied,
  },
  {
    guard: 'requireClaim: numbers are not texts',
    handler: () => requireClaim('level', 3),
    granted: () => ({ level: 3 }),
    refused: () => ({ level: '3' }),
    refusal: denied,
  },
  {
    guard: 'requireClaim: only true of a predicate counts',
    handler: () =>
      requireClaim('level', ((value: unknown) => (value === 3 ? true : 'yes')) as (value: unknown) => boolean),
    granted: () => ({ level: 3 }),
    refused: () => ({ level: 2 }),
    refusal: denied,
  },
  {
    guard: 'requireClaim: what an object inherits is no claim',
    handler: () => requireClaim('constructor.name', 'Object'),
    granted: () => ({ constructor: { name: 'Object' } }),
    refused: () => ({}),
    refusal: denied,
  },
  {
    guard: 'requireRole: any of them',
    handler: () => requireRole('clerk', 'manager'),
    granted: () => ({ roles: ['manager'] }),
    refused: () => ({ roles: ['clerks'], scope: 'clerk' }),
    refusal: denied,
  },
  {
    guard: 'owner: the subject',
    handler: () => requirePolicy(owner((req) => req.params['id'])),
    granted: () => ({ sub: 'thing-1' }),
    refused: () => ({ sub: 'thing-2' }),
    refusal: denied,
  },
  {
    guard: 'owner: nobody owns what has no owner',
    handler: () => requirePolicy(owner((req) => (req.params['id'] === 'thing-1' ? 'user-1' : undefined))),
    granted: () => ({}),
    refused: () => ({ sub: undefined }),
    refusal: denied,
  },
  {
    guard: 'requireStepUp: acr (RFC 9470 section 3)',
    handler: () => requireStepUp({ acr: ['gold', 'silver'] }),
    granted: () => ({ acr: 'silver' }),
    refused: () => ({ acr: 'goldx' }),
    refusal: needsStepUp('acr_values="gold silver"'),
  },
  {
    guard: 'requireStepUp: max_age (RFC 9470 section 3)',
    handler: () => requireStepUp({ maxAgeSeconds: 300 }),
    granted: () => ({ auth_time: issuer.now() - 300 }),
    refused: () => ({ auth_time: issuer.now() - 301 }),
    refusal: needsStepUp('max_age="300"'),
  },
  {
    guard: 'requireStepUp: both, in one challenge (RFC 9470 section 3)',
    handler: () => requireStepUp({ acr: 'gold', maxAgeSeconds: 0 }),
    granted: () => ({ acr: 'gold', auth_time: issuer.now() }),
    refused: () => ({ acr: ['gold'], auth_time: String(issuer.now()) }),
    refusal: needsStepUp('acr_values="gold", max_age="0"'),
  },
  {
    guard: 'allOf: names all scopes, also those of policies that did not run',
    handler: () => requirePolicy(allOf(scope('a'), scope('b'), anyOf(scope('c'), role('clerk')))),
    granted: () => ({ scope: 'a b', roles: ['clerk'] }),
    refused: () => ({ scope: 'c' }),
    refusal: lacksScope('a b c'),
  },
  {
    guard: 'allOf: a denial that no token could mend comes without a challenge',
    handler: () => requirePolicy(allOf(claim('tenant', 'acme'), scope('a'))),
    granted: () => ({ tenant: 'acme', scope: 'a' }),
    refused: () => ({ tenant: 'other', scope: 'a' }),
    refusal: denied,
  },
  {
    guard: 'anyOf: the challenge of an alternative that a token could mend',
    handler: () => requirePolicy(anyOf(role('clerk'), scope('a'))),
    granted: () => ({ scope: 'a' }),
    refused: () => ({ scope: 'b' }),
    refusal: lacksScope('a'),
  },
  {
    guard: 'anyOf: step-up where that would do',
    handler: () => requirePolicy(anyOf(role('clerk'), stepUp({ acr: 'gold' }))),
    granted: () => ({ acr: 'gold' }),
    refused: () => ({ acr: 'silver' }),
    refusal: needsStepUp('acr_values="gold"'),
  },
  {
    guard: 'not',
    handler: () => requirePolicy(not(role('suspended'))),
    granted: () => ({ roles: [] }),
    refused: () => ({ roles: ['suspended'] }),
    refusal: denied,
  },
  {
    guard: 'a plain predicate, asynchronous, with the request',
    handler: () => requirePolicy((auth, req) => Promise.resolve(auth.claims['plan'] === req.headers['x-plan'])),
    granted: () => ({ plan: 'pro' }),
    refused: () => ({ plan: 'free' }),
    refusal: denied,
  },
]

const frameworks: readonly (readonly [string, () => Express])[] = [
  ['Express 5', express],
  ['Express 4', express4],
]

describe.each(frameworks)('%s', (_name, create) => {
  const appWith = (...handlers: RequestHandler[]): Express => {
    const app = create()
    app.get('/:id', ...handlers, ok)
    app.use(showError)
    return app
  }
  const get = async (app: Express, claims: Changes, path = '/thing-1') =>
    request(app)
      .get(path)
      .set('Authorization', `Bearer ${await issuer.accessToken(claims)}`)
      .set('X-Plan', 'pro')

  describe.each(rows)('$guard', ({ handler, granted, refused, refusal }) => {
    it('grants', async () => {
      const response = await get(appWith(requireAuth(issuer.options), handler()), granted())
      expect(response.status).toBe(200)
      expect(response.body).toEqual({ reached: true })
      expect(response.headers['www-authenticate']).toBeUndefined()
    })

    it('refuses', async () => {
      const response = await get(appWith(requireAuth(issuer.options), handler()), refused())
      expect(response.status).toBe(refusal.status)
      expect(JSON.parse(response.text)).toMatchObject({ code: refusal.code, status: refusal.status })
      expect(response.headers['www-authenticate']).toBe(refusal.challenge)
      expect(response.headers['cache-control']).toBe('no-store')
    })

    it('answers 401 to a bad token, and says nothing of what it asks for (RFC 9470 section 9)', async () => {
      const response = await get(appWith(requireAuth(issuer.options), handler()), {
        ...granted(),
        aud: 'https://other',
      })
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(
        'Bearer realm="api", error="invalid_token", error_description="The access token was issued for another audience."',
      )
    })

    it('answers 401 to an anonymous request behind optionalAuth', async () => {
      const response = await request(appWith(optionalAuth(issuer.options), handler())).get('/thing-1')
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe('Bearer realm="api"')
      expect(JSON.parse(response.text)).toMatchObject({ code: 'missing_token' })
    })

    it('ends in a ConfigurationError without an auth middleware, whatever req.auth says', async () => {
      const forge: RequestHandler = (req, _res, next) => {
        req.auth = { token: 't', clientId: 'c', scopes: ['orders:read', 'orders:write', 'a', 'b', 'c'] }
        next()
      }
      const response = await get(appWith(forge, handler()), granted())
      expect(response.status).toBe(500)
      expect(response.body).toMatchObject({ name: 'ConfigurationError' })
    })
  })

  const strange: readonly (readonly [string, unknown])[] = [
    ['the text "false"', 'false'],
    ['1', 1],
    ['an empty object', {}],
    ['an empty array', []],
    ['undefined', undefined],
    ['null', null],
    ['an object that says granted: 1', { granted: 1 }],
    ['an object that says granted: "true"', { granted: 'true' }],
    ['a promise of a text', Promise.resolve('yes')],
  ]

  it.each(strange)('a policy that answers %s does not grant', async (_answer, answer) => {
    const policy = (() => answer) as unknown as Policy
    const response = await get(appWith(requireAuth(issuer.options), requirePolicy(policy)), {})
    expect(response.status).toBe(403)
    expect(JSON.parse(response.text)).toMatchObject({ code: 'access_denied' })
  })

  const throwing: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tested
    ['rejects with undefined', () => Promise.reject(undefined)],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tested
    ['rejects with { status: 200 }', () => Promise.reject({ status: 200 })],
  ]

  it.each(throwing)('a policy that %s ends in a 500, alone and wherever nothing else decides', async (_how, broken) => {
    const policy = broken as Policy
    const undecided = [
      policy,
      not(policy),
      anyOf(policy, scope('b')),
      anyOf(scope('b'), policy),
      allOf(policy, scope('a')),
    ]
    for (const guard of undecided) {
      const response = await get(appWith(requireAuth(issuer.options), requirePolicy(guard)), { scope: 'a' })
      expect(response.status).toBe(500)
      expect(response.body).toMatchObject({ name: 'Error' })
    }
  })

  it.each(throwing)('a policy that %s takes nothing from another that decides', async (_how, broken) => {
    const policy = broken as Policy
    const statusOf = async (guard: Policy) =>
      (await get(appWith(requireAuth(issuer.options), requirePolicy(guard)), { scope: 'a' })).status
    for (const guard of [anyOf(policy, scope('a')), anyOf(scope('a'), policy)]) expect(await statusOf(guard)).toBe(200)
    for (const guard of [allOf(policy, scope('b')), allOf(scope('b'), policy)]) expect(await statusOf(guard)).toBe(403)
  })

  it('a policy that never answers never grants', async () => {
    let reached = false
    let asked: () => void = () => undefined
    const wasAsked = new Promise<void>((resolve) => (asked = resolve))
    const never: Policy = () => {
      asked()
      return new Promise(() => undefined)
    }
    const app = appWith(requireAuth(issuer.options), requirePolicy(never), (_req, _res, next) => {
      reached = true
      next()
    })
    const token = await issuer.accessToken()
    const server = app.listen(0)
    let answered = false
    const asking = httpGet(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/thing-1`, {
      headers: { authorization: `Bearer ${token}` },
    })
    asking.on('response', () => (answered = true)).on('error', () => undefined)
    await wasAsked
    await new Promise(setImmediate)
    expect([reached, answered]).toEqual([false, false])
    server.close()
    server.closeAllConnections()
  })

  describe('req.auth', () => {
    const show: RequestHandler = (req, res) => {
      res.json({ auth: req.auth, token: req.auth?.token === undefined ? 'none' : 'some' })
    }

    it('is what getAuth returns, and prints no token', async () => {
      const same: RequestHandler = (req, res) => {
        const auth = getAuth(req)
        res.json({
          same: auth === req.auth,
          printed: JSON.stringify(auth).includes(auth.token),
          frozen: Object.isFrozen(auth),
        })
      }
      const response = await get(appWith(requireAuth(issuer.options), same), {})
      expect(response.body).toEqual({ same: true, printed: false, frozen: true })
    })

    it('is undefined for an anonymous request behind optionalAuth, whatever set it before', async () => {
      const forge: RequestHandler = (req, _res, next) => {
        req.auth = { token: 't', clientId: 'c', scopes: [] }
        next()
      }
      const response = await request(appWith(forge, optionalAuth(issuer.options), show)).get('/thing-1')
      expect(response.body).toEqual({ token: 'none' })
    })

    it('is gone when a second requireAuth refuses what the first one accepted', async () => {
      let seen: unknown = 'nothing'
      const other = requireAuth({
        ...issuer.options,
        audience: 'https://other.example.com',
        onError: (error, req, _res, next) => {
          seen = req.auth
          next(error)
        },
      })
      const response = await get(appWith(requireAuth(issuer.options), other), {})
      expect(response.status).toBe(500) // showError answers
      expect(seen).toBeUndefined()
    })

    it('getAuth throws for an anonymous request', async () => {
      const app = appWith(optionalAuth(issuer.options), (req, res) => {
        res.json(getAuth(req))
      })
      const response = await request(app).get('/thing-1')
      expect(response.status).toBe(500)
      expect(response.body).toMatchObject({ name: 'ConfigurationError' })
    })
  })

  describe('findAuth', () => {
    const show: RequestHandler = (req, res) => {
      res.json({ subject: findAuth(req)?.subject ?? 'nobody' })
    }

    it('is what getAuth returns, and undefined for an anonymous request', async () => {
      const app = appWith(optionalAuth(issuer.options), show)
      expect((await get(app, {})).body).toEqual({ subject: 'user-1' })
      expect((await request(app).get('/thing-1')).body).toEqual({ subject: 'nobody' })
    })

    it.each([
      ['without an auth middleware', show],
      ['of one server, behind another', undefined],
    ])('ends in a ConfigurationError %s, whatever req.auth says', async (_name, handler) => {
      const forge: RequestHandler = (req, _res, next) => {
        req.auth = { token: 't', clientId: 'c', scopes: [] }
        next()
      }
      const server = createResourceServer(issuer.options)
      const ofServer: RequestHandler = (req, res) => {
        res.json({ subject: server.findAuth(req)?.subject })
      }
      const app = handler ? appWith(forge, handler) : appWith(optionalAuth(issuer.options), ofServer)
      const response = await request(app).get('/thing-1')
      expect(response.status).toBe(500)
      expect(response.body).toMatchObject({
        name: 'ConfigurationError',
        message: expect.stringMatching(/^findAuth\(req\) /) as string,
      })
    })

    it('of a server is undefined for an anonymous request', async () => {
      const server = createResourceServer(issuer.options)
      const app = appWith(server.optionalAuth(), (req, res) => {
        res.json({ subject: server.findAuth(req)?.subject ?? 'nobody' })
      })
      expect((await request(app).get('/thing-1')).body).toEqual({ subject: 'nobody' })
      expect((await get(app, {})).body).toEqual({ subject: 'user-1' })
    })
  })

  describe('optionalAuth', () => {
    it('lets a request without credentials through, and one with a good token', async () => {
      const app = appWith(optionalAuth(issuer.options))
      expect((await request(app).get('/thing-1')).status).toBe(200)
      expect((await get(app, {})).status).toBe(200)
    })

    it('refuses a bad token and malformed credentials: they are not anonymous', async () => {
      const app = appWith(optionalAuth(issuer.options))
      expect((await get(app, { exp: 1 })).status).toBe(401)
      const malformed = await request(app).get('/thing-1').set('Authorization', 'Bearer a b')
      expect(malformed.status).toBe(400)
    })
  })

  describe('onError', () => {
    it('answers in place of the library, with status and headers already set', async () => {
      const app = appWith(
        requireAuth({
          ...issuer.options,
          onError: (error, _req, res) => {
            res.json({ mine: error.code })
          },
        }),
      )
      const response = await request(app).get('/thing-1')
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe('Bearer realm="api"')
      expect(response.body).toEqual({ mine: 'missing_token' })
    })

    it.each([
      ['calls next() without an error', undefined],
      ['throws', new Error('mine')],
    ])('cannot open the door when it %s', async (_how, thrown) => {
      const app = appWith(
        requireAuth({
          ...issuer.options,
          onError: (_error, _req, _res, next) => {
            if (thrown !== undefined) throw thrown
            next()
          },
        }),
      )
      const response = await request(app).get('/thing-1')
      expect(response.status).toBe(500) // showError answers
      expect(response.body).toMatchObject({ name: thrown === undefined ? 'AuthError' : 'Error' })
    })
  })
})
