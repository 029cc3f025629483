// Where one case spends bytes or time, by function:
//
//   npx tsx bench/profile.ts "new token, RS256, verification" heap modules
import { fileURLToPath } from 'node:url'
import { installPackages } from '../tools/install-packages.js'
import type { Site } from './bench.js'
import { caseGroups } from './cases/index.js'
import { contenders } from './contenders.js'
import { createChildren } from './children.js'
import { ensureBuilt } from './prepare.js'
import { createProgress } from './progress.js'
import { makeCases } from './counting/material.js'
import { startCounter } from './counting/subjects.js'
import { warmUpCalls, warmUpCases } from './counting/warm.js'

const [text = '', kind = 'heap', build = 'commonjs', only = ''] = process.argv.slice(2)
const CALLS = 3000
const SHOWN = 40

interface Node {
  readonly name: string
  readonly url: string
  readonly line: number
  readonly self: number
}

const root = fileURLToPath(new URL('..', import.meta.url))
installPackages('bench')
ensureBuilt(root)
const children = createChildren()
const keyServer = await children.start('jwks.ts')
const keyServerPort = Number(await keyServer.ask('port'))
const bench: Site = {
  children,
  progress: createProgress(),
  settings: { root },
  keyServerPort,
  contenders,
}
try {
  for (const group of caseGroups.filter(({ id }) => id.includes(text))) {
    const sample = await makeCases(group, 1, bench)
    for (const { id } of sample.filter((one) => one.id.includes(only))) {
      const counter = await startCounter(build, group, bench)
      const made = await makeCases(group, warmUpCalls(group) + CALLS, bench)
      await warmUpCases(
        counter,
        group,
        made.filter((one) => one.id === id),
      )
      const order = { id, kind, count: CALLS, inFlight: group.inFlight }
      show(id, (await counter.ask('profile', order)) as readonly Node[]) // measured/profilers.js says so
      counter.end()
    }
  }
} finally {
  children.endAll()
}

function show(id: string, nodes: readonly Node[]): void {
  const sums = new Map<string, number>()
  for (const { name, url, line, self } of nodes) {
    const key = `${name === '' ? '(anonymous)' : name}  ${url.replace(/^.*[/](?=[^/]+[/][^/]+$)/, '')}:${String(line + 1)}`
    sums.set(key, (sums.get(key) ?? 0) + self / CALLS)
  }
  const total = [...sums.values()].reduce((sum, one) => sum + one, 0)
  const unit = kind === 'heap' ? 'bytes' : 'us'
  console.log(`\n${id}, ${build}: ${total.toFixed(1)} ${unit} for a call`)
  const sorted = [...sums].filter(([, self]) => self > 0).sort(([, a], [, b]) => b - a)
  for (const [key, self] of sorted.slice(0, SHOWN))
    console.log(`${self.toFixed(kind === 'heap' ? 0 : 2).padStart(8)}  ${key}`)
}
