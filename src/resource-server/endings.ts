import type { Authenticator } from '../authenticator.js'
import { runApart } from '../lib/run-apart.js'
import { createTimetable } from '../lib/timetable.js'
import type { Auth } from '../tokens/auth.js'

interface End {
  readonly callback: () => void
  readonly graceSeconds: number
}

/** Who is called back when a token is over: it has expired, or was taken back. */
export interface Endings {
  readonly add: (auth: Auth<unknown>, end: End) => () => void
  readonly clear: () => void
}

/** Creates the list of those who wait for the end of a token. Each is called once. */
export function createEndings({ now, watchRevoked }: Pick<Authenticator, 'now' | 'watchRevoked'>): Endings {
  const timetable = createTimetable(now)
  /** What cancels each of those who would hear of a revocation. */
  const watching = new Set<() => void>()
  return {
    add(auth, { callback, graceSeconds }) {
      const due = auth.expiresAt + graceSeconds
      const call = (): void => {
        runApart(callback)
      }
      if (watchRevoked === undefined) return timetable.add(due, call)
      const end = (): void => {
        watching.delete(end)
        leave()
        stop()
      }
      const run = (): void => {
        end()
        call()
      }
      const leave = timetable.add(due, run)
      const stop = watchRevoked(auth, run)
      watching.add(end)
      return end
    },
    clear() {
      timetable.clear()
      for (const end of watching) end()
    },
  }
}
