import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ResourceServer } from '../resource-server/resource-server.js'
import { graphqlCodes, plainCodes } from './close-codes.js'
import type { GuardedConnection } from './connection.js'
import { createDoor } from './door.js'
import { readFirstMessage } from './first-message.js'
import { guardEngine } from './guard-engine.js'
import { guardUpgrades } from './guard-upgrades.js'
import type { GraphqlConnection, Socket, SocketIoServer, SocketServer } from './hosts.js'
import type { WebSocketGuardOptions } from './options.js'

/**
 * Lets connections in by their tokens, and ends them with those.
 *
 * @typeParam Claims - What the schema in the option `claims` of the server makes of the claims.
 */
export interface WebSocketGuard<Claims> {
  /**
   * Makes a listener for `upgrade` of a Node server, before a `WebSocketServer` of ws with `noServer`: what is refused is answered
   * as a request is, before there is a WebSocket.
   */
  readonly upgrade: (sockets: SocketServer) => (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Stands before a server of socket.io: whoever begins a session, by polling or by WebSocket, is judged. */
  readonly socketIo: (io: SocketIoServer) => void
  /** Is the `onConnect` of graphql-ws: takes the token from `access_token` of the payload, and closes with 4401 or 4403. */
  readonly onConnect: (context: GraphqlConnection) => Promise<boolean>
  /**
   * Takes the token from the first message of a WebSocket that nobody has judged, and closes it where it is bad or does not come.
   * What else comes before the verdict is dropped.
   *
   * @param readToken - Finds the token in the message. What is no text counts as none.
   */
  readonly firstMessage: (
    socket: Socket,
    request: IncomingMessage,
    readToken: (message: string) => unknown,
  ) => Promise<GuardedConnection<Claims> | undefined>
  /**
   * Finds what a connection was let in with: of a WebSocket of ws, or of `socket.conn` of socket.io.
   *
   * @throws {ConfigurationError} When this guard has not let it in.
   */
  readonly of: (connection: object) => GuardedConnection<Claims>
}

/**
 * Creates a guard for WebSockets. It reads no token in the query.
 *
 * @example
 *   const guard = createWebSocketGuard(server, { policy: scope('chat') })
 *   http.on('upgrade', guard.upgrade(sockets))
 *   sockets.on('connection', (socket) => socket.send(`hello ${guard.of(socket).auth.subject}`))
 *
 * @param server - Of `express-resource-server` or of `express-resource-server/core`.
 * @throws {ConfigurationError} At start-up, for options that are none.
 */
export function createWebSocketGuard<Claims>(
  server: Pick<ResourceServer<Claims>, 'authenticate' | 'authorize' | 'onExpiry'>,
  options: WebSocketGuardOptions<Claims>,
): WebSocketGuard<Claims> {
  const door = createDoor(server, options)
  return {
    upgrade: (sockets) => guardUpgrades(door, sockets),
    socketIo({ engine }) {
      guardEngine(door, engine)
    },
    async onConnect({ connectionParams, extra }) {
      const { socket, request } = extra as { readonly socket: Socket; readonly request: IncomingMessage } // of its server for ws
      const token = connectionParams?.['access_token']
      return (await door.admit(socket, request, { token, codes: graphqlCodes })) !== undefined
    },
    async firstMessage(socket, request, readToken) {
      socket.on('error', () => {
        socket.terminate()
      })
      const message = await readFirstMessage(socket)
      if (message === undefined) return undefined
      let token: unknown
      try {
        token = readToken(message)
      } catch {
        // A message that cannot be read has none.
      }
      return door.admit(socket, request, { token, codes: plainCodes })
    },
    of: door.of,
  }
}
