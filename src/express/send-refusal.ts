import type { NextFunction, Request, Response } from 'express'
import { AuthError, UnavailableError, type Refusal } from '../errors.js'
import { callOnError } from './call-on-error.js'
import { createFailedAuthLimit } from './failed-auth-limit.js'
import type { RequireAuthOptions } from './options.js'
import { sendNotFound } from './send-not-found.js'
import { toError } from './to-error.js'

/** Ends a request that was not granted: with a response, or for what is no refusal with `next(error)`. */
export type Refuser = (error: unknown, req: Request, res: Response, next: NextFunction) => void

/** Sets up how a server refuses. */
export function createRefuser(
  { failedAuthLimit, onError }: RequireAuthOptions,
  callbackTimeoutSeconds: number,
): Refuser {
  const limit =
    failedAuthLimit === undefined ? undefined : createFailedAuthLimit(failedAuthLimit, callbackTimeoutSeconds)

  const answer = (error: Refusal, req: Request, res: Response, next: NextFunction): void => {
    if (res.headersSent) {
      next(error)
      return
    }
    if (onError !== undefined) {
      res.statusCode = error.status
      for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value)
      callOnError(onError, callbackTimeoutSeconds, { error, req, res, next })
    } else if (error.status === 404) sendNotFound(req, res)
    else error.send(res)
  }

  return (error, req, res, next) => {
    if (error instanceof AuthError && limit !== undefined && isCounted(error)) limit(error, req, res, next, answer)
    else if (error instanceof AuthError || error instanceof UnavailableError) answer(error, req, res, next)
    else next(toError(error))
  }
}

/** Bad credentials count; their absence does not, and neither does a good token that does not suffice, or an odd path. */
function isCounted({ code, status }: AuthError): boolean {
  return status !== 403 && status !== 404 && !UNCOUNTED.has(code)
}

const UNCOUNTED: ReadonlySet<AuthError['code']> = new Set([
  'missing_token',
  'insufficient_user_authentication',
  'bound_token_required',
  // Every client hears it when it begins.
  'use_dpop_nonce',
  'ambiguous_path',
])
