import express, { type Express, type RequestHandler } from 'express'
import { ConfigurationError, createResourceServer, open, requirePolicy, type Policy } from 'express-resource-server'
import { authorizeRoutes, trackRoutes, type RouteReport } from 'express-resource-server/routes'
import { createTestIssuer, expectProtected, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { expressVersions } from '../kit/express.js'

let issuer: TestIssuer
let auth: RequestHandler
let optional: RequestHandler

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  const server = createResourceServer(issuer.options)
  auth = server.requireAuth()
  optional = server.optionalAuth()
})

const ok: RequestHandler = (_req, res) => {
  res.sendStatus(204)
}
const isClerk: Policy = ({ roles }) => roles.includes('clerk')
const guard = requirePolicy(isClerk)
// What surrounds a guard hides it.
const hidden: RequestHandler = (req, res, next) => {
  guard(req, res, next)
}

describe.each(expressVersions)('trackRoutes() on Express %s', (version, factory) => {
  const everything = version === '4' ? '*' : '/{*any}'
  const below = version === '4' ? '/*' : '/*any'

  const reportsOf = (register: (app: Express) => void, prepare?: (app: Express) => void): readonly RouteReport[] => {
    const app = factory()
    prepare?.(app)
    const inventory = trackRoutes(app)
    register(app)
    return inventory.routes()
  }
  const linesOf = (register: (app: Express) => void, prepare?: (app: Express) => void): readonly string[] =>
    reportsOf(register, prepare).map(({ method, path, guards, isProtected }) =>
      [isProtected ? 'closed' : 'OPEN', method, path, ...guards].join(' '),
    )
  const router = (register: (router: express.Router) => void, options?: express.RouterOptions): express.Router => {
    const made = factory.Router(options)
    register(made)
    return made
  }

  test.each<[string, (app: Express) => void, readonly string[]]>([
    ['a route without a guard', (app) => app.get('/a', ok), ['OPEN GET /a']],
    ['requireAuth above', (app) => app.use(auth).get('/a', ok), ['closed GET /a requireAuth()']],
    ['requireAuth below', (app) => app.get('/a', ok).use(auth), ['OPEN GET /a']],
    ['optionalAuth alone', (app) => app.use(optional).get('/a', ok), ['OPEN GET /a optionalAuth()']],
    ['a guard on the route', (app) => app.use(optional).get('/a', guard, ok), ['closed GET /a optionalAuth() isClerk']],
    ['a guard behind the handler', (app) => app.get('/a', ok, guard), ['OPEN GET /a']],
    ['a guard behind another handler', (app) => app.get('/a', ok, guard, ok), ['OPEN GET /a isClerk behind ok']],
    [
      'a guard behind a loader, and one above',
      (app) =>
        app.use(auth).get(
          '/a',
          function loadOrder(_req, _res, next) {
            next()
          },
          guard,
          ok,
        ),
      ['closed GET /a requireAuth() isClerk behind loadOrder'],
    ],
    ['a guard inside another function', (app) => app.get('/a', hidden, ok), ['OPEN GET /a']],
    ['several guards in arrays', (app) => app.get('/a', [auth, guard], ok), ['closed GET /a requireAuth() isClerk']],
    [
      'methods of one route, some guarded',
      (app) => app.route('/a').get(ok).post(guard, ok).all(ok),
      ['OPEN GET /a', 'closed POST /a isClerk', 'OPEN ALL /a'],
    ],
    ['all() of one route', (app) => app.route('/a').all(guard).get(ok), ['closed GET /a isClerk']],
    ['all() too late', (app) => app.route('/a').get(ok).all(guard), ['OPEN GET /a']],
    ['an earlier route of guards', (app) => app.all('/a', guard).get('/a', ok), ['closed GET /a isClerk']],
    ['an earlier route of another method', (app) => app.post('/a', guard).get('/a', ok), ['OPEN GET /a']],
    [
      'an earlier route that has HEAD for itself',
      (app) => {
        app.route('/a').get(auth).head(optional)
        app.get('/a', ok)
      },
      ['OPEN GET /a'],
    ],
    [
      'an earlier route that has HEAD for itself, but all of it guarded',
      (app) => {
        app.route('/a').all(auth).head(optional)
        app.get('/a', ok)
      },
      ['closed GET /a requireAuth()'],
    ],
    ['an earlier route of another path', (app) => app.all('/b', guard).get('/a', ok), ['OPEN GET /a']],
    ['an earlier route for everything', (app) => app.all(everything, guard).get('/a', ok), ['closed GET /a isClerk']],
    ['several paths', (app) => app.get(['/a', '/b'], guard, ok), ['closed GET /a isClerk', 'closed GET /b isClerk']],
    ['an expression', (app) => app.get(/^\/x/, ok), ['OPEN GET /^\\/x/']],
    ['an expression behind a guard', (app) => app.use(auth).get(/^\/x/, ok), ['closed GET /^\\/x/ requireAuth()']],
    ['an expression behind a guard with a path', (app) => app.use('/x', auth).get(/^\/x/, ok), ['OPEN GET /^\\/x/']],
  ])('%s', (_what, register, expected) => {
    expect(linesOf(register)).toEqual(expected)
  })

  test.each<[string, string, string, boolean]>([
    ['the same path', '/a', '/a', true],
    ['a path above', '/a', '/a/b', true],
    ['a slash at the end', '/a/', '/a', true],
    ['another path', '/a', '/b', false],
    ['a path that only begins alike', '/a', '/ab', false],
    ['a path below', '/a/b', '/a', false],
    ['a parameter above a text', '/:kind', '/a/b', true],
    ['a text above a parameter', '/a', '/:kind/b', false],
    ['a parameter of another name', '/a/:id', '/a/:order/b', true],
    ['another case', '/A', '/a', true],
  ])('a guard with a path: %s', (_what, mount, path, isProtected) => {
    expect(linesOf((app) => app.use(mount, auth).get(path, ok))).toEqual([
      isProtected ? `closed GET ${path} requireAuth()` : `OPEN GET ${path}`,
    ])
  })

  it('takes case for what the router takes it', () => {
    const register = (app: Express): unknown => app.use('/A', auth).get('/a', ok)
    const sensitive = linesOf(register, (app) => app.set('case sensitive routing', true))
    expect([linesOf(register), sensitive]).toEqual([['closed GET /a requireAuth()'], ['OPEN GET /a']])
  })

  describe('routers within routers', () => {
    it('have their paths put together', () => {
      const register = (app: Express): void => {
        const items = router((inner) => inner.get('/', ok).get('/:item', guard, ok))
        const orders = router((inner) => inner.use('/:id/items', items).get('/', ok))
        app.use('/orders', orders)
      }
      expect(linesOf(register)).toEqual([
        'OPEN GET /orders/:id/items',
        'closed GET /orders/:id/items/:item isClerk',
        'OPEN GET /orders',
      ])
    })

    it('are protected by what stands above their mount, and by nothing below it', () => {
      const inner = router((it) => it.get('/a', ok))
      expect(
        linesOf((app) => {
          app.use('/early', inner)
          app.use(auth)
          app.use('/late', inner)
        }),
      ).toEqual(['OPEN GET /early/a', 'closed GET /late/a requireAuth()'])
    })

    it('are protected by a guard of their own, for what comes after it', () => {
      const inner = router((it) => it.get('/a', ok).use(auth).get('/b', ok))
      expect(linesOf((app) => app.use('/x', inner))).toEqual(['OPEN GET /x/a', 'closed GET /x/b requireAuth()'])
    })

    it('are not protected by a guard on another router', () => {
      const guarded = router((it) => it.use(auth).get('/a', ok))
      const open = router((it) => it.get('/b', ok))
      expect(linesOf((app) => app.use('/x', guarded).use('/y', open))).toEqual([
        'closed GET /x/a requireAuth()',
        'OPEN GET /y/b',
      ])
    })

    it('are protected below /sub by a guard at /sub only', () => {
      const inner = router((it) => it.use('/sub', auth).get('/sub/a', ok).get('/b', ok))
      expect(linesOf((app) => app.use('/x', inner))).toEqual(['closed GET /x/sub/a requireAuth()', 'OPEN GET /x/b'])
    })

    it('are not protected by a guard whose path reaches into them: slashes too many lead past it', async () => {
      const inner = router((it) => it.get('/a', ok))
      const register = (app: Express): unknown => app.use('/x/a', auth).use('/x', inner)
      expect(linesOf(register)).toEqual(['OPEN GET /x/a'])
      if (version === '5') return
      const app = factory()
      register(app)
      expect((await request(app).get('/x/a')).status).toBe(401)
      expect((await request(app).get('/x//a')).status).toBe(204)
    })

    it('are seen though their routes are added after they were mounted', () => {
      const inner = factory.Router()
      expect(
        linesOf((app) => {
          app.use('/x', inner)
          inner.get('/late', ok)
          const deeper = factory.Router()
          inner.use('/y', deeper)
          deeper.get('/later', ok)
        }),
      ).toEqual(['OPEN GET /x/late', 'OPEN GET /x/y/later'])
    })

    it('are seen in every place where they are mounted', () => {
      const inner = router((it) => it.get('/a', ok))
      expect(linesOf((app) => app.use('/x', inner).use(['/y', '/z'], auth, inner))).toEqual([
        'OPEN GET /x/a',
        'closed GET /y/a requireAuth()',
        'closed GET /z/a requireAuth()',
      ])
    })

    it('that hold themselves are seen once', () => {
      const inner = router((it) => it.get('/a', ok).use('/again', it))
      expect(linesOf((app) => app.use('/x', inner))).toEqual(['OPEN GET /x/a'])
    })
  })

  describe('apps within apps', () => {
    it('are routers like others', () => {
      expect(
        linesOf((app) => {
          const inner = factory()
          inner.get('/a', ok)
          const deeper = factory()
          deeper.get('/b', guard, ok)
          app.use('/x', inner)
          inner.use('/y', deeper)
          deeper.use(auth)
          deeper.get('/c', ok)
        }),
      ).toEqual(['OPEN GET /x/a', 'closed GET /x/y/b isClerk', 'closed GET /x/y/c requireAuth()'])
    })

    it('that were mounted before are reported, as what cannot be seen', () => {
      const inner = factory()
      inner.get('/a', auth, ok)
      const unseen = 'an app that was mounted before trackRoutes()'
      expect(
        linesOf(
          () => undefined,
          (app) => app.use('/x', inner).use(inner),
        ),
      ).toEqual([`OPEN USE /x ${unseen}`, `OPEN USE / ${unseen}`])
      expect(
        linesOf(
          () => undefined,
          (app) => app.use(auth).use('/x', inner),
        ),
      ).toEqual([`closed USE /x requireAuth() ${unseen}`])
    })
  })

  describe('what was registered before', () => {
    /** Copies the layers, since nobody has recorded the copies; before 5.3 Express did not keep the path either. */
    const forgetPaths = (made: express.Router, kept: object = { rawPath: undefined }): void => {
      made.stack = made.stack.map((layer) =>
        Object.assign(Object.create(Reflect.getPrototypeOf(layer)) as typeof layer, layer, kept),
      )
    }
    const nested = (path: string): express.Router => {
      const made = router((it) =>
        it.use(
          path,
          router((inner) => inner.get('/a', ok)),
        ),
      )
      forgetPaths(made)
      return made
    }

    it('is listed as far as it can be seen', () => {
      const known = (path: string): string => (version === '4' ? path : '/(?)')
      for (const [path, shown] of [
        ['/', ''],
        ['/items', known('/items')],
        ['/shop/items-2', known('/shop/items-2')],
        ['/:id/items', '/(?)'],
        ['/a.b', '/(?)'],
      ] as const) {
        const early = nested(path)
        expect(linesOf((app) => app.use('/x', early))).toEqual([`OPEN GET /x${shown}/a`])
        expect(linesOf((app) => app.use(auth).use('/x', early))).toEqual([`closed GET /x${shown}/a requireAuth()`])
      }
    })

    it('is not taken for protected by a guard with a path', () => {
      const early = router((it) => {
        it.use('/:id', auth)
        it.use(
          '/:id',
          router((inner) => inner.get('/a', ok)),
        )
      })
      forgetPaths(early)
      expect(linesOf((app) => app.use('/x', early))).toEqual(['OPEN GET /x/(?)/a'])
    })

    it('is seen where Express kept its path', () => {
      const early = router((it) =>
        it.use(
          '/:id',
          router((inner) => inner.get('/a', ok)),
        ),
      )
      forgetPaths(early, {})
      const shown = version === '4' ? '(?)' : ':id'
      expect(linesOf((app) => app.use('/x', early))).toEqual([`OPEN GET /x/${shown}/a`])
    })
  })

  describe('callbacks of param, which run before the guard of a route', () => {
    const answer = (_req: express.Request, res: express.Response): void => {
      res.end()
    }

    test.each<[string, (app: Express) => void, readonly string[]]>([
      [
        'behind a guard above',
        (app) => {
          app.use(auth)
          app.param('id', answer)
          app.get('/a/:id', guard, ok)
        },
        ['closed GET /a/:id requireAuth() isClerk'],
      ],
      [
        'without one',
        (app) => {
          app.param('id', answer)
          app.use(optional)
          app.get('/a/:id', guard, ok)
          app.post('/a/:id', guard, ok)
          app.get('/a/:ident', guard, ok)
        },
        [
          'OPEN PARAM /a/:id optionalAuth()',
          'closed GET /a/:id optionalAuth() isClerk',
          'closed POST /a/:id optionalAuth() isClerk',
          'closed GET /a/:ident optionalAuth() isClerk',
        ],
      ],
      [
        'of a guard with a path',
        (app) => {
          app.param('id', answer)
          app.use('/a/:id', auth)
          app.get('/a/:id', ok)
        },
        ['OPEN PARAM /a/:id', 'closed GET /a/:id requireAuth()'],
      ],
      [
        'of a mounted router: those of its own, and those of the app for its mount',
        (app) => {
          app.param('id', answer)
          const inner = router((it) => it.get('/:id', guard, ok).get('/x/:item', guard, ok))
          inner.param('item', answer)
          app.use('/a', inner)
          app.use('/b/:id', inner)
        },
        [
          'closed GET /a/:id isClerk',
          'OPEN PARAM /a/x/:item',
          'closed GET /a/x/:item isClerk',
          'OPEN PARAM /b/:id',
          'closed GET /b/:id/:id isClerk',
          'OPEN PARAM /b/:id/x/:item',
          'closed GET /b/:id/x/:item isClerk',
        ],
      ],
      [
        'of a path that cannot be seen',
        (app) => {
          app.param('id', answer)
          app.get(/^\/(?<id>.*)/, guard, ok)
        },
        ['OPEN PARAM /^\\/(?<id>.*)/', 'closed GET /^\\/(?<id>.*)/ isClerk'],
      ],
      [
        'behind a table that closes them, but for HEAD',
        (app) => {
          app.use(optional, authorizeRoutes({ 'ALL /a/:id': isClerk, 'GET /b/:id': open(), 'POST /b/:id': isClerk }))
          app.param('id', answer)
          app.get('/a/:id', ok)
          app.post('/b/:id', ok)
        },
        [
          'closed GET /a/:id optionalAuth() isClerk',
          'OPEN PARAM /b/:id optionalAuth() open(): GET /b/:id',
          'closed POST /b/:id optionalAuth() isClerk',
        ],
      ],
    ])('%s', (_what, register, expected) => {
      expect(linesOf(register)).toEqual(expected)
    })

    it('really answer, for HEAD too where a route has another method', async () => {
      const app = factory()
      app.param('id', answer)
      app.post('/a/:id', auth, ok)
      const statuses = [
        await request(app).post('/a/1'),
        await request(app).head('/a/1'),
        await request(app).get('/a/1'),
      ]
      expect(statuses.map(({ status }) => status)).toEqual([200, 200, 404])
    })
  })

  describe('error handlers between a guard and a route', () => {
    const goOn = (_error: unknown, _req: express.Request, _res: express.Response, next: express.NextFunction): void => {
      next()
    }
    const doubted = 'requireAuth() before an error handler'

    test.each<[string, (app: Express) => void, readonly string[]]>([
      ['on the app', (app) => app.use(auth).use(goOn).get('/a', ok), [`OPEN GET /a ${doubted}`]],
      ['below the route', (app) => app.use(auth).get('/a', ok).use(goOn), ['closed GET /a requireAuth()']],
      ['above the guard', (app) => app.use(goOn).use(auth).get('/a', ok), ['closed GET /a requireAuth()']],
      ['with a path', (app) => app.use(auth).use('/x', goOn).get('/a', ok), [`OPEN GET /a ${doubted}`]],
      ['in a route', (app) => app.get('/a', auth, goOn, ok), [`OPEN GET /a ${doubted}`]],
      ['in a route, then a guard', (app) => app.get('/a', auth, goOn, guard, ok), [`closed GET /a ${doubted} isClerk`]],
      ['at the end of a route', (app) => app.get('/a', auth, ok, goOn), ['closed GET /a requireAuth()']],
      [
        'of a router: errors from outside do not come in',
        (app) =>
          app.use(auth).use(
            '/x',
            router((it) => it.use(goOn).get('/a', ok)),
          ),
        ['closed GET /x/a requireAuth()'],
      ],
      [
        'of a router, behind a guard of its own',
        (app) =>
          app.use(
            '/x',
            router((it) => it.use(auth).use(goOn).get('/a', ok)),
          ),
        [`OPEN GET /x/a ${doubted}`],
      ],
    ])('%s', (_what, register, expected) => {
      expect(linesOf(register)).toEqual(expected)
    })

    it('really let a request go on whose policy throws', async () => {
      const app = factory()
      app
        .use(
          optional,
          authorizeRoutes({
            'GET /a': () => {
              throw new Error('out of order')
            },
          }),
        )
        .use(goOn)
        .get('/a', ok)
      const answer = await request(app)
        .get('/a')
        .set('Authorization', `Bearer ${await issuer.accessToken()}`)
      expect(answer.status).toBe(204)
    })
  })

  describe('under tracers, which put functions of their own around what is registered', () => {
    /** Wraps the handlers of layers as they are made, as OpenTelemetry, Elastic APM and express-async-errors do. */
    const traced = (layer: { handle: unknown }): void => {
      const inner = layer.handle as (...args: unknown[]) => unknown
      const { length } = inner
      const outer = function (this: unknown, ...args: unknown[]): unknown {
        return inner.apply(this, args)
      }
      layer.handle = Object.defineProperty(Object.assign(outer, inner), 'length', { value: length })
    }
    interface Traceable {
      readonly stack: { handle: unknown; route?: { stack: { handle: unknown }[] } | undefined }[]
    }
    const traceAll = ({ stack }: Traceable, seen = new Set<unknown>()): void => {
      for (const layer of stack) {
        if (seen.has(layer)) continue
        seen.add(layer)
        const { handle, route } = layer
        if (typeof handle === 'function' && 'stack' in handle) traceAll(handle as unknown as Traceable, seen)
        route?.stack.forEach(traced)
        traced(layer)
      }
    }

    it('shows what was registered', async () => {
      const app = factory()
      const inventory = trackRoutes(app)
      app.get('/first', guard, ok)
      app.use(optional, authorizeRoutes({ 'ALL /*': open(), 'ALL /x/*': isClerk }))
      const inner = router((it) => {
        it.get('/a', ok)
        it.route('/b').post(guard, [auth, ok]).all(ok)
        it.use('/c', auth)
        it.get('/c/d', ok)
      })
      app.use('/x', inner)
      const other = factory()
      other.all('/e', ok)
      app.use('/y', other)
      const before = inventory.routes()
      const routerOf = (one: Express): Traceable =>
        Reflect.get(one, version === '4' ? '_router' : 'router') as Traceable
      for (const one of [app, other]) traceAll(routerOf(one))
      expect(inventory.routes()).toEqual(before)
      expect(before.map(({ method, path, isProtected }) => [method, path, isProtected])).toEqual([
        ['GET', '/first', true],
        ['GET', '/x/a', true],
        ['POST', '/x/b', true],
        ['ALL', '/x/b', true],
        ['GET', '/x/c/d', true],
        ['ALL', '/y/e', false],
      ])
      expect((await request(app).get('/x/a')).status).toBe(401)
      expect((await request(app).get('/y/e')).status).toBe(204)
    })
  })

  describe('functions that are no routes', () => {
    it('are listed where they have a path', () => {
      expect(
        linesOf((app) => {
          app.use(express.json())
          app.use('/files', factory.static('.'))
          app.use('/a', auth, ok)
          app.use((error: unknown, _req: express.Request, _res: express.Response, next: express.NextFunction) => {
            next(error)
          })
        }),
      ).toEqual(['OPEN USE /files', 'closed USE /a requireAuth()'])
    })

    it('are named below the table where they have none', () => {
      const app = factory()
      const inventory = trackRoutes(app)
      app.use(factory.json(), auth)
      app.get('/orders/:id', ok)
      app.get('/', guard, ok)
      expect(String(inventory).split('\n')).toEqual([
        'METHOD  PATH         PROTECTED BY',
        'GET     /orders/:id  requireAuth()',
        'GET     /            requireAuth(), isClerk',
        '',
        'Not listed, since they have no path: jsonParser',
      ])
    })
  })

  describe('tables', () => {
    it('protect by the row that every request for a route matches', () => {
      expect(
        linesOf((app) => {
          app.use(
            optional,
            authorizeRoutes({
              'GET /health': open(),
              'GET /docs/*': open(),
              'GET /orders/:id': isClerk,
              'ALL /admin/*': isClerk,
              'GET /admin/:kind/new': isClerk,
            }),
          )
          app.get('/health', ok)
          app.get('/HEALTH/', ok)
          app.get('/docs/:page', ok)
          app.get('/orders/:order', ok)
          app.get('/orders/mine', ok)
          app.delete('/orders/:id', ok)
          app.get('/:page/x', ok)
          app.get(`/admin${below}`, ok)
          app.use('/admin/files', ok)
          app.use('/docs', ok)
          app.use('/other', ok)
          app.all('/health', ok)
        }),
      ).toEqual([
        'OPEN GET /health optionalAuth() open(): GET /health',
        'OPEN GET /HEALTH/ optionalAuth() open(): GET /health',
        'OPEN GET /docs/:page optionalAuth() open(): GET /docs/*',
        'closed GET /orders/:order optionalAuth() isClerk',
        'closed GET /orders/mine optionalAuth() isClerk',
        'closed DELETE /orders/:id optionalAuth() refused: no row',
        'OPEN GET /:page/x optionalAuth() open(): GET /docs/*',
        `closed GET /admin${below} optionalAuth() isClerk`,
        'closed USE /admin/files optionalAuth() isClerk',
        'OPEN USE /docs optionalAuth() open(): GET /docs/*',
        'closed USE /other optionalAuth() refused: no row',
        'OPEN ALL /health optionalAuth() open(): GET /health',
      ])
    })

    it('are read from their mount on, into routers and apps', () => {
      expect(
        linesOf((app) => {
          app.use('/api', optional, authorizeRoutes({ 'GET /orders/:id': isClerk, 'GET /health': open() }))
          const orders = router((it) => it.get('/:id', ok))
          const api = factory()
          api.use('/orders', orders)
          api.get('/health', ok)
          app.use('/api', api)
          app.get('/orders/:id', ok)
        }),
      ).toEqual([
        'closed GET /api/orders/:id optionalAuth() isClerk',
        'OPEN GET /api/health optionalAuth() open(): GET /health',
        'OPEN GET /orders/:id',
      ])
    })

    it('with an open row do not protect what cannot be seen', () => {
      const table = { 'GET /health': open(), 'GET /a': isClerk }
      expect(linesOf((app) => app.use(optional, authorizeRoutes(table)).get(/a/, ok))).toEqual([
        'OPEN GET /a/ optionalAuth() open(): GET /health',
      ])
      expect(linesOf((app) => app.use(optional, authorizeRoutes({ 'GET /a': isClerk })).get(/a/, ok))).toEqual([
        'closed GET /a/ optionalAuth() refused: no row',
      ])
    })
  })

  it('changes nothing about what the app does', async () => {
    const app = factory()
    trackRoutes(app)
    trackRoutes(app)
    expect(app.use('/a', ok)).toBe(app)
    const inner = factory.Router()
    expect(inner.use('/b', ok)).toBe(inner)
    app.use('/x', inner)
    const statuses = await Promise.all(['/a', '/x/b', '/c'].map(async (path) => (await request(app).get(path)).status))
    expect(statuses).toEqual([204, 204, 404])
    expect(() => app.use()).toThrow(TypeError)
  })

  it('lets settings be changed until something is registered', () => {
    const app = factory()
    trackRoutes(app)
    app.set('case sensitive routing', true)
    app.use('/A', auth)
    app.get('/a', ok)
    expect(trackRoutes(app).routes()).toMatchObject([{ path: '/a', isProtected: false }])
  })

  it('wants an app', () => {
    const noApp: unknown = {}
    expect(() => trackRoutes(noApp as Express)).toThrow(
      new ConfigurationError('trackRoutes() takes an Express app: trackRoutes(app).'),
    )
  })

  describe('expectProtected()', () => {
    const makeApp = (add: (app: Express) => void = () => undefined): Express => {
      const app = factory()
      trackRoutes(app)
      app.get('/health', ok)
      app.use(auth)
      app.get('/orders', ok)
      add(app)
      return app
    }

    it('is content where every route is protected or named', () => {
      expect(() => {
        expectProtected(makeApp(), { except: ['GET /health'] })
      }).not.toThrow()
    })

    it('says which routes are open, which exceptions are stale, and what to do', () => {
      const app = makeApp()
      const inner = router((it) => it.get('/b', optional, ok))
      const late = factory()
      trackRoutes(late)
      late.use('/shop', inner)
      late.use('/api', app)
      expect(() => {
        expectProtected(late, { except: ['GET /api/orders', 'GET /gone'] })
      }).toThrow(
        new Error(
          [
            'Not every route is as protected as it should be:',
            '  GET /shop/b is open: optionalAuth().',
            '  GET /api/health is open: nothing of this library is certain to run before it.',
            '  "GET /api/orders" in "except" is protected, by requireAuth(): take it out.',
            '  "GET /gone" in "except" is no route: take it out.',
            'Put requireAuth() or a guard before what must not be open, and name what may be in "except".',
          ].join('\n'),
        ),
      )
    })

    test.each<[string, (app: Express) => void]>([
      ['on the app', (app) => app.get('/new', ok)],
      [
        'on a nested router',
        (app) =>
          app.use(
            '/x',
            router((it) =>
              it.use(
                '/y',
                router((inner) => inner.get('/z', ok)),
              ),
            ),
          ),
      ],
      ['on a mounted app', (app) => app.use('/x', factory().get('/y', ok))],
    ])('catches a route that is added without a guard: %s', (_where, add) => {
      const app = factory()
      trackRoutes(app)
      app.get('/guarded', guard, ok)
      expect(() => {
        expectProtected(app)
      }).not.toThrow()
      add(app)
      expect(() => {
        expectProtected(app)
      }).toThrow(/ is open: nothing of this library is certain to run before it\./)
    })

    it('does not take an app without routes for a protected one', () => {
      for (const app of [factory(), {}, makeApp().use]) {
        expect(() => {
          expectProtected(app)
        }).toThrow('found no routes')
      }
    })

    it('works without trackRoutes(), and takes what it cannot see for open', () => {
      const app = factory()
      app.use(auth)
      app.get('/a', ok)
      expect(() => {
        expectProtected(app)
      }).not.toThrow()
      const outer = factory()
      outer.use('/x', app)
      expect(() => {
        expectProtected(outer)
      }).toThrow('USE /x is open: an app that was mounted before trackRoutes().')
    })
  })
})
