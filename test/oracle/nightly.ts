import fc from 'fast-check'
import { caseFor } from './arbitraries.js'
import { compareWithJose, compareWithReference, prepare, ruleSetCount, Tally, type ProfileName } from './judges.js'

// npx tsx test/oracle/nightly.ts [cases] [seed]
//
// Judges random tokens by this library, by the reference validator and by jose. Exits with 1 at the first disagreement, and
// says what to look at, and how to run the same again.

const PROGRESS_EVERY_MS = 5000

const [casesText = '100000', seedText = String(Date.now() % 2 ** 31)] = process.argv.slice(2)
const cases = Number(casesText)
const seed = Number(seedText)
if (!Number.isInteger(cases) || cases < 2 || !Number.isInteger(seed)) {
  throw new Error('usage: npx tsx test/oracle/nightly.ts [number of cases, at least 2] [seed]')
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`)

interface Tallies {
  readonly reference: Tally
  readonly jose: Tally
}

const started = Date.now()
let lastShown = started

function showProgress({ reference, jose }: Tallies, profile: ProfileName): void {
  if (Date.now() - lastShown < PROGRESS_EVERY_MS) return
  lastShown = Date.now()
  const seconds = Math.round((lastShown - started) / 1000)
  print(
    `${String(seconds)} s: "${profile}", ${String(reference.total)} judged by the reference, ${String(jose.total)} by jose`,
  )
}

async function run(profile: ProfileName, numRuns: number, ownSeed: number): Promise<Tallies> {
  const tallies = { reference: new Tally(), jose: new Tally() }
  const property = fc.asyncProperty(caseFor(profile, ruleSetCount), async (example) => {
    const trial = prepare(profile, example)
    const problem =
      (await compareWithReference(trial, tallies.reference)) ?? (await compareWithJose(trial, tallies.jose))
    showProgress(tallies, profile)
    if (problem !== undefined) throw new Error(problem)
  })
  const result = await fc.check(property, { numRuns, seed: ownSeed })
  if (result.failed) {
    const shown = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance)
    print(`\nDISAGREEMENT after ${String(result.numRuns)} cases, shrunk ${String(result.numShrinks)} times: ${shown}`)
    print(`again:   npx tsx test/oracle/nightly.ts ${String(cases)} ${String(seed)}`)
    process.exit(1)
  }
  return tallies
}

const results = new Map<ProfileName, Tallies>()
results.set('auto', await run('auto', Math.ceil(cases / 2), seed))
results.set('rfc9068', await run('rfc9068', Math.floor(cases / 2), seed + 1))

function printTable(title: string, which: keyof Tallies): void {
  const counts = [...results.values()].map((tallies) => tallies[which])
  const outcomes = [...new Set(counts.flatMap((tally) => [...tally.counts.keys()]))].sort()
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(28)}${cells.map((cell) => String(cell).padStart(10)).join('')}`
  print(`\n${row(title, [...results.keys()])}`)
  for (const outcome of outcomes) {
    print(
      row(
        outcome,
        counts.map((tally) => tally.count(outcome)),
      ),
    )
  }
  print(
    row(
      'all',
      counts.map((tally) => tally.total),
    ),
  )
}

printTable('reference, first reason', 'reference')
printTable('jose', 'jose')
const seconds = Math.round((Date.now() - started) / 1000)
print(`\nNo disagreement in ${String(cases)} cases with each oracle (seed ${String(seed)}, ${String(seconds)} s).`)
