import type { BenchAlgorithm } from '../tokens/keys.js'

/** Calls of one kind, as a process that counts makes them. */
export interface Case {
  readonly id: string
  /** What comes of each call; without a word, it is let through. */
  readonly status?: number
  /** Tokens for a verifier, raw headers for a middleware: one for each call, or a single one that comes again. */
  readonly material: readonly (string | readonly string[])[]
}

/** Cases that share a process, since they share settings. */
export interface CaseGroup {
  readonly id: string
  readonly way: 'verify' | 'middleware'
  readonly algorithm: BenchAlgorithm
  /** How many calls are on their way at once. */
  readonly inFlight: number
  /** How often a case is called before anything counts, and how often while it does. */
  readonly warmUp: number
  readonly count: number
  /** What is ours beyond issuer and audience, as the options have it. */
  readonly options?: (places: Places) => Readonly<Record<string, unknown>>
  /** What the guard behind the middleware wants. */
  readonly scope?: string
  /** Whether the resource's metadata is published before it. */
  readonly metadata?: boolean
  /** The contenders that do it too, by their identifiers. */
  readonly peers?: readonly string[]
  /** Makes what is sent: this many calls of each case. */
  make(calls: number, needs: Needs): Promise<readonly Case[]>
}

/** What options name. */
export interface Places {
  /** Where key sets are served, and the issuer is asked. */
  readonly keyServer: string
  readonly jwks: object
}

/** What making takes. */
export interface Needs {
  /** So many tokens that nobody has seen. */
  readonly tokens: (algorithm: BenchAlgorithm, count: number) => Promise<readonly string[]>
}
