import { builds, type ProcessSample, type Results } from '../results.js'
import { spreadOf } from '../statistics.js'
import { spread, table } from './table.js'

/** In whose multiples the others are told. */
const BASES: readonly string[] = ['bare', builds[0]]

/** CPU without HTTP around it, of those who take turns in one process. */
export function describeProcess(
  title: string,
  { labels }: Results,
  samples: readonly ProcessSample[],
): readonly string[] {
  const races = [...new Set(samples.map(({ race }) => race))]
  const rows = races.flatMap((race) => {
    const own = samples.filter((sample) => sample.race === race)
    const lanes = [...new Map(own.map((sample) => [laneOf(sample), sample])).values()]
    const base = BASES.flatMap((id) => lanes.filter(({ contender }) => contender === id))[0]
    const baseLane = base === undefined ? [] : own.filter((sample) => laneOf(sample) === laneOf(base))
    return lanes.map((lane) => {
      const found = own.filter((sample) => laneOf(sample) === laneOf(lane))
      const ratios = found.flatMap(({ round, cpuMicroseconds }) => {
        const beside = baseLane.find((sample) => sample.round === round)
        return beside === undefined ? [] : [cpuMicroseconds / beside.cpuMicroseconds]
      })
      const cpu = spreadOf(found.map(({ cpuMicroseconds }) => cpuMicroseconds))
      return [lane.case, labels[lane.contender] ?? lane.contender, spread(cpu, 1), spread(spreadOf(ratios), 2)]
    })
  })
  const rounds = new Set(samples.map(({ round }) => round)).size
  return [
    `## ${title}`,
    `CPU of one call, all threads, without HTTP around it: ${String(rounds)} processes, in each a small lot of every row in turns. The ratio is to the bare check where there is one, else to the first row; collections are not in it.`,
    table(['', '', 'CPU, us', 'ratio'], rows),
  ]
}

function laneOf({ case: id, contender }: ProcessSample): string {
  return `${id}, ${contender}`
}
