import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.js'
import { unprotected, type Contender } from '../contenders.js'
import { loadWays, type LoadSample, type LoadWay } from '../results.js'
import { inTurns, rotated } from '../turns.js'

/** One load takes a moment: for each round of the others there are three of it. */
const LOADS_IN_A_ROUND = 3

/** What `import` and `require` of everybody's packages cost, each in a process of its own. */
export async function measureLoad(
  { settings, contenders, children, progress }: Bench,
  failures: string[],
): Promise<readonly LoadSample[]> {
  const able = contenders.filter(isFirstOfItsPackages)
  const rounds = settings.rounds * LOADS_IN_A_ROUND
  const samples: LoadSample[] = []
  const failed = new Map<string, string>()
  progress.expect(rounds * able.length * loadWays.length)
  for (const { round, item: contender } of inTurns(rounds, able)) {
    for (const way of rotated(loadWays, round)) {
      const what = `${way} of ${contender.label}`
      progress.step(`round ${String(round + 1)}: ${what}`)
      const child = await children.start('measured/load.js', ['--expose-gc'])
      try {
        const specifiers = specifiersFor(contender, { way, root: settings.root })
        // What measured/load.js answers.
        const found = (await child.ask('load', { way, specifiers })) as Pick<LoadSample, 'cpuMicroseconds' | 'bytes'>
        samples.push({ contender: contender.id, round, way, ...found })
      } catch (error) {
        failed.set(what, String(error).split('\n', 1)[0] ?? '')
      } finally {
        child.end()
      }
    }
  }
  failures.push(...[...failed].map(([what, said]) => `${what}: ${said}`))
  return samples
}

/** The same packages with other options load alike, and the bare crypto has none. */
function isFirstOfItsPackages(contender: Contender, position: number, all: readonly Contender[]): boolean {
  const key = ({ library, module, packages }: Contender): string => [library, module, ...packages].join()
  return (
    contender.id !== unprotected.id &&
    contender.signatureOnly !== true &&
    all.findIndex((other) => key(other) === key(contender)) === position
  )
}

export function specifiersFor(
  { packages, library }: Contender,
  { way, root }: { readonly way: LoadWay; readonly root: string },
): readonly string[] {
  if (packages.length > 0) return packages
  const folder = library ?? root
  // As it is published.
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: { '.': Record<LoadWay, { default: string }> }
  }
  return [join(folder, exports['.'][way].default)]
}
