import type { Eventual } from '../lib/eventual.js'

/** What became of a key that was to be added. */
export type Addition = 'added' | 'present'

/** Who hears what is published on a channel. */
export interface Subscriber {
  /** Something was published. */
  readonly message: (message: string) => void
  /** From now on messages may be missed: what depends on them cannot be told. Until `current` is first called, it is so. */
  readonly lost: () => void
  /** From now on every message comes. What was published before may have been missed, and is to be read anew. */
  readonly current: () => void
}

/**
 * What several processes share: which proofs and messages were seen, and what is told to all.
 *
 * Keys and channels are texts of up to 256 characters; whatever a stranger chose is hashed before it becomes one.
 * Each answer comes within a deadline or is an `UnavailableError`: a full, silent or confused store cannot tell, and never
 * guesses. This does NOT keep anything in secret.
 *
 * @example
 *   const isFirst = (await store.addIfAbsent(key, 70)) === 'added'
 */
export interface Store {
  /**
   * Adds a key for so many seconds, unless it is there: of all who add one key at once, one hears "added". It is forgotten no
   * sooner, and at most a second later.
   *
   * @throws {UnavailableError} Where that cannot be told. The key may be there then.
   */
  readonly addIfAbsent: (key: string, ttlSeconds: number) => Eventual<Addition>
  /** Tells whether a key was added and has not been forgotten. */
  readonly has: (key: string) => Eventual<boolean>
  /** Tells all who have subscribed to a channel, in whichever process. */
  readonly publish: (channel: string, message: string) => Eventual<void>
  /** Hears a channel from now on, until the function that it returns is called. */
  readonly subscribe: (channel: string, subscriber: Subscriber) => () => void
}

/** A store that also keeps what it tells, for those who were not there. */
export interface KeepingStore extends Store {
  /**
   * Keeps a message and tells it to all who have subscribed to the channel, both or neither. One that is kept already is kept
   * for the longer of the two times, and told again. It is forgotten no sooner than after so many seconds.
   *
   * @throws {UnavailableError} Where that cannot be told, or there is no room. The message may be kept then.
   */
  readonly keep: (channel: string, message: string, ttlSeconds: number) => Eventual<void>
  /**
   * Reads what is kept for a channel, in no order. Who subscribed first, and reads when told `current`, misses nothing that the
   * store has.
   */
  readonly kept: (channel: string) => Eventual<readonly string[]>
}
