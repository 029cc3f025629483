import type { ClaimPath } from '../claim-path.js'
import type { Mark } from '../marks.js'

/**
 * How one provider's access tokens look. Data, not code paths: the rules that read it are the same for everybody.
 *
 * What names other kinds of messages (kind-claims.ts, message-marks.ts) and the strong marks (`typ: at+jwt`, ...) hold for
 * every profile. A profile adds what only this provider's tokens show.
 */
export interface Profile {
  readonly name: string
  /** Whether an issuer is this provider's, by a host name that nobody else has: `auto` is this profile then. */
  readonly isIssuer?: (issuer: URL) => boolean
  /** Whether an issuer looks like this provider's, by its path: `auto` is the generic rules and this profile's then. */
  readonly resembles?: (issuer: URL) => boolean
  /** Only `typ: at+jwt` marks an access token (RFC 9068 §4). */
  readonly onlyTyped?: boolean
  /** Claims that look as if they named a kind, and mean something else here. */
  readonly otherwiseUsed?: readonly string[]
  /** Any of these marks an ID token of this provider, beyond what ID tokens carry everywhere. */
  readonly negatives?: readonly Mark[]
  /** Any of these marks an access token even beside a `nonce` or another claim of ID tokens. */
  readonly proofs?: readonly Mark[]
  /** Any of these marks an access token. */
  readonly marks: readonly Mark[]
  /** Whether what no known provider puts into ID tokens marks an access token too. */
  readonly genericMarks?: boolean
  /** Claims that must be there, beyond `iss`, `exp` and the audience. */
  readonly requiredClaims?: readonly string[]
  /** A claim that must stand in the issuer's URL as a segment of its path, where the token has it. */
  readonly tenantClaim?: string
  /** Where the audience lives when `aud` is absent. */
  readonly audienceFallback?: 'client_id'
  /** Where the scopes live: a space-separated text or an array of texts. */
  readonly scopes: readonly ClaimPath[]
  /** Whether scopes must be a text (RFC 8693 §4.2). */
  readonly scopesAreText?: boolean
  /** Where the roles live: a text or an array of texts. Only what the issuer says of everything, or of this audience. */
  readonly roles: readonly ClaimPath[]
  /** Whether roles may also be the member names of an object. */
  readonly rolesAreMemberNames?: boolean
  /** Where the roles live that hold at one audience only: read for audiences of this API that the token is for. */
  readonly audienceRoles?: (audience: string) => ClaimPath
  /** The claim that names the application whose roles a token carries: they count where it is an audience of this API. */
  readonly rolesOf?: string
  readonly permissions: readonly ClaimPath[]
  readonly clientId: readonly ClaimPath[]
  /** Any of these marks a token that a client got for itself. A token with marks of both kinds, or of none, tells nothing. */
  readonly appMarks: readonly Mark[]
  /** Any of these marks a token that a client got on behalf of a user. */
  readonly userMarks: readonly Mark[]
  /** What to tell an operator whose token bears no mark. */
  readonly hint?: string
  /** How its tokens get their audience: what to tell an operator whose token has none, or another. */
  readonly audienceHint?: string
}
