import type { Bench } from '../bench.js'
import type {
  CountSample,
  HttpSample,
  ProcessSample,
  Results,
  StartSample,
  ThreadSample,
  VerifySample,
} from '../results.js'
import { measureCached } from './cached.js'
import { measureCounts } from './counts.js'
import { measureDpop } from './dpop.js'
import { measureFloods } from './floods.js'
import { measureHttp } from './http.js'
import { askIdToken } from './id-token.js'
import { measureIssuers } from './issuers.js'
import { measureKeys } from './keys.js'
import { measureLoad } from './load.js'
import { measureInProcess, measureOpaque, measureRefusals } from './process.js'
import { measureStarts } from './start.js'
import { measureThreads } from './threads.js'
import { measureVerification } from './verify.js'

/** Everything that can be measured, in the order in which it is; each adds its part to the results. */
export const suites = {
  counts: async (bench, results) => {
    await measureCounts(
      bench,
      collect(bench, (all: readonly CountSample[]) => {
        results.counts = all
      }),
    )
  },
  process: async (bench, results) => {
    await measureInProcess(
      bench,
      collect(bench, (all: readonly ProcessSample[]) => {
        results.process = all
      }),
    )
  },
  refuse: async (bench, results) => {
    await measureRefusals(
      bench,
      collect(bench, (all: readonly ProcessSample[]) => {
        results.refuse = all
      }),
    )
  },
  opaque: async (bench, results) => {
    await measureOpaque(
      bench,
      collect(bench, (all: readonly ProcessSample[]) => {
        results.opaque = all
      }),
    )
  },
  'id-token': async (bench, results) => {
    results.idToken = await askIdToken(bench, results.faults)
  },
  load: async (bench, results) => {
    results.load = await measureLoad(bench, results.failures)
  },
  start: async (bench, results) => {
    await measureStarts(
      bench,
      collect(bench, (all: readonly StartSample[]) => {
        results.start = all
      }),
    )
  },
  threads: async (bench, results) => {
    await measureThreads(
      bench,
      collect(bench, (all: readonly ThreadSample[]) => {
        results.threads = all
      }),
    )
  },
  http: async (bench, results) => {
    const keep = collect(bench, (all: readonly HttpSample[]) => {
      results.http = all
    })
    await measureHttp(bench, { faults: results.faults, keep })
  },
  verify: async (bench, results) => {
    const keep = collect(bench, (all: readonly VerifySample[]) => {
      results.verify = all
    })
    await measureVerification(bench, { faults: results.faults, keep })
  },
  keys: async (bench, results) => {
    results.keys = await measureKeys(bench, results)
  },
  issuers: async (bench, results) => {
    results.issuers = await measureIssuers(bench, results.failures)
  },
  cached: async (bench, results) => {
    results.cached = await measureCached(bench, results.failures)
  },
  floods: async (bench, results) => {
    results.floods = await measureFloods(bench, results.faults)
  },
  dpop: async (bench, results) => {
    results.dpop = await measureDpop(bench)
  },
} as const satisfies Readonly<Record<string, (bench: Bench, results: Results) => Promise<void>>>

export type Suite = keyof typeof suites

/** Takes samples as they come, and has what there is so far written down. */
function collect<Sample>(bench: Bench, note: (all: readonly Sample[]) => void): (samples: readonly Sample[]) => void {
  const all: Sample[] = []
  return (samples) => {
    all.push(...samples)
    note(all)
    bench.keep()
  }
}
