import { remember } from '../../../src/lib/remember.js'

function counting(maxEntries: number): {
  readonly ask: (text: string) => string | undefined
  readonly asked: string[]
} {
  const asked: string[] = []
  const compute = (text: string): string | undefined => {
    asked.push(text)
    return text === '' ? undefined : text.toUpperCase()
  }
  return { ask: remember(compute, { maxEntries, maxLength: 8 }), asked }
}

test('computes an answer once', () => {
  const { ask, asked } = counting(2)
  expect([ask('a'), ask('a'), ask('b'), ask('a')]).toEqual(['A', 'A', 'B', 'A'])
  expect(asked).toEqual(['a', 'b'])
})

test('does not remember that there is no answer', () => {
  const { ask, asked } = counting(2)
  expect([ask(''), ask('')]).toEqual([undefined, undefined])
  expect(asked).toEqual(['', ''])
})

test('forgets everything when its room is full, and answers all the same', () => {
  const { ask, asked } = counting(2)
  expect(['a', 'b', 'c', 'a', 'c'].map(ask)).toEqual(['A', 'B', 'C', 'A', 'C'])
  expect(asked).toEqual(['a', 'b', 'c', 'a'])
})

test('does not remember what is longer than it is worth', () => {
  const { ask, asked } = counting(2)
  expect(['12345678', '123456789', '12345678', '123456789'].map(ask)).toEqual([
    '12345678',
    '123456789',
    '12345678',
    '123456789',
  ])
  expect(asked).toEqual(['12345678', '123456789', '123456789'])
})
