import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Scheme } from './errors.js'
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
  /**
   * The pattern of the route, `/orders/:id`, as its router or its table has it, without what that is mounted at. Undefined where
   * none is known yet: above all routes, say.
   */
  readonly route: string | undefined
}

/** A decision that was made. */
interface Decided extends Judged {
  /** How long it took, by a clock that never goes back. Undefined where nobody listened yet when it began. */
  readonly durationSeconds: number | undefined
  /** In which a token came; undefined where none did. */
  readonly scheme: Scheme | undefined
}

/** Why a request was not granted. */
interface Refused extends Decided {
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

/** A token that is good. */
interface Accepted extends Decided {
  readonly issuer: string
  /** Whom the token acts for: a user, or its client alone. Undefined where nothing tells. */
  readonly actsFor: 'user' | 'app' | undefined
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
  'token.accepted': Accepted & {
    /** Whether what the checks had said of it before was used again. */
    readonly isRemembered: boolean
  }
  /** Credentials are missing, malformed or bad: 401 or 400. */
  'token.refused': Refused & {
    /** Whether it is for a proof that was used before. */
    readonly isReplay: boolean
    /** What was asked for, of a token that was held and ended before the answer. */
    readonly policy: string | undefined
  }
  /** It could not be told whether a token is good, or whether it suffices: 503. */
  'token.undecided': Refused & {
    /** What was asked for, where the token is good and a policy could not tell. */
    readonly policy: string | undefined
  }
  /** A policy granted a request. With several guards, each tells of its own. */
  'access.granted': Accepted & {
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
  /** An issuer was asked about a token; `refused`: not for anything of the token, but since it does not know this API. */
  'introspection.answered': {
    readonly issuer: string
    readonly outcome: 'active' | 'inactive' | 'unavailable' | 'refused'
  }
  /** An issuer's keys were fetched and are in use; `reasons` tell why others of its set are not. */
  'keys.refreshed': {
    readonly issuer: string
    readonly keys: number
    readonly skipped: number
    readonly reasons: readonly string[]
    /** From when the load was wanted, the wait for a place included. */
    readonly durationSeconds: number
    /** How old the keys were that these replace; undefined for the first. */
    readonly ageSeconds: number | undefined
  }
  /** An issuer's keys could not be fetched; `stale` tells whether older ones keep serving. */
  'keys.failed': {
    readonly issuer: string
    readonly reason: string
    readonly stale: boolean
    readonly durationSeconds: number
    /** How old the keys are that keep serving; undefined where there are none. */
    readonly ageSeconds: number | undefined
  }
  /** This process took something back: a token, a session, or what a subject was issued before a time. */
  'token.revoked': { readonly issuer: string | undefined; readonly what: 'token' | 'session' | 'subject' }
  /** Messages of what was taken back may be missed from now on, or all that there is was read. */
  'revocation.changed': { readonly isCurrent: boolean }
}

const channels = {
  'token.accepted': channel('express-resource-server:token.accepted'),
  'token.refused': channel('express-resource-server:token.refused'),
  'token.undecided': channel('express-resource-server:token.undecided'),
  'access.granted': channel('express-resource-server:access.granted'),
  'access.denied': channel('express-resource-server:access.denied'),
  'limit.reached': channel('express-resource-server:limit.reached'),
  'introspection.answered': channel('express-resource-server:introspection.answered'),
  'keys.refreshed': channel('express-resource-server:keys.refreshed'),
  'keys.failed': channel('express-resource-server:keys.failed'),
  'token.revoked': channel('express-resource-server:token.revoked'),
  'revocation.changed': channel('express-resource-server:revocation.changed'),
} as const satisfies Record<keyof EventMessages, unknown>

const decisions = [
  channels['token.accepted'],
  channels['token.refused'],
  channels['token.undecided'],
  channels['access.granted'],
  channels['access.denied'],
]

/** Hears an event from now on, until the function that it returns is called. */
export function hear<Name extends keyof EventMessages>(
  name: Name,
  listener: (message: EventMessages[Name]) => void,
): () => void {
  const channelName = `express-resource-server:${name}`
  // What is published there is of that type.
  const listen = listener as (message: unknown) => void
  subscribe(channelName, listen)
  return () => {
    unsubscribe(channelName, listen)
  }
}

/** Whether anybody listens to what is decided of requests: nothing is measured for nobody. */
export function isHeard(): boolean {
  return decisions.some(({ hasSubscribers }) => hasSubscribers)
}

/** Publishes an event to whoever subscribed; the message is made only then. */
export function publish<Name extends keyof EventMessages>(
  name: Name,
  message: () => Omit<EventMessages[Name], keyof Judged> & Partial<Pick<Judged, 'route'>>,
  request?: EventRequest,
): void {
  const target = channels[name]
  if (!target.hasSubscribers) return
  const told = Object.assign(new Message(request), message())
  if (request !== undefined) told.route ??= readRoute(request)
  target.publish(told)
}

/** What is told. Its request is no member of its own: whatever prints it, or copies it, leaves that out. */
class Message {
  readonly #request: EventRequest | undefined
  declare route?: string | undefined

  constructor(request: EventRequest | undefined) {
    this.#request = request
  }

  get request(): EventRequest | undefined {
    return this.#request
  }
}

/** Of Express the route, and of Fastify, by its NestJS adapter, its options. */
function readRoute(request: EventRequest): string | undefined {
  const route: unknown = Reflect.get(request, 'route')
  const options: unknown = Reflect.get(request, 'routeOptions')
  return readText(route, 'path') ?? readText(options, 'url')
}

function readText(value: unknown, name: string): string | undefined {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof text === 'string' ? text : undefined
}
