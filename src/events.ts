import { channel } from 'node:diagnostics_channel'
import type { ReasonCode } from './reasons.js'

/**
 * What happens inside, for logs and metrics: `node:diagnostics_channel` channels, free when nobody listens. A message
 * never holds a token, a claim value or a key.
 *
 * @example
 *   import { subscribe } from 'node:diagnostics_channel'
 *   subscribe('express-resource-server:token.refused', ({ code }) => metrics.increment(`token_refused.${code}`))
 */
interface EventMessages {
  /** A token passed every check. */
  'token.accepted': { readonly issuer: string }
  /** Credentials are missing, malformed or bad. */
  'token.refused': { readonly code: ReasonCode }
  /** It could not be told whether a token is good. */
  'token.undecided': { readonly code: ReasonCode }
  /** A caller is past `failedAuthLimit`. */
  'limit.reached': Readonly<Record<string, never>>
  /** An issuer's keys were fetched and are in use; `reasons` tell why others of its set are not. */
  'keys.refreshed': {
    readonly issuer: string
    readonly keys: number
    readonly skipped: number
    readonly reasons: readonly string[]
  }
  /** An issuer's keys could not be fetched; `stale` tells whether older ones keep serving. */
  'keys.failed': { readonly issuer: string; readonly reason: string; readonly stale: boolean }
}

const channels = {
  'token.accepted': channel('express-resource-server:token.accepted'),
  'token.refused': channel('express-resource-server:token.refused'),
  'token.undecided': channel('express-resource-server:token.undecided'),
  'limit.reached': channel('express-resource-server:limit.reached'),
  'keys.refreshed': channel('express-resource-server:keys.refreshed'),
  'keys.failed': channel('express-resource-server:keys.failed'),
} as const satisfies Record<keyof EventMessages, unknown>

/** Publishes an event to whoever subscribed; the message is made only then. */
export function publish<Name extends keyof EventMessages>(name: Name, message: () => EventMessages[Name]): void {
  const target = channels[name]
  if (target.hasSubscribers) target.publish(message())
}
