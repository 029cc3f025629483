import type { CountSample } from '../results.js'
import { compareFigures } from './compare-figures.js'
import { describeComparison } from './describe-comparison.js'
import { readExpected, writeExpected } from './expected-file.js'
import { figuresOf, type CaseFigures } from './figures.js'

/** The major version of the Node that runs this. */
const node = Number(process.versions.node.split('.', 1)[0])

/** Whether the figures that are written down are of another Node, whose engine allocates otherwise; and if so, says it. */
export function saysOtherNode(root: string): boolean {
  const { node: theirs } = readExpected(root)
  if (theirs === node) return false
  console.log(
    `Nothing was compared: the figures in bench/expected.json are of Node ${String(theirs)}, this is ${String(node)}.`,
  )
  return true
}

/** Holds what was counted against what is written down, as far as `text` is in the name of a case; tells whether it holds. */
export function holdCounts(root: string, samples: readonly CountSample[], text: string): boolean {
  const comparison = compareFigures(ofCases(readExpected(root).cases, text), figuresOf(samples))
  console.log(describeComparison(comparison))
  return comparison.grown.length === 0 && comparison.gone.length === 0
}

/** Writes down what was counted, in place of what was written of these cases. */
export async function acceptCounts(root: string, samples: readonly CountSample[], text: string): Promise<void> {
  const { cases } = readExpected(root)
  const others = Object.entries(cases).filter(([id]) => !id.includes(text))
  await writeExpected(root, { node, cases: { ...Object.fromEntries(others), ...figuresOf(samples) } })
}

function ofCases(cases: CaseFigures, text: string): CaseFigures {
  return Object.fromEntries(Object.entries(cases).filter(([id]) => id.includes(text)))
}
