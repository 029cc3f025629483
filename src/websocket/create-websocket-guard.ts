import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ConfigurationError, RefusalError } from '../errors.js'
import { allOf } from '../policy/combine.js'
import { checkPolicy } from '../policy/check-policy.js'
import type { Policy } from '../policy/decision.js'
import type { ResourceServer } from '../resource-server/resource-server.js'
import { allowedOrigin } from './allowed-origin.js'
import { answerUpgrade } from './answer-upgrade.js'
import { closeCodeOf, graphqlCodes, plainCodes, type CloseCodes } from './close-codes.js'
import { keepConnection, type Admission, type GuardedConnection } from './connection.js'
import { readFirstMessage } from './first-message.js'
import type { EngineConnection, GraphqlConnection, Socket, SocketIoServer, SocketServer } from './hosts.js'
import { checkOptions, type WebSocketGuardOptions } from './options.js'
import { presentTokens } from './presented-request.js'
import { takeTokens } from './take-tokens.js'
import { toRefusal } from './to-refusal.js'
import { warnAboutQuery } from './warn-about-query.js'

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
  checkOptions(options)
  checkPolicy(options.policy, 'createWebSocketGuard')
  const { tokenInSubprotocol = false, graceSeconds } = options
  const policy: Policy<Claims, IncomingMessage> = allOf<Claims, IncomingMessage>(
    allowedOrigin([...(options.allowedOrigins ?? [])]),
    options.policy,
  )
  const connections = new WeakMap<object, GuardedConnection<Claims>>()
  const admissions = new WeakMap<object, Admission<Claims>>()

  const judge = async (request: IncomingMessage, brought: readonly string[]): Promise<Admission<Claims>> => {
    const presented = presentTokens(request, brought)
    const auth = await server.authenticate(presented)
    const refusal = await server.authorize(auth, policy, presented)
    if (refusal !== undefined) throw refusal
    return { auth, request: presented }
  }
  const judgeUpgrade = async (request: IncomingMessage): Promise<Admission<Claims>> => {
    const tokens = takeTokens(request)
    try {
      return await judge(request, tokenInSubprotocol ? tokens : [])
    } catch (error) {
      if (error instanceof RefusalError && error.code === 'missing_token') warnAboutQuery(request)
      throw error
    }
  }
  const keep = (
    connection: { once(event: 'close', listener: () => void): unknown },
    admission: Admission<Claims>,
    end: () => void,
  ): GuardedConnection<Claims> => {
    const { release, ...kept } = keepWith(admission, end)
    connection.once('close', release)
    connections.set(connection, kept)
    return kept
  }
  const keepWith = (admission: Admission<Claims>, end: () => void) =>
    keepConnection(admission, { server, policy, end, graceSeconds })
  const keepSocket = (socket: Socket, admission: Admission<Claims>, codes: CloseCodes): GuardedConnection<Claims> =>
    keep(socket, admission, () => {
      socket.close(codes.unauthorized, 'The token has expired.')
    })

  /** Judges what came over an open WebSocket, and closes it where that is refused. */
  const admit = async (
    socket: Socket,
    request: IncomingMessage,
    { token, codes }: { readonly token: unknown; readonly codes: CloseCodes },
  ): Promise<GuardedConnection<Claims> | undefined> => {
    try {
      takeTokens(request)
      return keepSocket(socket, await judge(request, typeof token === 'string' ? [token] : []), codes)
    } catch (error) {
      const { status, message } = toRefusal(error)
      socket.close(closeCodeOf({ status }, codes), message)
      return undefined
    }
  }

  return {
    upgrade: (sockets) => (request, socket, head) => {
      const giveUp = (): void => {
        socket.destroy()
      }
      socket.on('error', giveUp)
      const letIn = (admission: Admission<Claims>): void => {
        if (socket.destroyed || !socket.readable || !socket.writable) {
          socket.destroy()
          return
        }
        socket.off('error', giveUp)
        sockets.handleUpgrade(request, socket, head, (open: Socket) => {
          open.on('error', () => {
            open.terminate()
          })
          keepSocket(open, admission, plainCodes)
          sockets.emit('connection', open as never, request) // of the server's own type
        })
      }
      void judgeUpgrade(request).then(letIn, (error: unknown) => {
        answerUpgrade(request, socket, toRefusal(error))
      })
    },
    socketIo({ engine }) {
      engine.use((request, response, next) => {
        if (hasSession(request)) {
          next()
          return
        }
        const isPolling = response instanceof ServerResponse
        if (!isPolling) request.socket.on('error', () => request.socket.destroy())
        void judgeUpgrade(request).then(
          (admission) => {
            admissions.set(request, admission)
            next()
          },
          (error: unknown) => {
            if (isPolling) toRefusal(error).send(response)
            // What engine.io has for a response then drops what it is given.
            else answerUpgrade(request, request.socket, toRefusal(error))
          },
        )
      })
      engine.on('connection', (connection: EngineConnection) => {
        const admission = admissions.get(connection.request)
        if (admission === undefined) connection.close(true)
        else keep(connection, admission, () => connection.close())
      })
    },
    async onConnect({ connectionParams, extra }) {
      const { socket, request } = extra as { readonly socket: Socket; readonly request: IncomingMessage } // of its server for ws
      const token = connectionParams?.['access_token']
      return (await admit(socket, request, { token, codes: graphqlCodes })) !== undefined
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
      return admit(socket, request, { token, codes: plainCodes })
    },
    of(connection) {
      const known = connections.get(connection)
      if (known === undefined) throw new ConfigurationError('of() takes a connection that this guard has let in.')
      return known
    },
  }
}

/** As engine.io tells: then the request belongs to a session that was judged, or is refused there. */
function hasSession(request: IncomingMessage): boolean {
  const query: unknown = Reflect.get(request, '_query')
  return typeof query === 'object' && query !== null && Boolean(Reflect.get(query, 'sid'))
}
