import { ServerResponse, type IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RefusalError } from '../errors.js'

/** How long a peer may take to read the answer and to close. */
const LINGER_MILLISECONDS = 5000

/**
 * Answers an upgrade request as a request, with Node's own response, and ends the connection. What else the peer sends is
 * dropped. The socket must have a listener for `error`.
 */
export function answerUpgrade(request: IncomingMessage, socket: Duplex, refusal: Pick<RefusalError, 'send'>): void {
  // Node's HTTP server has no other sockets, whatever its types say.
  if (!(socket instanceof Socket) || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const end = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS).unref()
  socket.once('close', () => {
    clearTimeout(end)
  })
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(socket)
  } catch {
    // The answer to a request before this one is still under way: nothing can stand between the two.
    socket.destroy()
    return
  }
  response.once('finish', () => {
    response.detachSocket(socket)
    socket.end()
  })
  // With bytes unread, closing is a reset, and the answer may be lost.
  socket.once('end', () => socket.destroy())
  socket.resume()
  refusal.send(response)
}
