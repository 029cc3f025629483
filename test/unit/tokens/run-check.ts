import type { TrustedIssuers } from '../../../src/issuers/trusted-issuer.js'
import type { Eventual } from '../../../src/lib/eventual.js'
import type { Check, Outcome } from '../../../src/tokens/check.js'
import type { CheckRules, Findings, TokenIssuer } from '../../../src/tokens/examination.js'
import { NotedLifetime } from '../../../src/tokens/lifetime.js'

interface Circumstances {
  /** In seconds since the epoch. */
  readonly now?: number
  readonly rules?: Partial<CheckRules>
  readonly lifetime?: NotedLifetime
}

const nobody: TrustedIssuers<TokenIssuer> = {
  find: () => undefined,
  ready: () => Promise.resolve(),
  close: () => undefined,
}

/** A lifetime of which nothing is noted yet. */
export function lifetimeAt(now: number): NotedLifetime {
  return new NotedLifetime(now, nobody)
}

/** Runs one check on what was found of a token so far: it must be all that the check needs. */
export function runCheck(
  check: Check,
  findings: Partial<Findings>,
  { now = 0, rules = {}, lifetime = lifetimeAt(now) }: Circumstances = {},
): Eventual<Outcome> {
  // A check that is run alone sees the rules that its test is about, and no others.
  return check.run({ token: '', rules: rules as CheckRules, lifetime, findings })
}
