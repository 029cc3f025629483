import { withoutStack } from '../../../src/lib/without-stack.js'

test('creates an error that names no place in the code', () => {
  expect(withoutStack(() => new Error('refused')).stack).toBe('Error: refused')
})

test('leaves other errors their stacks, also after one that could not be created', () => {
  const fails = (): never => {
    throw new Error('cannot be created')
  }
  expect(() => withoutStack(fails)).toThrow('cannot be created')
  expect(new Error('other').stack).toContain('without-stack.test')
})
