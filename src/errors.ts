import { PROBLEM_MEDIA_TYPE, writeProblem } from './problem.js'
import { reasonFor, type ReasonCode } from './reasons.js'

/** How a token is presented (RFC 6750 §2.1, RFC 9449 §7.1). */
export type Scheme = 'Bearer' | 'DPoP'

/** Why something was refused, before anybody has made a response of it. */
export interface Failure {
  readonly code: ReasonCode
  /** For the operator: may name claims and expectations, never a token or a key. Not for the caller. */
  readonly detail?: string | undefined
  /** It is for a proof that was used before. */
  readonly isReplay?: true
}

/** A failure of which it takes some work to say why: that is done when somebody asks, and for most refusals nobody does. */
export function failureSaying(code: ReasonCode, say: () => string): Failure {
  let said: string | undefined
  return {
    code,
    get detail() {
      return (said ??= say())
    },
  }
}

/** How to get a token that would do, for the challenge. */
export interface Remedy {
  /** Every scope that the operation needs. */
  readonly scopes?: readonly string[] | undefined
  /** The authentication contexts that would do, the preferred one first (RFC 9470 §3). */
  readonly acrValues?: readonly string[] | undefined
  /** The greatest age of the user's authentication, in seconds (RFC 9470 §3). */
  readonly maxAgeSeconds?: number | undefined
}

/** Tells a failure from what there is without one. */
export function isFailure(result: object | undefined): result is Failure {
  return result !== undefined && 'code' in result
}

interface RefusalInit {
  readonly detail?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly cause?: unknown
}

/** What is needed of a response of Node's, `http` or `http2`. */
interface NodeResponse {
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body: string): unknown
}

/**
 * A request that is not granted: an {@link AuthError} or an {@link UnavailableError}. It is its own answer.
 *
 * Where two versions of this package are installed, `instanceof` knows the errors of one: look for `toResponse` in it then.
 *
 * @example
 *   try {
 *     return Response.json(ordersOf(await server.authenticate(request)))
 *   } catch (error) {
 *     if (error instanceof RefusalError) return error.toResponse()
 *     throw error
 *   }
 */
export abstract class RefusalError extends Error {
  readonly code: ReasonCode
  readonly status: number
  /** The response headers that belong to this refusal, by their usual names. */
  readonly headers: Readonly<Record<string, string>>
  declare readonly detail: string | undefined

  constructor(code: ReasonCode, init: RefusalInit) {
    const reason = reasonFor(code)
    super(reason.text, init.cause === undefined ? undefined : { cause: init.cause })
    this.code = code
    this.status = reason.status
    this.headers = Object.freeze({ ...init.headers })
    Object.defineProperty(this, 'detail', { get: () => init.detail, enumerable: false })
  }

  /**
   * Makes the answer to a request of the web: the status, the challenge and the other headers, and the problem.
   *
   * This does NOT know how your paths that are not there look: for a 404, of `hidden()`, answer as you do for those.
   */
  toResponse(): Response {
    const headers = { ...this.headers, 'Content-Type': PROBLEM_MEDIA_TYPE }
    return new Response(writeProblem(this.code), { status: this.status, headers })
  }

  /** The same, as the answer to a request of Node's. Throws, as `setHeader` does, where an answer has begun. */
  send(res: NodeResponse): void {
    for (const [name, value] of Object.entries(this.headers)) res.setHeader(name, value)
    // Plain Node: an application's JSON settings, ETags and charsets have no business here.
    res.setHeader('Content-Type', PROBLEM_MEDIA_TYPE)
    res.statusCode = this.status
    res.end(writeProblem(this.code))
  }
}

/**
 * The request is refused, and the client can do something about it: 400, 401, 403 or 429, and 404 behind `hidden`.
 *
 * `message` is the constant public text of its `code`. Branch on `code`, never on the message or on `instanceof`: two
 * copies of this package may be loaded. `detail` is for the operator and not enumerable, so that no error page and no
 * `JSON.stringify` prints it; it never holds a token, and neither does anything else here.
 *
 * @example
 *   app.use((error, req, res, next) => {
 *     if (error.code === 'id_token_presented') metrics.increment('id_token_presented')
 *     next(error)
 *   })
 */
export class AuthError extends RefusalError {
  override readonly name = 'AuthError'

  constructor(code: ReasonCode, init: RefusalInit = {}) {
    super(code, init)
  }
}

type UnavailableCode = Extract<ReasonCode, `${string}_unavailable` | 'introspection_refused'>

/**
 * It cannot be decided whether the token is good, or whether it suffices, because somebody else does not answer: 503 with
 * `Retry-After`, never 401, since the client must not throw a good token away. The operator must act.
 *
 * A policy that asks somebody else may throw one of its own.
 *
 * @example
 *   throw new UnavailableError('policy_unavailable', { retryAfterSeconds: 5, cause: error })
 */
export class UnavailableError extends RefusalError {
  override readonly name = 'UnavailableError'
  /** How long to wait, in whole seconds, at least 1. */
  readonly retryAfterSeconds: number

  constructor(code: UnavailableCode, init: RefusalInit & { readonly retryAfterSeconds: number }) {
    const retryAfterSeconds = Math.max(1, Math.ceil(init.retryAfterSeconds))
    super(code, { ...init, headers: { 'Cache-Control': 'no-store', 'Retry-After': String(retryAfterSeconds) } })
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** What a request that is not granted ends in. */
export type Refusal = AuthError | UnavailableError

/**
 * The program is wrong: an option is missing, misspelt or contradictory, or a guard runs without an auth middleware
 * before it. Thrown at start-up wherever that is possible; its message names the option and the fix.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code = 'configuration_error'
}
