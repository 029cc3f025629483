import type { Spoiling } from './requests.js'

/** What the parent says and hears. */
export interface LoadRequest {
  readonly name: string
  readonly files: readonly string[]
  readonly count: number
  readonly spoiling: Spoiling
}

export interface Traffic {
  readonly port: number
  readonly pool: string
  /** Each token once, round and round, or a few of them far more often than the others. */
  readonly order: 'once' | 'cycle' | 'zipf'
  readonly connections: number
  /** How many of that order to leave out. */
  readonly from?: number
  /** As many requests as that, or as many as can be had. */
  readonly perSecond?: number
}

/** Since the last mark. */
export interface Figures {
  readonly requests: number
  /** How far in the order it got since the start, those left out included. */
  readonly sent: number
  readonly seconds: number
  readonly statuses: Readonly<Record<string, number>>
  /** In milliseconds, from the first byte sent to the last one received. */
  readonly p50: number
  readonly p99: number
  /** Of one core, that the generator itself took. */
  readonly cpuShare: number
  readonly failure: string | undefined
  /** Whether every token was sent, so that there was nothing left to send. */
  readonly exhausted: boolean
}
