// A bounded run of mixed traffic against a real server on this machine, while its issuers rotate keys and break down.
//
//   npx tsx test/soak/run.ts [seconds] [--svg file] [--seed number]
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { listen } from '../kit/server.js'
import { startApi, type ApiProcess } from './api-process.js'
import { createClient } from './client.js'
import { startIssuer, type SoakIssuer } from './issuer.js'
import { allowedFetches, heapTrend } from './measure.js'
import { createRandom } from '../../tools/random.js'
import { createRecorder, type Recorder } from './recorder.js'
import { describeRun, mebibytes, type Figures } from './report.js'
import { planRun, type Schedule } from './schedule.js'
import { audience, baseRate, floodRate } from './settings.js'
import { drawTimeline } from './timeline-svg.js'
import { createTraffic, type Shot } from './traffic.js'

interface Run {
  readonly api: ApiProcess
  readonly issuers: readonly SoakIssuer[]
  readonly recorder: Recorder
  readonly schedule: Schedule
  readonly start: number
  readonly seconds: number
}

const MAX_SECONDS = 600
const TICK_MS = 10
const MAX_IN_FLIGHT = 300
const PROGRESS_EVERY_SECONDS = 5

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { svg: { type: 'string', default: 'test/soak/published/soak.svg' }, seed: { type: 'string', default: '1' } },
})
const seconds = Math.min(Number(positionals[0] ?? 180), MAX_SECONDS)
if (!(seconds >= 10)) throw new Error('Give a number of seconds from 10 to 600.')

const delay = monitorEventLoopDelay({ resolution: 10 })
let trapped = 0
const trapServer = createServer((_req, res) => {
  trapped += 1
  res.end()
})
const trap = `http://127.0.0.1:${String(await listen(trapServer))}/keys`
const issuers = await Promise.all(['A', 'B'].map((name) => startIssuer({ name, trap })))
const api = await startApi({ issuers: issuers.map(({ issuer }) => issuer), audience })
const client = createClient(api.port)
const start = Date.now()
const run: Run = { api, issuers, recorder: createRecorder(start), schedule: planRun(issuers, seconds), start, seconds }
delay.enable()

const progress = setInterval(() => {
  console.log(progressOf(run))
}, PROGRESS_EVERY_SECONDS * 1000)
await Promise.all([load(run), play(run)])
clearInterval(progress)

const figures = summarise(run)
console.log(describeRun(figures))
writeFileSync(values.svg, drawTimeline({ ...run, figures }))
console.log(`The timeline is in ${values.svg}.`)
client.close()
api.close()
trapServer.close()
for (const issuer of issuers) issuer.close()
process.exitCode = figures.violations.length === 0 ? 0 : 1

/** Sends as many requests as are due, whether or not earlier ones were answered, up to a bound. */
async function load({ recorder, schedule }: Run): Promise<void> {
  const random = createRandom(Number(values.seed))
  const isCalm = (issuer: SoakIssuer): boolean => {
    const second = (Date.now() - start) / 1000
    return schedule.calms.some((calm) => calm.issuer === issuer && second >= calm.from && second < calm.to)
  }
  const traffic = createTraffic(issuers, { random, trap, isCalm })
  const inFlight = new Set<Promise<void>>()
  const fire = async (next: Promise<Shot>): Promise<void> => {
    const shot = await next
    recorder.sent(shot)
    recorder.answered(shot, await client.send(shot))
  }
  const launch = (next: Promise<Shot>): void => {
    const flight = fire(next).finally(() => inFlight.delete(flight))
    inFlight.add(flight)
  }
  let due = 0
  let floodDue = 0
  let last = start
  while (Date.now() < start + seconds * 1000 && api.death() === undefined) {
    const now = Date.now()
    const elapsed = (now - last) / 1000
    const second = (now - start) / 1000
    last = now
    // What a busy machine could not send in time is left out, not made up for.
    due = Math.min(due + elapsed * baseRate, baseRate / 10)
    if (schedule.floods.some(({ from, to }) => second >= from && second < to)) floodDue += elapsed * floodRate
    for (; due >= 1 && inFlight.size < MAX_IN_FLIGHT; due -= 1) launch(traffic.next())
    for (; floodDue >= 1 && inFlight.size < MAX_IN_FLIGHT; floodDue -= 1) launch(traffic.bogus())
    await pause(TICK_MS)
  }
  await Promise.all(inFlight)
}

/** Lets happen what is planned. */
async function play({ schedule }: Run): Promise<void> {
  for (const event of schedule.events) {
    await pause(Math.max(0, start + event.second * 1000 - Date.now()))
    await event.run()
  }
}

function progressOf({ recorder: { totals, seconds: perSecond }, issuers: all }: Run): string {
  const second = Math.round((Date.now() - start) / 1000)
  const latest = perSecond.at(-2)
  const rate = latest === undefined ? 0 : latest.accepted + latest.refused + latest.unavailable + latest.wrong
  const heap = api.samples.at(-1)?.heapUsed
  const state = all.map(({ name, book }) => {
    const outage = book.outages.at(-1)
    return `${name} ${outage?.to === Infinity ? `down (${outage.fault})` : 'up'}`
  })
  return [
    `${String(second).padStart(3)} s`,
    `${String(totals.answered)} answered`,
    `${String(rate)}/s`,
    `${String(totals.wrong)} wrong`,
    `${String(api.fetches.length)} fetches`,
    `heap ${heap === undefined ? '?' : mebibytes(heap)} MiB`,
    state.join(', '),
  ].join('  ')
}

function summarise({ recorder, schedule }: Run): Figures {
  const end = Date.now()
  const fetches = issuers.map((issuer) => ({
    issuer: issuer.name,
    count: api.fetches.filter(({ url }) => url.startsWith(`${issuer.issuer}/`)).length,
    allowed: allowedFetches(issuer, { start, end }),
  }))
  const inFlood = (at: number): boolean =>
    schedule.floods.some(({ from, to }) => at >= start + from * 1000 && at < start + to * 1000)
  const floods = {
    bogus: recorder.rows().find(({ kind }) => kind === 'key name made up')?.sent ?? 0,
    fetches: api.fetches.filter(({ at }) => inFlood(at)).length,
  }
  const heap = heapTrend(api.samples, recorder.totals.answered / ((end - start) / 1000))
  const configured = issuers.flatMap(({ issuer }) => [
    `${issuer}/.well-known/openid-configuration`,
    `${issuer}/test-issuer/jwks`,
  ])
  const strayed = api.fetches.filter(({ url }) => !configured.includes(url))
  const violations = [
    ...(recorder.totals.wrong > 0 ? [`${String(recorder.totals.wrong)} wrong verdicts`] : []),
    ...(recorder.totals.misshapen > 0 ? [`${String(recorder.totals.misshapen)} answers of a wrong form`] : []),
    ...recorder.complaints,
    ...fetches
      .filter(({ count, allowed }) => count > allowed)
      .map(({ issuer, count }) => `${String(count)} fetches from ${issuer}`),
    ...(heap.bytesPerSecond > heap.allowedBytesPerSecond ? ['the heap of the API grows'] : []),
    ...strayed.map(({ url }) => `it fetched ${url}`),
    ...(trapped > 0 ? [`it followed a token or a redirect ${String(trapped)} times`] : []),
    ...(api.death() === undefined ? [] : [String(api.death())]),
  ]
  const stalledMs = Math.max(delay.max / 1e6, ...api.samples.map((sample) => sample.stalledMs))
  return { recorder, fetches, heap, floods, stalledMs, violations }
}
