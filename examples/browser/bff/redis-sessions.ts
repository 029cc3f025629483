import type { SessionData } from 'express-session'
import { createClient } from 'redis'
import { within } from '../deadline.js'
import { LOCK_MILLISECONDS, SESSION_SECONDS, STORE_PATIENCE_MILLISECONDS, type Sessions } from './sessions.js'

const LOCK_RETRY_MILLISECONDS = 25

/** Only its owner may take a lock off; it may have expired and be another's by now. */
const UNLOCK = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

/** Only the owner of the lock may write back, and only what is still there. The session ends when it would have ended. */
const REPLACE = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('set', KEYS[2], ARGV[2], 'XX', 'KEEPTTL') then return 1 end return 0`

/** Sessions in Redis, for several processes. A Redis that does not answer is an error in time, never a wait without end. */
export async function createRedisSessions(url: string): Promise<Sessions> {
  const socket = { connectTimeout: STORE_PATIENCE_MILLISECONDS }
  // Nothing waits for a connection to come back: the page is told to try again.
  const redis = createClient({ url, disableOfflineQueue: true, socket })
  redis.on('error', (error: Error) => {
    console.error(`Redis: ${error.message}`)
  })
  await redis.connect()

  const soon = <T>(command: Promise<T>): Promise<T> => within(STORE_PATIENCE_MILLISECONDS, command)
  const read = (text: string | null): SessionData | undefined =>
    text === null ? undefined : (JSON.parse(text) as SessionData) // `write` made it

  async function lock(key: string, owner: string): Promise<void> {
    const deadline = Date.now() + LOCK_MILLISECONDS
    while ((await soon(redis.set(key, owner, { NX: true, PX: LOCK_MILLISECONDS }))) === null) {
      if (Date.now() > deadline) throw new Error('the session stays locked')
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MILLISECONDS))
    }
  }

  return {
    read: async (sessionId) => read(await soon(redis.get(`session:${sessionId}`))),
    async write(sessionId, session) {
      await soon(redis.set(`session:${sessionId}`, JSON.stringify(session), { EX: SESSION_SECONDS }))
    },
    remove: async (sessionId) => read(await soon(redis.getDel(`session:${sessionId}`))),
    async exclusively(sessionId, work) {
      const [key, owner] = [`lock:${sessionId}`, crypto.randomUUID()]
      await lock(key, owner)
      try {
        return await work({
          async replace(session) {
            const keys = [key, `session:${sessionId}`]
            return (await soon(redis.eval(REPLACE, { keys, arguments: [owner, JSON.stringify(session)] }))) === 1
          },
        })
      } finally {
        // If that fails, the lock ends by itself.
        await soon(redis.eval(UNLOCK, { keys: [key], arguments: [owner] })).catch(() => undefined)
      }
    },
    async link(name, sessionId) {
      const now = Date.now()
      const member = { score: now + SESSION_SECONDS * 1000, value: sessionId }
      const key = `link:${name}`
      // Those that have ended by themselves go when another comes.
      await soon(redis.multi().zRemRangeByScore(key, 0, now).zAdd(key, member).expire(key, SESSION_SECONDS).exec())
    },
    linked: (name) => soon(redis.zRange(`link:${name}`, 0, -1)),
    async unlink(name, sessionId) {
      await soon(redis.zRem(`link:${name}`, sessionId))
    },
    async close() {
      await soon(redis.close()).catch(() => {
        redis.destroy()
      })
    },
  }
}
