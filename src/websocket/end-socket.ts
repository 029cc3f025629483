import type { Socket } from './hosts.js'

/** How long a peer may take to close when it is told to. */
const LINGER_MILLISECONDS = 1000

/** What tells of something that the peer says. */
const SAID: ReadonlySet<string | symbol> = new Set(['message', 'ping', 'pong'])

/**
 * Ends a WebSocket: from now on nobody hears what its peer says, and a peer that does not close when it is told to is cut off.
 *
 * Closing alone is a request: ws goes on telling of messages until the peer agrees, or half a minute has passed.
 */
export function endSocket(socket: Socket, code: number, reason: string): void {
  const emit = socket.emit.bind(socket)
  // To take the listeners away would leave those that are yet to come.
  socket.emit = (event, ...given) => !SAID.has(event) && emit(event, ...given)
  socket.close(code, reason)
  cutOffLater(socket, socket)
}

/** Cuts a WebSocket off that is still there in a second. */
export function cutOffLater(
  socket: Pick<Socket, 'terminate'>,
  closing: { once(event: 'close', listener: () => void): unknown },
): void {
  const cut = setTimeout(() => {
    socket.terminate()
  }, LINGER_MILLISECONDS).unref()
  closing.once('close', () => {
    clearTimeout(cut)
  })
}
