import type { RequestHandler } from 'express'
import { toMiddleware, type Middleware } from './middleware.js'

/** What a middleware of this library does for the routes behind it. */
export interface Protection {
  /** In a few words, for people. */
  readonly description: string
  /** No request without a valid token gets past it. */
  readonly isProtected: boolean
}

/**
 * Says what a middleware does for one route: its method (`ALL` for any), and its path as Express knows it, from where the
 * middleware is mounted; `undefined` where that cannot be told.
 */
export type Describe = (method: string, path: string | undefined) => Protection

/** Which middleware are ours. Names can be borrowed; this cannot. */
const protections = new WeakMap<object, Describe>()

/** Remembers what a middleware is, for the inventory of routes. */
export function declareProtection(middleware: RequestHandler, describe: Describe): Middleware {
  protections.set(middleware, describe)
  return toMiddleware(middleware)
}

/** What a middleware was declared to be; `undefined` for one that is not ours. */
export function protectionOf(middleware: object): Describe | undefined {
  return protections.get(middleware)
}
