import type { Deadline } from '../lib/deadline.js'
import { takeAnswer } from '../lib/take-answer.js'
import { UnavailableError } from '../errors.js'
import { type Eventual } from '../lib/eventual.js'
import { cannotTell } from './cannot-tell.js'
import { trace } from '../tracing.js'
import type { Addition, KeepingStore, Store } from './store.js'

/** Who has keys in a store, each beside the others. */
export type StoreUser = 'replay' | 'revocation' | 'introspection' | 'failures'

/**
 * Gives one part of this library its own keys and channels in a store, which others may use as well. The store may be
 * anybody's: what it answers is read strictly and waited for with a deadline, and whatever else it does, it cannot tell.
 */
export function shareStore(store: KeepingStore, user: StoreUser, timeoutSeconds: number): KeepingStore
export function shareStore(store: Store, user: StoreUser, timeoutSeconds: number): Store
/** @param store - One that keeps nothing cannot tell when it is asked to. */
export function shareStore(
  store: Store & Partial<KeepingStore>,
  user: StoreUser,
  timeoutSeconds: number,
): KeepingStore {
  const deadline: Deadline = {
    seconds: timeoutSeconds,
    late: () => cannotTell(`the store did not answer within ${String(timeoutSeconds)} s`),
  }
  const nameOf = (key: string): string => `${user}:${key}`
  const askOnce = <Result>(question: () => unknown, read: (answer: unknown) => Result): Eventual<Result> => {
    try {
      const answer = takeAnswer(question(), { read, deadline })
      return answer instanceof Promise ? answer.catch(rethrow) : answer
    } catch (error) {
      return rethrow(error)
    }
  }
  const ask = <Result>(operation: string, question: () => unknown, read: (answer: unknown) => Result) =>
    trace(
      'store',
      () => ({ user, operation }),
      () => askOnce(question, read),
    )
  return {
    addIfAbsent: (key, ttlSeconds) =>
      ask('addIfAbsent', () => store.addIfAbsent(nameOf(key), ttlSeconds), readAddition),
    has: (key) => ask('has', () => store.has(nameOf(key)), readPresence),
    publish: (channel, message) =>
      ask(
        'publish',
        () => store.publish(nameOf(channel), message),
        () => undefined,
      ),
    subscribe: (channel, subscriber) => store.subscribe(nameOf(channel), subscriber),
    keep: (channel, message, ttlSeconds) =>
      ask(
        'keep',
        () => store.keep?.(nameOf(channel), message, ttlSeconds),
        () => undefined,
      ),
    kept: (channel) => ask('kept', () => store.kept?.(nameOf(channel)), readMessages),
  }
}

function readAddition(answer: unknown): Addition {
  if (answer === 'added' || answer === 'present') return answer
  throw cannotTell('the store answered neither "added" nor "present"')
}

function readPresence(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  throw cannotTell('the store answered neither true nor false')
}

function readMessages(answer: unknown): readonly string[] {
  if (Array.isArray(answer) && answer.every((one) => typeof one === 'string')) return answer
  throw cannotTell('the store answered no list of texts')
}

function rethrow(error: unknown): never {
  throw error instanceof UnavailableError ? error : cannotTell('the store failed', error)
}
