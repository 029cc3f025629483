import { hash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { ConfigurationError, UnavailableError } from '../errors.js'
import { defaultAlgorithms, isSymmetric, type Algorithm } from '../issuers/algorithms.js'
import type { IssuerSettings, TrustedIssuers } from '../issuers/trusted-issuer.js'
import { createTrustedIssuers } from '../issuers/trusted-issuers.js'
import { secondsOf, type Clock } from '../lib/clock.js'
import type { Fetch } from '../lib/fetch-json.js'
import { isSecure, readUrl } from '../lib/urls.js'
import type { KeepingStore } from '../stores/store.js'
import { readLogoutForm, type LogoutRequest } from './read-logout-form.js'
import { verifyLogoutToken, type LogoutToken } from './read-logout-token.js'

/** Whose logout tokens are taken, and for which client. */
export interface BackchannelLogoutOptions {
  /** The issuer identifier, exactly as it stands in `iss`. */
  readonly issuer: string
  /** The client at which the issuer has this receiver's URL: logout tokens have it in `aud`. */
  readonly clientId: string
  /** The signature algorithms that are accepted, asymmetric ones. Default: those of access tokens. */
  readonly algorithms?: readonly Algorithm[] | undefined
  /** Where the issuer publishes its keys. Default: its metadata says so. */
  readonly jwksUri?: string | undefined
  /** Fetches metadata and keys. Default: the platform's `fetch`. */
  readonly fetch?: Fetch | undefined
}

/** Receives logout requests: mount it for `POST`, or call it with a `Request` of the web. */
export interface BackchannelLogout {
  (request: Request): Promise<Response>
  // As Express calls it: the third argument is not used.
  (req: Exclude<LogoutRequest, Request>, res: ServerResponse, next?: unknown): Promise<void>
}

interface Parts {
  readonly revocation: {
    readonly revokeSession: (session: { readonly issuer: string; readonly sid: string }) => Promise<void>
    readonly revokeSubject: (of: {
      readonly issuer: string
      readonly subject: string
      readonly before: number
    }) => Promise<void>
  }
  /** Where it is remembered which logout tokens came. */
  readonly store: KeepingStore
  readonly clock: Clock
}

interface Answer {
  readonly status: 200 | 400 | 405 | 503
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: { readonly error: string; readonly error_description: string }
}

const NAMES = ['issuer', 'clientId', 'algorithms', 'jwksUri', 'fetch']
const TOLERANCE_SECONDS = 30
const LIFETIMES = { freshSeconds: undefined, maxStaleSeconds: 4 * 3600, cooldownSeconds: 30, timeoutSeconds: 5 }
const MAX_BYTES = 512 * 1024

/** Creates a receiver, and what ends its fetches. */
export function createBackchannelLogout(
  options: BackchannelLogoutOptions,
  { revocation, store, clock }: Parts,
): { readonly receive: BackchannelLogout; readonly close: () => void } {
  checkNames(options)
  const { issuer: name, clientId } = options
  const issuers = trustIssuer(options, clock)
  const now = (): number => secondsOf(clock)
  const takeBack = async ({ subject, sid, issuedAt }: LogoutToken): Promise<void> => {
    if (sid !== undefined) await revocation.revokeSession({ issuer: name, sid })
    // By the issuer's clock, which is that of "iat" too. In whole seconds: what was issued in the very second counts as before.
    else if (subject !== undefined)
      await revocation.revokeSubject({ issuer: name, subject, before: Math.floor(issuedAt) + 1 })
  }
  const judge = async (request: LogoutRequest): Promise<Answer> => {
    if (request.method !== 'POST') return { status: 405, headers: { Allow: 'POST' } }
    const text = await readLogoutForm(request)
    if (text === undefined) return bad('The body must be a form with one logout_token.')
    const issuer = await issuers.find(name)
    if (issuer === undefined) return bad('The logout token comes from another issuer.')
    const token = await verifyLogoutToken(text, { issuer, clientId, toleranceSeconds: TOLERANCE_SECONDS, now })
    if (typeof token === 'string') return bad(token)
    const key = `logout:${hash('sha256', JSON.stringify([name, token.jti]), 'base64url')}`
    if (await store.has(key)) return bad('The logout token came before.')
    await takeBack(token)
    // Last: one that could not be done is sent again. Two at once do the same thing.
    await store.addIfAbsent(key, token.expiresAt + TOLERANCE_SECONDS - now())
    return { status: 200 }
  }
  const answer = async (request: LogoutRequest): Promise<Answer> => {
    try {
      return await judge(request)
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      const { 'Retry-After': retryAfter = '1' } = error.headers
      const body = { error: 'temporarily_unavailable', error_description: 'The logout cannot be done at the moment.' }
      return { status: 503, headers: { 'Retry-After': retryAfter }, body }
    }
  }

  function receive(request: Request): Promise<Response>
  function receive(req: Exclude<LogoutRequest, Request>, res: ServerResponse): Promise<void>
  async function receive(request: LogoutRequest, res?: ServerResponse): Promise<Response | void> {
    const { status, headers, body } = await answer(request)
    const all = { 'Cache-Control': 'no-store', ...(body && { 'Content-Type': 'application/json' }), ...headers }
    const text = body === undefined ? '' : JSON.stringify(body)
    if (res === undefined) return new Response(text, { status, headers: all })
    res.writeHead(status, all).end(text)
  }
  return {
    receive,
    close() {
      issuers.close()
    },
  }
}

/** @throws {ConfigurationError} On options that are none: one that is misspelt would be passed over in silence. */
function checkNames(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError('backchannelLogout() takes an object { issuer, clientId }.')
  }
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
  if (unknown === undefined) return
  throw new ConfigurationError(`backchannelLogout() has no option "${unknown}". It has ${NAMES.join(', ')}.`)
}

/** @throws {ConfigurationError} On options that could take the tokens of others. */
function trustIssuer(options: BackchannelLogoutOptions, clock: Clock): TrustedIssuers<IssuerSettings> {
  const { issuer: name, clientId, algorithms = defaultAlgorithms, jwksUri, fetch } = options
  for (const [option, value] of Object.entries({ issuer: name, clientId })) {
    if (typeof value !== 'string' || value === '') throw wrong(option, 'must be a text that is not empty')
  }
  if (algorithms.length === 0 || algorithms.some(isSymmetric))
    throw wrong('algorithms', 'must be asymmetric, and at least one')
  const url = readUrl(jwksUri ?? name)
  if (url === undefined || !isSecure(url, false))
    throw wrong(jwksUri === undefined ? 'issuer' : 'jwksUri', 'must be a whole https URL')
  return createTrustedIssuers({
    issuers: [{ issuer: name, algorithms, jwksUri }],
    lifetimes: LIFETIMES,
    maxBytes: MAX_BYTES,
    dangerouslyAllowHttp: false,
    fetch: fetch ?? ((from, init) => globalThis.fetch(from, init)),
    clock,
  })
}

/** OpenID Connect Back-Channel Logout 1.0 §2.8: 400, and what is wrong as OAuth 2.0 says it. */
function bad(problem: string): Answer {
  return { status: 400, body: { error: 'invalid_request', error_description: problem } }
}

function wrong(name: string, problem: string): ConfigurationError {
  return new ConfigurationError(`The option "${name}" of backchannelLogout ${problem}.`)
}
