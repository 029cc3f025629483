import { UnavailableError } from '../errors.js'
import { publish } from '../events.js'
import { isWithin, systemStopwatch, type Clock, type Stopwatch } from '../lib/clock.js'
import { FetchError } from '../lib/fetch-json.js'
import { createSingleFlight } from '../lib/single-flight.js'
import { withoutStack } from '../lib/without-stack.js'
import { trace } from '../tracing.js'
import type { Algorithm } from './algorithms.js'
import { createAskedNames } from './asked-names.js'
import { BackOff } from './back-off.js'
import { describeSkipped } from './describe-skipped.js'
import type { KeySource } from './discover-keys.js'
import { createKeyIndex, type KeyIndex, type WantedKey } from './key-index.js'
import { KeyLoader } from './key-loader.js'
import type { KeySet } from './key-set.js'
import type { LoadGates } from './load-gates.js'
import type { KeysByFingerprint, VerificationKey } from './verification-key.js'

/** How long keys count. All in seconds. */
export interface KeyLifetimes {
  /** How long fetched keys are fresh, whatever the issuer says; undefined: as long as it says, from 1 minute to 1 hour. */
  readonly freshSeconds: number | undefined
  /** How long after they were fetched keys may serve while newer ones cannot be had. */
  readonly maxStaleSeconds: number
  /** The least time between two fetches that unknown key names bring about. */
  readonly cooldownSeconds: number
  /** For one load, from when it is wanted to the last byte, metadata and the wait for a place included. */
  readonly timeoutSeconds: number
}

export interface RemoteKeySetOptions {
  readonly source: KeySource
  readonly lifetimes: KeyLifetimes
  readonly algorithms: readonly Algorithm[]
  /** Shared with the other issuers. */
  readonly gates: LoadGates
  readonly clock: Clock
  /** Measures loads. */
  readonly stopwatch?: Stopwatch
}

const DEFAULT_FRESH_SECONDS = 600
const MIN_FRESH_SECONDS = 60
const MAX_FRESH_SECONDS = 3600
/** For so long past freshness a request is served at once while the refresh runs; later it waits for the refresh. */
const SERVE_WHILE_REVALIDATING_SECONDS = 60
/** The longest time between two attempts while keys at hand keep serving. */
const MAX_STEP_SECONDS = 60
/** The same while there are none, and every request is answered 503. */
const MAX_STEP_WITHOUT_KEYS_SECONDS = 10
/** So many names of withdrawn keys are known, of 256 characters at most. */
const MAX_WITHDRAWN = 32
/** `Retry-After` for who asks after `close()`. */
const CLOSED_RETRY_SECONDS = 5

const NOT_LOOKED_FOR =
  'the issuer has no key of that name at hand, and was asked so lately that it is asked again only after "keys.cooldownSeconds"'

/** Keys as last fetched. Times are milliseconds of the clock. */
interface LoadedKeys {
  readonly index: KeyIndex
  readonly byFingerprint: KeysByFingerprint
  /** That of the load: the first is 1. */
  readonly number: number
  readonly loadedAt: number
  readonly freshUntil: number
  readonly staleUntil: number
}

/**
 * Keeps the keys of one issuer at hand: fresh, then served while one refresh runs behind, then served while the issuer is
 * down, each within bounds.
 *
 * An unknown key name, or a signature that fails by a known one, may bring about one fetch in each cooldown, and such fetches
 * alone start the cooldown: a key that is published right after a load or a routine refresh is found at once, and a flood of
 * made-up names costs one fetch and no caller with a known key. A name that was asked for before the latest set was fetched
 * and is not in it is unknown; any other that is not there cannot be decided, which is an {@link UnavailableError}.
 */
export class RemoteKeySet implements KeySet {
  readonly #options: RemoteKeySetOptions
  readonly #loader: KeyLoader
  readonly #backOff: BackOff
  readonly #describe = () => ({ issuer: this.#options.source.issuer })
  readonly #refresh = createSingleFlight(() => trace('keys.load', this.#describe, () => this.#load()))
  readonly #asked = createAskedNames()
  #loaded: LoadedKeys | undefined
  /** Names of earlier sets that the latest one does not have any more, the latest first. */
  #withdrawn: readonly string[] = []
  /** Why the latest load failed, for whoever is refused until the next one. */
  #failure: FetchError | undefined
  #cooldownFrom = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: RemoteKeySetOptions) {
    this.#options = options
    this.#loader = new KeyLoader(options)
    this.#backOff = new BackOff(options.clock, () =>
      this.#usable(options.clock()) === undefined ? MAX_STEP_WITHOUT_KEYS_SECONDS : MAX_STEP_SECONDS,
    )
  }

  find(wanted: WantedKey): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    const now = this.#options.clock()
    const loaded = this.#usable(now)
    if (loaded === undefined) return this.#findInFirstLoad(wanted)
    if (now >= loaded.freshUntil) {
      if (this.#mustWaitForRefresh(loaded, now)) return this.#findAfterRefresh(wanted)
      if (this.#mayFetch()) this.#refresh.run().catch(() => undefined)
    }
    return loaded.index.find(wanted) ?? this.#findUnknown(wanted)
  }

  peek(wanted: WantedKey): VerificationKey | undefined {
    return this.#usable(this.#options.clock())?.index.find(wanted)
  }

  findOther(
    wanted: WantedKey,
    than: VerificationKey,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    const look = (): VerificationKey | undefined => {
      const key = this.peek(wanted)
      return key === than ? undefined : key
    }
    return look() ?? this.#lookFurther(look)
  }

  explain(wanted: WantedKey): string | undefined {
    return this.#usable(this.#options.clock())?.index.explain(wanted)
  }

  async ready(): Promise<void> {
    if (this.#usable(this.#options.clock()) === undefined) await this.#loadOrRefuse()
  }

  close(): void {
    this.#closed = true
    this.#loader.close()
  }

  /** The loaded keys, unless they are older than anybody should trust. */
  #usable(now: number): LoadedKeys | undefined {
    // The clock was set back: nobody knows how old the keys are, so they count as stale from now on.
    if (this.#loaded !== undefined && now < this.#loaded.loadedAt) this.#loaded = this.#stamp(this.#loaded, now, 0)
    return this.#loaded !== undefined && now < this.#loaded.staleUntil ? this.#loaded : undefined
  }

  #mayFetch(): boolean {
    return !this.#closed && !this.#backOff.isOn()
  }

  /** Joins a fetch that is under way, or starts one where that is allowed. */
  async #loadOrRefuse(): Promise<void> {
    if (this.#refresh.pending() === undefined && !this.#mayFetch()) throw this.#unavailable()
    await this.#refresh.run()
  }

  async #findInFirstLoad(wanted: WantedKey): Promise<VerificationKey | undefined> {
    const isLookedFor = this.#ask(wanted)
    await this.#loadOrRefuse()
    return this.peek(wanted) ?? (isLookedFor() ? undefined : this.#findUnknown(wanted))
  }

  /**
   * After an idle time the first request waits, so that a key withdrawn meanwhile is not used once more. Not so while the
   * issuer is known to be down.
   */
  #mustWaitForRefresh(loaded: LoadedKeys, now: number): boolean {
    const idle = now >= loaded.freshUntil + SERVE_WHILE_REVALIDATING_SECONDS * 1000
    return idle && !this.#closed && !this.#backOff.isCurrent(SERVE_WHILE_REVALIDATING_SECONDS)
  }

  async #findAfterRefresh(wanted: WantedKey): Promise<VerificationKey | undefined> {
    const isLookedFor = this.#ask(wanted)
    const refreshed = await this.#refresh.run().then(
      () => true,
      () => false,
    )
    const key = this.peek(wanted)
    return key !== undefined || (refreshed && isLookedFor()) ? key : this.#findUnknown(wanted)
  }

  async #findUnknown(wanted: WantedKey): Promise<VerificationKey | undefined> {
    const isLookedFor = this.#ask(wanted)
    const key = await this.#lookFurther(() => this.peek(wanted))
    // Where the set itself says why no key of that name fits, it has been looked at, whatever the issuer does now.
    if (key !== undefined || this.#usable(this.#options.clock())?.index.knows(wanted) === true) return key
    const retryAfterSeconds = Math.max(this.#cooldownSeconds(), this.#backOff.remainingSeconds())
    if (this.#closed || this.#backOff.failures > 0) throw this.#unavailable({ retryAfterSeconds })
    if (isLookedFor()) return undefined
    throw this.#unavailable({ retryAfterSeconds, detail: NOT_LOOKED_FOR })
  }

  /** Waits for the loads that are under way, and then for the one that the budget has room for, until one brings the key. */
  async #lookFurther(look: () => VerificationKey | undefined): Promise<VerificationKey | undefined> {
    for (let load = this.#refresh.pending(); load !== undefined; load = this.#refresh.pending()) {
      await load.catch(() => undefined)
      const key = look()
      if (key !== undefined) return key
    }
    if (!this.#mayFetch() || !this.#spendBudget()) return undefined
    await this.#refresh.run().catch(() => undefined)
    return look()
  }

  /** Notes that a name is asked for, and tells from then on whether it has been looked for in the latest set. */
  #ask(wanted: WantedKey): () => boolean {
    const firstAsked = this.#asked.firstAsked(wanted, this.#loader.started)
    const isWithdrawn = (): boolean => wanted.kid !== undefined && this.#withdrawn.includes(wanted.kid)
    return () => this.#loaded !== undefined && (firstAsked < this.#loaded.number || isWithdrawn())
  }

  /** Takes the one fetch of a cooldown that tokens may bring about. */
  #spendBudget(): boolean {
    if (this.#cooldownSeconds() > 0) return false
    this.#cooldownFrom = this.#options.clock()
    return true
  }

  /** The seconds until tokens may bring about a fetch. A clock that was set back ends the cooldown. */
  #cooldownSeconds(): number {
    const now = this.#options.clock()
    const until = this.#cooldownFrom + this.#options.lifetimes.cooldownSeconds * 1000
    return isWithin(now, this.#cooldownFrom, until) ? (until - now) / 1000 : 0
  }

  async #load(): Promise<void> {
    const { source, clock, gates, stopwatch = systemStopwatch } = this.#options
    const startedAt = stopwatch()
    const ageSeconds = this.#ageSeconds()
    try {
      const { keys, skipped, maxAgeSeconds, number } = await this.#loader.load({
        gate: this.#usable(clock()) === undefined ? gates.first : gates.refresh,
        failures: this.#backOff.failures,
        known: this.#loaded?.byFingerprint,
      })
      const reasons = describeSkipped(skipped)
      if (keys.size === 0) {
        const why = reasons.length === 0 ? 'it is empty' : reasons.join(', ')
        throw new FetchError(`The key set of ${source.issuer} holds no usable key: ${why}`)
      }
      const announced = Math.min(Math.max(maxAgeSeconds ?? DEFAULT_FRESH_SECONDS, MIN_FRESH_SECONDS), MAX_FRESH_SECONDS)
      const fresh = this.#options.lifetimes.freshSeconds ?? announced
      const index = createKeyIndex({ keys, skipped })
      this.#noteWithdrawn(index.names)
      this.#loaded = this.#stamp({ index, byFingerprint: keys, number }, clock(), fresh)
      this.#backOff.succeed()
      this.#failure = undefined
      const durationSeconds = stopwatch() - startedAt
      publish('keys.refreshed', () => {
        return { issuer: source.issuer, keys: keys.size, skipped: skipped.length, reasons, durationSeconds, ageSeconds }
      })
    } catch (error) {
      // Of anything else nobody knows whether it holds a secret.
      this.#failure =
        error instanceof FetchError ? error : new FetchError(`The keys of ${source.issuer} cannot be read`)
      const { message: reason, retryAfterSeconds } = this.#failure
      this.#backOff.fail(retryAfterSeconds)
      const told = { issuer: source.issuer, reason, durationSeconds: stopwatch() - startedAt }
      const oldSeconds = this.#ageSeconds()
      publish('keys.failed', () => ({ ...told, stale: oldSeconds !== undefined, ageSeconds: oldSeconds }))
      throw this.#unavailable()
    }
  }

  /** How long ago the keys were fetched that serve; undefined where none do. */
  #ageSeconds(now = this.#options.clock()): number | undefined {
    const loaded = this.#usable(now)
    return loaded && (now - loaded.loadedAt) / 1000
  }

  /** A name that stood in an earlier set has been looked for in the latest one: whoever holds its tokens must hear of it. */
  #noteWithdrawn(names: readonly string[]): void {
    const published = new Set(names)
    const earlier = new Set([...(this.#loaded?.index.names ?? []), ...this.#withdrawn])
    this.#withdrawn = [...earlier].filter((name) => !published.has(name)).slice(0, MAX_WITHDRAWN)
  }

  #stamp(
    { index, byFingerprint, number }: Pick<LoadedKeys, 'index' | 'byFingerprint' | 'number'>,
    now: number,
    freshSeconds: number,
  ): LoadedKeys {
    const freshUntil = now + freshSeconds * 1000
    const staleUntil = Math.max(freshUntil, now + this.#options.lifetimes.maxStaleSeconds * 1000)
    return { index, byFingerprint, number, loadedAt: now, freshUntil, staleUntil }
  }

  #unavailable({
    retryAfterSeconds = this.#backOff.remainingSeconds(),
    detail,
  }: { readonly retryAfterSeconds?: number; readonly detail?: string } = {}): UnavailableError {
    const init = this.#closed
      ? { retryAfterSeconds: CLOSED_RETRY_SECONDS }
      : { detail: this.#failure?.message ?? detail, cause: this.#failure, retryAfterSeconds }
    return withoutStack(() => new UnavailableError('issuer_unavailable', init))
  }
}
