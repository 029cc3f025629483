import type { ServerResponse } from 'node:http'
import type { OnExpiryOptions } from '../resource-server/resource-server.js'
import type { Auth } from '../tokens/auth.js'
import { holdToken, type Holding } from './hold-token.js'

/** How long a client may take to read what is left. */
const LINGER_MILLISECONDS = 5000

/**
 * Ends a response when its token does: for server-sent events, and whatever else goes on. The client connects anew, and is
 * answered 401.
 *
 * This does NOT judge the token: that was done before the response began.
 *
 * @example
 *   app.get('/events', server.requireAuth(), (req, res) => {
 *     res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
 *     endWithToken(server, server.getAuth(req), res)
 *   })
 */
export function endWithToken(
  server: Holding,
  auth: Auth<unknown>,
  response: ServerResponse,
  options: OnExpiryOptions = {},
): void {
  const end = (): void => {
    // Until its client has read it all, the application may go on writing: what comes after the end is dropped, and harms nobody.
    response.on('error', () => undefined)
    response.end()
    const gone = setTimeout(() => response.destroy(), LINGER_MILLISECONDS).unref()
    response.once('close', () => {
      clearTimeout(gone)
    })
  }
  response.once('close', holdToken(server, { ...options, auth, end }))
}
