import { secondsOf, systemClock, type Clock } from '../lib/clock.js'
import { cannotTell } from './cannot-tell.js'
import { createChannels } from './channels.js'
import { createKeptMessages } from './kept-messages.js'
import type { Addition, KeepingStore } from './store.js'

/** What a store in memory may hold, and by which clock. */
export interface MemoryStoreOptions {
  /** How many keys, and how many kept messages: 100,000 of each by default, at 120 bytes and their length each. */
  readonly maxEntries?: number
  readonly clock?: Clock
}

const MAX_ENTRIES = 100_000
/** How many entries each call looks at, to forget those that are over: with four, they take a third more room at most. */
const LOOKS = 4
/** The same when there is no room left. */
const LOOKS_WHEN_FULL = 256
/** How long what is over is kept: a clock that is set back by less changes nothing. */
const GRACE_SECONDS = 10

/**
 * Creates a store for one process: what it holds is not shared, and ends with it: of what was added before
 * a restart it cannot tell.
 *
 * It never forgets what is alive: where there is no room for one more, it cannot tell. Nor can it where the clock was set
 * back to before something that it has forgotten. Each call does a bounded amount of work.
 *
 * @example
 *   const store = createMemoryStore({ maxEntries: 1_000_000 })
 */
export function createMemoryStore({
  maxEntries = MAX_ENTRIES,
  clock = systemClock,
}: MemoryStoreOptions = {}): KeepingStore {
  /** When each key is over, in whole seconds: as such it takes no room of its own. */
  const entries = new Map<string, number>()
  let hand = entries.entries()
  let forgottenUntil = Number.NEGATIVE_INFINITY

  /** Goes on around the entries, and forgets those that are over. */
  const forget = (now: number, looks: number): void => {
    for (let i = 0; i < looks && entries.size > 0; i++) {
      const { done, value } = hand.next()
      if (done === true) {
        hand = entries.entries()
        continue
      }
      const [key, until] = value
      if (now < until + GRACE_SECONDS) continue
      entries.delete(key)
      forgottenUntil = Math.max(forgottenUntil, until)
    }
  }

  const isAlive = (key: string, now: number): boolean => {
    const until = entries.get(key)
    if (until !== undefined) return now < until
    if (now < forgottenUntil) throw cannotTell('the clock was set back to before what has been forgotten')
    return false
  }

  const { publish, subscribe } = createChannels()

  return {
    ...createKeptMessages({ maxEntries, clock }, publish),
    addIfAbsent(key, ttlSeconds): Addition {
      if (!(ttlSeconds > 0)) throw cannotTell('a key was to be added for no time')
      const now = secondsOf(clock)
      forget(now, LOOKS)
      if (isAlive(key, now)) return 'present'
      if (entries.size >= maxEntries) forget(now, LOOKS_WHEN_FULL)
      if (entries.size >= maxEntries && !entries.has(key)) {
        throw cannotTell(`the store in memory is full: it holds ${String(maxEntries)} keys`)
      }
      entries.set(key, Math.ceil(now + ttlSeconds))
      return 'added'
    },
    has(key) {
      const now = secondsOf(clock)
      forget(now, LOOKS)
      return isAlive(key, now)
    },
    publish,
    subscribe,
  }
}
