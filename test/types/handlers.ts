// What compiles behind cors() compiles behind every middleware of this library, and at every function that takes a request.
// The compiler is the test: `npm run types` here, and in the consumers of test/package with either version of Express's types.
import express, {
  type ErrorRequestHandler,
  type NextFunction,
  type Request,
  type RequestHandler,
  type RequestParamHandler,
  type Response,
} from 'express'
import {
  allOf,
  anyOf,
  createResourceServer,
  findAuth,
  getAuth,
  not,
  open,
  optionalAuth,
  owner,
  protectedResourceMetadata,
  requireAnyScope,
  requireAuth,
  requireClaim,
  requirePolicy,
  requireRole,
  requireScope,
  requireStepUp,
  role,
  scope,
  type Middleware,
  type OnError,
  type Policy,
} from 'express-resource-server'
import { authorizeRoutes, trackRoutes } from 'express-resource-server/routes'

interface OrderParams {
  id: string
}
interface Order {
  id: string
  customer: string
}
interface Page {
  page?: string
}
interface Locals extends Record<string, unknown> {
  requestId: string
}
interface Loaded extends Request<OrderParams> {
  order: Order
}

const options = { issuer: 'https://login.example.com', audience: 'https://api.example.com' }
const server = createResourceServer(options)
const app = express()
const router = express.Router()
trackRoutes(app)

const middlewares: readonly Middleware[] = [
  requireAuth(options),
  optionalAuth(options),
  requireScope('a'),
  requireAnyScope('a', 'b'),
  requireClaim('tenant', 'acme'),
  requireRole('clerk'),
  requireStepUp({ acr: 'mfa' }),
  requirePolicy(scope('a')),
  authorizeRoutes({ 'GET /orders': scope('a'), 'GET /health': open() }),
  protectedResourceMetadata({ resource: options.audience, authorizationServers: [options.issuer] }),
  server.requireAuth(),
  server.optionalAuth(),
  server.requirePolicy(scope('a')),
]
const handlers: RequestHandler[] = [...middlewares]
const typed: RequestHandler<OrderParams, Order, Order, Page, Locals>[] = [...middlewares]
app.use(handlers, middlewares as Middleware[])
router.use('/typed', requireAuth(options), requireScope('a'))
app.use('/api', requireAuth(options), router)
app
  .route('/chained/:id')
  .all(requireAuth(options))
  .get(requireScope('a'), (req, res) => res.json(req.params.id))

for (const guard of middlewares) {
  app.get('/orders/:id', guard, (req, res) => {
    const id: string = req.params.id
    res.json({ id, for: getAuth(req).subject, or: findAuth(req)?.subject })
  })
  app.get('/orders/:id', guard, (req: Request<OrderParams>, res) => res.json([req.params.id, getAuth(req).subject]))
  app.get('/orders/:id', guard, (req: Request<{ id: string }>, res: Response<Order>) => {
    res.json({ id: req.params.id, customer: getAuth(req).subject ?? '' })
  })
  app.post('/orders', guard, (req: Request<unknown, unknown, Order>, res) =>
    res.json([req.body.id, getAuth(req).subject]),
  )
  app.post('/orders', guard, (req: Request<object, Order, Order>, res: Response<Order>) => {
    getAuth(req)
    res.json(req.body)
  })
  app.get('/pages', guard, (req: Request<unknown, unknown, unknown, Page>, res) => {
    res.json([req.query.page, getAuth(req).subject, server.getAuth(req).subject, server.findAuth(req)?.subject])
  })
  app.get(
    '/pages/:id',
    guard,
    (req: Request<OrderParams, Order, Order, Page, Locals>, res: Response<Order, Locals>) => {
      getAuth(req)
      res.json({ id: res.locals.requestId, customer: req.query.page ?? '' })
    },
  )
  app.get<OrderParams, Order, Order, Page>('/explicit/:id', guard, (req, res) => {
    res.json({ id: req.params.id, customer: req.query.page ?? '' })
  })
  app.get<OrderParams, Order, Order, Page, Locals>('/explicit/:id', ...typed, guard, (req, res) => {
    res.json({ id: res.locals.requestId, customer: findAuth(req)?.subject ?? '' })
  })
  router.put<'/orders/:id', OrderParams>('/orders/:id', guard, (req, res) => res.json(req.params.id))
  app.get('/async/:id', guard, async (req: Request<OrderParams>, res: Response): Promise<void> => {
    await Promise.resolve(getAuth(req))
    res.end()
  })
  const kept: RequestHandler<OrderParams, Order, Order, Page> = (req, res) => {
    res.json({ id: req.params.id, customer: getAuth(req).subject ?? '' })
  }
  app.get('/kept/:id', guard, kept)
  app.all('/list/:id', [guard, guard], kept)
  app.use('/sub', guard, (req, _res, next) => {
    getAuth(req)
    next()
  })
}

// A handler that calls a middleware itself.
export const byHand = (
  req: Request<OrderParams, Order, Order, Page>,
  res: Response<Order>,
  next: NextFunction,
): void => {
  requireScope('a')(req, res, next)
}
export const ofParam: RequestParamHandler = (req, _res, next) => {
  getAuth(req)
  next()
}

// Policies say what they need of a request, alone and within others.
app.get('/owned/:id', requirePolicy(owner((req) => req.params['id'])))
app.get('/owned/:id', requirePolicy(owner((req) => req.query['customer'])))
app.get('/owned/:id', requirePolicy(owner((req) => (req.body as Order).customer)))
app.get('/owned/:id', requirePolicy(owner((req: Request<OrderParams>) => req.params.id)))
app.get('/owned/:id', requirePolicy(owner(async (req: Loaded) => Promise.resolve(req.order.customer))))
app.get(
  '/owned/:id',
  requirePolicy((auth, req) => auth.subject === req.params['id'] && req.query['all'] === undefined),
)
app.get(
  '/owned/:id',
  requirePolicy((auth, req: Loaded) => auth.claims['tenant'] === req.order.customer),
)
app.get('/owned/:id', requirePolicy(allOf(scope('a'), (auth, req) => auth.claims['sub'] === req.params['id'])))
app.get(
  '/owned/:id',
  requirePolicy(
    allOf(
      scope('a'),
      owner((req: Loaded) => req.order.customer),
      role('clerk'),
    ),
  ),
)
app.get('/owned/:id', requirePolicy(allOf(scope('a'), (auth, req: Loaded) => auth.claims['t'] === req.order.customer)))
app.get(
  '/owned/:id',
  requirePolicy(
    anyOf(
      role('staff'),
      allOf(
        scope('a'),
        owner((req: Loaded) => req.order.customer),
      ),
    ),
  ),
)
app.get('/owned/:id', requirePolicy(not((auth, req: Request<OrderParams>) => req.params.id === auth.subject)))
app.get(
  '/owned/:id',
  server.requirePolicy(
    allOf(
      scope('a'),
      owner((req: Loaded) => req.order.customer),
    ),
  ),
)
app.use(
  authorizeRoutes({
    'GET /owned/:id': owner((req: Request<OrderParams>) => req.params.id),
    'PUT /owned/:id': allOf(scope('a'), (auth, req: Request<OrderParams>) => req.params.id === auth.subject),
    'GET /orders': scope('a'),
  }),
)
app.use(authorizeRoutes({ 'GET /owned/:id': (auth, req) => req.params['id'] === auth.subject, 'GET /': open() }))
export const kept: Policy = (auth, req) => auth.subject === req.params['id']
export const typedPolicy: Policy<{ tenant: string }, Loaded> = (auth, req) => auth.claims.tenant === req.order.customer
// @ts-expect-error Nobody has said that there is an order.
requirePolicy((auth, { order }) => order === auth.subject)
// @ts-expect-error A body is unknown until somebody has checked it.
owner((req): string => req.body)

// Whoever answers refusals may have typed its request, too.
const answerError: ErrorRequestHandler = (error, _req, _res, next) => {
  next(error)
}
requireAuth({ ...options, onError: answerError })
requireAuth({
  ...options,
  onError: (error, req: Request<OrderParams, Order, Order, Page, Locals>, res: Response<{ code: string }, Locals>) => {
    res.status(error.status).json({ code: `${error.code} ${req.params.id}` })
  },
})
export const onError: OnError = (error, req, res, next) => {
  if (req.path === '/' && res.headersSent) next(error)
  else res.status(error.status).json({ code: error.code })
}
