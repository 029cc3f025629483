import { findAble } from '../audit.js'
import { startVerifier, type Bench } from '../bench.js'
import type { Child } from '../children.js'
import { drawZipf } from '../load/zipf.js'
import { verifyModes, type VerifyMode, type VerifySample } from '../results.js'
import { signingKey } from '../tokens/keys.js'
import { ensureTokens } from '../tokens/pool.js'
import { inTurns } from '../turns.js'

/** The compiler is at work for the first 5,000 tokens or so; what is measured is a server that has been up for a while. */
const WARM_UP_TOKENS = 7000
const COLD_TOKENS = 4000
const TOKENS_AT_ONCE = 32
/** Who is slow gets fewer tokens than that, and is known as well from them. */
const BUDGET_MICROSECONDS = 500_000
const WARM_TOKENS = 200
const WARM_DRAWS = 40_000
/** Every part has tokens of its own. */
const POOL = 2 * (WARM_UP_TOKENS + COLD_TOKENS) + WARM_TOKENS

interface Reports {
  readonly faults: string[]
  /** Called with the samples of each contender in each round. */
  readonly keep: (samples: readonly VerifySample[]) => void
}

/** Verification alone, without HTTP: what the checks cost, on tokens that are new and on tokens that come again. */
export async function measureVerification(bench: Bench, { faults, keep }: Reports): Promise<void> {
  for (const algorithm of bench.settings.algorithms) {
    const able = await findAble('verifier', { bench, algorithm, faults })
    bench.progress.expect(able.length * bench.settings.rounds)
    const files = await ensureTokens({ key: signingKey(algorithm), count: POOL }, bench)
    for (const { round, item: contender } of inTurns(bench.settings.rounds, able)) {
      bench.progress.step(`${algorithm}, verification alone, round ${String(round + 1)}: ${contender.label}`)
      const verifier = await startVerifier(contender, { bench, algorithm })
      await verifier.ask('load', { files, count: POOL })
      const samples: VerifySample[] = []
      for (const mode of verifyModes) {
        const cpuMicroseconds = await measures[mode](verifier)
        samples.push({ algorithm, contender: contender.id, round, mode, cpuMicroseconds })
      }
      verifier.end()
      keep(samples)
    }
  }
}

const measures: Readonly<Record<VerifyMode, (verifier: Child) => Promise<number>>> = {
  'cold, one at a time': (verifier) => measureCold(verifier, { from: 0, inFlight: 1 }),
  'cold, 32 at once': (verifier) =>
    measureCold(verifier, { from: WARM_UP_TOKENS + COLD_TOKENS, inFlight: TOKENS_AT_ONCE }),
  async warm(verifier) {
    const first = POOL - WARM_TOKENS
    const draws = [...drawZipf(WARM_TOKENS, WARM_DRAWS)].map((index) => first + index)
    const half = WARM_DRAWS / 2
    await verifier.ask('verify', { indices: draws.slice(0, half), inFlight: 1, budget: BUDGET_MICROSECONDS })
    return Number(
      await verifier.ask('verify', { indices: draws.slice(half), inFlight: 1, budget: BUDGET_MICROSECONDS }),
    )
  },
}

async function measureCold(verifier: Child, { from, inFlight }: { from: number; inFlight: number }): Promise<number> {
  const budget = BUDGET_MICROSECONDS
  await verifier.ask('verify', { from, count: WARM_UP_TOKENS, inFlight, budget })
  return Number(await verifier.ask('verify', { from: from + WARM_UP_TOKENS, count: COLD_TOKENS, inFlight, budget }))
}
