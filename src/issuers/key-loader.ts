import type { Clock } from '../lib/clock.js'
import { FetchError } from '../lib/fetch-json.js'
import type { Gate } from '../lib/gate.js'
import type { Algorithm } from './algorithms.js'
import { createKeyLocation, fetchKeySet, type KeySource } from './discover-keys.js'
import type { EndpointLocation } from './endpoint-location.js'
import { importKeys, type ImportedKeys, type KeysByFingerprint } from './verification-key.js'

export interface KeyLoaderOptions {
  readonly source: KeySource
  readonly algorithms: readonly Algorithm[]
  readonly lifetimes: { readonly timeoutSeconds: number }
  readonly clock: Clock
}

interface Load {
  /** Where it takes its place among the loads of all issuers. */
  readonly gate: Gate
  /** How many loads have failed in a row. */
  readonly failures: number
  /** Keys imported earlier. */
  readonly known: KeysByFingerprint | undefined
}

export interface FetchedKeys extends ImportedKeys {
  readonly maxAgeSeconds: number | undefined
  /** The first load is 1. */
  readonly number: number
}

/** Fetches and imports the keys of one issuer: one load after another, each with one deadline over all of it. */
export class KeyLoader {
  readonly #options: KeyLoaderOptions
  readonly #location: EndpointLocation
  #started = 0
  #exchange: AbortController | undefined

  constructor(options: KeyLoaderOptions) {
    this.#options = options
    this.#location = createKeyLocation(options.source, options.clock)
  }

  /** How many loads have asked the issuer for its keys. */
  get started(): number {
    return this.#started
  }

  /**
   * Waits for its place, and loads.
   *
   * @throws {FetchError} When the keys cannot be had within the time, the wait included.
   */
  async load({ gate, failures, known }: Load): Promise<FetchedKeys> {
    const { source, algorithms, lifetimes } = this.#options
    const exchange = new AbortController()
    this.#exchange = exchange
    const deadline = setTimeout(() => {
      exchange.abort()
    }, lifetimes.timeoutSeconds * 1000).unref()
    try {
      await enter(gate, source, exchange.signal)
      try {
        const number = ++this.#started
        const jwksUri = await this.#location.find(exchange.signal, failures)
        const { members, maxAgeSeconds } = await fetchKeySet(source, jwksUri, exchange.signal)
        const imported = await importKeys(members, { issuer: source.issuer, algorithms, source: 'fetched', known })
        return { ...imported, maxAgeSeconds, number }
      } finally {
        gate.leave()
      }
    } finally {
      clearTimeout(deadline)
    }
  }

  /** Ends what is under way. */
  close(): void {
    this.#exchange?.abort()
  }
}

async function enter(gate: Gate, { issuer }: KeySource, signal: AbortSignal): Promise<void> {
  try {
    await gate.enter(signal)
  } catch {
    throw new FetchError(`The keys of ${issuer} were not loaded: too many other issuers were being asked at that time`)
  }
}
