import type { IncomingMessage } from 'node:http'
import { ConfigurationError } from '../errors.js'
import type { Policy } from '../policy/decision.js'
import type { OnExpiryOptions } from '../resource-server/resource-server.js'

/** Who may connect, and how tokens come. */
export interface WebSocketGuardOptions<Claims> extends OnExpiryOptions {
  /** What a token must be good for: at the upgrade, at the first message, and at each renewal. */
  readonly policy: Policy<Claims, IncomingMessage>
  /**
   * The origins whose pages may connect while the browser sends cookies along: `https://app.example.com`. Any other origin is
   * 403 with a cookie. Default: none, since behind a proxy nobody here knows what the own origin is.
   */
  readonly allowedOrigins?: readonly string[] | undefined
  /**
   * Takes a token as an offered subprotocol, `bearer.TOKEN`: for pages, which cannot send a header. Proxies may log it.
   * Default: false, and such a protocol is taken out all the same.
   */
  readonly tokenInSubprotocol?: boolean | undefined
}

const NAMES: readonly string[] = ['policy', 'allowedOrigins', 'tokenInSubprotocol', 'graceSeconds']
const MAX_GRACE_SECONDS = 3600

/**
 * Refuses what is no resource server: its options, say.
 *
 * @throws {ConfigurationError} At start-up.
 */
export function checkServer(server: unknown): void {
  const isServer =
    typeof server === 'object' && server !== null && typeof Reflect.get(server, 'authenticate') === 'function'
  if (isServer) return
  throw new ConfigurationError(
    'createWebSocketGuard() takes a server first, createResourceServer({ issuer, audience }), and then its options: { policy }.',
  )
}

/**
 * Refuses options that are none.
 *
 * @throws {ConfigurationError} At start-up.
 */
export function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError('createWebSocketGuard() takes options after the server: { policy: scope(...) }.')
  }
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) {
    throw new ConfigurationError(`createWebSocketGuard() has no option "${unknown}": it has ${NAMES.join(', ')}.`)
  }
  const origins: unknown = Reflect.get(options, 'allowedOrigins')
  if (origins !== undefined && !Array.isArray(origins)) {
    throw new ConfigurationError('The option "allowedOrigins" takes a list of origins.')
  }
  const inSubprotocol: unknown = Reflect.get(options, 'tokenInSubprotocol')
  if (inSubprotocol !== undefined && typeof inSubprotocol !== 'boolean') {
    throw new ConfigurationError('The option "tokenInSubprotocol" takes true or false.')
  }
  const grace: unknown = Reflect.get(options, 'graceSeconds') ?? 0
  // Here, and not with the first connection.
  if (typeof grace !== 'number' || !(grace >= 0 && grace <= MAX_GRACE_SECONDS)) {
    throw new ConfigurationError('The option "graceSeconds" takes a number of seconds from 0 to 3600.')
  }
}
