import { setTimeout as pause } from 'node:timers/promises'
import { findAble } from '../audit.js'
import { startServer, type Bench, type RunningServer } from '../bench.js'
import { unprotected, type Contender } from '../contenders.js'
import type { LoadRequest, Figures, Traffic } from '../load/traffic.js'
import type { HttpSample, Workload } from '../results.js'
import { signingKey, type BenchAlgorithm } from '../tokens/keys.js'
import { ensureTokens } from '../tokens/pool.js'
import { rotated } from '../turns.js'

interface Measured {
  readonly workload: Workload
  readonly algorithm: BenchAlgorithm
}

const CONNECTIONS = 50
const MAX_WARM_UP_TURNS = 80
const ZIPF_TOKENS = 1000
/** Nobody answers faster than the bare route; this is for a round that happens to be quieter than the one before. */
const MARGIN = 1.4
/** How long one is measured before it is the next one's turn. */
const SLICE_SECONDS = 0.25
/** From the first request of a slice to the first that counts. */
const RAMP_MS = 50

/** A contender in one round, in a process of its own. */
interface Lane {
  readonly contender: Contender
  readonly server: RunningServer
  /** How many tokens it was sent, so that it is sent others next time. */
  sent: number
  requests: number
  seconds: number
  cpuMicroseconds: number
  generatorSeconds: number
}

/** Where what is found goes. */
interface Reports {
  readonly faults: string[]
  /** Called with the samples of each round. */
  readonly keep: (samples: readonly HttpSample[]) => void
}

/** What one is sent while it is its turn. */
interface Turn {
  readonly bench: Bench
  readonly traffic: Omit<Traffic, 'port' | 'from'>
}

/**
 * End to end: requests through Express. Everybody is in a fresh process in each round, all of them at once, and is measured in
 * short slices in turns: a shared machine is slow for seconds on end, which would hit one and spare the next otherwise.
 */
export async function measureHttp(bench: Bench, { faults, keep }: Reports): Promise<void> {
  const { algorithms, rounds } = bench.settings
  const plan = algorithms.flatMap((algorithm) =>
    workloadsFor(algorithm, bench.settings.workloads).map((workload): Measured => ({ workload, algorithm })),
  )
  const able = new Map<BenchAlgorithm, readonly Contender[]>()
  for (const algorithm of algorithms) able.set(algorithm, await findAble('middleware', { bench, algorithm, faults }))
  bench.progress.expect(
    plan.reduce((steps, { algorithm }) => steps + rounds * (1 + (able.get(algorithm)?.length ?? 0)), 0),
  )
  for (const measured of plan) {
    await prepareTokens(measured, bench)
    for (let round = 0; round < rounds; round += 1) {
      const contenders = rotated(able.get(measured.algorithm) ?? [], round)
      const lanes = await measureRound(contenders, { measured, bench, round })
      keep(lanes.map((lane) => ({ ...measured, round, ...sampleOf(lane) })))
    }
  }
}

/** For the other algorithms, tokens that come again cost what they cost with RSA: only new ones are verified. */
function workloadsFor(algorithm: BenchAlgorithm, wanted: readonly Workload[]): readonly Workload[] {
  return algorithm === 'RS256' ? wanted : wanted.filter((workload) => workload === 'distinct')
}

/** Loads the tokens of a workload; for distinct ones as many as the bare route could be asked for in one round. */
async function prepareTokens(measured: Measured, bench: Bench): Promise<void> {
  if (measured.workload !== 'distinct') {
    await loadTokens(measured.workload === 'one' ? 1 : ZIPF_TOKENS, { measured, bench })
    return
  }
  const { settings } = bench
  await loadTokens(1, { measured, bench })
  const lane = await openLane(unprotected, { measured, bench })
  try {
    const traffic: Turn['traffic'] = { ...trafficOf(measured), order: 'cycle' }
    await warmUp([lane], { bench, traffic })
    const figures = await sendTraffic(lane, { bench, traffic }, sliceOfTime)
    const perSecond = figures.requests / figures.seconds
    const seconds = settings.seconds + (slicesOf(bench) * RAMP_MS) / 1000
    await loadTokens(settings.warmUpRequests + Math.ceil(perSecond * (seconds + 1) * MARGIN), { measured, bench })
  } finally {
    lane.server.process.end()
  }
}

async function loadTokens(count: number, { measured, bench }: { measured: Measured; bench: Bench }): Promise<void> {
  const files = await ensureTokens({ key: signingKey(measured.algorithm), count }, bench)
  const request: LoadRequest = { name: measured.workload, files, count, spoiling: 'none' }
  await bench.generator.ask('load', request)
}

async function measureRound(
  contenders: readonly Contender[],
  { measured, bench, round }: { measured: Measured; bench: Bench; round: number },
): Promise<readonly Lane[]> {
  const { progress } = bench
  const step = (what: string): void => {
    progress.step(`${measured.algorithm}, ${measured.workload}, round ${String(round + 1)}: ${what}`)
  }
  const lanes: Lane[] = []
  try {
    for (const contender of contenders) {
      step(`${contender.label} starts`)
      lanes.push(await openLane(contender, { measured, bench }))
    }
    step('all warm up, and are measured, in turns')
    await warmUp(lanes, { bench, traffic: trafficOf(measured) })
    for (let slice = 0; slice < slicesOf(bench); slice += 1) {
      for (const lane of rotated(lanes, slice)) await measureSlice(lane, { measured, bench })
    }
    return lanes
  } finally {
    for (const { server } of lanes) server.process.end()
  }
}

async function openLane(
  contender: Contender,
  { measured, bench }: { measured: Measured; bench: Bench },
): Promise<Lane> {
  const server = await startServer(contender, { bench, algorithm: measured.algorithm })
  return { contender, server, sent: 0, requests: 0, seconds: 0, cpuMicroseconds: 0, generatorSeconds: 0 }
}

async function measureSlice(lane: Lane, { measured, bench }: { measured: Measured; bench: Bench }): Promise<void> {
  const { generator } = bench
  let cpu = 0
  const figures = await sendTraffic(lane, { bench, traffic: trafficOf(measured) }, async () => {
    await pause(RAMP_MS)
    const [before] = await Promise.all([lane.server.process.ask('cpu'), generator.ask('mark')])
    await pause(SLICE_SECONDS * 1000)
    cpu = Number(await lane.server.process.ask('cpu')) - Number(before)
  })
  checkAnswers(figures, lane.contender)
  if (figures.exhausted) {
    await loadTokens(Math.ceil(figures.sent * MARGIN), { measured, bench })
    await measureSlice(lane, { measured, bench })
    return
  }
  lane.requests += figures.requests
  lane.seconds += figures.seconds
  lane.cpuMicroseconds += cpu
  lane.generatorSeconds += figures.cpuShare * figures.seconds
}

/** Sends requests until something is done, and tells what came of those since the last mark. */
async function sendTraffic(lane: Lane, { bench, traffic }: Turn, whatever: () => Promise<void>): Promise<Figures> {
  const { generator } = bench
  await generator.ask('start', { ...traffic, port: lane.server.port, from: lane.sent } satisfies Traffic)
  try {
    await whatever()
    const figures = (await generator.ask('read')) as Figures // load/generator.ts says so
    lane.sent = figures.sent
    return figures
  } finally {
    await generator.ask('stop')
  }
}

/**
 * Sends everybody as many requests before anything counts, so that the compiler has seen as much of each. In turns here too, and
 * once more to all at the end: a server that rests for seconds gives memory back, and has to take it again.
 */
async function warmUp(lanes: readonly Lane[], turn: Turn): Promise<void> {
  const isCold = ({ sent }: Lane): boolean => sent < turn.bench.settings.warmUpRequests
  for (let turns = 0; turns < MAX_WARM_UP_TURNS && lanes.some(isCold); turns += 1) {
    for (const lane of lanes.filter(isCold)) await sendTraffic(lane, turn, sliceOfTime)
  }
  for (const lane of lanes) await sendTraffic(lane, turn, sliceOfTime)
}

async function sliceOfTime(): Promise<void> {
  await pause(SLICE_SECONDS * 1000)
}

function slicesOf({ settings }: Bench): number {
  return Math.ceil(settings.seconds / SLICE_SECONDS)
}

function sampleOf(lane: Lane): Omit<HttpSample, 'workload' | 'algorithm' | 'round'> {
  return {
    contender: lane.contender.id,
    requestsPerSecond: lane.requests / lane.seconds,
    cpuMicroseconds: lane.cpuMicroseconds / lane.requests,
    generatorShare: lane.generatorSeconds / lane.seconds,
  }
}

function trafficOf({ workload }: Measured): Turn['traffic'] {
  return { pool: workload, order: orders[workload], connections: CONNECTIONS }
}

const orders = { one: 'cycle', zipf: 'zipf', distinct: 'once' } as const satisfies Record<Workload, Traffic['order']>

function checkAnswers({ failure, requests, statuses }: Figures, { label }: Contender): void {
  if (failure !== undefined) throw new Error(`${label}: ${failure}`)
  if (statuses['200'] !== requests) throw new Error(`${label} refused good tokens: ${JSON.stringify(statuses)}`)
}
