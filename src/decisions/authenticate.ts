import type { Prove } from '../binding/prove.js'
import type { ResourceMetadata } from '../config/resource-metadata.js'
import { isFailure, type Failure } from '../errors.js'
import { isPending, whenSettled, type Eventual } from '../lib/eventual.js'
import { checkCredentials, type Credentials, type IncomingRequest } from '../request/read-credentials.js'
import { isTraced, trace } from '../tracing.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import type { Judging } from './judging.js'
import { measure, reportAccepted, reportRefused, reportUndecided, warnAboutAbsence, type Trial } from './report.js'

/** Who is calling. */
export interface Authentication {
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
}

/** Judges requests and tokens, and tells those who listen what came of it. */
export function createAuthentication(judging: Judging & { readonly prove: Prove }): Authentication {
  const { verifier, prove, read, refuseWith, stopwatch, checkRevoked } = judging
  const judge = ({ scheme, token }: Credentials, trial: Trial): Eventual<VerifiedToken | Failure> => {
    const undecided = (error: unknown): never => reportUndecided(error, trial)
    try {
      const verdict = whenSettled(verifier.verify(token, trial.findings), (verified) => {
        const failure = isFailure(verified) ? verified : checkRevoked?.(verified)
        if (failure !== undefined || isFailure(verified)) return failure ?? verified
        const proven = prove(verified, { scheme, request: trial.request })
        // While a proof was waited for, its token may have been taken back.
        return isPending(proven) ? proven.then((one) => (isFailure(one) ? one : (checkRevoked?.(one) ?? one))) : proven
      })
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
    reportAccepted(verdict, trial)
    return verdict
  }
  const decide = (
    credentials: Credentials | Failure,
    request: IncomingRequest,
    resource: ResourceMetadata | undefined,
  ): Eventual<VerifiedToken> => {
    const scheme = isFailure(credentials) ? undefined : credentials.scheme
    const trial = { request, resource, scheme, findings: {}, elapsed: measure(stopwatch) }
    if (isFailure(credentials)) return conclude(credentials, trial)
    return whenSettled(judge(credentials, trial), (verdict) =>
      conclude(isFailure(verdict) ? (checkCredentials(credentials) ?? verdict) : verdict, trial),
    )
  }
  const authenticate: typeof decide = (credentials, request, resource) =>
    isTraced('authenticate')
      ? traceAuthentication(request, () => decide(credentials, request, resource))
      : decide(credentials, request, resource)

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
      const elapsed = measure(stopwatch)
      const trial = { request: undefined, resource: undefined, scheme, findings: {}, elapsed } as const
      const verdict = await traceAuthentication(undefined, () => judge({ scheme, token: asText(token) }, trial))
      return conclude(verdict, trial)
    },
  }
}

function traceAuthentication<Result>(
  request: IncomingRequest | undefined,
  work: () => Eventual<Result>,
): Eventual<Result> {
  return trace('authenticate', () => Object.defineProperty({ request }, 'request', { enumerable: false }), work)
}

/** A token is a text. What is none is as bad as an empty one: a Buffer too, whatever it holds. */
export function asText(token: unknown): string {
  return typeof token === 'string' ? token : ''
}
