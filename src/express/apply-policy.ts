import type { NextFunction, Request, Response } from 'express'
import type { Refusal } from '../errors.js'
import { isPending, type Eventual } from '../lib/eventual.js'
import type { Policy } from '../policy/decision.js'
import { afterwards } from './afterwards.js'
import { findRecord, type Authentication } from './request-record.js'
import { toError } from './to-error.js'

/** Goes on with a request that a policy grants, within the same turn when it answers at once, and refuses any other. */
export function applyPolicy(
  policy: Policy,
  { authenticator, refuser, verified }: Authentication,
  req: Request,
  res: Response,
  next: NextFunction,
): void {
  let refusal: Eventual<Refusal | undefined>
  try {
    refusal = authenticator.authorize(verified, policy, req, findRecord(req)?.resource)
  } catch (error) {
    next(toError(error))
    return
  }
  if (isPending(refusal)) {
    afterwards(refusal, {
      fulfilled: (one) => {
        if (one === undefined) next()
        else refuser(one, req, res, next)
      },
      rejected: (error) => {
        next(toError(error))
      },
      next,
    })
  } else if (refusal === undefined) next()
  else refuser(refusal, req, res, next)
}
