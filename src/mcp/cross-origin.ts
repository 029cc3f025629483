import type { RequestHandler } from 'express'
import { isPreflight } from '../express/protected-resource-metadata.js'
import { sendRpcError } from './send-rpc-error.js'

/** What a client in a browser has to read: where to sign in, when to come again, and which session it is in. */
const EXPOSED = 'WWW-Authenticate, Retry-After, Mcp-Session-Id, MCP-Protocol-Version'
const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST, DELETE',
  // The asterisk does not stand for Authorization (Fetch, CORS protocol).
  'Access-Control-Allow-Headers': '*, Authorization',
  'Access-Control-Max-Age': '3600',
}

/**
 * Lets pages of other origins use the endpoint: nothing of a browser's own, no cookie, counts here, but a token that the page
 * has. Where something above has said who may, it is not said again.
 *
 * @param allowed - The origins whose pages are let in. Default: any.
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http | MCP, Streamable HTTP}
 */
export function createCrossOrigin(allowed: readonly string[] | undefined): RequestHandler {
  return (req, res, next) => {
    const { origin } = req.headers
    if (allowed !== undefined) res.vary('Origin')
    if (allowed !== undefined && origin !== undefined && !allowed.includes(origin)) {
      sendRpcError('foreignOrigin', res)
      return
    }
    if (origin !== undefined && !res.hasHeader('Access-Control-Allow-Origin')) {
      res.set({
        'Access-Control-Allow-Origin': allowed === undefined ? '*' : origin,
        'Access-Control-Expose-Headers': EXPOSED,
      })
    }
    if (isPreflight(req)) res.status(204).set(PREFLIGHT).end()
    else next()
  }
}
