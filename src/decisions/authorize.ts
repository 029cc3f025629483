import type { ResourceMetadata } from '../config/resource-metadata.js'
import { isFailure, UnavailableError, type AuthError, type Failure, type Refusal } from '../errors.js'
import { isPending, type Eventual } from '../lib/eventual.js'
import type { JsonObject } from '../lib/strict-json.js'
import { decide, describePolicy, type Decision, type Policy, type PolicyContext } from '../policy/decision.js'
import type { Credentials, IncomingRequest } from '../request/read-credentials.js'
import { isTraced, trace } from '../tracing.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import type { Judging } from './judging.js'
import {
  createTrial,
  measure,
  reportDenied,
  reportGranted,
  reportLapsed,
  reportRefused,
  reportUnjudged,
  type Question,
} from './report.js'

/**
 * Asks a policy whether a token suffices for a request: answers the error to refuse it with, or `undefined`, and at once
 * when the policy answers at once. A request without a token is refused for that. The times of the token, and whether it was taken back, are judged once
 * more, after the policy: it may have been held, or the policy waited for.
 *
 * This does NOT look at the request itself: that the token came with it is for the caller to know. What a policy throws is
 * thrown on, but for an UnavailableError, which is an answer.
 */
export type Authorize = <Asked>(
  verified: VerifiedToken | undefined,
  policy: Policy<JsonObject, Asked>,
  request: NoInfer<Asked> & IncomingRequest,
  resource?: ResourceMetadata,
) => Eventual<Refusal | undefined>

/** Asks policies, and tells those who listen what came of it. */
export function createAuthorize(
  { verifier, read, refuseWith, stopwatch, checkRevoked }: Judging,
  contextFor: (verified: VerifiedToken) => PolicyContext,
): Authorize {
  const conclude = (decision: Decision, question: Question): AuthError | undefined => {
    if (decision.granted) {
      reportGranted(question)
      return undefined
    }
    reportDenied(decision, question)
    if (decision.isHidden === true) return refuseWith({ code: 'not_found', detail: decision.detail })
    return refuseWith(decision, { ...decision, scheme: question.verified.auth.scheme }, question.resource)
  }
  const concludeTimes = (
    lapsed: Failure | undefined,
    decision: Decision,
    question: Question,
  ): AuthError | undefined => {
    const failure = lapsed ?? checkRevoked?.(question.verified)
    if (failure === undefined) return conclude(decision, question)
    reportLapsed(failure, question)
    return refuseWith(failure, { scheme: question.verified.auth.scheme }, question.resource)
  }
  const judgeAgain = (decision: Decision, question: Question): Eventual<AuthError | undefined> => {
    const expired = verifier.checkTimes(question.verified)
    return isPending(expired)
      ? expired.then((one) => concludeTimes(one, decision, question))
      : concludeTimes(expired, decision, question)
  }
  const ask: Authorize = (verified, policy, request, resource) => {
    if (verified === undefined) {
      const failure = missingIn(read(request))
      reportRefused(failure, createTrial(request, resource, undefined, measure(stopwatch)))
      return refuseWith(failure, undefined, resource)
    }
    const question = { verified, policy, request, resource, elapsed: measure(stopwatch) }
    try {
      const decision = decide(policy, verified.auth, request, contextFor(verified))
      if (!isPending(decision)) return judgeAgain(decision, question)
      return decision
        .then((one) => judgeAgain(one, question))
        .catch((error: unknown) => reportUnjudgedOr(error, question))
    } catch (error) {
      return reportUnjudgedOr(error, question)
    }
  }
  return (verified, policy, request, resource) => {
    if (!isTraced('authorize')) return ask(verified, policy, request, resource)
    const message = () => Object.defineProperty({ request, policy: describePolicy(policy) }, 'request', HIDDEN)
    return trace('authorize', message, () => ask(verified, policy, request, resource))
  }
}

/** What cannot be told is an answer, too; any other error is the user's. */
function reportUnjudgedOr(error: unknown, question: Question): UnavailableError {
  if (!(error instanceof UnavailableError)) throw error
  reportUnjudged(error, question)
  return error
}

const HIDDEN = { enumerable: false }

/** Why a request without a token gets no further without any. */
function missingIn(credentials: Credentials | Failure): Failure {
  return isFailure(credentials) && credentials.code === 'missing_token' ? credentials : { code: 'missing_token' }
}
