/** A result that is there, or will be. */
export type Eventual<Result> = Result | Promise<Result>

/** Goes on with a result: at once where it is there, so that what need not wait costs no promise and no turn of the loop. */
export function whenSettled<Result, Next>(
  result: Eventual<Result>,
  next: (result: Result) => Eventual<Next>,
): Eventual<Next> {
  return result instanceof Promise ? result.then(next) : next(result)
}
