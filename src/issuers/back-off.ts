import { isWithin, type Clock } from '../lib/clock.js'

const FIRST_STEP_SECONDS = 1
const MAX_ASKED_SECONDS = 300

/** Failures since the last success. */
interface Streak {
  readonly count: number
  /** When the last attempt failed, in milliseconds of the clock. */
  readonly since: number
  /** How long the other side asked to be left alone. */
  readonly askedSeconds: number
  /** What is left of a step: from a half to the whole. */
  readonly share: number
}

/**
 * Spaces attempts out while they fail: 1, 2, 4, ... seconds, each step shortened by a random part of its half.
 *
 * The longest step is asked for whenever it matters, since it may change while nobody tries.
 */
export class BackOff {
  readonly #clock: Clock
  readonly #maxStepSeconds: () => number
  #streak: Streak | undefined

  constructor(clock: Clock, maxStepSeconds: () => number) {
    this.#clock = clock
    this.#maxStepSeconds = maxStepSeconds
  }

  /** How many attempts have failed in a row. */
  get failures(): number {
    return this.#streak?.count ?? 0
  }

  succeed(): void {
    this.#streak = undefined
  }

  /** Counts a failure. `askedSeconds` is how long the other side asked to be left alone. */
  fail(askedSeconds = 0): void {
    this.#streak = {
      count: this.failures + 1,
      since: this.#clock(),
      askedSeconds: Math.min(askedSeconds, MAX_ASKED_SECONDS),
      // Random, so that a fleet does not come back in one wave.
      share: 0.5 + Math.random() / 2,
    }
  }

  /** Whether the next attempt has to wait. A clock that was set back does not make it wait longer. */
  isOn(): boolean {
    return this.#isWithin(0)
  }

  /** Whether an attempt failed and somebody has been trying since, up to `graceSeconds` ago. */
  isCurrent(graceSeconds: number): boolean {
    return this.#isWithin(graceSeconds)
  }

  /** The seconds until the next attempt: none after a clock was set back. */
  remainingSeconds(): number {
    return this.#streak === undefined || !this.isOn() ? 0 : (this.#end(this.#streak) - this.#clock()) / 1000
  }

  #isWithin(graceSeconds: number): boolean {
    if (this.#streak === undefined) return false
    return isWithin(this.#clock(), this.#streak.since, this.#end(this.#streak) + graceSeconds * 1000)
  }

  #end({ count, since, askedSeconds, share }: Streak): number {
    const step = Math.min(FIRST_STEP_SECONDS * 2 ** (count - 1), this.#maxStepSeconds())
    return since + Math.max(step * share, askedSeconds) * 1000
  }
}
