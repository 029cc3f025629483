import { ConfigurationError, UnavailableError } from '../errors.js'
import { withinDeadline } from '../lib/deadline.js'
import { cannotTell } from '../stores/cannot-tell.js'
import type { Addition, KeepingStore } from '../stores/store.js'
import type { Connection } from './connection.js'
import { fromIoRedis, type IoRedisClient } from './ioredis.js'
import { createKept } from './kept.js'
import { listen } from './listen.js'
import { fromNodeRedis, type NodeRedisClient } from './node-redis.js'

/** A client of `redis` 5 or 6, `ioredis` or `iovalkey`, for one server. */
export type RedisClient = NodeRedisClient | IoRedisClient

/** How a store uses a Redis or Valkey. */
export interface RedisStoreOptions {
  /** The client that the application has. It stays the application's: who opened it closes it. */
  readonly client: RedisClient
  /** What every key and channel begins with: `express-resource-server:` by default. */
  readonly prefix?: string
  /** How long one answer may take: 1 by default. Also how often it is tried out whether messages still come. */
  readonly timeoutSeconds?: number
}

/** Commands that the client holds while the server does not answer: more are refused at once. */
const MAX_PENDING = 10_000

/**
 * Creates a store that every process shares that uses the same Redis or Valkey.
 *
 * Whatever is not the answer that Redis gives on success cannot be told, and is 503: an error, another value, a connection
 * that is not there, silence. What the client sends later, when there is a server again, is nobody's answer.
 *
 * Entries are as safe as they are there. A fail-over to a replica that has not got the last writes, a restart without
 * persistence, and an eviction lose them: then a DPoP proof that was used can be used once more, within the minute or so in
 * which it is fresh, by somebody who has it and the access token; what was taken back is written anew by the processes that
 * are there. Set `maxmemory-policy noeviction`, and read from the
 * primary alone.
 *
 * @example
 *   const client = await createClient({ url: process.env.REDIS_URL }).on('error', console.error).connect()
 *   const store = createRedisStore({ client })
 *
 * @throws {ConfigurationError} On what is no client of these.
 */
export function createRedisStore(options: RedisStoreOptions): KeepingStore {
  const { client, prefix = 'express-resource-server:', timeoutSeconds = 1 } = options
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 60)) {
    throw new ConfigurationError('The option "timeoutSeconds" of createRedisStore must be a number over 0, up to 60.')
  }
  const connection = connectionOf(client)
  const ask = createQuestions(connection, timeoutSeconds)
  const publish = (channel: string, message: string): Promise<void> =>
    ask(() => connection.publish(channel, message), readReceivers)
  const { keep, kept } = createKept(connection, ask)
  return {
    async addIfAbsent(key, ttlSeconds) {
      if (!(ttlSeconds > 0)) throw cannotTell('a key was to be added for no time')
      return ask(() => connection.add(prefix + key, Math.ceil(ttlSeconds * 1000)), readAddition)
    },
    has: (key) => ask(() => connection.exists(prefix + key), readPresence),
    publish: (channel, message) => publish(prefix + channel, message),
    keep: (channel, message, ttlSeconds) => keep(prefix + channel, message, ttlSeconds),
    kept: (channel) => kept(prefix + channel),
    subscribe: (channel, subscriber) =>
      listen(prefix + channel, subscriber, { connection, publish, seconds: timeoutSeconds }),
  }
}

function connectionOf(client: RedisClient): Connection {
  if ('status' in client && typeof client.status === 'string') return fromIoRedis(client)
  if ('isReady' in client && typeof client.isReady === 'boolean') return fromNodeRedis(client)
  throw new ConfigurationError(
    'The option "client" of createRedisStore must be a client of "redis" 5 or 6, "ioredis" or "iovalkey", for one server.',
  )
}

/** Makes the one way in which a command is sent and its answer taken. */
function createQuestions(connection: Connection, seconds: number) {
  let pending = 0
  const send = async (command: () => Promise<unknown>): Promise<unknown> => {
    pending++
    try {
      return await command()
    } finally {
      pending--
    }
  }
  const late = (): Error => cannotTell(`Redis did not answer within ${String(seconds)} s`)
  return async <Answer>(command: () => Promise<unknown>, read: (answer: unknown) => Answer): Promise<Answer> => {
    if (!connection.isReady()) throw cannotTell('the client has no connection to Redis')
    if (pending >= MAX_PENDING) throw cannotTell(`Redis has not answered ${String(MAX_PENDING)} commands`)
    try {
      return read(await withinDeadline(send(command), { seconds, late }))
    } catch (error) {
      throw error instanceof UnavailableError ? error : cannotTell('Redis answered with an error', error)
    }
  }
}

function readAddition(answer: unknown): Addition {
  // A client that sends a command again after a reconnect may find its own entry: then nobody is told "added".
  if (answer === 'OK') return 'added'
  if (answer === null) return 'present'
  throw cannotTell('Redis answered SET with neither OK nor null')
}

function readPresence(answer: unknown): boolean {
  if (answer === 1 || answer === 0) return answer === 1
  throw cannotTell('Redis answered EXISTS with neither 1 nor 0')
}

function readReceivers(answer: unknown): void {
  if (!Number.isSafeInteger(answer)) throw cannotTell('Redis answered PUBLISH with no number')
}
