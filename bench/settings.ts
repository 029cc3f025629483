import type { Contender } from './contenders.js'
import type { Workload } from './results.js'
import type { BenchAlgorithm } from './tokens/keys.js'

/** What every measurement goes by. */
export interface Settings {
  /** The folder of the repository. */
  readonly root: string
  /** Whether server and load have a core each. */
  readonly pin: boolean
  readonly rounds: number
  readonly seconds: number
  readonly warmUpRequests: number
  readonly contenders: readonly Contender[]
  readonly workloads: readonly Workload[]
  readonly algorithms: readonly BenchAlgorithm[]
  /** Part of the names of the cases that are counted; empty for all. */
  readonly cases: string
}
