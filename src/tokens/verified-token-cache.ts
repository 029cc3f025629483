import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { TokenFacts } from './token-facts.js'
import { holdsAt, type KnownLifetime } from './lifetime.js'

/** What was found out about a token that passed every check, but for what a schema made of its claims, and how long it holds. */
export interface KnownToken extends KnownLifetime {
  readonly facts: TokenFacts
}

/**
 * Remembers what was found out about good tokens, so that the work is not done again for every request.
 *
 * It never holds a refusal, a policy's decision or what a schema made of the claims. What it finds is good at the time that it
 * was asked for and no verdict yet: what it rests on is looked for again, and checks that spoke for one request run again (see verify-token.ts).
 * Keyed by the SHA-256 digest of the whole token, so that two tokens never share an entry and no token is kept.
 */
export interface VerifiedTokenCache {
  /** The name under which a token is remembered: computed once for one request. */
  readonly digestOf: (token: string) => string
  readonly find: (digest: string, now: number) => KnownToken | undefined
  /** Tells whether a token is worth keeping: whether it came before. Remembers that it came. */
  readonly isSecondSight: (digest: string) => boolean
  /** @param bytes - What is held of its claims: no less than the length of the token, and more where that is objects. */
  readonly keep: (digest: string, bytes: number, token: KnownToken, now: number) => void
  readonly drop: (digest: string) => void
}

export interface CacheBounds {
  readonly maxEntries: number
  /** How long what was found out may be used before all of it is found out again. */
  readonly maxAgeSeconds: number
}

/** What an entry takes beside its claims: the digest, the findings, and its place in the tables. */
const BYTES_PER_ENTRY = 512
/** The tokens of most providers hold less than this. Larger ones take the room of several. */
const USUAL_BYTES = 1024

/**
 * Creates a cache bounded by entries and by bytes. A token is to be kept from its second sight on, so that a flood of tokens
 * that come once does not wash out those that come again.
 */
export function createVerifiedTokenCache({ maxEntries, maxAgeSeconds }: CacheBounds): VerifiedTokenCache {
  const maxSize = maxEntries * (BYTES_PER_ENTRY + USUAL_BYTES)
  const entries = new LRUCache<string, KnownToken>({ max: maxEntries, maxSize })
  return {
    // As bytes in a text: half the room of hexadecimal digits.
    digestOf: (token) => hash('sha256', token, 'binary'),
    find(digest, now) {
      const token = entries.get(digest)
      return token !== undefined && holdsAt(token, now) ? token : undefined
    },
    isSecondSight: createSightings(maxEntries),
    keep(digest, bytes, token, now) {
      // A whole number takes no room of its own. Rounded down: nothing counts as younger than it is.
      const keptAt = Math.floor(now)
      const from = Math.max(token.from, keptAt)
      const until = Math.min(token.until, keptAt + maxAgeSeconds)
      const { facts, trust, timed, eachTime } = token
      // Member by member: a copy by spreading has room for numbers with a fraction, and takes a quarter more.
      entries.set(digest, { facts, from, until, trust, timed, eachTime }, { size: BYTES_PER_ENTRY + bytes })
    },
    drop: (digest) => entries.delete(digest),
  }
}

/** Tells whether a digest was among the latest ones, in two generations of a bounded size. */
function createSightings(perGeneration: number): (digest: string) => boolean {
  let young = new Set<string>()
  let old = new Set<string>()
  return (digest) => {
    if (young.has(digest) || old.has(digest)) return true
    young.add(digest)
    if (young.size >= perGeneration) {
      old = young
      young = new Set()
    }
    return false
  }
}
