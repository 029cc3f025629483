import 'reflect-metadata'
import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import http, { type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import * as nest from '@nestjs/common'
import express, { type Express } from 'express'
import * as library from 'express-resource-server'
import * as core from 'express-resource-server/core'
import * as ours from 'express-resource-server/nest'
import * as testing from 'express-resource-server/testing'
import * as websocket from 'express-resource-server/websocket'
import { pino, type LoggerOptions } from 'pino'
import { pinoHttp, type Options } from 'pino-http'
import prometheus from 'prom-client'
import request from 'supertest'
import { WebSocket, WebSocketServer } from 'ws'
import { appOf, AUDIENCE, get, ISSUER, snippetOf } from './harness.js'
import { run } from './snippets.js'

const { createTestIssuer } = testing

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] as const)('docs/nestjs.md, on %s', (_name, createAdapter) => {
  /** Starts the snippet, without a port. */
  async function start(issuer: testing.TestIssuer) {
    const forRoot: typeof ours.ResourceServerModule.forRoot = (options) =>
      ours.ResourceServerModule.forRoot({ ...options, ...issuer.options })
    const { AppModule } = await run(snippetOf('docs/nestjs.md', 'NestJS').code, {
      '@nestjs/common': nest,
      'express-resource-server/core': core,
      'express-resource-server/nest': { ...ours, ResourceServerModule: { forRoot } },
    })
    nest.Logger.overrideLogger(false)
    const app = await NestFactory.create(AppModule as nest.Type, createAdapter()) // a class with a decorator
    await app.init()
    const instance = app.getHttpAdapter().getInstance() as { ready?: () => Promise<unknown> } // Fastify has plugins to wait for
    await instance.ready?.()
    const server = app.getHttpServer() as Server // both adapters stand on Node's
    const ask = (path: string, token?: string): request.Test => {
      const asked = request(server).get(path)
      return token === undefined ? asked : asked.set('Authorization', `Bearer ${token}`)
    }
    return { ask, close: () => app.close() }
  }

  it('answers with the challenge of the library, and lets in who may', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const { ask, close } = await start(issuer)
    expect((await ask('/health')).status).toBe(200)
    const anonymous = await ask('/orders')
    expect([anonymous.status, anonymous.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"'])
    expect(anonymous.headers['cache-control']).toBe('no-store')
    const passport = await ask('/orders', await issuer.idToken())
    expect([passport.status, passport.body]).toEqual([401, expect.objectContaining({ code: 'id_token_presented' })])
    const narrow = await ask('/orders', await issuer.accessToken({ scope: 'openid' }))
    expect([narrow.status, narrow.headers['www-authenticate']]).toEqual([
      403,
      'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="orders:read"',
    ])
    const good = await ask('/orders', await issuer.accessToken({ scope: 'orders:read' }))
    expect([good.status, good.body]).toEqual([200, { orders: [], for: 'user-1' }])
    await close()
  })

  it('answers 503 while the issuer is down', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    issuer.goDown()
    const { ask, close } = await start(issuer)
    const response = await ask('/orders', await issuer.accessToken())
    expect([response.status, response.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)])
    expect(response.body).toMatchObject({ code: 'issuer_unavailable' })
    await close()
  })
})

describe('docs/websocket.md', () => {
  it('opens a socket for a good token, by header or by protocol, and refuses as a request is refused', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const servers: Server[] = []
    const createServer = (): Server => {
      const server = http.createServer()
      server.listen(0, '127.0.0.1')
      servers.push(server)
      return Object.assign(server, { listen: () => server })
    }
    const createResourceServer = (options: core.ResourceServerOptions) =>
      core.createResourceServer({ ...options, ...issuer.options })
    await run(snippetOf('docs/websocket.md', 'WebSocket').code, {
      'node:http': { ...http, createServer },
      'express-resource-server/core': { ...core, createResourceServer },
      'express-resource-server/websocket': websocket,
      ws: { WebSocketServer },
    })
    const [server] = servers
    if (server === undefined) throw new Error('The snippet makes no server.')
    if (!server.listening) await once(server, 'listening')
    const url = `ws://127.0.0.1:${String((server.address() as AddressInfo).port)}`
    const open = (token: string | undefined, protocols: readonly string[] = []): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
        const socket = new WebSocket(url, [...protocols], { headers })
        socket.on('message', (data: Buffer) => {
          resolve([data.toString(), socket.protocol])
          socket.terminate()
        })
        socket.on('unexpected-response', (asked, { statusCode }) => {
          asked.destroy()
          resolve(statusCode)
        })
        socket.on('error', reject)
      })

    const token = await issuer.accessToken({ scope: 'orders:read' })
    expect(await open(token)).toEqual(['hello user-1', ''])
    expect(await open(undefined, ['orders', `bearer.${token}`])).toEqual(['hello user-1', 'orders'])
    expect(await open(undefined)).toBe(401)
    expect(await open(await issuer.idToken())).toBe(401)
    expect(await open(await issuer.accessToken({ scope: 'openid' }))).toBe(403)
    server.close()
  })
})

describe('docs/records.md', () => {
  const orders = [
    { id: '1', customer: 'user-1' },
    { id: '2', customer: 'user-2' },
  ]
  const theirs = {
    './orders.js': {
      findOrder: (id: string) => Promise.resolve(orders.find((order) => order.id === id)),
      findOrdersOf: (customer: string) => Promise.resolve(orders.filter((order) => order.customer === customer)),
    },
  }

  it('shows people their own records, support all of them, and hides those of others', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/records.md', 'The database knows the owner'), issuer, theirs)
    const token = await issuer.accessToken({ scope: 'orders:read' })
    expect((await get(app, '/orders', token)).body).toEqual([orders[0]])
    expect((await get(app, '/orders/1', token)).body).toEqual(orders[0])
    const [strange, none] = [await get(app, '/orders/2', token), await get(app, '/orders/3', token)]
    expect([strange.status, none.status]).toEqual([404, 404])
    expect(strange.text).toBe(none.text.replace('/orders/3', '/orders/2'))
    expect((await get(app, '/orders/1', await issuer.accessToken({ scope: 'openid' }))).status).toBe(403)
    const support = await issuer.accessToken({ scope: 'orders:read', roles: ['support'] })
    expect((await get(app, '/orders/2', support)).body).toEqual(orders[1])
  })

  it('goes by what a loader found', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/records.md', 'Read once'), issuer, theirs)
    const token = await issuer.accessToken()
    expect((await get(app, '/orders/1', token)).body).toEqual(orders[0])
    for (const path of ['/orders/2', '/orders/3'])
      expect([path, (await get(app, path, token)).status]).toEqual([path, 403])
  })
})

describe('docs/proxies.md', () => {
  it('keeps what is granted out of shared caches, and what is refused out of all', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/proxies.md', 'A cache in front'), issuer)
    const token = await issuer.accessToken({ scope: 'orders:read' })
    expect((await get(app, '/orders', token)).headers['cache-control']).toBe('private, no-cache')
    expect((await get(app, '/orders', await issuer.accessToken())).headers['cache-control']).toBe('no-store')
    expect((await get(app, '/orders')).headers['cache-control']).toBe('no-store')
  })

  it('counts callers and not the proxy', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/proxies.md', 'Whose address is it?'), issuer)
    const from = (address: string) => get(app, '/', 'bad').set('X-Forwarded-For', address)
    for (let count = 0; count < 30; count++) expect((await from('192.0.2.1')).status).toBe(401)
    const [same, other] = [await from('192.0.2.1'), await from('192.0.2.2')]
    expect([same.status, other.status]).toEqual([429, 401])
    expect(same.headers['retry-after']).toMatch(/^\d+$/)
  })
})

describe('docs/cors.md', () => {
  it('answers preflights, and shows refusals to the page', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/cors.md', 'CORS'), issuer)
    const origin = 'https://app.example.com'
    const preflight = await request(app).options('/orders').set({
      Origin: origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    })
    expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([204, 'authorization'])
    const refused = await get(app, '/orders').set('Origin', origin)
    expect(refused.status).toBe(401)
    expect(refused.headers['access-control-allow-origin']).toBe(origin)
    expect(refused.headers['access-control-expose-headers']).toBe('WWW-Authenticate,Retry-After')
  })
})

const PROOF = 'eyJ0eXAiOiJkcG9wK2p3dCJ9.eyJqdGkiOiIxIn0.c2VzYW1l'

/** Subscribes as Node does, and notes how that is ended. */
function subscribing(stops: (() => void)[]): typeof diagnostics.subscribe {
  return (name, listener) => {
    diagnostics.subscribe(name, listener)
    stops.push(() => void diagnostics.unsubscribe(name, listener))
  }
}

describe('docs/logging.md', () => {
  it('takes the token out of what pino-http writes', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const token = await issuer.accessToken()
    const write = async (keep: (options: LoggerOptions) => LoggerOptions): Promise<string> => {
      const lines: string[] = []
      const destination = { write: (line: string) => void lines.push(line) }
      const modules = {
        pino: { pino: (options: LoggerOptions) => pino(keep(options), destination) },
        'pino-http': { pinoHttp: (options: Options) => pinoHttp(options) },
      }
      const heading = 'pino-http, and whatever else logs requests'
      const app = await appOf(snippetOf('docs/logging.md', heading), issuer, modules)
      expect(
        (await get(app, `/articles?access_token=${token}`, token).set('Cookie', 'session=secret').set('DPoP', PROOF))
          .status,
      ).toBe(200)
      expect(lines).toHaveLength(2)
      return lines.join('')
    }
    const lines = await write((options) => options)
    for (const part of [...token.split('.'), 'secret', PROOF]) expect(lines).not.toContain(part)
    expect(lines).toContain('"subject":"user-1"')
    // Without it, the token is there: pino-http, as it comes.
    const asItComes = await write(() => ({}))
    for (const part of [`Bearer ${token}`, PROOF]) expect(asItComes).toContain(part)
  })

  it('counts for Prometheus, with labels that no stranger chooses', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const stops: (() => void)[] = []
    const app = await appOf(snippetOf('docs/logging.md', 'Metrics'), issuer, {
      'node:diagnostics_channel': { subscribe: subscribing(stops) },
      'prom-client': prometheus,
    })
    const token = await issuer.accessToken()
    await get(app, '/orders', token)
    await get(app, '/orders/sesame', 'sesame')
    await get(app, '/orders', await issuer.accessToken({ aud: 'sesame' }))
    for (const stop of stops) stop()
    const text = await prometheus.register.metrics()
    prometheus.register.clear()
    const line = (decision: string, code: string, of: string): string =>
      `auth_decisions_total{decision="${decision}",code="${code}",issuer="${of}"} 1`
    expect(text).toContain(line('token.accepted', 'none', ISSUER))
    expect(text).toContain(line('token.refused', 'malformed_token', 'other'))
    expect(text).toContain(line('token.refused', 'wrong_audience', ISSUER))
    expect(text).toContain('auth_seconds_count{decision="token.refused"} 2')
    for (const part of [...token.split('.'), 'sesame']) expect(text).not.toContain(part)
  })
})

describe('docs/audit.md', () => {
  it('has a log that says who, what and why, and holds no token', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const lines: string[] = []
    const stops: (() => void)[] = []
    await run(snippetOf('docs/audit.md', 'Audit log').code, {
      'node:diagnostics_channel': { subscribe: subscribing(stops) },
      'express-resource-server': library,
      pino: { pino: (options: LoggerOptions) => pino(options, { write: (line: string) => void lines.push(line) }) },
    })
    const app = express().use(library.requireAuth(issuer.options))
    app.get('/orders/:id', library.requireScope('orders:read'), (_req, res) => void res.end())
    const token = await issuer.accessToken({ scope: 'orders:read', email: 'ada@example.com' })
    await get(app, '/orders/7?code=secret', token)
    await get(app, '/orders/7', await issuer.accessToken())
    await get(app, '/orders/7', await issuer.accessToken({ aud: 'other' }))
    for (const stop of stops) stop()
    const who = { issuer: ISSUER, subject: 'user-1', client: expect.any(String) as string }
    const what = { method: 'GET', path: '/orders/7' }
    const behind = { ...what, route: '/orders/:id', policy: 'scope orders:read' }
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { log: 'audit', decision: 'access.granted', who, what: behind },
      { decision: 'access.denied', who, what: behind, why: { code: 'insufficient_scope', status: 403 } },
      { decision: 'token.refused', who: {}, what, why: { code: 'wrong_audience', status: 401 } },
    ])
    const text = lines.join('')
    for (const part of [...token.split('.'), 'secret', 'ada@', 'Bearer ']) expect(text).not.toContain(part)
  })
})

describe('docs/testing.md', () => {
  const createApp = (options: library.RequireAuthOptions): Express => {
    const app = express()
    app.use(library.requireAuth(options))
    app.get('/orders', library.requireScope('orders:read'), (_req, res) => void res.sendStatus(200))
    return app
  }

  /** Runs the tests of a snippet, and answers how many there are. */
  async function runTests(heading: string, app: typeof createApp): Promise<number> {
    const before: (() => Promise<void>)[] = []
    const tests: (() => Promise<void>)[] = []
    const runner = {
      before: (run: () => Promise<void>) => before.push(run),
      test: (_name: string, run: () => Promise<void>) => tests.push(run),
    }
    await run(
      snippetOf('docs/testing.md', heading).code,
      {
        'node:assert/strict': { __esModule: true, default: assert },
        'node:test': runner,
        'express-resource-server/testing': testing,
        supertest: { __esModule: true, default: request },
        './app.js': { createApp: app },
      },
      { test: runner.test, beforeAll: runner.before },
    )
    for (const one of [...before, ...tests]) await one()
    return tests.length
  }

  it.each([
    ['Jest', 2],
    ['node:test', 1],
  ])('has tests for %s that an API passes, and an open one does not', async (heading, count) => {
    expect(await runTests(heading, createApp)).toBe(count)
    await expect(runTests(heading, () => express())).rejects.toThrow('404')
  })
})
