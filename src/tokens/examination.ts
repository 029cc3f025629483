import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Algorithm } from '../issuers/algorithms.js'
import type { WantedKey } from '../issuers/key-index.js'
import type { IssuerSettings, TrustedIssuer, TrustedIssuers } from '../issuers/trusted-issuer.js'
import type { VerificationKey } from '../issuers/verification-key.js'
import type { Authority } from './token-facts.js'
import type { AuthorityPaths } from './authority-paths.js'
import type { IsAccessToken } from './classify-token.js'
import type { UnverifiedToken } from './decode-token.js'
import type { Profile } from './profiles/profile.js'

/** What is expected of the tokens of one issuer. */
export interface TokenIssuer extends IssuerSettings {
  /** The audiences of this API: a token needs one of them. */
  readonly audience: readonly string[]
  readonly profile: Profile
  readonly isAccessToken?: IsAccessToken | undefined
  /** Those of `profile`, for `audience`, and what the options say instead. */
  readonly authorityPaths: AuthorityPaths
}

/** How times are judged. All in seconds. */
export interface TimeRules {
  readonly clockToleranceSeconds: number
  readonly maxTokenAgeSeconds: number | undefined
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

/** One token on its way through the checks: the only thing that they change. */
export interface Examination {
  readonly token: string
  /** The reading of the clock, in seconds since the epoch, with its fraction. */
  readonly now: number
  readonly rules: TokenRules
  readonly findings: Partial<Findings>
}
