import type { RequestHandler } from 'express'
import { resolveResourceMetadata, type ResourceMetadata } from '../config/resource-metadata.js'
import { createGuard } from '../express/guards.js'
import type { Middleware } from '../express/middleware.js'
import { createResourceMetadata, targetOf } from '../express/protected-resource-metadata.js'
import { declareProtection } from '../express/protection.js'
import { recordOf, requireAuthentication, showAuth } from '../express/request-record.js'
import { createParts, createRequireAuth } from '../express/require-auth.js'
import { createEffectiveScopes } from '../policy/effective-scopes.js'
import { warnOnce } from '../warnings.js'
import { createToAuthInfo, type ToAuthInfo } from './auth-info.js'
import { createCrossOrigin } from './cross-origin.js'
import { sortOptions, type McpOptions } from './options.js'
import { parseMessage } from './parse-message.js'
import { createTokenVerifier, type InvalidToken, type McpTokenVerifier } from './token-verifier.js'
import { createToolGuard } from './tool-guard.js'

/** What stands before an MCP server. Its middleware share keys, caches and options. */
export interface McpResourceServer {
  /** Publishes the metadata of the resource. Mount it on the app itself, above everything that refuses. */
  protectedResourceMetadata(): Middleware
  /**
   * Lets a request on when it presents a token that suffices: for the endpoint, and for the tool that it calls. Mount it where
   * the resource is. What comes behind it finds an `AuthInfo` of the SDK in `req.auth`, an `Auth` with `getAuth(req)`, and,
   * with the option `tools`, the parsed body in `req.body`.
   */
  requireAuth(): Middleware
  /**
   * Makes an `OAuthTokenVerifier` for `requireBearerAuth` of the SDK, where that has to stay.
   *
   * It does NOT ask the policies, and what cannot be told is 500 there instead of 503: `requireAuth` does better.
   *
   * @param invalidToken - Makes the SDK's error: `(message) => new InvalidTokenError(message)` in its first version,
   *   `(message) => new OAuthError(OAuthErrorCode.InvalidToken, message)` in its second.
   */
  tokenVerifier(invalidToken: InvalidToken): McpTokenVerifier
  /** Fetches the keys of every listed issuer that has none yet: for a readiness probe. Rejects while they cannot be had. */
  ready(): Promise<void>
  /** Ends fetches that are under way. Nothing else keeps the process alive. */
  close(): void
}

/**
 * Creates what makes an MCP server a resource server: its metadata, the judging of tokens, a policy for each tool, and what
 * pages of other origins need. It loads nothing of an SDK.
 *
 * @example
 *   const mcp = createMcpResourceServer({ issuer, resource: 'https://api.example.com/mcp', policy: scope('notes:read') })
 *   app.use(mcp.protectedResourceMetadata())
 *   app.use('/mcp', mcp.requireAuth())
 *
 * @param options - Without them, `OAUTH_AUDIENCE` is the resource and `OAUTH_ISSUER` its issuer.
 * @throws {ConfigurationError} At start-up, when something is missing, unknown or contradictory.
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP, Authorization}
 */
export function createMcpResourceServer(options: McpOptions = {}): McpResourceServer {
  const { auth, metadata, policy, tools, allowedOrigins, scopes } = sortOptions(options)
  const own = resolveResourceMetadata(metadata, process.env)
  const parts = createParts({ ...auth, audience: auth.audience ?? own.resource }, 'createMcpResourceServer')
  const { authenticator } = parts
  const place = { resource: own.resource, url: auth.resourceMetadataUrl ?? own.url }
  const toAuthInfo = createToAuthInfo(place, createEffectiveScopes(authenticator.scopeHierarchy, scopes))
  const steps = [
    createCrossOrigin(allowedOrigins),
    createNote(own),
    createRequireAuth(parts),
    ...(policy === undefined ? [] : [createGuard(policy, (req) => requireAuthentication(req, 'A guard'))]),
    ...(tools === undefined ? [] : [parseMessage, createToolGuard(tools)]),
    createShow(toAuthInfo),
  ]
  return {
    protectedResourceMetadata: () => createResourceMetadata(own),
    requireAuth: () =>
      declareProtection(inTurn(steps), () => ({ description: 'requireAuth() of an MCP server', isProtected: true })),
    tokenVerifier: (invalidToken) => createTokenVerifier(authenticator, toAuthInfo, invalidToken),
    ready: () => authenticator.ready(),
    close: () => {
      authenticator.close()
    },
  }
}

/** Whatever the path says: every challenge from here names the metadata of this resource. */
function createNote(own: ResourceMetadata): RequestHandler {
  return (req, _res, next) => {
    recordOf(req).resource = own
    if (!isPlace(targetOf(req), own.resourcePath)) warnOnce('ERS_MCP_PATH')
    next()
  }
}

/** At the path of the resource or below; a proxy may have taken away where that begins, and the router takes any case. */
function isPlace(target: string, resourcePath: string): boolean {
  const path = (target.split('?', 1)[0] ?? '').toLowerCase()
  const own = resourcePath.toLowerCase()
  return path === own || path.startsWith(`${own}/`) || own.endsWith(path.replace(/\/$/, ''))
}

function createShow(toAuthInfo: ToAuthInfo): RequestHandler {
  return (req, _res, next) => {
    const { verified } = requireAuthentication(req, 'An MCP server')
    if (verified !== undefined) showAuth(req, toAuthInfo(verified.auth))
    next()
  }
}

/** Makes one middleware of several; an error ends it. */
function inTurn(steps: readonly RequestHandler[]): RequestHandler {
  return (req, res, next) => {
    const goOn =
      (position: number) =>
      (error?: unknown): void => {
        const step = steps[position]
        if (error !== undefined || step === undefined) next(error)
        else step(req, res, goOn(position + 1))
      }
    goOn(0)()
  }
}
