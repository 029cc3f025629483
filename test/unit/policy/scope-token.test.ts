import { isScopeToken } from '../../../src/policy/scope-token.js'

// RFC 6749 section 3.3
describe('isScopeToken', () => {
  test.each(['a', 'orders:read', 'https://example.com/a.b', '!', '#', '[', ']', '~'])('%p is one', (text) => {
    expect(isScopeToken(text)).toBe(true)
  })

  test.each(['', ' ', 'a b', 'a"', 'a\\', 'a\t', 'a\n', 'a\u007f', '\u00e9'])('%p is none', (text) => {
    expect(isScopeToken(text)).toBe(false)
  })
})
