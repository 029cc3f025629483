// Drives a running API through the faults of its issuer, over real sockets and in fake time, and prints what came of it:
//   npx tsx test/faults/report.ts
import { performance } from 'node:perf_hooks'
import { badMetadata, largeFaults, oddSets, plainFaults, slowFaults, uselessSets, type FaultRow } from './faults.js'
import { startProgrammableIssuer, type Endpoint, type ProgrammableIssuer } from './programmable-issuer.js'
import { countStatuses, forge, measureMemory, startApi, type Reply, type RunningApi } from './running-api.js'

const DEADLINE_SECONDS = 0.3
const FRESH = 600
const COOLDOWN = 30
const DAY = 86_400
const LONGEST_STEP = 60
const LONGEST_STEP_WITHOUT_KEYS = 10
const LONGEST_RETRY_AFTER = 300
const MEBIBYTE = 1024 * 1024
const MAX_MEMORY = 2 * MEBIBYTE
/** What a busy machine may add to the deadline. */
const SLACK_MS = 1500

interface Stage {
  readonly issuer: ProgrammableIssuer
  readonly api: RunningApi
  readonly mint: () => Promise<string>
  readonly fetches: () => number
}

interface Outcome {
  readonly replies: readonly Reply[]
  readonly fetches: number
  /** Seconds of fake time. */
  readonly recovery?: number | undefined
  readonly memory?: number | undefined
  /** What was promised and did not hold. */
  readonly violations: readonly (string | false)[]
}

const started = performance.now()
let violated = 0

const columns = [46, 9, 7, 8, 6, 8, 8, 10]

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, n) => (n === 0 ? cell.padEnd(46) : cell.padStart(columns[n] ?? 8))).join(' '))
}

async function stageOf(scenario: (stage: Stage) => Promise<Outcome>): Promise<Outcome> {
  const issuer = await startProgrammableIssuer()
  const api = await startApi({ ...issuer.options, keys: { timeoutSeconds: DEADLINE_SECONDS } }, { maxSockets: 1000 })
  const { tokens, hits } = issuer
  try {
    const mint = (): Promise<string> => tokens.accessToken({ exp: tokens.now() + 2 * DAY })
    const outcome = await scenario({ issuer, api, mint, fetches: () => hits.jwks + hits.discovery })
    return { ...outcome, violations: [...outcome.violations, hits.canary > 0 && 'a redirect was followed'] }
  } finally {
    await api.close()
    await issuer.close()
  }
}

async function run(name: string, scenario: (stage: Stage) => Promise<Outcome>): Promise<void> {
  const { replies, fetches, recovery, memory, violations } = await stageOf(scenario)
  const counts = countStatuses(replies)
  const count = (status: number): string => String(counts[status] ?? 0)
  print([
    name,
    String(replies.length),
    count(200),
    count(401),
    count(503),
    String(fetches),
    recovery === undefined ? '-' : `${String(recovery)} s`,
    memory === undefined ? '-' : `${(memory / MEBIBYTE).toFixed(2)} MiB`,
  ])
  report([
    ...violations,
    replies.some(({ status }) => ![200, 401, 503].includes(status)) && 'an answer of another kind',
    replies.some(({ status, headers }) => status === 503 && headers['retry-after'] === undefined) &&
      'a 503 without Retry-After',
    memory !== undefined && memory > MAX_MEMORY && 'more than 2 MiB are held',
  ])
}

function report(violations: readonly (string | false)[]): void {
  for (const violation of violations) {
    if (violation === false) continue
    violated++
    console.log(`  VIOLATED: ${violation}`)
  }
}

const all = (replies: readonly Reply[], status: number): boolean => replies.every((reply) => reply.status === status)

/** Moves on second by second until a token is accepted. */
async function recover({ issuer, api }: Stage, token: string): Promise<number> {
  let seconds = 0
  while ((await api.get(token)).status !== 200 && seconds <= LONGEST_RETRY_AFTER) {
    issuer.tokens.advance(1)
    seconds++
  }
  return seconds
}

/** The API has no keys yet. A hundred requests at once, then one each second for a minute; then the fault ends. */
function cold(endpoint: Endpoint, { fault, retryAfter = 0 }: FaultRow) {
  return async (stage: Stage): Promise<Outcome> => {
    const { issuer, api, mint, fetches } = stage
    const token = await mint()
    await issuer.behave(endpoint, fault)
    const memoryBefore = measureMemory()
    const replies = await Promise.all(Array.from({ length: 100 }, () => api.get(token)))
    for (let second = 0; second < 60; second++) {
      issuer.tokens.advance(1)
      replies.push(await api.get(token))
    }
    const memory = measureMemory() - memoryBefore
    const made = fetches()
    await issuer.behave(endpoint, undefined)
    const recovery = await recover(stage, token)
    return {
      replies,
      fetches: made,
      recovery,
      memory,
      violations: [
        !all(replies, 503) && 'without keys every answer must be 503',
        // Steps of 1, 2, 4, 8, 10, 10, ... s, each cut by up to a half, in a minute.
        made > 2 * 16 && 'more than one attempt in a back-off step',
        recovery > Math.max(retryAfter, LONGEST_STEP_WITHOUT_KEYS) && 'recovery took more than a back-off step',
        replies.some(({ milliseconds }) => milliseconds > DEADLINE_SECONDS * 1000 + SLACK_MS) &&
          'an answer came after the deadline',
      ],
    }
  }
}

/** The API has keys, not fresh any more. One request each second for ten minutes; then the fault ends and keys have changed. */
function warm(endpoint: Endpoint, { fault, retryAfter = LONGEST_STEP }: FaultRow) {
  return async (stage: Stage): Promise<Outcome> => {
    const { issuer, api, mint, fetches } = stage
    const token = await mint()
    for (let n = 0; n < 3; n++) await api.get(token)
    issuer.tokens.advance(FRESH + 1)
    await issuer.behave(endpoint, fault)
    const before = fetches()
    const memoryBefore = measureMemory()
    const replies: Reply[] = []
    for (let second = 0; second < 600; second++) {
      replies.push(await api.get(token))
      issuer.tokens.advance(1)
    }
    const memory = measureMemory() - memoryBefore
    const made = fetches() - before
    await issuer.tokens.rotateKeys({ withdrawOld: true })
    await issuer.behave(endpoint, undefined)
    const recovery = await recover(stage, await mint())
    const withdrawn = await api.get(token)
    return {
      replies,
      fetches: made,
      recovery,
      memory,
      violations: [
        !all(replies, 200) && 'with keys every good request must be served',
        made > 2 * 25 && 'more than one attempt in a back-off step',
        recovery > Math.max(retryAfter, LONGEST_STEP) && 'recovery took more than a back-off step',
        withdrawn.status !== 401 && 'a withdrawn key was accepted after the recovery',
      ],
    }
  }
}

async function odd({ fault }: FaultRow, { issuer, api, mint, fetches }: Stage): Promise<Outcome> {
  await issuer.behave('jwks', fault)
  const token = await mint()
  const replies: Reply[] = []
  for (let n = 0; n < 100; n++) replies.push(await api.get(token))
  return {
    replies,
    fetches: fetches(),
    violations: [!all(replies, 200) && 'a good key was spoilt', fetches() !== 2 && 'more than one load'],
  }
}

async function flood({ issuer, api, mint, fetches }: Stage): Promise<Outcome> {
  const token = await mint()
  await api.get(token)
  const before = fetches()
  const bogus: Reply[] = []
  const good: Reply[] = []
  for (let second = 0; second < 200; second++) {
    const forged = Array.from({ length: 50 }, (_, n) =>
      api.get(forge(token, { kid: `bogus-${String(second * 50 + n)}` })),
    )
    good.push(...(await Promise.all(Array.from({ length: 5 }, () => api.get(token)))))
    bogus.push(...(await Promise.all(forged)))
    issuer.tokens.advance(1)
  }
  return {
    replies: [...bogus, ...good],
    fetches: fetches() - before,
    violations: [
      !bogus.every(({ status }) => status === 401 || status === 503) && 'a made-up key name was not refused',
      !bogus.some(({ status }) => status === 401) && 'no made-up key name was looked for',
      bogus.some(({ headers }) => Number(headers['retry-after'] ?? 0) > COOLDOWN) &&
        'a made-up key name has to wait for longer than a cooldown',
      !all(good, 200) && 'a good request was not served',
      fetches() - before > Math.ceil(200 / COOLDOWN) && 'more than one fetch in a cooldown',
    ],
  }
}

async function stampede({ api, mint, fetches }: Stage): Promise<Outcome> {
  const token = await mint()
  const replies = await Promise.all(Array.from({ length: 1000 }, () => api.get(token)))
  return {
    replies,
    fetches: fetches(),
    violations: [!all(replies, 200) && 'a good request was not served', fetches() !== 2 && 'more than one load'],
  }
}

async function rotation(stage: Stage): Promise<Outcome> {
  const { issuer, api, mint, fetches } = stage
  await api.get(await mint())
  issuer.tokens.advance(1)
  await issuer.tokens.rotateKeys()
  const token = await mint()
  const replies = await Promise.all(Array.from({ length: 100 }, () => api.get(token)))
  return {
    replies,
    fetches: fetches(),
    recovery: 0,
    violations: [
      !all(replies, 200) && 'a key published a second ago was not found',
      fetches() !== 3 && 'not one fetch',
    ],
  }
}

/** How long a withdrawn key is accepted under steady traffic: the recovery column says it. */
async function withdrawal({ issuer, api, mint, fetches }: Stage): Promise<Outcome> {
  const token = await mint()
  for (let n = 0; n < 3; n++) await api.get(token)
  await issuer.tokens.rotateKeys({ withdrawOld: true })
  const replies: Reply[] = []
  let seconds = 0
  let reply = await api.get(token)
  while (reply.status === 200 && seconds <= FRESH + LONGEST_STEP) {
    replies.push(reply)
    issuer.tokens.advance(1)
    seconds++
    reply = await api.get(token)
  }
  replies.push(reply)
  return {
    replies,
    fetches: fetches(),
    recovery: seconds,
    violations: [
      reply.status !== 401 && 'the withdrawn key was not refused',
      seconds > FRESH + LONGEST_STEP && 'a withdrawn key was accepted for longer than its bound',
    ],
  }
}

async function main(): Promise<void> {
  const named = (name: string): FaultRow => {
    const row = [...plainFaults, ...uselessSets, ...badMetadata].find((one) => one.name === name)
    if (row === undefined) throw new Error(`There is no fault called "${name}".`)
    return row
  }
  const quick = [
    'connection refused',
    'status 500',
    'status 429 with Retry-After',
    'status 404',
    'a redirect with 302',
    'an HTML page',
    'the document as application/octet-stream',
    'invalid JSON',
    'a byte order mark',
    'an empty set',
    'private keys only',
  ].map(named)
  const faults = [...quick, ...slowFaults, ...largeFaults]

  // Once without a word, so that what the platform loads and compiles for its first requests counts for nobody.
  await stageOf(cold('jwks', named('status 500')))
  print(['fault', 'requests', '200', 'refused', '503', 'fetches', 'recovery', 'memory'])
  for (const row of faults) await run(`cold: ${row.name}`, cold('jwks', row))
  await run('cold: metadata that names another issuer', cold('discovery', named('names another issuer')))
  for (const row of faults) await run(`warm: ${row.name}`, warm('jwks', row))
  for (const row of oddSets) await run(`set: ${row.name}`, (stage) => odd(row, stage))
  await run('10,000 made-up key names in 200 s', flood)
  await run('1,000 first requests at once', stampede)
  await run('a key published a second ago', rotation)
  await run('a withdrawn key, until it is refused', withdrawal)

  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `\nRecovery is in fake time, memory is what is held afterwards. ${seconds} s, ${String(violated)} violated.`,
  )
  process.exitCode = violated === 0 ? 0 : 1
}

await main()
