import { UnavailableError } from '../errors.js'
import { publish } from '../events.js'
import type { Clock } from '../lib/clock.js'
import { FetchError } from '../lib/fetch-json.js'
import { createSingleFlight } from '../lib/single-flight.js'
import type { Algorithm } from '../lib/algorithms.js'
import { discoverJwksUri, fetchKeySet, type KeySource } from './discover-keys.js'
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
const FIRST_BACK_OFF_SECONDS = 1
const MAX_BACK_OFF_SECONDS = 60
const MAX_RETRY_AFTER_SECONDS = 300

/** Keys as last fetched. Times are milliseconds of the clock. */
interface LoadedKeys {
  readonly index: KeyIndex
  readonly byFingerprint: KeysByFingerprint
  readonly loadedAt: number
  readonly freshUntil: number
  readonly staleUntil: number
}

/** Fetches that failed since the last success. */
interface FailureStreak {
  readonly count: number
  readonly since: number
  readonly retryAt: number
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
  readonly #refresh = createSingleFlight(() => this.#load())
  #loaded: LoadedKeys | undefined
  #failures: FailureStreak | undefined
  #jwksUri: string | undefined
  #exchange: AbortController | undefined
  #cooldownFrom = Number.NEGATIVE_INFINITY

  constructor(options: RemoteKeySetOptions) {
    this.#options = options
    this.#jwksUri = options.source.jwksUri
  }

  find(wanted: WantedKey): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    const now = this.#options.clock()
    const loaded = this.#usable(now)
    if (loaded === undefined) return this.#findInFirstLoad(wanted)
    if (!isWithin(now, loaded.loadedAt, loaded.freshUntil)) {
      if (this.#mustWaitForRefresh(loaded, now)) return this.#findAfterRefresh(wanted)
      this.#refreshBehind(now)
    }
    return loaded.index.find(wanted) ?? this.#findUnknown(wanted)
  }

  peek(wanted: WantedKey): VerificationKey | undefined {
    return this.#usable(this.#options.clock())?.index.find(wanted)
  }

  has(key: VerificationKey): boolean {
    return this.#usable(this.#options.clock())?.index.has(key) === true
  }

  async ready(): Promise<void> {
    if (this.#usable(this.#options.clock()) === undefined) await this.#refresh.run()
  }

  close(): void {
    this.#exchange?.abort()
  }

  /** The loaded keys, unless they are older than anybody should trust. A clock that went back makes them stale, not eternal. */
  #usable(now: number): LoadedKeys | undefined {
    return this.#loaded !== undefined && now < this.#loaded.staleUntil ? this.#loaded : undefined
  }

  async #findInFirstLoad(wanted: WantedKey): Promise<VerificationKey | undefined> {
    if (this.#refresh.pending() === undefined && this.#isBackingOff()) throw this.#unavailable()
    await this.#refresh.run()
    return this.#loaded?.index.find(wanted)
  }

  /** After a long idle time the first request waits, so that a key withdrawn meanwhile is not used once more. */
  #mustWaitForRefresh(loaded: LoadedKeys, now: number): boolean {
    const idle = now >= loaded.freshUntil + SERVE_WHILE_REVALIDATING_SECONDS * 1000 || now < loaded.loadedAt
    return idle && this.#failures === undefined
  }

  async #findAfterRefresh(wanted: WantedKey): Promise<VerificationKey | undefined> {
    // A failure is recorded in #failures; the keys at hand serve on.
    await this.#refresh.run().catch(() => undefined)
    return this.peek(wanted) ?? this.#findUnknown(wanted)
  }

  #refreshBehind(now: number): void {
    if (this.#isBackingOff(now)) return
    this.#refresh.run().catch(() => undefined)
  }

  async #findUnknown(wanted: WantedKey): Promise<VerificationKey | undefined> {
    while (this.#refresh.pending() !== undefined) {
      await this.#refresh.pending()?.catch(() => undefined)
      const key = this.peek(wanted)
      if (key !== undefined) return key
    }
    const now = this.#options.clock()
    const { cooldownSeconds } = this.#options.lifetimes
    if (this.#isBackingOff(now)) throw this.#unavailable()
    if (isWithin(now, this.#cooldownFrom, this.#cooldownFrom + cooldownSeconds * 1000)) {
      if (this.#failures !== undefined) throw this.#unavailable()
      return undefined
    }
    this.#cooldownFrom = now
    await this.#refresh.run()
    return this.peek(wanted)
  }

  async #load(): Promise<void> {
    const { issuer } = this.#options.source
    try {
      const { keys, skipped, maxAgeSeconds } = await this.#fetch()
      if (keys.size === 0) throw new FetchError(`The key set of ${issuer} holds no usable key`)
      this.#loaded = this.#stamp(keys, maxAgeSeconds)
      this.#failures = undefined
      publish('keys.refreshed', () => ({ issuer, keys: keys.size, skipped: skipped.length }))
    } catch (cause) {
      // Where the keys are may have changed: the next attempt asks the metadata again.
      this.#jwksUri = this.#options.source.jwksUri
      this.#failures = this.#countFailure(cause)
      const stale = this.#usable(this.#options.clock()) !== undefined
      publish('keys.failed', () => ({
        issuer,
        reason: cause instanceof FetchError ? cause.message : 'unexpected',
        stale,
      }))
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
      this.#jwksUri ??= await discoverJwksUri(source, exchange.signal)
      const { members, maxAgeSeconds } = await fetchKeySet(source, this.#jwksUri, exchange.signal)
      const known = this.#loaded?.byFingerprint
      return { ...(await importKeys(members, { algorithms, source: 'fetched', known })), maxAgeSeconds }
    } finally {
      clearTimeout(deadline)
    }
  }

  #stamp(keys: KeysByFingerprint, maxAgeSeconds: number | undefined): LoadedKeys {
    const { freshSeconds: configured, maxStaleSeconds } = this.#options.lifetimes
    const announced = clamp(maxAgeSeconds ?? DEFAULT_FRESH_SECONDS, MIN_FRESH_SECONDS, MAX_FRESH_SECONDS)
    const loadedAt = this.#options.clock()
    const freshUntil = loadedAt + (configured ?? announced) * 1000
    const staleUntil = Math.max(freshUntil, loadedAt + maxStaleSeconds * 1000)
    return { index: createKeyIndex(keys.values()), byFingerprint: keys, loadedAt, freshUntil, staleUntil }
  }

  #countFailure(cause: unknown): FailureStreak {
    const count = (this.#failures?.count ?? 0) + 1
    const step = Math.min(FIRST_BACK_OFF_SECONDS * 2 ** (count - 1), MAX_BACK_OFF_SECONDS)
    // Between half and all of the step, so that a fleet does not come back in one wave.
    const jittered = step * (0.5 + Math.random() / 2)
    const asked = cause instanceof FetchError ? (cause.retryAfterSeconds ?? 0) : 0
    const since = this.#options.clock()
    return { count, since, retryAt: since + Math.max(jittered, Math.min(asked, MAX_RETRY_AFTER_SECONDS)) * 1000 }
  }

  #isBackingOff(now = this.#options.clock()): boolean {
    return this.#failures !== undefined && isWithin(now, this.#failures.since, this.#failures.retryAt)
  }

  #unavailable(cause?: unknown): UnavailableError {
    const detail = cause instanceof FetchError ? cause.message : undefined
    const retryAt = this.#failures?.retryAt ?? 0
    return new UnavailableError('issuer_unavailable', {
      detail,
      cause,
      retryAfterSeconds: (retryAt - this.#options.clock()) / 1000,
    })
  }
}

/** Whether `now` lies in [from, until): a clock that was set back to before `from` does not. */
function isWithin(now: number, from: number, until: number): boolean {
  return now >= from && now < until
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}
