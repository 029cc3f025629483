import 'reflect-metadata'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Controller, Get } from '@nestjs/common'
import express from 'express'
import {
  createResourceServer,
  createRevocation,
  requireAuth,
  requirePolicy,
  type ResourceServer,
  type Revocation,
} from 'express-resource-server'
import { createMcpResourceServer } from 'express-resource-server/mcp'
import { ResourceServerModule } from 'express-resource-server/nest'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { createWebSocketGuard, endWithToken } from 'express-resource-server/websocket'
import supertest from 'supertest'
import { WebSocket, WebSocketServer } from 'ws'
import { decorate, start, stopAll } from '../kit/nest.js'
import { listen, stop } from '../kit/server.js'

/** What a schema may make of claims, so that nothing is left in them by which a token is taken back. */
const schemas: readonly (readonly [name: string, value: unknown])[] = [
  ['an empty object', {}],
  ['a text', 'nothing'],
  ['null', null],
  ['the claims of another', { iss: 'https://other.example', sub: 'other', sid: 'other', jti: 'other', iat: 1 }],
]
const revokes: readonly (readonly [name: string, (revocation: Revocation, of: { issuer: string }) => Promise<void>])[] =
  [
    ['jti', (revocation, { issuer }) => revocation.revoke({ issuer, jti: 'j' })],
    ['sid', (revocation, { issuer }) => revocation.revokeSession({ issuer, sid: 's' })],
    ['sub', (revocation, { issuer }) => revocation.revokeSubject({ issuer, subject: 'u' })],
  ]
const kinds = ['a JWT', 'an opaque token'] as const

let issuer: TestIssuer
let revocation: Revocation
const ends: (() => unknown)[] = []

beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  revocation = createRevocation({ clock: issuer.options.clock })
  await revocation.ready()
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  revocation.close()
  await stopAll()
})

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function optionsWith(value: unknown) {
  const { introspection, options } = issuer
  return {
    ...options,
    issuer: { issuer: issuer.issuer, introspection },
    revocation,
    claims: { '~standard': { version: 1, vendor: 'test', validate: () => ({ value }) } },
  } as const
}

async function makeToken(kind: (typeof kinds)[number]): Promise<string> {
  const claims = { jti: 'j', sid: 's', sub: 'u', aud: issuer.audience }
  const token = await (kind === 'a JWT' ? issuer.accessToken(claims) : issuer.opaqueToken(claims))
  // What is taken back of a subject was issued before.
  issuer.advance(1)
  return token
}

/** Holds a token in some way, until it is called back. */
type Hold = (server: ResourceServer<unknown>, token: string) => Promise<{ readonly ended: Promise<unknown> }>

async function serve(server: ResourceServer<unknown>, http: Server): Promise<number> {
  ends.push(() => {
    server.close()
  })
  const port = await listen(http)
  ends.push(() => stop(http))
  return port
}

const holds: Readonly<Record<string, Hold>> = {
  async 'onExpiry() of what a message brought'(server, token) {
    const auth = await server.verifyToken(token)
    return { ended: new Promise<void>((resolve) => server.onExpiry(auth, resolve)) }
  },
  async 'onExpiry() behind requireAuth()'(server, token) {
    let ended: Promise<void> | undefined
    const app = express().get('/', server.requireAuth(), (req, res) => {
      ended = new Promise<void>((resolve) => server.onExpiry(server.getAuth(req), resolve))
      res.end()
    })
    await supertest(app).get('/').set('Authorization', `Bearer ${token}`).expect(200)
    return { ended: ended ?? Promise.reject(new Error('It was not held.')) }
  },
  async 'endWithToken() behind requireAuth()'(server, token) {
    const app = express().get('/', server.requireAuth(), (req, res) => {
      res.writeHead(200).flushHeaders()
      endWithToken(server, server.getAuth(req), res)
    })
    const port = await serve(server, createServer(app))
    const answer = await fetch(`http://127.0.0.1:${String(port)}/`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
    return { ended: answer.text() }
  },
  async 'a WebSocket'(server, token) {
    const guard = createWebSocketGuard(server, { policy: () => true })
    const sockets = new WebSocketServer({ noServer: true })
    const http = createServer()
    http.on('upgrade', guard.upgrade(sockets))
    const port = await serve(server, http)
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}`, { headers: { authorization: `Bearer ${token}` } })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return { ended: new Promise((resolve) => socket.once('close', resolve)) }
  },
}

const rows = kinds.flatMap((kind) =>
  schemas.flatMap(([schema, value]) => revokes.map(([how, revoke]) => ({ kind, schema, value, how, revoke }))),
)

describe.each(Object.entries(holds))('%s', (_name, hold) => {
  it.each(rows)('ends $kind by its $how, whose claims are $schema', async ({ kind, value, revoke }) => {
    const server: ResourceServer<unknown> = createResourceServer(optionsWith(value))
    const { ended } = await hold(server, await makeToken(kind))
    const state = { isOver: false }
    void ended.then(() => (state.isOver = true))
    await revoke(revocation, { issuer: 'https://other.example' })
    await settled()
    expect(state.isOver).toBe(false)
    await revoke(revocation, issuer)
    await ended
    server.close()
  })
})

type Ask = (token: string) => Promise<number>

/** Ways in, each with its own server. */
const doors: Readonly<Record<string, (options: ReturnType<typeof optionsWith>) => Promise<Ask>>> = {
  'requireAuth()': (options) => Promise.resolve(asking(express().get('/', requireAuth(options), answer))),
  'a guard behind requireAuth()': (options) =>
    Promise.resolve(
      asking(
        express().get(
          '/',
          requireAuth(options),
          requirePolicy(() => true),
          answer,
        ),
      ),
    ),
  'an MCP server': ({ audience, ...options }) => {
    const mcp = createMcpResourceServer({ ...options, resource: audience })
    return Promise.resolve(asking(express().get('/', mcp.requireAuth(), answer)))
  },
  async NestJS(options) {
    const Orders = decorate(
      class Orders {
        get() {
          return {}
        }
      },
      { get: [Get()] },
      [Controller()],
    )
    const ask = await start('Express', { imports: [ResourceServerModule.forRoot(options)], controllers: [Orders] })
    return async (token) => (await ask('/', token)).status
  },
}

function answer(_req: IncomingMessage, res: express.Response): void {
  res.json({})
}

function asking(app: express.Express): Ask {
  return async (token) => (await supertest(app).get('/').set('Authorization', `Bearer ${token}`)).status
}

describe.each(Object.entries(doors))('%s', (_name, open) => {
  it.each(rows)('refuses $kind by its $how, whose claims are $schema', async ({ kind, value, revoke }) => {
    const ask = await open(optionsWith(value))
    const token = await makeToken(kind)
    expect(await ask(token)).toBe(200)
    await revoke(revocation, { issuer: 'https://other.example' })
    expect(await ask(token)).toBe(200)
    await revoke(revocation, issuer)
    expect(await ask(token)).toBe(401)
  })
})
