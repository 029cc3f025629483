import type { Request, RequestHandler } from 'express'
import { ConfigurationError } from '../errors.js'
import { applyPolicy } from '../express/apply-policy.js'
import type { Middleware } from '../express/middleware.js'
import { declareProtection } from '../express/protection.js'
import { requireAuthentication } from '../express/request-record.js'
import { createRequestTable } from '../express/request-table.js'
import { isPending, whenSettled, type Eventual } from '../lib/eventual.js'
import type { JsonObject } from '../lib/strict-json.js'
import { allOf } from '../policy/combine.js'
import {
  decide,
  definePolicy,
  type Decision,
  type Denial,
  type Policy,
  type PolicyRequest,
} from '../policy/decision.js'
import { noteRoute } from '../policy/route-of.js'
import { bindVerdict } from './bind-verdict.js'
import { isOfAnyIssuer } from './openapi-security.js'
import { readRoutePath } from './read-route-path.js'
import { readPath, pathOfTarget, type RequestPath } from './request-path.js'
import { describeRows, matchRows, readRows, type Match, type Parameters, type Row } from './route-table.js'

type RowMethod = 'ALL' | 'DELETE' | 'GET' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT' | (string & {})

/** What protects which route: a method and a path, and the policy that must grant. */
export type RouteTable<Asked = PolicyRequest> = Readonly<Record<`${RowMethod} /${string}`, Policy<JsonObject, Asked>>>

/**
 * Lets a request through when every row of the table that matches it grants, and refuses what no row matches: 401 without a
 * token, 403 with one, whether there is a route or not.
 *
 * Mount it behind `optionalAuth()` if the table has rows that are `open()`, else behind `requireAuth()`, and above the
 * routes and whatever else answers requests. A path is made of texts, parameters of a whole segment (`/orders/:id`) and
 * possibly `*` at the end (`/files/*`: `/files` and everything below); below `app.use('/api', authorizeRoutes(...))` it
 * begins after `/api`. `ALL` is any method, `HEAD` is judged as `GET`, and `OPTIONS` needs a row like any other. Policies see
 * the parameters of their row as `req.params`.
 *
 * It grants narrowly and refuses widely: some row must have the path as it is written, and every row that matches it as
 * somebody further in may read it (decoded, in another case, with an encoded slash as one) must grant. What can be read in
 * still other ways, with dot segments or empty ones, is 400.
 *
 * This does NOT choose the best of several rows: for `/orders/mine` both that row and `/orders/:id` must grant. What changes
 * `req.url` or `req.method` belongs above it: a route that is reached by another URL than was judged ends in a
 * ConfigurationError.
 *
 * @example
 *   app.use(optionalAuth())
 *   app.use(
 *     authorizeRoutes({
 *       'GET /health': open(),
 *       'GET /orders/:id': scope('orders:read'),
 *       'POST /orders': allOf(scope('orders:write'), role('clerk')),
 *     }),
 *   )
 *
 * @throws {ConfigurationError} At start-up, on a row that is malformed, that stands twice, or that changes nothing.
 */
export function authorizeRoutes(table: RouteTable): Middleware
/** With rows that say of what type their requests are. By itself: a row that does not say it must still see a PolicyRequest. */
// eslint-disable-next-line @typescript-eslint/unified-signatures
export function authorizeRoutes(table: RouteTable<never>): Middleware
export function authorizeRoutes(table: RouteTable<never>): Middleware {
  const rows = readRows(table)
  const settled: Table = {
    rows,
    policyOf: createPolicies(rows),
    needsOneIssuer: rows.some(({ policy }) => isOfAnyIssuer(policy)),
  }

  const routeTable: RequestHandler = (req, res, next) => {
    let guard: RequestHandler
    try {
      guard = guardFor(req, settled)
    } catch (error) {
      next(error)
      return
    }
    guard(req, res, (error?: unknown) => {
      next(error ?? bindVerdict(req))
    })
  }
  return declareProtection(routeTable, (method, path) => describeRows(rows, method, readRoutePath(path)))
}

/** What is settled when a table is made. */
interface Table {
  readonly rows: readonly Row[]
  readonly policyOf: (req: Request, matched: readonly Match[]) => Policy
  readonly needsOneIssuer: boolean
}

/** @throws {ConfigurationError} When no auth middleware ran. */
function guardFor(req: Request, { rows, policyOf, needsOneIssuer }: Table): RequestHandler {
  const authentication = requireAuthentication(req, 'authorizeRoutes()')
  const { authenticator, refuser } = authentication
  if (needsOneIssuer && !authenticator.hasOneIssuer) {
    throw new ConfigurationError(
      'The OpenAPI document does not say whose tokens satisfy its security scheme, and several issuers are trusted: ' +
        'name them, routesFromOpenApi(document, { issuers: { SCHEME: ISSUER } }).',
    )
  }
  const path = readRequestPath(req)
  if (path === undefined) {
    const refusal = authenticator.refuse({ code: 'ambiguous_path' })
    return (_req, res, next) => {
      refuser(refusal, req, res, next)
    }
  }
  const matched = matchRows(rows, req.method, path)
  const isPublic = matched.length > 0 && matched.every(({ row }) => row.isOpen)
  if (isPublic) return goOn
  const policy = policyOf(req, matched)
  return (_req, res, next) => {
    applyPolicy(policy, authentication, req, res, next)
  }
}

/**
 * Reads the path of a request from here on; `undefined` where others may read it otherwise. What came is judged too, for
 * whoever goes by `req.originalUrl`, and what Express reads, which is not what stands there for every odd target.
 */
function readRequestPath(req: Request): RequestPath | undefined {
  const { url, originalUrl } = req
  if (originalUrl !== url && readPath(originalUrl) === undefined) return undefined
  const path = readPath(url)
  return path === undefined || url === '*' || pathOfTarget(url) === req.path ? path : undefined
}

const goOn: RequestHandler = (_req, _res, next) => {
  next()
}

const noRow: Denial = { granted: false, code: 'access_denied', detail: 'no row of the route table matches the request' }

const inNoRow: Policy = definePolicy({ description: 'no row' }, () => noRow)

/** Makes what judges the requests of a table. Most match one row, in one way: the policy of a row alone is made once. */
function createPolicies(rows: readonly Row[]): Table['policyOf'] {
  const parametersOf = createRequestTable<Request, Parameters>()
  const alone = new Map(
    rows.map((row) => [row, noteRoute(together([bindRow(row, (req) => parametersOf.get(req))]), pathOf(row))]),
  )
  return (req, matched) => {
    const ways = matched.flatMap(({ row, parameters }) => parameters.map((own) => ({ row, own })))
    const [way] = ways
    if (way === undefined) return inNoRow
    const policy = ways.length === 1 ? alone.get(way.row) : undefined
    if (policy === undefined) return together(ways.map(({ row, own }) => bindRow(row, () => own)))
    parametersOf.set(req, way.own)
    return policy
  }
}

/** The path of a row, as it was written. */
function pathOf({ name }: Row): string {
  return name.slice(name.indexOf('/'))
}

/** Whoever asks them has the request of Express that they are for. */
function together(policies: readonly Policy<JsonObject, Request>[]): Policy {
  return allOf<JsonObject, Request>(...policies) as Policy<JsonObject, never> as Policy
}

/** A row's policy as requests are judged by it: it sees the parameters of its row, and its denial names the row. */
function bindRow(
  { name, policy, description }: Row,
  parametersOf: (req: Request) => Parameters | undefined,
): Policy<JsonObject, Request> {
  const inRow = (decision: Decision): Decision =>
    decision.granted ? decision : { ...decision, detail: `${name}: ${decision.detail}` }
  return definePolicy({ description, scopes: policy.scopes ?? [] }, (auth, req: Request, context) => {
    const params: Request['params'] = Object.assign({}, req.params, parametersOf(req))
    return whenSettled(
      withParams(req, params, () => decide(policy, auth, req, context)),
      inRow,
    )
  })
}

/** Has a request other parameters until a decision is there. */
function withParams(req: Request, params: Request['params'], judge: () => Eventual<Decision>): Eventual<Decision> {
  const before = req.params
  const restore = (): void => {
    req.params = before
  }
  req.params = params
  let decision: Eventual<Decision>
  try {
    decision = judge()
  } catch (error) {
    restore()
    throw error
  }
  if (isPending(decision)) return decision.finally(restore)
  restore()
  return decision
}
