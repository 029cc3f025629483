import type { IncomingMessage } from 'node:http'
import { ConfigurationError } from '../errors.js'
import { definePolicy, deny, grant, type Policy } from '../policy/decision.js'

/**
 * Grants a request that no page of a strange site can have made with somebody's cookies: one without cookies, one without
 * `Origin`, which no browser leaves out, and one of an origin that is allowed.
 *
 * @throws {ConfigurationError} At start-up, of what is no origin as browsers write it.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6455#section-10.2 | RFC 6455 §10.2}
 */
export function allowedOrigin(origins: readonly string[]): Policy<unknown, IncomingMessage> {
  for (const origin of origins) {
    if (!isOrigin(origin)) {
      throw new ConfigurationError(
        'The option "allowedOrigins" takes origins as browsers send them: "https://app.example.com", without a path.',
      )
    }
  }
  const allowed: ReadonlySet<string> = new Set(origins)
  return definePolicy({ description: 'an allowed origin' }, (_auth, { headers }: IncomingMessage) =>
    headers.cookie === undefined || headers.origin === undefined || allowed.has(headers.origin) ? grant : strange,
  )
}

const strange = deny('it came with a cookie, and from an origin that is not in the option "allowedOrigins"')

function isOrigin(origin: unknown): boolean {
  return typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin
}
