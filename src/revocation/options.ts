import { ConfigurationError } from '../errors.js'
import { checkedClock, systemClock, type Clock } from '../lib/clock.js'
import { createMemoryStore } from '../stores/memory-store.js'
import type { KeepingStore } from '../stores/store.js'

/** How what was taken back is shared and remembered. */
export interface RevocationOptions {
  /**
   * Where the processes share it: see `/redis`. Default: the memory of this process, for an API that is one process; what was
   * taken back before a restart is forgotten there.
   */
  readonly store?: KeepingStore | undefined
  /**
   * What is answered when it cannot be told whether a token was taken back: at the start until that was read, and after
   * messages may have been missed for longer than `staleSeconds`. `'accept'` lets through what was taken back meanwhile. Default: `'refuse'`, 503.
   */
  readonly onUnavailable?: 'refuse' | 'accept' | undefined
  /** For how long tokens are judged by what was known when messages ceased to come, in seconds, 0 to 3600. Default: 30. */
  readonly staleSeconds?: number | undefined
  /**
   * How often all that was taken back is read anew, in seconds, 1 to 3600: a message that was lost without a word is made up for
   * then. Default: 60.
   */
  readonly rereadSeconds?: number | undefined
  /**
   * The longest time from `iat` to `exp` of a token, in seconds, at most a year: for so long what was taken back is remembered.
   * A token that lives longer is refused, since it would outlive that. Default: 86,400, a day.
   */
  readonly maxTokenLifetimeSeconds?: number | undefined
  /** How many things may be taken back at a time. None is forgotten early: with more, nothing can be taken back. Default: 100,000. */
  readonly maxEntries?: number | undefined
  /** Tells the time in milliseconds since the epoch. Default: `Date.now`. */
  readonly clock?: Clock | undefined
}

const NAMES = [
  'store',
  'onUnavailable',
  'staleSeconds',
  'rereadSeconds',
  'maxTokenLifetimeSeconds',
  'maxEntries',
  'clock',
]
const YEAR_SECONDS = 366 * 86_400
const MAX_ENTRIES = 10_000_000

/** What was settled. */
export type RevocationSettings = { readonly [Name in keyof RevocationOptions]-?: NonNullable<RevocationOptions[Name]> }

/** Settles the options. @throws {ConfigurationError} */
export function resolveOptions(options: RevocationOptions): RevocationSettings {
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) {
    throw new ConfigurationError(`createRevocation() has no option "${unknown}". It has ${NAMES.join(', ')}.`)
  }
  const clock = checkedClock(options.clock ?? systemClock)
  const {
    onUnavailable = 'refuse',
    staleSeconds = 30,
    rereadSeconds = 60,
    maxTokenLifetimeSeconds = 86_400,
    maxEntries = 100_000,
  } = options
  const numbers = { staleSeconds, rereadSeconds, maxTokenLifetimeSeconds, maxEntries }
  checkNumbers(numbers)
  const { store = createMemoryStore({ clock, maxEntries }) } = options
  if (!isKeepingStore(store)) {
    throw wrong(
      'store',
      'must be a store that keeps, as "express-resource-server/redis" makes one of a client of Redis; without it, the memory of this process is used',
    )
  }
  if (!['refuse', 'accept'].includes(onUnavailable)) throw wrong('onUnavailable', "must be 'refuse' or 'accept'")
  return { store, onUnavailable, clock, ...numbers }
}

function isKeepingStore(store: unknown): boolean {
  if (typeof store !== 'object' || store === null) return false
  return ['addIfAbsent', 'has', 'subscribe', 'keep', 'kept'].every(
    (verb) => typeof Reflect.get(store, verb) === 'function',
  )
}

type Numbers = Pick<RevocationSettings, 'staleSeconds' | 'rereadSeconds' | 'maxTokenLifetimeSeconds' | 'maxEntries'>

function checkNumbers({ staleSeconds, rereadSeconds, maxTokenLifetimeSeconds, maxEntries }: Numbers): void {
  if (!(staleSeconds >= 0 && staleSeconds <= 3600)) {
    throw wrong('staleSeconds', 'must be a number of seconds from 0 to 3600')
  }
  if (!(rereadSeconds >= 1 && rereadSeconds <= 3600)) {
    throw wrong('rereadSeconds', 'must be a number of seconds from 1 to 3600')
  }
  if (!(maxTokenLifetimeSeconds >= 1 && maxTokenLifetimeSeconds <= YEAR_SECONDS)) {
    throw wrong('maxTokenLifetimeSeconds', `must be a number of seconds from 1 to ${String(YEAR_SECONDS)}`)
  }
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1 || maxEntries > MAX_ENTRIES) {
    throw wrong('maxEntries', `must be a whole number from 1 to ${String(MAX_ENTRIES)}`)
  }
}

/** The last second of the year 9999: a larger date is in milliseconds, or a mistake. */
const MAX_TIME = 253_402_300_799

/** Reads what is to be taken back. @throws {ConfigurationError} On what is no text: it would take nothing back. */
export function readText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ConfigurationError(`What is taken back needs "${name}", a text that is not empty.`)
}

/** Reads a time, where there is one. @throws {ConfigurationError} */
export function readTime(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= 0 && value <= MAX_TIME) return value
  throw new ConfigurationError(`"${name}" of what is taken back must be in seconds since the epoch.`)
}

function wrong(name: string, problem: string): ConfigurationError {
  return new ConfigurationError(`The option "${name}" of createRevocation ${problem}.`)
}
