import { protectionOf } from '../express/protection.js'
import { handlerOf } from './mount-records.js'
import { isRouter, routerOf, type Layer, type Router } from './router-internals.js'

/** Lists the functions that an app runs and that are not of this library, those of its routers and routes as well. */
export function listHandlers(app: object): readonly object[] {
  const router = routerOf(app)
  return router === undefined ? [] : handlersOf(router, new Set())
}

function handlersOf(router: Router, within: ReadonlySet<Router>): readonly object[] {
  if (within.has(router)) return []
  const inner = new Set([...within, router])
  const ofLayer = (layer: Layer): readonly object[] => {
    const handler = handlerOf(layer)
    if (layer.route !== undefined) return layer.route.stack.flatMap(ofLayer)
    if (isRouter(handler)) return handlersOf(handler, inner)
    return protectionOf(handler) === undefined ? [handler] : []
  }
  return router.stack.flatMap(ofLayer)
}
