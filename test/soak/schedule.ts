import type { Fault, SoakIssuer } from './issuer.js'
import { keys } from './settings.js'

/** Something that happens to the world outside the API, so many seconds after the start. */
export interface Event {
  readonly second: number
  /** When it is over, if it lasts: a run does not begin what it cannot end. */
  readonly until?: number
  readonly run: () => Promise<void> | void
}

/** When made-up key names come. In seconds. */
export interface Flood {
  readonly from: number
  readonly to: number
}

/** When nobody forges signatures of an issuer. In seconds. */
interface Calm {
  readonly issuer: SoakIssuer
  readonly from: number
  readonly to: number
}

export interface Schedule {
  readonly events: readonly Event[]
  readonly floods: readonly Flood[]
  readonly calms: readonly Calm[]
}

const CYCLE_SECONDS = 30
const OUTAGE_SECONDS = 7
/** Longer than keys may be served stale. */
const LONG_OUTAGE_SECONDS = 22

/** For so long whoever took the one fetch of a cooldown may be in the way of others, and some time more. */
const LONGEST_SHADOW_SECONDS = keys.cooldownSeconds + keys.timeoutSeconds + 1

const FAULTS: readonly (readonly Fault[])[] = [
  ['refused', 'hang', '302', '500', 'drip', 'html'],
  ['500', 'drip', 'refused', 'empty', 'hang', '302'],
]
/** The issuer and its cycle with the one outage that outlasts the keys. */
const LONG = { issuer: 1, cycle: 2 }

/**
 * Every issuer goes through one cycle after another, half a cycle apart: a new key beside the old one, a new key in place of
 * the old ones, an outage (in one of four the keys change meanwhile), recovery, a flood. Made-up and withdrawn keys and forged
 * signatures, which may take the one fetch of a cooldown, stay away from each first rotation, so that there the new key must be
 * seen at once.
 */
export function planRun(issuers: readonly SoakIssuer[], seconds: number): Schedule {
  const events: Event[] = []
  const floods: Flood[] = []
  const calms: Calm[] = []
  issuers.forEach((issuer, index) => {
    const offset = (index * CYCLE_SECONDS) / issuers.length
    for (let cycle = 0; offset + cycle * CYCLE_SECONDS < seconds; cycle += 1) {
      const start = offset + cycle * CYCLE_SECONDS
      const planned = planCycle(issuer, { index, cycle, start })
      events.push(...planned)
      const first = planned[0]?.second ?? start
      calms.push({ issuer, from: first - LONGEST_SHADOW_SECONDS, to: first + LONGEST_SHADOW_SECONDS / 2 })
      // One flood for each cycle of the first issuer: it asks every issuer.
      if (index === 0) floods.push({ from: start + 24, to: start + 28 })
    }
  })
  const inTime = events.filter(({ second, until = second }) => until < seconds - 1)
  return {
    events: inTime.sort((a, b) => a.second - b.second),
    floods: floods.filter(({ from }) => from < seconds),
    calms,
  }
}

function planCycle(
  issuer: SoakIssuer,
  { index, cycle, start }: { index: number; cycle: number; start: number },
): readonly Event[] {
  const faults = FAULTS[index % FAULTS.length] ?? []
  const fault = faults[cycle % faults.length] ?? 'refused'
  const long = index === LONG.issuer && cycle === LONG.cycle
  const from = start + 11
  const to = from + (long ? LONG_OUTAGE_SECONDS : OUTAGE_SECONDS)
  const rotation = (second: number, withdrawOld: boolean): Event => ({
    second,
    run: () => issuer.rotate({ withdrawOld }),
  })
  // The long outage reaches into the cycle after it, and so does the back-off.
  if (index === LONG.issuer && cycle === LONG.cycle + 1) return [rotation(start + 26, false)]
  return [
    rotation(start + 2, false),
    rotation(start + 6, true),
    ...(cycle % 4 === 1 ? [rotation(from + 3, true)] : []),
    {
      second: from,
      until: to,
      run: () => {
        issuer.goDown(fault)
      },
    },
    { second: to, run: () => issuer.comeBack() },
  ]
}
