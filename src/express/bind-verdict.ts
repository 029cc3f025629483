import type { Request } from 'express'
import { ConfigurationError } from '../errors.js'
import { createRequestTable } from './request-table.js'

/** What was judged. */
interface Verdict {
  readonly method: string
  readonly path: string
}

const verdicts = createRequestTable<Request, Verdict>()

/**
 * Binds what was granted to the method and the path that were judged: a route that takes the request under another one gets
 * an error in place of the request. Answers the error where an earlier verdict was about something else.
 *
 * Express writes `req.route` when it has found the route of a request and reads `req.method` when it runs it, and in between
 * nothing but `app.param` callbacks runs. An error that is thrown at this reading goes to `next`, where one thrown at the
 * writing could end the process.
 *
 * This does NOT see what takes a request without being a route: a function that stands in `app.use`.
 */
export function bindVerdict(req: Request): ConfigurationError | undefined {
  const verdict: Verdict = { method: req.method, path: wholePathOf(req) }
  const earlier = verdicts.get(req)
  if (earlier !== undefined) return isAbout(earlier, verdict.method, verdict.path) ? undefined : rewritten()
  verdicts.set(req, verdict)
  watch(req, verdict)
  return undefined
}

function watch(req: Request, verdict: Verdict): void {
  let route: unknown = req.route
  let { method } = req
  let isForeign = false
  Object.defineProperties(req, {
    route: {
      configurable: true,
      enumerable: true,
      get: () => route,
      set(value: unknown) {
        route = value
        isForeign = !isAbout(verdict, method, wholePathOf(req))
      },
    },
    method: {
      configurable: true,
      enumerable: true,
      get() {
        if (!isForeign) return method
        // Once: error handlers read the method, too.
        isForeign = false
        throw rewritten()
      },
      set(value: string) {
        method = value
      },
    },
  })
}

function isAbout(verdict: Verdict, method: string, path: string): boolean {
  return verdict.method === method && verdict.path === path
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
