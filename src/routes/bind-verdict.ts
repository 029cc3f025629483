import type { Request } from 'express'
import { ConfigurationError } from '../errors.js'
import { recordOf, type Judged } from '../express/request-record.js'

/**
 * Binds what was granted to the method and the path that were judged: a route that takes the request under another one gets
 * an error in place of the request. Answers the error where an earlier verdict was about something else.
 *
 * Express writes `req.route` twice: when it has found the route of a request, and when it runs it, after `app.param` callbacks.
 * An error that is thrown at the second writing goes to `next`, where one at the first could end the process. Nobody else is
 * thrown at, so that whatever reads the request in between changes nothing.
 *
 * This does NOT see what takes a request without being a route: a function that stands in `app.use`.
 *
 * @see {@link https://github.com/pillarjs/router/blob/v2.2.0/lib/route.js | Route.prototype.dispatch}, alike in Express 4
 */
export function bindVerdict(req: Request): ConfigurationError | undefined {
  const judged: Judged = { method: req.method, path: wholePathOf(req) }
  const record = recordOf(req)
  if (record.judged !== undefined) return isAlike(record.judged, judged) ? undefined : rewritten()
  record.judged = judged
  watch(req, judged)
  return undefined
}

function watch(req: Request, judged: Judged): void {
  let route: unknown = req.route
  let isFirst = true
  Object.defineProperty(req, 'route', {
    configurable: false,
    enumerable: true,
    get: () => route,
    // Of a request that was derived from this one, the derived one is judged.
    set(this: Request, value: unknown) {
      // Whoever writes the same route once more is the route itself, or was here before.
      const isRun = !isFirst && value === route
      isFirst = false
      route = value
      if (isRun && !isAlike(judged, { method: this.method, path: wholePathOf(this) })) throw rewritten()
    },
  })
}

function isAlike(judged: Judged, { method, path }: Judged): boolean {
  return judged.method === method && judged.path === path
}

/** The path from the root, however deep the routers are that have taken parts of it off. */
function wholePathOf({ baseUrl, path }: Request): string {
  return `${baseUrl}/${path}`.replace(/\/+/g, '/').replace(/\/$/, '')
}

function rewritten(): ConfigurationError {
  return new ConfigurationError(
    'req.url or req.method was changed after authorizeRoutes() had judged the request: put what changes them above it.',
  )
}
