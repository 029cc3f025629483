import type { ThreadSample } from '../results.js'
import { spreadOf } from '../statistics.js'
import { spread, table } from './table.js'

/** What the size of the thread pool changes. */
export function describeThreads(samples: readonly ThreadSample[]): readonly string[] {
  const lane = ({ algorithm, cores, processes, threads }: ThreadSample): string => {
    const where = `${String(cores)} ${cores === 1 ? 'core' : 'cores'}`
    return `${algorithm}, ${where}, ${String(processes)} ${processes === 1 ? 'process' : 'processes'}, threads: ${String(threads)}`
  }
  const rows = [...new Set(samples.map(lane))].map((name) => {
    const own = samples.filter((sample) => lane(sample) === name)
    return [
      name,
      spread(spreadOf(own.map(({ cpuMicroseconds }) => cpuMicroseconds)), 0),
      spread(spreadOf(own.map(({ requestsPerSecond }) => requestsPerSecond)), 0),
      spread(spreadOf(own.map(({ p99 }) => p99)), 1),
    ]
  })
  return [
    '## Threads that check signatures, every token new',
    table(['', 'CPU for a request, us', 'requests/s', 'p99, ms'], rows),
  ]
}
