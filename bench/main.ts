// What the library costs, beside everybody else.
//
//   npm run bench -- --help
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './bench.js'
import { createChildren } from './children.js'
import { describeEnvironment } from './environment.js'
import { help, readSettings, type Settings } from './options.js'
import { ensureBuilt, ensurePeers } from './prepare.js'
import { createProgress } from './progress.js'
import { describeResults } from './report/markdown.js'
import type { Results } from './results.js'
import { measureHttp } from './suites/http.js'

const settings = readSettings(process.argv.slice(2))
if (settings === 'help') console.log(help)
else console.log(describeResults(await run(settings)))

async function run(chosen: Settings): Promise<Results> {
  ensurePeers(chosen.root)
  ensureBuilt(chosen.root)
  const children = createChildren()
  const stop = (): void => {
    children.endAll()
    process.exit(130)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const faults: string[] = []
  const results: Results = {
    faults,
    environment: describeEnvironment(chosen.root, chosen.contenders),
    settings: { rounds: chosen.rounds, seconds: chosen.seconds, warmUpRequests: chosen.warmUpRequests },
    labels: Object.fromEntries(chosen.contenders.map(({ id, label }) => [id, label])),
  }
  try {
    const keyServer = await children.start('jwks.ts')
    const bench: Bench = {
      settings: chosen,
      children,
      progress: createProgress(),
      generator: await children.start('load/generator.ts'),
      keyServer,
      keyServerPort: Number(await keyServer.ask('port')),
      contenders: chosen.contenders,
    }
    if (chosen.suites.includes('http')) results.http = await measureHttp(bench, faults)
    bench.progress.end()
  } finally {
    children.endAll()
  }
  const folder = join(chosen.root, 'bench/results')
  const file = join(folder, `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
  console.error(`The results are in ${file}.`)
  return results
}
