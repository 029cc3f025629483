import { jest } from '@jest/globals'
import session, { type SessionData } from 'express-session'
import { createClient } from 'redis'
import { createSessions } from '../../examples/browser/bff/create-sessions.js'
import { createSessionTokens } from '../../examples/browser/bff/session-tokens.js'
import type { Sessions } from '../../examples/browser/bff/sessions.js'
import type { OAuthClient } from '../../examples/browser/oauth-client.js'
import { findRedisServer, startRedisServer, type RedisServer } from '../../examples/processes/redis-server.js'

const redisServer = findRedisServer() ?? ''
const describeWithRedis = redisServer === '' ? describe.skip : describe

function sessionWith(expiresAt: number): SessionData {
  const tokens = { idToken: 'id', accessToken: 'access-1', expiresAt, refreshToken: 'refresh-1' }
  return { cookie: new session.Cookie(), signedIn: { name: 'ada', sub: 'ada', sid: 'sid-1', ...tokens } }
}

describeWithRedis('sessions in a Redis that fails', () => {
  let server: RedisServer
  let sessions: Sessions
  let admin: ReturnType<typeof createClient>

  beforeEach(async () => {
    server = await startRedisServer(redisServer)
    sessions = await createSessions(server.url)
    admin = createClient({ url: server.url })
    admin.on('error', () => undefined)
    await admin.connect()
    jest.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    admin.destroy()
    await sessions.close()
    await server.stop()
  })

  it("refuses to write back under a lock that has expired and is another's by now", async () => {
    await sessions.write('one', sessionWith(1))
    await sessions.exclusively('one', async (lease) => {
      await admin.set('lock:one', 'another')
      expect(await lease.replace(sessionWith(2))).toBe(false)
    })
    expect((await sessions.read('one'))?.signedIn?.expiresAt).toBe(1)
    // And the lock of the other is not taken off.
    expect(await admin.get('lock:one')).toBe('another')
  })

  it('goes on when the lock of a process that died has expired', async () => {
    await sessions.write('one', sessionWith(1))
    await admin.set('lock:one', 'a process that was killed', { PX: 60_000 })
    const done = sessions.exclusively('one', (lease) => lease.replace(sessionWith(2)))
    await admin.pExpire('lock:one', 1)
    expect(await done).toBe(true)
  })

  it('prolongs no session by writing it back', async () => {
    await sessions.write('one', sessionWith(1))
    await admin.expire('session:one', 100)
    await sessions.exclusively('one', (lease) => lease.replace(sessionWith(2)))
    expect(await admin.ttl('session:one')).toBeLessThanOrEqual(100)
  })

  it('answers in time when Redis is paused, and works on when it goes on', async () => {
    await sessions.write('one', sessionWith(1))
    server.pause()
    const calls = [
      sessions.read('one'),
      sessions.remove('two'),
      sessions.linked('sid:one'),
      sessions.exclusively('one', () => Promise.resolve()),
    ]
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
    server.resume()
    expect((await sessions.read('one'))?.signedIn?.expiresAt).toBe(1)
  })

  it('answers at once when Redis is gone', async () => {
    await server.stop()
    await expect(sessions.read('one')).rejects.toThrow()
    await expect(sessions.exclusively('one', () => Promise.resolve())).rejects.toThrow()
    const tokens = createSessionTokens({} as OAuthClient, sessions) // nobody gets as far as asking it
    expect(await tokens.leave('one')).toEqual(['session store'])
    await expect(tokens.endLinked('sid:one')).rejects.toThrow()
  })
})
