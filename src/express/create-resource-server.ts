import type { RequestHandler } from 'express'
import type { Auth } from '../tokens/auth.js'
import type { TokenReport } from '../tokens/explain-token.js'
import type { RequireAuthOptions } from './options.js'
import { createOptionalAuth, createParts, createRequireAuth } from './require-auth.js'

/** One resource server: its middleware share keys, caches and options. */
export interface ResourceServer {
  /** See the function of the same name; the options are those of the server. */
  requireAuth(): RequestHandler
  /** See the function of the same name; the options are those of the server. */
  optionalAuth(): RequestHandler
  /**
   * Judges a token that came some other way than in a request, over a WebSocket say.
   *
   * @throws {AuthError} When it is bad.
   * @throws {UnavailableError} When it cannot be told.
   */
  verifyToken(token: string): Promise<Auth>
  /**
   * Reports on a token, check by check, for whoever has to find out why it is refused. It never throws for a bad token, and
   * runs the same checks as a request, but all of them. The report may name claims: it is for operators, not for callers.
   */
  explainToken(token: string): Promise<TokenReport>
  /** Fetches the keys of every listed issuer that has none yet: for a readiness probe. Rejects while they cannot be had. */
  ready(): Promise<void>
  /** Ends fetches that are under way. Nothing else keeps the process alive. */
  close(): void
}

/**
 * Creates a resource server as an object, for when several routers share one, or tokens come in other ways than requests.
 *
 * @example
 *   const server = createResourceServer({ issuer: 'https://login.example.com', audience: 'https://api.example.com' })
 *   app.get('/ready', (req, res) => server.ready().then(() => res.sendStatus(204), () => res.sendStatus(503)))
 *   app.use(server.requireAuth())
 *
 * @param options - Without them, `OAUTH_ISSUER` and `OAUTH_AUDIENCE` are read.
 * @throws {ConfigurationError} At start-up, when something is missing, unknown or contradictory.
 */
export function createResourceServer(options: RequireAuthOptions = {}): ResourceServer {
  const parts = createParts(options, 'createResourceServer')
  const { server } = parts
  return {
    requireAuth: () => createRequireAuth(parts),
    optionalAuth: () => createOptionalAuth(parts),
    verifyToken: async (token) => (await server.verifyToken(token)).auth,
    explainToken: (token) => server.explainToken(token),
    ready: () => server.ready(),
    close: () => {
      server.close()
    },
  }
}
