export interface Turn<Item> {
  readonly round: number
  readonly item: Item
}

/**
 * Everybody once in each round, so that whatever else the machine does meets them all; each round begins with another, so that
 * nobody always comes after the same neighbour.
 */
export function inTurns<Item>(rounds: number, items: readonly Item[]): readonly Turn<Item>[] {
  return Array.from({ length: rounds }, (_, round) => rotated(items, round).map((item) => ({ round, item }))).flat()
}

export function rotated<Item>(items: readonly Item[], round: number): readonly Item[] {
  const from = round % Math.max(items.length, 1)
  return [...items.slice(from), ...items.slice(0, from)]
}
