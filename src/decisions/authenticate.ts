import type { Prove } from '../binding/prove.js'
import type { ResourceMetadata } from '../config/resource-metadata.js'
import { isFailure, type Failure } from '../errors.js'
import type { Eventual } from '../lib/eventual.js'
import type { Credentials, IncomingRequest } from '../request/read-credentials.js'
import { isTraced, trace } from '../tracing.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import { createDecide } from './decide.js'
import type { Judging } from './judging.js'
import { createTrial, measure, warnAboutAbsence } from './report.js'

/** Who is calling. */
export interface Authentication {
  /**
   * Judges the credentials of a request. It answers at once, without a promise, when nothing had to be waited for; an error
   * comes either way too.
   *
   * @throws {AuthError} When it has none, or bad ones.
   * @throws {UnavailableError} When it cannot be told.
   */
  authenticate(request: IncomingRequest, resource?: ResourceMetadata): Eventual<VerifiedToken>
  /** The same, but `undefined` for a request without credentials. */
  authenticateIfPresented(request: IncomingRequest, resource?: ResourceMetadata): Eventual<VerifiedToken | undefined>
  /** Judges a token that came some other way, over a WebSocket say. */
  verifyToken(token: unknown): Promise<VerifiedToken>
}

/** Judges requests and tokens, and tells those who listen what came of it. */
export function createAuthentication(judging: Judging & { readonly prove: Prove }): Authentication {
  const { read, stopwatch } = judging
  const { decide, conclude } = createDecide(judging)
  const authenticate = (
    credentials: Credentials | Failure,
    request: IncomingRequest,
    resource: ResourceMetadata | undefined,
  ): Eventual<VerifiedToken> => {
    const isToken = !isFailure(credentials)
    const trial = createTrial(request, resource, isToken ? credentials : undefined, measure(stopwatch))
    return isToken ? decide(credentials.token, trial) : conclude(credentials, trial)
  }
  const traced: typeof authenticate = (credentials, request, resource) =>
    isTraced('authenticate')
      ? traceAuthentication(request, () => authenticate(credentials, request, resource))
      : authenticate(credentials, request, resource)

  return {
    authenticate: (request, resource) => traced(read(request), request, resource),
    authenticateIfPresented(request, resource) {
      const credentials = read(request)
      if (!isFailure(credentials) || credentials.code !== 'missing_token') {
        return traced(credentials, request, resource)
      }
      warnAboutAbsence(request, 'let through')
      return undefined
    },
    verifyToken(presented) {
      const token = asText(presented)
      const trial = createTrial(undefined, undefined, { scheme: 'Bearer', token }, measure(stopwatch))
      return inPromise(() =>
        isTraced('authenticate') ? traceAuthentication(undefined, () => decide(token, trial)) : decide(token, trial),
      )
    },
  }
}

/** What is there already, or fails at once, as a promise too; one that is there already stays the same. */
function inPromise<Result>(work: () => Eventual<Result>): Promise<Result> {
  try {
    return Promise.resolve(work())
  } catch (error) {
    const thrown = error as Error // or whatever a user's function threw
    return Promise.reject(thrown)
  }
}

function traceAuthentication<Result>(
  request: IncomingRequest | undefined,
  work: () => Eventual<Result>,
): Eventual<Result> {
  return trace('authenticate', () => Object.defineProperty({ request }, 'request', { enumerable: false }), work)
}

/** A token is a text. What is none is as bad as an empty one: a Buffer too, whatever it holds. */
export function asText(token: unknown): string {
  return typeof token === 'string' ? token : ''
}
