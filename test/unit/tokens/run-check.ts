import type { Eventual } from '../../../src/lib/eventual.js'
import type { Check, Outcome } from '../../../src/tokens/check.js'
import type { Findings, TokenRules } from '../../../src/tokens/examination.js'

interface Circumstances {
  /** In seconds since the epoch. */
  readonly now?: number
  readonly rules?: Partial<TokenRules>
}

/** Runs one check on what was found of a token so far: it must be all that the check needs. */
export function runCheck(
  check: Check,
  findings: Partial<Findings>,
  { now = 0, rules = {} }: Circumstances = {},
): Eventual<Outcome> {
  // A check that is run alone sees the rules that its test is about, and no others.
  return check.run({ token: '', now, rules: rules as TokenRules, findings })
}
