import express5, { type Express } from 'express'
import express4 from 'express4'
import {
  allOf,
  anyOf,
  hidden,
  not,
  open,
  optionalAuth,
  owner,
  requireAuth,
  requirePolicy,
  role,
  scope,
  stepUp,
  type Policy,
  type RequireAuthOptions,
} from 'express-resource-server'
import { authorizeRoutes, trackRoutes } from 'express-resource-server/routes'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { sendRaw } from '../kit/raw-request.js'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const theirOwn = hidden(owner((req) => req.params['id']))
const no: Policy = () => false

describe.each([
  { name: 'Express 4', express: express4 },
  { name: 'Express 5', express: express5 },
])('what is hidden, on $name,', ({ express }) => {
  /** The app with a policy on every path, or the same one without any route. */
  function createApp(policy: Policy | undefined, options: Partial<RequireAuthOptions> = {}): Express {
    const app = express() as Express
    app.use((_req, res, next) => {
      res.set({ 'Content-Language': 'en', 'X-Before': '1' })
      next()
    })
    app.use(requireAuth({ ...issuer.options, ...options }))
    if (policy !== undefined) {
      app.all('/orders/:id', requirePolicy(policy), (_req, res) => {
        res.send('granted')
      })
      app.use(requirePolicy(policy))
    }
    return app
  }

  async function answerOf(app: Express, method: string, path: string): Promise<object> {
    const headers: [string, string][] = [['Authorization', `Bearer ${await issuer.accessToken({ sub: 'user-1' })}`]]
    const answer = await sendRaw(app, { method, path, headers })
    const lasting = answer.headers.filter(([name]) => name.toLowerCase() !== 'date')
    return { status: answer.status, body: answer.body, headers: lasting }
  }

  it.each([
    ['GET', '/orders/7'],
    ['GET', '/orders/7?code=secret'],
    ['HEAD', '/orders/7'],
    ['POST', '/orders/7'],
    ['OPTIONS', '/orders/7'],
    ['GET', '//orders///7'],
    ['GET', '/orders/%3Cscript%3E'],
    ['GET', '/orders/a\'b"c<d>&e'],
    ['GET', '/other/%zz%'],
    ['GET', 'http://api.example.com/orders/7?x'],
    ['GET', '/orders/[x]{y}|z^`~'],
  ])('is answered as if there were no route: %s %s', async (method, path) => {
    const shown = await answerOf(createApp(hidden(no)), method, path)
    const nothing = await answerOf(createApp(undefined), method, path)
    expect(shown).toEqual(nothing)
    expect(shown).toMatchObject({ status: 404 })
  })

  const send = async (app: Express, path = '/orders/user-1', claims = {}) =>
    request(app)
      .get(path)
      .set('Authorization', `Bearer ${await issuer.accessToken({ sub: 'user-1', ...claims })}`)

  it.each<readonly [string, Policy, string, number]>([
    ['what the policy grants', theirOwn, '/orders/user-1', 200],
    ['what it denies', theirOwn, '/orders/user-2', 404],
    ['what it denies later', hidden(() => Promise.resolve(false)), '/orders/1', 404],
    ['a scope that is missing', hidden(scope('x')), '/orders/1', 404],
    ['a sign-in that does not suffice', hidden(stepUp({ acr: 'gold' })), '/orders/1', 404],
    ['a denial of something else', allOf(role('clerk'), theirOwn), '/orders/user-2', 403],
    ['the hidden denial of several', allOf(theirOwn, role('clerk')), '/orders/user-2', 404],
    ['an alternative that grants', anyOf(theirOwn, not(role('clerk'))), '/orders/user-2', 200],
    ['alternatives that all deny', anyOf(role('clerk'), theirOwn), '/orders/user-2', 404],
    ['alternatives of which one wants a scope', anyOf(scope('x'), theirOwn), '/orders/user-2', 404],
    ['the contrary, which hides nothing', not(hidden(owner((req) => req.params['id']))), '/orders/user-1', 403],
  ])('is judged by the policy: %s', async (_title, policy, path, status) => {
    const app = express() as Express
    app.use(requireAuth(issuer.options))
    app.get('/orders/:id', requirePolicy(policy), (_req, res) => {
      res.send('granted')
    })
    const answer = await send(app, path)
    expect(answer.status).toBe(status)
    if (status === 404) expect(answer.headers['www-authenticate']).toBeUndefined()
  })

  it('counts for no failedAuthLimit, and is 401 without a token', async () => {
    const app = createApp(hidden(no), { failedAuthLimit: { limit: 1 } })
    for (let count = 0; count < 3; count++) expect((await send(app)).status).toBe(404)
    expect((await request(app).get('/orders/1')).status).toBe(401)
  })

  it('is hidden by a row of a route table, and described', async () => {
    const app = express() as Express
    const inventory = trackRoutes(app)
    app.use(optionalAuth(issuer.options))
    app.use(authorizeRoutes({ 'GET /health': open(), 'GET /orders/:id': theirOwn }))
    app.get('/orders/:id', (_req, res) => {
      res.send('granted')
    })
    expect((await send(app)).status).toBe(200)
    const answer = await send(app, '/orders/user-2')
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([404, undefined])
    expect(answer.text).toContain('<pre>Cannot GET /orders/user-2</pre>')
    expect(String(inventory)).toContain('hidden (owner)')
  })

  it('is answered by onError, which learns the status', async () => {
    const seen: unknown[] = []
    const app = createApp(hidden(no), {
      onError: (error, _req, res) => {
        seen.push([error.status, error.code, error.detail, error.headers])
        res.json({ error: 'no such thing' })
      },
    })
    const answer = await send(app)
    expect([answer.status, answer.body]).toEqual([404, { error: 'no such thing' }])
    expect(seen).toEqual([[404, 'not_found', 'a predicate said no', {}]])
  })
})
