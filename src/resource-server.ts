import { refuse, type Remedy } from './challenge/refuse.js'
import type { ResourceServerOptions } from './config/options.js'
import { resolveSettings } from './config/resolve-settings.js'
import { isFailure, UnavailableError, type AuthError, type Failure } from './errors.js'
import { publish } from './events.js'
import { createTrustedIssuers } from './issuers/trusted-issuers.js'
import { checkedClock, secondsOf } from './lib/clock.js'
import type { ScopeHierarchy } from './lib/scope-hierarchy.js'
import { isPending, whenSettled, type Eventual } from './lib/eventual.js'
import {
  checkCredentials,
  readCredentials,
  type Credentials,
  type IncomingRequest,
} from './request/read-credentials.js'
import type { TokenRules } from './tokens/examination.js'
import { explainToken, type TokenReport } from './tokens/explain-token.js'
import { createVerifiedTokenCache } from './tokens/verified-token-cache.js'
import { TokenVerifier, type VerifiedToken } from './tokens/verify-token.js'

/** A resource server without a web framework: requests in, decisions out. */
export interface Authenticator {
  /**
   * Judges the credentials of a request. It answers at once, without a promise, when nothing had to be waited for; an error
   * comes either way too.
   *
   * @throws {AuthError} When it has none, or bad ones.
   * @throws {UnavailableError} When it cannot be told.
   */
  authenticate(request: IncomingRequest, resourceMetadata?: string): Eventual<VerifiedToken>
  /** The same, but `undefined` for a request without credentials. */
  authenticateIfPresented(request: IncomingRequest, resourceMetadata?: string): Eventual<VerifiedToken | undefined>
  /** Judges a token that came some other way, over a WebSocket say. */
  verifyToken(token: unknown): Promise<VerifiedToken>
  explainToken(token: unknown): Promise<TokenReport>
  /** Says why a token that passed before is past its time now, after something was waited for. */
  checkTimes(verified: VerifiedToken): Eventual<Failure | undefined>
  /** Makes the error for a request whose token was verified and does not suffice. */
  refuse(failure: Failure, remedy?: Remedy, resourceMetadata?: string): AuthError
  /** The time as policies see it, in seconds since the epoch. */
  now(): number
  readonly clockToleranceSeconds: number
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
  const { clockToleranceSeconds, callbackTimeoutSeconds, maxTokenAgeSeconds, schema, realm } = settings
  const cache = settings.cache === undefined ? undefined : createVerifiedTokenCache(settings.cache)

  const now = (): number => secondsOf(clock)
  const rules: TokenRules = { clockToleranceSeconds, maxTokenAgeSeconds, issuers, schema, callbackTimeoutSeconds }
  const challenge = { realm, resourceMetadata: settings.resourceMetadata }
  const refuseWith = (failure: Failure, remedy?: Remedy, resourceMetadata?: string): AuthError => {
    const isOwn = resourceMetadata === undefined || challenge.resourceMetadata !== undefined
    return refuse(failure, isOwn ? challenge : { realm, resourceMetadata }, remedy)
  }

  const verifier = new TokenVerifier(rules, cache, now)
  const judge = (token: string): Eventual<VerifiedToken | Failure> => {
    try {
      const verdict = verifier.verify(token)
      return isPending(verdict) ? verdict.catch(reportUndecided) : verdict
    } catch (error) {
      return reportUndecided(error)
    }
  }
  const conclude = (verdict: VerifiedToken | Failure, resourceMetadata?: string): VerifiedToken => {
    if (isFailure(verdict)) {
      publish('token.refused', () => ({ code: verdict.code }))
      throw refuseWith(verdict, undefined, resourceMetadata)
    }
    publish('token.accepted', () => ({ issuer: verdict.auth.issuer }))
    return verdict
  }
  const authenticate = (
    credentials: Credentials | Failure,
    resourceMetadata: string | undefined,
  ): Eventual<VerifiedToken> => {
    if (isFailure(credentials)) return conclude(credentials, resourceMetadata)
    return whenSettled(judge(credentials.token), (verdict) =>
      conclude(isFailure(verdict) ? (checkCredentials(credentials) ?? verdict) : verdict, resourceMetadata),
    )
  }

  return {
    authenticate: (request, resourceMetadata) => authenticate(readCredentials(request), resourceMetadata),
    authenticateIfPresented(request, resourceMetadata) {
      const credentials = readCredentials(request)
      if (isFailure(credentials) && credentials.code === 'missing_token') return undefined
      return authenticate(credentials, resourceMetadata)
    },
    verifyToken: async (token) => conclude(await judge(asText(token))),
    explainToken: (token) => explainToken(asText(token), now, rules),
    checkTimes: (verified) => verifier.checkTimes(verified),
    refuse: refuseWith,
    now,
    clockToleranceSeconds,
    callbackTimeoutSeconds,
    scopeHierarchy: settings.scopeHierarchy,
    hasOneIssuer: typeof settings.issuers !== 'function' && settings.issuers.length === 1,
    ready: () => issuers.ready(),
    close: () => {
      issuers.close()
    },
  }
}

/** A token is a text. What is none is as bad as an empty one: a Buffer too, whatever it holds. */
function asText(token: unknown): string {
  return typeof token === 'string' ? token : ''
}

function reportUndecided(error: unknown): never {
  if (error instanceof UnavailableError) publish('token.undecided', () => ({ code: error.code }))
  throw error
}
