// What changes a request after it was judged, and what an inventory does not see.
const { open, optionalAuth, requireAuth, requireScope, scope } = require('express-resource-server')
const { authorizeRoutes, routesFromOpenApi, trackRoutes } = require('express-resource-server/routes')
const { statusOf } = require('../world.js')

function rewriting(world, prepare) {
  const app = world.express()
  let reached = 0
  prepare(app)
  app.use(optionalAuth(world.options), authorizeRoutes({ 'GET /open/:id': open(), 'GET /closed/:id': scope('x') }))
  app.use((req, _res, next) => {
    req.url = '/closed/1'
    next()
  })
  app.get('/closed/:id', (_req, res) => {
    reached++
    res.json({ in: true })
  })
  app.use((_error, _req, res, _next) => res.status(500).end())
  return { app, reached: () => reached }
}

function message(work) {
  try {
    work()
    return 'starts'
  } catch (error) {
    return error.code
  }
}

const document = (paths, more = {}) => ({
  openapi: '3.1.0',
  components: {
    securitySchemes: {
      oauth: { type: 'oauth2', flows: {} },
      staff: { type: 'openIdConnect', openIdConnectUrl: 'https://staff.example.com/.well-known/openid-configuration' },
    },
  },
  paths,
  ...more,
})

module.exports = {
  async 'an access log reads the method of a rewritten request'(world) {
    const { app, reached } = rewriting(world, (one) => {
      one.use((req, res, next) => {
        res.on('finish', () => `${req.method} ${req.url}`)
        next()
      })
    })
    const port = await world.listen(app)
    return { status: await statusOf(port, '/open/1'), reached: reached() }
  },
  async 'a parameter callback swallows what it meets'(world) {
    const { app, reached } = rewriting(world, (one) => {
      one.param('id', (req, _res, next) => {
        try {
          String(req.method)
        } catch {
          // goes on
        }
        next()
      })
    })
    const port = await world.listen(app)
    return { status: await statusOf(port, '/open/1'), reached: reached() }
  },
  async 'descriptions that become one row'() {
    const get = (security) => ({ get: { security } })
    return {
      sameRow: message(() => routesFromOpenApi(document({ '/a/{x-y}': get([{ oauth: ['x'] }]), '/a/{x_y}': get([]) }))),
      pathServers: message(() =>
        routesFromOpenApi(document({ '/a': { servers: [{ url: 'https://other.example.com/v2' }], ...get([]) } })),
      ),
      operationServers: message(() =>
        routesFromOpenApi(document({ '/a': { get: { security: [], servers: [{ url: '/v2' }] } } })),
      ),
    }
  },
  async 'an inventory of what it cannot see'(world) {
    const isProtected = (prepare) => {
      const app = world.express()
      const inventory = trackRoutes(app)
      prepare(app)
      return inventory.routes().map((route) => route.isProtected)
    }
    const handler = (_req, res) => res.json({})
    return {
      param: isProtected((app) => {
        app.param('id', (_req, res) => res.json({ answered: true }))
        app.get('/orders/:id', requireAuth(world.options), requireScope('x'), handler)
      }),
      errorHandler: isProtected((app) => {
        app.use(requireAuth(world.options))
        app.use((_error, _req, _res, next) => next())
        app.get('/orders', handler)
      }),
      plain: isProtected((app) => {
        app.use(requireAuth(world.options))
        app.get('/orders/:id', handler)
      }),
    }
  },
}
