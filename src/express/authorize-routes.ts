import type { Request, RequestHandler } from 'express'
import { allOf } from '../policy/combine.js'
import { decide, type Denial, type Policy } from '../policy/decision.js'
import { bindVerdict } from './bind-verdict.js'
import { requirePolicy } from './guards.js'
import { declareProtection } from './protection.js'
import { readRecord } from './request-record.js'
import { readParameters, segmentsOf } from './route-pattern.js'
import { describeRows, matchRows, readRows, type Row } from './route-table.js'

type RowMethod = 'ALL' | 'DELETE' | 'GET' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT' | (string & {})

/** What protects which route: a method and a path, and the policy that must grant. */
export type RouteTable = Readonly<Record<`${RowMethod} /${string}`, Policy>>

/**
 * Lets a request through when every row of the table that matches it grants, and refuses what no row matches: 401 without a
 * token, 403 with one, whether there is a route or not.
 *
 * Mount it behind `optionalAuth()` if the table has rows that are {@link open}, else behind `requireAuth()`, and above the
 * routes and whatever else answers requests. A path is made of texts, parameters of a whole segment (`/orders/:id`) and
 * possibly `*` at the end (`/files/*`: `/files` and everything below); below `app.use('/api', authorizeRoutes(...))` it
 * begins after `/api`. `ALL` is any method, `HEAD` is judged as `GET`, and `OPTIONS` needs a row like any other. Policies see
 * the parameters of their row as `req.params`. Case and slashes too many never tell two paths apart here, whatever the
 * app's settings, since a router further in may have others.
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
export function authorizeRoutes(table: RouteTable): RequestHandler {
  const rows = readRows(table)

  const routeTable: RequestHandler = (req, res, next) => {
    const matched = matchRows(rows, req.method, req.path)
    const isPublic = matched.length > 0 && matched.every((row) => row.isOpen)
    let guard: RequestHandler
    try {
      guard = isPublic && readRecord(req) !== undefined ? goOn : requirePolicy(policyFor(req, matched))
    } catch (error) {
      next(error)
      return
    }
    guard(req, res, (error?: unknown) => {
      next(error ?? bindVerdict(req))
    })
  }
  return declareProtection(routeTable, (method, path) => describeRows(rows, method, path))
}

const goOn: RequestHandler = (_req, _res, next) => {
  next()
}

const noRow: Denial = { granted: false, code: 'access_denied', detail: 'no row of the route table matches the request' }

function policyFor(req: Request, matched: readonly Row[]): Policy {
  return matched.length === 0 ? () => noRow : allOf(...matched.map((row) => bindRow(req, row)))
}

/** A row's policy as it is for one request: it sees the parameters of its row, and its denial names the row. */
function bindRow(req: Request, { name, pattern, policy }: Row): Policy {
  const params: Request['params'] = Object.assign({}, req.params, decodeParameters(req, pattern))
  const judge: Policy = async (auth, _request, context) => {
    const before = req.params
    req.params = params
    try {
      const decision = await decide(policy, auth, req, context)
      return decision.granted ? decision : { ...decision, detail: `${name}: ${decision.detail}` }
    } finally {
      req.params = before
    }
  }
  return policy.scopes === undefined ? judge : Object.assign(judge, { scopes: policy.scopes })
}

/** @throws {URIError} With the status that Express gives it: 400. */
function decodeParameters(req: Request, pattern: Row['pattern']): Record<string, string> {
  try {
    return readParameters(pattern, segmentsOf(req.path))
  } catch (error) {
    throw Object.assign(new URIError('A parameter in the path is not percent-encoded UTF-8.', { cause: error }), {
      status: 400,
    })
  }
}
