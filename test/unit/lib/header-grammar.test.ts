import { isQuotable, isToken68, writeChallenge } from '../../../src/lib/header-grammar.js'

// RFC 9110 section 11.2, RFC 6750 section 2.1
describe('isToken68', () => {
  test.each(['a', 'a.b.c', 'a-b_c~d+e/f', 'a=', 'a==', 'a==='])('%p is one', (text) => {
    expect(isToken68(text)).toBe(true)
  })

  test.each(['', '=', '=a', 'a=b', 'a b', 'a,b', '"a"', 'a\n', 'a;b', 'a\u00e9', 'a:b', 'a%20'])(
    '%p is none',
    (text) => {
      expect(isToken68(text)).toBe(false)
    },
  )
})

// RFC 9110 section 5.6.4
describe('isQuotable', () => {
  test.each(['', ' ', 'a "quoted" \\ text', '~'])('%p can be quoted', (text) => {
    expect(isQuotable(text)).toBe(true)
  })

  test.each(['a\r\nSet-Cookie: b', '\n', '\t', '\0', '\u007f', '\u00e9', '\u2028'])('%p cannot', (text) => {
    expect(isQuotable(text)).toBe(false)
  })
})

// RFC 9110 section 11.6.1
describe('writeChallenge', () => {
  test('quotes every parameter and leaves out those without a value', () => {
    expect(writeChallenge('Bearer', { realm: 'api', error: undefined, scope: 'a b', empty: '' })).toBe(
      'Bearer realm="api", scope="a b", empty=""',
    )
  })

  test('escapes quotes and backslashes', () => {
    expect(writeChallenge('Bearer', { realm: 'a"b\\c' })).toBe(String.raw`Bearer realm="a\"b\\c"`)
  })

  test.each(['a\r\nb', '\u00e9', '\0'])('throws rather than write %p', (text) => {
    expect(() => writeChallenge('Bearer', { realm: text })).toThrow(TypeError)
  })
})
