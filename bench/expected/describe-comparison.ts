import type { Comparison, Difference } from './compare-figures.js'

const ACCEPT = 'npm run bench -- --accept'

/** What came of a comparison, for whoever has to act on it. */
export function describeComparison({ grown, shrunk, gone }: Comparison): string {
  return [
    ...list('These grew by more than a tenth, or are new:', grown),
    ...list('These shrank by more than a tenth:', shrunk),
    ...list('These are written down and were not counted:', gone),
    grown.length > 0 || gone.length > 0
      ? `Make it cheaper; or, where it is worth it, write it down with \`${ACCEPT}\` and say why in the commit.`
      : shrunk.length > 0
        ? `Nothing grew. \`${ACCEPT}\` writes down what is better, so that it stays.`
        : 'Nothing grew by more than a tenth.',
  ].join('\n')
}

function list(title: string, differences: readonly Difference[]): readonly string[] {
  return differences.length === 0 ? [] : [title, ...differences.map(describeOne)]
}

function describeOne({ case: id, build, figure, expected, found }: Difference): string {
  return `  ${id}, ${build}: ${figure} ${String(expected ?? 'not written down')} -> ${String(found ?? 'not counted')}`
}
