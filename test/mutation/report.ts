import type { MutantResult } from '@stryker-mutator/api/core'

/** A mutant that no test noticed. */
interface Survivor {
  readonly file: string
  readonly line: number
  readonly mutator: string
  readonly replacement: string
}

/** What became of the mutants of one folder. */
export interface FolderResult {
  readonly folder: string
  readonly killed: number
  /** Endless: noticed as well. */
  readonly timedOut: number
  /** The change keeps the source from being loaded: no mutant. */
  readonly failed: number
  readonly survivors: readonly Survivor[]
}

export function countOutcomes(folder: string, mutants: readonly MutantResult[]): FolderResult {
  const count = (...statuses: readonly MutantResult['status'][]): readonly MutantResult[] =>
    mutants.filter(({ status }) => statuses.includes(status))
  return {
    folder,
    killed: count('Killed').length,
    timedOut: count('Timeout').length,
    failed: count('RuntimeError', 'CompileError').length,
    survivors: count('Survived', 'NoCoverage').map(({ fileName, location, mutatorName, replacement }) => ({
      file: fileName.replaceAll('\\', '/').replace(/^.*\/src\//, ''),
      // Stryker counts lines from 1 in its results.
      line: location.start.line,
      mutator: mutatorName,
      replacement: replacement.replaceAll(/\s+/g, ' ').slice(0, 60),
    })),
  }
}

type Counted = Pick<FolderResult, 'killed' | 'timedOut' | 'survivors'>

/** In percent. */
export function scoreOf({ killed, timedOut, survivors }: Counted): number {
  const noticed = killed + timedOut
  return (100 * noticed) / (noticed + survivors.length)
}

const HEAD = `# Mutation testing

A mutant is one small change of the source: a condition turned round, a call left out, a text emptied. A good suite fails on
each of them. \`npm run test:mutation\` makes every change that [Stryker](https://stryker-mutator.io) knows in what
decides about a request, one at a time, and writes this page. Nothing is excluded: no kind of change, no line, no
text for operators.

`

const TAIL = `
Noticed: some test failed, or ran without end. A change after which a file cannot even be loaded is not counted. The suite
is that of \`test/mutation/suite.ts\`: unit tests, the hostile rows that are about a token alone, without HTTP, and the rows
that tell a user's token from a machine's, and for policies and routes their tables over HTTP. What else the tests notice is not counted here.
`

/** Writes the page. */
export function writeReport(results: readonly FolderResult[]): string {
  const all: Counted = {
    killed: sum(results.map(({ killed }) => killed)),
    timedOut: sum(results.map(({ timedOut }) => timedOut)),
    survivors: results.flatMap(({ survivors }) => survivors),
  }
  const row = (name: string, result: Counted): readonly string[] => [
    name,
    String(result.killed + result.timedOut + result.survivors.length),
    String(result.killed + result.timedOut),
    String(result.survivors.length),
    `${scoreOf(result).toFixed(1)} %`,
  ]
  const rows = [
    ['folder', 'mutants', 'noticed', 'not noticed', 'score'],
    ...results.map((result) => row(`\`src/${result.folder}\``, result)),
    row('all', all),
  ]
  return `${HEAD}${table(rows)}${TAIL}`
}

/** A Markdown table as Prettier writes it, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join(' | ')} |\n`
  const [head = [], ...body] = rows
  const rule = `| ${widths.map((width, n) => (n === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |\n`
  return [line(head), rule, ...body.map(line)].join('')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
