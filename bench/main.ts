// What the library costs, beside everybody else. All of it takes two and a half hours; parts of it take minutes.
//
//   npm run bench -- --help
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './bench.js'
import { createChildren } from './children.js'
import { ours, unprotected } from './contenders.js'
import { findCores, type Cores } from './cores.js'
import { describeEnvironment } from './environment.js'
import { acceptCounts, holdCounts, saysOtherNode } from './expected/hold.js'
import { help, readOptions, type Options } from './options.js'
import { installPackages } from '../tools/install-packages.js'
import { ensureBuilt } from './prepare.js'
import { createProgress } from './progress.js'
import { describeResults } from './report/page.js'
import { publish } from './report/publish.js'
import type { CountSample, Results } from './results.js'
import { buildRevision } from './revision.js'
import { suites } from './suites/index.js'

const options = readOptions(process.argv.slice(2))
if (options === 'help') console.log(help)
else await main(options)

async function main(chosen: Options): Promise<void> {
  if (chosen.hold === 'check' && saysOtherNode(chosen.root)) return
  const results = chosen.from === undefined ? await measureAll(chosen) : read(chosen.from)
  console.log(describeResults(results))
  if (chosen.hold !== undefined) await hold(chosen, results.counts ?? [])
  // A contender that fails its audit is configured wrongly, and that is ours to mend.
  if (results.faults.length > 0) process.exitCode = 1
  if (chosen.publish) console.error(`Written: ${(await publish(results, chosen.root)).join(', ')}.`)
}

async function hold({ root, cases, hold: how }: Options, samples: readonly CountSample[]): Promise<void> {
  if (how === 'accept') await acceptCounts(root, samples, cases)
  else if (!holdCounts(root, samples, cases)) process.exitCode = 1
}

async function measureAll(chosen: Options): Promise<Results> {
  installPackages('bench')
  ensureBuilt(chosen.root)
  if (chosen.against === undefined) return measure(chosen)
  const other = buildRevision(chosen.root, chosen.against)
  try {
    return await measure({ ...chosen, contenders: [unprotected, ours, other.contender] })
  } finally {
    other.remove()
  }
}

async function measure(chosen: Options): Promise<Results> {
  const children = createChildren()
  const stop = (): void => {
    children.endAll()
    process.exit(130)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const cores = chosen.pin ? pinned() : undefined
  const results: Results = {
    environment: describeEnvironment(chosen.root, chosen.contenders),
    settings: {
      pinned: cores !== undefined,
      rounds: chosen.rounds,
      seconds: chosen.seconds,
      warmUpRequests: chosen.warmUpRequests,
    },
    labels: Object.fromEntries(chosen.contenders.map(({ id, label }) => [id, label])),
    faults: [],
    failures: [],
  }
  const folder = join(chosen.root, 'bench/results')
  const file = join(folder, `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`)
  mkdirSync(folder, { recursive: true })
  const keep = (): void => {
    writeFileSync(`${file}.part`, `${JSON.stringify(results, undefined, 2)}\n`)
    renameSync(`${file}.part`, file)
  }
  try {
    const keyServer = await children.start('jwks.ts')
    const bench: Bench = {
      settings: chosen,
      children,
      progress: createProgress(),
      keep,
      generator: await children.start('load/generator.ts', [], cores?.load),
      cores,
      keyServer,
      keyServerPort: Number(await keyServer.ask('port')),
      contenders: chosen.contenders,
      passed: new Map(),
    }
    for (const suite of chosen.suites) {
      await suites[suite](bench, results)
      keep()
    }
    bench.progress.end()
  } finally {
    children.endAll()
  }
  console.error(`The results are in ${file}.`)
  return results
}

function pinned(): Cores | undefined {
  const cores = findCores()
  if (typeof cores !== 'string') return cores
  console.error(`Nothing is pinned: ${cores}.`)
  return undefined
}

/** Whoever names a file says that a run wrote it. */
function read(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}
