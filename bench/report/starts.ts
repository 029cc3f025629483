import { startPhases, type Results, type StartSample } from '../results.js'
import { spreadOf } from '../statistics.js'
import { spread, table } from './table.js'

/** What a process does before its first good answer, and how much of it can be spared. */
export function describeStarts({ labels }: Results, samples: readonly StartSample[]): readonly string[] {
  const starts = [...new Set(samples.map(({ contender, way }) => `${contender} ${way}`))].map((start) =>
    samples.filter(({ contender, way }) => `${contender} ${way}` === start),
  )
  const tables = (['cpu', 'wall'] as const).map((clock) => {
    const shown = startPhases.filter((name) => clock === 'cpu' || name !== 'afterwards')
    const rows = starts.flatMap((own) => {
      const [first] = own
      if (first === undefined) return []
      const phase = (name: (typeof startPhases)[number]): string => {
        const found = own.map(({ phases }) => (phases[name]?.[clock] ?? Number.NaN) / 1000)
        return found.every((value) => Number.isNaN(value)) ? '-' : spread(spreadOf(found), 1)
      }
      const all = own.map(({ phases }) => shown.reduce((sum, name) => sum + (phases[name]?.[clock] ?? 0), 0) / 1000)
      return [
        [`${labels[first.contender] ?? first.contender}: ${first.way}`, ...shown.map(phase), spread(spreadOf(all), 1)],
      ]
    })
    const name = clock === 'cpu' ? 'CPU' : 'time'
    return table([`${name}, ms`, ...shown, 'together'], rows)
  })
  const rounds = new Set(samples.map(({ round }) => round)).size
  return [
    '## From the start of a process to its first 200',
    `A fresh process in which Express is loaded, ${String(rounds)} for each row, in turns; the issuer is a process of the same machine.`,
    ...tables,
  ]
}
