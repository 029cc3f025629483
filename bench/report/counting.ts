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
    sample.promises.toFixed(1),
    sample.calls?.toFixed(1) ?? '-',
    whole(sample.functions),
    whole(sample.files),
  ])
  const header = ['', '', 'bytes', 'of buffers', 'promises', 'calls', 'functions', 'files']
  return ['## Counted', table(header, rows)]
}
