import { createHash } from 'node:crypto'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import { shareStore } from '../../src/stores/share-store.js'
import { heapUsed } from './memory.js'

const keyOf = (n: number): string => createHash('sha256').update(String(n)).digest('base64url')

/** What V8 takes for a text of its own: a header, and its characters to a multiple of eight. */
const bytesOfText = (length: number): number => 16 + Math.ceil(length / 8) * 8

describe('a remembered key', () => {
  // Just above what a table of V8 holds before it doubles, where it costs most.
  it.each([50_000, 100_000, 140_000])('takes at most 120 bytes and its own, of %d', (count) => {
    const memory = createMemoryStore({ maxEntries: count, clock: () => 1_800_000_000_000 })
    const store = shareStore(memory, 'replay', 1)
    const before = heapUsed()
    for (let n = 0; n < count; n++) void store.addIfAbsent(keyOf(n), 70)
    const bytes = (heapUsed() - before) / count - bytesOfText('replay:'.length + 43)
    expect(store.has(keyOf(0))).toBe(true)
    expect(bytes).toBeLessThan(120)
  })

  it('is gone, and its room with it, when others come after its time', () => {
    let now = 1_800_000_000_000
    const store = createMemoryStore({ maxEntries: 1_000_000, clock: () => now })
    const before = heapUsed()
    // 1000 a second, of which 80,000 are kept and a third as many linger.
    for (let n = 0; n < 400_000; n++) {
      now += 1
      void store.addIfAbsent(keyOf(n), 70)
    }
    expect((heapUsed() - before) / 108_000).toBeLessThan(120 + bytesOfText(43))
    expect(store.has(keyOf(399_999))).toBe(true)
  })
})
