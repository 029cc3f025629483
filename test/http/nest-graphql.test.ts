import 'reflect-metadata'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { ExternalContextCreator } from '@nestjs/core'
import { scope, type Auth } from 'express-resource-server/core'
import { CurrentAuth, OptionalAuth, Requires, ResourceServerModule } from 'express-resource-server/nest'
import { createTestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { decorate, start, stopAll } from '../kit/nest.js'
import { sendRaw } from '../kit/raw-request.js'

afterEach(stopAll)

/** Resolvers as the packages of NestJS for GraphQL make them: of this creator, with the guards and the filters of the application. */
it('guards resolvers of GraphQL, once for each, and refuses with an error that says so', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  class Orders {
    orders() {
      return 'granted'
    }
    plain() {
      return 'granted'
    }
  }
  decorate(Orders, { orders: [Requires(scope('orders:read'))] }, [])
  const creators: ExternalContextCreator[] = []
  await start(
    'Express',
    { imports: [ResourceServerModule.forRoot(issuer.options)], providers: [Orders] },
    (app) => void creators.push(app.get(ExternalContextCreator)),
  )
  const orders = new Orders()
  const resolverOf = (name: 'orders' | 'plain') =>
    creators[0]?.create(
      orders,
      Reflect.get(Orders.prototype, name),
      name,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      'graphql',
    )
  const resolvers = { orders: resolverOf('orders'), plain: resolverOf('plain') }
  const server = createServer((req: IncomingMessage, res) => {
    void (async () => {
      const seen: unknown[] = []
      for (const resolve of Object.values(resolvers)) {
        const { message, extensions, ...rest } = await Promise.resolve(resolve?.({}, {}, { req, res }, {})).then(
          (data: unknown) => ({ message: data, extensions: undefined }),
          (error: unknown) => error as { message: string; extensions: unknown },
        )
        seen.push([message, extensions, Object.hasOwn(rest, 'detail')])
      }
      res.end(JSON.stringify(seen))
    })()
  })
  const ask = (token?: string) =>
    token === undefined ? request(server).get('/') : request(server).get('/').set('Authorization', `Bearer ${token}`)
  const body = ({ text }: { text: string }): unknown => JSON.parse(text)

  const missing = { code: 'missing_token', http: { status: 401 } }
  const anonymous = await ask()
  expect(body(anonymous)).toEqual([
    [expect.any(String), missing, false],
    [expect.any(String), missing, false],
  ])
  expect(anonymous.headers['www-authenticate']).toBe('Bearer realm="api"')
  expect(body(await ask(await issuer.accessToken()))).toEqual([
    [expect.any(String), { code: 'insufficient_scope', http: { status: 403 } }, false],
    ['granted', null, false],
  ])
  expect(body(await ask(await issuer.accessToken({ scope: 'orders:read' })))).toEqual([
    ['granted', null, false],
    ['granted', null, false],
  ])
})

it('lets an optional resolver know who asks, or that nobody says so, and refuses whoever says it wrong', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  class Catalog {
    catalog(auth: unknown) {
      return (auth as Auth | undefined)?.subject ?? 'anonymous' // what the decorator gives
    }
  }
  decorate(Catalog, { catalog: [OptionalAuth()] }, [], { catalog: CurrentAuth() })
  const creators: ExternalContextCreator[] = []
  await start(
    'Express',
    { imports: [ResourceServerModule.forRoot(issuer.options)], providers: [Catalog] },
    (app) => void creators.push(app.get(ExternalContextCreator)),
  )
  const resolve = creators[0]?.create(
    new Catalog(),
    Reflect.get(Catalog.prototype, 'catalog'),
    'catalog',
    // Where Nest keeps what decorators of parameters say, as its packages for GraphQL look it up.
    '__routeArguments__',
    { exchangeKeyForValue: () => undefined },
    undefined,
    undefined,
    undefined,
    'graphql',
  )
  const app: RequestListener = (req, res) => {
    void Promise.resolve(resolve?.({}, {}, { req, res }, {})).then(
      (data: unknown) => res.end(JSON.stringify(data)),
      (error: unknown) => res.end(JSON.stringify((error as { extensions: unknown }).extensions)),
    )
  }
  const good = `Bearer ${await issuer.accessToken()}`
  const refused = (code: string, status: number) => ({ code, http: { status } })
  const rows: readonly (readonly [fields: readonly string[], answer: unknown])[] = [
    [[], 'anonymous'],
    [[good], 'user-1'],
    [[`${good}x`], refused('malformed_token', 401)],
    [[`Bearer ${await issuer.idToken()}`], refused('id_token_presented', 401)],
    [['Bearer'], refused('malformed_credentials', 400)],
    [[`${good}, ${good}`], refused('malformed_credentials', 400)],
    [[good, good], refused('malformed_credentials', 400)],
  ]
  for (const [fields, answer] of rows) {
    const { body } = await sendRaw(app, { headers: fields.map((field) => ['Authorization', field]) })
    expect(JSON.parse(body)).toEqual(answer)
  }
})
