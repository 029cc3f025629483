import { secondsOf, type Clock } from '../lib/clock.js'
import { cannotTell } from './cannot-tell.js'
import type { KeepingStore } from './store.js'

/** How long what is over is kept: a clock that is set back by less changes nothing. */
const GRACE_SECONDS = 10

/**
 * Keeps messages in memory, so many in all. It never forgets what is alive: where there is no room for one more, it says so.
 *
 * @param tell - Tells a message that is kept.
 */
export function createKeptMessages(
  { maxEntries, clock }: { readonly maxEntries: number; readonly clock: Clock },
  tell: (channel: string, message: string) => void,
): Pick<KeepingStore, 'keep' | 'kept'> {
  /** When each message is over, by channel. */
  const channels = new Map<string, Map<string, number>>()
  let size = 0

  const forget = (now: number): void => {
    for (const [channel, messages] of channels) {
      for (const [message, until] of messages) {
        if (now < until + GRACE_SECONDS) continue
        messages.delete(message)
        size--
      }
      if (messages.size === 0) channels.delete(channel)
    }
  }
  return {
    keep(channel, message, ttlSeconds) {
      if (!(ttlSeconds > 0)) throw cannotTell('a message was to be kept for no time')
      const now = secondsOf(clock)
      if (size >= maxEntries) forget(now)
      const messages = channels.get(channel) ?? new Map<string, number>()
      const known = messages.get(message)
      if (known === undefined) {
        if (size >= maxEntries) throw cannotTell(`the store in memory is full: it keeps ${String(maxEntries)} messages`)
        size++
      }
      channels.set(channel, messages.set(message, Math.max(known ?? 0, Math.ceil(now + ttlSeconds))))
      tell(channel, message)
    },
    kept(channel) {
      const now = secondsOf(clock)
      forget(now)
      return [...(channels.get(channel) ?? [])].filter(([, until]) => now < until).map(([message]) => message)
    },
  }
}
