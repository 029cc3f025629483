/** Room for so many at once. */
export interface Gate {
  /**
   * Takes a place, or waits in line for one.
   *
   * @throws {Error} When the signal is aborted before there is one.
   */
  readonly enter: (signal: AbortSignal) => Promise<void>
  /** Gives a place back, to whoever has been waiting longest. */
  readonly leave: () => void
}

export function createGate(places: number): Gate {
  let free = places
  const line = new Set<() => void>()
  return {
    async enter(signal) {
      signal.throwIfAborted()
      if (free > 0) {
        free--
        return
      }
      await new Promise<void>((resolve, reject) => {
        const giveUp = (): void => {
          line.delete(goOn)
          reject(new Error('There was no place in time.'))
        }
        const goOn = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve()
        }
        line.add(goOn)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
    leave() {
      const [next] = line
      if (next === undefined) {
        free++
        return
      }
      line.delete(next)
      next()
    },
  }
}
