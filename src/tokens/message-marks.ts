import type { Failure } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import type { ReasonCode } from '../reasons.js'

/** Claims of other messages that are JWTs: all of them together. */
const MESSAGE_MARKS: readonly (readonly [claims: readonly string[], code: ReasonCode])[] = [
  // Logout tokens, security events (RFC 8417 §2.2)
  [['events'], 'logout_token_presented'],
  // Refresh tokens: Spring Security OAuth names the access token in it, Cloud Foundry UAA what was granted.
  [['ati'], 'refresh_token_presented'],
  [['granted_scopes'], 'refresh_token_presented'],
  // Authorization responses (JARM §2.1), and whatever else hands tokens over
  [['access_token'], 'wrong_token_type'],
  [['refresh_token'], 'wrong_token_type'],
  [['id_token'], 'wrong_token_type'],
  [['code', 'state'], 'wrong_token_type'],
  // Authorization requests (RFC 9101 §4) and codes
  [['redirect_uri'], 'wrong_token_type'],
  [['code_challenge'], 'wrong_token_type'],
  [['response_type'], 'wrong_token_type'],
  // Introspection responses: RFC 9701 §5, and the drafts before it, which had the members of RFC 7662 at the top
  [['token_introspection'], 'wrong_token_type'],
  [['active'], 'wrong_token_type'],
  // Registrations and statements about clients (RFC 7591 §2.3, OpenID Federation 1.0 §3)
  [['software_statement'], 'wrong_token_type'],
  [['redirect_uris'], 'wrong_token_type'],
  [['jwks'], 'wrong_token_type'],
  // Credentials (SD-JWT, SD-JWT VC, W3C), status lists
  [['_sd'], 'wrong_token_type'],
  [['_sd_alg'], 'wrong_token_type'],
  [['sd_hash'], 'wrong_token_type'],
  [['vct'], 'wrong_token_type'],
  [['vc'], 'wrong_token_type'],
  [['vp'], 'wrong_token_type'],
  [['status_list'], 'wrong_token_type'],
]

/** Says which other message the claims are, if they are one. These marks beat even `typ: at+jwt`. */
export function checkMessageMarks(claims: JsonObject): Failure | undefined {
  const { iss, sub, jti } = claims
  if (typeof jti === 'string' && jti.startsWith('ID.')) {
    return { code: 'id_token_presented', detail: 'its "jti" starts with "ID."' }
  }
  // Cloud Foundry UAA, REFRESH_TOKEN_SUFFIX: its tokens have the client in "cid" too.
  if (typeof jti === 'string' && jti.endsWith('-r') && Object.hasOwn(claims, 'cid')) {
    return { code: 'refresh_token_presented', detail: 'its "jti" ends with "-r"' }
  }
  if (Object.hasOwn(claims, 'htm') || Object.hasOwn(claims, 'htu')) {
    return { code: 'dpop_proof_presented', detail: 'it carries "htm" or "htu"' }
  }
  const found = MESSAGE_MARKS.find(([names]) => names.every((name) => Object.hasOwn(claims, name)))
  if (found !== undefined) {
    const [names, code] = found
    return { code, detail: `it carries ${names.map((name) => `"${name}"`).join(' and ')}` }
  }
  // An assertion of a client, an entity statement: whoever signed it speaks of itself.
  if (iss !== undefined && iss === sub) return { code: 'wrong_token_type', detail: 'its "sub" is its "iss"' }
  return undefined
}
