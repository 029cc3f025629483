import { BackOff } from '../issuers/back-off.js'
import { isWithin, type Clock } from '../lib/clock.js'

/** So many calls that failed in a row are no accident. */
const MANY_FAILURES = 4
/** For so long after a good answer nobody counts as down. */
const GOOD_SECONDS = 10
const MAX_STEP_SECONDS = 10

/**
 * Keeps calls away from somebody who does not answer. What comes of a call about somebody's token only raises a doubt, since that
 * token may be the cause: whoever sees the doubt tries with a token of its own, and nothing but the failure of that makes a
 * pause. It grows while it goes on, and ends with a doubt. Good answers are the better witnesses: while there are any, there is
 * neither a doubt nor a pause.
 */
export class Circuit {
  readonly #clock: Clock
  readonly #backOff: BackOff
  #failures = 0
  /** In milliseconds of the clock. */
  #goodAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
    this.#backOff = new BackOff(clock, () => MAX_STEP_SECONDS)
  }

  /** How many pauses in a row there were. */
  get pauses(): number {
    return this.#backOff.failures
  }

  /** The seconds until a call may be made; 0 for now. */
  remainingSeconds(): number {
    return this.#backOff.remainingSeconds()
  }

  isDoubtful(): boolean {
    return (this.pauses > 0 || this.#failures >= MANY_FAILURES) && !this.#wasGoodLately()
  }

  succeed(): void {
    this.#failures = 0
    this.#goodAt = this.#clock()
    this.#backOff.succeed()
  }

  /** Notes that a call about somebody's token failed, one that asked to be left alone like many. */
  fail(asksForPause: boolean): void {
    this.#failures = asksForPause ? MANY_FAILURES : this.#failures + 1
  }

  /** Begins a pause. @param seconds - How long the other side asked to be left alone. */
  pause(seconds?: number): void {
    // Of two that were under way together the second does not lengthen it.
    if (!this.#wasGoodLately() && !this.#backOff.isOn()) this.#backOff.fail(seconds)
  }

  #wasGoodLately(): boolean {
    return isWithin(this.#clock(), this.#goodAt, this.#goodAt + GOOD_SECONDS * 1000)
  }
}
