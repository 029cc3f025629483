import { isWithin, type Clock } from '../lib/clock.js'

const FIRST_STEP_SECONDS = 1
const MAX_STEP_SECONDS = 60
const MAX_ASKED_SECONDS = 300

/** Failures since the last success. Times are milliseconds of the clock. */
interface Streak {
  readonly count: number
  readonly since: number
  readonly until: number
}

/** Spaces attempts out while they fail: 1, 2, 4, ... 60 seconds, each step shortened by a random part of its half. */
export class BackOff {
  readonly #clock: Clock
  #streak: Streak | undefined

  constructor(clock: Clock) {
    this.#clock = clock
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
    const count = this.failures + 1
    const step = Math.min(FIRST_STEP_SECONDS * 2 ** (count - 1), MAX_STEP_SECONDS)
    // Random, so that a fleet does not come back in one wave.
    const jittered = step * (0.5 + Math.random() / 2)
    const since = this.#clock()
    this.#streak = { count, since, until: since + Math.max(jittered, Math.min(askedSeconds, MAX_ASKED_SECONDS)) * 1000 }
  }

  /** Whether the next attempt has to wait. A clock that was set back does not make it wait longer. */
  isOn(): boolean {
    return this.#streak !== undefined && isWithin(this.#clock(), this.#streak.since, this.#streak.until)
  }

  /** Whether an attempt failed and somebody has been trying since, up to `graceSeconds` ago. */
  isCurrent(graceSeconds: number): boolean {
    const { since, until } = this.#streak ?? { since: 0, until: Number.NEGATIVE_INFINITY }
    return isWithin(this.#clock(), since, until + graceSeconds * 1000)
  }

  /** The seconds until the next attempt. */
  remainingSeconds(): number {
    return this.#streak === undefined ? 0 : Math.max(0, this.#streak.until - this.#clock()) / 1000
  }
}
