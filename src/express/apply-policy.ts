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
  const goOn = (refusal: Refusal | undefined): void => {
    if (refusal === undefined) next()
    else refuser(refusal, req, res, next)
  }
  const rejected = (error: unknown): void => {
    next(toError(error))
  }
  let refusal: Eventual<Refusal | undefined>
  try {
    refusal = authenticator.authorize(verified, policy, req, findRecord(req)?.resource)
  } catch (error) {
    rejected(error)
    return
  }
  if (isPending(refusal)) afterwards(refusal, { fulfilled: goOn, rejected, next })
  else goOn(refusal)
}
