import type { Introspector } from '../issuers/introspector.js'
import { createVerifiedTokenCache, type VerifiedTokenCache } from './verified-token-cache.js'

/** Finds what remembers the opaque tokens of an issuer, where its settings say that they are. */
export type OpaqueCaches = (introspector: Introspector | undefined) => VerifiedTokenCache | undefined

/** Creates a cache for each issuer that is asked about tokens: no answer of one ever serves for another. */
export function createOpaqueCaches(): OpaqueCaches {
  const caches = new WeakMap<Introspector, VerifiedTokenCache>()
  return (introspector) => {
    if (introspector?.cache === undefined) return undefined
    const cache = caches.get(introspector) ?? createCache(introspector, introspector.cache)
    caches.set(introspector, cache)
    return cache
  }
}

/** A token is worth keeping at its first sight: its issuer was asked, and random ones never get so far. */
function createCache(introspector: Introspector, bounds: Introspector['cache'] & object): VerifiedTokenCache {
  const digestOf = (token: string): string => introspector.nameOf(token)
  return { ...createVerifiedTokenCache(bounds), digestOf, isSecondSight: () => true }
}
