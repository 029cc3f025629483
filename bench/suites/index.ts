import type { Bench } from '../bench.js'
import type { Results } from '../results.js'
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
import { measureVerification } from './verify.js'

/** Everything that can be measured, in the order in which it is; each adds its part to the results. */
export const suites = {
  counts: async (bench, results) => {
    await measureCounts(bench, (samples) => {
      results.counts = [...(results.counts ?? []), ...samples]
      bench.keep()
    })
  },
  process: async (bench, results) => {
    await measureInProcess(bench, (samples) => {
      results.process = [...(results.process ?? []), ...samples]
      bench.keep()
    })
  },
  refuse: async (bench, results) => {
    await measureRefusals(bench, (samples) => {
      results.refuse = [...(results.refuse ?? []), ...samples]
      bench.keep()
    })
  },
  opaque: async (bench, results) => {
    await measureOpaque(bench, (samples) => {
      results.opaque = [...(results.opaque ?? []), ...samples]
      bench.keep()
    })
  },
  'id-token': async (bench, results) => {
    results.idToken = await askIdToken(bench, results.faults)
  },
  load: async (bench, results) => {
    results.load = await measureLoad(bench, results.failures)
  },
  http: async (bench, results) => {
    results.http = await measureHttp(bench, results.faults)
  },
  verify: async (bench, results) => {
    results.verify = await measureVerification(bench, results.faults)
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
