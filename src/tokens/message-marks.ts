import type { Failure } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import type { ReasonCode } from '../reasons.js'
import { describeMark, findMark, type Mark } from './marks.js'

/** Another message that is a JWT, and what to call it. */
interface OtherMessage {
  readonly mark: Mark
  readonly code: ReasonCode
  /** Without one, the claims are named. */
  readonly detail?: string
}

const DPOP = { code: 'dpop_proof_presented', detail: 'it carries "htm" or "htu"' } as const

/** In the order in which they are looked for. */
const OTHER_MESSAGES: readonly OtherMessage[] = [
  // Okta
  { mark: { jti: /^ID\./ }, code: 'id_token_presented', detail: 'its "jti" starts with "ID."' },
  // Cloud Foundry UAA, REFRESH_TOKEN_SUFFIX: its tokens have the client in "cid" too.
  { mark: { jti: /-r$/, cid: true }, code: 'refresh_token_presented', detail: 'its "jti" ends with "-r"' },
  // DPoP proofs (RFC 9449 §4.2)
  { mark: { htm: true }, ...DPOP },
  { mark: { htu: true }, ...DPOP },
  // Logout tokens, security events (RFC 8417 §2.2)
  { mark: { events: true }, code: 'logout_token_presented' },
  // Refresh tokens: Spring Security OAuth names the access token in it, Cloud Foundry UAA what was granted.
  { mark: { ati: true }, code: 'refresh_token_presented' },
  { mark: { granted_scopes: true }, code: 'refresh_token_presented' },
  // Authorization responses (JARM §2.1), and whatever else hands tokens over
  { mark: { access_token: true }, code: 'wrong_token_type' },
  { mark: { refresh_token: true }, code: 'wrong_token_type' },
  { mark: { id_token: true }, code: 'wrong_token_type' },
  { mark: { code: true, state: true }, code: 'wrong_token_type' },
  // Authorization requests (RFC 9101 §4) and codes
  { mark: { redirect_uri: true }, code: 'wrong_token_type' },
  { mark: { code_challenge: true }, code: 'wrong_token_type' },
  { mark: { response_type: true }, code: 'wrong_token_type' },
  // Introspection responses: RFC 9701 §5, and the drafts before it, which had the members of RFC 7662 at the top
  { mark: { token_introspection: true }, code: 'wrong_token_type' },
  { mark: { active: true }, code: 'wrong_token_type' },
  // Registrations and statements about clients (RFC 7591 §2.3, OpenID Federation 1.0 §3)
  { mark: { software_statement: true }, code: 'wrong_token_type' },
  { mark: { redirect_uris: true }, code: 'wrong_token_type' },
  { mark: { jwks: true }, code: 'wrong_token_type' },
  // Credentials (SD-JWT, SD-JWT VC, W3C), status lists
  { mark: { _sd: true }, code: 'wrong_token_type' },
  { mark: { _sd_alg: true }, code: 'wrong_token_type' },
  { mark: { sd_hash: true }, code: 'wrong_token_type' },
  { mark: { vct: true }, code: 'wrong_token_type' },
  { mark: { vc: true }, code: 'wrong_token_type' },
  { mark: { vp: true }, code: 'wrong_token_type' },
  { mark: { status_list: true }, code: 'wrong_token_type' },
  // An assertion of a client, an entity statement: whoever signed it speaks of itself.
  { mark: { sub: '{iss}' }, code: 'wrong_token_type', detail: 'its "sub" is its "iss"' },
]

/** The claims of which it is enough that they are there, and which may mean something else at some issuer. */
export const MESSAGE_CLAIMS: readonly string[] = OTHER_MESSAGES.flatMap(({ mark, detail }) =>
  detail === undefined ? Object.keys(mark) : [],
)

const marks = OTHER_MESSAGES.map(({ mark }) => mark)

/**
 * Says which other message the claims are, if they are one. These marks beat even `typ: at+jwt`.
 *
 * @param otherwiseUsed - The claims that mean something else at this issuer: settled once.
 */
export function checkMessageMarks(claims: JsonObject, otherwiseUsed?: readonly string[]): Failure | undefined {
  const found = findMark(otherwiseUsed === undefined ? marks : marksBut(otherwiseUsed), claims)
  if (found === undefined) return undefined
  const { code = 'wrong_token_type', detail } = OTHER_MESSAGES.find(({ mark }) => mark === found) ?? {}
  return { code, detail: detail ?? `it carries ${describeMark(found)}` }
}

const lists = new WeakMap<readonly string[], readonly Mark[]>()

function marksBut(otherwiseUsed: readonly string[]): readonly Mark[] {
  const known = lists.get(otherwiseUsed)
  if (known !== undefined) return known
  const rest = marks.filter((mark) => !otherwiseUsed.some((name) => Object.hasOwn(mark, name)))
  lists.set(otherwiseUsed, rest)
  return rest
}
