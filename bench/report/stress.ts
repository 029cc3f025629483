import { floods, type CachedSample, type Flood, type FloodSample, type Results } from '../results.js'
import { spreadOf } from '../statistics.js'
import { contendersIn } from './summary.js'
import { table } from './table.js'

const floodNames = {
  none: 'without',
  good: 'good tokens',
  malformed: 'malformed tokens',
  'unknown-kid': 'unknown `kid`',
  'bad-signature': 'bad signatures',
} as const satisfies Record<Flood, string>

/** What is remembered: what it costs to find, and how much room it takes. */
export function describeCached(results: Results, samples: readonly CachedSample[]): readonly string[] {
  const sizes = [...new Set(samples.map(({ size }) => size))].sort((a, b) => a - b)
  const median = (contender: string, size: number, measure: (sample: CachedSample) => number): number =>
    spreadOf(samples.filter((one) => one.contender === contender && one.size === size).map(measure)).median
  const rows = contendersIn(samples).flatMap((contender) => {
    const label = results.labels[contender] ?? contender
    return [
      [`${label}: CPU, us`, ...sizes.map((size) => median(contender, size, (one) => one.cpuMicroseconds).toFixed(1))],
      [
        `${label}: heap allocated, KiB`,
        ...sizes.map((size) =>
          (median(contender, size, ({ allocatedBytes = Number.NaN }) => allocatedBytes) / 1024).toFixed(1),
        ),
      ],
      [
        `${label}: memory, MiB`,
        ...sizes.map((size) => (median(contender, size, (one) => one.bytes) / 2 ** 20).toFixed(1)),
      ],
      [
        `${label}: bytes for each`,
        ...sizes.map((size) => (median(contender, size, (one) => one.bytes) / size).toFixed(0)),
      ],
    ]
  })
  return [
    '## Remembered tokens',
    table(['tokens, and as many places for them', ...sizes.map((size) => size.toLocaleString('en'))], rows),
  ]
}

/** How long good requests take beside others. */
export function describeFloods(results: Results, samples: readonly FloodSample[]): readonly string[] {
  const rows = contendersIn(samples).map((contender) => [
    results.labels[contender] ?? contender,
    ...floods.map((flood) => {
      const found = samples.filter((sample) => sample.contender === contender && sample.flood === flood)
      const p50 = spreadOf(found.map((sample) => sample.p50)).median
      const p99 = spreadOf(found.map((sample) => sample.p99)).median
      const rate = spreadOf(found.map((sample) => sample.floodPerSecond)).median
      const times = `${p50.toFixed(1)} / ${p99.toFixed(1)}`
      return flood === 'none' ? times : `${times} (${(rate / 1000).toFixed(1)})`
    }),
  ])
  return [
    '## Good requests beside a flood',
    table(['latency of the good in ms, p50 / p99 (flood, 1,000/s)', ...floods.map((flood) => floodNames[flood])], rows),
  ]
}
