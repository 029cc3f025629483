import type { IncomingMessage } from 'node:http'
import type { Auth } from '../tokens/auth.js'
import { requireAuthentication } from './request-record.js'

/**
 * Returns what the access token of a request says, or `undefined` for an anonymous one: for handlers behind
 * {@link optionalAuth}.
 *
 * This does NOT make up for an auth middleware that is missing: without one it throws, as `getAuth` does.
 *
 * @example
 *   app.get('/articles', optionalAuth(), (req, res) => res.json(articlesFor(findAuth(req)?.subject)))
 *
 * @throws {ConfigurationError} When no auth middleware ran.
 */
export function findAuth(req: IncomingMessage): Auth | undefined {
  return requireAuthentication(req, 'findAuth(req)').verified?.auth
}
