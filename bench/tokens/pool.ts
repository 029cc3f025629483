import { createHash } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import type { Children } from '../children.js'
import type { Progress } from '../progress.js'
import { cacheFile } from './cache.js'
import type { SigningKey } from './keys.js'
import { claimsOf } from './mint.js'
import type { SignRequest } from './sign.js'

const TOKENS_PER_FILE = 1000
/** A change of the claims makes other tokens. */
const shape = createHash('sha256')
  .update(JSON.stringify(claimsOf(0, 0)))
  .digest('hex')
  .slice(0, 8)

/**
 * Files with at least so many tokens of this key, no two the same, a line each. What an earlier run has signed is used again.
 * With `tenants` they are from so many issuers in turn.
 *
 * Half a millisecond of CPU for an RSA signature: a full run needs a minute of that once.
 */
export async function ensureTokens(
  { key, count, tenants }: { key: SigningKey; count: number; tenants?: number },
  { children, progress }: { children: Children; progress: Progress },
): Promise<readonly string[]> {
  const of = tenants === undefined ? '' : `-${String(tenants)}-issuers`
  const folder = `${key.algorithm}-${key.kid.slice(0, 8)}-${shape}${of}`
  const files = Array.from({ length: Math.ceil(count / TOKENS_PER_FILE) }, (_, index) =>
    cacheFile('tokens', folder, `${String(index).padStart(4, '0')}.txt`),
  )
  const missing = [...files.entries()].filter(([, file]) => !existsSync(file))
  if (missing.length === 0) return files
  mkdirSync(dirname(files[0] ?? ''), { recursive: true })
  let done = 0
  const work = async (): Promise<void> => {
    const signer = await children.start('tokens/sign.ts')
    for (let next = missing.shift(); next !== undefined; next = missing.shift()) {
      const [index, file] = next
      const request: SignRequest = { key, file, from: index * TOKENS_PER_FILE, count: TOKENS_PER_FILE, tenants }
      await signer.ask('sign', request)
      done += TOKENS_PER_FILE
      progress.note(
        `signing ${key.algorithm} tokens: ${String(done)} of ${String(done + missing.length * TOKENS_PER_FILE)}`,
      )
    }
    signer.end()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return files
}
