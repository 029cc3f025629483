/** Lets happen whatever waits for nothing but its turn: promises, streams in memory, fetches that are answered at once. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}
