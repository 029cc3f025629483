import { createResourceServer, type IssuerOptions, type RequireAuthOptions } from 'express-resource-server'
import request from 'supertest'
import { createApi, type Api } from './api.js'
import { createKey, type ForgeKey } from './forge.js'
import { accessClaims, AUDIENCE, ISSUER, NOW } from './forged-api.js'

export type Introspection = NonNullable<IssuerOptions['introspection']>

/** A request to the introspection endpoint, taken apart. */
export interface Call {
  readonly url: string
  readonly method: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly form: URLSearchParams
}

export type Respond = (call: Call, init: RequestInit) => Response | Promise<Response>

/** An issuer whose endpoints answer in this process, and an API that asks it. */
export interface IntrospectingApi extends Api {
  /** The requests to the introspection endpoint so far. */
  readonly calls: readonly Call[]
  readonly key: ForgeKey
  readonly get: (token: string, path?: string, scheme?: string) => request.Test
  /** Answers in this way from now on. */
  readonly answerWith: (respond: Respond) => void
  /** Moves the clock, in seconds. */
  readonly advance: (seconds: number) => void
  readonly options: RequireAuthOptions
  /** Judges a token without a request: `accepted`, or the code. */
  readonly verifyToken: (token: string) => Promise<string>
  /** Ends what is under way. */
  readonly close: () => void
}

export const ENDPOINT = 'https://issuer.example.com/introspect'
export const TOKEN = 'opaque-token-0123456789'
export const SECRET = 'a secret: with % + & = signs'

export const introspection: Introspection = {
  clientId: 'orders-api',
  clientAuthentication: { method: 'client_secret_basic', clientSecret: SECRET },
}

/** The answer about a good token, with changes; `undefined` takes a member out. */
export function activeAnswer(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return { active: true, ...accessClaims(), token_type: 'Bearer', ...changes }
}

/** Creates an API that asks an issuer, which says of every token what `respond` answers: by default that it is good. */
export function createIntrospectingApi(
  own: Partial<Introspection> = {},
  options: RequireAuthOptions = {},
  keys: readonly ForgeKey[] = [createKey('P-256')],
): IntrospectingApi {
  const calls: Call[] = []
  let respond: Respond = () => Response.json(activeAnswer())
  let now = NOW * 1000
  const fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    if (url.endsWith('/.well-known/openid-configuration')) {
      return Response.json({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks`, introspection_endpoint: ENDPOINT })
    }
    if (url === `${ISSUER}/jwks`) return Response.json({ keys: keys.map(({ jwk }) => jwk) })
    if (url !== ENDPOINT) return new Response(null, { status: 404 })
    const body = typeof init.body === 'string' ? init.body : ''
    const headers = Object.fromEntries(new Headers(init.headers))
    const call = { url, method: init.method, headers, body, form: new URLSearchParams(body) }
    calls.push(call)
    return respond(call, init)
  }
  const all: RequireAuthOptions = {
    issuer: { issuer: ISSUER, introspection: { ...introspection, ...own } },
    audience: AUDIENCE,
    fetch,
    clock: () => now,
    ...options,
  }
  const api = createApi(all)
  const server = createResourceServer(all)
  const [key] = keys
  if (key === undefined) throw new TypeError('There is no key.')
  return {
    ...api,
    calls,
    key,
    options: all,
    verifyToken: (token) =>
      server.verifyToken(token).then(
        () => 'accepted',
        (error: unknown) => (error as { code: string }).code,
      ),
    close: () => {
      server.close()
    },
    get: (token, path = '/any', scheme = 'Bearer') =>
      request(api.app).get(path).set('Authorization', `${scheme} ${token}`),
    answerWith(next) {
      respond = next
    },
    advance(seconds) {
      now += seconds * 1000
    },
  }
}

/** What a request got: `200`, or the status and the code. */
export function outcomeOf({ status, text }: { readonly status: number; readonly text: string }): string {
  if (status === 200) return '200'
  return `${String(status)} ${(JSON.parse(text) as { code: string }).code}`
}
