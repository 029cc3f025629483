import { whenSettled } from '../../../src/lib/when-settled.js'

test('goes on at once with what is there', () => {
  expect(whenSettled(1, (one) => one + 1)).toBe(2)
})

test('waits for what is not', async () => {
  const later = whenSettled(Promise.resolve(1), (one) => one + 1)
  expect(later).toBeInstanceOf(Promise)
  expect(await later).toBe(2)
})

test('hands a failure on, and does not go on', async () => {
  const next = (): never => {
    throw new Error('went on')
  }
  await expect(whenSettled(Promise.reject(new Error('failed')), next)).rejects.toThrow('failed')
})
