import { METHODS } from 'node:http'
import { protectionOf } from '../express/protection.js'
import { ALL, doubt, type Guard } from './guard.js'
import { handlerOf } from './mount-records.js'
import type { Layer, Route } from './router-internals.js'

/** What runs for each method. `app.all` registers every method that there is, and that is shown as `ALL`. */
export function chainsOf({ stack, methods }: Route): ReadonlyMap<string, readonly Layer[]> {
  const chains = new Map<string, readonly Layer[]>()
  for (const name of Object.keys(methods)) {
    const chain = stack.filter(({ method }) => method === undefined || method === name)
    chains.set(name === '_all' ? ALL : name.toUpperCase(), chain)
  }
  const handlers = [...chains.values()].map((chain) => chain.map(handlerOf))
  const isOfAll = chains.size >= METHODS.length && handlers.every((list) => isSameList(list, handlers[0] ?? []))
  return isOfAll ? new Map([[ALL, [...chains.values()][0] ?? []]]) : chains
}

/**
 * The guards before the first handler of a route, and whether there is such a handler. A guard between two handlers, behind a
 * loader say, is told and protects nothing: the first may answer.
 */
export function guardsOf(chain: readonly Layer[]): readonly [guards: readonly Guard[], hasHandler: boolean] {
  const handlers = chain.map(handlerOf)
  const end = handlers.findIndex((handler) => protectionOf(handler) === undefined && !isErrorHandler(handler))
  const before = end === -1 ? handlers : handlers.slice(0, end)
  const guards = before.flatMap((handler, at): readonly Guard[] => {
    const describe = protectionOf(handler)
    if (describe === undefined) return []
    return [before.slice(at).some(isErrorHandler) ? doubt(describe, 'before an error handler') : describe]
  })
  if (end === -1) return [guards, false]
  const last = handlers.findLastIndex((handler) => protectionOf(handler) === undefined && !isErrorHandler(handler))
  const within = handlers.slice(end, last).flatMap((handler): readonly Guard[] => {
    const describe = protectionOf(handler)
    if (describe === undefined) return []
    return [doubt(describe, `behind ${nameOf(handlers[end])}`)]
  })
  return [[...guards, ...within], true]
}

export function isErrorHandler(handler: object): boolean {
  return typeof handler === 'function' && handler.length > 3
}

function nameOf(handler: unknown): string {
  return typeof handler === 'function' && handler.name !== '' ? handler.name : 'a handler'
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at])
}
