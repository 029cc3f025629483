import { MemoryStore, type ClientRateLimitInfo, type Options as RateLimitOptions } from 'express-rate-limit'
import { systemClock } from '../lib/clock.js'

/** Counts in memory. A window from the future, after the clock was set back, is over: nobody waits for the clock to catch up. */
export class WindowStore extends MemoryStore {
  #windowMs = 0

  override init(options: RateLimitOptions): void {
    super.init(options)
    this.#windowMs = options.windowMs
  }

  override async increment(key: string): Promise<ClientRateLimitInfo> {
    const counted = await super.increment(key)
    const { resetTime } = counted
    if (resetTime === undefined || resetTime.getTime() <= systemClock() + this.#windowMs) return counted
    await this.resetKey(key)
    return super.increment(key)
  }
}
