import type { Request } from 'express'
import { ConfigurationError } from '../errors.js'
import type { Auth } from '../tokens/auth.js'
import { readRecord } from './request-record.js'

/**
 * Returns what the access token of a request says.
 *
 * This does NOT read `req.auth`, which anything may have set: it returns what an auth middleware of this library found.
 *
 * @example
 *   app.get('/orders', requireScope('orders:read'), (req, res) => res.json(ordersOf(getAuth(req).subject)))
 *
 * @throws {ConfigurationError} When no auth middleware ran, or the request is anonymous behind `optionalAuth`.
 */
export function getAuth(req: Request): Auth {
  const record = readRecord(req)
  if (record?.verified !== undefined) return record.verified.auth
  throw new ConfigurationError(
    record === undefined
      ? 'getAuth(req) needs requireAuth() before it: add app.use(requireAuth()) above the routes.'
      : 'getAuth(req) found an anonymous request: behind optionalAuth() read req.auth, or add a guard.',
  )
}
