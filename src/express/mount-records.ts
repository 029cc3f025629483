import { isApp, isRouter, routerOf, type Layer, type Router } from './router-internals.js'

/** What Express forgets of a layer that stands in `use`. */
interface MountRecord {
  readonly path: unknown
  /** The app that is mounted there; Express wraps it into a function of its own. */
  readonly app: object | undefined
}

const records = new WeakMap<Layer, MountRecord>()
const recording = new WeakSet<object>()

export function mountRecordOf(layer: Layer): MountRecord | undefined {
  return records.get(layer)
}

/**
 * Has an app remember what is mounted in it and where, and from the first `use` on the routers of the same copy of Express,
 * too. `use` does what it did.
 */
export function recordMounts(app: object): void {
  wrapUse(app, (args) => {
    const router = routerOf(app)
    if (router === undefined) return
    const owner = ownerOfUse(router)
    if (owner !== undefined) wrapUse(owner, recordLayers)
    recordLayers(args, router)
  })
}

type Use = (this: object, ...args: unknown[]) => unknown

function wrapUse(owner: object, record: (args: readonly unknown[], self: object) => void): void {
  if (recording.has(owner)) return
  recording.add(owner)
  // Apps and routers have a function there.
  const use = Reflect.get(owner, 'use') as Use
  Reflect.set(owner, 'use', function useAndRecord(this: object, ...args: unknown[]): unknown {
    const answer = use.apply(this, args)
    record(args, this)
    return answer
  })
}

/** The prototype that the routers of one copy of Express share. */
function ownerOfUse(router: object): object | undefined {
  let owner = Reflect.getPrototypeOf(router)
  while (owner !== null && !Object.hasOwn(owner, 'use')) owner = Reflect.getPrototypeOf(owner)
  return owner ?? undefined
}

/** The layers that a call of `use` made are the last ones, one for each function. */
function recordLayers(args: readonly unknown[], self: Router | object): void {
  if (!isRouter(self)) return
  const first = args.slice(0, 1).flat(Infinity)[0]
  const [path, functions] = typeof first === 'function' ? ['/', args] : [args[0], args.slice(1)]
  const mounted = functions.flat(Infinity)
  const layers = self.stack.slice(-mounted.length)
  for (const [at, layer] of layers.entries()) {
    const handler = mounted[at]
    const app = isApp(handler) ? handler : undefined
    if (app !== undefined) recordMounts(app)
    records.set(layer, { path, app: app ?? records.get(layer)?.app })
  }
}
