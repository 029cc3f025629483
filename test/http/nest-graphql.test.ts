import 'reflect-metadata'
import { createServer, type IncomingMessage } from 'node:http'
import { ExternalContextCreator } from '@nestjs/core'
import { scope } from 'express-resource-server/core'
import { Requires, ResourceServerModule } from 'express-resource-server/nest'
import { createTestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { decorate, start, stopAll } from '../kit/nest.js'

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
