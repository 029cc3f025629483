import type { Case, CaseGroup } from '../cases/case.js'
import type { Child } from '../children.js'

const TURNS = 4

/** How many calls of each case `warmUp` makes. */
export function warmUpCalls({ warmUp, count }: CaseGroup): number {
  return warmUp + 2 * count
}

/**
 * Calls the cases of a group in turns, as a server is called, until the compiler has seen enough of them.
 *
 * The one collection is in there: what it forgets, shapes and the code that was made for them, has to be found again.
 */
export async function warmUpCases(
  counter: Child,
  { warmUp, count, inFlight }: CaseGroup,
  cases: readonly Case[],
): Promise<void> {
  for (const one of cases) await counter.ask('load', one)
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const { id } of cases) await counter.ask('call', { id, count: warmUp / TURNS, inFlight })
  }
  await counter.ask('collect')
  for (const { id } of cases) await counter.ask('call', { id, count: 2 * count, inFlight })
}
