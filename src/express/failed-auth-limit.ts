import type { NextFunction, Request, Response } from 'express'
import { rateLimit, type Options as RateLimitOptions } from 'express-rate-limit'
import { AuthError } from '../errors.js'
import { publish } from '../events.js'

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
export function createFailedAuthLimit(options: Partial<RateLimitOptions>): FailedAuthLimit {
  const answers = new WeakMap<Request, Answer>()
  const limiter = rateLimit({
    windowMs: 60_000,
    limit: 30,
    ipv6Subnet: 64,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    ...options,
    // Counting what fails is the whole point: here nothing else ever gets in.
    skipSuccessfulRequests: false,
    skipFailedRequests: false,
    handler: (req, res, next, { windowMs }) => {
      publish('limit.reached', () => ({}))
      // The limiter has said when to come back, unless its headers are turned off.
      const retryAfter = res.get('Retry-After') ?? String(Math.ceil(windowMs / 1000))
      const error = new AuthError('too_many_failures', { headers: { 'Retry-After': retryAfter } })
      answers.get(req)?.(error, req, res, next)
    },
  })
  return (error, req, res, next, answer) => {
    answers.set(req, answer)
    // The limiter calls back without an argument below the limit, and with an error when its store fails: then the
    // refusal stands all the same.
    void limiter(req, res, () => {
      answer(error, req, res, next)
    })
  }
}
