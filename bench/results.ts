import type { Environment } from './environment.js'
import type { BenchAlgorithm } from './tokens/keys.js'

/** Everything that a run found out, as it is written to a file; tables and charts are made from it alone. */
export interface Results {
  readonly environment: Environment
  readonly settings: { readonly rounds: number; readonly seconds: number; readonly warmUpRequests: number }
  readonly labels: Readonly<Record<string, string>>
  /** What the audit found; who is named here was not measured with that algorithm. */
  faults: readonly string[]
  http?: readonly HttpSample[]
}

export const workloads = ['one', 'zipf', 'distinct'] as const
export type Workload = (typeof workloads)[number]

/** One contender in one round. */
export interface HttpSample {
  readonly workload: Workload
  readonly algorithm: BenchAlgorithm
  readonly contender: string
  readonly round: number
  readonly requestsPerSecond: number
  /** Of the server's process, all its threads, for one request. */
  readonly cpuMicroseconds: number
  /** In milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Of one core, that the load generator took. */
  readonly generatorShare: number
}
