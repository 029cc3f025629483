import { createMemoryStore } from '../../../src/stores/memory-store.js'
import { shareStore } from '../../../src/stores/share-store.js'
import type { Store } from '../../../src/stores/store.js'

const unavailable = expect.objectContaining({ code: 'store_unavailable', status: 503, retryAfterSeconds: 1 }) as Error
const never = new Promise<never>(() => undefined)

/** A store of somebody's that answers everything in one way. */
function storeThat(answer: () => unknown): Store {
  // It is foreign, and need not be what its type says.
  return shareStore(
    { addIfAbsent: answer, has: answer, publish: answer, subscribe: () => () => undefined } as unknown as Store,
    'replay',
    0.01,
  )
}

const questions: readonly (readonly [string, (store: Store) => unknown])[] = [
  ['addIfAbsent', (store) => store.addIfAbsent('a', 1)],
  ['has', (store) => store.has('a')],
]

describe('a store that several share', () => {
  it('keeps the keys of each apart', () => {
    const store = createMemoryStore()
    const replay = shareStore(store, 'replay', 1)
    const revocation = shareStore(store, 'revocation', 1)
    expect(replay.addIfAbsent('a', 60)).toBe('added')
    expect([replay.has('a'), revocation.has('a')]).toEqual([true, false])
    expect(revocation.addIfAbsent('a', 60)).toBe('added')
    expect([replay.addIfAbsent('a', 60), revocation.addIfAbsent('a', 60)]).toEqual(['present', 'present'])
  })

  it('keeps the channels of each apart', async () => {
    const store = createMemoryStore()
    const heard: string[] = []
    const hear = (name: string) => ({
      message: (message: string) => heard.push(`${name}: ${message}`),
      lost: () => heard.push(`${name} lost`),
      current: () => heard.push(`${name} current`),
    })
    shareStore(store, 'revocation', 1).subscribe('all', hear('revocation'))
    shareStore(store, 'introspection', 1).subscribe('all', hear('introspection'))
    await Promise.resolve()
    await shareStore(store, 'revocation', 1).publish('all', 'hello')
    await Promise.resolve()
    expect(heard).toEqual(['revocation current', 'introspection current', 'revocation: hello'])
  })

  describe.each(questions)('%s', (_name, ask) => {
    it.each<readonly [string, () => unknown]>([
      ['undefined', () => undefined],
      ['null', () => null],
      ['1', () => 1],
      ['"OK"', () => 'OK'],
      ['"true"', () => 'true'],
      ['an object', () => ({ toString: () => 'added' })],
    ])('cannot tell by %s', async (_kind, answer) => {
      expect(() => ask(storeThat(answer))).toThrow(unavailable)
      await expect(ask(storeThat(async () => Promise.resolve(answer())))).rejects.toEqual(unavailable)
    })

    it.each<readonly [string, () => unknown]>([
      ['a rejection', () => Promise.reject(new Error('ECONNREFUSED'))],
      // What somebody rejects with may be anything.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      ['a rejection with nothing', () => Promise.reject(undefined)],
      ['a promise that never settles', () => never],
      [
        'a thenable that throws',
        () => ({
          then: () => {
            throw new Error('no')
          },
        }),
      ],
    ])('cannot tell by %s', async (_kind, answer) => {
      await expect(ask(storeThat(answer))).rejects.toEqual(unavailable)
    })

    it('cannot tell when the store throws, whatever it throws', () => {
      expect(() =>
        ask(
          storeThat(() => {
            throw new Error('no')
          }),
        ),
      ).toThrow(unavailable)
      expect(() =>
        ask(
          storeThat(() => {
            // It is foreign.
            // eslint-disable-next-line @typescript-eslint/only-throw-error
            throw undefined
          }),
        ),
      ).toThrow(unavailable)
    })
  })

  it('takes the answers of the contract, promised or not', async () => {
    for (const answer of ['added', 'present'] as const) {
      expect(storeThat(() => answer).addIfAbsent('a', 1)).toBe(answer)
      await expect(storeThat(() => Promise.resolve(answer)).addIfAbsent('a', 1)).resolves.toBe(answer)
    }
    for (const answer of [true, false]) {
      expect(storeThat(() => answer).has('a')).toBe(answer)
      await expect(storeThat(() => Promise.resolve(answer)).has('a')).resolves.toBe(answer)
    }
  })
})
