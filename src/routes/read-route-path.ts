import { parsePattern, type RoutePattern } from './route-pattern.js'

/** Every path there is: `*` in Express 4, `/{*any}` in Express 5. */
const EVERYTHING = /^(?:\*|\/\*|\/\{\*\w+\})$/

/** Reads the path of a route of Express as a pattern for at least all that it takes; `undefined` where that is not known. */
export function readRoutePath(path: string | undefined): RoutePattern | undefined {
  if (path === undefined) return undefined
  if (isEverything(path)) return { segments: [], isTree: true }
  // The ends of a path that both versions have for everything below.
  return parsePattern(`/${path}`.replaceAll(/\/+/g, '/').replace(/(?:\{\/\*\w+\}|\/\{\*\w+\}|\/\*\w*)$/, '/*'))
}

/** Tells whether a route takes every path. */
export function isEverything(path: string): boolean {
  return EVERYTHING.test(path)
}
