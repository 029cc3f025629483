import type { NextFunction, Request, Response } from 'express'
import { rateLimit, type Options as RateLimitOptions } from 'express-rate-limit'
import { AuthError } from '../errors.js'
import { publish } from '../events.js'
import { withinDeadline } from '../lib/deadline.js'
import { afterwards } from './afterwards.js'
import { createWindowStore } from './window-store.js'

type Answer = (error: AuthError, req: Request, res: Response, next: NextFunction) => void

/** Counts one refusal, then answers it: with the error itself, or past the limit with 429. */
export type FailedAuthLimit = (
  error: AuthError,
  req: Request,
  res: Response,
  next: NextFunction,
  answer: Answer,
) => void

/**
 * Sets up the limit on refused requests. It runs inside the refusal path, so that a valid token never meets it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6585#section-4 | RFC 6585 §4}
 */
export function createFailedAuthLimit(options: Partial<RateLimitOptions>, timeoutSeconds: number): FailedAuthLimit {
  const counts = new WeakMap<Request, (error: AuthError) => void>()
  const limiter = rateLimit({
    windowMs: 60_000,
    limit: 30,
    ipv6Subnet: 64,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    store: createWindowStore(),
    ...options,
    // Counting what fails is the whole point: here nothing else ever gets in.
    skipSuccessfulRequests: false,
    skipFailedRequests: false,
    handler: (req, res, _next, { windowMs }) => {
      publish('limit.reached', () => ({ code: 'too_many_failures' as const, status: 429 }), req)
      // The limiter has said when to come back, unless its headers are turned off. A clock that was set back, or a store
      // of another mind, must not send anybody away for longer than a window.
      const windowSeconds = Math.ceil(windowMs / 1000)
      const said = Number(res.get('Retry-After') ?? windowSeconds)
      const retryAfter = String(said <= windowSeconds ? said : windowSeconds)
      const error = new AuthError('too_many_failures', { headers: { 'Retry-After': retryAfter } })
      counts.get(req)?.(error)
    },
  })
  return (error, req, res, next, answer) => {
    const counted = new Promise<AuthError>((resolve) => {
      counts.set(req, resolve)
      // The limiter calls back without an argument below the limit, and with an error when its store fails: then the
      // refusal stands all the same.
      void limiter(req, res, () => {
        resolve(error)
      })
    })
    const stands = (): void => {
      answer(error, req, res, next)
    }
    afterwards(withinDeadline(counted, { seconds: timeoutSeconds, late: () => error }), {
      fulfilled: (verdict) => {
        answer(verdict, req, res, next)
      },
      rejected: stands,
      next,
    })
  }
}
