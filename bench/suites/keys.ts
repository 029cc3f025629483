import { findAble } from '../audit.js'
import { startVerifier, type Bench } from '../bench.js'
import type { Contender } from '../contenders.js'
import type { Growth, ScaleSample } from '../results.js'
import { signersFor } from '../tokens/keys.js'
import { ensureTokens } from '../tokens/pool.js'
import { measureOverSizes } from './over-sizes.js'

const SIZES = [1, 10, 100, 1000]
const WARM_UP_TOKENS = 2000
const TOKENS = 3000
const TOKENS_AT_ONCE = 32

/** What a new token costs beside a key set of 1 to 1,000 keys, fetched over HTTP; ten of the keys sign, spread over the set. */
export async function measureKeys(
  bench: Bench,
  { faults, failures }: { faults: string[]; failures: string[] },
): Promise<readonly ScaleSample[]> {
  const able = (await findAble('verifier', { bench, algorithm: 'RS256', faults })).filter(
    // A key at hand is no key set.
    ({ signatureOnly, options }) => signatureOnly !== true && options?.['keys'] !== 'pem',
  )
  const count = WARM_UP_TOKENS + 2 * TOKENS
  const files = new Map<number, readonly string[]>()
  for (const size of SIZES) {
    await bench.keyServer.ask('publish', { size })
    const signers = signersFor(size)
    const pools: (readonly string[])[] = []
    for (const key of signers) pools.push(await ensureTokens({ key, count: Math.ceil(count / signers.length) }, bench))
    files.set(size, pools.flat())
  }
  // A step that shares no divisor with the count goes through all tokens, and so from key to key.
  const indices = Array.from({ length: count }, (_, i) => (i * 509) % count)
  const measure = async (contender: Contender, size: number): Promise<Growth> => {
    const verifier = await startVerifier(contender, { bench, algorithm: 'RS256', keySet: `keys-${String(size)}` })
    try {
      await verifier.ask('load', { files: files.get(size), count })
      const verify = (list: readonly number[]): Promise<unknown> =>
        verifier.ask('verify', { indices: list, inFlight: TOKENS_AT_ONCE })
      await verify(indices.slice(0, WARM_UP_TOKENS))
      const heldBytes = Number(await verifier.ask('memory'))
      const cpuMicroseconds = Number(await verify(indices.slice(WARM_UP_TOKENS, -TOKENS)))
      const allocatedBytes = Number(
        await verifier.ask('allocated', { indices: indices.slice(-TOKENS), inFlight: TOKENS_AT_ONCE }),
      )
      return { cpuMicroseconds, allocatedBytes, heldBytes }
    } finally {
      verifier.end()
    }
  }
  return measureOverSizes(bench, { able, sizes: SIZES, unit: 'keys', measure }, failures)
}
