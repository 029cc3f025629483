import { undecided } from './reasons/undecided.js'

/**
 * Every reason for which a request is refused: one row per `code`, and the one table behind the status, the header, the
 * body, the hint of `explainToken` and the documentation.
 *
 * A code never changes its meaning. The texts are constant and keep to the characters that RFC 6750 §3 allows in
 * `error_description`, so that nothing of a token can get into an answer.
 */
export const reasons = {
  missing_token: {
    status: 401,
    text: 'This resource needs an access token.',
    spec: 'RFC 6750 §3.1',
    hint: 'Send the request with "Authorization: Bearer <access token>".',
  },
  malformed_credentials: {
    status: 400,
    error: 'invalid_request',
    text: 'The Authorization header must hold a scheme and one token, once.',
    spec: 'RFC 6750 §2.1',
    hint: 'Look for a repeated Authorization header, quotes around the token, or a comma after it.',
  },
  ambiguous_path: {
    status: 400,
    text: 'The path of this request can be read in more than one way.',
    spec: 'RFC 3986 §6.2.2',
    hint: 'Send it without dot segments, empty segments, backslashes, control characters and escapes within escapes, encoded or not, and what is no ASCII percent-encoded in UTF-8.',
  },
  malformed_token: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is not a well-formed signed JWT.',
    spec: 'RFC 7515 §7.1',
    hint: 'An opaque token is taken with the option "introspection" alone, an encrypted one never. Many providers issue a JWT only when the client asks for an audience or a resource.',
  },
  token_too_large: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is too large.',
    spec: 'RFC 8725 §3',
    hint: 'Tokens are read up to 16 KiB. Have the issuer put fewer groups or roles into them.',
  },
  unsupported_header: {
    status: 401,
    error: 'invalid_token',
    text: 'The header of the access token holds a parameter that is not accepted.',
    spec: 'RFC 8725 §3.10',
    hint: 'Keys come from the issuer, never from a token; extensions, compression and encryption have no place in an access token.',
  },
  algorithm_not_allowed: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is signed with an algorithm that is not allowed.',
    spec: 'RFC 8725 §3.1',
    hint: 'If the issuer really signs with it, name it in the option "algorithms".',
  },
  unknown_issuer: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token comes from an issuer that is not trusted here.',
    spec: 'RFC 9068 §4',
    hint: 'Issuers are compared character by character: look at the scheme, the host and a slash at the end.',
  },
  unknown_key: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is signed with a key that is not known for its issuer.',
    spec: 'RFC 7515 §4.1.4',
    hint: 'The key may have been withdrawn, or the token comes from another environment with the same issuer name. For an expired token no key is fetched.',
  },
  invalid_signature: {
    status: 401,
    error: 'invalid_token',
    text: 'The signature of the access token could not be verified.',
    spec: 'RFC 7515 §5.2',
    hint: 'The token was altered, or its issuer signed it with another key than the one that it names.',
  },
  id_token_presented: {
    status: 401,
    error: 'invalid_token',
    text: 'An ID token was presented. Send an access token issued for this API.',
    spec: 'RFC 9068 §4',
    hint: 'An ID token tells the client who signed in; it is not for an API. Send "access_token" of the token response, not "id_token".',
  },
  refresh_token_presented: {
    status: 401,
    error: 'invalid_token',
    text: 'A refresh token was presented. Send an access token issued for this API.',
    spec: 'RFC 6749 §1.5',
    hint: 'A refresh token goes to the token endpoint of the issuer and to nobody else.',
  },
  logout_token_presented: {
    status: 401,
    error: 'invalid_token',
    text: 'A logout token was presented. Send an access token issued for this API.',
    spec: 'RFC 8725 §3.12',
    hint: 'A logout token is a message of the issuer to a client.',
  },
  dpop_proof_presented: {
    status: 401,
    error: 'invalid_token',
    text: 'A DPoP proof was presented. Send an access token issued for this API.',
    spec: 'RFC 9449 §4.2',
    hint: 'The proof belongs into the DPoP header, beside the access token.',
  },
  wrong_token_type: {
    status: 401,
    error: 'invalid_token',
    text: 'A token of another kind was presented. Send an access token issued for this API.',
    spec: 'RFC 8725 §3.11',
    hint: 'The token says of itself that it is something else than an access token for this API.',
  },
  unrecognised_token_type: {
    status: 401,
    error: 'invalid_token',
    text: 'The token cannot be told from an ID token. Send an access token issued for this API.',
    spec: 'RFC 9068 §4',
    hint: 'Set "profile" to the issuer\'s provider, or give that issuer an "isAccessToken" predicate, or have it issue "typ: at+jwt" (RFC 9068).',
  },
  wrong_audience: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token was issued for another audience.',
    spec: 'RFC 9068 §4',
    hint: 'Have the client ask for this API\'s audience (parameter "resource" or "audience"), or correct the option "audience". It is compared character by character.',
  },
  token_expired: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token has expired.',
    spec: 'RFC 7519 §4.1.4',
    hint: 'The client should refresh it. If it was issued just now, compare the clocks of this machine and of the issuer.',
  },
  token_not_yet_valid: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is not valid yet.',
    spec: 'RFC 7519 §4.1.5',
    hint: 'Compare the clocks of this machine and of the issuer; up to "clockToleranceSeconds" are forgiven.',
  },
  token_too_old: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is older than this API accepts.',
    spec: 'RFC 9068 §5',
    hint: 'See the option "maxTokenAgeSeconds"; it needs the claim "iat".',
  },
  invalid_claims: {
    status: 401,
    error: 'invalid_token',
    text: 'A claim of the access token is missing or malformed.',
    spec: 'RFC 7519 §4',
    hint: 'The detail names the claim.',
  },
  token_inactive: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is not active.',
    spec: 'RFC 7662 §2.2',
    hint: 'Its issuer was asked: it expired, was taken back, was never issued, or is not for this API to know about. Have the client get another.',
  },
  key_bound_token: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is bound to a key and cannot be used as a plain Bearer token.',
    spec: 'RFC 9449 §7.2',
    hint: 'A token with "cnf" needs the scheme DPoP and a proof, or a client certificate, and an API with the option "dpop" or "mtls". The detail says what is missing.',
  },
  bound_token_required: {
    status: 401,
    scheme: 'DPoP',
    error: 'invalid_token',
    text: 'This needs an access token that is bound to a key of the client.',
    spec: 'RFC 9449 §7.1',
    hint: 'The client must send a DPoP proof when it asks its issuer for the token, and then one with each request; or use its certificate with both.',
  },
  key_binding_mismatch: {
    status: 401,
    scheme: 'DPoP',
    error: 'invalid_token',
    text: 'The access token is not bound to the key of the DPoP proof.',
    spec: 'RFC 9449 §7.1',
    hint: 'The scheme DPoP is for tokens whose "cnf" names a key; the proof must be signed with that key.',
  },
  certificate_binding_mismatch: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token is bound to a client certificate that did not come with this request.',
    spec: 'RFC 8705 §3',
    hint: 'The client must use the certificate with which it got the token; a new one of the same key is another. The detail says what was found: none on the connection, none from a trusted proxy, or another.',
  },
  invalid_dpop_proof: {
    status: 401,
    scheme: 'DPoP',
    error: 'invalid_dpop_proof',
    text: 'The DPoP proof is missing or malformed, was used before or is not for this request.',
    spec: 'RFC 9449 §4.3',
    hint: 'A proof is for one request: its method, its URI without the query, this access token, and now. The detail says what is wrong.',
  },
  use_dpop_nonce: {
    status: 401,
    scheme: 'DPoP',
    error: 'use_dpop_nonce',
    text: 'The DPoP proof must hold the nonce that comes with this answer.',
    spec: 'RFC 9449 §9',
    hint: 'The client must make a new proof with the value of the DPoP-Nonce header, and send the request again.',
  },
  token_revoked: {
    status: 401,
    error: 'invalid_token',
    text: 'The access token was revoked.',
    spec: 'RFC 6750 §3.1',
    hint: 'The token, its session or what its user was issued before a time was taken back: the client must send the user to sign in again.',
  },
  insufficient_scope: {
    status: 403,
    error: 'insufficient_scope',
    text: 'The access token lacks a scope that this operation needs.',
    spec: 'RFC 6750 §3.1',
    hint: 'The client must ask its issuer for the scopes that the challenge names.',
  },
  access_denied: {
    status: 403,
    text: 'The access token does not permit this operation.',
    spec: 'RFC 9110 §15.5.4',
    hint: 'A policy of this API said no; a new token would not help.',
  },
  insufficient_user_authentication: {
    status: 401,
    error: 'insufficient_user_authentication',
    text: 'This operation needs a stronger or more recent sign-in.',
    spec: 'RFC 9470 §3',
    hint: 'The client must send the user to the issuer again, with the acr_values and max_age that the challenge names.',
  },
  not_found: {
    status: 404,
    text: 'Not found.',
    spec: 'RFC 9110 §15.5.5',
    hint: 'A policy of this API said no and hides that there is anything. The event access.denied says why.',
  },
  too_many_failures: {
    status: 429,
    text: 'Too many refused requests. Wait before you try again.',
    spec: 'RFC 6585 §4',
    hint: 'See the option "failedAuthLimit". A valid access token is accepted all the same.',
  },
  ...undecided,
} as const satisfies Readonly<Record<string, Reason>>

/** One row of the table. */
export interface Reason {
  /** The HTTP status. */
  readonly status: 400 | 401 | 403 | 404 | 429 | 503
  /** The OAuth error code of the challenge; without one, the answer carries no error information. */
  readonly error?:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'insufficient_user_authentication'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
  /** The scheme whose challenge carries the error, where it is not Bearer. */
  readonly scheme?: 'DPoP'
  /** What the caller is told. Constant. */
  readonly text: string
  /** Where the rule stands. */
  readonly spec: string
  /** What the operator or the client's author can do about it. */
  readonly hint: string
}

/** The stable name of a reason: what to branch on, and what to put on a metric. */
export type ReasonCode = keyof typeof reasons

/** Looks a reason up. */
export function reasonFor(code: ReasonCode): Reason {
  return reasons[code]
}
