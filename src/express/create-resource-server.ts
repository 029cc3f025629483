import type { IncomingMessage } from 'node:http'
import type { ClaimsOf } from '../config/options.js'
import type { Policy, PolicyRequest } from '../policy/decision.js'
import { resourceServerOf, type ResourceServer as CoreResourceServer } from '../resource-server/resource-server.js'
import type { Auth } from '../tokens/auth.js'
import { authOf } from './get-auth.js'
import { createGuard } from './guards.js'
import type { Middleware } from './middleware.js'
import type { RequireAuthOptions } from './options.js'
import { findRecord, requireAuthentication } from './request-record.js'
import { createOptionalAuth, createParts, createRequireAuth } from './require-auth.js'

/**
 * One resource server: its middleware share keys, caches and options.
 *
 * @typeParam Claims - What the schema in the option `claims` makes of the claims.
 */
export interface ResourceServer<Claims = Auth['claims']> extends CoreResourceServer<Claims> {
  /** See the function of the same name; the options are those of the server. */
  requireAuth(): Middleware
  /** See the function of the same name; the options are those of the server. */
  optionalAuth(): Middleware
  /**
   * Returns what the access token of a request says, its claims typed by the schema in the option `claims`.
   *
   * @throws {ConfigurationError} When no auth middleware ran, when another server's did, or the request is anonymous.
   */
  readonly getAuth: (req: IncomingMessage) => Auth<Claims>
  /**
   * Like `getAuth`, but answers `undefined` for an anonymous request.
   *
   * @throws {ConfigurationError} When no auth middleware ran, or another server's did.
   */
  readonly findAuth: (req: IncomingMessage) => Auth<Claims> | undefined
  /**
   * See the function of the same name. A predicate sees the claims typed by the schema in the option `claims`, also within
   * `allOf`, `anyOf` and `not`. The request must have been judged by this server.
   */
  readonly requirePolicy: <Asked = PolicyRequest>(policy: Policy<Claims, Asked>) => Middleware
}

type ClaimsSchema = NonNullable<RequireAuthOptions['claims']>

/** Options whose schema decides what the claims are. */
type WithSchema<Schema> = Omit<RequireAuthOptions, 'claims'> & { readonly claims: Schema }
type WithoutSchema = RequireAuthOptions & { readonly claims?: undefined }

/**
 * Creates a resource server as an object, for when several routers share one, tokens come in other ways than requests, or
 * handlers and policies are to know the types of the claims.
 *
 * @example
 *   const server = createResourceServer({ issuer, audience, claims: z.looseObject({ tenant: z.string() }) })
 *   app.use(server.requireAuth())
 *   app.get('/orders', server.requirePolicy((auth) => auth.claims.tenant === 'acme'), (req, res) => {
 *     res.json(ordersOf(server.getAuth(req).claims.tenant))
 *   })
 *
 * @param options - Without them, `OAUTH_ISSUER` and `OAUTH_AUDIENCE` are read.
 * @throws {ConfigurationError} At start-up, when something is missing, unknown or contradictory.
 */
export function createResourceServer<Schema extends ClaimsSchema>(
  options: WithSchema<Schema>,
): ResourceServer<ClaimsOf<Schema>>
export function createResourceServer(options?: WithoutSchema): ResourceServer
/** Options of which it is not known whether they have a schema: nothing is known of the claims then. */
export function createResourceServer(options: RequireAuthOptions): ResourceServer<unknown>
export function createResourceServer(options: RequireAuthOptions = {}): ResourceServer {
  const parts = createParts(options, 'createResourceServer')
  const { authenticator } = parts
  return {
    ...resourceServerOf(authenticator, (auth, req) => {
      // The request is one of Express's where this server's middleware judged it.
      const authentication = findRecord(req as IncomingMessage)?.authentication
      return authentication?.authenticator === authenticator && authentication.verified?.auth === auth
        ? authentication.verified
        : undefined
    }),
    requireAuth: () => createRequireAuth(parts),
    optionalAuth: () => createOptionalAuth(parts),
    getAuth: (req) => authOf(requireAuthentication(req, 'getAuth(req)', authenticator)),
    findAuth: (req) => requireAuthentication(req, 'findAuth(req)', authenticator).verified?.auth,
    requirePolicy: (policy) => createGuard(policy, (req) => requireAuthentication(req, 'A guard', authenticator)),
  }
}
