import { reasonFor, type ReasonCode } from '../../src/reasons.js'
import { parseChallenge } from './challenges.js'

/** What is looked at of a response, however it came. */
export interface Answer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: string
}

/** What a guard answers, as a row of a table has it. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly challenge: string | undefined
}

export const denied: Refusal = { status: 403, code: 'access_denied', challenge: undefined }

/** Refused for want of scopes, which the challenge names. */
export function lacksScope(scopes: string): Refusal {
  return {
    status: 403,
    code: 'insufficient_scope',
    challenge: `Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="${scopes}"`,
  }
}

/** Refused for a sign-in that is too old or too weak; `parameters` say what would do. */
export function needsStepUp(parameters: string): Refusal {
  return {
    status: 401,
    code: 'insufficient_user_authentication',
    challenge: `Bearer realm="api", error="insufficient_user_authentication", error_description="This operation needs a stronger or more recent sign-in."${parameters === '' ? '' : `, ${parameters}`}`,
  }
}

/** What belongs to the answer beyond what its code says. */
export interface RefusalParts {
  readonly realm?: string | undefined
  /** Of the challenge, as one text. */
  readonly scope?: string | undefined
  /** The token that was sent: no part of it may come back. */
  readonly token?: string
  /** Whether it answers HEAD, and has no body. */
  readonly isHead?: boolean
}

/** The status and the OAuth error of every reason, as the documentation has them. */
export const OUTCOMES: Readonly<Record<ReasonCode, readonly [status: number, error?: string]>> = {
  missing_token: [401],
  malformed_credentials: [400, 'invalid_request'],
  ambiguous_path: [400],
  malformed_token: [401, 'invalid_token'],
  token_too_large: [401, 'invalid_token'],
  unsupported_header: [401, 'invalid_token'],
  algorithm_not_allowed: [401, 'invalid_token'],
  unknown_issuer: [401, 'invalid_token'],
  unknown_key: [401, 'invalid_token'],
  invalid_signature: [401, 'invalid_token'],
  id_token_presented: [401, 'invalid_token'],
  refresh_token_presented: [401, 'invalid_token'],
  logout_token_presented: [401, 'invalid_token'],
  dpop_proof_presented: [401, 'invalid_token'],
  wrong_token_type: [401, 'invalid_token'],
  unrecognised_token_type: [401, 'invalid_token'],
  wrong_audience: [401, 'invalid_token'],
  token_expired: [401, 'invalid_token'],
  token_not_yet_valid: [401, 'invalid_token'],
  token_too_old: [401, 'invalid_token'],
  invalid_claims: [401, 'invalid_token'],
  token_inactive: [401, 'invalid_token'],
  key_bound_token: [401, 'invalid_token'],
  bound_token_required: [401, 'invalid_token'],
  key_binding_mismatch: [401, 'invalid_token'],
  certificate_binding_mismatch: [401, 'invalid_token'],
  invalid_dpop_proof: [401, 'invalid_dpop_proof'],
  use_dpop_nonce: [401, 'use_dpop_nonce'],
  token_revoked: [401, 'invalid_token'],
  insufficient_scope: [403, 'insufficient_scope'],
  access_denied: [403],
  insufficient_user_authentication: [401, 'insufficient_user_authentication'],
  not_found: [404],
  too_many_failures: [429],
  issuer_unavailable: [503],
  introspection_unavailable: [503],
  introspection_refused: [503],
  schema_unavailable: [503],
  policy_unavailable: [503],
  store_unavailable: [503],
  revocation_unavailable: [503],
}

/** The characters of `error_description` (RFC 6750 3). */
const DESCRIPTION = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/

/** Checks the whole of a refusal: status, every header that we set, the body, and that nothing of the token is in it. */
export function expectRefusal(answer: Answer, code: ReasonCode, parts: RefusalParts = {}): void {
  if (parts.isHead === true) expect(answer.body).toBe('')
  else expectProblem(answer, code)
  const [status] = OUTCOMES[code]
  expect(answer.status).toBe(status)
  expect(answer.header('content-type')).toBe('application/problem+json')
  const { 'www-authenticate': challenge, ...headers } = expectedHeaders(code, parts)
  expect(answer.header('www-authenticate')).toBe(challenge)
  expect(answer.header('cache-control')).toBe(headers['cache-control'])
  expect(answer.header('retry-after') !== undefined).toBe(status === 503 || status === 429)
  expect(answer.header('set-cookie')).toBeUndefined()
  if (parts.token !== undefined) expectNothingOf(parts.token, answer)
  if (challenge !== undefined) expectWellFormed(challenge)
}

function expectProblem(answer: Answer, code: ReasonCode): void {
  expect(codeOf(answer)).toBe(code)
  const [status, error] = OUTCOMES[code]
  const { text } = reasonFor(code)
  expect(JSON.parse(answer.body)).toEqual({
    type: 'about:blank',
    title: expect.any(String) as unknown,
    status,
    detail: text,
    ...(error !== undefined && { error, error_description: text }),
    code,
  })
}

function expectedHeaders(code: ReasonCode, { realm = 'api', scope }: RefusalParts) {
  const [status, error] = OUTCOMES[code]
  const quoted = reasonFor(code).text.replaceAll(/["\\]/g, String.raw`\$&`)
  const informed = error === undefined ? '' : `, error="${error}", error_description="${quoted}"`
  const scopes = scope === undefined ? '' : `, scope="${scope}"`
  return {
    'www-authenticate':
      status === 401 || error !== undefined ? `Bearer realm="${realm}"${informed}${scopes}` : undefined,
    'cache-control': [401, 403, 503].includes(status) ? 'no-store' : undefined,
  }
}

/** A challenge is one Bearer challenge with parameters, in the strictest reading of RFC 9110 and RFC 6750 3. */
function expectWellFormed(value: string): void {
  const { scheme, token68, params } = parseChallenge(value)
  expect(scheme).toBe('Bearer')
  expect(token68).toBeUndefined()
  expect(params.size).toBeGreaterThan(0)
  for (const name of ['error', 'error_description', 'scope']) {
    if (params.has(name)) expect(params.get(name)).toMatch(DESCRIPTION)
  }
}

function expectNothingOf(token: string, answer: Answer): void {
  const shown = `${answer.body} ${answer.header('www-authenticate') ?? ''}`
  for (const segment of token.split('.').filter(({ length }) => length >= 8)) expect(shown).not.toContain(segment)
}

/** The code of an answer, `granted` for 200, and something that tells more in a failing test where there is none. */
export function codeOf({ status, body }: Answer): string {
  if (status === 200) return 'granted'
  try {
    const { code } = JSON.parse(body) as { code?: unknown }
    return typeof code === 'string' ? code : `status ${String(status)} without a code`
  } catch {
    return `status ${String(status)} without a JSON body`
  }
}
