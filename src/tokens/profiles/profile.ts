import type { ClaimPath } from '../../lib/claim-path.js'
import type { JsonObject } from '../../lib/strict-json.js'

/** Claims whose presence, all of them together, marks an access token. */
type Mark = readonly string[]

/**
 * Claims that tell, all of them together, whom a token acts for: each is there (`true`), or is this text or a list that holds
 * it. `{client}` stands for the client's id; where no claim names the client, such a mark tells nothing.
 */
export interface HolderMark {
  readonly has: Readonly<Record<string, string | true>>
  readonly hasNot?: Readonly<Record<string, string | true>>
}

/**
 * How one provider's access tokens look. Data, not code paths: the rules that read it are the same for everybody.
 *
 * The kind-specific negatives (a `typ` of another kind, `token_use: id`, ...) and the strong marks (`typ: at+jwt`, ...)
 * hold for every profile and stand in classify-token.ts. A profile adds what only this provider's tokens show.
 */
export interface Profile {
  readonly name: string
  /** Whether an issuer is this provider's by its URL alone, so that `auto` can choose the profile. */
  readonly isIssuer?: (issuer: URL) => boolean
  /** Only `typ: at+jwt` marks an access token (RFC 9068 §4). */
  readonly onlyTyped?: boolean
  /** Claims that only other kinds of this provider's tokens carry, beyond the generic ones. */
  readonly negatives?: readonly string[]
  /** Any of these marks an access token; a mark of several claims needs all of them. */
  readonly marks: readonly Mark[]
  /** Whether `{iss}userinfo` in an `aud` array marks an access token. */
  readonly userinfoAudienceMarks?: boolean
  /** Claims that must be there, beyond `iss`, `exp` and the audience. */
  readonly requiredClaims?: readonly string[]
  /** A claim that must stand in the issuer's URL as a segment of its path, where the token has it. */
  readonly tenantClaim?: string
  /** Where the audience lives when `aud` is absent. */
  readonly audienceFallback?: 'client_id'
  /** Where the scopes live: a space-separated text or an array of texts. */
  readonly scopes: readonly string[]
  /** Whether scopes must be a text (RFC 8693 §4.2). */
  readonly scopesAreText?: boolean
  /** Where the roles live: a text or an array of texts. */
  readonly roles: readonly ClaimPath[]
  /** Whether roles may also be the member names of an object. */
  readonly rolesAreMemberNames?: boolean
  /** Where the roles live that hold at one audience only. */
  readonly audienceRoles?: (audience: string) => ClaimPath
  readonly permissions: readonly ClaimPath[]
  readonly clientId: readonly string[]
  /** Any of these marks a token that a client got for itself. A token with marks of both kinds, or of none, tells nothing. */
  readonly appMarks: readonly HolderMark[]
  /** Any of these marks a token that a client got on behalf of a user. */
  readonly userMarks: readonly HolderMark[]
  /** What to tell an operator whose token bears no mark. */
  readonly hint?: string
}

/** Tells whether a token carries any of a profile's marks. */
export function bearsMark(profile: Profile, claims: JsonObject): boolean {
  return (
    profile.marks.some((mark) => mark.every((name) => Object.hasOwn(claims, name))) ||
    (profile.userinfoAudienceMarks === true && hasUserinfoAudience(claims))
  )
}

function hasUserinfoAudience({ iss, aud }: JsonObject): boolean {
  return typeof iss === 'string' && Array.isArray(aud) && aud.length > 1 && aud.includes(`${iss}userinfo`)
}
