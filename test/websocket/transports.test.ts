import { once } from 'node:events'
import { createServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import { jest } from '@jest/globals'
import express from 'express'
import { requireAuth, requirePolicy, scope } from 'express-resource-server'
import { Server } from 'socket.io'
import { WebSocket } from 'ws'
import { rawBytes, startServer, type RawResponse } from '../kit/raw-request.js'
import { open, serve, type World } from './harness.js'

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

let world: World
afterEach(() => {
  world.close()
})

const textOf = (fields: string): string => `GET / HTTP/1.1\r\nHost: a\r\n${UPGRADE}${fields}\r\n`
const withoutDate = ({ head, body }: RawResponse): string => `${head.replace(/\r\nDate: [^\r]*/, '')}\r\n\r\n${body}`

it('is refused as Express refuses, byte for byte', async () => {
  world = await serve()
  const app = express().disable('x-powered-by')
  app.use(requireAuth({ ...world.issuer.options, clockToleranceSeconds: 30 }), requirePolicy(scope('chat')))
  const { port, close } = await startServer(app)
  const narrow = await world.token({ scope: 'openid' })
  const rows: readonly (readonly [fields: string, status: number])[] = [
    ['', 401],
    [`Authorization: Bearer ${await world.issuer.idToken()}\r\n`, 401],
    [`Authorization: Bearer ${narrow}\r\n`, 403],
    [`Authorization: Bearer ${narrow}\r\n`.repeat(2), 400],
    ['Authorization: Basic dTpw\r\n', 401],
  ]
  for (const [fields, status] of rows) {
    const refused = await rawBytes(world.port, Buffer.from(textOf(fields)))
    expect(refused.status).toBe(status)
    const plain = `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`
    expect(withoutDate(refused)).toBe(withoutDate(await rawBytes(port, Buffer.from(plain))))
  }
  await close()
})

describe('over TLS', () => {
  // Between two who share a key: no certificate has to be made.
  const psk = Buffer.alloc(32, 1)
  const ciphers = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
  const client = { ...ciphers, pskCallback: () => ({ psk, identity: 'a' }), checkServerIdentity: () => undefined }
  const ask = (token?: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
      const socket = new WebSocket(`wss://127.0.0.1:${String(world.port)}`, { headers, ...client })
      socket.once('message', (data: Buffer) => {
        resolve(data.toString())
      })
      socket.on('unexpected-response', (asked, answer) => {
        asked.destroy()
        resolve([answer.statusCode, answer.headers['www-authenticate']])
      })
      socket.on('error', reject)
    })

  it('is judged as without', async () => {
    world = await serve({}, undefined, (answer) => createServer({ ...ciphers, pskCallback: () => psk }, answer))
    expect(await ask(await world.token())).toBe('hello user-1')
    expect(await ask()).toEqual([401, 'Bearer realm="api"'])
    expect(await ask(await world.token({ scope: 'openid' }))).toEqual([403, expect.stringContaining('scope="chat"')])
  })
})

describe('a peer', () => {
  /** Sends an upgrade, and says what the server has of the connection. */
  async function knock(fields: string): Promise<{ peer: Socket; inside: Socket }> {
    const upgraded = once(world.http, 'upgrade')
    const peer = connect({ port: world.port, host: '127.0.0.1', allowHalfOpen: true })
    peer.write(textOf(fields))
    const [, inside] = (await upgraded) as [unknown, Socket] // the arguments of Node's event
    return { peer, inside }
  }
  const read = async (peer: Socket): Promise<string> => {
    let text = ''
    for await (const chunk of peer) text += String(chunk)
    return text
  }

  it('that has said its last word gets its answer', async () => {
    world = await serve()
    const { peer } = await knock('')
    peer.end()
    expect(await read(peer)).toMatch(/^HTTP\/1\.1 401 [^]*\r\n\r\n\{.*\}$/)
  })

  it('that has said its last word gets no WebSocket that nobody could close', async () => {
    world = await serve()
    const { peer, inside } = await knock(`Authorization: Bearer ${await world.token()}\r\n`)
    peer.end()
    await read(peer)
    if (!inside.destroyed) await once(inside, 'close')
    expect(world.sockets.clients.size).toBe(0)
  })

  it('that neither reads nor closes is cut off after five seconds', async () => {
    world = await serve()
    const timers = jest.spyOn(globalThis, 'setTimeout')
    const { peer, inside } = await knock('')
    // The answer is out.
    await once(inside, 'finish')
    const [cut] = timers.mock.calls.find(([, milliseconds]) => milliseconds === 5000) ?? []
    timers.mockRestore()
    expect(inside.destroyed).toBe(false)
    cut?.()
    expect(inside.destroyed).toBe(true)
    peer.destroy()
  })
})

describe('a session of socket.io that there is not', () => {
  let server: Server
  beforeEach(async () => {
    world = await serve()
    world.http.removeAllListeners('upgrade')
    server = new Server(world.http)
    world.guard.socketIo(server)
  })
  afterEach(async () => {
    await server.close()
  })

  const at = (sid: string, transport: string): string => `/socket.io/?EIO=4&transport=${transport}${sid}`
  it.each(['&sid=forged', '&sid=__proto__', '&sid=constructor', '&sid=a&sid=b', '&sid[a]=b', '&sid=%00'])(
    '%s opens none, by polling or by WebSocket',
    async (sid) => {
      const opened: unknown[] = []
      server.on('connection', (socket) => opened.push(socket))
      const polled = await fetch(`http://127.0.0.1:${String(world.port)}${at(sid, 'polling')}`)
      expect([400, 401]).toContain(polled.status)
      expect([400, 401]).toContain((await open(`${world.url}${at(sid, 'websocket')}`)).status)
      expect([opened, server.engine.clientsCount]).toEqual([[], 0])
    },
  )

  it('is none where its name is empty: it is judged', async () => {
    expect((await open(`${world.url}${at('&sid=', 'websocket')}`)).status).toBe(401)
    expect((await fetch(`http://127.0.0.1:${String(world.port)}${at('&sid=', 'polling')}`)).status).toBe(401)
  })
})
