import type { NextFunction, Request, Response } from 'express'
import { describeProblem, PROBLEM_MEDIA_TYPE } from '../challenge/problem.js'
import { AuthError, UnavailableError } from '../errors.js'
import { createFailedAuthLimit } from './failed-auth-limit.js'
import type { RequireAuthOptions } from './options.js'

/** Ends a request that was not granted: with a response, or for what is no refusal with `next(error)`. */
export type Refuser = (error: unknown, req: Request, res: Response, next: NextFunction) => void

/** Sets up how a server refuses. */
export function createRefuser({ failedAuthLimit, onError }: RequireAuthOptions): Refuser {
  const limit = failedAuthLimit === undefined ? undefined : createFailedAuthLimit(failedAuthLimit)

  const answer = (error: AuthError | UnavailableError, req: Request, res: Response, next: NextFunction): void => {
    if (res.headersSent) {
      next(error)
      return
    }
    res.statusCode = error.status
    for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value)
    if (onError === undefined) {
      sendProblem(error, res)
      return
    }
    const nextWithError = (other?: unknown): void => {
      next(other instanceof Error ? other : error)
    }
    try {
      onError(error, req, res, nextWithError)
    } catch (thrown) {
      nextWithError(thrown)
    }
  }

  return (error, req, res, next) => {
    if (error instanceof AuthError && limit !== undefined && isCounted(error)) limit(error, req, res, next, answer)
    else if (error instanceof AuthError || error instanceof UnavailableError) answer(error, req, res, next)
    else next(error)
  }
}

/** Bad credentials count; their absence does not, and neither does a good token that does not suffice. */
function isCounted({ code, status }: AuthError): boolean {
  return code !== 'missing_token' && code !== 'insufficient_user_authentication' && status !== 403
}

function sendProblem(error: AuthError | UnavailableError, res: Response): void {
  // Plain Node: an application's JSON settings, ETags and charsets have no business here.
  res.setHeader('Content-Type', PROBLEM_MEDIA_TYPE)
  res.end(JSON.stringify(describeProblem(error)))
}
