import { METHODS } from 'node:http'
import { mountRecordOf } from './mount-records.js'
import { protectionOf, type Protection } from './protection.js'
import { parsePattern, segmentsOf, type RoutePattern } from './route-pattern.js'
import { isRouter, keptPathOf, routerOf, type Layer, type Route, type Router } from './router-internals.js'

/** A route of an app, and what stands before its handlers. */
export interface RouteReport {
  /** `ALL` for a handler of any method, `USE` for a function that stands in `use` with a path. */
  readonly method: string
  /** As it was registered, from the root of the app; `(?)` stands for what cannot be seen. */
  readonly path: string
  /** What stands before it, in order, or why that cannot be told. */
  readonly guards: readonly string[]
  /** Whether it is certain that no request without a valid token reaches it. */
  readonly isProtected: boolean
}

/** A middleware of ours, seen from one router: for a path of that router it answers what it does there, if it is certain to run. */
type Guard = (method: string, path: string | undefined) => Protection | undefined

const ALL = 'ALL'
const UNKNOWN = '(?)'
/** Every path there is: `*` in Express 4, `/{*any}` in Express 5. */
const EVERYTHING = /^(?:\*|\/\*|\/\{\*\w+\})$/

/** Lists the routes of an app, in the order in which Express tries them. */
export function inspectRoutes(app: object): readonly RouteReport[] {
  const router = routerOf(app)
  return router === undefined ? [] : inspectRouter(router, '', [], new Set())
}

/** The functions that stand in `use` of an app without a path: whether they answer requests cannot be told. */
export function listMiddleware(app: object): readonly string[] {
  const layers = routerOf(app)?.stack ?? []
  return layers
    .filter(
      (layer) => isOpaque(layer) && pathsOf(layer).includes('/') && !['query', 'expressInit'].includes(layer.name),
    )
    .map(({ name }) => name)
}

function inspectRouter(
  router: Router,
  prefix: string,
  outer: readonly Guard[],
  within: ReadonlySet<Router>,
): readonly RouteReport[] {
  if (within.has(router)) return []
  const guards = [...outer]
  const inner = new Set([...within, router])
  return router.stack.flatMap((layer) => {
    if (layer.route !== undefined) return inspectRoute(layer.route, prefix, guards)
    const describe = protectionOf(layer.handle)
    if (describe !== undefined) {
      const sensitive = router.caseSensitive === true
      for (const path of pathsOf(layer))
        guards.push((method, at) => describeBelow(describe, path, method, at, sensitive))
      return []
    }
    const mounted = mountedRouterOf(layer)
    return pathsOf(layer).flatMap((path) =>
      mounted === undefined
        ? inspectFunction(layer, path, prefix, guards)
        : inspectRouter(
            mounted,
            prefix + textOf(path),
            guards.map((guard) => shift(guard, path)),
            inner,
          ),
    )
  })
}

function inspectRoute(route: Route, prefix: string, guards: Guard[]): readonly RouteReport[] {
  const chains = [...chainsOf(route)]
  const paths: readonly unknown[] = [route.path].flat(Infinity)
  const reports = paths.flatMap((path) =>
    chains.flatMap(([method, chain]) => {
      const [own, hasHandler] = guardsOf(chain)
      return hasHandler ? [report(method, prefix, path, [...guards, ...own])] : []
    }),
  )
  // A chain of nothing but guards lets requests on to the next route of the same path.
  for (const [method, chain] of chains) {
    const [own, hasHandler] = guardsOf(chain)
    if (hasHandler) continue
    guards.push(
      ...paths.flatMap((path) =>
        own.map(
          (guard): Guard =>
            (...asked) =>
              onRoute(guard, path, method, ...asked),
        ),
      ),
    )
  }
  return reports
}

/** What runs for each method. `app.all` registers every method that there is, and that is shown as `ALL`. */
function chainsOf({ stack, methods }: Route): ReadonlyMap<string, readonly Layer[]> {
  const chains = new Map<string, readonly Layer[]>()
  for (const name of Object.keys(methods)) {
    const chain = stack.filter(({ method }) => method === undefined || method === name)
    chains.set(name === '_all' ? ALL : name.toUpperCase(), chain)
  }
  const handlers = [...chains.values()].map((chain) => chain.map(({ handle }) => handle))
  const isOfAll = chains.size >= METHODS.length && handlers.every((list) => isSameList(list, handlers[0] ?? []))
  return isOfAll ? new Map([[ALL, [...chains.values()][0] ?? []]]) : chains
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at])
}

/** The guards before the first handler of a route, and whether there is such a handler: a guard behind it protects nothing. */
function guardsOf(chain: readonly Layer[]): readonly [guards: readonly Guard[], hasHandler: boolean] {
  const end = chain.findIndex(({ handle }) => protectionOf(handle) === undefined && !isErrorHandler(handle))
  const before = end === -1 ? chain : chain.slice(0, end)
  const guards = before.flatMap(({ handle }): readonly Guard[] => {
    const describe = protectionOf(handle)
    return describe === undefined ? [] : [(method, path) => describe(method, patternOf(path))]
  })
  return [guards, end !== -1]
}

/** A function with a path may answer requests, and counts as a route of its own: Express cannot tell either. */
function inspectFunction(
  layer: Layer,
  path: unknown,
  prefix: string,
  guards: readonly Guard[],
): readonly RouteReport[] {
  const isApp = layer.name === 'mounted_app'
  if (!isOpaque(layer) || (path === '/' && !isApp)) return []
  const below = guards.map(
    (guard): Guard =>
      (method, at) =>
        guard(method, at === undefined ? undefined : `${at}/*`),
  )
  const route = report('USE', prefix, path, below)
  return [isApp ? { ...route, guards: [...route.guards, 'an app that was mounted before trackRoutes()'] } : route]
}

function report(method: string, prefix: string, path: unknown, guards: readonly Guard[]): RouteReport {
  const at = typeof path === 'string' ? path : undefined
  const protections = guards.flatMap((guard) => guard(method === 'USE' ? ALL : method, at) ?? [])
  return {
    method,
    path: `/${prefix}${textOf(path)}`.replaceAll(/\/{2,}/g, '/'),
    guards: protections.map(({ description }) => description),
    isProtected: protections.some((protection) => protection.isProtected),
  }
}

/** What a guard at one path of a router does for another path of the same router. */
function describeBelow(
  describe: (method: string, path: RoutePattern | undefined) => Protection,
  mount: unknown,
  method: string,
  path: string | undefined,
  sensitive: boolean,
): Protection | undefined {
  if (mount === '/') return describe(method, patternOf(path))
  if (typeof mount !== 'string' || path === undefined) return undefined
  const rest = restAfter(mount, path, sensitive)
  return rest === undefined ? undefined : describe(method, patternOf(rest))
}

/** A guard as the router at a path sees it. */
function shift(guard: Guard, mount: unknown): Guard {
  // The guard must be certain to run for the mount: slashes and case may differ from there on.
  return (method, path) => {
    if (typeof mount !== 'string') return guard(method, undefined)
    if (guard(method, mount) === undefined) return undefined
    return guard(method, path === undefined ? undefined : `${mount}${path}`)
  }
}

function onRoute(
  guard: Guard,
  own: unknown,
  ownMethod: string,
  method: string,
  path: string | undefined,
): Protection | undefined {
  if (ownMethod !== ALL && ownMethod !== method) return undefined
  return own === path || (typeof own === 'string' && EVERYTHING.test(own)) ? guard(method, path) : undefined
}

/** What is left of a path below a mount, if every request for the path passes the mount; within one router. */
function restAfter(mount: string, path: string, sensitive: boolean): string | undefined {
  if (mount === path) return '/'
  const whole = segmentsOf(path)
  const front = segmentsOf(mount)
  const isBelow = front.every((segment, at) => passes(segment, whole[at] ?? '', sensitive))
  return isBelow ? `/${whole.slice(front.length).join('/')}` : undefined
}

function passes(mount: string, segment: string, sensitive: boolean): boolean {
  if (!/^(?::?[\w\-.~%]+)$/.test(segment)) return false
  if (/^:\w+$/.test(mount)) return true
  if (!/^[\w\-.~%]+$/.test(mount)) return false
  return sensitive ? mount === segment : mount.toLowerCase() === segment.toLowerCase()
}

/** The paths of a route as a pattern, at least all of them; `undefined` where that is not known. */
function patternOf(path: string | undefined): RoutePattern | undefined {
  if (path === undefined) return undefined
  if (EVERYTHING.test(path)) return { segments: [], isTree: true }
  // The ends of a path that both versions have for everything below.
  return parsePattern(`/${path}`.replaceAll(/\/+/g, '/').replace(/(?:\{\/\*\w+\}|\/\{\*\w+\}|\/\*\w*)$/, '/*'))
}

function pathsOf(layer: Layer): readonly unknown[] {
  return [mountRecordOf(layer)?.path ?? keptPathOf(layer)].flat(Infinity)
}

function mountedRouterOf(layer: Layer): Router | undefined {
  const app = mountRecordOf(layer)?.app
  if (app !== undefined) return routerOf(app)
  return isRouter(layer.handle) ? layer.handle : undefined
}

function isOpaque(layer: Layer): boolean {
  if (layer.route !== undefined || protectionOf(layer.handle) !== undefined) return false
  return mountedRouterOf(layer) === undefined && !isErrorHandler(layer.handle)
}

function isErrorHandler(handler: object): boolean {
  return typeof handler === 'function' && handler.length > 3
}

function textOf(path: unknown): string {
  if (typeof path === 'string') return path === '/' ? '' : path
  return path instanceof RegExp ? String(path) : `/${UNKNOWN}`
}
