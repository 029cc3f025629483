import type { Request, RequestHandler } from 'express'
import { ConfigurationError } from '../errors.js'
import {
  resolveResourceMetadata,
  type ResourceMetadata,
  type ResourceMetadataOptions,
} from '../config/resource-metadata.js'
import { toMiddleware, type Middleware } from './middleware.js'
import { recordOf } from './request-record.js'

const MAX_AGE_SECONDS = 3600

/**
 * Publishes the metadata of this resource at its well-known path, and has every challenge behind it name that place, so that
 * a client (an MCP client, say) that is refused finds the issuer by itself.
 *
 * Mount it on the app itself, not on a router with a path, and before `requireAuth()`. For a resource with a path
 * (`https://api.example.com/mcp`) the document is at `/.well-known/oauth-protected-resource/mcp`. Nothing in it comes from
 * the request: neither `Host` nor `X-Forwarded-Host` is read. The document is public and readable across origins.
 *
 * @example
 *   app.use(protectedResourceMetadata({ scopesSupported: ['orders:read'] }))
 *   app.use(requireAuth())
 *
 * @param options - Without them, `OAUTH_AUDIENCE` is the resource and `OAUTH_ISSUER` its authorization server.
 * @throws {ConfigurationError} At start-up, when something is missing, unknown or malformed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728 | RFC 9728}
 */
export function protectedResourceMetadata(options: ResourceMetadataOptions = {}): Middleware {
  return createResourceMetadata(resolveResourceMetadata(options, process.env))
}

/** Makes the middleware that publishes metadata. */
export function createResourceMetadata(own: ResourceMetadata): Middleware {
  const body = JSON.stringify(own.document)

  const serveResourceMetadata: RequestHandler = (req, res, next) => {
    if (req.baseUrl !== '') {
      next(
        new ConfigurationError('protectedResourceMetadata() belongs on the app itself: its path starts at the host.'),
      )
      return
    }
    if (targetOf(req) !== own.wellKnownPath) {
      remember(req, own)
      next()
      return
    }
    res.set('Access-Control-Allow-Origin', '*')
    if (req.method === 'GET' || req.method === 'HEAD') {
      res
        .type('application/json')
        .set('Cache-Control', `public, max-age=${String(MAX_AGE_SECONDS)}`)
        .end(body)
    } else if (isPreflight(req)) {
      // The document is the same for everybody, so that whatever header a page adds does no harm: MCP clients in browsers
      // send "mcp-protocol-version". The asterisk does not stand for Authorization (Fetch, CORS protocol).
      res
        .status(204)
        .set({
          'Access-Control-Allow-Methods': 'GET, HEAD',
          'Access-Control-Allow-Headers': '*, Authorization',
          'Access-Control-Max-Age': String(MAX_AGE_SECONDS),
        })
        .end()
    } else {
      res.status(405).set('Allow', 'GET, HEAD').end()
    }
  }
  return toMiddleware(serveResourceMetadata)
}

/**
 * Tells a CORS preflight, which asks for leave, from a mere `OPTIONS`.
 *
 * @see {@link https://fetch.spec.whatwg.org/#cors-preflight-request | Fetch}
 */
export function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

/** Path and query that a request is for, also when it comes in absolute form (RFC 9112 §3.2.2). */
export function targetOf({ originalUrl }: Request): string {
  const target = originalUrl.replace(/^https?:\/\/[^/?#]*/i, '')
  return target.startsWith('/') ? target : `/${target}`
}

/** With several resources on one host, the one with the longest path is meant. */
function remember(req: Request, own: ResourceMetadata): void {
  const path = targetOf(req).split('?', 1)[0] ?? ''
  if (path !== own.resourcePath && !path.startsWith(`${own.resourcePath}/`)) return
  const record = recordOf(req)
  if (record.resource === undefined || record.resource.resourcePath.length < own.resourcePath.length)
    record.resource = own
}
