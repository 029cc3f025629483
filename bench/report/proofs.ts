import { proofKinds, type DpopResults } from '../results.js'
import { spreadOf } from '../statistics.js'
import { compare } from './summary.js'
import { spread, table } from './table.js'

/** What proofs cost. */
export function describeDpop({ samples, bytes }: DpopResults): readonly string[] {
  const rows = [...new Set(samples.map(({ algorithm }) => algorithm))].flatMap((algorithm) =>
    proofKinds.map((kind) => {
      const own = samples.filter((sample) => sample.algorithm === algorithm)
      const cpu = own.filter(({ contender }) => contender === kind).map(({ cpuMicroseconds }) => cpuMicroseconds)
      const ratio = compare(own, [kind, 'Bearer'], (one, base) => one.cpuMicroseconds / base.cpuMicroseconds)
      return [algorithm, kind, spread(spreadOf(cpu), 1), spread(ratio, 2)]
    }),
  )
  return [
    '## Proofs of possession (DPoP)',
    'A request without HTTP around it, all kinds in turns. Every proof is new; tokens came before unless they are new, and Bearer ' +
      'tokens are. "Another key" is one that is not kept imported, since more clients come in turns than there is room for. Other ' +
      'and new keys are of ES256, the known one is of the algorithm of the token.',
    table(['', '', 'CPU, us', 'beside a new Bearer token'], rows),
    ...(bytes.length === 0 ? [] : [`A remembered proof takes ${spread(spreadOf(bytes), 0)} bytes, its key included.`]),
  ]
}
