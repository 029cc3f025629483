import { UnavailableError } from '../errors.js'
import { publish } from '../events.js'
import { isWithin, type Clock } from '../lib/clock.js'
import { FetchError } from '../lib/fetch-json.js'
import { createSingleFlight } from '../lib/single-flight.js'
import type { Algorithm } from '../lib/algorithms.js'
import { BackOff } from './back-off.js'
import { fetchKeySet, KeyLocation, type KeySource } from './discover-keys.js'
import { createKeyIndex, type KeyIndex, type WantedKey } from './key-index.js'
import type { KeySet } from './key-set.js'
import { importKeys, type KeysByFingerprint, type VerificationKey } from './verification-key.js'

/** How long keys count. All in seconds. */
export interface KeyLifetimes {
  /** How long fetched keys are fresh, whatever the issuer says; undefined: as long as it says, from 1 minute to 1 hour. */
  readonly freshSeconds: number | undefined
  /** How long after they were fetched keys may serve while newer ones cannot be had. */
  readonly maxStaleSeconds: number
  /** The least time between two fetches that unknown key names bring about. */
  readonly cooldownSeconds: number
  /** For one load, from the first byte asked for to the last one read, metadata included. */
  readonly timeoutSeconds: number
}

export interface RemoteKeySetOptions {
  readonly source: KeySource
  readonly lifetimes: KeyLifetimes
  readonly algorithms: readonly Algorithm[]
  readonly clock: Clock
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
/** `Retry-After` for who asks after `close()`. */
const CLOSED_RETRY_SECONDS = 5

/** Keys as last fetched. Times are milliseconds of the clock. */
interface LoadedKeys {
  readonly index: KeyIndex
  readonly byFingerprint: KeysByFingerprint
  readonly loadedAt: number
  readonly freshUntil: number
  readonly staleUntil: number
}

/**
 * Keeps the keys of one issuer at hand: fresh, then served while one refresh runs behind, then served while the issuer is
 * down, each within bounds.
 *
 * An unknown key name may bring about one fetch in each cooldown, and such fetches alone start the cooldown: a key that
 * is published right after a load or a routine refresh is found at once, and a flood of made-up names costs one fetch and
 * no caller with a known key. What cannot be decided is an {@link UnavailableError}.
 */
export class RemoteKeySet implements KeySet {
  readonly #options: RemoteKeySetOptions
  readonly #location: KeyLocation
  readonly #backOff: BackOff
  readonly #refresh = createSingleFlight(() => this.#load())
  #loaded: LoadedKeys | undefined
  /** Why the latest load failed, for whoever is refused until the next one. */
  #failure: string | undefined
  #cooldownFrom = Number.NEGATIVE_INFINITY
  #exchange: AbortController | undefined
  #closed = false

  constructor(options: RemoteKeySetOptions) {
    this.#options = options
    this.#location = new KeyLocation(options.source, options.clock)
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

  async ready(): Promise<void> {
    if (this.#usable(this.#options.clock()) === undefined) await this.#loadOrRefuse()
  }

  close(): void {
    this.#closed = true
    this.#exchange?.abort()
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
    await this.#loadOrRefuse()
    return this.peek(wanted)
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
    const refreshed = await this.#refresh.run().then(
      () => true,
      () => false,
    )
    const key = this.peek(wanted)
    return key === undefined && !refreshed ? this.#findUnknown(wanted) : key
  }

  async #findUnknown(wanted: WantedKey): Promise<VerificationKey | undefined> {
    for (let refresh = this.#refresh.pending(); refresh !== undefined; refresh = this.#refresh.pending()) {
      await refresh.catch(() => undefined)
      const key = this.peek(wanted)
      if (key !== undefined) return key
    }
    if (!this.#mayFetch()) throw this.#unavailable()
    const now = this.#options.clock()
    if (isWithin(now, this.#cooldownFrom, this.#cooldownFrom + this.#options.lifetimes.cooldownSeconds * 1000)) {
      if (this.#backOff.failures > 0) throw this.#unavailable()
      return undefined
    }
    this.#cooldownFrom = now
    await this.#refresh.run()
    return this.peek(wanted)
  }

  async #load(): Promise<void> {
    const { source, clock } = this.#options
    try {
      const { keys, skipped, maxAgeSeconds } = await this.#fetch()
      if (keys.size === 0) throw new FetchError(`The key set of ${source.issuer} holds no usable key`)
      const announced = Math.min(Math.max(maxAgeSeconds ?? DEFAULT_FRESH_SECONDS, MIN_FRESH_SECONDS), MAX_FRESH_SECONDS)
      const fresh = this.#options.lifetimes.freshSeconds ?? announced
      this.#loaded = this.#stamp({ index: createKeyIndex(keys.values()), byFingerprint: keys }, clock(), fresh)
      this.#backOff.succeed()
      this.#failure = undefined
      publish('keys.refreshed', () => ({ issuer: source.issuer, keys: keys.size, skipped: skipped.length }))
    } catch (cause) {
      this.#backOff.fail(cause instanceof FetchError ? cause.retryAfterSeconds : undefined)
      this.#failure = cause instanceof FetchError ? cause.message : undefined
      const reason = this.#failure ?? 'unexpected'
      const stale = this.#usable(clock()) !== undefined
      publish('keys.failed', () => ({ issuer: source.issuer, reason, stale }))
      throw this.#unavailable(cause)
    }
  }

  async #fetch() {
    const { source, algorithms, lifetimes } = this.#options
    const exchange = new AbortController()
    this.#exchange = exchange
    const deadline = setTimeout(() => {
      exchange.abort()
    }, lifetimes.timeoutSeconds * 1000).unref()
    try {
      const jwksUri = await this.#location.find(exchange.signal, this.#backOff.failures)
      const { members, maxAgeSeconds } = await fetchKeySet(source, jwksUri, exchange.signal)
      const known = this.#loaded?.byFingerprint
      const imported = await importKeys(members, { issuer: source.issuer, algorithms, source: 'fetched', known })
      return { ...imported, maxAgeSeconds }
    } finally {
      clearTimeout(deadline)
    }
  }

  #stamp(
    { index, byFingerprint }: Pick<LoadedKeys, 'index' | 'byFingerprint'>,
    now: number,
    freshSeconds: number,
  ): LoadedKeys {
    const freshUntil = now + freshSeconds * 1000
    const staleUntil = Math.max(freshUntil, now + this.#options.lifetimes.maxStaleSeconds * 1000)
    return { index, byFingerprint, loadedAt: now, freshUntil, staleUntil }
  }

  #unavailable(cause?: unknown): UnavailableError {
    const detail = this.#closed ? undefined : this.#failure
    const retryAfterSeconds = this.#closed ? CLOSED_RETRY_SECONDS : this.#backOff.remainingSeconds()
    return new UnavailableError('issuer_unavailable', { detail, cause, retryAfterSeconds })
  }
}
