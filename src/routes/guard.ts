import type { Describe, Protection } from '../express/protection.js'
import { restAfter } from './mount-path.js'
import { isEverything } from './read-route-path.js'

/** A middleware of ours, seen from one router: for a path of that router it answers what it does there, if it is certain to run. */
export type Guard = (method: string, path: string | undefined) => Protection | undefined

/** Any method, as `app.all` takes it. */
export const ALL = 'ALL'

/** What stands in `use` at a path of a router, as that router sees it. */
export function mountedAt(mount: unknown, describe: Describe, sensitive: boolean): Guard {
  if (mount === '/') return describe
  return (method, path) => {
    if (typeof mount !== 'string' || path === undefined) return undefined
    const rest = restAfter(mount, path, sensitive)
    return rest === undefined ? undefined : describe(method, rest)
  }
}

/** A guard in a route that lets requests on, for the routes after that one. */
export function ofRoute(guard: Guard, own: unknown, ownMethod: string): Guard {
  return (method, path) => {
    if (ownMethod !== ALL && ownMethod !== method) return undefined
    return own === path || (typeof own === 'string' && isEverything(own)) ? guard(method, path) : undefined
  }
}

/** A guard as the router at a path sees it. */
export function shift(guard: Guard, mount: unknown): Guard {
  // The guard must be certain to run for the mount: slashes and case may differ from there on.
  return (method, path) => {
    if (typeof mount !== 'string') return guard(method, undefined)
    if (guard(method, mount) === undefined) return undefined
    return guard(method, path === undefined ? undefined : `${mount}${path}`)
  }
}

/** A guard for all that is below a path. */
export function below(guard: Guard): Guard {
  return (method, path) => guard(method, path === undefined ? undefined : `${path}/*`)
}

/** A guard whose error an error handler may have answered with `next()`, or before which something may have answered. */
export function doubt(guard: Guard, where: string): Guard {
  return (method, path) => {
    const protection = guard(method, path)
    return protection?.isProtected === true
      ? { description: `${protection.description} ${where}`, isProtected: false }
      : protection
  }
}
