/** Work of which at most one run is under way. */
export interface SingleFlight<Result> {
  /** Starts the work, or joins the run that is under way. A failure is shared too, and then forgotten. */
  readonly run: () => Promise<Result>
  /** The run that is under way. */
  readonly pending: () => Promise<Result> | undefined
}

/** Wraps work so that calls made while it is under way share its one outcome. */
export function createSingleFlight<Result>(work: () => Promise<Result>): SingleFlight<Result> {
  let inFlight: Promise<Result> | undefined
  return {
    run() {
      inFlight ??= work().finally(() => {
        inFlight = undefined
      })
      return inFlight
    },
    pending: () => inFlight,
  }
}
