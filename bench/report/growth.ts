import type { Results, ScaleSample } from '../results.js'
import { spreadOf } from '../statistics.js'
import { contendersIn } from './summary.js'
import { table } from './table.js'

/** What a new token costs beside more and more of something, and what the process keeps. */
export function describeScale(
  { labels }: Results,
  { title, samples }: { title: string; samples: readonly ScaleSample[] },
): readonly string[] {
  const sizes = [...new Set(samples.map(({ size }) => size))].sort((a, b) => a - b)
  const [smallest = 1] = sizes
  const rows = contendersIn(samples).map((contender) => [
    labels[contender] ?? contender,
    ...sizes.map((size) => {
      const own = samples.filter((sample) => sample.contender === contender)
      const found = own.filter((sample) => sample.size === size)
      const median = (measure: (sample: ScaleSample) => number | undefined): number =>
        spreadOf(found.map((sample) => measure(sample) ?? Number.NaN)).median
      const cpu = median(({ cpuMicroseconds }) => cpuMicroseconds)
      if (Number.isNaN(cpu)) return '-'
      const growth = spreadOf(
        found.flatMap((sample) => {
          const base = own.find((one) => one.round === sample.round && one.size === smallest)
          return base === undefined ? [] : [sample.cpuMicroseconds / base.cpuMicroseconds]
        }),
      ).median
      const allocated = median(({ allocatedBytes }) => allocatedBytes)
      const heap = Number.isNaN(allocated)
        ? ''
        : `, ${(allocated / 1024).toFixed(1)}, ${(median(({ heldBytes }) => heldBytes) / 2 ** 20).toFixed(1)}`
      return `${cpu.toFixed(1)} (x ${growth.toFixed(2)})${heap}`
    }),
  ])
  const header = [
    'for a new token: CPU, us (against the smallest); heap allocated, KiB; in use by the process, MiB',
    ...sizes.map((size) => size.toLocaleString('en')),
  ]
  return [`## ${title}`, table(header, rows)]
}
