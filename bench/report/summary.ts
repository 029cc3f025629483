import type { HttpSample } from '../results.js'
import { spreadOf, type Spread } from '../statistics.js'

/** What a contender comes to against the bare route of the same round. */
export interface HttpSummary {
  readonly contender: string
  /** Of the requests per second without authentication. */
  readonly share: Spread
  /** In microseconds for a request. */
  readonly cpuOver: Spread
}

/** Sums up one workload with one algorithm. */
export function summariseHttp(samples: readonly HttpSample[]): readonly HttpSummary[] {
  return contendersIn(samples).map((contender) => ({
    contender,
    share: compare(samples, [contender, 'none'], (own, bare) => own.requestsPerSecond / bare.requestsPerSecond),
    cpuOver: compare(samples, [contender, 'none'], (own, bare) => own.cpuMicroseconds - bare.cpuMicroseconds),
  }))
}

/** Compares two contenders round by round: what happened at the same time is all that can be compared on a busy machine. */
export function compare<Sample extends { readonly contender: string; readonly round: number }>(
  samples: readonly Sample[],
  [one, other]: readonly [string, string],
  measure: (own: Sample, base: Sample) => number,
): Spread {
  const bases = new Map(samples.filter(({ contender }) => contender === other).map((sample) => [sample.round, sample]))
  return spreadOf(
    samples.flatMap((sample) => {
      const base = bases.get(sample.round)
      return sample.contender !== one || base === undefined ? [] : [measure(sample, base)]
    }),
  )
}

export function contendersIn(samples: readonly { readonly contender: string }[]): readonly string[] {
  return [...new Set(samples.map(({ contender }) => contender))]
}
