import type { RequireAuthOptions } from 'express-resource-server'
import { AuthError, UnavailableError } from '../../../src/errors.js'
import type { ReasonCode } from '../../../src/reasons.js'
import { createAuthenticator } from '../../../src/authenticator.js'
import { PROBLEM_MEDIA_TYPE, writeProblem } from '../../../src/problem.js'
import { createApi, type Api } from '../../kit/api.js'
import { parseChallenge } from '../../kit/challenges.js'
import { codeOf, expectRefusal, OUTCOMES } from '../../kit/refusals.js'
import { exchange, rawBytes, startServer, type RawResponse, type RunningServer } from '../../kit/raw-request.js'
import type { Jwk } from '../../kit/forge.js'
import { expectNoLeak, openLogSink } from './leaks.js'
import { as1Keys, as2Keys, AS1, AS2, AUDIENCE, forge, NOW } from './tokens.js'

/**
 * What comes back: `401n` without error information, `401t` invalid_token, `400r` invalid_request, `403s`
 * insufficient_scope, `403d` denied by a policy, `http` refused by Node's own parser before any middleware.
 */
export type Outcome = '200' | '401n' | '401t' | '400r' | '403s' | '403d' | '429' | '500' | '503' | 'http' | '404'

/** One attack. */
export interface Row {
  /** Where the rule stands. */
  readonly spec: string
  /** What is attacked, and how. */
  readonly what: string
  readonly outcome: Outcome
  /** The exact reason, where it matters which. */
  readonly code?: ReasonCode | undefined
  /** The token that is sent as Bearer, and whose content must not come back. */
  readonly token?: (() => string) | undefined
  /** The whole request, where it is more than `GET path` with a Bearer token. */
  readonly request?: ((token: string) => string) | undefined
  readonly path?: string | undefined
  readonly world?: World | undefined
  /** The good token that is sent behind the row, where the usual one does not fit the world. */
  readonly good?: (() => string) | undefined
  /** Looks closer at an answer that has the right outcome. */
  readonly also?: ((answer: RawResponse, world: Running) => void | Promise<void>) | undefined
}

export interface WorldOptions {
  /** Options of `requireAuth` that differ from the usual ones: strict profile, AS1. */
  readonly options?: RequireAuthOptions | undefined
  /** What AS1 publishes; by default its six keys. */
  readonly jwks?: (() => readonly Jwk[]) | undefined
  readonly maxHeaderSize?: number | undefined
  /** Adds routes and middleware in front of the auth middleware. */
  readonly before?: ((api: Api, options: RequireAuthOptions) => void) | undefined
  /** Adds routes behind it. */
  readonly after?: ((api: Api) => void) | undefined
}

/** One Express app on loopback. */
export interface Running {
  readonly port: number
  /** How often a protected handler was reached. */
  readonly hits: number
  /** The clock, in seconds. */
  now: number
  /** Every URL that was asked for. */
  readonly fetched: string[]
  readonly options: RequireAuthOptions
  readonly send: (request: string) => Promise<RawResponse>
  /** Sends several requests down one connection at once. */
  readonly pipeline: (requests: readonly string[]) => Promise<readonly RawResponse[]>
}

/** An app that is started when it is first needed. */
export interface World {
  readonly start: () => Promise<Running>
  /** The same without HTTP and without Express: a header goes in, and what comes out is written down as an answer. */
  readonly startDirectly?: (() => Direct) | undefined
  /** The same that nobody has asked for anything: earlier rows may have spent the fetch that unknown names may bring about. */
  readonly another?: (() => World) | undefined
}

/** What judges requests, and nothing around it. */
interface Direct {
  readonly fetched: readonly string[]
  /** The usual good token. */
  readonly good: string
  readonly authenticate: (authorization: string) => Promise<RawResponse>
}

const ENDPOINTS = [AS1, AS2].flatMap((issuer) => [`${issuer}.well-known/openid-configuration`, `${issuer}jwks`])
const HEADER_LIMIT = 4 * 1024 * 1024
const servers: RunningServer[] = []

export function createWorld(settings: WorldOptions = {}): World {
  let running: Promise<Running> | undefined
  let direct: Direct | undefined
  return {
    start: () => (running ??= start(settings)),
    startDirectly: () => (direct ??= startDirectly(settings)),
    another: () => createWorld(settings),
  }
}

/** The options of a world, and what they lead to. */
function prepareOptions(
  { options, jwks }: WorldOptions,
  now: () => number,
): { readonly fetched: string[]; readonly options: RequireAuthOptions } {
  const fetched: string[] = []
  return {
    fetched,
    options: {
      issuer: AS1,
      audience: AUDIENCE,
      profile: 'rfc9068',
      fetch: (url) => {
        fetched.push(url)
        return Promise.resolve(serveIssuers(url, jwks))
      },
      clock: () => now() * 1000,
      ...options,
    },
  }
}

function startDirectly(settings: WorldOptions): Direct {
  const { fetched, options } = prepareOptions(settings, () => NOW)
  const server = createAuthenticator(options)
  const authenticate = async (value: string): Promise<RawResponse> => {
    // RFC 9110 5.5: white space around a field's value is not part of it.
    const authorization = value.replace(/[ \t]+$/, '')
    try {
      await server.authenticate({ headers: { authorization }, rawHeaders: ['Authorization', authorization] })
      return { status: 200, head: '', headers: [], header: () => undefined, body: '{"ok":true}' }
    } catch (error) {
      if (!(error instanceof AuthError || error instanceof UnavailableError)) throw error
      const headers = new Headers({ ...error.headers, 'Content-Type': PROBLEM_MEDIA_TYPE })
      const body = writeProblem(error.code)
      const header = (name: string) => headers.get(name) ?? undefined
      return { status: error.status, head: JSON.stringify([...headers]), headers: [...headers], header, body }
    }
  }
  return { fetched, good: forge(), authenticate }
}

async function start(settings: WorldOptions): Promise<Running> {
  const { maxHeaderSize = HEADER_LIMIT, before, after } = settings
  const { fetched, options } = prepareOptions(settings, () => running.now)
  const api = createApi(options, { before: (made) => before?.(made, options), after })
  const server = await startServer(api.app, maxHeaderSize)
  servers.push(server)
  const { port } = server
  const running: Running = {
    port,
    get hits() {
      return api.handled()
    },
    now: NOW,
    fetched,
    options,
    send: (request) => rawBytes(port, Buffer.from(request, 'latin1')),
    pipeline: (requests) => exchange(port, requests.join('')),
  }
  return running
}

/** The two issuers behind the injected `fetch`; every other address does not exist. */
function serveIssuers(url: string, jwks: WorldOptions['jwks']): Response {
  for (const [issuer, keys] of [
    [AS1, jwks?.() ?? as1Keys.map(({ jwk }) => jwk)],
    [AS2, as2Keys.map(({ jwk }) => jwk)],
  ] as const) {
    if (url === `${issuer}.well-known/openid-configuration`) return Response.json({ issuer, jwks_uri: `${issuer}jwks` })
    if (url === `${issuer}jwks`) return Response.json({ keys })
  }
  return new Response(null, { status: 404 })
}

/** The text of one request. Header lines are written as they are given. */
export function http(
  path: string,
  lines: readonly string[] = [],
  { method = 'GET', body = '', close = true } = {},
): string {
  const length = body === '' ? [] : [`Content-Length: ${String(Buffer.byteLength(body))}`]
  const all = [`${method} ${path} HTTP/1.1`, 'Host: api.test', ...lines, ...length]
  return `${[...all, ...(close ? ['Connection: close'] : [])].join('\r\n')}\r\n\r\n${body}`
}

/** A GET with a Bearer token. */
export function bearer(token: string, path = '/any'): string {
  return http(path, [`Authorization: Bearer ${token}`])
}

/** Turns rows into tests, each with everything that holds for all of them. */
export function threatTable(title: string, rows: readonly Row[], world: World): void {
  describe(`${title} (${String(rows.length)} rows)`, () => {
    test.each(rows.map((row) => [row.what, row.spec, row.outcome, row] as const))(
      '%s (%s) -> %s',
      async (_what, _spec, _outcome, row) => {
        const { start, startDirectly, another } = row.world ?? world
        if (startDirectly !== undefined && isDirect(row)) await checkDirectly(row, startDirectly(), another)
        else await checkRow(row, await start(), another)
      },
    )
  })
}

/** With `THREATS=direct` (the mutation tests) rows that are about a token alone are judged without HTTP. */
function isDirect({ outcome, token, request, path, also }: Row): boolean {
  if (process.env['THREATS'] !== 'direct' || outcome === 'http') return false
  return token !== undefined && (request ?? path ?? also) === undefined
}

const log = openLogSink()

afterAll(async () => {
  log.close()
  await Promise.all(servers.map(({ close }) => close()))
})

/**
 * Sends a row twice, compares both answers, looks for anything of the token in them and in everything that was logged,
 * and sends a good token behind. A rejection or an exception that nobody handles fails the test by itself: jest listens.
 */
async function checkRow(row: Row, running: Running, another?: () => World): Promise<void> {
  const token = row.token?.() ?? ''
  const request = row.request?.(token) ?? bearer(token, row.path)
  const good = (): string => bearer(row.good?.() ?? forge({ iat: running.now, exp: running.now + 300 }))
  // A token that is dead on arrival never causes a fetch: with the keys at hand, the answer is about the token.
  if (running.fetched.length === 0) await running.send(good())
  const hitsBefore = running.hits
  const logged = log.lines.length
  const first = await running.send(request)
  if (another !== undefined && isYetUndecided(row, first)) {
    await checkRow(row, await another().start())
    return
  }
  const second = await running.send(request)
  expectOutcome(first, row)
  expect([second.status, second.body, stableHead(second)]).toEqual([first.status, first.body, stableHead(first)])
  expect(running.hits - hitsBefore).toBe(row.outcome === '200' ? 2 : 0)
  expect(running.fetched.filter((url) => !ENDPOINTS.includes(url))).toEqual([])
  if (row.outcome !== '200') {
    expectNoLeak([token, ...tokensIn(request)], [first.head, first.body], log.lines.slice(logged))
  }
  await row.also?.(first, running)
  expect((await running.send(good())).status).toBe(200)
}

/** Tokens elsewhere in a request count, too; one of a megabyte is the row's own. */
function tokensIn(request: string): readonly string[] {
  return request.length > 65_536 ? [] : (request.match(/[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g) ?? [])
}

/** The same, with all that is left of it without HTTP. */
async function checkDirectly(
  row: Row,
  { authenticate, fetched, ...usual }: Direct,
  another?: () => World,
): Promise<void> {
  const token = row.token?.() ?? ''
  const good = (): string => row.good?.() ?? usual.good
  if (fetched.length === 0) await authenticate(`Bearer ${good()}`)
  const logged = log.lines.length
  const answer = await authenticate(`Bearer ${token}`)
  const direct = isYetUndecided(row, answer) ? another?.().startDirectly?.() : undefined
  if (direct !== undefined) {
    await checkDirectly(row, direct)
    return
  }
  expectOutcome(answer, row)
  expect(await authenticate(`Bearer ${token}`)).toEqual({ ...answer, header: expect.any(Function) as unknown })
  expect(fetched.filter((url) => !ENDPOINTS.includes(url))).toEqual([])
  if (row.outcome !== '200') expectNoLeak([token], [answer.head, answer.body], log.lines.slice(logged))
  expect((await authenticate(`Bearer ${good()}`)).status).toBe(200)
}

/** A key name that nobody has looked for, while the one fetch for such names is spent, is 503 and no verdict about the token. */
function isYetUndecided({ outcome }: Row, { status }: RawResponse): boolean {
  return outcome === '401t' && status === 503
}

function stableHead({ head }: RawResponse): string {
  return head.replaceAll(/^(?:Date|RateLimit[\w-]*|Retry-After):.*$/gim, '')
}

/** The status and the OAuth error of an outcome. */
const STATUSES: Readonly<Record<Outcome, readonly [status: number, error?: string]>> = {
  '200': [200],
  '401n': [401],
  '401t': [401, 'invalid_token'],
  '400r': [400, 'invalid_request'],
  '403s': [403, 'insufficient_scope'],
  '403d': [403],
  '404': [404],
  '429': [429],
  '500': [500],
  '503': [503],
  http: [400],
}
/** What is none of our answers: Node's, Express's, and that of a handler. */
const OTHERS: readonly Outcome[] = ['200', '404', '500', 'http']

/** Status, headers and body of an outcome. */
function expectOutcome(answer: RawResponse, { outcome, code, request }: Row): void {
  const [status, error] = STATUSES[outcome]
  expect(answer.status).toBe(status)
  const fields = answer.headers.map(([name]) => name.toLowerCase())
  expect(fields).not.toContain('set-cookie')
  if (OTHERS.includes(outcome)) {
    expect(fields).not.toContain('www-authenticate')
    return
  }
  expect(fields.filter((name) => name === 'www-authenticate')).toHaveLength(
    [401, 400].includes(status) || error !== undefined ? 1 : 0,
  )
  const challenge = answer.header('www-authenticate')
  const params = challenge === undefined ? undefined : parseChallenge(challenge).params
  const [realm, scope] = [params?.get('realm'), params?.get('scope')]
  expect(scope !== undefined).toBe(outcome === '403s')
  const told = code ?? (outcome === '401n' ? 'missing_token' : codeOf(answer))
  expect(OUTCOMES).toHaveProperty(told, STATUSES[outcome])
  const isHead = request?.('').startsWith('HEAD ') === true
  expectRefusal(answer, told as ReasonCode, { realm, scope, isHead })
}

/** One world for the rows that need nothing special: the strict profile, AS1, 30 s of tolerance. */
export const strictWorld = createWorld()
/** The same with the default profile. */
export const autoWorld = createWorld({ options: { profile: 'auto' } })
/** Both issuers trusted. */
export const bothWorld = createWorld({ options: { issuer: [AS1, AS2] } })

type Extras = Omit<Row, 'spec' | 'what' | 'outcome' | 'token'>

/** What every contradictory configuration throws; typed, since jest's matchers are `any`. */
export const refusedAtStart = expect.objectContaining({
  name: 'ConfigurationError',
  code: 'configuration_error',
}) as Error

/** A row in one line. */
export function attack(spec: string, what: string, outcome: Outcome, token: () => string, extras: Extras = {}): Row {
  return { spec, what, outcome, token, ...extras }
}

/** Several rows about one thing that differ in one value. */
export function family<Value>(
  subject: string,
  spec: string,
  values: Readonly<Record<string, Value>>,
  outcome: Outcome,
  token: (value: Value) => string,
  extras: Extras = {},
): readonly Row[] {
  return Object.entries(values).map(([name, value]) =>
    attack(spec, `${subject}: ${name}`, outcome, () => token(value), extras),
  )
}
