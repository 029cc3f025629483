import { createRandom } from '../../tools/random.js'

/** Draws indices of which the first comes twice as often as the second, three times as often as the third, and so on. */
export function drawZipf(size: number, draws: number): Uint32Array {
  const random = createRandom(1)
  const cumulative = new Float64Array(size)
  let total = 0
  for (let rank = 0; rank < size; rank += 1) cumulative[rank] = total += 1 / (rank + 1)
  return Uint32Array.from({ length: draws }, () => {
    const target = random.next() * total
    const index = cumulative.findIndex((sum) => sum >= target)
    return index < 0 ? size - 1 : index
  })
}
