import { percentile, type HeapTrend } from './measure.js'
import type { Recorder } from './recorder.js'

export interface FetchCount {
  readonly issuer: string
  readonly count: number
  readonly allowed: number
}

export interface Figures {
  readonly recorder: Recorder
  readonly fetches: readonly FetchCount[]
  readonly heap: HeapTrend
  readonly floods: { readonly bogus: number; readonly fetches: number }
  /** The longest time that either process did nothing else. */
  readonly stalledMs: number
  readonly violations: readonly string[]
}

/** The figures of a run, as a table for a terminal. */
export function describeRun({ recorder, fetches, heap, floods, stalledMs, violations }: Figures): string {
  const { answered, oneRightVerdict, wrong } = recorder.totals
  const share = (100 * oneRightVerdict) / Math.max(answered, 1)
  return [
    '',
    ...table([
      ['requests', 'sent', 'wrong', 'answers'],
      ...recorder
        .rows()
        .toSorted((a, b) => b.sent - a.sent)
        .map((row) => [row.kind, String(row.sent), String(row.wrong), outcomesOf(row.outcomes)]),
      ['all', String(answered), String(wrong), `${share.toFixed(1)} % had exactly one right verdict`],
    ]),
    '',
    ...table([
      ['latency in ms', 'p50', 'p99', 'longest'],
      ...[...recorder.latencies].map(([name, values]) => [
        name,
        ...[0.5, 0.99, 1].map((one) => percentile(values, one).toFixed(0)),
      ]),
    ]),
    '',
    ...fetches.map(
      ({ issuer, count, allowed }) => `fetches from ${issuer}: ${String(count)}, at most ${String(allowed)} allowed`,
    ),
    `fetches during floods: ${String(floods.fetches)} for ${String(floods.bogus)} made-up key names`,
    `heap of the API: ${mebibytes(heap.start)} to ${mebibytes(heap.end)} MiB over the last two thirds, ` +
      `${heap.bytesPerSecond.toFixed(0)} bytes/s, at most ${heap.allowedBytesPerSecond.toFixed(0)} allowed`,
    `longest stall of either process: ${stalledMs.toFixed(0)} ms`,
    '',
    ...(violations.length === 0 ? ['No violation.'] : ['Violations:', ...violations.map((one) => `  ${one}`)]),
  ].join('\n')
}

export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(2)
}

function outcomesOf(outcomes: ReadonlyMap<string, number>): string {
  return [...outcomes]
    .sort(([, a], [, b]) => b - a)
    .map(([verdict, count]) => `${verdict} ${String(count)}`)
    .join(', ')
}

/** Lines with columns; all but the first and the last stand to the right. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const pad = (cell: string, column: number): string =>
    column === 0 || (columns === 4 && column === 3 && Number.isNaN(Number(cell)))
      ? cell.padEnd(widths[column] ?? 0)
      : cell.padStart(widths[column] ?? 0)
  const lines = rows.map((row) => row.map(pad).join('  ').trimEnd())
  return [
    lines[0] ?? '',
    '-'.repeat(
      Math.min(
        120,
        widths.reduce((a, b) => a + b + 2, -2),
      ),
    ),
    ...lines.slice(1),
  ]
}
