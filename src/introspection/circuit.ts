import { BackOff } from '../issuers/back-off.js'
import type { Clock } from '../lib/clock.js'

/** Of so many latest calls it is looked at how many failed. */
const WINDOW = 20
/** Fewer failures than these are no outage. */
const MIN_FAILURES = 5
const MAX_STEP_SECONDS = 10
/** For whoever comes while one call tries. */
const PROBE_RETRY_SECONDS = 1

/**
 * Keeps calls away from somebody who does not answer. Half of the latest calls must have failed, five at least: one token that
 * makes an endpoint fall over stops nobody else. Then there is a pause, which grows while it goes on, and after it one call tries.
 */
export class Circuit {
  readonly #backOff: BackOff
  #latest: readonly boolean[] = []
  #isProbing = false

  constructor(clock: Clock) {
    this.#backOff = new BackOff(clock, () => MAX_STEP_SECONDS)
  }

  /** How many pauses in a row there were. */
  get pauses(): number {
    return this.#backOff.failures
  }

  /** The seconds until a call may be made; 0 for now. */
  remainingSeconds(): number {
    if (this.#backOff.isOn()) return this.#backOff.remainingSeconds()
    return this.#isProbing ? PROBE_RETRY_SECONDS : 0
  }

  /** Makes way for a call, which is then to be concluded: 0; or says in how many seconds it may be made. */
  enter(): number {
    const seconds = this.remainingSeconds()
    if (seconds > 0) return seconds
    this.#isProbing = this.pauses > 0
    return 0
  }

  /** A call ended in which the other side said nothing of itself: it was never made, say. */
  leave(): void {
    this.#isProbing = false
  }

  succeed(): void {
    this.#isProbing = false
    if (this.pauses > 0) this.#latest = []
    this.#note(true)
    this.#backOff.succeed()
  }

  /** @param pauseSeconds - How long the other side asked to be left alone; then, and with 0, there is a pause at once. */
  fail(pauseSeconds?: number): void {
    const wasProbing = this.#isProbing
    this.#isProbing = false
    this.#note(false)
    const failures = this.#latest.filter((isGood) => !isGood).length
    const isOutage = failures >= MIN_FAILURES && failures * 2 >= this.#latest.length
    if (wasProbing || isOutage || pauseSeconds !== undefined) {
      // Calls that were under way when the pause began do not lengthen it.
      if (!this.#backOff.isOn()) this.#backOff.fail(pauseSeconds)
    }
  }

  #note(isGood: boolean): void {
    this.#latest = [...this.#latest, isGood].slice(-WINDOW)
  }
}
