/** How long something may take, and what to fail with when it takes longer. */
export interface Deadline {
  readonly seconds: number
  /** Makes the error to fail with. */
  readonly late: () => Error
}

/**
 * Settles with the work, or fails when it takes too long. What comes of it later, an error too, is nobody's.
 *
 * This does NOT end the work. The timer keeps no process alive.
 */
export async function withinDeadline<Result>(work: Promise<Result>, { seconds, late }: Deadline): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late())
    }, seconds * 1000).unref()
  })
  try {
    return await Promise.race([work, end])
  } finally {
    clearTimeout(timer)
  }
}
