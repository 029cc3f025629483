import { subscribe, tracingChannel, unsubscribe, type TracingChannel } from 'node:diagnostics_channel'
import type { EventRequest } from './events.js'
import { isPending, type Eventual } from './lib/eventual.js'

/** What is under way. Where it fails, `error` is set. What comes of it is not in there: that holds a token. */
interface Traced {
  error?: unknown
}

/**
 * What may have to be waited for, as `node:diagnostics_channel` traces it: `tracing:express-resource-server:NAME:start`, `end`,
 * `asyncStart`, `asyncEnd` and `error`, free when nobody listens. What answers at once has no `asyncStart`. The context of
 * `start` is that of all that is done within, for a store that is bound to it.
 *
 * @example
 *   import { tracingChannel } from 'node:diagnostics_channel'
 *   import type { TraceMessages } from 'express-resource-server'
 *   tracingChannel<unknown, TraceMessages['keys.load']>('express-resource-server:keys.load').asyncEnd.subscribe((message) => {
 *     const { issuer, error } = message as TraceMessages['keys.load']
 *     console.info('keys of', issuer, error === undefined ? 'are there' : 'are not')
 *   })
 */
export interface TraceMessages {
  /** A token is judged. */
  authenticate: Traced & {
    /** Not enumerable, as in events. Undefined where a token came without one. */
    readonly request: EventRequest | undefined
  }
  /** A policy is asked. */
  authorize: Traced & { readonly request: EventRequest; readonly policy: string }
  /** An issuer's keys are loaded: once for all who wait for them. */
  'keys.load': Traced & { readonly issuer: string }
  /** A store is asked, by whom and what for. */
  store: Traced & { readonly user: string; readonly operation: string }
}

type Name = keyof TraceMessages

const channels: { readonly [Key in Name]: TracingChannel<unknown, TraceMessages[Key]> } = {
  authenticate: tracingChannel('express-resource-server:authenticate'),
  authorize: tracingChannel('express-resource-server:authorize'),
  'keys.load': tracingChannel('express-resource-server:keys.load'),
  store: tracingChannel('express-resource-server:store'),
}

/** What is traced, each by its name. */
export const traceNames = Object.keys(channels) as readonly Name[] // its own

/** Hears when something begins, and when what it had to wait for is done, until the function that it returns is called. */
export function hearTrace<Key extends Name>(
  name: Key,
  listeners: Readonly<Record<'start' | 'asyncEnd', (message: TraceMessages[Key]) => void>>,
): () => void {
  const channelName = `tracing:express-resource-server:${name}`
  // What is published there is of that type.
  const { start, asyncEnd } = listeners as Record<keyof typeof listeners, (message: unknown) => void>
  subscribe(`${channelName}:start`, start)
  subscribe(`${channelName}:asyncEnd`, asyncEnd)
  return () => {
    unsubscribe(`${channelName}:start`, start)
    unsubscribe(`${channelName}:asyncEnd`, asyncEnd)
  }
}

/** Whether anybody traces something. For nobody there is no message to make, and nothing to wrap. */
export function isTraced(name: Name): boolean {
  return channels[name].hasSubscribers
}

/** Does some work, and tells whoever traces it when it begins, whether it has to wait, and when it is done. */
export function trace<Key extends Name, Result>(
  name: Key,
  message: () => TraceMessages[Key],
  work: () => Promise<Result>,
): Promise<Result>
export function trace<Key extends Name, Result>(
  name: Key,
  message: () => TraceMessages[Key],
  work: () => Eventual<Result>,
): Eventual<Result>
export function trace<Key extends Name, Result>(
  name: Key,
  message: () => TraceMessages[Key],
  work: () => Eventual<Result>,
): Eventual<Result> {
  if (!isTraced(name)) return work()
  const { start, end, asyncStart, asyncEnd, error: failed } = channels[name]
  const told = message()
  const fail = (error: unknown): never => {
    told.error = error
    failed.publish(told)
    throw error
  }
  const settle = (): void => {
    asyncStart.publish(told)
    asyncEnd.publish(told)
  }
  const begin = (): Eventual<Result> => {
    try {
      return work()
    } catch (error) {
      return fail(error)
    } finally {
      end.publish(told)
    }
  }
  const result = start.runStores(told, begin)
  if (!isPending(result)) return result
  return result.catch(fail).finally(settle)
}
