import { createHmac, randomBytes } from 'node:crypto'
import { UnavailableError } from '../errors.js'
import { publish, type EventMessages } from '../events.js'
import type { IntrospectionAnswer, Introspector } from '../issuers/introspector.js'
import { isWithin, secondsOf } from '../lib/clock.js'
import { FetchError } from '../lib/fetch-json.js'
import { createSingleFlight } from '../lib/single-flight.js'
import { withoutStack } from '../lib/without-stack.js'
import { readNumericDate } from '../tokens/numeric-date.js'
import { warnOnce } from '../warnings.js'
import { ClientRefused, createEndpoint, type Endpoint, type EndpointOptions } from './call-endpoint.js'
import { Circuit } from './circuit.js'
import { createLanes } from './lanes.js'
import type { ReadAnswer } from './read-answer.js'
import { createRecent, type Recent } from './recent.js'

export interface IntrospectorOptions extends EndpointOptions {
  /** For one answer, to the last byte, metadata included. The wait for a place and keys have as long again. */
  readonly timeoutSeconds: number
}

/** The least that whoever is turned away waits, and the most, whatever the issuer says. */
const RETRY_SECONDS = 1
const MAX_RETRY_SECONDS = 300
const CLOSED = 'this resource server was closed'
/** So many tokens that were active lately are known, by their names. */
const MAX_KNOWN = 10_000

/** For so long others join a call, whose answer may be older than their requests by as much. */
const JOIN_SECONDS = 1

/** A call that is under way. */
interface Flight {
  readonly answer: Promise<IntrospectionAnswer>
  /** In milliseconds of the clock. */
  readonly since: number
}

const inactive: IntrospectionAnswer = Object.freeze({
  isActive: false,
  claims: Object.freeze({}),
  holdsUntil: undefined,
})

/** Names tell nothing to whoever reads the memory of a process, or compares those of two. */
const nameKey = randomBytes(32)

/**
 * Asks one issuer about tokens. However many want to know about one token within a second, the issuer is asked once. Nothing but that a
 * token is not active is remembered here, for the few seconds that the settings say and in a room of its own: active ones are
 * for the verifier to remember, with its verdict.
 */
export class RemoteIntrospector implements Introspector {
  readonly cache: Introspector['cache']
  readonly #options: IntrospectorOptions
  readonly #endpoint: Endpoint
  readonly #circuit: Circuit
  /** Asks about a token that nobody has, and answers why that cannot be done. */
  readonly #tryOut = createSingleFlight(() => this.#try())
  readonly #lanes = createLanes()
  readonly #flights = new Map<string, Flight>()
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

  async ready(): Promise<void> {
    try {
      await this.#withinDeadline((signal) => this.#endpoint.find(signal, this.#circuit.pauses))
    } catch (error) {
      const failure = this.#readFailure(error)
      throw failure === undefined ? error : this.#unavailable(failure, { isRefused: false })
    }
  }

  async ask(token: string): Promise<IntrospectionAnswer> {
    const name = this.nameOf(token)
    if (this.#isMiss(name)) return inactive
    const { clock } = this.#options
    const underWay = this.#flights.get(name)
    if (underWay !== undefined && isWithin(clock(), underWay.since, underWay.since + JOIN_SECONDS * 1000)) {
      return underWay.answer
    }
    if (this.#closed) throw unavailable(CLOSED)
    this.#checkPause(this.#circuit.remainingSeconds())
    const answer = this.#call(name, token).finally(() => {
      if (this.#flights.get(name)?.answer === answer) this.#flights.delete(name)
    })
    this.#flights.set(name, { answer, since: clock() })
    return answer
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

  /** One call, when there is a place for it. The wait for that says nothing of the issuer, and takes nothing of its time. */
  async #call(name: string, token: string): Promise<IntrospectionAnswer> {
    const isKnown = this.#known.get(name) === true
    const leave = await this.#withinDeadline((signal) => this.#lanes.enter(isKnown, signal))
    if (leave === undefined) throw unavailable(`${this.#endpoint.place()} is being asked about too many other tokens`)
    try {
      this.#checkPause(this.#circuit.remainingSeconds())
      const problem = this.#circuit.isDoubtful() ? await this.#tryOut.run() : undefined
      if (problem !== undefined && this.#circuit.remainingSeconds() > 0) throw problem
      const askedAt = secondsOf(this.#options.clock)
      return this.#note(name, await this.#callEndpoint(token), askedAt)
    } finally {
      leave()
    }
  }

  /** Does what ends with its deadline, and with `close()`. */
  async #withinDeadline<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw unavailable(CLOSED)
    const exchange = new AbortController()
    this.#exchanges.add(exchange)
    const deadline = setTimeout(() => {
      exchange.abort()
    }, this.#options.timeoutSeconds * 1000).unref()
    try {
      return await work(exchange.signal)
    } finally {
      clearTimeout(deadline)
      this.#exchanges.delete(exchange)
    }
  }

  async #callEndpoint(token: string): Promise<ReadAnswer> {
    try {
      return await this.#exchange(token)
    } catch (error) {
      throw await this.#noteFailure(error)
    }
  }

  #exchange(token: string): Promise<ReadAnswer> {
    return this.#withinDeadline((signal) => this.#endpoint.call(token, { signal, pauses: this.#circuit.pauses }))
  }

  /** Tells what failed calls mean, which the tokens of strangers cannot: whether the issuer answers this API at all. */
  async #try(): Promise<UnavailableError | undefined> {
    try {
      await this.#exchange(randomBytes(32).toString('base64url'))
    } catch (error) {
      const failure = this.#readFailure(error)
      if (failure !== undefined && !isAboutOneCall(failure)) {
        this.#circuit.pause(failure.retryAfterSeconds)
        return this.#unavailable(failure, { isRefused: failure instanceof ClientRefused })
      }
    }
    this.#circuit.succeed()
    return undefined
  }

  #checkPause(seconds: number): void {
    if (seconds > 0) {
      throw unavailable(`${this.#endpoint.place()} did not answer lately, and is left alone for a while`, seconds)
    }
  }

  #note(name: string, { isActive, claims }: ReadAnswer, askedAt: number): IntrospectionAnswer {
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
    // Nobody knows when the issuer looked: from then on the token may have been taken back.
    const until = askedAt + cache.seconds
    // RFC 7662 §4: never past the time that the issuer names, and no tolerance counts here.
    return { isActive, claims, holdsUntil: Math.min(until, readNumericDate(claims, 'exp') ?? until) }
  }

  /** Says what a failed call means: to whoever waits, and for those who come next. */
  async #noteFailure(error: unknown): Promise<unknown> {
    const failure = this.#readFailure(error)
    const saysSo = failure instanceof ClientRefused
    if (failure !== undefined && !isAboutOneCall(failure)) {
      this.#circuit.fail(failure.retryAfterSeconds !== undefined)
    }
    // What stands in front of an issuer may say so of a token that it dislikes.
    const isRefused = saysSo && (await this.#tryOut.run())?.code === 'introspection_refused'
    this.#tell(isRefused ? 'refused' : 'unavailable')
    return failure === undefined ? error : this.#unavailable(failure, { isRefused })
  }

  /** Answers `undefined` where the endpoint has answered, and the keys of the issuer cannot be had. */
  #readFailure(error: unknown): FetchError | undefined {
    if (error instanceof UnavailableError) return undefined
    // Of anything else nobody knows whether it holds a secret.
    return error instanceof FetchError ? error : new FetchError(`${this.#endpoint.place()} could not be asked`)
  }

  #unavailable(failure: FetchError, { isRefused }: { readonly isRefused: boolean }): UnavailableError {
    const { message, status, retryAfterSeconds: asked = 0 } = failure
    const isOfToken = failure instanceof ClientRefused && !isRefused
    const detail = isOfToken
      ? `${this.#endpoint.place()} answered with status ${String(status)} about this token`
      : message
    const retryAfterSeconds = Math.max(this.#circuit.remainingSeconds(), Math.min(asked, MAX_RETRY_SECONDS))
    if (!isRefused) return unavailable(detail, retryAfterSeconds)
    const client = this.#options.introspection.clientId
    warnOnce('ERS_INTROSPECTION_REFUSED', `${this.#endpoint.place()}, client "${client}".`)
    return withoutStack(() => new UnavailableError('introspection_refused', { detail, retryAfterSeconds }))
  }

  #tell(outcome: EventMessages['introspection.answered']['outcome']): void {
    const { issuer } = this.#options.settings
    publish('introspection.answered', () => ({ issuer, outcome }))
  }
}

/** What an issuer says of one request says nothing of the next. */
function isAboutOneCall(failure: FetchError): boolean {
  return failure.status === 400 && !(failure instanceof ClientRefused)
}

function unavailable(detail: string, retryAfterSeconds = RETRY_SECONDS): UnavailableError {
  return withoutStack(() => new UnavailableError('introspection_unavailable', { detail, retryAfterSeconds }))
}
