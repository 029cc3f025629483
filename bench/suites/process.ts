import type { Bench } from '../bench.js'
import { newTokens, remembered } from '../cases/bearer.js'
import { askedOpaque, rememberedOpaque } from '../cases/opaque.js'
import { refused } from '../cases/refused.js'
import type { CaseGroup } from '../cases/case.js'
import type { Child } from '../children.js'
import { makeCases } from '../counting/material.js'
import { describeSubject, subjectsOf, type SubjectId } from '../counting/subjects.js'
import { builds, type ProcessSample } from '../results.js'

/** How long all of them together are called before anything counts, for the compiler. */
const WARM_UP_MICROSECONDS = 3_000_000
/** Short, so that all of them meet the same phases of the machine. */
const LOT_MICROSECONDS = 2000
const LOTS = 40

/** Enough of tokens that are to be new: of the fastest that cannot do without them, at 20 microseconds each. */
const NEW_CALLS = 30_000

/** Calls that share a process, each lane a subject with a case. */
interface Race {
  readonly title: string
  readonly groups: readonly CaseGroup[]
  readonly subjects: (group: CaseGroup) => readonly SubjectId[]
}

type Keep = (samples: readonly ProcessSample[]) => void

/** Tokens that come again and tokens that nobody has seen, beside others. */
export async function measureInProcess(bench: Bench, keep: Keep): Promise<void> {
  const groups = [remembered, ...newTokens].filter(
    ({ algorithm, way }) =>
      bench.settings.algorithms.includes(algorithm) && (way === 'verify' || algorithm === 'RS256'),
  )
  const races = groups.map((group): Race => ({
    title: group.id,
    groups: [group],
    subjects: () => subjectsOf(group, bench),
  }))
  await runRaces(races, bench, keep)
}

/** What strangers send, with and without the resource's metadata. */
export async function measureRefusals(bench: Bench, keep: Keep): Promise<void> {
  await runRaces([{ title: 'refused', groups: refused, subjects: () => [builds[0]] }], bench, keep)
}

/** Tokens that only their issuer can read, beside one that anybody can. */
export async function measureOpaque(bench: Bench, keep: Keep): Promise<void> {
  const groups = [remembered, rememberedOpaque, askedOpaque]
  await runRaces([{ title: 'opaque', groups, subjects: () => [builds[0]] }], bench, keep)
}

async function runRaces(races: readonly Race[], bench: Bench, keep: Keep): Promise<void> {
  const { rounds } = bench.settings
  bench.progress.expect(rounds * races.length)
  for (let round = 0; round < rounds; round += 1) {
    for (const race of races) {
      bench.progress.step(`in process, round ${String(round + 1)}: ${race.title}`)
      keep((await runRace(race, bench)).map((sample) => ({ ...sample, round })))
    }
  }
}

type Lane = Omit<ProcessSample, 'round' | 'cpuMicroseconds'>

async function runRace(
  { title, groups, subjects }: Race,
  bench: Bench,
): Promise<readonly Omit<ProcessSample, 'round'>[]> {
  const process = await bench.children.start('measured/interleave.js', ['--expose-gc'])
  try {
    const lanes: Lane[] = []
    for (const group of groups) lanes.push(...(await addLanes(process, { title, group, ids: subjects(group), bench })))
    await process.ask('warmUp', {
      microseconds: WARM_UP_MICROSECONDS / lanes.length,
      lotMicroseconds: LOT_MICROSECONDS,
    })
    const figures = (await process.ask('measure', { lots: LOTS })) as readonly number[] // measured/interleave.js says so
    return lanes.map((lane, index) => ({ ...lane, cpuMicroseconds: figures[index] ?? NaN }))
  } finally {
    process.end()
  }
}

interface Added {
  readonly title: string
  readonly group: CaseGroup
  readonly ids: readonly SubjectId[]
  readonly bench: Bench
}

async function addLanes(process: Child, { title, group, ids, bench }: Added): Promise<readonly Lane[]> {
  const cases = await makeCases(group, NEW_CALLS, bench)
  const lanes: Lane[] = []
  for (const contender of ids) {
    const subject = describeSubject(contender, group, bench)
    for (const one of cases) await process.ask('add', { subject, inFlight: group.inFlight, ...one })
    lanes.push(...cases.map(({ id }) => ({ race: title, case: id, contender })))
  }
  return lanes
}
