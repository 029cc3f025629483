import { UnavailableError, type Failure } from '../errors.js'
import { deepFreeze } from '../lib/deep-freeze.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import { reasonFor, type ReasonCode } from '../reasons.js'
import type { Auth } from './auth.js'
import { checks, type Check, type Examination, type Findings, type TokenRules } from './checks.js'
import { readNumericDate } from './check-times.js'

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
  /** The reason that a request with this token would be given; undefined when it is accepted. */
  readonly code: ReasonCode | undefined
  readonly checks: readonly CheckReport[]
}

/** A token that passed every check. */
export interface VerifiedToken {
  readonly auth: Auth
  /** The claims as the token holds them; those of `auth` may be what a schema made of them. */
  readonly tokenClaims: JsonObject
}

/** Runs the checks to the first failure. Throws an {@link UnavailableError} where it cannot be decided. */
export async function verifyToken(token: string, rules: TokenRules): Promise<VerifiedToken | Failure> {
  const examination: Examination = { token, rules, findings: {} }
  for (const check of checks) {
    const outcome = check.run(examination)
    const failure = outcome instanceof Promise ? await outcome : outcome
    if (failure !== undefined) return failure
  }
  // Every check has passed, so everything has been found.
  return describe(token, examination.findings as Findings, rules)
}

/** Runs every check that can run, and reports. Unlike a request it goes on after a failure, and may fetch keys for it. */
export async function explainToken(token: string, rules: TokenRules): Promise<TokenReport> {
  const examination: Examination = { token, rules, findings: {} }
  const reports: CheckReport[] = []
  for (const check of checks) reports.push(await report(check, examination))
  const first = reports.find(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
  const verdict = first === undefined ? 'accepted' : first.outcome === 'failed' ? 'refused' : 'undecided'
  return { verdict, code: first?.code, checks: reports }
}

async function report({ name, spec, needs, run }: Check, examination: Examination): Promise<CheckReport> {
  if (needs.some((need) => examination.findings[need] === undefined)) return { name, spec, outcome: 'skipped' }
  try {
    const failure = await run(examination)
    if (failure === undefined) return { name, spec, outcome: 'passed' }
    return { name, spec, outcome: 'failed', ...failure, hint: reasonFor(failure.code).hint }
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error
    return {
      name,
      spec,
      outcome: 'undecided',
      code: error.code,
      detail: error.detail,
      hint: reasonFor(error.code).hint,
    }
  }
}

function describe(token: string, findings: Findings, { schema }: TokenRules): VerifiedToken {
  const { decoded, issuer, authority, validatedClaims } = findings
  const claims = deepFreeze(decoded.claims)
  const sub = ownMember(claims, 'sub')
  const auth = {
    scheme: 'Bearer',
    issuer: issuer.settings.issuer,
    subject: typeof sub === 'string' ? sub : undefined,
    ...deepFreeze(authority),
    expiresAt: readNumericDate(claims, 'exp'),
    issuedAt: readNumericDate(claims, 'iat'),
    claims: schema === undefined ? claims : validatedClaims,
    header: deepFreeze(decoded.header),
  }
  Object.defineProperty(auth, 'token', { value: token, enumerable: false })
  // `token` was just defined, `expiresAt` is a number since the expiry check, and the arrays are frozen at run time only.
  return { auth: Object.freeze(auth) as unknown as Auth, tokenClaims: claims }
}
