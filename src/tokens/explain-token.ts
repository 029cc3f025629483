import { UnavailableError } from '../errors.js'
import { reasonFor, type ReasonCode } from '../reasons.js'
import type { Check } from './check.js'
import { checks } from './checks/index.js'
import type { Examination, FindingsSoFar, TokenRules } from './examination.js'
import { holdsAt, isAmong, NotedLifetime } from './lifetime.js'
import { formOf } from './token-form.js'

/** What came of one check. */
export interface CheckReport {
  readonly name: string
  /** Where the rule stands. */
  readonly spec: string
  /** `skipped`: an earlier failure left nothing to check. `undecided`: somebody did not answer. */
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'undecided'
  readonly code?: ReasonCode | undefined
  /** Which claim, which expectation. For the operator; may name claims, never holds the token. */
  readonly detail?: string | undefined
  /** What to do about it. */
  readonly hint?: string | undefined
}

/** Why a token is accepted or refused, check by check. */
export interface TokenReport {
  readonly verdict: 'accepted' | 'refused' | 'undecided'
  /** The reason that a request with this token would be given; undefined when it is accepted, or ends in an error 500. */
  readonly code: ReasonCode | undefined
  readonly checks: readonly CheckReport[]
}

/**
 * Runs every check that can run, and reports: the list that requests are judged by, but not only to the first failure. What
 * comes after a failed signature is said of claims that anybody could have written.
 *
 * @param findings - Filled with what was found out on the way.
 */
export async function explainToken(
  token: string,
  { now, rules, findings = {} }: { now: () => number; rules: TokenRules; findings?: FindingsSoFar },
): Promise<TokenReport> {
  const lifetime = new NotedLifetime(now(), rules.issuers)
  const examination = { token, rules, lifetime, findings }
  const reports: CheckReport[] = []
  const examine = async (check: Check, place: number): Promise<void> => {
    lifetime.moveTo(now())
    lifetime.askedBy(place)
    reports[place] = await report(check, examination)
  }
  const form = rules.issuerOfOpaque === undefined ? 'signed' : formOf(token)
  const isAsked = ({ of, isWanted }: Check): boolean => of === undefined || (of === form && isWanted(rules))
  for (const [place, check] of checks.entries()) if (isAsked(check)) await examine(check, place)
  // Once more, since others were waited for: as for a request.
  if (!holdsAt(lifetime, now())) {
    for (const [place, check] of checks.entries()) if (isAmong(lifetime.timed, place)) await examine(check, place)
  }
  const told = reports.filter((one: CheckReport | undefined) => one !== undefined)
  const first = told.find(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
  const verdict = first === undefined ? 'accepted' : first.outcome === 'failed' ? 'refused' : 'undecided'
  return { verdict, code: first?.code, checks: told }
}

async function report({ name, spec, needs, run, tell }: Check, examination: Examination): Promise<CheckReport> {
  if (needs.some((need) => examination.findings[need] === undefined)) return { name, spec, outcome: 'skipped' }
  try {
    const failure = await run(examination)
    if (failure === undefined) {
      const detail = tell?.(examination.findings)
      return detail === undefined ? { name, spec, outcome: 'passed' } : { name, spec, outcome: 'passed', detail }
    }
    return { name, spec, outcome: 'failed', ...failure, hint: reasonFor(failure.code).hint }
  } catch (error) {
    // What throws anything else is the user's: a request gets just that, as an error 500.
    if (!(error instanceof UnavailableError)) return { name, spec, outcome: 'undecided', detail: THREW }
    const { code, detail } = error
    return { name, spec, outcome: 'undecided', code, detail, hint: reasonFor(code).hint }
  }
}

const THREW = 'it threw an error: a request with this token ends in a 500 with that error'
