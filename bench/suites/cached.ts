import { createRandom } from '../../tools/random.js'
import { startVerifier, type Bench } from '../bench.js'
import type { Contender } from '../contenders.js'
import type { CachedSample, Growth } from '../results.js'
import { signingKey } from '../tokens/keys.js'
import { ensureTokens } from '../tokens/pool.js'
import { measureOverSizes } from './over-sizes.js'

const SIZES = [1, 1000, 10_000, 100_000]
const WARM_UP_TOKENS = 2000
const DRAWS = 10_000
const TOKENS_AT_ONCE = 32

/** What a remembered token costs, in time and in memory, while 1 to 100,000 are remembered. */
export async function measureCached(bench: Bench, failures: string[]): Promise<readonly CachedSample[]> {
  const able = bench.contenders.filter(({ cacheOptions }) => cacheOptions !== undefined)
  const files = await ensureTokens({ key: signingKey('RS256'), count: Math.max(...SIZES) }, bench)
  const measure = async (contender: Contender, size: number): Promise<Growth & { bytes: number }> => {
    const options = contender.cacheOptions?.(size) ?? {}
    const verifier = await startVerifier(contender, { bench, algorithm: 'RS256', options })
    try {
      await verifier.ask('load', { files, count: size })
      const verify = (indices: readonly number[], inFlight: number): Promise<unknown> =>
        verifier.ask('verify', { indices, inFlight })
      // One token makes the compiler and the key ready, so that neither counts as memory of the cache.
      await verify(
        Array.from({ length: WARM_UP_TOKENS }, () => 0),
        TOKENS_AT_ONCE,
      )
      const before = Number(await verifier.ask('memory'))
      // Twice: a cache may wait for the second sight of a token.
      for (let sight = 0; sight < 2; sight += 1) {
        await verifier.ask('verify', { count: size, inFlight: TOKENS_AT_ONCE })
      }
      const bytes = Number(await verifier.ask('memory')) - before
      const random = createRandom(1)
      const draws = Array.from({ length: 3 * DRAWS }, () => Math.floor(random.next() * size))
      await verify(draws.slice(0, DRAWS), 1)
      const cpuMicroseconds = Number(await verify(draws.slice(DRAWS, -DRAWS), 1))
      const allocatedBytes = Number(await verifier.ask('allocated', { indices: draws.slice(-DRAWS), inFlight: 1 }))
      return { bytes, cpuMicroseconds, allocatedBytes, heldBytes: before + bytes }
    } finally {
      verifier.end()
    }
  }
  return measureOverSizes(bench, { able, sizes: SIZES, unit: 'remembered tokens', measure }, failures)
}
