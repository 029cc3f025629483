import { channel } from 'node:diagnostics_channel'
import type { ReasonCode } from './reasons.js'

/**
 * A request as it was judged: the object itself, Express's or Node's, so that a subscriber finds its method, its path and
 * whatever a middleware put there. It holds the `Authorization` header: pick what you log. No log prints it by accident, as
 * it is not an enumerable member of its message.
 */
export interface EventRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** With its query, which may hold secrets. */
  readonly originalUrl?: string | undefined
  readonly headers: object
}

interface Judged {
  /** Not enumerable. Undefined where a token came without one: `verifyToken`. */
  readonly request: EventRequest | undefined
}

/** Why a request was not granted. */
interface Refused extends Judged {
  readonly code: ReasonCode
  /** The status of the answer. */
  readonly status: number
  /** For operators. May name what is configured and claims; never holds a token or a key. */
  readonly detail: string | undefined
  /** The trusted issuer whose token it is, or says that it is; undefined for any other. */
  readonly issuer: string | undefined
  /** Whether the signature verified: without that, anybody could have written the issuer. */
  readonly isIssuerVerified: boolean
}

/**
 * What happens inside, for logs and metrics: `node:diagnostics_channel` channels, free when nobody listens. A message
 * never holds a token, a claim value of a person or a key, but for its `request`: see {@link EventRequest}.
 *
 * @example
 *   import { subscribe } from 'node:diagnostics_channel'
 *   import type { EventMessages } from 'express-resource-server'
 *   subscribe('express-resource-server:token.refused', (message) => {
 *     const { code, detail } = message as EventMessages['token.refused']
 *     console.warn('token refused', code, detail)
 *   })
 */
export interface EventMessages {
  /** A token passed every check. */
  'token.accepted': Judged & { readonly issuer: string }
  /** Credentials are missing, malformed or bad: 401 or 400. */
  'token.refused': Refused
  /** It could not be told whether a token is good, or whether it suffices: 503. */
  'token.undecided': Refused
  /** A policy granted a request. With several guards, each tells of its own. */
  'access.granted': Judged & {
    readonly issuer: string
    /** What was asked for, in one line. */
    readonly policy: string
  }
  /** A good token does not suffice: 403, a 401 that asks for a better sign-in, or a 404 in place of either. */
  'access.denied': Refused & {
    /** What was asked for, in one line. */
    readonly policy: string
  }
  /** A caller is past `failedAuthLimit`: 429. Why it was refused has its own event. */
  'limit.reached': Judged & { readonly code: ReasonCode; readonly status: number }
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
  'access.granted': channel('express-resource-server:access.granted'),
  'access.denied': channel('express-resource-server:access.denied'),
  'limit.reached': channel('express-resource-server:limit.reached'),
  'keys.refreshed': channel('express-resource-server:keys.refreshed'),
  'keys.failed': channel('express-resource-server:keys.failed'),
} as const satisfies Record<keyof EventMessages, unknown>

/** Publishes an event to whoever subscribed; the message is made only then. */
export function publish<Name extends keyof EventMessages>(
  name: Name,
  message: () => Omit<EventMessages[Name], 'request'>,
  request?: EventRequest,
): void {
  const target = channels[name]
  if (!target.hasSubscribers) return
  target.publish(Object.defineProperty(message(), 'request', { value: request, enumerable: false }))
}
