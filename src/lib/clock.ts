import { isPromised } from './take-answer.js'

/**
 * Tells the time in milliseconds since the epoch, like `Date.now`.
 *
 * Everything that needs the time receives a `Clock`, so that a test can move it.
 */
export type Clock = () => number

/** Reads the machine's clock. The only place in this library that does. */
export const systemClock: Clock = () => Date.now()

/** Wraps a clock of somebody else's: what is no time is an error, not a time at which everything is over. */
export function checkedClock(clock: Clock): Clock {
  return () => {
    const now: unknown = clock()
    if (Number.isFinite(now)) return now as number // it was just established
    isPromised(now)
    throw new TypeError('The option "clock" must tell the time at once, in milliseconds since the epoch.')
  }
}

/** Tells seconds since some instant, and never goes back: for measuring how long something took. */
export type Stopwatch = () => number

/** Reads the machine's monotonic clock. */
export const systemStopwatch: Stopwatch = () => performance.now() / 1000

/** Converts a clock's reading to seconds, without rounding. */
export function secondsOf(clock: Clock): number {
  return clock() / 1000
}

/** Whether a time lies in [from, until): with a clock that was set back to before `from` it does not. */
export function isWithin(now: number, from: number, until: number): boolean {
  return now >= from && now < until
}
