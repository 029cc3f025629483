import { setTimeout as pause } from 'node:timers/promises'
import { findAble } from '../audit.js'
import { startServer, type Bench } from '../bench.js'
import { unprotected, type Contender } from '../contenders.js'
import type { LoadRequest, Figures, Traffic } from '../load/traffic.js'
import type { HttpSample, Workload } from '../results.js'
import { signingKey, type BenchAlgorithm } from '../tokens/keys.js'
import { ensureTokens } from '../tokens/pool.js'
import { inTurns } from '../turns.js'

interface Measured {
  readonly workload: Workload
  readonly algorithm: BenchAlgorithm
}

const CONNECTIONS = 50
const MAX_WARM_UP_MS = 20_000
const ZIPF_TOKENS = 1000
/** Nobody answers faster than the bare route; this is for a round that happens to be quieter than the one before. */
const MARGIN = 1.4

/** End to end: requests through Express, whoever is measured in a fresh process for each round. */
export async function measureHttp(bench: Bench, faults: string[]): Promise<readonly HttpSample[]> {
  const { algorithms, rounds } = bench.settings
  const plan = algorithms.flatMap((algorithm) =>
    workloadsFor(algorithm, bench.settings.workloads).map((workload): Measured => ({ workload, algorithm })),
  )
  const able = new Map<BenchAlgorithm, readonly Contender[]>()
  for (const algorithm of algorithms) able.set(algorithm, await findAble('middleware', { bench, algorithm, faults }))
  bench.progress.expect(plan.reduce((steps, { algorithm }) => steps + rounds * (able.get(algorithm)?.length ?? 0), 0))
  const samples: HttpSample[] = []
  for (const measured of plan) {
    await prepareTokens(measured, bench)
    for (const { round, item: contender } of inTurns(rounds, able.get(measured.algorithm) ?? [])) {
      bench.progress.step(`${measured.algorithm}, ${measured.workload}, round ${String(round + 1)}: ${contender.label}`)
      samples.push({ ...measured, contender: contender.id, round, ...(await measure(contender, { measured, bench })) })
    }
  }
  return samples
}

/** For the other algorithms, tokens that come again cost what they cost with RSA: only new ones are verified. */
function workloadsFor(algorithm: BenchAlgorithm, wanted: readonly Workload[]): readonly Workload[] {
  return algorithm === 'RS256' ? wanted : wanted.filter((workload) => workload === 'distinct')
}

/** Loads the tokens of a workload; for distinct ones as many as the bare route could be asked in one round. */
async function prepareTokens(measured: Measured, bench: Bench): Promise<void> {
  if (measured.workload !== 'distinct') {
    await loadTokens(measured.workload === 'one' ? 1 : ZIPF_TOKENS, { measured, bench })
    return
  }
  await loadTokens(1, { measured, bench })
  const traffic: Omit<Traffic, 'port'> = { pool: measured.workload, order: 'cycle', connections: CONNECTIONS }
  const { figures } = await sendTraffic(unprotected, { measured, bench, traffic })
  await loadTokens(tokensFor(figures, bench), { measured, bench })
}

async function loadTokens(count: number, { measured, bench }: { measured: Measured; bench: Bench }): Promise<void> {
  const files = await ensureTokens({ key: signingKey(measured.algorithm), count }, bench)
  const request: LoadRequest = { name: measured.workload, files, count, spoiling: 'none' }
  await bench.generator.ask('load', request)
}

function tokensFor({ requests, seconds }: Figures, { settings }: Bench): number {
  return settings.warmUpRequests + Math.ceil((requests / seconds) * (settings.seconds + 1) * MARGIN)
}

async function measure(
  contender: Contender,
  { measured, bench }: { measured: Measured; bench: Bench },
): Promise<Omit<HttpSample, 'workload' | 'algorithm' | 'contender' | 'round'>> {
  const traffic = { pool: measured.workload, order: orders[measured.workload], connections: CONNECTIONS }
  let { figures, cpu } = await sendTraffic(contender, { measured, bench, traffic })
  while (figures.exhausted) {
    await loadTokens(tokensFor(figures, bench), { measured, bench })
    ;({ figures, cpu } = await sendTraffic(contender, { measured, bench, traffic }))
  }
  checkAnswers(figures, contender)
  return {
    requestsPerSecond: figures.requests / figures.seconds,
    cpuMicroseconds: cpu / figures.requests,
    p50: figures.p50,
    p99: figures.p99,
    generatorShare: figures.cpuShare,
  }
}

/** Warms up, measures, and ends the server. */
async function sendTraffic(
  contender: Contender,
  { measured, bench, traffic }: { measured: Measured; bench: Bench; traffic: Omit<Traffic, 'port'> },
): Promise<{ readonly figures: Figures; readonly cpu: number }> {
  const { generator, settings } = bench
  const server = await startServer(contender, { bench, algorithm: measured.algorithm })
  try {
    await generator.ask('start', { ...traffic, port: server.port } satisfies Traffic)
    await warmUp(bench)
    const [cpuBefore] = await Promise.all([server.process.ask('cpu'), generator.ask('mark')])
    await pause(settings.seconds * 1000)
    const [cpuAfter, figures] = await Promise.all([server.process.ask('cpu'), generator.ask('read')])
    // load/generator.ts and measured/serve.js say so.
    return { figures: figures as Figures, cpu: Number(cpuAfter) - Number(cpuBefore) }
  } finally {
    await generator.ask('stop')
    server.process.end()
  }
}

/** Waits for so many answers, so that the compiler has seen as much of each contender. */
async function warmUp({ generator, settings }: Bench): Promise<void> {
  const until = performance.now() + MAX_WARM_UP_MS
  while (Number(await generator.ask('answered')) < settings.warmUpRequests && performance.now() < until) await pause(20)
}

const orders = { one: 'cycle', zipf: 'zipf', distinct: 'once' } as const satisfies Record<Workload, Traffic['order']>

function checkAnswers({ failure, requests, statuses }: Figures, { label }: Contender): void {
  if (failure !== undefined) throw new Error(`${label}: ${failure}`)
  if (statuses['200'] !== requests) throw new Error(`${label} refused good tokens: ${JSON.stringify(statuses)}`)
}
