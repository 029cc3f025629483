import { type } from 'arktype'
import express, { type Express } from 'express'
import { allOf, claim, createResourceServer, not, optionalAuth, requirePolicy, scope } from 'express-resource-server'
import { createTestIssuer, type Changes, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import * as v from 'valibot'
import { z } from 'zod'
import { showError } from '../kit/express.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const get = async (app: Express, claims: Changes, path = '/') =>
  request(app)
    .get(path)
    .set('Authorization', `Bearer ${await issuer.accessToken(claims)}`)

const schemas = {
  zod: z.object({ tenant: z.string(), level: z.string().transform(Number) }),
  valibot: v.object({ tenant: v.string(), level: v.pipe(v.string(), v.transform(Number)) }),
  arktype: type({ tenant: 'string', level: 'string.numeric.parse' }),
} as const

describe.each(Object.entries(schemas))('claims by %s', (_library, claims) => {
  const createApp = (): Express => {
    const app = express()
    const server = createResourceServer({ ...issuer.options, claims })
    app.use(server.requireAuth())
    app.get('/', server.requirePolicy(allOf(scope('a'), (auth) => auth.claims.level + 1 === 4)), (req, res) => {
      const { tenant, level } = server.getAuth(req).claims
      res.json({ tenant: tenant.toUpperCase(), level: level * 2 })
    })
    return app
  }

  it('are what the schema makes of them, in policies and in handlers', async () => {
    const response = await get(createApp(), { scope: 'a', tenant: 'acme', level: '3' })
    expect([response.status, response.body]).toEqual([200, { tenant: 'ACME', level: 6 }])
  })

  it('are refused by a policy that they do not satisfy', async () => {
    const response = await get(createApp(), { scope: 'a', tenant: 'acme', level: '4' })
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toBeUndefined()
    expect(JSON.parse(response.text)).toMatchObject({ code: 'access_denied' })
  })

  it('are refused by the schema when they do not fit', async () => {
    const response = await get(createApp(), { scope: 'a', tenant: 5, level: '3' })
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="invalid_token", error_description="A claim of the access token is missing or malformed."',
    )
    expect(JSON.parse(response.text)).toMatchObject({ code: 'invalid_claims' })
  })
})

describe('a bound getAuth and requirePolicy', () => {
  const createServers = () => ({
    shop: createResourceServer({ ...issuer.options, claims: z.object({ tenant: z.string() }) }),
    other: createResourceServer({ ...issuer.options, claims: z.object({ plan: z.string() }) }),
  })
  const claims = { tenant: 'acme', plan: 'pro' }

  it.each([
    ['a handler', 'getAuth(req)'],
    ['a guard', 'A guard'],
  ])('refuse, in %s, a request that another server judged', async (where, who) => {
    const { shop, other } = createServers()
    const app = express()
    app.use(shop.requireAuth(), other.requireAuth())
    if (where === 'a guard') app.use(shop.requirePolicy(() => true))
    app.get('/', (req, res) => {
      res.json(shop.getAuth(req).claims)
    })
    app.use(showError)
    const response = await get(app, claims)
    expect([response.status, response.body]).toEqual([
      500,
      {
        name: 'ConfigurationError',
        message: `${who} of one resource server met a request that another one judged: use requireAuth() of the same server above the route.`,
      },
    ])
  })

  it('take the verdict of their own server, the last one that judged', async () => {
    const { shop, other } = createServers()
    const app = express()
    app.use(
      other.requireAuth(),
      shop.requireAuth(),
      shop.requirePolicy((auth) => auth.claims.tenant === 'acme'),
    )
    app.get('/', (req, res) => {
      res.json(shop.getAuth(req).claims)
    })
    const response = await get(app, claims)
    expect([response.status, response.body]).toEqual([200, { tenant: 'acme' }])
  })

  it('do not mind what guards of no server stand between', async () => {
    const { shop } = createServers()
    const app = express()
    app.get('/', shop.requireAuth(), requirePolicy(scope('a')), shop.requirePolicy(scope('a')), (_req, res) => {
      res.sendStatus(204)
    })
    expect((await get(app, { ...claims, scope: 'a' })).status).toBe(204)
    expect((await get(app, claims)).status).toBe(403)
  })

  it('need an auth middleware, and a guard answers 401 to an anonymous request', async () => {
    const { shop } = createServers()
    const app = express()
    app.get(
      '/none',
      shop.requirePolicy(() => true),
    )
    app.get(
      '/anonymous',
      shop.optionalAuth(),
      shop.requirePolicy(() => true),
    )
    app.get(
      '/other',
      optionalAuth(issuer.options),
      shop.requirePolicy(() => true),
    )
    app.use(showError)
    expect((await request(app).get('/none')).body).toMatchObject({ name: 'ConfigurationError' })
    expect((await request(app).get('/anonymous')).headers['www-authenticate']).toBe('Bearer realm="api"')
    expect((await request(app).get('/other')).body).toMatchObject({ name: 'ConfigurationError' })
  })
})

it('claim() goes by the token, so that a claim that the schema leaves out is not missing to not()', async () => {
  const app = express()
  const server = createResourceServer({ ...issuer.options, claims: z.object({ tenant: z.string() }) })
  app.get('/', server.requireAuth(), requirePolicy(not(claim('suspended', true))), (_req, res) => {
    res.sendStatus(204)
  })
  expect((await get(app, { tenant: 'acme', suspended: true })).status).toBe(403)
  expect((await get(app, { tenant: 'acme' })).status).toBe(204)
})
