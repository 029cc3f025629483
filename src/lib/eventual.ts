/** A result that is there, or will be. */
export type Eventual<Result> = Result | Promise<Result>

/** Tells whether a result of ours is still to come. */
export function isPending<Result>(result: Eventual<Result>): result is Promise<Result> {
  return typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function'
}

/** Goes on with a result: at once where it is there, so that what need not wait costs no promise and no turn of the loop. */
export function whenSettled<Result, Next>(
  result: Eventual<Result>,
  next: (result: Result) => Eventual<Next>,
): Eventual<Next> {
  return isPending(result) ? result.then(next) : next(result)
}
