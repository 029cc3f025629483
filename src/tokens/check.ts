import type { Failure } from '../errors.js'
import type { Eventual } from '../lib/eventual.js'
import type { Examination, Findings, TokenRules } from './examination.js'

/** What a check says: why the token fails it, or nothing. */
export type Outcome = Failure | undefined

/**
 * How long the outcome of a check stands, so that a token that passed it need not be checked again:
 *
 * - `always`: the token, the settings of its issuer and its key decide it, and nothing else does.
 * - `with trust`: for as long as the issuer and the key that it found are those that would be found now.
 * - `in time`: within the lifetime that lifetime.ts reads of the claims.
 * - `once`: for one request.
 */
export type Standing = 'always' | 'with trust' | 'in time' | 'once'

/** One rule. It answers why a token fails it, or `undefined`. */
export interface Check {
  readonly name: string
  /** Where the rule stands. */
  readonly spec: string
  readonly stands: Standing
  /** Whether these rules ask for it. */
  readonly isWanted: (rules: TokenRules) => boolean
  /** The findings without which it cannot run. */
  readonly needs: readonly (keyof Findings)[]
  readonly run: (examination: Examination) => Eventual<Outcome>
}

/** Types a check by the findings that it needs. */
export function check<Need extends keyof Findings = never>(definition: {
  name: string
  spec: string
  stands: Standing
  isWanted?: Check['isWanted']
  needs?: readonly Need[]
  run: (examination: Examination & { findings: Pick<Findings, Need> & Partial<Findings> }) => Eventual<Outcome>
}): Check {
  const { name, spec, stands, isWanted = () => true, needs = [], run } = definition
  // The runner calls `run` only when everything in `needs` has been found.
  return { name, spec, stands, isWanted, needs, run: run as Check['run'] }
}
