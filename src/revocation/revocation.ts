import type { Failure } from '../errors.js'
import type { Auth } from '../tokens/auth.js'
import type { VerifiedToken } from '../tokens/verify-token.js'
import type { MarkedToken } from './marks.js'
import type { BackchannelLogout, BackchannelLogoutOptions } from './backchannel-logout.js'

/** One token: by itself, as `getAuth(req)` has it, or by its issuer and its `jti`. */
export type RevokedToken =
  | { readonly token: string; readonly expiresAt?: number | undefined }
  | { readonly issuer: string; readonly jti: string; readonly expiresAt?: number | undefined }

/** What a token is explained by. */
export interface ExplainedToken extends MarkedToken {
  readonly expiresAt: number
}

/** A session: `sid` of its tokens. */
export interface RevokedSession {
  readonly issuer: string
  readonly sid: string
}

/** What a subject was issued before some time, in seconds since the epoch: now, without one. */
export interface RevokedSubject {
  readonly issuer: string
  readonly subject: string
  readonly before?: number | undefined
}

/**
 * What has been taken back, in every process that shares its store.
 *
 * Each `revoke` resolves when the store has it and this process refuses it; where the store cannot tell, it rejects with an
 * `UnavailableError`: this process refuses it all the same, others may not, so that it is to be tried again.
 */
export interface Revocation {
  /** Takes one token back. `expiresAt`, `exp`, says until when it must be remembered. */
  readonly revoke: (token: RevokedToken) => Promise<void>
  /** Takes back every token with that `sid`, whenever it was or will be issued. */
  readonly revokeSession: (session: RevokedSession) => Promise<void>
  /** Takes back every token of a subject that was issued before a time, and every one that does not say when. */
  readonly revokeSubject: (subject: RevokedSubject) => Promise<void>
  /**
   * Creates a receiver of back-channel logout requests, for Express and for requests of the web.
   *
   * @throws {ConfigurationError} At start-up.
   * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html | OpenID Connect Back-Channel Logout 1.0}
   */
  readonly backchannelLogout: (options: BackchannelLogoutOptions) => BackchannelLogout
  /** Resolves when what was taken back has been read. Rejects when that takes longer than 5 seconds, and when it is closed. */
  readonly ready: () => Promise<void>
  /** Stops to hear of what is taken back: after `staleSeconds` nothing can be told any more. Nothing of the store is closed. */
  readonly close: () => void
  /** For the resource server alone. */
  readonly [JUDGE]: object
}

/** Where the resource server finds what it asks: no part of what users call. */
export const JUDGE: unique symbol = Symbol.for('express-resource-server:revocation-judge')

/** Finds what a resource server asks. */
export function judgeOf(revocation: Revocation): RevocationJudge {
  return revocation[JUDGE] as RevocationJudge // `createRevocation` has put it there
}

/** What a resource server asks of a revocation. */
export interface RevocationJudge {
  /**
   * Tells at once whether a verified token was taken back.
   *
   * @throws {UnavailableError} When that cannot be told.
   */
  readonly check: (verified: VerifiedToken) => Failure | undefined
  /** The same of a token that is explained, and was not verified: whoever asks has looked at all else. */
  readonly explain: (token: ExplainedToken) => Failure | undefined
  /** Remembers what a token itself says that is let in: a schema may have made something else of its claims. */
  readonly remember: (verified: VerifiedToken) => void
  /** Calls back once when a token is taken back, and never at once. Returns what cancels it. */
  readonly watch: (auth: Auth<unknown>, callback: () => void) => () => void
}
