import type { Bench } from '../bench.js'
import type { CaseGroup } from '../cases/case.js'
import { caseGroups } from '../cases/index.js'
import { countCases, countedCalls } from '../counting/count-cases.js'
import { makeCases } from '../counting/material.js'
import { isBuild, startCounter, subjectsOf } from '../counting/subjects.js'
import { warmUpCalls, warmUpCases } from '../counting/warm.js'
import type { CountSample } from '../results.js'

/** How many processes count at once: none of it is a matter of time. */
const AT_ONCE = 2

/** What a call takes that no noise of a machine changes; `keep` is called with the samples of each group. */
export async function measureCounts(bench: Bench, keep: (samples: readonly CountSample[]) => void): Promise<void> {
  const groups = caseGroups.filter(({ id }) => id.includes(bench.settings.cases))
  if (groups.length === 0) throw new Error(`--cases: no group has "${bench.settings.cases}" in its name.`)
  bench.progress.expect(groups.length)
  for (const group of groups) {
    bench.progress.step(`counting: ${group.id}`)
    keep(await countGroup(group, bench))
  }
}

async function countGroup(group: CaseGroup, bench: Bench): Promise<readonly CountSample[]> {
  const waiting = await Promise.all(
    subjectsOf(group, bench).map(async (contender) => ({
      contender,
      counter: await startCounter(contender, group, bench),
    })),
  )
  const cases = await makeCases(group, warmUpCalls(group) + countedCalls(group), bench)
  const samples: CountSample[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { contender, counter } = next
      await warmUpCases(counter, group, cases)
      const found = await countCases(counter, { group, cases, bench, isOurs: isBuild(contender) })
      counter.end()
      samples.push(...found.map((one) => ({ ...one, contender })))
    }
  }
  const order = subjectsOf(group, bench)
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return samples.sort((a, b) => order.indexOf(a.contender) - order.indexOf(b.contender))
}
