import { setTimeout as pause } from 'node:timers/promises'
import { setupFor, type Bench } from '../bench.js'
import { ours } from '../contenders.js'
import { findCores } from '../cores.js'
import type { Figures, LoadRequest, Traffic } from '../load/traffic.js'
import type { ThreadSample } from '../results.js'
import { signingKey, type BenchAlgorithm } from '../tokens/keys.js'
import { ensureTokens } from '../tokens/pool.js'
import { inTurns } from '../turns.js'

type Lane = Pick<ThreadSample, 'algorithm' | 'cores' | 'processes' | 'threads'>

const THREADS = [1, 2, 4, 8]
/** Of several processes: one thread each, and what Node takes. */
const THREADS_OF_SEVERAL = [1, 4]
const CONNECTIONS = 50
const POLL_MS = 50
/** More than two cores were ever seen to answer. */
const TOKENS_A_SECOND = 12_000

/** What the threads that check signatures are good for: every token new, on one core, on all, and in two processes. */
export async function measureThreads(bench: Bench, keep: (samples: readonly ThreadSample[]) => void): Promise<void> {
  const { settings, progress, generator } = bench
  const lanes = settings.algorithms.flatMap(lanesOf)
  const count = settings.warmUpRequests + Math.ceil((1 + settings.seconds) * TOKENS_A_SECOND)
  for (const algorithm of settings.algorithms) {
    const files = await ensureTokens({ key: signingKey(algorithm), count }, bench)
    await generator.ask('load', { name: algorithm, files, count, spoiling: 'none' } satisfies LoadRequest)
  }
  progress.expect(settings.rounds * lanes.length)
  for (const { round, item: lane } of inTurns(settings.rounds, lanes)) {
    const { algorithm, cores, processes, threads } = lane
    progress.step(
      `threads, round ${String(round + 1)}: ${algorithm}, ${String(cores)} cores, ${String(processes)} x ${String(threads)}`,
    )
    keep([{ ...lane, round, ...(await measureLane(lane, bench)) }])
  }
}

function lanesOf(algorithm: BenchAlgorithm): readonly Lane[] {
  const all = [
    ...THREADS.map((threads): Lane => ({ algorithm, cores: 1, processes: 1, threads })),
    ...THREADS.map((threads): Lane => ({ algorithm, cores: 2, processes: 1, threads })),
    ...THREADS_OF_SEVERAL.map((threads): Lane => ({ algorithm, cores: 2, processes: 2, threads })),
  ]
  return typeof findCores() === 'string' ? all.filter(({ cores }) => cores > 1) : all
}

async function measureLane(
  { algorithm, cores, processes, threads }: Lane,
  bench: Bench,
): Promise<Pick<ThreadSample, 'requestsPerSecond' | 'cpuMicroseconds' | 'p99'>> {
  const { children, generator, settings } = bench
  const file = processes === 1 ? 'measured/serve.js' : 'measured/serve-cluster.js'
  const env = { UV_THREADPOOL_SIZE: String(threads) }
  const server = await children.start(file, [], cores === 1 ? 0 : undefined, env)
  try {
    const setup = setupFor(ours, { bench, algorithm })
    const port = Number(await server.ask('start', { module: ours.module, setup, processes }))
    const traffic: Traffic = { pool: algorithm, order: 'once', connections: CONNECTIONS, port }
    await generator.ask('start', traffic)
    try {
      // So that the compiler has seen as much of each, however fast it is.
      while (Number(await generator.ask('answered')) < settings.warmUpRequests) await pause(POLL_MS)
      const [before] = await Promise.all([server.ask('cpu'), generator.ask('mark')])
      await pause(settings.seconds * 1000)
      const cpu = Number(await server.ask('cpu')) - Number(before)
      // load/generator.ts says so.
      const { requests, seconds, p99, statuses, failure, exhausted } = (await generator.ask('read')) as Figures
      if (failure !== undefined) throw new Error(failure)
      if (exhausted || statuses['200'] !== requests)
        throw new Error(`Not every token was good: ${JSON.stringify(statuses)}`)
      return { requestsPerSecond: requests / seconds, cpuMicroseconds: cpu / requests, p99 }
    } finally {
      await generator.ask('stop')
    }
  } finally {
    server.end()
  }
}
