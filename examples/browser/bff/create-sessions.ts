import { createMemorySessions } from './memory-sessions.js'
import { createRedisSessions } from './redis-sessions.js'
import type { Sessions } from './sessions.js'

/** In this process by default; in Redis where there is a URL, so that sessions outlive it and several share them. */
export async function createSessions(redisUrl: string | undefined): Promise<Sessions> {
  return redisUrl === undefined ? createMemorySessions() : createRedisSessions(redisUrl)
}
