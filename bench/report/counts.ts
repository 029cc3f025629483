import type { CountSample, Results } from '../results.js'
import { table } from './table.js'

/** What no noise changes. */
export function describeCounts({ labels }: Results, samples: readonly CountSample[]): readonly string[] {
  const whole = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(0))
  const rows = samples.map((sample) => [
    sample.case,
    labels[sample.contender] ?? sample.contender,
    whole(sample.heap),
    whole(sample.buffers),
    Math.abs(sample.promises).toFixed(1),
    sample.calls?.toFixed(1) ?? '-',
    whole(sample.functions),
    whole(sample.files),
  ])
  const header = ['', '', 'bytes', 'of buffers', 'promises', 'calls', 'functions', 'files']
  return [
    '## Counted',
    'For one call, the same on a busy machine: bytes allocated on the heap and in buffers beside it; promises, of which each `await` is one; calls of functions of ours, how many different ones, and from how many source files. "commonjs" is what Node runs, "modules" what bundlers take.',
    table(header, rows),
  ]
}
