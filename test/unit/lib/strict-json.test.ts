import { isJsonObject, ownMember, readJsonObject } from '../../../src/lib/strict-json.js'

const unlimited = { containers: Infinity, members: Infinity, commas: Infinity }
const read = (text: string, maxDepth = 8) => readJsonObject(Buffer.from(text), { ...unlimited, depth: maxDepth })

// RFC 8259 section 4, RFC 7515 section 4, RFC 7519 section 4
describe('readJsonObject', () => {
  test.each([
    ['{}', {}],
    ['{"a":1}', { a: 1 }],
    [' \t\r\n{ "a" : [ 1 , { "b" : null } ] } ', { a: [1, { b: null }] }],
    ['{"a":{"b":1},"c":{"b":1}}', { a: { b: 1 }, c: { b: 1 } }],
    ['{"a:b":"c:d"}', { 'a:b': 'c:d' }],
    [String.raw`{"a":"\":\\","b":"\\\":"}`, { a: '":\\', b: '\\":' }],
    ['{"a":"\\u003a"}', { a: ':' }],
    ['{"1":1,"0":0}', { 0: 0, 1: 1 }],
    ['{"a":1.7976931348623157e308,"b":-0.5e-3}', { a: 1.7976931348623157e308, b: -0.0005 }],
    ['{"\u00e9":"\u{1f600}"}', { '\u00e9': '\u{1f600}' }],
  ])('reads %s', (text, value) => {
    expect(read(text)).toEqual(value)
  })

  test.each([
    ['a duplicate member', '{"a":1,"a":1}'],
    ['a duplicate member, one of them escaped', '{"a":1,"\\u0061":2}'],
    ['a duplicate member further down', '{"a":[{"b":1,"b":2}]}'],
    ['a duplicate __proto__', '{"__proto__":1,"__proto__":2}'],
    ['a duplicate empty name', '{"":1,"":2}'],
    ['a duplicate with colons around it', '{"a:":":","a:":":"}'],
    ['a number beyond a double', '{"exp":1e999}'],
    ['a negative number beyond a double', '{"exp":-1e999}'],
    ['a number beyond a double, further down', '{"a":[[1e999]]}'],
    ['an array', '[]'],
    ['a text', '"a"'],
    ['null', 'null'],
    ['nothing', ''],
    ['two objects', '{}{}'],
    ['a comma too many', '{"a":1,}'],
    ['a comment', '{/**/}'],
    ['NaN', '{"a":NaN}'],
    ['a byte order mark', '\ufeff{}'],
    ['a control character in a text', '{"a":"\n"}'],
  ])('refuses %s', (_name, text) => {
    expect(read(text)).toBeUndefined()
  })

  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a sequence cut short', [0xe2, 0x82]],
  ])('refuses invalid UTF-8: %s', (_name, bytes) => {
    const around = (middle: number[]) => Buffer.concat([Buffer.from('{"a":"'), Buffer.from(middle), Buffer.from('"}')])
    expect(readJsonObject(around(bytes), { ...unlimited, depth: 8 })).toBeUndefined()
    expect(readJsonObject(around([0x2f]), { ...unlimited, depth: 8 })).toEqual({ a: '/' })
  })

  test('counts depth in objects and arrays', () => {
    expect(read('{"a":{"b":1}}', 2)).toEqual({ a: { b: 1 } })
    expect(read('{"a":{"b":1}}', 1)).toBeUndefined()
    expect(read('{"a":[[]]}', 3)).toEqual({ a: [[]] })
    expect(read('{"a":[[]]}', 2)).toBeUndefined()
  })

  test.each([
    ['containers', { containers: 3 }, '{"a":[{}]}', '{"a":[{},[]]}'],
    ['members', { members: 2 }, '{"a":{"b":1}}', '{"a":{"b":1,"c":2}}'],
    ['commas', { commas: 2 }, '{"a":[1,2,3]}', '{"a":[1,2,3,4]}'],
  ])('counts %s outside of strings, and refuses more of them than may be', (_name, limit, most, more) => {
    const limits = { ...unlimited, depth: 8, ...limit }
    expect(readJsonObject(Buffer.from(most), limits)).toBeDefined()
    expect(readJsonObject(Buffer.from(more), limits)).toBeUndefined()
    expect(readJsonObject(Buffer.from(String.raw`{"a\"{[:,{[:,":"{[:,\"{[:,"}`), limits)).toBeDefined()
  })

  test('refuses nesting as deep as a token can make it, without running out of stack', () => {
    expect(read(`{"a":${'['.repeat(6000)}${']'.repeat(6000)}}`, 32)).toBeUndefined()
  })

  test.each(['{"__proto__":{}}', '{"a":[{"__proto__":1}]}', '{"\\u005f_proto__":1}'])('refuses %s', (text) => {
    expect(read(text)).toBeUndefined()
    expect(read(text.replace('proto', 'photo'))).toBeDefined()
  })
})

describe('ownMember', () => {
  test('does not see what an object inherits', () => {
    expect(ownMember({ a: 1 }, 'a')).toBe(1)
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(ownMember({}, name)).toBeUndefined()
    }
  })
})

describe('isJsonObject', () => {
  test.each([[null], [[]], ['a'], [1], [true], [undefined]])('%j is none', (value) => {
    expect(isJsonObject(value)).toBe(false)
  })

  test('{} is one', () => {
    expect(isJsonObject({})).toBe(true)
  })
})
