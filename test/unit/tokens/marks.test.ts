import { describeMark, filled, filledBut, findMark, type Mark } from '../../../src/tokens/marks.js'

type Members = Readonly<Record<string, unknown>>

const ISS = 'https://issuer.example.com/'

describe('a mark', () => {
  test.each<[name: string, mark: Mark, claims: Members, expected: boolean]>([
    ['a claim that is there', { a: true }, { a: null }, true],
    ['a claim that is not there', { a: true }, {}, false],
    ['a claim that is inherited', { a: true }, Object.create({ a: 1 }) as Members, false],
    ['a member of every object', { constructor: true }, {}, false],
    ['a claim that must not be there and is not', { a: false }, { b: 1 }, true],
    ['a claim that must not be there and is', { a: false }, { a: null }, false],
    ['all of them', { a: true, b: 'x', c: false }, { a: 1, b: 'x' }, true],
    ['all but one', { a: true, b: 'x', c: false }, { a: 1, b: 'x', c: 1 }, false],
    ['a text', { a: 'x' }, { a: 'x' }, true],
    ['another text', { a: 'x' }, { a: 'X' }, false],
    ['a list that holds it', { a: 'x' }, { a: ['y', 'x'] }, true],
    ['a list in a list', { a: 'x' }, { a: [['x']] }, false],
    ['an object with that name', { a: 'x' }, { a: { x: true } }, false],
    ['a text that fits', { a: /^x/ }, { a: 'xy' }, true],
    ['a text that does not', { a: /^x/ }, { a: 'yx' }, false],
    ['a list of what fits', { a: /^x/ }, { a: ['xy'] }, false],
    ['a claim that holds something', { a: filled }, { a: 'x' }, true],
    ['a claim that holds no', { a: filled }, { a: false }, true],
    ['a text that holds nothing', { a: filled }, { a: '' }, false],
    ['a number that is nothing', { a: filled }, { a: 0 }, false],
    ['null', { a: filled }, { a: null }, false],
    ['something else', { a: filledBut('x') }, { a: 'y' }, true],
    ['just that', { a: filledBut('x') }, { a: 'x' }, false],
    ['a list with just that', { a: filledBut('x') }, { a: ['y', 'x'] }, false],
    ['nothing, where something else is asked for', { a: filledBut('x') }, {}, false],
    ['nothing, where it must not be that', { a: { not: 'x' } }, {}, true],
    ['a list of that and more', { a: { beside: 'x' } }, { a: ['x', 'y'] }, true],
    ['a list of just that', { a: { beside: 'x' } }, { a: ['x'] }, false],
    ['a list of others', { a: { beside: 'x' } }, { a: ['y', 'z'] }, false],
    ['a text, where a list is asked for', { a: { beside: 'x' } }, { a: 'x' }, false],
  ])('is borne or not: %s', (_name, mark, claims, expected) => {
    expect(findMark([mark], claims) !== undefined).toBe(expected)
  })

  test.each<[name: string, mark: Mark, claims: Members, clientId: string, expected: boolean]>([
    ['the client', { sub: '{client}' }, { sub: 'App-1' }, 'App-1', true],
    ['the client in small letters', { sub: 's-{client}' }, { sub: 's-app-1' }, 'App-1', true],
    ['another', { sub: '{client}' }, { sub: 'user-1' }, 'App-1', false],
    ['nobody', { sub: '{client}' }, { sub: '' }, '', false],
    ['not the client', { sub: { not: '{client}' } }, { sub: 'user-1' }, 'App-1', true],
    ['not the client in small letters either', { sub: { not: '{client}' } }, { sub: 'app-1' }, 'App-1', false],
    ['not nobody: nothing is told', { sub: { not: '{client}' } }, { sub: 'user-1' }, '', false],
    ['a client with a name of signs', { sub: '{client}' }, { sub: '$&' }, '$&', true],
    ['the issuer', { sub: '{iss}' }, { iss: ISS, sub: ISS }, '', true],
    ['the issuer in small letters', { sub: '{iss}' }, { iss: 'https://A/', sub: 'https://a/' }, '', false],
    ['the issuer where there is none', { sub: '{iss}' }, { sub: 'undefined' }, '', false],
    [
      'the issuer, and more',
      { aud: { beside: '{iss}userinfo' } },
      { iss: ISS, aud: ['x', `${ISS}userinfo`] },
      '',
      true,
    ],
  ])('speaks of %s', (_name, mark, claims, clientId, expected) => {
    expect(findMark([mark], claims, clientId) !== undefined).toBe(expected)
  })

  test('is the first of several that is borne', () => {
    const marks = [{ a: true }, { b: true }, { c: true }] as const
    expect(findMark(marks, { b: 1, c: 1 })).toBe(marks[1])
    expect(findMark(marks, {})).toBeUndefined()
  })

  test.each<[mark: Mark, expected: string]>([
    [{ a: true }, '"a"'],
    [{ a: true, b: 'x' }, '"a" and "b"'],
    [{ a: true, b: true, c: false }, '"a" and "b", and no "c"'],
  ])('%j is described as %s', (mark, expected) => {
    expect(describeMark(mark)).toBe(expected)
  })
})
