import { createGate } from '../lib/gate.js'

/** Places for calls, apart for tokens that were active before and for those of which nothing is known. */
export interface Lanes {
  /**
   * Takes a place, or waits in line for one. Answers what gives it back, or `undefined` where the line is full or the signal
   * was aborted first.
   */
  readonly enter: (isKnown: boolean, signal: AbortSignal) => Promise<(() => void) | undefined>
}

/** At once, of each kind: random tokens take none of the places of good ones. */
const PLACES = { known: 32, unknown: 16 }
/** In line, of each kind. Beyond, whoever comes hears so at once. */
const MAX_LINE = 1000

export function createLanes(): Lanes {
  const lane = (places: number) => ({ gate: createGate(places), entered: 0, most: places + MAX_LINE })
  const lanes = { known: lane(PLACES.known), unknown: lane(PLACES.unknown) }
  return {
    async enter(isKnown, signal) {
      const own = isKnown ? lanes.known : lanes.unknown
      if (own.entered >= own.most) return undefined
      own.entered++
      try {
        await own.gate.enter(signal)
      } catch {
        own.entered--
        return undefined
      }
      return () => {
        own.entered--
        own.gate.leave()
      }
    },
  }
}
