import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { MutantResult } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { countOutcomes, scoreOf, writeReport, type FolderResult } from './report.js'

// npm run test:mutation [-- FOLDER ...]
//
// Changes the source of each folder in every way that Stryker knows, one change at a time, and counts how many of the changes
// some test notices. Keeps published/mutation.md, with a row for each folder as it was last run. Exits with 1 under 90 %.

const FOLDERS = ['request', 'challenge', 'issuers', 'tokens', 'policy', 'routes', 'stores', 'binding']
const RESULTS = 'reports/mutation'
const LEAST_SCORE = 90

// Bundles are outside of test/, whose packages they need beside those of the root.
process.env['NODE_PATH'] = resolve('test/node_modules')

const chosen = process.argv.slice(2)
const unknown = chosen.find((folder) => !FOLDERS.includes(folder))
if (unknown !== undefined)
  throw new Error(`usage: npm run test:mutation [-- FOLDER ...], with FOLDER out of ${FOLDERS.join(', ')}`)

/** Runs every mutant of a folder. */
async function run(folder: string): Promise<readonly MutantResult[]> {
  const asTypeScript = ['--no-warnings', '--import', 'tsx']
  const stryker = new Stryker({
    mutate: [`src/${folder}/**/*.ts`],
    testRunner: 'in-process',
    plugins: [new URL('runner.ts', import.meta.url).href],
    testRunnerNodeArgs: asTypeScript,
    checkerNodeArgs: asTypeScript,
    buildCommand: 'tsx test/mutation/build.ts',
    coverageAnalysis: 'perTest',
    concurrency: 2,
    // A run takes seconds. What takes this much longer on a busy machine hangs.
    timeoutMS: 60_000,
    timeoutFactor: 4,
    tempDirName: `${RESULTS}/tmp`,
    ignorePatterns: ['bench', 'coverage', 'dist', 'docs', 'examples', 'reference', 'reports'],
    reporters: ['progress-append-only', 'html', 'clear-text'],
    htmlReporter: { fileName: `${RESULTS}/${folder}.html` },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
    allowConsoleColors: false,
  })
  return stryker.runMutationTest()
}

/** What is known of a folder from an earlier run. */
function readResult(folder: string): FolderResult | undefined {
  try {
    return JSON.parse(readFileSync(`${RESULTS}/${folder}.json`, 'utf8')) as FolderResult // written below
  } catch {
    return undefined
  }
}

mkdirSync(RESULTS, { recursive: true })
for (const folder of chosen.length === 0 ? FOLDERS : chosen) {
  console.log(`\n== src/${folder}`)
  const result = countOutcomes(folder, await run(folder))
  writeFileSync(`${RESULTS}/${folder}.json`, JSON.stringify(result, null, 2))
  rmSync(`${RESULTS}/tmp`, { recursive: true, force: true })
  if (scoreOf(result) < LEAST_SCORE) process.exitCode = 1
}
const results = FOLDERS.flatMap((folder) => readResult(folder) ?? [])
console.log(writeReport(results))
if (results.length === FOLDERS.length) writeFileSync('test/mutation/published/mutation.md', writeReport(results))
console.log(`Every mutant, with its place: ${RESULTS}/FOLDER.html`)
