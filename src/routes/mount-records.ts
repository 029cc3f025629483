import { METHODS } from 'node:http'
import { isApp, isRouter, routerOf, type Layer } from './router-internals.js'

/** What a layer does not tell of what was registered. */
interface LayerRecord {
  /** Of a layer that stands in `use`. */
  readonly path?: unknown
  /** The app that is mounted there; Express wraps it into a function of its own. */
  readonly app?: object | undefined
  /** As it was registered: tracers put functions of their own around it. */
  readonly handler: object
}

const records = new WeakMap<Layer, LayerRecord>()
const recording = new WeakMap<object, Set<string>>()

export function mountRecordOf(layer: Layer): LayerRecord | undefined {
  return records.get(layer)
}

/** The function that was registered, whatever has been put around it since. */
export function handlerOf(layer: Layer): object {
  return records.get(layer)?.handler ?? layer.handle
}

/**
 * Has an app remember what is registered in it and where, and from the first time on the routers and routes of the same copy
 * of Express, too. What is called does what it did.
 */
export function recordMounts(app: object): void {
  wrap(app, 'use', (self, args) => {
    const router = routerOf(self)
    if (router !== undefined) recordUse(router, args)
  })
  // The router is made when it is first needed, with the settings of that moment. In Express 4 this makes it:
  if ('lazyrouter' in app) wrap(app, 'lazyrouter', recordRouterOf)
  else for (const name of ['use', 'route']) wrapBefore(app, name, recordRouterOf)
}

type Method = (this: object, ...args: unknown[]) => unknown

function wrap(
  owner: object,
  name: string,
  after: (self: object, args: readonly unknown[], answer: unknown) => void,
): void {
  replace(
    owner,
    name,
    'after',
    (method) =>
      function recordAfter(this: object, ...args: unknown[]): unknown {
        const answer = method.apply(this, args)
        after(this, args, answer)
        return answer
      },
  )
}

function wrapBefore(owner: object, name: string, before: (self: object) => void): void {
  replace(
    owner,
    name,
    'before',
    (method) =>
      function recordBefore(this: object, ...args: unknown[]): unknown {
        before(this)
        return method.apply(this, args)
      },
  )
}

/** Replaces a method, once. */
function replace(owner: object, name: string, when: string, make: (method: Method) => Method): void {
  const replaced = recording.get(owner) ?? new Set<string>()
  if (replaced.has(`${name} ${when}`)) return
  recording.set(owner, replaced.add(`${name} ${when}`))
  // Apps, routers and routes have a function there.
  Reflect.set(owner, name, make(Reflect.get(owner, name) as Method))
}

function recordRouterOf(app: object): void {
  const router = routerOf(app)
  const owner = router === undefined ? undefined : ownerOf(router, 'use')
  if (owner === undefined) return
  wrap(owner, 'use', recordUse)
  wrap(owner, 'route', (_self, _args, route) => {
    if (typeof route === 'object' && route !== null) recordRoutesLike(route)
  })
}

function recordRoutesLike(route: object): void {
  for (const name of ['all', ...METHODS.map((method) => method.toLowerCase())]) {
    const owner = ownerOf(route, name)
    if (owner !== undefined) wrap(owner, name, recordHandlers)
  }
}

/** The prototype that the routers, or the routes, of one copy of Express share. */
function ownerOf(object: object, name: string): object | undefined {
  let owner = Reflect.getPrototypeOf(object)
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Reflect.getPrototypeOf(owner)
  return owner ?? undefined
}

function recordUse(self: object, args: readonly unknown[]): void {
  if (!isRouter(self)) return
  const first = args.slice(0, 1).flat(Infinity)[0]
  const [path, functions] = typeof first === 'function' ? ['/', args] : [args[0], args.slice(1)]
  for (const [layer, handler] of layersOf(self.stack, functions)) {
    const app = isApp(handler) ? handler : undefined
    if (app !== undefined) recordMounts(app)
    records.set(layer, { path, app: app ?? records.get(layer)?.app, handler })
  }
}

function recordHandlers(route: object, args: readonly unknown[]): void {
  const stack: unknown = Reflect.get(route, 'stack')
  // A route keeps layers there.
  for (const [layer, handler] of layersOf(stack as readonly Layer[], args)) records.set(layer, { handler })
}

/** The layers that a call made are the last ones, one for each function. */
function layersOf(stack: readonly Layer[], functions: readonly unknown[]): readonly (readonly [Layer, object])[] {
  const handlers = functions.flat(Infinity).filter((handler) => typeof handler === 'function')
  const layers = handlers.length === 0 ? [] : stack.slice(-handlers.length)
  return layers.map((layer, at) => [layer, handlers[at] ?? layer.handle])
}
