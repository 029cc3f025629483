import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { jest } from '@jest/globals'
import { exchange, rawBytes, type RawResponse } from '../kit/raw-request.js'
import { closed, open, serve, type World } from './harness.js'

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

let world: World
afterEach(() => {
  world.close()
})

const ask = (fields: string, line = 'GET / HTTP/1.1'): Promise<RawResponse> =>
  rawBytes(world.port, Buffer.from(`${line}\r\nHost: a\r\n${fields}\r\n`))
const withoutDate = ({ head, body }: RawResponse): string => `${head.replace(/\r\nDate: [^\r]*/, '')}\r\n\r\n${body}`

describe('an upgrade', () => {
  it('is let in with a good token, and seen as it came', async () => {
    world = await serve()
    expect((await open(world.url, { token: await world.token() })).greeting).toBe('hello user-1')
  })

  it.each([
    ['without a token', () => Promise.resolve(''), 401],
    ['with an ID token', async () => `Authorization: Bearer ${await world.issuer.idToken()}\r\n`, 401],
    ['without the scope', async () => `Authorization: Bearer ${await world.token({ scope: 'openid' })}\r\n`, 403],
    ['with two tokens', async () => `Authorization: Bearer ${await world.token()}\r\n`.repeat(2), 400],
    ['with a list', () => Promise.resolve('Authorization: Bearer a, Bearer b\r\n'), 400],
  ])('%s is answered as a request is, byte for byte', async (_name, fields, status) => {
    world = await serve()
    const credentials = await fields()
    const refused = await ask(UPGRADE + credentials)
    expect(refused.status).toBe(status)
    expect(refused.header('connection')).toBe('close')
    expect(withoutDate(refused)).toBe(withoutDate(await ask(`Connection: close\r\n${credentials}`)))
  })

  it('is 503 while the issuer is down, as a request is', async () => {
    world = await serve()
    world.issuer.goDown()
    const credentials = `Authorization: Bearer ${await world.token()}\r\n`
    const [refused, plain] = [await ask(UPGRADE + credentials), await ask(`Connection: close\r\n${credentials}`)]
    expect([refused.status, refused.body]).toEqual([503, plain.body])
    expect(refused.header('retry-after')).toMatch(/^\d+$/)
  })

  it('is 500 where a policy throws, and the process hears of it', async () => {
    world = await serve({
      policy: () => {
        throw new TypeError('a fault of the application')
      },
    })
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const refused = await ask(`${UPGRADE}Authorization: Bearer ${await world.token()}\r\n`)
    expect([refused.status, refused.body]).toEqual([500, ''])
    expect(warned.mock.calls).toEqual([[expect.stringContaining('a fault of the application')]])
    warned.mockRestore()
  })

  it('is 404 where a policy hides', async () => {
    const { hidden, scope } = await import('express-resource-server/core')
    world = await serve({ policy: hidden(scope('admin')) })
    expect((await open(world.url, { token: await world.token() })).status).toBe(404)
  })

  it('publishes every decision, with its request', async () => {
    world = await serve()
    const heard: unknown[] = []
    const listen = (message: unknown, name: string | symbol): void => {
      heard.push([String(name).split(':')[1], (message as { request?: { url?: string } }).request?.url])
    }
    const names = ['token.refused', 'token.accepted', 'access.granted', 'access.denied']
    for (const name of names) subscribe(`express-resource-server:${name}`, listen)
    await open(`${world.url}/a`)
    await open(`${world.url}/b`, { token: await world.token({ scope: 'openid' }) })
    await open(`${world.url}/c`, { token: await world.token() })
    for (const name of names) unsubscribe(`express-resource-server:${name}`, listen)
    expect(heard).toEqual([
      ['token.refused', '/a'],
      ['token.accepted', '/b'],
      ['access.denied', '/b'],
      ['token.accepted', '/c'],
      ['access.granted', '/c'],
    ])
  })

  it('reads no token in the query, and says so', async () => {
    world = await serve()
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    expect((await open(`${world.url}/?access_token=${await world.token()}`)).status).toBe(401)
    expect(warned.mock.calls[0]?.[1]).toMatchObject({ code: 'ERS_WEBSOCKET_QUERY' })
    warned.mockRestore()
  })
})

describe('a token as a subprotocol', () => {
  it('is read by option, not selected, and not seen by the application', async () => {
    world = await serve({ tokenInSubprotocol: true })
    const token = await world.token()
    for (const protocols of [
      ['chat', `bearer.${token}`],
      [`bearer.${token}`, 'chat'],
    ]) {
      const { socket, greeting } = await open(world.url, { protocols })
      expect([greeting, socket?.protocol]).toEqual(['hello user-1', 'chat'])
    }
    for (const { headers, rawHeaders } of world.seen) {
      expect(headers['sec-websocket-protocol']).toBe('chat')
      expect(JSON.stringify([headers, rawHeaders])).not.toContain(token)
    }
  })

  it('is not read without the option, and taken out all the same', async () => {
    world = await serve()
    const token = await world.token()
    expect((await open(world.url, { protocols: ['chat', `bearer.${token}`] })).status).toBe(401)
    const { socket } = await open(world.url, { token, protocols: [`bearer.${token}`, 'chat'] })
    expect(socket?.protocol).toBe('chat')
  })

  it.each([
    ['beside the header', (token: string) => ({ token, protocols: ['chat', `bearer.${token}`] })],
    ['twice', (token: string) => ({ protocols: ['chat', `bearer.${token}`, `bearer.${token}x`] })],
  ])('is 400 %s', async (_name, how) => {
    world = await serve({ tokenInSubprotocol: true })
    expect((await open(world.url, how(await world.token()))).status).toBe(400)
  })

  it('is no way around the scheme: one that is bound to a key is refused', async () => {
    world = await serve({ tokenInSubprotocol: true })
    const token = await world.token({ cnf: { jkt: 'A'.repeat(43) } })
    expect((await open(world.url, { protocols: ['chat', `bearer.${token}`] })).status).toBe(401)
  })
})

describe('an origin', () => {
  const app = 'https://app.example.com'
  it.each([
    [{ Cookie: 'a=b', Origin: app }, 'hello user-1'],
    [{ Cookie: 'a=b', Origin: 'https://evil.example' }, 403],
    [{ Cookie: 'a=b', Origin: 'null' }, 403],
    [{ Cookie: 'a=b', Origin: `${app}.evil.example` }, 403],
    [{ Cookie: 'a=b' }, 'hello user-1'],
    [{ Origin: 'https://evil.example' }, 'hello user-1'],
  ])('%j is answered %s', async (headers, expected) => {
    world = await serve({ allowedOrigins: [app] })
    const { greeting, status } = await open(world.url, { token: await world.token(), headers: { ...headers } })
    expect(greeting ?? status).toBe(expected)
  })

  it('is refused with a cookie where none is allowed', async () => {
    world = await serve()
    const { port } = world
    const headers = { Cookie: 'a=b', Origin: `http://127.0.0.1:${String(port)}` }
    expect((await open(world.url, { token: await world.token(), headers })).status).toBe(403)
  })

  it.each([['app.example.com'], ['https://app.example.com/'], ['*'], ['null']])('%s is none', async (origin) => {
    world = await serve()
    await expect(serve({ allowedOrigins: [origin] })).rejects.toThrow('allowedOrigins')
  })
})

describe('hostile peers', () => {
  it('that go on sending after the refusal get one answer', async () => {
    world = await serve()
    const good = `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${await world.token()}\r\n\r\n`
    const answers = await exchange(world.port, `GET / HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n${good}${good}`)
    expect(answers.map(({ status }) => status)).toEqual([401])
  })

  it.each([
    ['HTTP/1.0', 'GET / HTTP/1.0', UPGRADE, [401]],
    [
      '16 KB of subprotocol',
      'GET / HTTP/1.1',
      `${UPGRADE}Sec-WebSocket-Protocol: bearer.${'a'.repeat(16384)}\r\n`,
      [431],
    ],
    [
      '15 KB of subprotocol',
      'GET / HTTP/1.1',
      `${UPGRADE}Sec-WebSocket-Protocol: ${'bearer.a,'.repeat(1600)}\r\n`,
      [400],
    ],
    ['a line end in a token', 'GET / HTTP/1.1', `${UPGRADE}Sec-WebSocket-Protocol: bearer.a\r\n b\r\n`, [400, 401]],
    ['no key', 'GET / HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', [401]],
    ['another protocol', 'GET / HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: h2c\r\n', [401]],
  ])('with %s are refused', async (_name, line, fields, statuses) => {
    world = await serve({ tokenInSubprotocol: true })
    expect(statuses).toContain((await ask(fields, line)).status)
  })

  it('without a key are told by ws, once they are let in', async () => {
    world = await serve()
    const fields = `Connection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ${await world.token()}\r\n`
    expect((await ask(fields)).status).toBe(400)
  })

  it('that break off while the keys do not come harm nobody', async () => {
    let asked: () => void
    const hanging = new Promise<void>((resolve) => {
      asked = resolve
    })
    const fetch = (): Promise<Response> => {
      asked()
      return new Promise(() => undefined)
    }
    world = await serve({}, () => ({ fetch }))
    const gone = once(world.http, 'upgrade')
    const peer = connect(world.port, '127.0.0.1')
    peer.write(`GET / HTTP/1.1\r\nHost: a\r\n${UPGRADE}Authorization: Bearer ${await world.token()}\r\n\r\n`)
    const [, socket] = (await gone) as [unknown, Socket] // the arguments of Node's event
    await hanging
    socket.destroy(new Error('read ECONNRESET'))
    peer.destroy()
    world.server.close()
    expect((await open(world.url)).status).toBe(401)
    expect(world.sockets.clients.size).toBe(0)
  })

  it('that come while the server closes are judged, or told to come back', async () => {
    world = await serve()
    const token = await world.token()
    const answer = open(world.url, { token })
    world.server.close()
    const { greeting, status } = await answer
    expect(['hello user-1', 503]).toContain(greeting ?? status)
  })

  it('that send what is no frame lose their connection alone', async () => {
    world = await serve()
    const token = await world.token()
    const peer = connect(world.port, '127.0.0.1')
    peer.write(`GET / HTTP/1.1\r\nHost: a\r\n${UPGRADE}Authorization: Bearer ${token}\r\n\r\n`)
    await once(peer, 'data')
    peer.write(Buffer.alloc(64, 0xff))
    await once(peer, 'close')
    expect((await open(world.url, { token })).greeting).toBe('hello user-1')
  })
})

describe('a connection', () => {
  const ended = (): Record<string, number> => ({ iat: world.issuer.now() - 60, exp: world.issuer.now() - 1 })

  it('ends with its token, with 3000', async () => {
    world = await serve()
    const { socket } = await open(world.url, { token: await world.token(ended()) })
    expect(await closed(socket)).toBe(3000)
  })

  it('is renewed by the same holder, and by nobody else', async () => {
    world = await serve({ graceSeconds: 3600 })
    const { socket } = await open(world.url, { token: await world.token() })
    const [inside] = [...world.sockets.clients]
    const connection = world.guard.of(inside as object)
    const before = connection.auth
    for (const claims of [
      { sub: 'user-2' },
      { client_id: 'other' },
      { scope: 'openid' },
      { cnf: { jkt: 'A'.repeat(43) } },
      { exp: world.issuer.now() - 60 },
    ]) {
      await expect(connection.renew(await world.token(claims))).rejects.toHaveProperty('name', 'AuthError')
      expect(connection.auth).toBe(before)
    }
    await expect(connection.renew('a\r\nb')).rejects.toHaveProperty('status', 400)
    const exp = world.issuer.now() + 7200
    expect((await connection.renew(await world.token({ exp }))).expiresAt).toBe(exp)
    expect(connection.auth.expiresAt).toBe(exp)
    socket?.terminate()
  })

  it('keeps its old end where the renewal is refused, and gets the new one where it is not', async () => {
    const held: { due: number; run: () => void; taken: boolean }[] = []
    world = await serve()
    const { createWebSocketGuard } = await import('express-resource-server/websocket')
    const { scope } = await import('express-resource-server/core')
    const onExpiry: typeof world.server.onExpiry = (auth, run) => {
      const entry = { due: auth.expiresAt, run, taken: false }
      held.push(entry)
      return () => {
        entry.taken = true
      }
    }
    const guard = createWebSocketGuard({ ...world.server, onExpiry }, { policy: scope('chat') })
    world.http.removeAllListeners('upgrade')
    world.sockets.removeAllListeners('connection')
    world.http.on('upgrade', guard.upgrade(world.sockets))
    world.sockets.on('connection', (socket) => {
      socket.send('hello')
    })
    const { socket } = await open(world.url, { token: await world.token() })
    const connection = guard.of([...world.sockets.clients][0] as object)
    await connection.renew(await world.token({ sub: 'user-2' })).catch(() => undefined)
    expect(held.map(({ taken }) => taken)).toEqual([false])
    await connection.renew(await world.token())
    expect(held.map(({ taken }) => taken)).toEqual([true, false])
    socket?.terminate()
    await once([...world.sockets.clients][0] as never, 'close')
    expect(held.map(({ taken }) => taken)).toEqual([true, true])
    await connection.renew(await world.token())
    expect(held).toHaveLength(2)
  })

  it('is asked again for each message, and its time with it', async () => {
    world = await serve({ graceSeconds: 3600 })
    const { scope } = await import('express-resource-server/core')
    const { socket } = await open(world.url, { token: await world.token() })
    const connection = world.guard.of([...world.sockets.clients][0] as object)
    expect(await connection.authorize(scope('chat'))).toBeUndefined()
    expect(await connection.authorize(scope('admin'))).toMatchObject({ status: 403 })
    world.issuer.advance(7200)
    expect(await connection.authorize(scope('chat'))).toMatchObject({ code: 'token_expired' })
    socket?.terminate()
  })

  it('is known to the guard that let it in, and to no other', async () => {
    world = await serve()
    expect(() => world.guard.of({})).toThrow('this guard has let in')
  })
})
