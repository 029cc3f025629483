import { createRecent } from '../../../src/introspection/recent.js'

describe('what was noted lately', () => {
  it('is so much at most, and the oldest goes first', () => {
    const recent = createRecent<number>(2)
    recent.note('a', 1)
    recent.note('b', 2)
    recent.note('a', 3)
    recent.note('c', 4)
    expect(['a', 'b', 'c'].map((name) => recent.get(name))).toEqual([3, undefined, 4])
  })

  it('can be forgotten, and is nothing where there is no room', () => {
    const recent = createRecent<number>(1)
    recent.note('a', 1)
    recent.forget('a')
    expect(recent.get('a')).toBeUndefined()
    const none = createRecent<number>(0)
    none.note('a', 1)
    expect(none.get('a')).toBeUndefined()
  })
})
