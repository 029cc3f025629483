import { withinDeadline, type Deadline } from './deadline.js'
import type { Eventual } from './eventual.js'

/** How an answer is taken. */
export interface Taking<Result> {
  /** Reads it into something of ours, once: an answer may say something else at the next look. */
  readonly read: (answer: unknown) => Result
  /** For an answer that comes later. Undefined only for what has deadlines of its own. */
  readonly deadline: Deadline | undefined
}

/**
 * Takes what a function answered that somebody else wrote: at once where it is there, and within a deadline where it is
 * promised, by a promise of whatever kind. The only way in which such an answer becomes a result.
 */
export function takeAnswer<Result>(answer: unknown, { read, deadline }: Taking<Result>): Eventual<Result> {
  const promised = readPromise(answer)
  if (promised === undefined) return read(answer)
  return (deadline === undefined ? promised : withinDeadline(promised, deadline)).then(read)
}

/**
 * Tells whether a function that must answer at once answered with a promise. What comes of the promise, an error too, is
 * nobody's.
 */
export function isPromised(answer: unknown): boolean {
  const promised = readPromise(answer)
  promised?.catch(() => undefined)
  return promised !== undefined
}

/** Makes a promise of ours of any thenable, whose `then` is read once; it may call back twice, at once, or throw. */
function readPromise(answer: unknown): Promise<unknown> | undefined {
  if ((typeof answer !== 'object' && typeof answer !== 'function') || answer === null || !('then' in answer))
    return undefined
  const { then } = answer
  if (typeof then !== 'function') return undefined
  return new Promise((resolve, reject) => {
    then.call(answer, resolve, reject)
  })
}
