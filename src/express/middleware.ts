import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'

/**
 * A middleware for Express that stands before any handler, whatever types that has for its params, its query, its body and
 * its locals: it asks no more of a request than that it is one.
 */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/** Takes a handler of Express for a middleware that fits everywhere. */
export function toMiddleware(handler: RequestHandler): Middleware {
  // Express calls it with its own request and response, however a user has typed theirs.
  return handler as Middleware
}
