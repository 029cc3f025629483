import { createDpop, type Dpop } from './binding/dpop/create-dpop.js'
import { explainProof, type ProofRequest } from './binding/explain-proof.js'
import { createProve, type Prove } from './binding/prove.js'
import { createRefuse, type Refuse } from './challenge/refuse.js'
import type { ChallengeSettings, Refused } from './challenge/write-headers.js'
import type { ResourceServerOptions } from './config/options.js'
import type { ResourceMetadata } from './config/resource-metadata.js'
import { resolveSettings } from './config/resolve-settings.js'
import { isFailure, UnavailableError, type AuthError, type Failure, type Refusal, type Scheme } from './errors.js'
import { publish } from './events.js'
import { createTrustedIssuers } from './issuers/trusted-issuers.js'
import { checkedClock, secondsOf } from './lib/clock.js'
import { isPending, whenSettled, type Eventual } from './lib/eventual.js'
import type { JsonObject } from './lib/strict-json.js'
import { createContext } from './policy/context.js'
import {
  decide,
  describePolicy,
  type Decision,
  type Denial,
  type Policy,
  type PolicyContext,
} from './policy/decision.js'
import type { ScopeHierarchy } from './policy/scope-hierarchy.js'
import { reasonFor } from './reasons.js'
import { describeAbsence } from './request/describe-absence.js'
import {
  checkCredentials,
  readCredentials,
  type Credentials,
  type IncomingRequest,
} from './request/read-credentials.js'
import type { Auth } from './tokens/auth.js'
import type { Findings, TokenRules } from './tokens/examination.js'
import { explainToken, type TokenReport } from './tokens/explain-token.js'
import { createVerifiedTokenCache } from './tokens/verified-token-cache.js'
import { TokenVerifier, type VerifiedToken } from './tokens/verify-token.js'
import { warnOnce } from './warnings.js'

/** Judges requests and tokens, without a web framework: requests in, decisions out. */
export interface Authenticator {
  /**
   * Judges the credentials of a request. It answers at once, without a promise, when nothing had to be waited for; an error
   * comes either way too.
   *
   * @throws {AuthError} When it has none, or bad ones.
   * @throws {UnavailableError} When it cannot be told.
   */
  authenticate(request: IncomingRequest, resource?: ResourceMetadata): Eventual<VerifiedToken>
  /** The same, but `undefined` for a request without credentials. */
  authenticateIfPresented(request: IncomingRequest, resource?: ResourceMetadata): Eventual<VerifiedToken | undefined>
  /** Judges a token that came some other way, over a WebSocket say. */
  verifyToken(token: unknown): Promise<VerifiedToken>
  /** @param request - For a DPoP token: its proof, and what it came with. */
  explainToken(token: unknown, request?: ProofRequest): Promise<TokenReport>
  /**
   * Asks a policy whether a token suffices for a request: answers the error to refuse it with, or `undefined`, and at once
   * when the policy answers at once. A request without a token is refused for that. The times of the token are judged once
   * more, after the policy: it may have been held, or the policy waited for.
   *
   * This does NOT look at the request itself: that the token came with it is for the caller to know. What a policy throws is
   * thrown on, but for an UnavailableError, which is an answer.
   */
  authorize<Asked>(
    verified: VerifiedToken | undefined,
    policy: Policy<JsonObject, Asked>,
    request: NoInfer<Asked> & IncomingRequest,
    resource?: ResourceMetadata,
  ): Eventual<Refusal | undefined>
  /** Makes the error for a request whose token was verified and does not suffice. */
  refuse(failure: Failure, refused?: Refused, resource?: ResourceMetadata): AuthError
  /** The time, in seconds since the epoch. */
  now(): number
  readonly callbackTimeoutSeconds: number
  readonly scopeHierarchy: ScopeHierarchy | undefined
  /** Every token that it accepts is of one issuer. */
  readonly hasOneIssuer: boolean
  ready(): Promise<void>
  close(): void
}

/** Puts the parts together: options become settings, settings become trusted issuers and rules. */
export function createAuthenticator(options: ResourceServerOptions): Authenticator {
  const settings = resolveSettings(options, process.env)
  const clock = checkedClock(settings.clock)
  const issuers = createTrustedIssuers({ ...settings, clock })
  const { clockToleranceSeconds, callbackTimeoutSeconds, maxTokenAgeSeconds, schema, realm, scopeHierarchy } = settings
  const cache = settings.cache === undefined ? undefined : createVerifiedTokenCache(settings.cache)

  const now = (): number => secondsOf(clock)
  const { nonce, replay: store } = settings.dpop ?? {}
  const proving = { nonce, store, storeTimeoutSeconds: callbackTimeoutSeconds, clock }
  const dpop = settings.dpop && createDpop({ ...settings.dpop, ...proving })
  const rules: TokenRules = { clockToleranceSeconds, maxTokenAgeSeconds, issuers, schema, callbackTimeoutSeconds, dpop }
  const { resourceMetadata } = settings
  const refuseWith = createRefuseWith({ realm, resourceMetadata, dpop: settings.dpop }, dpop)

  const verifier = new TokenVerifier(rules, cache, now)
  const isRequired = settings.dpop?.required === true
  const prove = createProve({ verifier, dpop, isRequired })
  const schemes: readonly Scheme[] = dpop === undefined ? ['Bearer'] : ['Bearer', 'DPoP']
  const read: Read = (request) => readCredentials(request, schemes)
  const common = { clockToleranceSeconds, callbackTimeoutSeconds, scopeHierarchy }
  return {
    ...createAuthentication({ verifier, prove, read, refuseWith }),
    authorize: createAuthorization({ verifier, read, refuseWith }, (verified) => createContext(now, common, verified)),
    async explainToken(presented, request) {
      const token = asText(presented)
      const findings: Partial<Findings> = {}
      const report = await explainToken(token, { now, rules, findings })
      return explainProof(report, { dpop, isRequired, token, boundTo: findings.boundTo, request, now: now() })
    },
    refuse: refuseWith,
    now,
    callbackTimeoutSeconds,
    scopeHierarchy,
    hasOneIssuer: typeof settings.issuers !== 'function' && settings.issuers.length === 1,
    ready: () => issuers.ready(),
    close: () => {
      issuers.close()
    },
  }
}

/** Sets up how to say no, for a server and for each resource behind it whose metadata is published. */
function createRefuseWith(settings: ChallengeSettings, dpop: Dpop | undefined): RefuseWith {
  const own = createRefuse(settings)
  // By the objects that were made at start-up: there are as many as there are resources, whatever a request says.
  const others = new WeakMap<ResourceMetadata, Refuse>()
  const refuseFor = (resource: ResourceMetadata | undefined): Refuse => {
    if (resource === undefined) return own
    const { url, challengeScopes: scopes } = resource
    const known =
      others.get(resource) ?? createRefuse({ ...settings, resourceMetadata: settings.resourceMetadata ?? url, scopes })
    others.set(resource, known)
    return known
  }
  return (failure, refused, resource) => {
    const nonce = failure.code === 'use_dpop_nonce' ? dpop?.currentNonce() : undefined
    return refuseFor(resource)(failure, nonce === undefined ? refused : { ...refused, nonce })
  }
}

/** A token is a text. What is none is as bad as an empty one: a Buffer too, whatever it holds. */
function asText(token: unknown): string {
  return typeof token === 'string' ? token : ''
}

type RefuseWith = Authenticator['refuse']
type Read = (request: IncomingRequest) => Credentials | Failure

/** What judging requests takes. */
interface Judging {
  readonly verifier: TokenVerifier
  readonly read: Read
  readonly refuseWith: RefuseWith
}

type Authentication = Pick<Authenticator, 'authenticate' | 'authenticateIfPresented' | 'verifyToken'>

/** Judges requests and tokens, and tells those who listen what came of it. */
function createAuthentication({ verifier, prove, read, refuseWith }: Judging & { prove: Prove }): Authentication {
  const judge = ({ scheme, token }: Credentials, trial: Trial): Eventual<VerifiedToken | Failure> => {
    const undecided = (error: unknown): never => reportUndecided(error, trial)
    try {
      const verdict = whenSettled(verifier.verify(token, trial.findings), (verified) =>
        isFailure(verified) ? verified : prove(verified, { scheme, request: trial.request }),
      )
      return isPending(verdict) ? verdict.catch(undecided) : verdict
    } catch (error) {
      return undecided(error)
    }
  }
  const conclude = (verdict: VerifiedToken | Failure, trial: Trial): VerifiedToken => {
    if (isFailure(verdict)) {
      reportRefused(verdict, trial)
      throw refuseWith(verdict, { scheme: trial.scheme }, trial.resource)
    }
    publish('token.accepted', () => ({ issuer: verdict.auth.issuer }), trial.request)
    return verdict
  }
  const authenticate = (
    credentials: Credentials | Failure,
    request: IncomingRequest,
    resource: ResourceMetadata | undefined,
  ): Eventual<VerifiedToken> => {
    const scheme = isFailure(credentials) ? undefined : credentials.scheme
    const trial = { request, resource, scheme, findings: {} }
    if (isFailure(credentials)) return conclude(credentials, trial)
    return whenSettled(judge(credentials, trial), (verdict) =>
      conclude(isFailure(verdict) ? (checkCredentials(credentials) ?? verdict) : verdict, trial),
    )
  }

  return {
    authenticate: (request, resource) => authenticate(read(request), request, resource),
    authenticateIfPresented(request, resource) {
      const credentials = read(request)
      if (!isFailure(credentials) || credentials.code !== 'missing_token') {
        return authenticate(credentials, request, resource)
      }
      warnAboutAbsence(request, 'let through')
      return undefined
    },
    async verifyToken(token) {
      const scheme = 'Bearer'
      const trial = { request: undefined, resource: undefined, scheme, findings: {} } as const
      return conclude(await judge({ scheme, token: asText(token) }, trial), trial)
    },
  }
}

/** Asks policies, and tells those who listen what came of it. */
function createAuthorization(
  { verifier, read, refuseWith }: Judging,
  contextFor: (verified: VerifiedToken) => PolicyContext,
): Authenticator['authorize'] {
  return (verified, policy, request, resource) => {
    if (verified === undefined) {
      const failure = missingIn(read(request))
      reportRefused(failure, { request, resource, scheme: undefined, findings: {} })
      return refuseWith(failure, undefined, resource)
    }
    const { auth } = verified
    const { scheme } = auth
    const conclude = (decision: Decision): AuthError | undefined => {
      if (decision.granted) {
        publish('access.granted', () => ({ issuer: auth.issuer, policy: describePolicy(policy) }), request)
        return undefined
      }
      publish('access.denied', () => describeDenial(decision, describePolicy(policy), auth), request)
      if (decision.isHidden === true) return refuseWith({ code: 'not_found', detail: decision.detail })
      return refuseWith(decision, { ...decision, scheme }, resource)
    }
    const undecided = (error: unknown): UnavailableError => {
      if (!(error instanceof UnavailableError)) throw error
      publish('token.undecided', () => describeFailure(error, auth), request)
      return error
    }
    const judgeAgain = (decision: Decision): Eventual<AuthError | undefined> =>
      whenSettled(verifier.checkTimes(verified), (expired) => {
        if (expired === undefined) return conclude(decision)
        publish('token.refused', () => describeFailure(expired, auth), request)
        return refuseWith(expired, { scheme }, resource)
      })
    try {
      const decision = decide(policy, auth, request, contextFor(verified))
      return isPending(decision) ? decision.then(judgeAgain).catch(undecided) : judgeAgain(decision)
    } catch (error) {
      return undecided(error)
    }
  }
}

/** Why a request without a token gets no further without any. */
function missingIn(credentials: Credentials | Failure): Failure {
  return isFailure(credentials) && credentials.code === 'missing_token' ? credentials : { code: 'missing_token' }
}

/** One request, or one token without any, and what is found out about it. */
interface Trial {
  readonly request: IncomingRequest | undefined
  readonly resource: ResourceMetadata | undefined
  /** In which a token came. */
  readonly scheme: Scheme | undefined
  readonly findings: Partial<Findings>
}

function reportRefused(failure: Failure, { request, findings }: Trial): void {
  if (failure.code === 'missing_token' && request !== undefined) warnAboutAbsence(request, 'refused')
  publish('token.refused', () => describeTrial(failure, findings), request)
}

function reportUndecided(error: unknown, { request, findings }: Trial): never {
  if (error instanceof UnavailableError) publish('token.undecided', () => describeTrial(error, findings), request)
  throw error
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

function warnAboutAbsence(request: IncomingRequest, answer: 'refused' | 'let through'): void {
  const kind = describeAbsence(request)?.kind
  if (kind === 'preflight' && answer === 'refused') warnOnce('ERS_PREFLIGHT_REFUSED')
  if (kind === 'dpop') warnOnce('ERS_DPOP_UNREAD')
  if (kind === 'no scheme') warnOnce('ERS_SCHEME_MISSING')
}
