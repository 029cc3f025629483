import { claimKeys, readClaim, type ClaimPath } from '../../../src/tokens/claim-path.js'

describe('claimKeys', () => {
  test.each<[ClaimPath, readonly string[]]>([
    ['tenant', ['tenant']],
    ['realm_access.roles', ['realm_access', 'roles']],
    ['https://example.com/roles', ['https://example.com/roles']],
    ['cognito:groups', ['cognito:groups']],
    ['urn:a.b:roles', ['urn:a.b:roles']],
    [
      ['resource_access', 'my.client', 'roles'],
      ['resource_access', 'my.client', 'roles'],
    ],
    [['a:b.c'], ['a:b.c']],
    ['a..b', ['a', '', 'b']],
    ['', ['']],
  ])('%j', (path, keys) => {
    expect(claimKeys(path)).toEqual(keys)
  })

  test('copies an array, so that nobody changes a policy afterwards', () => {
    const path = ['a', 'b']
    const keys = claimKeys(path)
    path.push('c')
    expect(keys).toEqual(['a', 'b'])
  })
})

describe('readClaim', () => {
  const claims = {
    a: { b: { c: 1 } },
    'a.b': 2,
    list: [{ b: 3 }],
    text: 'abc',
    nothing: null,
  }

  test.each<[readonly string[], unknown]>([
    [['a', 'b', 'c'], 1],
    [['a', 'b'], { c: 1 }],
    [['a.b'], 2],
    [['nothing'], null],
    [[], claims],
  ])('finds %j', (keys, value) => {
    expect(readClaim(claims, keys)).toEqual(value)
  })

  test.each<[string, readonly string[]]>([
    ['an unknown name', ['x']],
    ['a step below an unknown name', ['x', 'y']],
    ['a step below null', ['nothing', 'a']],
    ['the length of a text', ['text', 'length']],
    ['a member of an array', ['list', '0']],
    ['the length of an array', ['list', 'length']],
    ['an inherited name', ['constructor']],
    ['a way through the prototype', ['__proto__', 'toString']],
    ['an inherited name further down', ['a', 'b', 'constructor', 'name']],
  ])('does not find %s', (_name, keys) => {
    expect(readClaim(claims, keys)).toBeUndefined()
  })
})
