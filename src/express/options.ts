import type { NextFunction, Request, Response } from 'express'
import type { Options as RateLimitOptions } from 'express-rate-limit'
import type { ResourceServerOptions } from '../config/options.js'
import type { AuthError, UnavailableError } from '../errors.js'

/**
 * Answers a refused request in place of the library. The status and the headers are set before it runs; `next` always
 * carries the error, so that a bare `next()` cannot open the door.
 *
 * It may be async: as with a middleware of Express 5, a rejection goes to `next`, unless it has called that before. A promise
 * that does not settle within `callbackTimeoutSeconds` brings the refusal itself to `next`, unless an answer has begun.
 */
export type OnError = (
  error: AuthError | UnavailableError,
  req: AnyRequest,
  res: AnyResponse,
  next: NextFunction,
) => unknown

// It is called for every route: whatever a user's function says of params, bodies, query and locals must fit.
/* eslint-disable @typescript-eslint/no-explicit-any */
type AnyRequest = Request<any, any, any, any, any>
type AnyResponse = Response<any, any>
/* eslint-enable @typescript-eslint/no-explicit-any */

/** The options of `requireAuth`, `optionalAuth` and `createResourceServer`. */
export interface RequireAuthOptions extends ResourceServerOptions {
  /**
   * Answers 429 to a caller past so many refused requests: options of express-rate-limit. Requests with a valid token are
   * neither counted nor refused, and neither are requests without credentials. Where the store fails, or does not answer
   * within `callbackTimeoutSeconds`, the refusal stands uncounted. Default: off.
   *
   * This does NOT save the work of judging a token; behind a proxy it needs Express's `trust proxy`.
   *
   * @example
   *   failedAuthLimit: { windowMs: 60_000, limit: 30 }
   */
  readonly failedAuthLimit?: Partial<RateLimitOptions> | undefined
  /** Answers refused requests. Default: problem+json as documented. */
  readonly onError?: OnError | undefined
}
