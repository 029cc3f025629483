import { createHmac, randomBytes } from 'node:crypto'
import { UnavailableError } from '../errors.js'
import { publish, type EventMessages } from '../events.js'
import type { IntrospectionAnswer, Introspector } from '../issuers/introspector.js'
import { isWithin, secondsOf } from '../lib/clock.js'
import { FetchError } from '../lib/fetch-json.js'
import { withoutStack } from '../lib/without-stack.js'
import { readNumericDate } from '../tokens/numeric-date.js'
import { warnOnce } from '../warnings.js'
import { ClientRefused, createEndpoint, type Endpoint, type EndpointOptions } from './call-endpoint.js'
import { Circuit } from './circuit.js'
import { createLanes } from './lanes.js'
import type { ReadAnswer } from './read-answer.js'
import { createRecent, type Recent } from './recent.js'

export interface IntrospectorOptions extends EndpointOptions {
  /** For one answer, from when it is wanted to the last byte: metadata and the wait for a place included. Keys have as long again. */
  readonly timeoutSeconds: number
}

/** The least that whoever is turned away waits. */
const RETRY_SECONDS = 1
/** So many tokens that were active lately are known, by their names. */
const MAX_KNOWN = 10_000

const inactive: IntrospectionAnswer = Object.freeze({
  isActive: false,
  claims: Object.freeze({}),
  holdsUntil: undefined,
})

/** Names tell nothing to whoever reads the memory of a process, or compares those of two. */
const nameKey = randomBytes(32)

/**
 * Asks one issuer about tokens. However many want to know about one token at once, the issuer is asked once. Nothing but that a
 * token is not active is remembered here, for the few seconds that the settings say and in a room of its own: active ones are
 * for the verifier to remember, with its verdict.
 */
export class RemoteIntrospector implements Introspector {
  readonly cache: Introspector['cache']
  readonly #options: IntrospectorOptions
  readonly #endpoint: Endpoint
  readonly #circuit: Circuit
  readonly #lanes = createLanes()
  readonly #flights = new Map<string, Promise<IntrospectionAnswer>>()
  readonly #exchanges = new Set<AbortController>()
  /** Tokens that were active lately: they have places of their own. */
  readonly #known = createRecent<true>(MAX_KNOWN)
  /** When it was said of which token that it is not active, in milliseconds of the clock. */
  readonly #misses: Recent<number>
  /** What a name is of, beside its token. */
  readonly #scope: string
  #closed = false

  constructor(options: IntrospectorOptions) {
    const { settings, introspection, clock } = options
    const { cache, clientId, endpoint } = introspection
    this.#options = options
    this.#endpoint = createEndpoint(options)
    this.#circuit = new Circuit(clock)
    this.#misses = createRecent(cache?.maxEntries ?? 0)
    this.#scope = `${JSON.stringify([settings.issuer, endpoint, clientId])}\n`
    this.cache = cache && { maxEntries: cache.maxEntries, maxAgeSeconds: cache.seconds }
  }

  get about(): string {
    return `${this.#endpoint.place()}, asked as client "${this.#options.introspection.clientId}",`
  }

  nameOf(token: string): string {
    return createHmac('sha256', nameKey).update(this.#scope).update(token).digest('base64')
  }

  async ask(token: string): Promise<IntrospectionAnswer> {
    const name = this.nameOf(token)
    if (this.#isMiss(name)) return inactive
    const underWay = this.#flights.get(name)
    if (underWay !== undefined) return underWay
    if (this.#closed) throw unavailable('this resource server was closed')
    this.#checkPause(this.#circuit.remainingSeconds())
    const flight = this.#call(name, token).finally(() => this.#flights.delete(name))
    this.#flights.set(name, flight)
    return flight
  }

  close(): void {
    this.#closed = true
    for (const exchange of this.#exchanges) exchange.abort()
  }

  #isMiss(name: string): boolean {
    const since = this.#misses.get(name)
    const { clock, introspection } = this.#options
    return since !== undefined && isWithin(clock(), since, since + (introspection.cache?.negativeSeconds ?? 0) * 1000)
  }

  /** One call, with one deadline over all of it. */
  async #call(name: string, token: string): Promise<IntrospectionAnswer> {
    const exchange = new AbortController()
    this.#exchanges.add(exchange)
    const deadline = setTimeout(() => {
      exchange.abort()
    }, this.#options.timeoutSeconds * 1000).unref()
    try {
      const leave = await this.#lanes.enter(this.#known.get(name) === true, exchange.signal)
      if (leave === undefined) throw unavailable(`${this.#endpoint.place()} is being asked about too many other tokens`)
      try {
        this.#checkPause(this.#circuit.enter())
        return this.#note(name, await this.#callEndpoint(token, exchange.signal))
      } finally {
        leave()
      }
    } finally {
      clearTimeout(deadline)
      this.#exchanges.delete(exchange)
    }
  }

  async #callEndpoint(token: string, signal: AbortSignal): Promise<ReadAnswer> {
    try {
      return await this.#endpoint.call(token, { signal, pauses: this.#circuit.pauses })
    } catch (error) {
      throw this.#noteFailure(error)
    }
  }

  #checkPause(seconds: number): void {
    if (seconds > 0) {
      throw unavailable(`${this.#endpoint.place()} did not answer lately, and is left alone for a while`, seconds)
    }
  }

  #note(name: string, { isActive, claims }: ReadAnswer): IntrospectionAnswer {
    const { clock, introspection } = this.#options
    const { cache } = introspection
    this.#circuit.succeed()
    this.#tell(isActive ? 'active' : 'inactive')
    if (!isActive) {
      this.#known.forget(name)
      if (cache !== undefined) this.#misses.note(name, clock())
      return inactive
    }
    this.#known.note(name, true)
    if (cache === undefined) return { isActive, claims, holdsUntil: undefined }
    const until = secondsOf(clock) + cache.seconds
    // RFC 7662 §4: never past the time that the issuer names, and no tolerance counts here.
    return { isActive, claims, holdsUntil: Math.min(until, readNumericDate(claims, 'exp') ?? until) }
  }

  /** Says what a failed call means: to whoever waits, and for those who come next. */
  #noteFailure(error: unknown): UnavailableError {
    const place = this.#endpoint.place()
    if (error instanceof UnavailableError) {
      this.#circuit.leave()
      this.#tell('unavailable')
      return error
    }
    // Of anything else nobody knows whether it holds a secret.
    const failure = error instanceof FetchError ? error : new FetchError(`${place} could not be asked`)
    const { message: detail, status, retryAfterSeconds: asked } = failure
    const isRefused = failure instanceof ClientRefused
    // What it says of one request says nothing of the next.
    if (status === 400 && !isRefused) this.#circuit.leave()
    else this.#circuit.fail(isRefused ? 0 : asked)
    this.#tell(isRefused ? 'refused' : 'unavailable')
    const retryAfterSeconds = this.#circuit.remainingSeconds()
    if (!isRefused) return unavailable(detail, retryAfterSeconds)
    warnOnce('ERS_INTROSPECTION_REFUSED', `${place}, client "${this.#options.introspection.clientId}".`)
    return withoutStack(() => new UnavailableError('introspection_refused', { detail, retryAfterSeconds }))
  }

  #tell(outcome: EventMessages['introspection.answered']['outcome']): void {
    const { issuer } = this.#options.settings
    publish('introspection.answered', () => ({ issuer, outcome }))
  }
}

function unavailable(detail: string, retryAfterSeconds = RETRY_SECONDS): UnavailableError {
  return withoutStack(() => new UnavailableError('introspection_unavailable', { detail, retryAfterSeconds }))
}
