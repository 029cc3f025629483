import type { Environment } from '../environment.js'
import { verifyModes, workloads, type HttpSample, type Results } from '../results.js'
import { spreadOf } from '../statistics.js'
import { describeCounts } from './counts.js'
import { describeLoad } from './loading.js'
import { describeScale } from './growth.js'
import { describeProcess } from './process.js'
import { describeDpop } from './proofs.js'
import { describeStarts } from './starts.js'
import { describeCached, describeFloods } from './stress.js'
import { compare, contendersIn, summariseHttp } from './summary.js'
import { spread, table } from './table.js'
import { describeThreads } from './threads.js'

export const workloadNames = {
  one: 'one token',
  zipf: '1,000 tokens, rotating',
  distinct: 'every token new',
} as const

/** The tables of a run, in Markdown. */
export function describeResults(results: Results): string {
  return [
    describeRun(results),
    ...describeList('Not measured, since the audit failed:', results.faults),
    ...describeList(
      'Without a figure there, since a good token was refused, it took too long, or it does not load that way:',
      results.failures,
    ),
    ...describe(results.counts, (samples) => describeCounts(results, samples)),
    ...describe(results.process, (samples) => describeProcess('In process', results, samples)),
    ...describe(results.refuse, (samples) => describeProcess('Refused', results, samples)),
    ...describe(results.opaque, (samples) => describeProcess('Opaque tokens', results, samples)),
    ...describe(results.http, (samples) => describeHttp(results, samples)),
    ...describe(results.verify, (samples) => describeVerify(results, samples)),
    ...describe(results.keys, (samples) => describeScale(results, { title: 'Keys in the set', samples })),
    ...describe(results.issuers, (samples) => describeScale(results, { title: 'Trusted issuers', samples })),
    ...describe(results.cached, (samples) => describeCached(results, samples)),
    ...describe(results.floods, (samples) => describeFloods(results, samples)),
    ...describe(results.idToken, (answers) => describeIdToken(results, answers)),
    ...describe(results.load, (samples) => describeLoad(results, samples)),
    ...describe(results.start, (samples) => describeStarts(results, samples)),
    ...describe(results.threads, describeThreads),
    ...describe(results.dpop, describeDpop),
  ].join('\n\n')
}

/** A part that was measured. */
function describe<Part>(part: Part | undefined, how: (part: Part) => readonly string[]): readonly string[] {
  return part === undefined ? [] : how(part)
}

export function labelOf({ labels }: Results, contender: string): string {
  return labels[contender] ?? contender
}

function describeList(title: string, entries: readonly string[]): readonly string[] {
  return entries.length === 0 ? [] : [title, entries.map((entry) => `- ${entry}`).join('\n')]
}

function describeRun({ environment, settings }: Results): string {
  const { pinned = false, rounds, seconds, warmUpRequests } = settings
  const length = `${String(rounds)} rounds of ${String(seconds)} s, each after ${String(warmUpRequests)} requests that do not count${pinned ? ', server and load on a core each' : ''}`
  return `${describeMachine(environment)}; ${length}. ${describePackages(environment)}`
}

export function describeMachine({ date, node, openssl, cpu, cores, memoryGiB, platform, commit }: Environment): string {
  const machine = `${cpu}, ${String(cores)} cores, ${String(memoryGiB)} GiB, ${platform}`
  return `${date}, commit ${commit}, Node ${node}, OpenSSL ${openssl}, ${machine}`
}

function describePackages({ packages }: Environment): string {
  return `${Object.entries(packages)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`
}

function describeHttp(results: Results, samples: readonly HttpSample[]): readonly string[] {
  return [...new Set(samples.map(({ algorithm }) => algorithm))].flatMap((algorithm) => {
    const own = samples.filter((sample) => sample.algorithm === algorithm)
    const present = workloads.filter((workload) => own.some((sample) => sample.workload === workload))
    const summaries = new Map(
      present.map((workload) => [workload, summariseHttp(own.filter((sample) => sample.workload === workload))]),
    )
    const row = (contender: string): readonly string[] => {
      const all = present.map((workload) => summaries.get(workload)?.find((one) => one.contender === contender))
      return [
        labelOf(results, contender),
        ...all.map((one) => (one === undefined ? '-' : spread(one.share, 2))),
        ...all.map((one) => (one === undefined ? '-' : one.cpuOver.median.toFixed(1))),
      ]
    }
    const header = [
      'requests/s, as a share of no authentication',
      ...present.map((workload) => workloadNames[workload]),
      ...present.map((workload) => `CPU over it, us: ${workloadNames[workload]}`),
    ]
    return [
      `## End to end, ${algorithm}`,
      table(header, contendersIn(own).map(row)),
      ...describeBare(own),
      ...describePairs(results, own),
    ]
  })
}

/** What the shares are shares of, and whether the load generator was the limit. */
function describeBare(samples: readonly HttpSample[]): readonly string[] {
  const bare = samples.filter(({ contender }) => contender === 'none')
  const rate = spreadOf(bare.map(({ requestsPerSecond }) => requestsPerSecond)).median.toFixed(0)
  const cpu = spreadOf(bare.map(({ cpuMicroseconds }) => cpuMicroseconds)).median.toFixed(0)
  const busiest = Math.max(...samples.map(({ generatorShare }) => generatorShare))
  return [
    `No authentication: ${rate} requests/s, ${cpu} us of CPU each. The load generator took ${(100 * busiest).toFixed(0)} % of one core at most.`,
  ]
}

/** Ours beside other versions of ourselves: with the cache off, or another commit. */
function describePairs(results: Results, samples: readonly HttpSample[]): readonly string[] {
  const versions = versionsIn(samples)
  if (versions.length === 0) return []
  const present = workloads.filter((workload) => samples.some((sample) => sample.workload === workload))
  const rows = versions.flatMap((version) =>
    present.map((workload) => {
      const own = samples.filter((sample) => sample.workload === workload)
      const rate = compare(own, ['ours', version], (one, base) => one.requestsPerSecond / base.requestsPerSecond)
      const cpu = compare(own, ['ours', version], (one, base) => one.cpuMicroseconds - base.cpuMicroseconds)
      return [`${workloadNames[workload]}: ours beside ${labelOf(results, version)}`, spread(rate, 2), spread(cpu, 1)]
    }),
  )
  return [table(['', 'requests/s, ratio', 'CPU, difference in us'], rows)]
}

function versionsIn(samples: readonly { readonly contender: string }[]): readonly string[] {
  const all = contendersIn(samples)
  return all.includes('ours') ? all.filter((contender) => contender.startsWith('ours-')) : []
}

function describeVerify(results: Results, samples: NonNullable<Results['verify']>): readonly string[] {
  return [...new Set(samples.map(({ algorithm }) => algorithm))].flatMap((algorithm) => {
    const own = samples.filter((sample) => sample.algorithm === algorithm)
    const rows = contendersIn(own).map((contender) => [
      labelOf(results, contender),
      ...verifyModes.map((mode) => {
        const found = own.filter((sample) => sample.contender === contender && sample.mode === mode)
        return spread(spreadOf(found.map(({ cpuMicroseconds }) => cpuMicroseconds)), 1)
      }),
    ])
    const pairs = versionsIn(own).map((version) => [
      `ours beside ${labelOf(results, version)}, ratio`,
      ...verifyModes.map((mode) => {
        const found = own.filter((sample) => sample.mode === mode)
        return spread(
          compare(found, ['ours', version], (one, base) => one.cpuMicroseconds / base.cpuMicroseconds),
          2,
        )
      }),
    ])
    return [`## Verification alone, ${algorithm}`, table(['CPU for a token, us', ...verifyModes], [...rows, ...pairs])]
  })
}

function describeIdToken(results: Results, answers: NonNullable<Results['idToken']>): readonly string[] {
  return [
    '## What a default answers to an ID token',
    `As of ${results.environment.date}, in the versions above, each configured as for every other table: an ID token of the same ` +
      'issuer, whose `aud` is this API. Most of these libraries verify JWTs and leave it to the application which kind it wants; ' +
      'this is a difference of purpose, and no defect.',
    table(
      ['', 'status'],
      answers.map(({ contender, status }) => [labelOf(results, contender), String(status)]),
    ),
  ]
}
