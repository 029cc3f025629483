import express, { type Express } from 'express'
import { getAuth, requireAuth, requireScope, type ReasonCode, type RequireAuthOptions } from 'express-resource-server'
import request from 'supertest'
import { parseChallenge } from '../kit/challenges.js'
import type { RawResponse } from '../kit/raw-request.js'

/** A protected API, as a user of this library writes it. */
export interface Api {
  readonly app: Express
  /** How often a handler behind the guards has run. */
  readonly handled: () => number
}

/** What is looked at of a response, however it came. */
export interface Answer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: string
}

/**
 * Creates an API with the routes `/any` (a valid token), `/orders` (scope `orders:read`) and `/rw` (`orders:read` and
 * `orders:write`), for every method. Bodies are parsed before the token is looked for, so that a token in one could be found.
 */
export function createApi(options: RequireAuthOptions): Api {
  let handled = 0
  const app = express()
  app.use(express.json(), express.urlencoded({ extended: true }))
  app.use(requireAuth(options))
  app.all('/any', (req, res) => {
    handled++
    res.json(getAuth(req))
  })
  app.all('/orders', requireScope('orders:read'), (_req, res) => {
    handled++
    res.json({ orders: [] })
  })
  app.all('/rw', requireScope('orders:read', 'orders:write'), (_req, res) => {
    handled++
    res.json({ orders: [] })
  })
  return { app, handled: () => handled }
}

/** Sends a token in the usual way. */
export async function present({ app }: Api, token: string, path = '/any'): Promise<Answer> {
  const response = await request(app).get(path).set('Authorization', `Bearer ${token}`)
  return answerOf(response)
}

/** Reads a supertest response. */
export function answerOf(response: request.Response): Answer {
  const headers = response.headers as Readonly<Record<string, string | undefined>>
  return { status: response.status, header: (name) => headers[name.toLowerCase()], body: response.text }
}

/** Reads the response to a raw request. */
export function rawAnswerOf({ status, header, body }: RawResponse): Answer {
  return { status, header, body }
}

/** Presents a token, and expects that the handler runs. Returns the auth object as JSON has it. */
export async function expectGranted(api: Api, token: string, path?: string): Promise<Record<string, unknown>> {
  const before = api.handled()
  const answer = await present(api, token, path)
  expect(codeOf(answer)).toBe('granted')
  expect(api.handled()).toBe(before + 1)
  return JSON.parse(answer.body) as Record<string, unknown>
}

/** Presents a token, and expects that it is refused for this reason, with everything that belongs to such an answer. */
export async function expectRefused(api: Api, token: string, code: ReasonCode, path?: string): Promise<Answer> {
  const before = api.handled()
  const answer = await present(api, token, path)
  expectRefusal(answer, code, { token })
  expect(api.handled()).toBe(before)
  return answer
}

/** Presents a token, and expects it granted or refused, as a row of a table says. */
export async function expectOutcome(api: Api, token: string, outcome: ReasonCode | 'granted'): Promise<void> {
  if (outcome === 'granted') await expectGranted(api, token)
  else await expectRefused(api, token, outcome)
}

/** What belongs to the answer beyond what its code says. */
export interface RefusalParts {
  readonly realm?: string
  /** Of the challenge, as one text. */
  readonly scope?: string
  /** The token that was sent: no part of it may come back. */
  readonly token?: string
}

/** The status and the OAuth error of every reason, as the documentation has them. */
const OUTCOMES: Readonly<Record<ReasonCode, readonly [status: number, error?: string]>> = {
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
  key_bound_token: [401, 'invalid_token'],
  key_binding_mismatch: [401, 'invalid_token'],
  invalid_dpop_proof: [401, 'invalid_dpop_proof'],
  use_dpop_nonce: [401, 'use_dpop_nonce'],
  insufficient_scope: [403, 'insufficient_scope'],
  access_denied: [403],
  insufficient_user_authentication: [401, 'insufficient_user_authentication'],
  not_found: [404],
  too_many_failures: [429],
  issuer_unavailable: [503],
  schema_unavailable: [503],
  policy_unavailable: [503],
  store_unavailable: [503],
}

/** The characters of `error_description` (RFC 6750 3). */
const DESCRIPTION = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/

/** Checks the whole of a refusal: status, every header that we set, the body, and that nothing of the token is in it. */
export function expectRefusal(answer: Answer, code: ReasonCode, parts: RefusalParts = {}): void {
  expect(codeOf(answer)).toBe(code)
  const [status, error] = OUTCOMES[code]
  expect(answer.status).toBe(status)
  const problem = JSON.parse(answer.body) as Record<string, unknown>
  const text = String(problem['detail'])
  expect(problem).toEqual({
    type: 'about:blank',
    title: expect.any(String) as unknown,
    status,
    detail: text,
    ...(error !== undefined && { error, error_description: text }),
    code,
  })
  expect(answer.header('content-type')).toBe('application/problem+json')
  const { 'www-authenticate': challenge, ...headers } = expectedHeaders(code, text, parts)
  expect(answer.header('www-authenticate')).toBe(challenge)
  expect(answer.header('cache-control')).toBe(headers['cache-control'])
  expect(answer.header('retry-after') !== undefined).toBe(status === 503 || status === 429)
  expect(answer.header('set-cookie')).toBeUndefined()
  if (parts.token !== undefined) expectNothingOf(parts.token, answer)
  if (challenge !== undefined) expectWellFormed(challenge)
}

function expectedHeaders(code: ReasonCode, text: string, { realm = 'api', scope }: RefusalParts) {
  const [status, error] = OUTCOMES[code]
  const quoted = text.replaceAll(/["\\]/g, String.raw`\$&`)
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

/** The code of an answer, for a failing test to show at once. */
function codeOf({ status, body }: Answer): string {
  if (status === 200) return 'granted'
  try {
    const { code } = JSON.parse(body) as { code?: unknown }
    return typeof code === 'string' ? code : `status ${String(status)} without a code`
  } catch {
    return `status ${String(status)} without a JSON body`
  }
}
