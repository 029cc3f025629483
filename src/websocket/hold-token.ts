import type { OnExpiryOptions, ResourceServer } from '../resource-server/resource-server.js'
import type { Auth } from '../tokens/auth.js'

/** What is needed of a server to hold a token. */
export type Holding = Pick<ResourceServer<never>, 'onExpiry'>

/**
 * Holds a token for as long as it is good: the one place where a held token ends, whatever ends it.
 *
 * @returns What lets go of it.
 */
export function holdToken(
  server: Holding,
  { auth, end, ...options }: { readonly auth: Auth<unknown>; readonly end: () => void } & OnExpiryOptions,
): () => void {
  return server.onExpiry(auth, end, options)
}
