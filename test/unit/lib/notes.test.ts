import { jest } from '@jest/globals'

// What engines are to do where nothing can be added to an object: no private field can, either.
jest.unstable_mockModule('../../../src/lib/adding.js', () => ({
  Adding: function (this: unknown, object: object) {
    if (!Object.isExtensible(object)) throw new TypeError('Cannot define property, object is not extensible')
    return object
  },
}))

const { createNotes } = await import('../../../src/lib/notes.js')

test.each([
  ['an object', () => ({})],
  ['one that is frozen', () => Object.freeze({})],
])('%s has notes, apart from each other, where an engine lets nothing be added to what is frozen', (_, create) => {
  const [notes, others] = [createNotes<string>(), createNotes<string>()]
  const object = create()
  notes.set(object, 'first')
  notes.set(object, 'second')
  expect(notes.get(object)).toBe('second')
  expect(others.get(object)).toBeUndefined()
  expect(notes.get(create())).toBeUndefined()
})
