import type { SkippedKey } from './verification-key.js'

/** Says for the operator why members of a key set were left out: each reason once, with how often, and no name of a key. */
export function describeSkipped(skipped: readonly SkippedKey[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { problem } of skipped) counts.set(problem, (counts.get(problem) ?? 0) + 1)
  return [...counts].map(([problem, count]) => (count === 1 ? problem : `${problem} (${String(count)} keys)`))
}
