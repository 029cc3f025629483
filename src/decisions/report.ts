import type { ResourceMetadata } from '../config/resource-metadata.js'
import { UnavailableError, type Failure } from '../errors.js'
import { isHeard, publish } from '../events.js'
import type { Stopwatch } from '../lib/clock.js'
import { describePolicy, type Denial, type Policy } from '../policy/decision.js'
import { routeOf } from '../policy/route-of.js'
import { reasonFor } from '../reasons.js'
import { describeAbsence } from '../request/describe-absence.js'
import type { Credentials, IncomingRequest } from '../request/read-credentials.js'
import type { Inquiry, VerifiedToken } from '../tokens/verify-token.js'
import { warnOnce } from '../warnings.js'

/** One request, or one token without any, and what is found out about it. */
export interface Trial extends Inquiry {
  readonly request: IncomingRequest | undefined
  readonly resource: ResourceMetadata | undefined
  /** Undefined where none came that could be read. */
  readonly credentials: Credentials | undefined
  readonly elapsed: Elapsed | undefined
}

export function createTrial(
  request: IncomingRequest | undefined,
  resource: ResourceMetadata | undefined,
  credentials: Credentials | undefined,
  elapsed: Elapsed | undefined,
): Trial {
  return { request, resource, credentials, elapsed, findings: undefined, remembered: undefined }
}

/** One policy that is asked about a request. */
export interface Question {
  readonly verified: VerifiedToken
  readonly policy: Policy<never, never>
  readonly request: IncomingRequest
  readonly resource: ResourceMetadata | undefined
  readonly elapsed: Elapsed | undefined
}

/** Tells for how many seconds something has been under way. */
export type Elapsed = () => number

/** Begins to measure, where anybody listens. */
export function measure(stopwatch: Stopwatch): Elapsed | undefined {
  if (!isHeard()) return undefined
  const startedAt = stopwatch()
  return () => stopwatch() - startedAt
}

/** A token passed every check. */
export function reportAccepted({ auth, known }: VerifiedToken, { request, remembered, elapsed }: Trial): void {
  publish(
    'token.accepted',
    () => ({
      issuer: auth.issuer,
      scheme: auth.scheme,
      actsFor: known.facts.actsFor,
      isRemembered: remembered !== undefined,
      durationSeconds: elapsed?.(),
    }),
    request,
  )
}

/** Credentials are missing or bad. */
export function reportRefused(failure: Failure, trial: Trial): void {
  const { request } = trial
  if (failure.code === 'missing_token' && request !== undefined) warnAboutAbsence(request, 'refused')
  const isReplay = failure.isReplay === true
  publish('token.refused', () => Object.assign(describeTrial(failure, trial), { isReplay }), request)
}

/** Throws an error on, and tells of it where it says that it cannot be told. */
export function reportUndecided(error: unknown, trial: Trial): never {
  if (error instanceof UnavailableError) publish('token.undecided', () => describeTrial(error, trial), trial.request)
  throw error
}

/** A policy granted a request. */
export function reportGranted({ verified, policy, request, elapsed }: Question): void {
  publish(
    'access.granted',
    () => ({
      issuer: verified.auth.issuer,
      scheme: verified.auth.scheme,
      actsFor: verified.known.facts.actsFor,
      policy: describePolicy(policy),
      route: routeOf(policy),
      durationSeconds: elapsed?.(),
    }),
    request,
  )
}

/** A good token does not suffice. */
export function reportDenied(denial: Denial, question: Question): void {
  const message = () => {
    const failure = describeFailure(denial, question)
    return denial.isHidden === true ? { ...failure, status: reasonFor('not_found').status } : failure
  }
  publish('access.denied', message, question.request)
}

/** A token that was verified, and held since, is good no more. */
export function reportLapsed(failure: Failure, question: Question): void {
  publish('token.refused', () => ({ ...describeFailure(failure, question), isReplay: false }), question.request)
}

/** It could not be told whether a good token suffices. */
export function reportUnjudged(error: UnavailableError, question: Question): void {
  publish('token.undecided', () => describeFailure(error, question), question.request)
}

/** Warns the operator of what may be why a request has no token. */
export function warnAboutAbsence(request: IncomingRequest, answer: 'refused' | 'let through'): void {
  const kind = describeAbsence(request)?.kind
  if (kind === 'preflight' && answer === 'refused') warnOnce('ERS_PREFLIGHT_REFUSED')
  if (kind === 'dpop') warnOnce('ERS_DPOP_UNREAD')
  if (kind === 'no scheme') warnOnce('ERS_SCHEME_MISSING')
}

function describeTrial({ code, detail }: Failure, { findings, remembered, credentials, elapsed }: Trial) {
  return {
    code,
    status: reasonFor(code).status,
    detail,
    issuer: remembered?.facts.issuer ?? findings?.issuer?.settings.issuer,
    isIssuerVerified: remembered !== undefined || findings?.isSigned === true,
    policy: undefined,
    scheme: credentials?.scheme,
    durationSeconds: elapsed?.(),
  }
}

/** The issuer of a token that was verified is. */
function describeFailure({ code, detail }: Failure, { verified, policy, elapsed }: Question) {
  return {
    code,
    status: reasonFor(code).status,
    detail,
    issuer: verified.auth.issuer,
    isIssuerVerified: true,
    policy: describePolicy(policy),
    route: routeOf(policy),
    scheme: verified.auth.scheme,
    durationSeconds: elapsed?.(),
  }
}
