import { readFileSync } from 'node:fs'
import type { Site } from '../bench.js'
import type { Case, CaseGroup } from '../cases/case.js'
import { signingKey } from '../tokens/keys.js'
import { ensureTokens } from '../tokens/pool.js'

/** Makes so many calls of each case of a group. Proofs must be younger than the process that is to take them. */
export function makeCases(group: CaseGroup, calls: number, bench: Site): Promise<readonly Case[]> {
  return group.make(calls, {
    async tokens(algorithm, count) {
      const files = await ensureTokens({ key: signingKey(algorithm), count }, bench)
      return files.flatMap((file) => readFileSync(file, 'latin1').trimEnd().split('\n')).slice(0, count)
    },
  })
}
