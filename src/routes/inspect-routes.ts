import { protectionOf } from '../express/protection.js'
import { ALL, below, doubt, mountedAt, ofRoute, shift, type Guard } from './guard.js'
import { handlerOf, mountRecordOf } from './mount-records.js'
import { chainsOf, guardsOf, isErrorHandler } from './route-chains.js'
import { isRouter, keptPathOf, routerOf, type Layer, type Route, type Router } from './router-internals.js'

/** A route of an app, and what stands before its handlers. */
export interface RouteReport {
  /**
   * `ALL` for a handler of any method, `USE` for a function that stands in `use` with a path, `PARAM` for callbacks of `param`
   * that run for a path before what protects it.
   */
  readonly method: string
  /** As it was registered, from the root of the app; `(?)` stands for what cannot be seen. */
  readonly path: string
  /** What stands before it, in order, or why that cannot be told. */
  readonly guards: readonly string[]
  /** Whether it is certain that no request without a valid token reaches it. */
  readonly isProtected: boolean
}

const UNKNOWN = '(?)'

/** Lists the routes of an app, in the order in which Express tries them. */
export function inspectRoutes(app: object): readonly RouteReport[] {
  const router = routerOf(app)
  const reports = router === undefined ? [] : inspectRouter(router, '', [], new Set())
  const isFirst = ({ method, path }: RouteReport, at: number): boolean =>
    at === reports.findIndex((other) => other.method === method && other.path === path)
  return reports.filter((report, at) => report.method !== 'PARAM' || isFirst(report, at))
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
    const callbacks = inspectCallbacks(router, layer, prefix, guards)
    if (layer.route !== undefined) return [...callbacks, ...inspectRoute(layer.route, prefix, guards)]
    const describe = protectionOf(handlerOf(layer))
    if (describe !== undefined) {
      guards.push(...pathsOf(layer).map((path) => mountedAt(path, describe, router.caseSensitive === true)))
      return callbacks
    }
    // Errors of the guards of outer routers do not come in here.
    if (isErrorHandler(handlerOf(layer)))
      guards.splice(
        outer.length,
        Infinity,
        ...guards.slice(outer.length).map((guard) => doubt(guard, 'before an error handler')),
      )
    const mounted = mountedRouterOf(layer)
    const reports = pathsOf(layer).flatMap((path) =>
      mounted === undefined
        ? inspectFunction(layer, path, prefix, guards)
        : inspectRouter(
            mounted,
            prefix + textOf(path),
            guards.map((guard) => shift(guard, path)),
            inner,
          ),
    )
    return [...callbacks, ...reports]
  })
}

/**
 * The callbacks of `param` that run for a layer, before a guard that is in it: they may answer. Those that only run behind a
 * guard are like any other middleware.
 */
function inspectCallbacks(
  router: Router,
  layer: Layer,
  prefix: string,
  guards: readonly Guard[],
): readonly RouteReport[] {
  const names = Object.keys(router.params ?? {})
  if (names.length === 0) return []
  const { route } = layer
  // Express runs the callbacks of a route for HEAD, whether it has the method or not.
  const methods = route === undefined ? ['USE'] : [...chainsOf(route).keys(), 'HEAD']
  const asked = route === undefined ? guards.map(below) : guards
  const paths: readonly unknown[] = route === undefined ? pathsOf(layer) : [route.path].flat(Infinity)
  return paths
    .filter((path) => typeof path !== 'string' || names.some((name) => hasParameter(path, name)))
    .flatMap((path) => {
      const open = methods.map((method) => report(method, prefix, path, asked)).find(({ isProtected }) => !isProtected)
      return open === undefined ? [] : [{ ...open, method: 'PARAM' }]
    })
}

function hasParameter(path: string, name: string): boolean {
  return [...path.matchAll(/[:*](?:"([^"]+)"|([\p{ID_Continue}$]+))/gu)].some(
    ([, quoted, plain]) => (quoted ?? plain) === name,
  )
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
  const hasHead = chains.some(([method]) => method === 'HEAD')
  for (const [method, chain] of chains) {
    const [own, hasHandler] = guardsOf(chain)
    // HEAD goes by its own chain where the route has one, and may be answered by a later route for GET.
    if (hasHandler || (method === 'GET' && hasHead)) continue
    guards.push(...paths.flatMap((path) => own.map((guard) => ofRoute(guard, path, method))))
  }
  return reports
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
  const route = report('USE', prefix, path, guards.map(below))
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

function pathsOf(layer: Layer): readonly unknown[] {
  return [mountRecordOf(layer)?.path ?? keptPathOf(layer)].flat(Infinity)
}

function mountedRouterOf(layer: Layer): Router | undefined {
  const app = mountRecordOf(layer)?.app
  if (app !== undefined) return routerOf(app)
  const handler = handlerOf(layer)
  return isRouter(handler) ? handler : undefined
}

function isOpaque(layer: Layer): boolean {
  const handler = handlerOf(layer)
  if (layer.route !== undefined || protectionOf(handler) !== undefined) return false
  return mountedRouterOf(layer) === undefined && !isErrorHandler(handler)
}

function textOf(path: unknown): string {
  if (typeof path === 'string') return path === '/' ? '' : path
  return path instanceof RegExp ? String(path) : `/${UNKNOWN}`
}
