import type { Bench } from '../bench.js'
import type { Contender } from '../contenders.js'
import { inTurns, rotated } from '../turns.js'

interface Sweep<Found> {
  readonly able: readonly Contender[]
  readonly sizes: readonly number[]
  /** What there are so many of. */
  readonly unit: string
  /** One measurement, in a process that it starts and ends itself. */
  readonly measure: (contender: Contender, size: number) => Promise<Found>
}

/**
 * Measures everybody at every size, round by round, both in turns.
 *
 * Who fails at a size, by refusing a good token say, has no figure there, and what it said is added to the failures.
 */
export async function measureOverSizes<Found extends object>(
  { settings: { rounds }, progress }: Bench,
  { able, sizes, unit, measure }: Sweep<Found>,
  failures: string[],
): Promise<readonly (Found & { readonly contender: string; readonly round: number; readonly size: number })[]> {
  progress.expect(rounds * sizes.length * able.length)
  const samples = []
  const failed = new Map<string, string>()
  for (const { round, item: contender } of inTurns(rounds, able)) {
    for (const size of rotated(sizes, round)) {
      const what = `${contender.label}, ${String(size)} ${unit}`
      progress.step(`round ${String(round + 1)}: ${what}`)
      // Once is enough: it may have taken two minutes.
      if (failed.has(what)) continue
      const found = await measure(contender, size).catch((error: unknown) => String(error).split('\n', 1)[0])
      if (typeof found === 'object') samples.push({ contender: contender.id, round, size, ...found })
      else failed.set(what, String(found))
    }
  }
  failures.push(...[...failed].map(([what, said]) => `${what}: ${said}`))
  return samples
}
