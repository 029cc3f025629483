import type { RequestListener } from 'node:http'
import { ConfigurationError } from '../errors.js'
import { inspectRoutes, listMiddleware, type RouteReport } from './inspect-routes.js'
import { recordMounts } from './mount-records.js'
import { isApp } from './router-internals.js'

/** The routes of an app, and what protects them, as they are when one asks. */
export interface RouteInventory {
  /** The routes, in the order in which Express tries them. */
  routes(): readonly RouteReport[]
  /** The same as a table for people. */
  toString(): string
}

/**
 * Keeps an inventory of the routes of an app: each with what stands before it. It sees routers within routers and apps within
 * apps, on Express 4 and 5; since Express forgets the paths of what is mounted, call this before anything is.
 *
 * A route counts as protected only if `requireAuth()`, a guard or a row of a table is certain to run before its handlers. What
 * cannot be seen counts as unprotected: a guard behind a handler, a guard inside another function, a router whose path is
 * not known, a guard with an error handler between it and the route. Callbacks of `param` that run before every guard are
 * listed as `PARAM`. A function that stands in `use` with a path is listed as `USE`, since it may answer requests; one without a path
 * is taken for a middleware, and only named below the table.
 *
 * This does NOT change what the app does: what registers something on this app, and on routers and routes of the same copy of
 * Express, also remembers it from now on, whatever tracers put around it.
 *
 * @example
 *   const app = express()
 *   const inventory = trackRoutes(app)
 *   // ... routes ...
 *   console.log(String(inventory))
 *
 * @throws {ConfigurationError} When it is not given an app.
 */
export function trackRoutes(app: RequestListener): RouteInventory {
  if (!isApp(app)) throw new ConfigurationError('trackRoutes() takes an Express app: trackRoutes(app).')
  recordMounts(app)
  return {
    routes: () => inspectRoutes(app),
    toString: () => formatRoutes(inspectRoutes(app), listMiddleware(app)),
  }
}

function formatRoutes(routes: readonly RouteReport[], middleware: readonly string[]): string {
  const rows = routes.map(({ method, path, guards, isProtected }) => [
    method,
    path,
    isProtected ? guards.join(', ') : `NOTHING${guards.length === 0 ? '' : ` (${guards.join(', ')})`}`,
  ])
  const table = [['METHOD', 'PATH', 'PROTECTED BY'], ...rows]
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  const note = middleware.length === 0 ? [] : ['', `Not listed, since they have no path: ${middleware.join(', ')}`]
  return [...lines, ...note].join('\n')
}
