import { setTimeout as pause } from 'node:timers/promises'
import { findAble } from '../audit.js'
import { startServer, type Bench } from '../bench.js'
import type { Child } from '../children.js'
import type { Contender } from '../contenders.js'
import type { Figures, LoadRequest, Traffic } from '../load/traffic.js'
import { floods, type Flood, type FloodSample } from '../results.js'
import { signingKey } from '../tokens/keys.js'
import { ensureTokens } from '../tokens/pool.js'
import { inTurns, rotated } from '../turns.js'

const GOOD_PER_SECOND = 500
const GOOD_CONNECTIONS = 100
const GOOD_TOKENS = 200
const FLOOD_CONNECTIONS = 20
const FLOOD_TOKENS = 20_000
/** For a flood to reach its full speed, and for what is left of the one before to be answered. */
const SETTLE_MS = 500

/**
 * How long good requests at a modest rate take while others send as fast as they are answered, over twenty connections.
 *
 * The first of the floods is of good requests: what any server on this machine does to its callers when it is kept busy.
 */
export async function measureFloods(bench: Bench, faults: string[]): Promise<readonly FloodSample[]> {
  const able = await findAble('middleware', { bench, algorithm: 'RS256', faults })
  const flooder = await bench.children.start('load/generator.ts')
  const files = await ensureTokens({ key: signingKey('RS256'), count: FLOOD_TOKENS }, bench)
  const good: LoadRequest = { name: 'good', files, count: GOOD_TOKENS, spoiling: 'none' }
  await bench.generator.ask('load', good)
  await flooder.ask('load', good)
  for (const spoiling of ['malformed', 'bad-signature', 'unknown-kid'] as const) {
    await flooder.ask('load', { name: spoiling, files, count: FLOOD_TOKENS, spoiling } satisfies LoadRequest)
  }
  bench.progress.expect(bench.settings.rounds * able.length)
  const samples: FloodSample[] = []
  for (const { round, item: contender } of inTurns(bench.settings.rounds, able)) {
    bench.progress.step(`floods, round ${String(round + 1)}: ${contender.label}`)
    const found = await measureOne(contender, { bench, flooder, order: rotated(floods, round) })
    samples.push(...found.map((sample) => ({ ...sample, contender: contender.id, round })))
  }
  flooder.end()
  return samples
}

/** All floods, one after the other, against one server. */
async function measureOne(
  contender: Contender,
  { bench, flooder, order }: { bench: Bench; flooder: Child; order: readonly Flood[] },
): Promise<readonly Omit<FloodSample, 'contender' | 'round'>[]> {
  const { generator, settings } = bench
  const server = await startServer(contender, { bench, algorithm: 'RS256' })
  const calm = { port: server.port, pool: 'good', order: 'zipf', connections: GOOD_CONNECTIONS } as const
  const samples: Omit<FloodSample, 'contender' | 'round'>[] = []
  try {
    await warmUp(server.port, { bench, flooder })
    await generator.ask('start', { ...calm, perSecond: GOOD_PER_SECOND } satisfies Traffic)
    for (const flood of order) {
      if (flood !== 'none') {
        const traffic: Traffic = { port: server.port, pool: flood, order: 'cycle', connections: FLOOD_CONNECTIONS }
        await flooder.ask('start', traffic)
      }
      await pause(SETTLE_MS)
      await Promise.all([generator.ask('mark'), flooder.ask('mark')])
      await pause(settings.seconds * 1000)
      const [calmFigures, floodFigures] = await Promise.all([generator.ask('read'), flooder.ask('read')])
      await flooder.ask('stop')
      // load/generator.ts says so; without a flood there are no figures of it.
      const { p50, p99, failure, requests } = calmFigures as Figures
      const flooded = floodFigures as Figures | undefined
      const broken = failure ?? flooded?.failure
      if (broken !== undefined) throw new Error(`${contender.label}, ${flood}: ${broken}`)
      samples.push({
        flood,
        p50,
        p99,
        goodPerSecond: requests / settings.seconds,
        floodPerSecond: flooded === undefined ? 0 : flooded.requests / flooded.seconds,
      })
    }
    return samples
  } finally {
    await Promise.all([generator.ask('stop'), flooder.ask('stop')])
    server.process.end()
  }
}

/** Lets the compiler see every kind of request. */
async function warmUp(port: number, { bench, flooder }: { bench: Bench; flooder: Child }): Promise<void> {
  for (const flood of floods) {
    if (flood === 'none') continue
    await flooder.ask('start', { port, pool: flood, order: 'cycle', connections: FLOOD_CONNECTIONS } satisfies Traffic)
    const enough = bench.settings.warmUpRequests / floods.length
    const until = performance.now() + 10_000
    while (Number(await flooder.ask('answered')) < enough && performance.now() < until) await pause(20)
    await flooder.ask('stop')
  }
}
