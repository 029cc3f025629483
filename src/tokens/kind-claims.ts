import type { Failure } from '../errors.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import type { ReasonCode } from '../reasons.js'

/** Claims that name the kind of a token and nothing else: Keycloak, Cognito, PingAM, Oracle, and token libraries. */
const NAMES_A_KIND = ['typ', 'tokenName', 'token_type', 'tokenType', 'token_use', 'tokenUse', 'tok_type']

/** Claims that name a kind at some issuers, and something of their own at others. */
const MAY_NAME_A_KIND = [
  'type',
  'use',
  'usage',
  'kind',
  'mode',
  'purpose',
  'token_kind',
  'tokenKind',
  'token_name',
  'jwt_type',
]

/** All of them. */
export const KIND_CLAIMS: readonly string[] = [...NAMES_A_KIND, ...MAY_NAME_A_KIND]

/** What those claims hold in access tokens, in small letters. The first set says so; the other says no other kind. */
const ACCESS_KINDS = new Set(['access', 'access_token', 'access-token', 'oauth-access-token'])
const OTHER_NAMES_OF_ACCESS_KINDS = new Set([
  'at',
  'at+jwt',
  'application/at+jwt',
  'jwt',
  'application/jwt',
  'bearer',
  'dpop',
  'accesstoken',
  'urn:ietf:params:oauth:token-type:access_token',
  'urn:ietf:params:oauth:token-type:jwt',
])

/** What the claims that name kinds say, taken together. */
export interface NamedKind {
  /** The kind that is no access token. */
  readonly other?: Failure
  /** Whether one of them says "access". */
  readonly isAccess: boolean
  /** A claim of which it is not known whether it names a kind. */
  readonly unclear?: string | undefined
}

/**
 * Reads the claims of the payload that name a kind of token. An allow-list, as for the `typ` header: a kind that nobody has
 * heard of is no access token.
 *
 * @param otherwiseUsed - The claims that mean something else at this issuer. What says "refresh" there says it all the same.
 */
export function readKind(claims: JsonObject, otherwiseUsed: readonly string[] = []): NamedKind {
  const other = checkOtherwiseUsed(claims, otherwiseUsed)
  if (other !== undefined) return { other, isAccess: false }
  let isAccess = false
  let unclear: string | undefined
  for (const name of NAMES_A_KIND) {
    if (!saysKind(claims, name, otherwiseUsed)) continue
    const kind = spell(claims[name])
    if (!isAllowed(name, kind, claims)) return { other: otherKind(name, kind), isAccess: false }
    isAccess ||= ACCESS_KINDS.has(kind)
  }
  for (const name of MAY_NAME_A_KIND) {
    if (!saysKind(claims, name, otherwiseUsed)) continue
    const kind = spell(claims[name])
    if (codeOf(kind) !== undefined) return { other: otherKind(name, kind), isAccess: false }
    if (ACCESS_KINDS.has(kind)) isAccess = true
    else if (!OTHER_NAMES_OF_ACCESS_KINDS.has(kind)) unclear = name
  }
  return { isAccess, unclear }
}

function saysKind(claims: JsonObject, name: string, otherwiseUsed: readonly string[]): boolean {
  return Object.hasOwn(claims, name) && !otherwiseUsed.includes(name)
}

function checkOtherwiseUsed(claims: JsonObject, names: readonly string[]): Failure | undefined {
  for (const name of names) {
    const kind = spell(ownMember(claims, name))
    if (codeOf(kind) !== undefined) return otherKind(name, kind)
  }
  return undefined
}

function isAllowed(name: string, kind: string, claims: JsonObject): boolean {
  // Cognito's, and Ory Hydra's, is compared as it is written.
  if (name === 'token_use') return claims[name] === 'access' || claims[name] === 'access_token'
  return ACCESS_KINDS.has(kind) || OTHER_NAMES_OF_ACCESS_KINDS.has(kind)
}

function spell(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : ''
}

function otherKind(name: string, kind: string): Failure {
  if (name === 'token_use') {
    const code = kind === 'id' ? 'id_token_presented' : 'wrong_token_type'
    return { code, detail: 'its claim "token_use" is not "access"' }
  }
  return { code: codeOf(kind) ?? 'wrong_token_type', detail: `its claim "${name}" names another kind` }
}

/** The kinds that have a code of their own. */
function codeOf(kind: string): ReasonCode | undefined {
  if (/refresh|^offline/.test(kind)) return 'refresh_token_presented'
  if (/^(?:serialized-)?id(?:[_-]?token)?(?:\+jwt)?$|:id_token$/.test(kind)) return 'id_token_presented'
  return kind.startsWith('logout') ? 'logout_token_presented' : undefined
}
