import type { Failure } from '../errors.js'
import { ownMember, type JsonObject } from '../lib/strict-json.js'
import type { ReasonCode } from '../reasons.js'

/** What each `typ` header of another kind says was presented; `typ` as {@link readType} leaves it. */
const OTHER_TYPES: Readonly<Record<string, ReasonCode>> = {
  'id_token+jwt': 'id_token_presented',
  'rt+jwt': 'refresh_token_presented',
  'logout+jwt': 'logout_token_presented',
  'dpop+jwt': 'dpop_proof_presented',
}

/**
 * Reads the `typ` header. RFC 7515 §4.1.9: it is compared without case, and `application/` may be left out. Without one a token
 * is as good as `JWT`, and so is one of which it is no text: that is for the check of the header to refuse.
 */
export function readType(header: JsonObject): string {
  const type = ownMember(header, 'typ')
  // As most are written.
  if (type === 'at+jwt') return type
  if (type === 'JWT') return 'jwt'
  return typeof type === 'string' ? type.toLowerCase().replace(/^application\//, '') : 'jwt'
}

/**
 * Says which other kind of token the `typ` header names. Any value but `at+jwt`, `JWT` and none is another kind.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.11 | RFC 8725 §3.11}
 */
export function checkType(type: string): Failure | undefined {
  if (type === 'jwt' || type === 'at+jwt') return undefined
  const code = ownMember(OTHER_TYPES, type) as ReasonCode | undefined // the table holds nothing else
  if (type === 'okta-internal-at+jwt') {
    return { code: 'wrong_token_type', detail: 'it comes from an Okta org authorization server; use a custom one' }
  }
  return { code: code ?? 'wrong_token_type', detail: 'its "typ" header names another kind of token' }
}
