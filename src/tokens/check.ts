import type { Failure } from '../errors.js'
import type { Eventual } from '../lib/eventual.js'
import type { CheckRules, Examination, Findings, FindingsSoFar } from './examination.js'
import type { Form } from './token-form.js'

/** What a check says: why the token fails it, or nothing. */
export type Outcome = Failure | undefined

/** One rule. It answers why a token fails it, or `undefined`, and says on the way how long that holds: see `Lifetime`. */
export interface Check {
  readonly name: string
  /** Where the rule stands. */
  readonly spec: string
  /** Of tokens of which form it is, where it is not of both. */
  readonly of: Form | undefined
  /** Whether these rules ask for it. */
  readonly isWanted: (rules: CheckRules) => boolean
  /** The findings without which it cannot run. */
  readonly needs: readonly (keyof Findings)[]
  readonly run: (examination: Examination) => Eventual<Outcome>
  /** What there is to say of a token that passed it, for the operator. */
  readonly tell: ((findings: FindingsSoFar) => string | undefined) | undefined
}

/** Types a check by the findings that it needs. */
export function check<Need extends keyof Findings = never>(definition: {
  name: string
  spec: string
  of?: Form
  isWanted?: Check['isWanted']
  needs?: readonly Need[]
  run: (examination: Examination & { findings: Pick<Findings, Need> & FindingsSoFar }) => Eventual<Outcome>
  tell?: Check['tell']
}): Check {
  const { name, spec, of, isWanted = () => true, needs = [], run, tell } = definition
  // The runner calls `run` only when everything in `needs` has been found.
  return { name, spec, of, isWanted, needs, run: run as Check['run'], tell }
}
