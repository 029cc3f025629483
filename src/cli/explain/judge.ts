import type { Authenticator } from '../../authenticator.js'
import { AuthError, UnavailableError, type Failure } from '../../errors.js'
import type { Policy } from '../../policy/decision.js'
import { reasonFor, type ReasonCode } from '../../reasons.js'
import type { CheckReport, TokenReport } from '../../tokens/explain-token.js'
import type { Form } from './describe-form.js'
import type { Pasted } from './read-pasted.js'

/** What a request with a token would get, and why. */
export interface Judgement {
  readonly verdict: TokenReport['verdict']
  readonly code: ReasonCode | undefined
  /** What decides, and after it whatever else would be refused. */
  readonly causes: readonly Cause[]
  readonly checks: readonly CheckReport[]
}

/** Why it is refused, or cannot be decided. */
export interface Cause {
  readonly check: string
  readonly code: ReasonCode | undefined
  readonly detail: string | undefined
  /** What to do. */
  readonly hint: string | undefined
  readonly spec: string
}

/** Judges what was pasted as a request with it would be judged: the credentials, the token, and what it must be good for. */
export async function judge(
  { token, failure, otherwise }: Pasted,
  authenticator: Pick<Authenticator, 'explainToken' | 'verifyToken' | 'authorize'>,
  { form, policy }: { readonly form: Form; readonly policy: Policy | undefined },
): Promise<Judgement> {
  const { verdict, code, checks } = await authenticator.explainToken(token)
  const causes = checks
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
    .map((report) => toCause(report, form))
  if (failure !== undefined) return refused(failure, causes, checks)
  if (verdict === 'refused' && otherwise !== undefined) {
    const [first, ...others] = causes
    // The form names what it is; a request with it hears of its characters.
    return refused(otherwise, others, checks, first?.code === 'malformed_token' ? first : undefined)
  }
  const denial = verdict === 'accepted' && policy !== undefined ? await ask(token, authenticator, policy) : undefined
  if (denial === undefined) return { verdict, code, causes, checks }
  const isRefused = denial.code !== 'policy_unavailable'
  return { ...refused(denial, [], checks), verdict: isRefused ? 'refused' : 'undecided' }
}

function refused(
  { code, detail }: Failure,
  others: readonly Cause[],
  checks: readonly CheckReport[],
  about?: Cause,
): Judgement {
  const { spec, hint } = reasonFor(code)
  const first = { check: 'request', code, detail: detail ?? about?.detail, hint: about?.hint ?? hint, spec }
  return { verdict: 'refused', code, causes: [first, ...others], checks }
}

function toCause({ name, code, detail, hint, spec }: CheckReport, form: Form): Cause {
  const isForm = name === 'form' && form.remedy !== undefined
  if (!isForm) return { check: name, code, detail, hint, spec }
  return { check: name, code, detail: `${detail ?? ''}: it is ${form.says}`, hint: form.remedy, spec }
}

/** What a policy says of a token that passed every check. */
async function ask(
  token: string,
  { verifyToken, authorize }: Pick<Authenticator, 'verifyToken' | 'authorize'>,
  policy: Policy,
): Promise<Failure | undefined> {
  try {
    return await authorize(await verifyToken(token), policy, { headers: {} } as never) // it looks at no request
  } catch (error) {
    if (error instanceof AuthError || error instanceof UnavailableError) return error
    throw error
  }
}
