import fc from 'fast-check'
import { caseFor } from './arbitraries.js'
import { bends, compareSignature } from './signatures.js'
import { compareWithJose, compareWithReference, prepare, ruleSetCount, Tally, type ProfileName } from './judges.js'

// npx tsx test/oracle/nightly.ts [cases] [seed]
//
// Judges random tokens by this library, by the reference validator and by jose, and as many bent signatures by this library
// and by jose. Exits with 1 at the first disagreement, and says what to look at, and how to run the same again.

const PROGRESS_EVERY_MS = 5000
/** A fifth of the keys are such that we do not even import them, and nothing is left to compare. */
const SIGNATURES_PER_CASE = 1.3

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

function showProgress(message: () => string): void {
  if (Date.now() - lastShown < PROGRESS_EVERY_MS) return
  lastShown = Date.now()
  print(`${String(Math.round((lastShown - started) / 1000))} s: ${message()}`)
}

async function check<Example>(
  property: fc.IAsyncProperty<[Example]>,
  { numRuns, ownSeed }: { readonly numRuns: number; readonly ownSeed: number },
): Promise<void> {
  const result = await fc.check(property, { numRuns, seed: ownSeed })
  if (!result.failed) return
  const shown = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance)
  print(`\nDISAGREEMENT after ${String(result.numRuns)} cases, shrunk ${String(result.numShrinks)} times: ${shown}`)
  print(`again:   npx tsx test/oracle/nightly.ts ${String(cases)} ${String(seed)}`)
  process.exit(1)
}

async function run(profile: ProfileName, numRuns: number, ownSeed: number): Promise<Tallies> {
  const tallies = { reference: new Tally(), jose: new Tally() }
  const { reference, jose } = tallies
  const property = fc.asyncProperty(caseFor(profile, ruleSetCount), async (example) => {
    const trial = prepare(profile, example)
    const problem = (await compareWithReference(trial, reference)) ?? (await compareWithJose(trial, jose))
    showProgress(
      () => `"${profile}", ${String(reference.total)} judged by the reference, ${String(jose.total)} by jose`,
    )
    if (problem !== undefined) throw new Error(problem)
  })
  await check(property, { numRuns, ownSeed })
  return tallies
}

async function runSignatures(numRuns: number, ownSeed: number): Promise<Tally> {
  const tally = new Tally()
  let done = 0
  const property = fc.asyncProperty(bends, async (bend) => {
    const problem = await compareSignature(bend, tally)
    done++
    showProgress(() => `signatures, ${String(done)} judged`)
    if (problem !== undefined) throw new Error(problem)
  })
  await check(property, { numRuns, ownSeed })
  return tally
}

const results = new Map<ProfileName, Tallies>()
results.set('auto', await run('auto', Math.ceil(cases / 2), seed))
results.set('rfc9068', await run('rfc9068', Math.floor(cases / 2), seed + 1))

const signatureCases = Math.ceil(cases * SIGNATURES_PER_CASE)
const signatures = await runSignatures(signatureCases, seed + 2)

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
print('\n  signatures')
for (const [outcome, count] of [...signatures.counts].sort()) {
  print(`  ${outcome.padEnd(48)}${String(count).padStart(10)}`)
}
const compared = signatureCases - signatures.count('key not imported')
const seconds = Math.round((Date.now() - started) / 1000)
print(
  `\nNo disagreement in ${String(cases)} cases with each oracle, nor over ${String(compared)} signatures that were compared (seed ${String(seed)}, ${String(seconds)} s).`,
)
