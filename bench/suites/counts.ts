import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Child } from '../children.js'
import type { Bench } from '../bench.js'
import type { Case, CaseGroup, Needs } from '../cases/case.js'
import { caseGroups } from '../cases/index.js'
import { builds, type CountSample } from '../results.js'
import { publicJwk, signingKey } from '../tokens/keys.js'
import { audience, issuer } from '../tokens/mint.js'
import { ensureTokens } from '../tokens/pool.js'

/**
 * Nothing may be collected while bytes are counted, so that there is room for all of it; and the compiler works when it is
 * called, not whenever its thread gets to it.
 */
const FLAGS = [
  '--expose-gc',
  '--min-semi-space-size=256',
  '--max-semi-space-size=256',
  '--initial-old-space-size=1024',
  '--no-concurrent-recompilation',
]
const ROUNDS = 6
const WARM_UP_TURNS = 4
/** For promises, and for functions. */
const FEW = 64

/** What a call takes that no noise of a machine changes. */
export async function measureCounts(bench: Bench): Promise<readonly CountSample[]> {
  const groups = caseGroups.filter(({ id }) => id.includes(bench.settings.cases))
  bench.progress.expect(groups.length * builds.length)
  const samples: CountSample[] = []
  for (const group of groups) {
    const cases = await group.make(callsOf(group), needsOf(bench))
    for (const build of builds) {
      bench.progress.step(`${group.id}: ${build}`)
      samples.push(...(await countGroup(group, { bench, cases, build })))
    }
  }
  return samples
}

export function callsOf({ warmUp, count }: CaseGroup): number {
  return warmUp + (2 + ROUNDS) * count + 2 * FEW
}

export function needsOf(bench: Pick<Bench, 'children' | 'progress'>): Needs {
  return {
    async tokens(algorithm, count) {
      const files = await ensureTokens({ key: signingKey(algorithm), count }, bench)
      return files.flatMap((file) => readFileSync(file, 'latin1').trimEnd().split('\n')).slice(0, count)
    },
  }
}

interface Counting {
  readonly bench: Bench
  readonly cases: readonly Case[]
  readonly build: string
}

async function countGroup(group: CaseGroup, { bench, cases, build }: Counting): Promise<readonly CountSample[]> {
  const { inFlight, count } = group
  const child = await startGroup(group, { bench, cases, build })
  try {
    const bytes = new Map<string, Bytes>()
    for (const { id } of cases) bytes.set(id, await countBytes(child, { id, count, inFlight }))
    const samples: CountSample[] = []
    for (const { id } of cases) {
      const few = { id, count: FEW, inFlight }
      const promises = Number(await child.ask('promises', few))
      // measured/cover.js says so.
      const cover = (await child.ask('cover', { ...few, folder: join(bench.settings.root, 'dist') })) as Cover
      samples.push({ case: id, contender: build, ...(bytes.get(id) ?? { heap: NaN, buffers: NaN }), promises, ...cover })
    }
    return samples
  } finally {
    child.end()
  }
}

/** Starts a process in which the cases of a group are warm; whoever calls ends it. */
export async function startGroup(group: CaseGroup, { bench, cases, build }: Counting): Promise<Child> {
  const { way, algorithm, options, scope, metadata, inFlight, warmUp, count } = group
  const child = await bench.children.start('measured/count.js', FLAGS)
  const setup = { issuer: { issuer, jwks: { keys: [publicJwk(signingKey(algorithm))] } }, audience, ...options }
  const published = metadata === true ? { resource: audience, authorizationServers: [issuer] } : undefined
  await child.ask('start', { way, build, library: bench.settings.root, setup, scope, metadata: published })
  for (const one of cases) await child.ask('load', one)
  for (let turn = 0; turn < WARM_UP_TURNS; turn += 1) {
    for (const { id } of cases) await child.ask('call', { id, count: warmUp / WARM_UP_TURNS, inFlight })
  }
  await child.ask('collect')
  for (const { id } of cases) await child.ask('call', { id, count: 2 * count, inFlight })
  return child
}

type Cover = Pick<CountSample, 'calls' | 'functions' | 'files'>
type Bytes = Pick<CountSample, 'heap' | 'buffers'>

/** The least of a few rounds: what comes on top now and then is a table that grows, or the compiler. */
async function countBytes(child: Child, order: { id: string; count: number; inFlight: number }): Promise<Bytes> {
  const rounds: (Bytes & { collections: number })[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push((await child.ask('bytes', order)) as Bytes & { collections: number }) // measured/count.js says so
  }
  const clean = rounds.filter(({ collections }) => collections === 0)
  if (process.env['TRACE']) console.log(order.id, rounds.map(({ heap, collections }) => `${heap.toFixed(0)}${collections ? '!' : ''}`).join(' '))
  return { heap: Math.min(...clean.map(({ heap }) => heap)), buffers: Math.min(...clean.map(({ buffers }) => buffers)) }
}
