import type { IncomingMessage } from 'node:http'
import { ConfigurationError } from '../errors.js'
import type { Auth } from '../tokens/auth.js'
import { requireAuthentication, type Authentication } from './request-record.js'

/**
 * Returns what the access token of a request says.
 *
 * This does NOT read `req.auth`, which anything may have set: it returns what an auth middleware of this library found.
 *
 * @example
 *   app.get('/orders', requireScope('orders:read'), (req, res) => res.json(ordersOf(getAuth(req).subject)))
 *
 * @throws {ConfigurationError} When no auth middleware ran, or the request is anonymous: see {@link findAuth}.
 */
export function getAuth(req: IncomingMessage): Auth {
  return authOf(requireAuthentication(req, 'getAuth(req)'))
}

/** Reads what the access token of a request says out of what an auth middleware found out. */
export function authOf({ verified }: Authentication): Auth {
  if (verified !== undefined) return verified.auth
  throw new ConfigurationError(
    'getAuth(req) found an anonymous request: behind optionalAuth() call findAuth(req), or add a guard.',
  )
}
