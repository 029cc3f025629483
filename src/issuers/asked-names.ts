import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { WantedKey } from './key-index.js'

/** Remembers which names of keys have been asked for, and since when, counted in loads. */
export interface AskedNames {
  /**
   * Says how many loads had started when a name was first asked for: it has been looked for in the set of any later one.
   * `startedLoads` are those until now.
   */
  readonly firstAsked: (wanted: WantedKey, startedLoads: number) => number
}

/** A flood of made-up names pushes others out, which are then undecided rather than unknown for one cooldown more. */
const MAX_NAMES = 32

/** Bounded by the number of names; each is kept as a digest, since anybody can make one up. */
export function createAskedNames(): AskedNames {
  const names = new LRUCache<string, number>({ max: MAX_NAMES })
  return {
    firstAsked({ kid, algorithm }, startedLoads) {
      const name = hash('sha256', kid ?? `\0${algorithm}`, 'binary')
      const known = names.get(name)
      if (known !== undefined) return known
      names.set(name, startedLoads)
      return startedLoads
    },
  }
}
