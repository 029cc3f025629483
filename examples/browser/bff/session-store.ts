import { RedisStore } from 'connect-redis'
import session from 'express-session'
import { createClient } from 'redis'

/** Where the BFF keeps its sessions, and what it must be able to do with them beside reading and writing. */
export interface SessionStore {
  readonly store: session.Store
  /** Runs the work while nobody else runs work for that session, in any process that shares the store. */
  exclusively<T>(sessionId: string, work: () => Promise<T>): Promise<T>
  /** Remembers which session belongs to a session at the provider (`sid`). */
  link(sid: string, sessionId: string): Promise<void>
  /** Forgets it, and answers which it was. */
  unlink(sid: string): Promise<string | undefined>
  close(): Promise<void>
}

/** In this process by default; in Redis where there is a URL, so that a restart or a second process changes nothing. */
export async function createSessionStore(redisUrl: string | undefined): Promise<SessionStore> {
  return redisUrl === undefined ? createMemoryStore() : createRedisStore(redisUrl)
}

function createMemoryStore(): SessionStore {
  const bySid = new Map<string, string>()
  const tails = new Map<string, Promise<unknown>>()
  return {
    store: new session.MemoryStore(),
    async exclusively(sessionId, work) {
      const before = tails.get(sessionId) ?? Promise.resolve()
      const mine = before.catch(() => undefined).then(work)
      tails.set(sessionId, mine)
      try {
        return await mine
      } finally {
        if (tails.get(sessionId) === mine) tails.delete(sessionId)
      }
    },
    link(sid, sessionId) {
      bySid.set(sid, sessionId)
      return Promise.resolve()
    },
    unlink(sid) {
      const sessionId = bySid.get(sid)
      bySid.delete(sid)
      return Promise.resolve(sessionId)
    },
    close: () => Promise.resolve(),
  }
}

const LINK_SECONDS = 24 * 3600
/** Longer than a refresh may take, so that a process that died does not lock a user out. */
const LOCK_MILLISECONDS = 10_000
const LOCK_RETRY_MILLISECONDS = 25

async function createRedisStore(url: string): Promise<SessionStore> {
  const redis = createClient({ url })
  redis.on('error', (error: Error) => {
    console.error(`Redis: ${error.message}`)
  })
  await redis.connect()

  async function lock(key: string, owner: string): Promise<void> {
    while ((await redis.set(key, owner, { NX: true, PX: LOCK_MILLISECONDS })) === null) {
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MILLISECONDS))
    }
  }
  /** Only its owner may take a lock off; it may have expired and be another's by now. */
  async function unlock(key: string, owner: string): Promise<void> {
    const script = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
    await redis.eval(script, { keys: [key], arguments: [owner] })
  }

  return {
    store: new RedisStore({ client: redis, prefix: 'session:' }),
    async exclusively(sessionId, work) {
      const [key, owner] = [`lock:${sessionId}`, crypto.randomUUID()]
      await lock(key, owner)
      try {
        return await work()
      } finally {
        await unlock(key, owner)
      }
    },
    async link(sid, sessionId) {
      await redis.set(`sid:${sid}`, sessionId, { EX: LINK_SECONDS })
    },
    async unlink(sid) {
      return (await redis.getDel(`sid:${sid}`)) ?? undefined
    },
    async close() {
      await redis.close()
    },
  }
}
