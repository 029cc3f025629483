import type { NextFunction } from 'express'
import { toError } from './to-error.js'

/** What follows when a promise has settled. */
interface Steps<Result> {
  readonly fulfilled: (result: Result) => void
  readonly rejected: (error: unknown) => void
  readonly next: NextFunction
}

/** Goes on after a wait. Nobody is there any more to catch what a step throws: it goes to `next`, as it would have before. */
export function afterwards<Result>(promise: Promise<Result>, { fulfilled, rejected, next }: Steps<Result>): void {
  promise.then(fulfilled, rejected).catch((thrown: unknown) => {
    next(toError(thrown))
  })
}
