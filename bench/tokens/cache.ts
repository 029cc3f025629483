import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Keys and tokens that are made once; safe to delete. */
const folder = fileURLToPath(new URL('../.cache', import.meta.url))

export function cacheFile(...parts: readonly string[]): string {
  return join(folder, ...parts)
}
