import { ServerResponse, type IncomingMessage } from 'node:http'
import { answerUpgrade } from './answer-upgrade.js'
import type { Admission } from './connection.js'
import type { Door } from './door.js'
import { cutOffLater } from './end-socket.js'
import type { EngineConnection, Socket, SocketIoServer } from './hosts.js'
import { toRefusal } from './to-refusal.js'

/** Stands before the engine of socket.io: judges who begins a session, and ends the session with its token. */
export function guardEngine<Claims>(door: Door<Claims>, engine: SocketIoServer['engine']): void {
  const admissions = new WeakMap<IncomingMessage, Admission<Claims>>()
  engine.use((request, response, next) => {
    if (hasSession(request)) {
      next()
      return
    }
    const { socket } = request
    const isPolling = response instanceof ServerResponse
    const giveUp = (): void => {
      socket.destroy()
    }
    if (!isPolling) socket.on('error', giveUp)
    const letIn = (admission: Admission<Claims>): void => {
      admissions.set(request, admission)
      next()
    }
    void door.judgeUpgrade(request).then(letIn, (error: unknown) => {
      const refusal = toRefusal(error)
      if (isPolling) refusal.send(response)
      // What engine.io has for a response then drops what it is given.
      else answerUpgrade(request, socket, refusal)
    })
  })
  engine.on('connection', (connection) => {
    const admission = admissions.get(connection.request)
    if (admission === undefined) connection.close(true)
    else
      door.keep(connection, admission, () => {
        endSession(connection)
      })
  })
}

/**
 * Ends a session of engine.io at once: without being told to discard what is left to be sent, it waits until that has been read. Its
 * WebSocket, which is heard no more, is cut off where the peer does not close it.
 */
function endSession(connection: EngineConnection): void {
  const socket: unknown = Reflect.get(connection.transport, 'socket')
  connection.close(true)
  if (isWebSocket(socket)) cutOffLater(socket, socket)
}

/** Of a transport that is one: polling has none. */
function isWebSocket(socket: unknown): socket is Pick<Socket, 'terminate' | 'once'> {
  return typeof socket === 'object' && socket !== null && 'terminate' in socket && 'once' in socket
}

/** As engine.io tells: then the request belongs to a session that was judged, or is refused there. */
function hasSession(request: IncomingMessage): boolean {
  const query: unknown = Reflect.get(request, '_query')
  return typeof query === 'object' && query !== null && Boolean(Reflect.get(query, 'sid'))
}
