import type { Prove } from '../binding/prove.js'
import { isFailure, type Failure } from '../errors.js'
import { isPending, type Eventual } from '../lib/eventual.js'
import { checkCredentials } from '../request/read-credentials.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import type { Judging } from './judging.js'
import { reportAccepted, reportRefused, reportUndecided, type Trial } from './report.js'

type Verdict = VerifiedToken | Failure

/** How a trial ends: with a verified token, or with an error that says why there is none. */
export interface Decide {
  /** Judges a token and how it was presented. */
  readonly decide: (token: string, trial: Trial) => Eventual<VerifiedToken>
  /** Tells of a verdict, and throws a refusal. */
  readonly conclude: (verdict: VerifiedToken | Failure, trial: Trial) => VerifiedToken
}

/** Sets up how trials are decided. Nothing is made for a step that need not wait, as most of all requests have no other. */
export function createDecide({
  verifier,
  prove,
  refuseWith,
  checkRevoked,
  rememberForRevocation,
}: Judging & { readonly prove: Prove }): Decide {
  const present = (verified: Verdict, { request, credentials }: Trial): Eventual<Verdict> => {
    const failure = isFailure(verified) ? verified : checkRevoked?.(verified)
    if (failure !== undefined || isFailure(verified)) return failure ?? verified
    const proven = prove(verified, { scheme: credentials?.scheme ?? 'Bearer', request })
    // While a proof was waited for, its token may have been taken back.
    return isPending(proven) ? proven.then((one) => (isFailure(one) ? one : (checkRevoked?.(one) ?? one))) : proven
  }
  const conclude = (verdict: Verdict, trial: Trial): VerifiedToken => {
    if (isFailure(verdict)) {
      reportRefused(verdict, trial)
      throw refuseWith(verdict, { scheme: trial.credentials?.scheme }, trial.resource)
    }
    rememberForRevocation?.(verdict)
    reportAccepted(verdict, trial)
    return verdict
  }
  /** With what is known of the header that a bad token came in. */
  const concludeToken = (verdict: Verdict, trial: Trial): VerifiedToken => {
    const { request, credentials } = trial
    const isOfHeader = isFailure(verdict) && request !== undefined && credentials !== undefined
    return conclude(isOfHeader ? (checkCredentials(credentials) ?? verdict) : verdict, trial)
  }
  const concludePresented = (verified: Verdict, trial: Trial): Eventual<VerifiedToken> => {
    let proven: Eventual<Verdict>
    try {
      proven = present(verified, trial)
    } catch (error) {
      return reportUndecided(error, trial)
    }
    return isPending(proven) ? goOn(proven, trial, concludeToken) : concludeToken(proven, trial)
  }
  const decide = (token: string, trial: Trial): Eventual<VerifiedToken> => {
    let verified: Eventual<Verdict>
    try {
      verified = verifier.verify(token, trial)
    } catch (error) {
      return reportUndecided(error, trial)
    }
    return isPending(verified) ? goOn(verified, trial, concludePresented) : concludePresented(verified, trial)
  }
  return { decide, conclude }
}

/** Goes on after a wait: one promise for it, and none where nothing had to be waited for. */
function goOn(
  pending: Promise<Verdict>,
  trial: Trial,
  next: (verdict: Verdict, trial: Trial) => Eventual<VerifiedToken>,
): Promise<VerifiedToken> {
  return pending.then(
    (verdict) => next(verdict, trial),
    (error: unknown) => reportUndecided(error, trial),
  )
}
