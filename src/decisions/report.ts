import type { ResourceMetadata } from '../config/resource-metadata.js'
import { UnavailableError, type Failure, type Scheme } from '../errors.js'
import { publish } from '../events.js'
import type { Denial } from '../policy/decision.js'
import { reasonFor } from '../reasons.js'
import { describeAbsence } from '../request/describe-absence.js'
import type { IncomingRequest } from '../request/read-credentials.js'
import type { Auth } from '../tokens/auth.js'
import type { Findings } from '../tokens/examination.js'
import { warnOnce } from '../warnings.js'

/** One request, or one token without any, and what is found out about it. */
export interface Trial {
  readonly request: IncomingRequest | undefined
  readonly resource: ResourceMetadata | undefined
  /** In which a token came. */
  readonly scheme: Scheme | undefined
  readonly findings: Partial<Findings>
}

/** A token passed every check. */
export function reportAccepted({ issuer }: Auth, { request }: Trial): void {
  publish('token.accepted', () => ({ issuer }), request)
}

/** Credentials are missing or bad. */
export function reportRefused(failure: Failure, { request, findings }: Trial): void {
  if (failure.code === 'missing_token' && request !== undefined) warnAboutAbsence(request, 'refused')
  publish('token.refused', () => describeTrial(failure, findings), request)
}

/** Throws an error on, and tells of it where it says that it cannot be told. */
export function reportUndecided(error: unknown, { request, findings }: Trial): never {
  if (error instanceof UnavailableError) publish('token.undecided', () => describeTrial(error, findings), request)
  throw error
}

/** A policy granted a request. */
export function reportGranted({ issuer }: Auth, policy: () => string, request: IncomingRequest): void {
  publish('access.granted', () => ({ issuer, policy: policy() }), request)
}

/** A good token does not suffice. */
export function reportDenied(denial: Denial, auth: Auth, policy: () => string, request: IncomingRequest): void {
  publish('access.denied', () => describeDenial(denial, policy(), auth), request)
}

/** A token that was verified, and held since, is good no more. */
export function reportLapsed(failure: Failure, auth: Auth, request: IncomingRequest): void {
  publish('token.refused', () => describeFailure(failure, auth), request)
}

/** It could not be told whether a good token suffices. */
export function reportUnjudged(error: UnavailableError, auth: Auth, request: IncomingRequest): void {
  publish('token.undecided', () => describeFailure(error, auth), request)
}

/** Warns the operator of what may be why a request has no token. */
export function warnAboutAbsence(request: IncomingRequest, answer: 'refused' | 'let through'): void {
  const kind = describeAbsence(request)?.kind
  if (kind === 'preflight' && answer === 'refused') warnOnce('ERS_PREFLIGHT_REFUSED')
  if (kind === 'dpop') warnOnce('ERS_DPOP_UNREAD')
  if (kind === 'no scheme') warnOnce('ERS_SCHEME_MISSING')
}

function describeTrial({ code, detail }: Failure, { issuer, isSigned }: Partial<Findings>) {
  const { status } = reasonFor(code)
  return { code, status, detail, issuer: issuer?.settings.issuer, isIssuerVerified: isSigned === true }
}

/** The issuer of a token that was verified is. */
function describeFailure({ code, detail }: Failure, { issuer }: Auth) {
  return { code, status: reasonFor(code).status, detail, issuer, isIssuerVerified: true }
}

function describeDenial(denial: Denial, policy: string, auth: Auth) {
  const failure = { ...describeFailure(denial, auth), policy }
  return denial.isHidden === true ? { ...failure, status: reasonFor('not_found').status } : failure
}
