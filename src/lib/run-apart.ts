import { inspect } from 'node:util'
import { takeAnswer } from './take-answer.js'

/**
 * Runs what somebody else wrote and nobody waits for: what it throws or rejects with is told by a warning of the process, which it
 * does not end, and keeps nobody else from being run.
 */
export function runApart(run: () => unknown): void {
  const warn = (error: unknown): void => {
    process.emitWarning(inspect(error))
  }
  try {
    takeAnswer(run(), { read: () => undefined, deadline: undefined })?.catch(warn)
  } catch (error) {
    warn(error)
  }
}
