import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { createMemoryStore } from '../../../src/stores/memory-store.js'
import type { Store } from '../../../src/stores/store.js'

const START = 1_800_000_000

function storeAt(maxEntries?: number): { store: Store; at: (seconds: number) => void } {
  let now = START
  return {
    store: createMemoryStore({ ...(maxEntries !== undefined && { maxEntries }), clock: () => now * 1000 }),
    at: (seconds) => {
      now = START + seconds
    },
  }
}

const unavailable = expect.objectContaining({ code: 'store_unavailable', status: 503, retryAfterSeconds: 1 }) as Error

describe('the store in memory', () => {
  it('keeps a key no shorter than it was told to, and at most a second longer', () => {
    const { store, at } = storeAt()
    expect(store.addIfAbsent('a', 70)).toBe('added')
    for (const seconds of [0, 35, 69.999]) {
      at(seconds)
      expect([store.addIfAbsent('a', 70), store.has('a')]).toEqual(['present', true])
    }
    at(71)
    expect(store.has('a')).toBe(false)
    expect(store.addIfAbsent('a', 70)).toBe('added')
  })

  it.each([0, -1, Number.NaN])('adds nothing for %d seconds, and does not say that it did', (ttl) => {
    const { store } = storeAt()
    expect(() => store.addIfAbsent('a', ttl)).toThrow(unavailable)
  })

  it('cannot tell when it is full, and forgets nobody who is alive for a newcomer', () => {
    const { store, at } = storeAt(100)
    for (let i = 0; i < 100; i++) expect(store.addIfAbsent(`key ${String(i)}`, 70)).toBe('added')
    for (let i = 0; i < 1000; i++) expect(() => store.addIfAbsent(randomUUID(), 70)).toThrow(unavailable)
    for (let i = 0; i < 100; i++) expect(store.addIfAbsent(`key ${String(i)}`, 70)).toBe('present')
    at(69)
    expect(() => store.addIfAbsent('newcomer', 70)).toThrow(unavailable)
    at(90)
    expect(store.addIfAbsent('newcomer', 70)).toBe('added')
  })

  it('has room as soon as what it held is over: it lingers a third of its time at most', () => {
    // 100 a second for 70 seconds and 10 of grace are 8000 at a time; a quarter of what is held may be over.
    const { store, at } = storeAt(11_000)
    for (let i = 0; i < 100_000; i++) {
      at(i / 100)
      expect(store.addIfAbsent(String(i), 70)).toBe('added')
    }
  })

  it('takes up its work after a rest, whatever was left then', () => {
    const { store, at } = storeAt(1000)
    for (let i = 0; i < 1000; i++) void store.addIfAbsent(`old ${String(i)}`, 70)
    at(86_400)
    for (let i = 0; i < 1000; i++) expect(store.addIfAbsent(`new ${String(i)}`, 70)).toBe('added')
  })

  it('remembers while the clock is set back by a little', () => {
    const { store, at } = storeAt()
    void store.addIfAbsent('a', 70)
    at(75)
    for (let i = 0; i < 100; i++) void store.has('anything')
    at(66)
    expect(store.addIfAbsent('a', 70)).toBe('present')
  })

  it('cannot tell while the clock stands before what it has forgotten', () => {
    const { store, at } = storeAt()
    void store.addIfAbsent('a', 70)
    at(100)
    for (let i = 0; i < 10; i++) void store.has('anything')
    at(40)
    expect(() => store.addIfAbsent('a', 70)).toThrow(unavailable)
    expect(() => store.has('a')).toThrow(unavailable)
    expect(() => store.addIfAbsent('another', 70)).toThrow(unavailable)
    at(70)
    expect(store.addIfAbsent('another', 70)).toBe('added')
  })

  it('says "added" once for each life of a key, whatever the order of keys, times and clocks', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 5 }),
      ttl: fc.integer({ min: 1, max: 50 }),
      after: fc.integer({ min: -15, max: 30 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { store, at } = storeAt()
        const lives = new Map<number, number>()
        let now = 0
        for (const { key, ttl, after } of steps) {
          now += after
          at(now)
          let answer: unknown
          try {
            answer = store.addIfAbsent(String(key), ttl)
          } catch {
            continue
          }
          const isAlive = now < (lives.get(key) ?? Number.NEGATIVE_INFINITY)
          expect(answer).toBe(isAlive ? 'present' : 'added')
          if (!isAlive) lives.set(key, now + ttl)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
