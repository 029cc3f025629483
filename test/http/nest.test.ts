import 'reflect-metadata'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import {
  Catch,
  Controller,
  Get,
  HttpException,
  type ArgumentsHost,
  type INestApplication,
  type Type,
} from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import express from 'express'
import { allOf, requireAuth, requirePolicy } from 'express-resource-server'
import {
  hidden,
  owner,
  scope,
  UnavailableError,
  type Auth,
  type EventMessages,
  type Policy,
} from 'express-resource-server/core'
import { CurrentAuth, OptionalAuth, Public, Requires, ResourceServerModule } from 'express-resource-server/nest'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { adapterNames, asking, decorate, start, stopAll, type Ask } from '../kit/nest.js'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

afterEach(stopAll)

const undecided = (): boolean => {
  throw new UnavailableError('policy_unavailable', { retryAfterSeconds: 7 })
}

const orders = allOf(scope('orders:read'), scope('orders:list'))

/** One route for each thing to refuse. */
const createOrders = (): Type =>
  decorate(
    class Orders {
      orders(auth: Auth) {
        return { for: auth.subject }
      }
      both() {
        return {}
      }
      undecided() {
        return {}
      }
      hidden() {
        return {}
      }
      mine() {
        return {}
      }
      plain(auth: Auth) {
        return { for: auth.subject }
      }
      health() {
        return {}
      }
      catalog(auth: Auth | undefined) {
        return { for: auth?.subject ?? 'anybody' }
      }
      misplaced() {
        return {}
      }
      broken() {
        return {}
      }
    },
    {
      orders: [Get('orders'), Requires(orders)],
      both: [Get('both'), Requires(scope('orders:list')), Requires(scope('orders:read'))],
      undecided: [Get('undecided'), Requires(undecided)],
      hidden: [Get('hidden'), Requires(hidden(scope('admin')))],
      mine: [Get('customers/:id'), Requires(owner((req) => req.params['id']))],
      plain: [Get('plain')],
      health: [Get('health'), Public()],
      catalog: [Get('catalog'), OptionalAuth()],
      misplaced: [Get('misplaced'), Public()],
      broken: [
        Get('broken'),
        Requires(() => {
          throw new Error('secret')
        }),
      ],
    },
    [Controller()],
    { orders: CurrentAuth(), plain: CurrentAuth(), catalog: CurrentAuth(), misplaced: CurrentAuth() },
  )

/** What Express answers. */
function expressly(policy?: Policy): Ask {
  const app = express()
  app.use(requireAuth(issuer.options))
  if (policy !== undefined) app.use(requirePolicy(policy))
  return asking(createServer(app))
}

describe.each(adapterNames)('NestJS on %s', (name) => {
  const startOrders = (setUp?: (app: INestApplication) => void) =>
    start(name, { imports: [ResourceServerModule.forRoot(issuer.options)], controllers: [createOrders()] }, setUp)

  it('lets in who may, and gives the handler what the token says', async () => {
    const ask = await startOrders()
    const token = await issuer.accessToken({ scope: 'orders:read orders:list' })
    expect(await ask('/orders', token)).toMatchObject({ status: 200, text: '{"for":"user-1"}' })
    expect(await ask('/plain', await issuer.accessToken())).toMatchObject({ status: 200, text: '{"for":"user-1"}' })
    expect(await ask('/customers/user-1', token)).toMatchObject({ status: 200 })
    expect(await ask('/customers/user-2', token)).toMatchObject({ status: 403 })
    expect(await ask('/health')).toMatchObject({ status: 200 })
  })

  it('refuses as Express does, byte for byte', async () => {
    const ask = await startOrders()
    const [good, narrow] = [await issuer.accessToken(), await issuer.accessToken({ scope: 'orders:read' })]
    const rows: readonly (readonly [string, string | undefined, Policy | undefined, number])[] = [
      ['/plain', undefined, undefined, 401],
      ['/plain', 'bad', undefined, 401],
      ['/plain', await issuer.idToken(), undefined, 401],
      ['/orders', undefined, orders, 401],
      ['/orders', narrow, orders, 403],
      ['/both', narrow, orders, 403],
      ['/undecided', good, undecided, 503],
      ['/catalog', 'bad', undefined, 401],
      ['/catalog', await issuer.idToken(), undefined, 401],
    ]
    for (const [path, token, policy, status] of rows) {
      const expected = await expressly(policy)('/', token)
      expect(expected.status).toBe(status)
      expect(await ask(path, token)).toEqual(expected)
    }
  })

  it('lets in with and without a token where that is optional, and with a bad one nowhere', async () => {
    const ask = await startOrders()
    expect(await ask('/catalog')).toMatchObject({ status: 200, text: '{"for":"anybody"}' })
    expect(await ask('/catalog', await issuer.accessToken())).toMatchObject({ status: 200, text: '{"for":"user-1"}' })
    issuer.advance(3600)
    expect(await ask('/catalog', await issuer.accessToken({ exp: issuer.now() - 600 }))).toMatchObject({ status: 401 })
    issuer.goDown()
    await issuer.rotateKeys()
    expect(await ask('/catalog', await issuer.accessToken())).toMatchObject({ status: 503 })
    expect(await ask('/catalog')).toMatchObject({ status: 200 })
  })

  it('tells those who listen of the route, by its pattern', async () => {
    const ask = await startOrders()
    const token = await issuer.accessToken()
    const routes: unknown[] = []
    const hear = (message: unknown): void => {
      routes.push((message as EventMessages['access.denied']).route)
    }
    subscribe('express-resource-server:access.denied', hear)
    await ask('/customers/user-2', token)
    unsubscribe('express-resource-server:access.denied', hear)
    expect(routes).toEqual(['/customers/:id'])
  })

  it('answers 503 while the issuer is down', async () => {
    issuer.goDown()
    const ask = await startOrders()
    const token = await issuer.accessToken()
    expect(await ask('/plain', token)).toEqual(await expressly()('/', token))
    expect(await ask('/plain', token)).toMatchObject({ status: 503 })
  })

  it('hides what is hidden as what is not there', async () => {
    const ask = await startOrders()
    const token = await issuer.accessToken()
    const [secret, none] = [await ask('/hidden?a=1', token), await ask('/absent?a=1', token)]
    expect(secret.status).toBe(404)
    expect(secret.text).toBe(none.text.replace('/absent', '/hidden'))
    expect(secret.headers).toEqual(none.headers)
  })

  it('answers 500, and says nothing, where the program is wrong', async () => {
    const ask = await startOrders()
    const token = await issuer.accessToken()
    for (const path of ['/misplaced', '/broken']) {
      expect(await ask(path, token)).toMatchObject({
        status: 500,
        text: '{"statusCode":500,"message":"Internal server error"}',
      })
    }
  })

  it('keeps the status and the challenge where a filter of the application takes all there is', async () => {
    class Everything {
      constructor(private readonly host: HttpAdapterHost) {}
      catch(exception: unknown, host: ArgumentsHost) {
        const status = exception instanceof HttpException ? exception.getStatus() : 500
        this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { own: true }, status)
      }
    }
    Catch()(Everything)
    const ask = await startOrders((app) => app.useGlobalFilters(new Everything(app.get(HttpAdapterHost))))
    const expected = await expressly()('/', 'bad')
    const seen = await ask('/plain', 'bad')
    expect([seen.status, seen.text]).toEqual([401, '{"own":true}'])
    expect(seen.headers['www-authenticate']).toBe(expected.headers['www-authenticate'])
    expect(seen.headers['cache-control']).toBe('no-store')
  })

  it('leaves to filters of the application that are for something else what is theirs', async () => {
    class OfTypes {
      catch() {
        throw new Error('not reached')
      }
    }
    Catch(TypeError)(OfTypes)
    const ask = await startOrders((app) => app.useGlobalFilters(new OfTypes()))
    expect(await ask('/plain', 'bad')).toEqual(await expressly()('/', 'bad'))
  })
})
