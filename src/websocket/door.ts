import type { IncomingMessage } from 'node:http'
import { ConfigurationError, RefusalError } from '../errors.js'
import { checkPolicy } from '../policy/check-policy.js'
import { allOf } from '../policy/combine.js'
import type { Policy } from '../policy/decision.js'
import type { ResourceServer } from '../resource-server/resource-server.js'
import { allowedOrigin } from './allowed-origin.js'
import { closeCodeOf, type CloseCodes } from './close-codes.js'
import { keepConnection, type Admission, type GuardedConnection } from './connection.js'
import { endSocket } from './end-socket.js'
import type { Socket } from './hosts.js'
import { checkOptions, checkServer, type WebSocketGuardOptions } from './options.js'
import { presentTokens } from './presented-request.js'
import { takeTokens } from './take-tokens.js'
import { toRefusal } from './to-refusal.js'
import { warnAboutQuery } from './warn-about-query.js'

/** Something that ends once. */
interface Closing {
  once(event: 'close', listener: () => void): unknown
}

/** What all ways in have in common. */
export interface Door<Claims> {
  /** Judges a request before there is a connection. Rejects with why it is refused. */
  readonly judgeUpgrade: (request: IncomingMessage) => Promise<Admission<Claims>>
  /** Judges what came over an open WebSocket, and closes it where that is refused. */
  readonly admit: (
    socket: Socket,
    request: IncomingMessage,
    presented: { readonly token: unknown; readonly codes: CloseCodes },
  ) => Promise<GuardedConnection<Claims> | undefined>
  /** Keeps a connection until it closes, and ends it when its token ends. */
  readonly keep: (connection: Closing, admission: Admission<Claims>, end: () => void) => GuardedConnection<Claims>
  readonly keepSocket: (socket: Socket, admission: Admission<Claims>, codes: CloseCodes) => GuardedConnection<Claims>
  readonly of: (connection: object) => GuardedConnection<Claims>
}

/**
 * Creates what all ways in have in common.
 *
 * @throws {ConfigurationError} At start-up, for options that are none.
 */
export function createDoor<Claims>(
  server: Pick<ResourceServer<Claims>, 'authenticate' | 'authorize' | 'onExpiry'>,
  options: WebSocketGuardOptions<Claims>,
): Door<Claims> {
  checkServer(server)
  checkOptions(options)
  checkPolicy(options.policy, 'createWebSocketGuard')
  const { tokenInSubprotocol = false, graceSeconds, allowedOrigins = [] } = options
  const policy: Policy<Claims, IncomingMessage> = allOf(allowedOrigin(allowedOrigins), options.policy)
  const connections = new WeakMap<object, GuardedConnection<Claims>>()

  const judge = async (request: IncomingMessage, brought: readonly string[]): Promise<Admission<Claims>> => {
    const presented = presentTokens(request, brought)
    const auth = await server.authenticate(presented)
    const refusal = await server.authorize(auth, policy, presented)
    if (refusal !== undefined) throw refusal
    return { auth, request: presented }
  }
  const keep: Door<Claims>['keep'] = (connection, admission, end) => {
    const kept = keepConnection(admission, { server, policy, end, graceSeconds })
    connection.once('close', kept.release)
    connections.set(connection, kept)
    return kept
  }
  const keepSocket: Door<Claims>['keepSocket'] = (socket, admission, codes) =>
    keep(socket, admission, () => {
      endSocket(socket, codes.unauthorized, 'The token has expired.')
    })
  return {
    async judgeUpgrade(request) {
      const tokens = takeTokens(request)
      try {
        return await judge(request, tokenInSubprotocol ? tokens : [])
      } catch (error) {
        if (error instanceof RefusalError && error.code === 'missing_token') warnAboutQuery(request)
        throw error
      }
    },
    async admit(socket, request, { token, codes }) {
      try {
        const admission = await judge(request, typeof token === 'string' ? [token] : [])
        return socket.readyState === OPEN ? keepSocket(socket, admission, codes) : undefined
      } catch (error) {
        const { status, message } = toRefusal(error)
        endSocket(socket, closeCodeOf({ status }, codes), message)
        return undefined
      }
    },
    keep,
    keepSocket,
    of(connection) {
      const known = connections.get(connection)
      if (known === undefined) throw new ConfigurationError('of() takes a connection that this guard has let in.')
      return known
    },
  }
}

/** Of a WebSocket. One that has closed while its token was judged would be kept for nothing. */
const OPEN = 1
