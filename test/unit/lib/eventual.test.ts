import { isPending, whenSettled } from '../../../src/lib/eventual.js'

test('goes on at once with what is there', () => {
  expect(whenSettled(1, (one) => one + 1)).toBe(2)
})

test('waits for what is not', async () => {
  const later = whenSettled(Promise.resolve(1), (one) => one + 1)
  expect(isPending(later)).toBe(true)
  expect(await later).toBe(2)
})

test('waits for a promise of another class than the Promise that is at hand', async () => {
  class Foreign {
    readonly #promise = Promise.resolve(1)
    readonly then = this.#promise.then.bind(this.#promise)
  }
  const later = new Foreign() as unknown as Promise<number>
  expect(later).not.toBeInstanceOf(Promise)
  expect(await whenSettled(later, (one) => one + 1)).toBe(2)
})

test('hands a failure on, and does not go on', async () => {
  const next = (): never => {
    throw new Error('went on')
  }
  await expect(whenSettled(Promise.reject(new Error('failed')), next)).rejects.toThrow('failed')
})

test.each([undefined, null, true, 0, 'then', {}, { then: 1 }, []])('%p is there', (result) => {
  expect(isPending(result)).toBe(false)
})
