import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Findings } from './examination.js'

/** What the checks found out about a token that passed them all. */
export type KeptFindings = Readonly<Findings> & { readonly validatedClaims: undefined }

/**
 * Remembers what was found out about good tokens, so that the work is not done again for every request.
 *
 * It never holds a refusal, a policy's decision or what a schema made of the claims, and a hit is no verdict: every check
 * that depends on more than the token's bytes runs again (see verify-token.ts). Keyed by the SHA-256 digest of the whole
 * token, so that two tokens never share an entry and no token is kept.
 */
export interface VerifiedTokenCache {
  readonly find: (token: string) => KeptFindings | undefined
  readonly keep: (token: string, findings: KeptFindings) => void
  readonly drop: (token: string) => void
}

const MAX_BYTES = 16 * 1024 * 1024
/** Claims as objects take about this much more room than the token. */
const BYTES_PER_CHARACTER = 3

/**
 * Creates a cache bounded by entries and by bytes. A token is kept from its second sight on, so that a flood of tokens
 * that come once does not wash out those that come again.
 */
export function createVerifiedTokenCache(maxEntries: number): VerifiedTokenCache {
  const kept = new LRUCache<string, KeptFindings>({ max: maxEntries, maxSize: MAX_BYTES })
  const isSecondSight = createSightings(maxEntries)
  return {
    find: (token) => kept.get(digestOf(token)),
    keep(token, findings) {
      const digest = digestOf(token)
      if (isSecondSight(digest)) kept.set(digest, findings, { size: token.length * BYTES_PER_CHARACTER })
    },
    drop: (token) => kept.delete(digestOf(token)),
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

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
