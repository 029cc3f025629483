/**
 * Measures what metrics cost, and how many series strangers can bring about:
 *
 *     npx tsx test/opentelemetry/report.ts [REQUESTS] [PAIRS]
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { instrumentResourceServer } from '../../src/opentelemetry/index.js'
import { createCollector } from './collect.js'
import { sendHostile } from './hostile.js'
import type { Told } from './served.js'

const [requests = 1_000_000, pairs = 30] = process.argv.slice(2).map(Number)
const SLICE_MS = 500
const SETTLING_MS = 400
const clientScript = fileURLToPath(new URL('client.js', import.meta.url))

async function countSeries(): Promise<void> {
  const collector = createCollector()
  const stop = instrumentResourceServer({ meter: collector.meter, tracer: false })
  const codes = await sendHostile(requests)
  const collected = await collector.collect()
  stop()
  await collector.stop()
  console.log(`${String(requests)} hostile requests, ${String(codes.size)} outcomes: ${[...codes].sort().join(', ')}`)
  for (const { name, points, series } of collected) {
    console.log(`${String(points.length).padStart(5)} points, ${String(series).padStart(4)} series  ${name}`)
  }
  const sum = (of: 'points' | 'series'): number =>
    collected.reduce((all, one) => all + (of === 'series' ? one.series : one.points.length), 0)
  console.log(`${String(sum('points')).padStart(5)} points, ${String(sum('series')).padStart(4)} series in all`)
}

/** As it is published: in one file, which no loader stands around. */
const served = fileURLToPath(new URL('../node_modules/.cache/served.mjs', import.meta.url))
await build({
  entryPoints: [fileURLToPath(new URL('served.ts', import.meta.url))],
  outfile: served,
  bundle: true,
  external: ['express', 'express-rate-limit', '@opentelemetry/*'],
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
})

/** A server of its own, and the rate at which it answers while a client asks it: for each second of CPU, so that others do not count. */
async function startServer(name: 'metrics' | 'nobody') {
  const child = fork(served, [name], { execArgv: [] })
  const hear = async (): Promise<unknown> => ((await once(child, 'message')) as readonly unknown[])[0]
  const { port, token } = (await hear()) as { readonly port: number; readonly token: string } // what it sends first
  const ask = async (): Promise<Told> => {
    child.send('ask')
    return (await hear()) as Told // what it sends
  }
  const measure = async (): Promise<number> => {
    const client = spawn(process.execPath, [clientScript, String(port), `Bearer ${token}`], { stdio: 'ignore' })
    await sleep(SETTLING_MS)
    const from = await ask()
    await sleep(SLICE_MS)
    const to = await ask()
    client.kill()
    return (to.answered - from.answered) / (to.cpuSeconds - from.cpuSeconds)
  }
  return { measure, stop: () => child.kill() }
}

async function compareRates(): Promise<void> {
  const [on, off] = [await startServer('metrics'), await startServer('nobody')]
  for (const server of [on, off, on, off]) await server.measure()
  const ratios: number[] = []
  let rate = 0
  for (let pair = 0; pair < pairs; pair++) {
    // Each begins as often as the other.
    const isFirstOn = pair % 2 === 0
    const first = await (isFirstOn ? on : off).measure()
    const second = await (isFirstOn ? off : on).measure()
    ratios.push(isFirstOn ? first / second : second / first)
    rate = Math.max(rate, isFirstOn ? second : first)
  }
  on.stop()
  off.stop()
  const sorted = ratios.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(3)
  console.log(`with metrics beside without, of ${String(pairs)} pairs: ${at(0.5)} (${at(0.1)} to ${at(0.9)})`)
  console.log(`up to ${rate.toFixed(0)} requests for each second of CPU without`)
}

await compareRates()
await countSeries()
