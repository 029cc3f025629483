import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Failure } from '../errors.js'
import type { WantedKey } from '../issuers/key-index.js'
import type { KeySet } from '../issuers/key-set.js'
import type { IssuerSettings, TrustedIssuers } from '../issuers/trusted-issuer.js'
import type { VerificationKey } from '../issuers/verification-key.js'
import type { Algorithm } from '../issuers/algorithms.js'
import type { IntrospectionAnswer, Introspector } from '../issuers/introspector.js'
import type { Eventual } from '../lib/eventual.js'
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

/** What checks go by, of every token. Who is trusted, and with which keys, they ask the {@link Lifetime}. */
export interface CheckRules extends TimeRules {
  readonly issuers: Pick<TrustedIssuers<TokenIssuer>, 'names'>
  readonly schema: StandardSchemaV1 | undefined
  /** How proofs that a token's key is held are taken; undefined where nobody takes them, and a bound token cannot be used. */
  readonly dpop: object | undefined
  /** Which issuer is asked about an opaque token, by name; undefined where none is asked about any. */
  readonly issuerOfOpaque?: ((token: string) => Eventual<string | undefined>) | undefined
  /** The same of certificates. */
  readonly mtls: object | undefined
  /** For one answer of the schema. */
  readonly callbackTimeoutSeconds: number
}

/** What is expected of every token: settled once. */
export interface TokenRules extends CheckRules {
  readonly issuers: TrustedIssuers<TokenIssuer>
}

/** A trusted issuer, as checks see it. */
export interface FoundIssuer {
  readonly settings: TokenIssuer
  readonly keys: Pick<KeySet, 'explain'>
  /** Where it is asked about tokens. */
  readonly introspector?: Pick<Introspector, 'about'> | undefined
}

/**
 * How long what a check says of a token holds. By itself it holds always: the token and the settings of its issuer decide it,
 * and they do not change. Whatever else a check may go by, the time and who is trusted, it can only ask here, and each question
 * notes for how long its answer holds. What is not asked here, a user's function say, holds for one request.
 */
export interface Lifetime {
  /** Whether it is before an instant, in seconds since the epoch. The answer holds until then, or from then on. */
  isBefore(instant: number): boolean
  /** Whether an instant has passed. */
  isAfter(instant: number): boolean
  /** The seconds since an instant, for a sentence: a text, so that nothing is decided by it. */
  describeSince(instant: number): string
  /** The seconds until an instant, likewise. */
  describeUntil(instant: number): string
  /** Finds an issuer by its exact name. That it was found holds for as long as the same one is found. */
  findIssuer(name: string): Eventual<FoundIssuer | undefined>
  /** Finds the key of an issuer that was found here. That it was found holds for as long as the same one is found. */
  findKey(issuer: FoundIssuer, wanted: WantedKey): Eventual<VerificationKey | undefined>
  /** Finds the same among the keys at hand, and never fetches. */
  peekKey(issuer: FoundIssuer, wanted: WantedKey): Eventual<VerificationKey | undefined>
  /** Finds another key of that name than the one with which a signature failed. */
  findOtherKey(issuer: FoundIssuer, wanted: WantedKey, than: VerificationKey): Eventual<VerificationKey | undefined>
  /** Asks an issuer that was found here about a token. What it says holds for this request, or for as long as it may be remembered. */
  introspect(issuer: FoundIssuer, token: string): Promise<IntrospectionAnswer>
  /** What this check says may be otherwise for the next request: it runs for each. */
  thisRequestOnly(): void
}

/** What the checks have found out about a token so far. Each fact is set by one check and read by later ones. */
export interface Findings {
  /** Which issuer an opaque token was found to be of, by name, before it is known to be; `null` for none. */
  routedTo: string | null
  decoded: UnverifiedToken
  /** The `typ` header, as token-type.ts reads it. */
  type: string
  /** The `kid` header, where it is a text. */
  kid: string | undefined
  issuer: FoundIssuer
  algorithm: Algorithm
  /** `exp`, in seconds since the epoch, whether or not it has passed. */
  expiresAt: number
  /** There is an `exp`, and it had not passed when the check of it ran. */
  isCurrent: true
  /** What the header says of the key. */
  wanted: WantedKey
  key: VerificationKey
  /** The signature verified, or the issuer itself was asked: from here on it has said what the token says. */
  isSigned: true
  /** The client that the token names, `''` for none; or why it cannot be told, which is for the check of authority to say. */
  client: string | Failure
  /** `sub`, where the token has one. */
  subject: string | undefined
  /** That of the token; it may be another's. */
  audience: readonly string[]
  /** `iat`, in seconds since the epoch, where the token has one. */
  issuedAt: number | undefined
  authority: Authority
  /** The thumbprint of the key that it is bound to, and that each request with it has to prove. */
  boundTo: string | undefined
  /** The thumbprint of the certificate that it is bound to, likewise. */
  boundToCertificate: string | undefined
  /** The claims as the user's schema returned them. */
  validatedClaims: unknown
}

/** Those that there are. */
export type FindingsSoFar = { [Fact in keyof Findings]?: Findings[Fact] | undefined }

/** None yet, and room for all of them: an object that grows with each costs several times as much. */
export function createFindings(): FindingsSoFar {
  return {
    routedTo: undefined,
    decoded: undefined,
    type: undefined,
    kid: undefined,
    issuer: undefined,
    algorithm: undefined,
    expiresAt: undefined,
    isCurrent: undefined,
    wanted: undefined,
    key: undefined,
    isSigned: undefined,
    client: undefined,
    subject: undefined,
    audience: undefined,
    issuedAt: undefined,
    authority: undefined,
    boundTo: undefined,
    boundToCertificate: undefined,
    validatedClaims: undefined,
  }
}

/** One token on its way through the checks: the only thing that they change. */
export interface Examination {
  readonly token: string
  readonly rules: CheckRules
  readonly lifetime: Lifetime
  readonly findings: FindingsSoFar
}
