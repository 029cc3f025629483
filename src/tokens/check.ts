import type { Failure } from '../errors.js'
import type { Eventual } from '../lib/eventual.js'
import type { Examination, Findings, CheckRules } from './examination.js'

/** What a check says: why the token fails it, or nothing. */
export type Outcome = Failure | undefined

/** One rule. It answers why a token fails it, or `undefined`, and says on the way how long that holds: see `Lifetime`. */
export interface Check {
  readonly name: string
  /** Where the rule stands. */
  readonly spec: string
  /** Whether these rules ask for it. */
  readonly isWanted: (rules: CheckRules) => boolean
  /** The findings without which it cannot run. */
  readonly needs: readonly (keyof Findings)[]
  readonly run: (examination: Examination) => Eventual<Outcome>
}

/** Types a check by the findings that it needs. */
export function check<Need extends keyof Findings = never>(definition: {
  name: string
  spec: string
  isWanted?: Check['isWanted']
  needs?: readonly Need[]
  run: (examination: Examination & { findings: Pick<Findings, Need> & Partial<Findings> }) => Eventual<Outcome>
}): Check {
  const { name, spec, isWanted = () => true, needs = [], run } = definition
  // The runner calls `run` only when everything in `needs` has been found.
  return { name, spec, isWanted, needs, run: run as Check['run'] }
}
