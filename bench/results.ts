import type { Environment } from './environment.js'
import type { BenchAlgorithm } from './tokens/keys.js'

/** Everything that a run found out, as it is written to a file; tables and charts are made from it alone. */
export interface Results {
  readonly environment: Environment
  readonly settings: {
    readonly pinned?: boolean
    readonly rounds: number
    readonly seconds: number
    readonly warmUpRequests: number
  }
  readonly labels: Readonly<Record<string, string>>
  /** What the audit found; who is named here was not measured with that algorithm. */
  readonly faults: string[]
  /** Who failed at a size that it was measured with, and so has no figure there. */
  readonly failures: string[]
  http?: readonly HttpSample[]
  verify?: readonly VerifySample[]
  keys?: readonly ScaleSample[]
  issuers?: readonly ScaleSample[]
  cached?: readonly CachedSample[]
  floods?: readonly FloodSample[]
  idToken?: readonly IdTokenAnswer[]
  load?: readonly LoadSample[]
  start?: readonly StartSample[]
  threads?: readonly ThreadSample[]
  dpop?: DpopResults
  counts?: readonly CountSample[]
  process?: readonly ProcessSample[]
  refuse?: readonly ProcessSample[]
  opaque?: readonly ProcessSample[]
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
  /** Of one core, that the load generator took. */
  readonly generatorShare: number
}

export const verifyModes = ['cold, one at a time', 'cold, 32 at once', 'warm'] as const
export type VerifyMode = (typeof verifyModes)[number]

/** Verification alone: what one token took. */
export interface VerifySample {
  readonly algorithm: BenchAlgorithm
  readonly contender: string
  readonly round: number
  readonly mode: VerifyMode
  readonly cpuMicroseconds: number
}

/** What one token took, and what the process kept. */
export interface Growth {
  readonly cpuMicroseconds: number
  /** On the heap, for one token. */
  readonly allocatedBytes: number
  /** In use by all of the process, after a garbage collection. */
  readonly heldBytes: number
}

/** The same beside so many keys, issuers or remembered tokens; earlier results have the CPU alone. */
export interface ScaleSample extends Partial<Growth> {
  readonly contender: string
  readonly round: number
  readonly size: number
  readonly cpuMicroseconds: number
}

export interface CachedSample extends ScaleSample {
  /** What the remembered tokens took, all together. */
  readonly bytes: number
}

export const floods = ['none', 'good', 'malformed', 'unknown-kid', 'bad-signature'] as const
export type Flood = (typeof floods)[number]

/** Good requests beside a flood of others. */
export interface FloodSample {
  readonly contender: string
  readonly round: number
  readonly flood: Flood
  /** Of the good requests, in milliseconds. */
  readonly p50: number
  readonly p99: number
  /** How many were answered, of either kind. */
  readonly goodPerSecond: number
  readonly floodPerSecond: number
}

export interface IdTokenAnswer {
  readonly contender: string
  readonly status: number
}

export const loadWays = ['require', 'import'] as const
export type LoadWay = (typeof loadWays)[number]

/** What loading a contender's packages took, in a process of its own. */
export interface LoadSample {
  readonly contender: string
  readonly round: number
  readonly way: LoadWay
  readonly cpuMicroseconds: number
  /** What is kept, after a garbage collection. */
  readonly bytes: number
}

/** In their order; what somebody does not do takes nothing. Nobody waits for what goes on in other threads afterwards. */
export const startPhases = ['load', 'create', 'metadata', 'keys', 'first request', 'afterwards'] as const
export type StartPhase = (typeof startPhases)[number]

/** One start of a process, to its first good answer; in microseconds. */
export interface StartSample {
  readonly contender: string
  /** What was prepared. */
  readonly way: string
  readonly round: number
  readonly phases: Partial<Readonly<Record<StartPhase, { readonly cpu: number; readonly wall: number }>>>
}

/** New tokens through so many processes, on so many cores, each with a thread pool of that size. */
export interface ThreadSample {
  readonly algorithm: BenchAlgorithm
  readonly round: number
  readonly cores: number
  readonly processes: number
  readonly threads: number
  readonly requestsPerSecond: number
  /** Of all processes, all their threads, for one request. */
  readonly cpuMicroseconds: number
  /** In milliseconds. */
  readonly p99: number
}

export const proofKinds = [
  'Bearer, without the option',
  'Bearer',
  'known key',
  'another key',
  'known key, new token',
  'new key, new token',
] as const
export type ProofKind = (typeof proofKinds)[number]

/** What one request took, of those that are authenticated in turns. */
export interface ProofSample {
  readonly algorithm: BenchAlgorithm
  readonly contender: ProofKind
  readonly round: number
  readonly cpuMicroseconds: number
}

export interface DpopResults {
  readonly samples: readonly ProofSample[]
  /** For one proof that is remembered, in each round. */
  readonly bytes: readonly number[]
}

/** Our own, as it is published: what Node runs, and what bundlers take. */
export const builds = ['commonjs', 'modules'] as const

/** What one call allocates, in bytes: on the heap, and in buffers beside it. */
export interface Allocated {
  readonly heap: number
  readonly buffers: number
}

/** How often one call enters a function of ours, how many different ones, and from how many source files. */
export interface Entered {
  readonly calls: number
  readonly functions: number
  readonly files: number
}

/** What one call of a case takes, on any machine. */
export interface CountSample extends Allocated, Partial<Entered> {
  readonly case: string
  /** A build of ours, or the identifier of another. */
  readonly contender: string
  readonly promises: number
}

/** What one call took in a process that several share in turns. */
export interface ProcessSample {
  readonly race: string
  readonly case: string
  readonly contender: string
  readonly round: number
  readonly cpuMicroseconds: number
}
