import { MemoryStore, type Store } from 'express-rate-limit'
import { systemClock } from '../lib/clock.js'

/** Counts in memory. A window from the future, after the clock was set back, is over: nobody waits for the clock to catch up. */
export function createWindowStore(): Store {
  const counts = new MemoryStore()
  let windowMs = 0
  return {
    localKeys: true,
    init(options) {
      windowMs = options.windowMs
      counts.init(options)
    },
    async increment(key) {
      const counted = await counts.increment(key)
      const { resetTime } = counted
      if (resetTime === undefined || resetTime.getTime() <= systemClock() + windowMs) return counted
      await counts.resetKey(key)
      return counts.increment(key)
    },
    decrement: (key) => counts.decrement(key),
    resetKey: (key) => counts.resetKey(key),
  }
}
