import type { Entry } from './entry.js'
import type { Marks } from './marks.js'

/** What this process knows to be taken back. */
export interface TakenBack {
  /** Takes an entry in; answers whether it said anything new, or `'full'` where there is no room for it. */
  readonly add: (entry: Entry, now: number) => boolean | 'full'
  readonly has: (marks: Marks) => boolean
  /** All that is alive. */
  readonly list: (now: number) => readonly Entry[]
  /** Grows with each thing that was new: what was not taken back at one version is not at the same one later. */
  readonly version: () => number
}

/** A subject, and before when its tokens were issued. */
interface Bound {
  readonly until: number
  readonly before: number
}

/** How long what is over is kept: a clock that is set back by less changes nothing. */
const GRACE_SECONDS = 60

/** Creates a bounded set that never forgets what is alive. */
export function createTakenBack(maxEntries: number): TakenBack {
  /** Until when each mark is refused, in whole seconds: as such it takes no room of its own. */
  const whole = new Map<string, number>()
  const bounds = new Map<string, Bound>()
  let version = 0

  const forget = (now: number): void => {
    for (const [mark, until] of whole) if (now >= until + GRACE_SECONDS) whole.delete(mark)
    for (const [mark, { until }] of bounds) if (now >= until + GRACE_SECONDS) bounds.delete(mark)
  }
  /** All are looked at, when there are twice as many as were alive the last time: a few looks for each that is added. */
  let threshold = 1024
  const makeRoom = (now: number): boolean => {
    const size = (): number => whole.size + bounds.size
    if (size() < Math.min(threshold, maxEntries)) return true
    forget(now)
    threshold = Math.max(1024, 2 * size())
    return size() < maxEntries
  }

  const addWhole = (mark: string, until: number, now: number): boolean | 'full' => {
    const known = whole.get(mark)
    if (known !== undefined && known >= until) return false
    if (known === undefined && !makeRoom(now)) return 'full'
    whole.set(mark, until)
    return true
  }
  const addBound = (mark: string, { until, before }: Bound, now: number): boolean | 'full' => {
    const known = bounds.get(mark) ?? { until: 0, before: 0 }
    if (known.until >= until && known.before >= before) return false
    if (!bounds.has(mark) && !makeRoom(now)) return 'full'
    // The later of each: it refuses what both refuse, and for as long.
    bounds.set(mark, { until: Math.max(known.until, until), before: Math.max(known.before, before) })
    return true
  }

  return {
    add({ mark, until, before }, now) {
      if (now >= until) return false
      const outcome = before === undefined ? addWhole(mark, until, now) : addBound(mark, { until, before }, now)
      if (outcome === true) version++
      return outcome
    },
    has({ own, subject, issuedAt }) {
      for (const mark of own) if (whole.has(mark)) return true
      const bound = subject === undefined ? undefined : bounds.get(subject)
      return bound !== undefined && (issuedAt === undefined || issuedAt < bound.before)
    },
    list(now) {
      forget(now)
      const entries: Entry[] = []
      for (const [mark, until] of whole) if (now < until) entries.push({ mark, until, before: undefined })
      for (const [mark, { until, before }] of bounds) if (now < until) entries.push({ mark, until, before })
      return entries
    },
    version: () => version,
  }
}
