import express, { type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import { ConfigurationError, createResourceServer, open, type Policy } from 'express-resource-server'
import { authorizeRoutes } from 'express-resource-server/routes'
import { createTestIssuer } from 'express-resource-server/testing'
import fc from 'fast-check'
import { callApp } from '../kit/in-process.js'

/** A row of a generated table, and where its handler is registered: on the app, on routers within routers, or on an app in it. */
interface Row {
  readonly method: 'GET' | 'POST' | 'ALL'
  readonly segments: readonly string[]
  readonly isTree: boolean
  readonly isOpen: boolean
  /** How many segments each mount takes off before the route. */
  readonly mounts: readonly number[]
  readonly inApp: boolean
  readonly caseSensitive: boolean
  readonly strict: boolean
}

interface Case {
  readonly rows: readonly Row[]
  readonly caseSensitive: boolean
  readonly strict: boolean
  /** Where the table stands: on the app, or on the path that every row begins with. */
  readonly mounted: boolean
  readonly requests: readonly Sent[]
}

interface Sent {
  /** `own`: the method of the row. */
  readonly method: string
  readonly row: number
  readonly values: readonly string[]
  readonly mangle: readonly Mangle[]
  readonly granted: readonly number[]
  readonly isAnonymous: boolean
  /** What a middleware below the table makes of it. */
  readonly rewrite:
    { readonly row: number; readonly values: readonly string[]; readonly how: 'url' | 'method' } | undefined
}

interface Mangle {
  readonly kind: string
  readonly at: number
  readonly text: string
}

const segment = fc.constantFrom('a', 'orders', ':id', ':id', ':kind', 'caf%C3%A9')
const row: fc.Arbitrary<Row> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'ALL'),
  segments: fc.uniqueArray(segment, { maxLength: 3, selector: (text) => (text.startsWith(':') ? text : Symbol()) }),
  isTree: fc.boolean(),
  isOpen: fc.constantFrom(false, false, true),
  mounts: fc.array(fc.nat(2), { maxLength: 2 }),
  inApp: fc.boolean(),
  caseSensitive: fc.boolean(),
  strict: fc.boolean(),
})
const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'orders', '1', 'me', 'A', 'Orders') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('%2F', '%2e%2e', '..', '%ZZ', '%', '%00', '\0', '\\', '*', 'a;b=c', '%61', ':id', 'a:b'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
)
const mangle: fc.Arbitrary<Mangle> = fc.record({
  kind: fc.constantFrom('case', 'slash', 'slash', 'trailing', 'insert', 'host', 'query', 'encode'),
  at: fc.nat(20),
  text: fc.constantFrom(
    'http://x',
    'http://x\\a',
    'HTTP://a/b',
    '//x',
    '/..',
    '\\',
    '?',
    '#',
    '%2f',
    '\u00a0',
    '.',
    ';',
  ),
})
const sent: fc.Arbitrary<Sent> = fc.record({
  method: fc.constantFrom('own', 'own', 'own', 'own', 'own', 'GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE'),
  row: fc.nat(20),
  values: fc.array(value, { minLength: 4, maxLength: 4 }),
  mangle: fc.oneof(fc.constant([]), fc.array(mangle, { minLength: 1, maxLength: 2 })),
  granted: fc.oneof({ weight: 3, arbitrary: fc.constant([0, 1, 2, 3, 4]) }, fc.array(fc.nat(4), { maxLength: 4 })),
  isAnonymous: fc.constantFrom(false, false, false, true),
  rewrite: fc.option(
    fc.record({
      row: fc.nat(20),
      values: fc.array(value, { minLength: 4, maxLength: 4 }),
      how: fc.constantFrom('url' as const, 'method' as const),
    }),
    { nil: undefined, freq: 6 },
  ),
})
const aCase: fc.Arbitrary<Case> = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 5 }),
  caseSensitive: fc.boolean(),
  strict: fc.boolean(),
  mounted: fc.boolean(),
  requests: fc.array(sent, { minLength: 60, maxLength: 60 }),
})

const nameOf = ({ method, segments, isTree }: Row): string =>
  `${method} /${[...segments, ...(isTree ? ['*'] : [])].join('/')}`

/** The row's path as the Express of that version writes it. */
function expressPath(segments: readonly string[], isTree: boolean, version: 4 | 5): string {
  const path = `/${segments.join('/')}`
  if (!isTree) return path
  return `${path === '/' ? '' : path}/${version === 4 ? '*' : '*rest'}`
}

function urlOf({ segments, isTree }: Row, values: readonly string[], prefix: string): string {
  const parts = segments.map((part, at) => (part.startsWith(':') ? (values[at] ?? 'a') : part))
  return `${prefix}/${[...parts, ...(isTree ? [values[3] ?? 'a'] : [])].join('/')}`
}

function applyMangle(url: string, { kind, at, text }: Mangle): string {
  const position = at % (url.length + 1)
  const slashes = [...url.matchAll(/\//g)].map(({ index }) => index)
  const slash = slashes[at % Math.max(1, slashes.length)] ?? 0
  const char = url[position] ?? ''
  switch (kind) {
    case 'case':
      return (
        url.slice(0, position) +
        (at % 2 === 0 ? url.slice(position).toUpperCase() : char.toUpperCase() + url.slice(position + 1))
      )
    case 'slash':
      return `${url.slice(0, slash)}/${url.slice(slash)}`
    case 'trailing':
      return `${url}/`
    case 'host':
      return text + url
    case 'query':
      return `${url}?a=/b`
    case 'encode':
      return /\w/.test(char)
        ? `${url.slice(0, position)}%${char.charCodeAt(0).toString(16)}${url.slice(position + 1)}`
        : url
    default:
      return url.slice(0, position) + text + url.slice(position)
  }
}

interface Reached {
  readonly row: number
  readonly params: Readonly<Record<string, unknown>>
}

/** An app, and what happened in it, by the number of the request. */
interface World {
  readonly app: Express
  /** Which rows were asked, and the parameters that they saw: each set that somebody may read out of the path. */
  readonly judged: Map<string, Map<number, readonly Reached['params'][]>>
  /** Which row's handler ran. */
  readonly reached: Map<string, Reached>
}

type Factory = typeof express
/** What an app and a router have in common here. */
interface Registrar {
  use(path: string, ...handlers: RequestHandler[]): unknown
  get(path: string, handler: RequestHandler): unknown
  post(path: string, handler: RequestHandler): unknown
  all(path: string, handler: RequestHandler): unknown
}

const idOf = (req: { readonly headers: Readonly<Record<string, unknown>> }): string => String(req.headers['x-id'])

/** Makes the table, or answers `undefined` where the library refuses it. */
function tableOf({ rows }: Case, judged: World['judged']): RequestHandler | undefined {
  const policyOf =
    (index: number): Policy =>
    (_auth, req) => {
      const id = idOf(req)
      const ofRequest = judged.get(id) ?? new Map<number, readonly Reached['params'][]>()
      judged.set(id, ofRequest.set(index, [...(ofRequest.get(index) ?? []), { ...req.params }]))
      return String(req.headers['x-granted']).split(' ').includes(String(index))
    }
  const entries = rows.map((one, index) => [nameOf(one), one.isOpen ? open() : policyOf(index)] as const)
  if (new Set(entries.map(([name]) => name)).size < entries.length) return undefined
  try {
    return authorizeRoutes(Object.fromEntries(entries))
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined
    throw error
  }
}

const rewrite: RequestHandler = (req, _res, next) => {
  const [url, method] = [req.headers['x-rewrite-url'], req.headers['x-rewrite-method']]
  if (typeof url === 'string') req.url = decodeURIComponent(url)
  if (typeof method === 'string') req.method = method
  next()
}

/** Registers a handler at the pattern of its row, on the app or as deep inside as the row says. */
function register(
  app: Express,
  factory: Factory,
  version: 4 | 5,
  row: Row,
  prefix: string,
  handler: RequestHandler,
): void {
  let at = app as Registrar
  let rest = row.segments
  let path = prefix
  for (const count of row.mounts) {
    const { caseSensitive, strict } = row
    const inner = row.inApp ? factory() : factory.Router({ caseSensitive, strict })
    path += rest
      .slice(0, count)
      .map((part) => `/${part}`)
      .join('')
    rest = rest.slice(count)
    at.use(path === '' ? '/' : path, inner)
    at = inner as Registrar
    path = ''
  }
  const method = row.method.toLowerCase() as 'get' | 'post' | 'all'
  at[method](
    rest.length === 0 && path !== '' && !row.isTree ? path : path + expressPath(rest, row.isTree, version),
    handler,
  )
}

function build(factory: Factory, version: 4 | 5, made: Case, auth: RequestHandler): World | undefined {
  const judged: World['judged'] = new Map()
  const reached: World['reached'] = new Map()
  const table = tableOf(made, judged)
  if (table === undefined) return undefined

  const app = factory()
  // Express logs what goes to its own error handler, but for apps whose env is "test".
  app.set('env', 'test')
  app.set('case sensitive routing', made.caseSensitive)
  app.set('strict routing', made.strict)
  // A mounted table never sees what is moved to its path below it.
  app.use(made.mounted ? '/v1' : '/', auth, table, rewrite)
  made.rows.forEach((row, index) => {
    register(app, factory, version, row, made.mounted ? '/v1' : '', (req, res) => {
      reached.set(idOf(req), { row: index, params: { ...req.params } })
      res.end()
    })
  })
  return { app, judged, reached }
}

function headersOf(one: Sent, id: string, token: string, rewritten: Row, prefix: string): Record<string, string> {
  const headers: Record<string, string> = { 'X-Id': id, 'X-Granted': one.granted.join(' ') }
  if (!one.isAnonymous) headers['Authorization'] = `Bearer ${token}`
  if (one.rewrite?.how === 'method') headers['X-Rewrite-Method'] = 'POST'
  if (one.rewrite?.how === 'url') {
    headers['X-Rewrite-Url'] = encodeURIComponent(urlOf(rewritten, one.rewrite.values, prefix))
  }
  return headers
}

const pick = (rows: readonly Row[], index: number): Row => {
  const row = rows[index % rows.length]
  if (row === undefined) throw new Error('A table has rows.')
  return row
}

/** What came of a request: refused, rewritten, or reached with so many parameters that were compared. */
type Outcome = 'refused' | 'rewritten' | 'nothing' | number

/** Sends one request, and fails when it reaches a handler whose row would refuse it. */
async function judge(world: World, made: Case, one: Sent, id: string, token: string): Promise<Outcome> {
  const prefix = made.mounted ? '/v1' : ''
  const target = pick(made.rows, one.row)
  const own = target.method === 'ALL' ? 'PATCH' : target.method
  const url = one.mangle.reduce(applyMangle, urlOf(target, one.values, prefix))
  const headers = headersOf(one, id, token, pick(made.rows, one.rewrite?.row ?? 0), prefix)
  const response = await callApp(world.app, { method: one.method === 'own' ? own : one.method, url, headers })

  const reached = world.reached.get(id)
  if (reached === undefined) {
    if (response.body.includes('was changed after authorizeRoutes')) return 'rewritten'
    return [401, 403].includes(response.status) ? 'refused' : 'nothing'
  }
  return compare(reached, pick(made.rows, reached.row), one, url, world.judged.get(id)?.get(reached.row))
}

/** The row of the handler that ran must have granted, and have seen the parameters that the handler sees. */
function compare(reached: Reached, row: Row, one: Sent, url: string, seen: readonly Reached['params'][] = []): number {
  const isGranted = row.isOpen || (!one.isAnonymous && one.granted.includes(reached.row))
  expect([nameOf(row), url, isGranted]).toEqual([nameOf(row), url, true])
  if (row.isOpen) return 0
  const names = Object.keys(reached.params).filter((name) => name === 'id' || name === 'kind')
  const isSeen = seen.some((params) => names.every((name) => params[name] === reached.params[name]))
  expect([url, reached.params, isSeen]).toEqual([url, reached.params, true])
  return names.length
}

const versions = [
  ['4', 4, express4],
  ['5', 5, express],
] as const

test.each(versions)(
  'no request reaches a handler whose row would refuse it (Express %s)',
  async (_name, version, factory) => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const auth = createResourceServer(issuer.options).optionalAuth()
    const token = await issuer.accessToken()
    const outcomes: Outcome[] = []

    await fc.assert(
      fc.asyncProperty(aCase, async (made) => {
        const world = build(factory, version, made, auth)
        fc.pre(world !== undefined)
        for (const [position, one] of made.requests.entries()) {
          outcomes.push(await judge(world, made, one, String(position), token))
        }
      }),
      { numRuns: 400, endOnFailure: true },
    )

    const count = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length
    expect(outcomes.length).toBeGreaterThan(20_000)
    expect(count((outcome) => outcome === 'refused')).toBeGreaterThan(2000)
    expect(count((outcome) => outcome === 'rewritten')).toBeGreaterThan(500)
    expect(count((outcome) => typeof outcome === 'number')).toBeGreaterThan(1500)
    expect(count((outcome) => typeof outcome === 'number' && outcome > 0)).toBeGreaterThan(100)
  },
  300_000,
)
