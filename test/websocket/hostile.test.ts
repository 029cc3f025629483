import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { jest } from '@jest/globals'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { createRevocation, scope, type Revocation } from 'express-resource-server/core'
import { endWithToken } from 'express-resource-server/websocket'
import { Server } from 'socket.io'
import { WebSocketServer, type WebSocket } from 'ws'
import { serve, type World } from './harness.js'
import { knock, readBy, type HostilePeer } from './hostile-peer.js'

let world: World
let revocation: Revocation
let timers: jest.SpiedFunction<typeof setTimeout>
beforeEach(async () => {
  world = await serve({}, (issuer) => ({
    revocation: (revocation = createRevocation({ clock: issuer.options.clock })),
  }))
  timers = jest.spyOn(globalThis, 'setTimeout')
})
afterEach(() => {
  timers.mockRestore()
  world.close()
  revocation.close()
})

/** Lets so much time pass for whoever waits for just that. */
const pass = (milliseconds: number): void => {
  for (const [run, after] of timers.mock.calls) if (after === milliseconds) run()
}
/** The connection as the server has it. */
const insideOf = async (knocking: Promise<HostilePeer>): Promise<[peer: HostilePeer, inside: Socket]> => {
  const [[, inside], peer] = await Promise.all([once(world.http, 'upgrade') as Promise<[unknown, Socket]>, knocking])
  return [peer, inside]
}
/** Whoever was let in, and nobody else. */
const insider = (): WebSocket => {
  const [socket] = world.sockets.clients
  if (socket === undefined) throw new Error('Nobody was let in.')
  return socket
}
const credentials = (token: string): string => `Authorization: Bearer ${token}\r\n`

describe('a peer that is told to close, and does not', () => {
  const heard: string[] = []
  let token: string
  let peer: HostilePeer
  let inside: Socket
  let open: WebSocket
  beforeEach(async () => {
    heard.length = 0
    world.sockets.on('connection', (socket) => {
      for (const event of ['message', 'ping', 'pong']) socket.on(event, (data) => heard.push(String(data)))
    })
    token = await world.token()
    ;[peer, inside] = await insideOf(knock(world.port, credentials(token)))
    open = insider()
    await readBy(inside, () => {
      peer.say('before')
    })
    expect(heard).toEqual(['before'])
  })

  it.each<readonly [string, (peer: HostilePeer) => void]>([
    [
      'a text',
      ({ say }) => {
        say('after')
      },
    ],
    [
      'bytes',
      ({ say }) => {
        say('after', 2)
      },
    ],
    [
      'a ping',
      ({ say }) => {
        say('after', 9)
      },
    ],
    [
      'a pong',
      ({ say }) => {
        say('after', 10)
      },
    ],
    [
      'many',
      ({ say }) =>
        Array.from({ length: 50 }, () => {
          say('after')
        }).length,
    ],
    [
      'a message in two parts',
      ({ say }) => {
        say('aft', 1, false)
        say('er', 0)
      },
    ],
  ])('is not heard any more: %s', async (_name, send) => {
    await revocation.revoke({ token })
    expect(await peer.toldToClose).toBe(3000)
    await readBy(inside, () => {
      send(peer)
      peer.say('last')
    })
    // Whoever begins to listen now hears nothing either.
    open.on('message', (data: Buffer) => heard.push(data.toString()))
    await readBy(inside, () => {
      peer.say('after')
    })
    expect(heard).toEqual(['before'])
    peer.wire.destroy()
  })

  it('is not heard with the rest of what it began to say', async () => {
    await readBy(inside, () => {
      peer.say('aft', 1, false)
    })
    await revocation.revoke({ token })
    await peer.toldToClose
    await readBy(inside, () => {
      peer.say('er', 0)
    })
    expect(heard).toEqual(['before'])
    peer.wire.destroy()
  })

  it('is cut off after a second', async () => {
    await revocation.revoke({ token })
    await peer.toldToClose
    expect(open.readyState).toBe(open.CLOSING)
    const gone = once(open, 'close')
    pass(1000)
    await gone
    expect([inside.destroyed, world.sockets.clients.size]).toEqual([true, 0])
  })

  it('gets nothing more by what it said before: neither a message granted nor a fresh token taken', async () => {
    const connection = world.guard.of(open)
    const asked = connection.renew(await world.token({ jti: 'in time' }))
    await revocation.revokeSubject({ issuer: world.issuer.issuer, subject: 'user-1' })
    await peer.toldToClose
    await expect(asked).rejects.toHaveProperty('name', 'AuthError')
    world.issuer.advance(1)
    const fresh = await world.token({ jti: 'fresh' })
    expect(await world.server.verifyToken(fresh)).toMatchObject({ subject: 'user-1' })
    await expect(connection.renew(fresh)).rejects.toMatchObject({ status: 403 })
    expect(await connection.authorize(scope('chat'))).toMatchObject({ name: 'AuthError' })
    expect(connection.auth.token).toBe(token)
    peer.wire.destroy()
  })
})

it('a connection that has ended within the grace of the clock grants no message', async () => {
  const token = await world.token({ iat: world.issuer.now() - 60, exp: world.issuer.now() - 1 })
  const [peer] = await insideOf(knock(world.port, credentials(token)))
  const connection = world.guard.of(insider())
  expect(await peer.toldToClose).toBe(3000)
  expect(await connection.authorize(scope('chat'))).toMatchObject({ status: 403 })
  await expect(connection.renew(await world.token())).rejects.toMatchObject({ status: 403 })
  peer.wire.destroy()
})

describe('a first message', () => {
  it.each([
    ['bad', 'no token', 1, 3000],
    ['no text', 'a', 2, 3000],
  ])('that is %s is the last that is heard', async (_name, first, opcode, code) => {
    const heard: string[] = []
    const sockets = new WebSocketServer({ noServer: true })
    world.http.removeAllListeners('upgrade')
    world.http.on('upgrade', (req, wire, head) => {
      sockets.handleUpgrade(req, wire, head, (socket) => {
        void world.guard
          .firstMessage(socket, req, (text) => text)
          .then(() => {
            socket.on('message', (data: Buffer) => heard.push(data.toString()))
          })
      })
    })
    const [peer, inside] = await insideOf(knock(world.port, ''))
    peer.say(first, opcode)
    expect(await peer.toldToClose).toBe(code)
    await readBy(inside, () => {
      peer.say('after')
    })
    expect(heard).toEqual([])
    pass(1000)
    await once(peer.wire, 'close')
  })
})

describe('graphql-ws', () => {
  const asked: string[] = []
  let cleaner: ReturnType<typeof useServer>
  beforeEach(() => {
    asked.length = 0
    const sockets = new WebSocketServer({ noServer: true })
    world.http.removeAllListeners('upgrade')
    world.http.on('upgrade', (req, wire, head) => {
      sockets.handleUpgrade(req, wire, head, (socket) => sockets.emit('connection', socket, req))
    })
    const say = ({ text }: { text: string }): string => {
      asked.push(text)
      return text
    }
    const never = (): AsyncIterable<never> => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return() {
          asked.push('subscription over')
          return Promise.resolve({ done: true, value: undefined })
        },
      }),
    })
    cleaner = useServer(
      {
        schema: buildSchema('type Query { say(text: String!): String } type Subscription { never: String }'),
        roots: { query: { say }, subscription: { never } },
        onConnect: world.guard.onConnect,
        onPing: () => void asked.push('ping'),
      },
      sockets,
    )
  })
  afterEach(() => cleaner.dispose())
  const join = () => insideOf(knock(world.port, 'Sec-WebSocket-Protocol: graphql-transport-ws\r\n'))
  const json = JSON.stringify
  const query = (text: string): string =>
    json({ id: text, type: 'subscribe', payload: { query: `{ say(text: "${text}") }` } })

  it('asks nothing more for whoever does not close, and ends what was subscribed to', async () => {
    const token = await world.token()
    const [peer, inside] = await join()
    const acknowledged = once(peer.wire, 'data')
    peer.say(json({ type: 'connection_init', payload: { access_token: token } }))
    await acknowledged
    peer.say(json({ id: 's', type: 'subscribe', payload: { query: 'subscription { never }' } }))
    const answered = once(peer.wire, 'data')
    peer.say(query('before'))
    await answered
    await revocation.revoke({ token })
    expect(await peer.toldToClose).toBe(4401)
    await readBy(inside, () => {
      peer.say(query('after'))
    })
    await readBy(inside, () => {
      peer.say(json({ type: 'ping' }))
    })
    expect(asked).toEqual(['before'])
    pass(1000)
    await once(peer.wire, 'close')
    await new Promise(setImmediate)
    expect(asked).toEqual(['before', 'subscription over'])
  })

  it('hears nobody who was refused', async () => {
    const [peer, inside] = await join()
    peer.say(json({ type: 'connection_init', payload: { access_token: 'bad' } }))
    expect(await peer.toldToClose).toBe(4401)
    await readBy(inside, () => {
      peer.say(json({ type: 'ping' }))
    })
    await readBy(inside, () => {
      peer.say(query('after'))
    })
    expect(asked).toEqual([])
    pass(1000)
    await once(peer.wire, 'close')
  })
})

describe('socket.io', () => {
  const heard: unknown[] = []
  let server: Server
  beforeEach(() => {
    heard.length = 0
    world.http.removeAllListeners('upgrade')
    server = new Server(world.http)
    world.guard.socketIo(server)
    server.on('connection', (socket) => {
      socket.on('say', (text) => heard.push(text))
      socket.on('disconnect', () => heard.push('disconnected'))
    })
  })
  afterEach(() => server.close())
  const join = async (): Promise<[peer: HostilePeer, inside: Socket, token: string]> => {
    const token = await world.token()
    const path = '/socket.io/?EIO=4&transport=websocket'
    const [peer, inside] = await insideOf(knock(world.port, credentials(token), path))
    const connected = once(server, 'connection')
    peer.say('40')
    await connected
    await readBy(inside, () => {
      peer.say('42["say","before"]')
    })
    await new Promise(setImmediate)
    return [peer, inside, token]
  }

  it('hears nothing more of whoever does not close, and cuts it off after a second', async () => {
    const [peer, inside, token] = await join()
    await revocation.revoke({ token })
    await peer.toldToClose
    await readBy(inside, () => {
      peer.say('42["say","after"]')
    })
    await new Promise(setImmediate)
    expect(heard).toEqual(['before', 'disconnected'])
    expect(inside.destroyed).toBe(false)
    pass(1000)
    expect(inside.destroyed).toBe(true)
  })

  it('does not wait for whoever does not read what was sent before', async () => {
    const [peer, , token] = await join()
    peer.wire.pause()
    // More than the buffers of the two sockets hold.
    for (let sent = 0; sent < 32; sent++) server.emit('news', 'a'.repeat(1024 * 1024))
    await new Promise(setImmediate)
    await revocation.revoke({ token })
    await new Promise(setImmediate)
    expect(heard).toEqual(['before', 'disconnected'])
    expect(server.engine.clientsCount).toBe(0)
    peer.wire.destroy()
  })

  it('does not wait for whoever does not poll', async () => {
    const token = await world.token()
    const headers = { Authorization: `Bearer ${token}` }
    const url = `http://127.0.0.1:${String(world.port)}/socket.io/?EIO=4&transport=polling`
    const greeting = await (await fetch(url, { headers })).text()
    const { sid } = JSON.parse(greeting.slice(1)) as { sid: string }
    const connected = once(server, 'connection')
    await fetch(`${url}&sid=${sid}`, { method: 'POST', body: '40' })
    await connected
    await (await fetch(`${url}&sid=${sid}`)).text()
    await revocation.revoke({ token })
    await new Promise(setImmediate)
    expect(heard).toEqual(['disconnected'])
    expect((await fetch(`${url}&sid=${sid}`, { method: 'POST', body: '42["say","after"]' })).status).toBe(400)
    expect(heard).toEqual(['disconnected'])
  })
})

describe('a stream whose client does not read', () => {
  it('is cut off after five seconds, and what is written to it meanwhile ends no process', async () => {
    const token = await world.token()
    const auth = await world.server.verifyToken(token)
    const http = createServer()
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const asked = once(http, 'request')
    const wire = connect((http.address() as AddressInfo).port, '127.0.0.1')
    wire.pause().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const [, res] = (await asked) as [unknown, ServerResponse] // the arguments of Node's event
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    for (let written = 0; written < 32; written++) res.write(`data: ${'a'.repeat(1024 * 1024)}\n\n`)
    endWithToken(world.server, auth, res)
    await revocation.revoke({ token })
    await new Promise(setImmediate)
    expect(res.writableEnded).toBe(true)
    // As an application does that goes by 'close'.
    res.write('data: after\n\n')
    await new Promise(setImmediate)
    expect(res.destroyed).toBe(false)
    const gone = once(res, 'close')
    pass(5000)
    await gone
    expect(res.socket?.destroyed ?? true).toBe(true)
    wire.destroy()
    http.close()
  })
})
