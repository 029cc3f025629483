import { cannotTell } from '../stores/cannot-tell.js'
import type { KeepingStore } from '../stores/store.js'
import type { Connection } from './connection.js'

/** Sends a command and reads its answer, within a deadline. */
type Ask = <Answer>(command: () => Promise<unknown>, read: (answer: unknown) => Answer) => Promise<Answer>

/**
 * A sorted set for each channel: its messages, by when they are over by the clock of Redis. As one script, so that what is kept
 * is told, and a time is never made shorter. The set itself is over with the last of them.
 */
const KEEP = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local over = now + tonumber(ARGV[3])
local known = redis.call('ZSCORE', KEYS[1], ARGV[2])
if not known or tonumber(known) < over then
  redis.call('ZADD', KEYS[1], string.format('%.0f', over), ARGV[2])
end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', tonumber(last[2])))
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
`

/** One page. What is in the set from the first page to the last is on one of them. */
const KEPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local page = redis.call('ZSCAN', KEYS[1], ARGV[1], 'COUNT', 1000)
local alive = {}
for i = 1, #page[2], 2 do
  if tonumber(page[2][i + 1]) > now then alive[#alive + 1] = page[2][i] end
end
return { page[1], alive }
`

/** Keeps messages in Redis, version 5 or later, or Valkey. */
export function createKept(connection: Connection, ask: Ask): Pick<KeepingStore, 'keep' | 'kept'> {
  const keyOf = (channel: string): string => `${channel}:kept`
  return {
    async keep(channel, message, ttlSeconds) {
      if (!(ttlSeconds > 0)) throw cannotTell('a message was to be kept for no time')
      const milliseconds = String(Math.ceil(ttlSeconds * 1000))
      await ask(() => connection.evaluate(KEEP, keyOf(channel), [channel, message, milliseconds]), readDone)
    },
    async kept(channel) {
      const messages = new Set<string>()
      let cursor = '0'
      do {
        const from = cursor
        const page = await ask(() => connection.evaluate(KEPT, keyOf(channel), [from]), readPage)
        for (const message of page.messages) messages.add(message)
        cursor = page.cursor
      } while (cursor !== '0')
      return [...messages]
    },
  }
}

function readDone(answer: unknown): void {
  if (answer !== 1) throw cannotTell('Redis did not answer the script that keeps a message with 1')
}

function readPage(answer: unknown): { readonly cursor: string; readonly messages: readonly string[] } {
  const parts: readonly unknown[] = Array.isArray(answer) ? answer : []
  const [cursor, messages] = parts
  if (typeof cursor === 'string' && Array.isArray(messages) && messages.every((one) => typeof one === 'string')) {
    return { cursor, messages }
  }
  throw cannotTell('Redis answered the script that reads what is kept with no page')
}
