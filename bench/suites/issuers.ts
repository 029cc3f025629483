import { startVerifier, type Bench } from '../bench.js'
import type { Contender } from '../contenders.js'
import type { Growth, ScaleSample } from '../results.js'
import { publicJwk, signingKey } from '../tokens/keys.js'
import { tenantIssuer } from '../tokens/mint.js'
import { ensureTokens } from '../tokens/pool.js'
import { measureOverSizes } from './over-sizes.js'

const SIZES = [1, 100, 1000, 10_000]
const WARM_UP_TOKENS = 10_000
const TOKENS = 3000
const TOKENS_AT_ONCE = 32

/**
 * What a new token costs among 1 to 10,000 issuers, once each of them was seen.
 *
 * The keys are given, not fetched: how ten thousand key sets come over the wire is not what is asked here.
 */
export async function measureIssuers(bench: Bench, failures: string[]): Promise<readonly ScaleSample[]> {
  const able = bench.contenders.filter(({ as }) => as.includes('tenants'))
  const key = signingKey('RS256')
  const jwks = { keys: [publicJwk(key)] }
  const count = WARM_UP_TOKENS + 2 * TOKENS
  const files = new Map<number, readonly string[]>()
  for (const size of SIZES) files.set(size, await ensureTokens({ key, count, tenants: size }, bench))
  const measure = async (contender: Contender, size: number): Promise<Growth> => {
    const issuers = Array.from({ length: size }, (_, index) => tenantIssuer(index))
    const verifier = await startVerifier(contender, {
      bench,
      algorithm: 'RS256',
      factory: 'createTenantVerifier',
      options: { issuers, jwks, ...contender.options },
    })
    try {
      await verifier.ask('load', { files: files.get(size), count })
      await verifier.ask('verify', { count: WARM_UP_TOKENS, inFlight: TOKENS_AT_ONCE })
      // What setting up ten thousand issuers leaves to the collector is not what a token costs.
      const heldBytes = Number(await verifier.ask('memory'))
      const measured = { from: WARM_UP_TOKENS, count: TOKENS, inFlight: TOKENS_AT_ONCE }
      const cpuMicroseconds = Number(await verifier.ask('verify', measured))
      const allocatedBytes = Number(await verifier.ask('allocated', { ...measured, from: WARM_UP_TOKENS + TOKENS }))
      return { cpuMicroseconds, allocatedBytes, heldBytes }
    } finally {
      verifier.end()
    }
  }
  return measureOverSizes(bench, { able, sizes: SIZES, unit: 'issuers', measure }, failures)
}
