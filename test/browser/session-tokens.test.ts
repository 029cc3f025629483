import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import session, { type SessionData } from 'express-session'
import { createSessionStore, type SessionStore } from '../../examples/browser/bff/session-store.js'
import { createSessionTokens, type SessionTokens } from '../../examples/browser/bff/session-tokens.js'
import { GrantEnded, type OAuthClient } from '../../examples/browser/oauth-client.js'

const redisServer = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((path) => existsSync(path))

/** A provider that rotates, and that takes a refresh token for stolen when it comes a second time. */
function createRotation() {
  const used = new Set<string>()
  let issued = 1
  const refresh: OAuthClient['refresh'] = async (presented) => {
    // Gives others the time to do the same.
    await new Promise((resolve) => setImmediate(resolve))
    if (used.has(presented)) throw new GrantEnded('reuse')
    used.add(presented)
    issued += 1
    const name = String(issued)
    return { access_token: `access-${name}`, refresh_token: `refresh-${name}`, token_type: 'bearer', expires_in: 60 }
  }
  return { refresh, used }
}

function sessionWith(expiresAt: number): SessionData {
  const signedIn = {
    name: 'ada',
    sid: 'sid-1',
    idToken: 'id',
    accessToken: 'access-1',
    expiresAt,
    refreshToken: 'refresh-1',
  }
  const cookie = new session.Cookie()
  return { cookie, signedIn }
}

function contract(open: () => Promise<SessionStore>): void {
  let stores: readonly [SessionStore, SessionStore]
  let rotation: ReturnType<typeof createRotation>
  let first: SessionTokens
  let second: SessionTokens
  let id = 0
  let sessionId = ''

  const read = () =>
    new Promise<SessionData | null | undefined>((resolve, reject) => {
      stores[0].store.get(sessionId, (error: unknown, found) => {
        if (error === null || error === undefined) resolve(found)
        else reject(new Error('The store does not answer.', { cause: error }))
      })
    })

  async function begin(expiresAt: number): Promise<SessionData> {
    id += 1
    sessionId = `session-${String(id)}`
    const session = sessionWith(expiresAt)
    await new Promise<void>((resolve) => {
      stores[0].store.set(sessionId, session, () => {
        resolve()
      })
    })
    return session
  }

  beforeAll(async () => {
    const one = await open()
    stores = [one, await open()]
  })
  beforeEach(() => {
    rotation = createRotation()
    const client = { refresh: rotation.refresh } as OAuthClient // nothing else of it is asked for here
    first = createSessionTokens(client, stores[0])
    second = createSessionTokens(client, stores[1])
  })
  afterAll(async () => {
    for (const store of new Set(stores)) await store.close()
  })

  it('hands out an access token that is good, and asks nobody', async () => {
    const session = await begin(Date.now() + 60_000)
    expect(await first.accessToken(sessionId, session)).toBe('access-1')
    expect(rotation.used.size).toBe(0)
  })

  it('renews once for many requests at once, in two processes', async () => {
    const session = await begin(Date.now() - 1)
    const asked = [first, second, first, second].map((tokens) => tokens.accessToken(sessionId, session))
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['access-2']))
    expect([...rotation.used]).toEqual(['refresh-1'])
    expect((await read())?.signedIn).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
  })

  it('renews once for many requests whose token the API refused', async () => {
    await begin(Date.now() + 60_000)
    const asked = [first, second, first].map((tokens) => tokens.insteadOf(sessionId, 'access-1'))
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['access-2']))
    expect([...rotation.used]).toEqual(['refresh-1'])
  })

  it('keeps the new refresh token, and its own access token, when another one is wished for', async () => {
    await begin(Date.now() + 60_000)
    expect(await first.accessTokenFor(sessionId, { scope: 'orders:write' })).toBe('access-2')
    expect((await read())?.signedIn).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-2' })
  })

  it('ends the session when the provider has ended the grant', async () => {
    const session = await begin(Date.now() - 1)
    rotation.used.add('refresh-1')
    await expect(first.accessToken(sessionId, session)).rejects.toThrow(GrantEnded)
    expect((await read())?.signedIn).toBeUndefined()
  })

  it('keeps the session when the provider does not answer', async () => {
    const session = await begin(Date.now() - 1)
    const client = { refresh: () => Promise.reject(new Error('down')) } as unknown as OAuthClient
    await expect(createSessionTokens(client, stores[0]).accessToken(sessionId, session)).rejects.toThrow('down')
    expect((await read())?.signedIn).toMatchObject({ refreshToken: 'refresh-1' })
  })

  it('does not bring a session back that ended while it was renewed', async () => {
    const session = await begin(Date.now() - 1)
    const renewed = first.accessToken(sessionId, session)
    await Promise.all([renewed, second.end(sessionId)])
    expect((await read())?.signedIn).toBeUndefined()
    await expect(first.accessToken(sessionId, session)).rejects.toThrow(GrantEnded)
  })

  it('remembers which session belongs to one at the provider, once', async () => {
    await stores[0].link('sid-9', 'session-9')
    expect(await stores[1].unlink('sid-9')).toBe('session-9')
    expect(await stores[0].unlink('sid-9')).toBeUndefined()
  })

  it('goes on after work that failed', async () => {
    await expect(stores[0].exclusively('x', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    await expect(stores[1].exclusively('x', () => Promise.resolve('done'))).resolves.toBe('done')
  })
}

describe('the tokens of sessions in memory', () => {
  let shared: Promise<SessionStore> | undefined
  // One process has one memory.
  contract(() => (shared ??= createSessionStore(undefined)))
})

const describeWithRedis = redisServer === undefined ? describe.skip : describe

describeWithRedis('the tokens of sessions in Redis', () => {
  let server: ChildProcess
  let url: string

  beforeAll(async () => {
    const port = await freePort()
    url = `redis://127.0.0.1:${String(port)}`
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    server = spawn(redisServer ?? '', options, { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.stdout?.on('data', (text: Buffer) => {
        if (text.toString().includes('Ready to accept connections')) resolve()
      })
    })
  })
  contract(() => createSessionStore(url))

  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill()
    await ended
  })
})

it('has a Redis to test with, or says that it has none', () => {
  if (redisServer !== undefined) return
  if (process.env['REQUIRE_BROWSER'] !== undefined) throw new Error('There is no redis-server; REQUIRE_BROWSER is set.')
  process.stderr.write('Skipped: the tests of sessions in Redis. There is no redis-server here.\n')
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo // it listens on a port
      probe.close(() => {
        resolve(port)
      })
    })
  })
}
