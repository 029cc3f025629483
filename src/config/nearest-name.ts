const MAX_DISTANCE = 3
const SHORT_DISTANCE = 2

/** Finds the known name that somebody most likely meant: one that starts alike, or else the one with the fewest edits. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase()
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceBetween(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  // Three edits leave nothing of a short name.
  const limit = name.length < 6 ? SHORT_DISTANCE : MAX_DISTANCE
  return ranked.find(({ distance }) => distance <= limit)?.candidate
}

/** The number of edits between two texts, or 2 where one is the beginning of the other (`issuerBaseURL`, `issuer`). */
function distanceBetween(a: string, b: string): number {
  if (a !== b && (a.startsWith(b) || b.startsWith(a))) return 2
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
