import session, { type SessionData } from 'express-session'
import { createSessions } from '../../examples/browser/bff/create-sessions.js'
import { createSessionTokens, linkOfSid, type SessionTokens } from '../../examples/browser/bff/session-tokens.js'
import { LOCK_MILLISECONDS, STORE_PATIENCE_MILLISECONDS, type Sessions } from '../../examples/browser/bff/sessions.js'
import { GrantEnded, PATIENCE_MILLISECONDS, type OAuthClient } from '../../examples/browser/oauth-client.js'
import { findRedisServer, startRedisServer, type RedisServer } from '../../examples/processes/redis-server.js'

const redisServer = findRedisServer() ?? ''
const describeWithRedis = redisServer === '' ? describe.skip : describe

/** A provider that rotates, and that takes a refresh token for stolen when it comes a second time. */
function createRotation() {
  const used = new Set<string>()
  const revoked: string[] = []
  let issued = 1
  let held: Promise<void> = Promise.resolve()
  let asked: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const refresh: OAuthClient['refresh'] = async (presented) => {
    asked()
    await held
    // Gives others the time to do the same.
    await new Promise((resolve) => setImmediate(resolve))
    if (used.has(presented)) throw new GrantEnded('reuse')
    used.add(presented)
    issued += 1
    const name = String(issued)
    return { access_token: `access-${name}`, refresh_token: `refresh-${name}`, token_type: 'bearer', expires_in: 60 }
  }
  const revoke: OAuthClient['revoke'] = (token) => {
    revoked.push(token)
    return Promise.resolve()
  }
  const client = { refresh, revoke } as OAuthClient // nothing else of it is asked for here
  return {
    client,
    used,
    revoked,
    isAsked: () => isAsked,
    /** Lets refreshes wait until they are released. */
    hold() {
      let release: () => void = () => undefined
      held = new Promise((resolve) => (release = resolve))
      return release
    },
  }
}

function sessionWith(expiresAt: number): SessionData {
  const signedIn = {
    name: 'ada',
    sub: 'ada',
    sid: 'sid-1',
    idToken: 'id',
    accessToken: 'access-1',
    expiresAt,
    refreshToken: 'refresh-1',
  }
  const cookie = new session.Cookie()
  return { cookie, signedIn }
}

function contract(open: () => Promise<Sessions>): void {
  let stores: readonly [Sessions, Sessions]
  let rotation: ReturnType<typeof createRotation>
  let first: SessionTokens
  let second: SessionTokens
  let id = 0
  let sessionId = ''

  const read = () => stores[0].read(sessionId)

  async function begin(expiresAt: number): Promise<SessionData> {
    id += 1
    sessionId = `session-${String(id)}`
    const session = sessionWith(expiresAt)
    await stores[0].write(sessionId, session)
    return session
  }

  beforeAll(async () => {
    const one = await open()
    stores = [one, await open()]
  })
  beforeEach(() => {
    rotation = createRotation()
    first = createSessionTokens(rotation.client, stores[0])
    second = createSessionTokens(rotation.client, stores[1])
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
    expect(await read()).toBeUndefined()
  })

  it('keeps the session when the provider does not answer', async () => {
    const session = await begin(Date.now() - 1)
    const client = { refresh: () => Promise.reject(new Error('down')) } as unknown as OAuthClient
    await expect(createSessionTokens(client, stores[0]).accessToken(sessionId, session)).rejects.toThrow('down')
    expect((await read())?.signedIn).toMatchObject({ refreshToken: 'refresh-1' })
  })

  it('ends a session while it is renewed, does not wait, and does not let it come back', async () => {
    const session = await begin(Date.now() - 1)
    const release = rotation.hold()
    const renewed = first.accessToken(sessionId, session)
    await rotation.isAsked()
    expect(await second.leave(sessionId)).toEqual([])
    expect(await read()).toBeUndefined()
    release()
    await expect(renewed).rejects.toThrow(GrantEnded)
    expect(await read()).toBeUndefined()
    // What was issued for nobody is given back.
    expect(rotation.revoked).toEqual(['refresh-1', 'refresh-2'])
    await expect(first.accessToken(sessionId, session)).rejects.toThrow(GrantEnded)
  })

  it('ends the session here when the provider cannot be told, and says so', async () => {
    await begin(Date.now() + 60_000)
    const client = { revoke: () => Promise.reject(new Error('down')) } as unknown as OAuthClient
    expect(await createSessionTokens(client, stores[0]).leave(sessionId)).toEqual(['provider'])
    expect(await read()).toBeUndefined()
  })

  it('ends all sessions that a browser began in one session at the provider', async () => {
    await begin(Date.now() + 60_000)
    const other = `${sessionId}-in-another-tab`
    await stores[1].write(other, sessionWith(Date.now() + 60_000))
    for (const one of [sessionId, other]) await stores[0].link(linkOfSid('sid-1'), one)
    expect(await first.leave(sessionId)).toEqual([])
    expect([await stores[0].read(sessionId), await stores[0].read(other)]).toEqual([undefined, undefined])
    expect(await stores[1].linked(linkOfSid('sid-1'))).toEqual([])
  })

  it('ends all sessions of a user, and leaves those of others', async () => {
    await begin(Date.now() + 60_000)
    const [other, stranger] = [`${sessionId}-elsewhere`, `${sessionId}-of-bob`]
    for (const one of [other, stranger]) await stores[1].write(one, sessionWith(Date.now() + 60_000))
    for (const one of [sessionId, other]) await stores[0].link('sub:carol', one)
    await stores[0].link('sub:bob', stranger)
    await second.endLinked('sub:carol')
    const left = await Promise.all([sessionId, other, stranger].map((one) => stores[0].read(one)))
    expect(left.map((one) => one !== undefined)).toEqual([false, false, true])
    expect(await stores[0].linked('sub:carol')).toEqual([])
    await stores[0].unlink('sub:bob', stranger)
  })

  it('keeps the names of a session until it has ended, so that what failed can be said again', async () => {
    await begin(Date.now() + 60_000)
    await stores[0].link('sid:failing', sessionId)
    const failing = { ...stores[0], remove: () => Promise.reject(new Error('down')) }
    await expect(createSessionTokens(rotation.client, failing).endLinked('sid:failing')).rejects.toThrow()
    expect(await stores[1].linked('sid:failing')).toEqual([sessionId])
    await first.endLinked('sid:failing')
    expect(await read()).toBeUndefined()
  })

  it('does not bring back a session that somebody else wrote meanwhile', async () => {
    await begin(Date.now() + 60_000)
    await stores[0].exclusively(sessionId, async (lease) => {
      await stores[1].remove(sessionId)
      expect(await lease.replace(sessionWith(0))).toBe(false)
    })
    expect(await read()).toBeUndefined()
  })

  it('lets nobody write back whose turn is over', async () => {
    await begin(Date.now() + 60_000)
    const lease = await stores[0].exclusively(sessionId, (mine) => Promise.resolve(mine))
    expect(await lease.replace(sessionWith(0))).toBe(false)
    expect((await read())?.signedIn?.expiresAt).toBeGreaterThan(0)
  })

  it('goes on after work that failed', async () => {
    await expect(stores[0].exclusively('x', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    await expect(stores[1].exclusively('x', () => Promise.resolve('done'))).resolves.toBe('done')
  })
}

it('locks a session for longer than the work under the lock can take', () => {
  expect(LOCK_MILLISECONDS).toBeGreaterThan(PATIENCE_MILLISECONDS + 2 * STORE_PATIENCE_MILLISECONDS)
})

describe('the tokens of sessions in memory', () => {
  let shared: Promise<Sessions> | undefined
  // One process has one memory.
  contract(() => (shared ??= createSessions(undefined)))
})

describeWithRedis('the tokens of sessions in Redis', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedisServer(redisServer)
  })
  afterAll(() => server.stop())
  contract(() => createSessions(server.url))
})

it('has a Redis to test with, or says that it has none', () => {
  if (redisServer !== '') return
  if (process.env['REQUIRE_SERVICES'] !== undefined)
    throw new Error('There is no redis-server; REQUIRE_SERVICES is set.')
  process.stderr.write('Skipped: the tests of sessions in Redis. There is no redis-server here.\n')
})
