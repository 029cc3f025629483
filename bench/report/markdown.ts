import type { HttpSample, Results } from '../results.js'
import { spreadOf, type Spread } from '../statistics.js'

export function describeResults(results: Results): string {
  const { environment, settings } = results
  const parts = [
    `${environment.date}, Node ${environment.node}, OpenSSL ${environment.openssl}, ${environment.cpu}, ${String(environment.cores)} cores, commit ${environment.commit}; ${String(settings.rounds)} rounds of ${String(settings.seconds)} s.`,
    ...(results.faults.length === 0
      ? []
      : [`Not measured, because the audit failed:\n\n${results.faults.map((one) => `- ${one}`).join('\n')}`]),
    ...(results.http === undefined ? [] : describeHttp(results, results.http)),
  ]
  return parts.join('\n\n')
}

/** What a contender comes to against the bare route of the same round. */
export interface HttpSummary {
  readonly contender: string
  /** Of the requests per second without authentication. */
  readonly share: Spread
  readonly cpuOver: Spread
  readonly requestsPerSecond: Spread
  readonly p99: Spread
  readonly generatorShare: number
}

export function summariseHttp(samples: readonly HttpSample[]): readonly HttpSummary[] {
  const bare = new Map(samples.filter(({ contender }) => contender === 'none').map((sample) => [sample.round, sample]))
  return [...new Set(samples.map(({ contender }) => contender))].map((contender) => {
    const own = samples.filter((sample) => sample.contender === contender)
    const against = (ratio: (sample: HttpSample, base: HttpSample) => number): Spread =>
      spreadOf(
        own.flatMap((sample) => {
          const base = bare.get(sample.round)
          return base === undefined ? [] : [ratio(sample, base)]
        }),
      )
    return {
      contender,
      share: against((sample, base) => sample.requestsPerSecond / base.requestsPerSecond),
      cpuOver: against((sample, base) => sample.cpuMicroseconds - base.cpuMicroseconds),
      requestsPerSecond: spreadOf(own.map((sample) => sample.requestsPerSecond)),
      p99: spreadOf(own.map((sample) => sample.p99)),
      generatorShare: Math.max(...own.map((sample) => sample.generatorShare)),
    }
  })
}

function describeHttp(results: Results, samples: readonly HttpSample[]): readonly string[] {
  const nameOf = ({ algorithm, workload }: HttpSample): string => `${algorithm}, ${workload}`
  return [...new Set(samples.map(nameOf))].flatMap((name) => [
    `### ${name}`,
    [
      '| | share of no authentication | CPU over it, us | requests/s | p99, ms | generator |',
      '| --- | ---: | ---: | ---: | ---: | ---: |',
      ...summariseHttp(samples.filter((sample) => nameOf(sample) === name)).map(
        (one) =>
          `| ${results.labels[one.contender] ?? one.contender} | ${range(one.share, 2)} | ${range(one.cpuOver, 1)} | ${one.requestsPerSecond.median.toFixed(0)} | ${one.p99.median.toFixed(1)} | ${one.generatorShare.toFixed(2)} |`,
      ),
    ].join('\n'),
  ])
}

function range({ median, p10, p90 }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${p10.toFixed(digits)}-${p90.toFixed(digits)})`
}
