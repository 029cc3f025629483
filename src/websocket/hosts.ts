import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** What is used of a `WebSocket` of ws. */
export interface Socket {
  readonly readyState: number
  emit(event: string | symbol, ...given: unknown[]): boolean
  close(code: number, reason: string): void
  terminate(): void
  on(event: 'error', listener: () => void): unknown
  once(event: 'close', listener: () => void): unknown
  once(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown
  off(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown
}

/** What is used of a `WebSocketServer` of ws, made with `noServer`. */
export interface SocketServer {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, callback: (socket: Socket) => void): void
  emit(event: 'connection', socket: Socket, request: IncomingMessage): boolean
}

/** What is used of a `Server` of socket.io. */
export interface SocketIoServer {
  readonly engine: {
    use(middleware: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): unknown
    on(event: 'connection', listener: (connection: EngineConnection) => void): unknown
  }
}

/** A connection of engine.io: `socket.conn` of socket.io. */
export interface EngineConnection {
  readonly request: IncomingMessage
  readonly transport: object
  close(discard?: boolean): unknown
  once(event: 'close', listener: () => void): unknown
}

/** What is used of what graphql-ws hands to `onConnect`. */
export interface GraphqlConnection {
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined
  readonly extra: unknown
}
