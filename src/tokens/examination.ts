import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Failure } from '../errors.js'
import type { IssuerSettings, TrustedIssuer, TrustedIssuers } from '../issuers/trusted-issuer.js'
import type { WantedKey } from '../issuers/key-index.js'
import type { VerificationKey } from '../issuers/verification-key.js'
import type { Algorithm } from '../lib/algorithms.js'
import type { Eventual } from '../lib/eventual.js'
import type { TimeRules } from './check-times.js'
import type { IsAccessToken } from './classify-token.js'
import type { UnverifiedToken } from './decode-token.js'
import type { Profile } from './profiles/profile.js'
import type { Authority, AuthorityPaths } from './read-claims.js'

/** What is expected of the tokens of one issuer. */
export interface TokenIssuer extends IssuerSettings {
  /** The audiences of this API: a token needs one of them. */
  readonly audience: readonly string[]
  readonly profile: Profile
  readonly isAccessToken?: IsAccessToken | undefined
  /** Those of `profile`, for `audience`, and what the options say instead. */
  readonly authorityPaths: AuthorityPaths
}

/** What is expected of every token: settled once. */
export interface TokenRules extends TimeRules {
  readonly issuers: TrustedIssuers<TokenIssuer>
  readonly schema: StandardSchemaV1 | undefined
  /** For one answer of the schema. */
  readonly callbackTimeoutSeconds: number
}

/** What the checks have found out about a token so far. Each fact is set by one check and read by later ones. */
export interface Findings {
  decoded: UnverifiedToken
  issuer: TrustedIssuer<TokenIssuer>
  algorithm: Algorithm
  /** `exp`, in seconds since the epoch: there is one, and it has not passed. */
  expiresAt: number
  /** What the header says of the key. */
  wanted: WantedKey
  key: VerificationKey
  /** The signature verified: from here on the issuer has said what the token says. */
  isSigned: true
  /** That of the token; it may be another's. */
  audience: readonly string[]
  authority: Authority
  /** The claims as the user's schema returned them. */
  validatedClaims: unknown
}

/** Findings of which some are known to be there. */
export type FindingsWith<Name extends keyof Findings> = Partial<Findings> & Pick<Findings, Name>

/** One token on its way through the checks: the only thing that they change. */
export interface Examination {
  readonly token: string
  /** The reading of the clock, in seconds since the epoch, with its fraction. */
  readonly now: number
  readonly rules: TokenRules
  readonly findings: Partial<Findings>
}

/** What a check says: why the token fails it, or nothing. */
export type Outcome = Failure | undefined

/**
 * How long the outcome of a check stands, so that a token that passed it need not be checked again:
 *
 * - `always`: the token, the settings of its issuer and its key decide it, and nothing else does.
 * - `with trust`: for as long as the issuer and the key that it found are those that would be found now.
 * - `in time`: within the lifetime that check-times.ts reads of the claims.
 * - `once`: for one request.
 */
export type Standing = 'always' | 'with trust' | 'in time' | 'once'

/** One rule. It answers why a token fails it, or `undefined`. */
export interface Check {
  readonly name: string
  /** Where the rule stands. */
  readonly spec: string
  readonly stands: Standing
  /** Whether these rules ask for it. */
  readonly isWanted: (rules: TokenRules) => boolean
  /** The findings without which it cannot run. */
  readonly needs: readonly (keyof Findings)[]
  readonly run: (examination: Examination) => Eventual<Outcome>
}
