import { loadWays, type LoadSample, type Results } from '../results.js'
import { spreadOf } from '../statistics.js'
import { contendersIn } from './summary.js'
import { spread, table } from './table.js'

/** What the packages cost before the first request. */
export function describeLoad(results: Results, samples: readonly LoadSample[]): readonly string[] {
  const rows = contendersIn(samples).map((contender) => [
    results.labels[contender] ?? contender,
    ...loadWays.flatMap((way) => {
      const own = samples.filter((sample) => sample.contender === contender && sample.way === way)
      return [
        spread(spreadOf(own.map((sample) => sample.cpuMicroseconds / 1000)), 1),
        spread(spreadOf(own.map((sample) => sample.bytes / 2 ** 20)), 2),
      ]
    }),
  ])
  const rounds = new Set(samples.map(({ round }) => round)).size
  return [
    '## Loading',
    `The packages alone, without Express, ${String(rounds)} processes for each figure, in turns.`,
    table(['', ...loadWays.flatMap((way) => [`\`${way}\`: CPU, ms`, `\`${way}\`: heap, MiB`])], rows),
  ]
}
