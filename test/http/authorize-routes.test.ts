import type express from 'express'
import { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import {
  allOf,
  getAuth,
  open,
  optionalAuth,
  owner,
  protectedResourceMetadata,
  requireAuth,
  role,
  scope,
  stepUp,
  type Policy,
} from 'express-resource-server'
import { authorizeRoutes, type RouteTable } from 'express-resource-server/routes'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { sendRaw } from '../kit/raw-request.js'
import { expressVersions, showError } from '../kit/express.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const NO_TOKEN = 'Bearer realm="api"'
const INSUFFICIENT_SCOPE =
  'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs."'
const REWRITTEN =
  'req.url or req.method was changed after authorizeRoutes() had judged the request: put what changes them above it.'

const ok: RequestHandler = (req, res) => {
  res.json({ reached: req.originalUrl, params: req.params })
}

describe.each(expressVersions)('authorizeRoutes() on Express %s', (version, factory) => {
  /** An app with a table, and below it whatever a test adds. */
  const appWith = (table: RouteTable, add: (app: Express) => void, above: (app: Express) => void = () => undefined) => {
    const app = factory()
    above(app)
    app.use(optionalAuth(issuer.options), authorizeRoutes(table))
    add(app)
    app.use(showError)
    return app
  }
  const send = async (app: Express, method: string, path: string, claims?: Record<string, unknown>) => {
    const asked = request(app)[method.toLowerCase() as 'get'](path)
    return claims === undefined ? asked : asked.set('Authorization', `Bearer ${await issuer.accessToken(claims)}`)
  }
  const everything = (app: Express): void => {
    app.use(ok)
  }

  describe('by default', () => {
    const table: RouteTable = { 'GET /health': open(), 'GET /orders/:id': scope('orders:read') }

    test.each([
      ['a path without a row', 'GET', '/reports'],
      ['another method', 'POST', '/health'],
      ['a path below a row', 'GET', '/health/db'],
      ['a path above a row', 'GET', '/orders'],
      ['OPTIONS, which Express would answer by itself', 'OPTIONS', '/orders/1'],
      ['an encoded letter', 'GET', '/%68ealth'],
      ['an encoded slash', 'GET', '/orders%2F1'],
      ['a row in another case', 'GET', '/HEALTH'],
    ])('refuses %s: 401 without a token, 403 with one', async (_what, method, path) => {
      const app = appWith(table, everything)
      const anonymous = await send(app, method, path)
      expect([anonymous.status, anonymous.headers['www-authenticate']]).toEqual([401, NO_TOKEN])
      const known = await send(app, method, path, { scope: 'orders:read' })
      expect([known.status, known.headers['www-authenticate']]).toEqual([403, undefined])
      expect((known.body as { code: string }).code).toBe('access_denied')
      expect(known.headers['cache-control']).toBe('no-store')
    })

    it('answers alike whether there is a route or not', async () => {
      const bare = await send(
        appWith(table, () => undefined),
        'GET',
        '/secret',
        {},
      )
      const routed = await send(
        appWith(table, (app) => app.get('/secret', ok)),
        'GET',
        '/secret',
        {},
      )
      expect([bare.status, bare.text]).toEqual([routed.status, routed.text])
    })

    it('is 404 where a row grants and no route is', async () => {
      expect(
        (
          await send(
            appWith(table, () => undefined),
            'GET',
            '/health',
          )
        ).status,
      ).toBe(404)
    })

    it('lets everybody to an open row, but not with a bad token', async () => {
      const app = appWith(table, everything)
      expect((await send(app, 'GET', '/health')).status).toBe(200)
      expect((await send(app, 'GET', '/health', {})).status).toBe(200)
      const bad = await request(app)
        .get('/health')
        .set('Authorization', `Bearer ${await issuer.idToken()}`)
      expect([bad.status, (bad.body as { code: string }).code]).toEqual([401, 'id_token_presented'])
    })

    it('ends in a ConfigurationError without an auth middleware above, open rows included', async () => {
      const app = factory()
      app.use(authorizeRoutes(table), ok)
      app.use(showError)
      for (const path of ['/health', '/orders/1', '/other']) {
        const answer = await request(app).get(path)
        expect([answer.status, (answer.body as { name: string }).name]).toEqual([500, 'ConfigurationError'])
      }
    })

    it('keeps open rows closed behind requireAuth()', async () => {
      const app = factory()
      app.use(requireAuth(issuer.options), authorizeRoutes(table), ok)
      expect((await send(app, 'GET', '/health')).status).toBe(401)
      expect((await send(app, 'GET', '/health', {})).status).toBe(200)
    })

    it('names the metadata of the resource to an anonymous request', async () => {
      const app = appWith(table, everything, (above) => {
        above.use(
          protectedResourceMetadata({ resource: 'https://api.example.com', authorizationServers: [issuer.issuer] }),
        )
      })
      expect((await send(app, 'GET', '/orders/1')).headers['www-authenticate']).toBe(
        'Bearer realm="api", resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"',
      )
    })
  })

  describe('where several rows match', () => {
    const table: RouteTable = {
      'GET /orders/mine': scope('orders:mine'),
      'GET /orders/:id': allOf(scope('orders:read'), role('clerk')),
      'ALL /orders/*': scope('shop'),
    }

    it('wants every one to grant, in whatever order', async () => {
      const reversed = Object.fromEntries(Object.entries(table).reverse()) as RouteTable
      for (const app of [appWith(table, everything), appWith(reversed, everything)]) {
        const granted = { scope: 'orders:mine orders:read shop', roles: ['clerk'] }
        expect((await send(app, 'GET', '/orders/mine', granted)).status).toBe(200)
        for (const lacking of ['orders:mine', 'orders:read', 'shop']) {
          const claims = { ...granted, scope: granted.scope.replace(lacking, 'x') }
          expect([lacking, (await send(app, 'GET', '/orders/mine', claims)).status]).toEqual([lacking, 403])
        }
        expect((await send(app, 'GET', '/orders/mine', { ...granted, roles: [] })).status).toBe(403)
      }
    })

    it('names the scopes of all of them in one challenge, and of no other row', async () => {
      const app = appWith(table, everything)
      expect((await send(app, 'GET', '/orders/mine', { scope: 'x' })).headers['www-authenticate']).toBe(
        `${INSUFFICIENT_SCOPE}, scope="orders:mine orders:read shop"`,
      )
      expect((await send(app, 'GET', '/orders/7', { scope: 'x' })).headers['www-authenticate']).toBe(
        `${INSUFFICIENT_SCOPE}, scope="orders:read shop"`,
      )
      expect((await send(app, 'DELETE', '/orders/7', { scope: 'x' })).headers['www-authenticate']).toBe(
        `${INSUFFICIENT_SCOPE}, scope="shop"`,
      )
    })

    it('takes the tree of a row for the path itself and all below', async () => {
      const app = appWith({ 'GET /files/*': open() }, everything)
      for (const path of ['/files', '/files/', '/files/a/b']) expect((await send(app, 'GET', path)).status).toBe(200)
      expect((await send(app, 'GET', '/filesystem')).status).toBe(401)
    })
  })

  it('answers step-up as a guard does', async () => {
    const app = appWith({ 'POST /refunds': stepUp({ maxAgeSeconds: 300 }) }, everything)
    const { status, headers } = await send(app, 'POST', '/refunds', {})
    expect([status, headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="api", error="insufficient_user_authentication", error_description="This operation needs a stronger or more recent sign-in.", max_age="300"',
    ])
    expect((await send(app, 'POST', '/refunds')).headers['www-authenticate']).toBe(NO_TOKEN)
  })

  it('judges HEAD by the rows of GET, and runs the handler that Express runs', async () => {
    const app = appWith({ 'GET /orders': scope('orders:read') }, (inner) => inner.get('/orders', ok))
    expect((await send(app, 'HEAD', '/orders', { scope: 'orders:read' })).status).toBe(200)
    expect((await send(app, 'HEAD', '/orders', { scope: 'x' })).status).toBe(403)
    expect((await send(app, 'HEAD', '/orders')).status).toBe(401)
  })

  it("lets Express's own answer to OPTIONS through where a row says so", async () => {
    const app = appWith({ 'OPTIONS /orders': open(), 'GET /orders': scope('orders:read') }, (inner) =>
      inner.get('/orders', ok),
    )
    const { status, headers } = await send(app, 'OPTIONS', '/orders')
    expect([status, headers['allow']?.replace(' ', '')]).toEqual([200, 'GET,HEAD'])
    expect((await send(app, 'GET', '/orders')).status).toBe(401)
  })

  it('goes on within the same turn where the policies answer at once', async () => {
    const app = factory()
    app.use(optionalAuth(issuer.options))
    app.use((_req, res, next) => {
      let isLater = false
      queueMicrotask(() => {
        isLater = true
      })
      res.locals['isLater'] = () => isLater
      next()
    })
    const later: Policy = () => Promise.resolve(true)
    app.use(
      authorizeRoutes({ 'GET /orders/:id': scope('orders:read'), 'GET /:any/mine': () => true, 'GET /later': later }),
    )
    app.use((_req, res) => {
      res.json((res.locals['isLater'] as () => boolean)())
    })
    const claims = { scope: 'orders:read' }
    expect((await send(app, 'GET', '/orders/1', claims)).body).toBe(false)
    expect((await send(app, 'GET', '/orders/mine', claims)).body).toBe(false)
    expect((await send(app, 'GET', '/later', claims)).body).toBe(true)
  })

  describe('parameters', () => {
    const isOwner = owner((req) => req.params['id'])

    it('of the row are those that its policy sees, above the routes', async () => {
      const app = appWith({ 'GET /customers/:id/orders': isOwner }, (inner) => inner.get('/customers/:id/orders', ok))
      const granted = await send(app, 'GET', '/customers/user%2D1/orders', { sub: 'user-1' })
      expect([granted.status, granted.body]).toEqual([
        200,
        { reached: '/customers/user%2D1/orders', params: { id: 'user-1' } },
      ])
      expect((await send(app, 'GET', '/customers/user-2/orders', { sub: 'user-1' })).status).toBe(403)
      expect((await send(app, 'GET', '/customers/User-1/orders', { sub: 'user-1' })).status).toBe(403)
    })

    it('are each its own where several rows match', async () => {
      const seen: unknown[] = []
      const see: Policy = (_auth, { params }) => seen.push({ ...params }) > 0
      const app = appWith({ 'GET /:kind/new': see, 'GET /orders/:id': see }, everything)
      expect((await send(app, 'GET', '/orders/new', {})).status).toBe(200)
      expect(seen).toEqual([{ kind: 'orders' }, { id: 'new' }])
    })

    it('of the mount are seen too, and none of them stays behind', async () => {
      const app = factory()
      const after: unknown[] = []
      const isCustomer: Policy = ({ subject }, { params }) => params['customer'] === subject && params['order'] === '7'
      app.use(
        '/customers/:customer',
        requireAuth(issuer.options),
        authorizeRoutes({ 'GET /orders/:order': isCustomer }),
        (req, _res, next) => {
          after.push({ ...req.params })
          next()
        },
        ok,
      )
      expect((await send(app, 'GET', '/customers/user-1/orders/7', { sub: 'user-1' })).status).toBe(200)
      expect((await send(app, 'GET', '/customers/user-2/orders/7', { sub: 'user-1' })).status).toBe(403)
      expect(after).toEqual([{ customer: 'user-1' }])
    })

    it('of the row do not stay behind, however the policy ends', async () => {
      const left: unknown[] = []
      const policies: Record<string, Policy> = {
        'at-once': () => true,
        later: () => Promise.resolve(true),
        throws: () => {
          throw new Error('no')
        },
        rejects: () => Promise.reject(new Error('no')),
      }
      for (const [name, policy] of Object.entries(policies)) {
        const app = factory()
        app.use(optionalAuth(issuer.options), authorizeRoutes({ 'GET /:id': policy }))
        app.use((req, res) => {
          left.push([name, { ...req.params }])
          res.end()
        })
        app.use(((error: Error, req, res, next) => {
          left.push([name, { ...req.params }])
          showError(error, req, res, next)
        }) as ErrorRequestHandler)
        await send(app, 'GET', '/1', {})
      }
      expect(left).toEqual(Object.keys(policies).map((name) => [name, {}]))
    })

    it('that cannot be decoded are 400, as in Express', async () => {
      const app = appWith({ 'GET /customers/:id/orders': isOwner }, (inner) => inner.get('/customers/:id/orders', ok))
      for (const path of ['/customers/%ZZ/orders', '/customers/%/orders', '/customers/%ff/orders']) {
        expect((await send(app, 'GET', path, { sub: '%ZZ' })).status).toBe(400)
      }
    })

    it('leave req the request that getAuth() knows', async () => {
      const requests: unknown[] = []
      const app = appWith({ 'GET /a/:id': (_auth, req) => requests.push(req) > 0 }, (inner) =>
        inner.use((req, res) => {
          requests.push(req)
          res.json(getAuth(req).subject)
        }),
      )
      expect((await send(app, 'GET', '/a/1', {})).status).toBe(200)
      expect(requests[0]).toBe(requests[1])
    })

    it('are judged before app.param callbacks run', async () => {
      const loaded: string[] = []
      const app = appWith({ 'GET /orders/:id': scope('orders:read') }, (inner) => {
        inner.param('id', (_req, _res, next, id: string) => {
          loaded.push(id)
          next()
        })
        inner.get('/orders/:id', ok)
      })
      expect((await send(app, 'GET', '/orders/1', { scope: 'x' })).status).toBe(403)
      expect((await send(app, 'GET', '/orders/2', { scope: 'orders:read' })).status).toBe(200)
      expect(loaded).toEqual(['2'])
    })
  })

  describe('a mounted table', () => {
    it('has paths from its mount on', async () => {
      const app = factory()
      app.use('/api', optionalAuth(issuer.options), authorizeRoutes({ 'GET /orders': open() }))
      app.get('/api/orders', ok)
      app.get('/orders', ok)
      app.get('/api/other', ok)
      const statuses = await Promise.all(
        ['/api/orders', '/API/orders', '/api/other', '/orders'].map(
          async (path) => (await send(app, 'GET', path)).status,
        ),
      )
      // The last one is not below the mount: the table has no say there.
      expect(statuses).toEqual([200, 200, 401, 200])
    })

    // A router of Express with the app's own settings in place of the table would let some of these through.
    test.each([false, true])('judges for routers further in, whatever their settings (app: %s)', async (isStrict) => {
      const reached: string[] = []
      const show: RequestHandler = (req, res) => {
        reached.push(req.originalUrl)
        res.end()
      }
      const app = factory()
      app.set('case sensitive routing', isStrict)
      app.set('strict routing', isStrict)
      app.use(
        optionalAuth(issuer.options),
        authorizeRoutes({ 'GET /*': open(), 'GET /orders/:id': scope('orders:read') }),
      )
      const orders = factory.Router()
      orders.get('/:id', show)
      app.use('/orders', orders)
      const outer = factory.Router()
      outer.get('/orders/:id', show)
      app.use(outer)
      const paths = ['/orders/5', '/ORDERS/5', '/Orders/5', '/orders/5/', '/orders/5?x=1']
      for (const path of paths) expect([path, (await send(app, 'GET', path)).status]).toEqual([path, 401])
      for (const path of ['/orders//5', '//orders/5']) expect((await send(app, 'GET', path)).status).toBe(400)
      expect(reached).toEqual([])
      expect((await send(app, 'GET', '/orders/5', { scope: 'orders:read' })).status).toBe(200)
    })
  })

  describe('a request that is rewritten', () => {
    const table: RouteTable = { 'GET /public': open(), 'GET /secret': scope('secret'), 'POST /secret': scope('secret') }
    const rewrite =
      (change: (req: express.Request) => void): RequestHandler =>
      (req, _res, next) => {
        change(req)
        next()
      }
    const routes = (app: Express): void => {
      const router = factory.Router()
      router.get('/', ok)
      router.post('/', ok)
      app.get('/public', ok)
      app.post('/public', ok)
      app.use('/secret', router)
      app.all('/v1/public', ok)
    }

    test.each<[string, (req: express.Request) => void]>([
      ['the path', (req) => (req.url = '/secret')],
      ['the path, as a mount would', (req) => (req.url = '/secret/?a=/public')],
      ['the method', (req) => (req.method = 'POST')],
    ])('is refused below the table, 500: %s', async (_what, change) => {
      const app = appWith(table, (inner) => {
        inner.use(rewrite(change))
        routes(inner)
      })
      const answer = await send(app, 'GET', '/public')
      expect([answer.status, answer.body]).toEqual([500, { name: 'ConfigurationError', message: REWRITTEN }])
    })

    it('is refused where the rewriting is asynchronous, too', async () => {
      const app = appWith(table, (inner) => {
        inner.use((req, _res, next) => {
          setImmediate(() => {
            req.url = '/secret'
            next()
          })
        })
        routes(inner)
      })
      expect((await send(app, 'GET', '/public')).body).toEqual({ name: 'ConfigurationError', message: REWRITTEN })
    })

    it('is refused inside a router, and when a prefix is taken off', async () => {
      const app = appWith({ 'ALL /v1/*': open(), 'GET /secret': scope('secret') }, (inner) => {
        inner.use(rewrite((req) => (req.url = req.url.replace('/v1', ''))))
        routes(inner)
      })
      expect((await send(app, 'GET', '/v1/secret')).body).toEqual({ name: 'ConfigurationError', message: REWRITTEN })
    })

    it('is judged as it is now, above the table', async () => {
      const app = appWith(table, routes, (above) => {
        above.use(rewrite((req) => (req.url = '/secret')))
      })
      expect((await send(app, 'GET', '/public')).status).toBe(401)
      expect((await send(app, 'GET', '/public', { scope: 'secret' })).status).toBe(200)
    })

    it('may have another query', async () => {
      const app = appWith(table, (inner) => {
        inner.use(rewrite((req) => (req.url += '?page=2')))
        routes(inner)
      })
      expect((await send(app, 'GET', '/public')).status).toBe(200)
    })

    it('is refused by the second of two tables', async () => {
      const app = appWith(table, (inner) => {
        inner.use(authorizeRoutes({ 'GET /*': open() }))
        inner.use(rewrite((req) => (req.url = '/other')))
        inner.use(authorizeRoutes({ 'GET /other': open() }), ok)
      })
      expect((await send(app, 'GET', '/public')).body).toEqual({ name: 'ConfigurationError', message: REWRITTEN })
    })

    describe('whatever reads it in between', () => {
      const ran: string[] = []
      const run: RequestHandler = (req, res) => {
        ran.push(`${req.method} ${req.url}`)
        res.end()
      }
      const refusalOf = async (add: (app: Express) => void, path = '/public', method = 'GET') => {
        ran.length = 0
        const app = appWith({ 'ALL /public/*': open(), 'ALL /x/:id': open() }, add)
        const { body } = (await send(app, method, path)) as { body: { message?: string } }
        expect(ran).toEqual([])
        return body.message
      }
      const toSecret = rewrite((req) => (req.url = '/secret/1'))
      /** Reads all that there is, as loggers and tracers do, and lets nothing out. */
      const readAll = (req: express.Request): void => {
        for (let round = 0; round < 3; round++) {
          try {
            JSON.stringify([req.method, req.route, req.path, req.url, req.params, { ...req }.method])
          } catch {
            // Such is life.
          }
        }
      }

      it('is refused behind a callback of app.param that reads and catches', async () => {
        const refusal = await refusalOf((app) => {
          app.use(toSecret)
          app.param('id', (req, _res, next) => {
            readAll(req)
            next()
          })
          app.get('/secret/:id', run)
        })
        expect(refusal).toBe(REWRITTEN)
      })

      it('is refused behind one that is asynchronous', async () => {
        const refusal = await refusalOf((app) => {
          app.use(toSecret)
          app.param('id', (req, _res, next) => {
            setImmediate(() => {
              readAll(req)
              next()
            })
          })
          app.get('/secret/:id', run)
        })
        expect(refusal).toBe(REWRITTEN)
      })

      it('is refused where it is only then rewritten', async () => {
        const refusal = await refusalOf((app) => {
          app.param('id', (req, _res, next) => {
            req.method = 'DELETE'
            next()
          })
          app.all('/x/:id', run)
        }, '/x/1')
        expect(refusal).toBe(REWRITTEN)
      })

      it('ends with the answer of a callback, and a log that reads it afterwards', async () => {
        const logged: string[] = []
        const app = factory()
        app.use((req, res, next) => {
          res.on('finish', () => logged.push(`${req.method} ${String(res.statusCode)}`))
          next()
        })
        app.use(optionalAuth(issuer.options), authorizeRoutes({ 'GET /public': open() }), toSecret)
        app.param('id', (_req, res) => {
          res.sendStatus(410)
        })
        app.get('/secret/:id', run)
        expect((await send(app, 'GET', '/public')).status).toBe(410)
        expect(logged).toEqual(['GET 410'])
      })

      it('is refused on the next route, in nested apps and routers', async () => {
        const refusals = [
          await refusalOf((app) => {
            app.get('/public', (req, _res, next) => {
              req.url = '/secret/1'
              next('route')
            })
            app.get('/secret/:id', run)
          }),
          await refusalOf((app) => {
            const router = factory.Router()
            router.use((req, _res, next) => {
              readAll(req)
              req.url = '/other'
              next()
            })
            router.get('/other', run)
            const inner = factory()
            inner.use('/b', router)
            app.use('/public', inner)
          }, '/public/b'),
          await refusalOf((app) => {
            app.get('/public', (_req, _res, next) => {
              next(new Error('once'))
            })
            const again: ErrorRequestHandler = (_error, req, _res, next) => {
              req.url = '/secret/1'
              next()
            }
            app.use(again)
            app.get('/secret/:id', run)
          }),
        ]
        expect(refusals).toEqual([REWRITTEN, REWRITTEN, REWRITTEN])
      })

      it('is refused where a request was derived from it', async () => {
        const refusal = await refusalOf((app) => {
          const inner = factory.Router()
          inner.get('/secret/:id', run)
          app.use((req, res, next) => {
            const derived = Object.create(req, { url: { value: '/secret/1', writable: true } }) as express.Request
            inner(derived, res, next)
          })
        })
        expect(refusal).toBe(REWRITTEN)
      })

      it('is refused when the app is called once more', async () => {
        const refusal = await refusalOf((app) => {
          app.get('/public', (req, res, next) => {
            req.url = '/public/2'
            ;(app as unknown as RequestHandler)(req, res, next)
          })
          app.get('/public/2', run)
        })
        expect(refusal).toBe(REWRITTEN)
      })

      it('is let through after a callback of app.param and a first route', async () => {
        ran.length = 0
        const app = appWith({ 'GET /x/:id': open() }, (inner) => {
          inner.param('id', (req, _res, next) => {
            readAll(req)
            next()
          })
          inner.get('/x/:id', (_req, _res, next) => {
            next('route')
          })
          inner.get('/x/:name', (_req, _res, next) => {
            next()
          })
          inner.get('/x/:id', run)
        })
        expect((await send(app, 'GET', '/x/1')).status).toBe(200)
        expect(ran).toEqual(['GET /x/1'])
      })
    })

    it('shows its method and route to error handlers and to what reads them', async () => {
      const app = factory()
      app.use(optionalAuth(issuer.options), authorizeRoutes({ 'GET /public': open() }))
      app.use(rewrite((req) => (req.method = 'PUT')))
      app.all('/public', ok)
      // Express knows an error handler by its four parameters.
      // eslint-disable-next-line @typescript-eslint/no-unused-vars
      const show: ErrorRequestHandler = (_error, req, res, _next) => {
        res.status(500).json({ method: req.method, route: (req.route as { path: string }).path })
      }
      app.use(show)
      expect((await send(app, 'GET', '/public')).body).toEqual({ method: 'PUT', route: '/public' })
    })
  })

  describe('over a plain socket', () => {
    test.each([
      ['an absolute-form target', 'http://api.example.com/secret/1', 401],
      // Node refuses it.
      ['an absolute-form target with a backslash', 'http://x\\secret/public', 400],
      ['two slashes at the front', '//secret/1', 400],
      ['slashes inside', '/secret//1', 400],
      ['a dot segment', '/public/../secret/1', 400],
      ['another case', '/SECRET/1', 401],
      ['a fragment', '/secret/1#/public', 400],
      ['a NUL, encoded', '/secret/%00', 400],
      ['a path of 15,000 slashes', `/secret${'/'.repeat(15_000)}1`, 400],
      ['a path of 7,000 segments', `/secret${'/a'.repeat(7000)}`, 401],
      ['OPTIONS *', '*', 401],
      ['the row that is open', '/public', 200],
    ])('%s does not lead past the table', async (_what, path, status) => {
      const reached: string[] = []
      const app = appWith({ 'GET /public': open(), 'ALL /secret/*': scope('secret') }, (inner) => {
        const router = factory.Router()
        router.use((req, res) => {
          reached.push(req.url)
          res.end()
        })
        inner.get('/public', ok)
        inner.use('/secret', router)
      })
      const method = path === '*' ? 'OPTIONS' : 'GET'
      expect((await sendRaw(app, { method, path })).status).toBe(status)
      expect(reached).toEqual([])
    })

    it('a target that a router further in reads otherwise reaches no handler', async () => {
      const app = appWith({ 'GET /orders/:id': owner((req) => req.params['id']) }, (inner) => {
        const router = factory.Router()
        router.get('/:id', ok)
        inner.use('/orders', router)
      })
      const token = await issuer.accessToken({ sub: 'me' })
      // To the app this is /orders/me; to a router that is mounted at /orders it is /VICTIM\orders\me or /orders.
      for (const path of ['http://VICTIM\\orders\\me', 'http://VICTIM\\orders/me']) {
        const { status } = await sendRaw(app, { path, headers: [['Authorization', `Bearer ${token}`]] })
        expect([path, [400, 403, 404, 500].includes(status)]).toEqual([path, true])
      }
    })
  })

  it('runs the policy, and a policy that throws ends in a 500', async () => {
    const app = appWith(
      {
        'GET /throws': () => {
          throw new Error('out of order')
        },
        'GET /maybe': (() => 'yes') as unknown as Policy,
      },
      everything,
    )
    expect((await send(app, 'GET', '/throws', {})).body).toEqual({ name: 'Error', message: 'out of order' })
    expect((await send(app, 'GET', '/maybe', {})).status).toBe(403)
    expect(version).toMatch(/[45]/)
  })

  it('tells the operator, not the caller, which row refused', async () => {
    const details: (string | undefined)[] = []
    const app = factory()
    app.use(
      optionalAuth({
        ...issuer.options,
        onError: (error, _req, res) => {
          details.push(error.detail)
          res.end()
        },
      }),
      authorizeRoutes({ 'GET /orders/:id': scope('orders:read') }),
    )
    await send(app, 'GET', '/orders/1', { scope: 'x' })
    await send(app, 'GET', '/other', { scope: 'x' })
    expect(details).toEqual([
      expect.stringMatching(/^GET \/orders\/:id: .*orders:read/),
      'no row of the route table matches the request',
    ])
  })
})
