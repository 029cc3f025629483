import type { NextFunction, Request, Response } from 'express'
import type { Refusal } from '../errors.js'
import { isPending } from '../lib/eventual.js'
import { takeAnswer } from '../lib/take-answer.js'
import type { OnError } from './options.js'
import { isError } from './to-error.js'

interface Refused {
  readonly error: Refusal
  readonly req: Request
  readonly res: Response
  readonly next: NextFunction
}

/**
 * Has the user's function answer a refused request. `next` is called once at most, and always with an error: that of the
 * function, or else the refusal.
 */
export function callOnError(onError: OnError, timeoutSeconds: number, { error, req, res, next }: Refused): void {
  const passed = { on: false }
  const passOn = (other?: unknown): void => {
    if (passed.on) return
    passed.on = true
    next(isError(other) ? other : error)
  }
  try {
    const answer: unknown = onError(error, req, res, passOn)
    const ended = takeAnswer(answer, {
      read: () => undefined,
      deadline: { seconds: timeoutSeconds, late: () => error },
    })
    if (!isPending(ended)) return
    ended.catch((thrown: unknown) => {
      // Late, but answering.
      if (thrown !== error || !res.headersSent) passOn(thrown)
    })
  } catch (thrown) {
    // Whoever comes after threw it: that is for Express to see.
    if (passed.on) throw thrown
    passOn(thrown)
  }
}
