import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { jest } from '@jest/globals'
import { buildSchema } from 'graphql'
import { createClient } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { endWithToken } from 'express-resource-server/websocket'
import { WebSocket, WebSocketServer } from 'ws'
import { closed, serve, type World } from './harness.js'

let world: World
afterEach(() => {
  world.close()
})
const expired = (): Record<string, number> => ({ iat: world.issuer.now() - 60, exp: world.issuer.now() - 1 })

describe('the first message', () => {
  /** Lets everybody in, and judges what they say. */
  async function start(): Promise<string> {
    world = await serve()
    const sockets = new WebSocketServer({ noServer: true })
    world.http.removeAllListeners('upgrade')
    world.http.on('upgrade', (req, socket, head) => {
      sockets.handleUpgrade(req, socket, head, (open) => {
        void world.guard
          .firstMessage(open, req, (text) => (JSON.parse(text) as { token?: unknown }).token)
          .then((connection) => {
            if (connection) open.send(`hello ${String(connection.auth.subject)}`)
          })
      })
    })
    return world.url
  }
  const say = async (url: string, message: string | Buffer, headers: Record<string, string> = {}): Promise<unknown> => {
    const socket = new WebSocket(url, { headers })
    socket.on('open', () => {
      socket.send(message)
    })
    return Promise.race([closed(socket), once(socket, 'message').then(([data]) => String(data))])
  }

  it('lets in who brings a good token, and closes with the code of what is wrong', async () => {
    const url = await start()
    const token = await world.token()
    expect(await say(url, JSON.stringify({ token }))).toBe('hello user-1')
    expect(await say(url, JSON.stringify({ token: `${token}x` }))).toBe(3000)
    expect(await say(url, JSON.stringify({ token: [token] }))).toBe(3000)
    expect(await say(url, 'no JSON')).toBe(3000)
    expect(await say(url, Buffer.from(JSON.stringify({ token })))).toBe(3000)
    expect(await say(url, JSON.stringify({ token: 'a'.repeat(70_000) }))).toBe(3000)
    expect(await say(url, JSON.stringify({ token }), { Authorization: `Bearer ${token}` })).toBe(3000)
    expect(await say(url, JSON.stringify({ token: await world.token({ scope: 'openid' }) }))).toBe(3003)
    expect(await say(url, JSON.stringify({ token }), { Cookie: 'a=b', Origin: 'https://evil.example' })).toBe(3003)
  })

  it('closes with 1013 where it cannot be told', async () => {
    const url = await start()
    world.issuer.goDown()
    expect(await say(url, JSON.stringify({ token: await world.token() }))).toBe(1013)
  })

  it('is waited for five seconds', async () => {
    const url = await start()
    const timers = jest.spyOn(globalThis, 'setTimeout')
    const socket = new WebSocket(url)
    await once(socket, 'open')
    const [late] = timers.mock.calls.find(([, milliseconds]) => milliseconds === 5000) ?? []
    timers.mockRestore()
    const code = closed(socket)
    late?.()
    expect(await code).toBe(3000)
  })
})

describe('graphql-ws', () => {
  async function ask(connectionParams: Record<string, unknown> | undefined): Promise<unknown> {
    const schema = buildSchema('type Query { hello: String } type Subscription { never: String }')
    const sockets = new WebSocketServer({ noServer: true })
    world.http.removeAllListeners('upgrade')
    world.http.on('upgrade', (req, socket, head) => {
      sockets.handleUpgrade(req, socket, head, (open) => {
        sockets.emit('connection', open, req)
      })
    })
    const cleaner = useServer(
      {
        schema,
        roots: { query: { hello: 'world' } },
        onConnect: world.guard.onConnect,
        connectionInitWaitTimeout: 300,
      },
      sockets,
    )
    const client = createClient({
      url: world.url,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(connectionParams && { connectionParams }),
    })
    const ended = new Promise((resolve) =>
      client.on('closed', (event) => {
        resolve((event as { code: number }).code)
      }),
    )
    try {
      const { value } = (await client.iterate({ query: '{ hello }' }).next()) as { value: { data?: unknown } }
      return value.data
    } catch {
      return await ended
    } finally {
      await client.dispose()
      await cleaner.dispose()
    }
  }

  it('is let in by its payload, and closed as its protocol says', async () => {
    world = await serve()
    expect(await ask({ access_token: await world.token() })).toEqual({ hello: 'world' })
    expect(await ask(undefined)).toBe(4401)
    expect(await ask({ access_token: await world.issuer.idToken() })).toBe(4401)
    expect(await ask({ access_token: await world.token({ scope: 'openid' }) })).toBe(4403)
    world.close()
    world = await serve()
    world.issuer.goDown()
    expect(await ask({ access_token: await world.token() })).toBe(1013)
  })
})

describe('socket.io', () => {
  const clients: Socket[] = []
  const servers: Server[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect()
    for (const server of servers.splice(0)) await server.close()
  })

  async function start(): Promise<string> {
    world = await serve()
    const http = createServer()
    const server = new Server(http)
    servers.push(server)
    world.guard.socketIo(server)
    server.of('/other').on('connection', (socket) => {
      socket.emit('hello', world.guard.of(socket.conn).auth.subject)
    })
    server.on('connection', (socket) => {
      socket.emit('hello', world.guard.of(socket.conn).auth.subject)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`
  }
  function join(url: string, transports: string[], token?: string): Promise<unknown> {
    const extraHeaders = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const client = io(url, { transports, extraHeaders, reconnection: false, forceNew: true })
    clients.push(client)
    return new Promise((resolve) => {
      client.on('hello', resolve)
      // A token that is at its end may be over before anything is said.
      client.on('disconnect', resolve)
      client.on('connect_error', (error: Error & { description?: { message?: string } | number }) => {
        const { description } = error
        resolve(typeof description === 'object' ? description.message : description)
      })
    })
  }

  it.each([[['polling']], [['websocket']], [['polling', 'websocket']]])('over %j is let in', async (transports) => {
    const url = await start()
    const token = await world.token()
    expect(await join(url, transports, token)).toBe('user-1')
    expect(await join(`${url}/other`, transports, token)).toBe('user-1')
  })

  it('is refused with the answer of a request, by polling and by WebSocket', async () => {
    const url = await start()
    expect(await join(url, ['polling'])).toBe(401)
    expect(await join(url, ['websocket'])).toBe('Unexpected server response: 401')
    const narrow = await world.token({ scope: 'openid' })
    expect(await join(url, ['polling'], narrow)).toBe(403)
    expect(await join(url, ['websocket'], narrow)).toBe('Unexpected server response: 403')
  })

  it('ends with its token', async () => {
    const url = await start()
    await join(url, ['websocket'], await world.token(expired()))
    const [client] = clients
    if (client?.connected === true) await new Promise((resolve) => client.once('disconnect', resolve))
    expect(client?.connected).toBe(false)
  })
})

describe('a stream', () => {
  it('ends with its token', async () => {
    world = await serve()
    const auth = await world.server.verifyToken(await world.token(expired()))
    const http = createServer((_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      res.write('data: hello\n\n')
      endWithToken(world.server, auth, res)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const port = (http.address() as AddressInfo).port
    const body = await new Promise((resolve) => {
      get({ port, host: '127.0.0.1' }, (res) => {
        let text = ''
        res.on('data', (chunk: Buffer) => (text += chunk.toString()))
        res.on('end', () => {
          resolve(text)
        })
      })
    })
    http.close()
    expect(body).toBe('data: hello\n\n')
  })
})
