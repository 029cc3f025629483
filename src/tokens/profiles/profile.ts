import { ownMember, type JsonObject } from '../../lib/strict-json.js'
import type { ClaimPath } from '../claim-path.js'

/** Claims that mark a kind of token, all of them together: that they are there, or what they hold. */
export type Mark = readonly string[] | ValueMark

/** Claims that are there (`true`) or hold a text, alone or in a list, that is this one or fits; and claims that are not there. */
interface ValueMark {
  readonly has: Readonly<Record<string, string | RegExp | true>>
  readonly hasNot?: readonly string[]
}

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
  /** Whether `{iss}userinfo` in an `aud` array marks an access token. */
  readonly userinfoAudienceMarks?: boolean
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
  readonly appMarks: readonly HolderMark[]
  /** Any of these marks a token that a client got on behalf of a user. */
  readonly userMarks: readonly HolderMark[]
  /** What to tell an operator whose token bears no mark. */
  readonly hint?: string
  /** How its tokens get their audience: what to tell an operator whose token has none, or another. */
  readonly audienceHint?: string
}

/** Finds the first mark of which a token carries all. */
export function findMark(marks: readonly Mark[] | undefined, claims: JsonObject): Mark | undefined {
  return marks?.find((mark) => bearsMark(mark, claims))
}

function bearsMark(mark: Mark, claims: JsonObject): boolean {
  if (isListOfClaims(mark)) return mark.every((name) => Object.hasOwn(claims, name))
  const { has, hasNot = [] } = mark
  return (
    Object.entries(has).every(([name, sign]) =>
      sign === true ? Object.hasOwn(claims, name) : holdsText(ownMember(claims, name), sign),
    ) && !hasNot.some((name) => Object.hasOwn(claims, name))
  )
}

/** Names the claims of a mark, for a sentence. */
export function describeMark(mark: Mark): string {
  const names = isListOfClaims(mark) ? mark : Object.keys(mark.has)
  const carried = names.map((name) => `"${name}"`).join(' and ')
  const [missing] = isListOfClaims(mark) ? [] : (mark.hasNot ?? [])
  return missing === undefined ? carried : `${carried}, and no "${missing}"`
}

/** Auth0: an API beside the userinfo endpoint of the issuer. */
export function hasUserinfoAudience({ iss, aud }: JsonObject): boolean {
  return typeof iss === 'string' && Array.isArray(aud) && aud.length > 1 && aud.includes(`${iss}userinfo`)
}

/** `Array.isArray` does not tell a readonly array from anything else. */
function isListOfClaims(mark: Mark): mark is readonly string[] {
  return Array.isArray(mark)
}

function holdsText(value: unknown, sign: string | RegExp): boolean {
  return [value]
    .flat()
    .some((one) => typeof one === 'string' && (typeof sign === 'string' ? one === sign : sign.test(one)))
}
