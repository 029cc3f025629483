import { join } from 'node:path'
import type { Site } from '../bench.js'
import type { Case, CaseGroup } from '../cases/case.js'
import type { Child } from '../children.js'
import type { Allocated, CountSample, Entered } from '../results.js'

const ROUNDS = 4
/** For promises, and for functions. */
const FEW = 64

/** How many calls of each case `countCases` makes. */
export function countedCalls({ count }: CaseGroup): number {
  return ROUNDS * count + 2 * FEW
}

interface Counting {
  readonly group: CaseGroup
  readonly cases: readonly Case[]
  readonly bench: Site
  readonly isOurs: boolean
}

/** Counts what the cases take in a process that is warm. */
export async function countCases(
  counter: Child,
  { group: { inFlight, count }, cases, bench: { settings }, isOurs }: Counting,
): Promise<readonly Omit<CountSample, 'contender'>[]> {
  const found: Omit<CountSample, 'contender'>[] = []
  for (const { id } of cases) {
    const allocated = await countBytes(counter, { id, count, inFlight })
    found.push({ case: id, ...allocated, promises: NaN })
  }
  // In this order: whoever listens to promises slows the code down, and what covers functions undoes what the compiler did.
  const few = { count: FEW, inFlight }
  const promises = new Map<string, number>()
  for (const { id } of cases) promises.set(id, Number(await counter.ask('promises', { id, ...few })))
  const entered = new Map<string, Entered>()
  // Of others it is not told.
  for (const { id } of isOurs ? cases : []) {
    const order = { id, ...few, folder: join(settings.root, 'dist') }
    entered.set(id, (await counter.ask('cover', order)) as Entered) // measured/cover.js says so
  }
  return found.map((one) => ({ ...one, promises: promises.get(one.case) ?? NaN, ...entered.get(one.case) }))
}

/** The least of a few rounds: what comes on top now and then is a table that grows, or the compiler. */
async function countBytes(
  counter: Child,
  order: { readonly id: string; readonly count: number; readonly inFlight: number },
): Promise<Allocated> {
  const rounds: (Allocated & { readonly collections: number })[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push((await counter.ask('bytes', order)) as Allocated & { collections: number }) // measured/count.js says so
  }
  const clean = rounds.filter(({ collections }) => collections === 0)
  if (clean.length === 0) throw new Error(`${order.id}: there was a collection in every round.`)
  return {
    heap: Math.min(...clean.map(({ heap }) => heap)),
    // Those of an earlier round may be given back meanwhile.
    buffers: Math.max(...clean.map(({ buffers }) => buffers)),
  }
}
