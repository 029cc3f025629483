import { createVerifiedTokenCache, type KeptToken } from '../../../src/tokens/verified-token-cache.js'

const NOW = 1_800_000_000
// The cache never looks into what it keeps.
const tokenOf = (name: string, lifetime = { from: 0, until: Number.POSITIVE_INFINITY }): KeptToken =>
  ({ name, ...lifetime }) as unknown as KeptToken

function cacheOf({ maxEntries = 10, maxAgeSeconds = 600 } = {}) {
  const cache = createVerifiedTokenCache({ maxEntries, maxAgeSeconds })
  return {
    ...cache,
    /** Presents a token twice, as it takes to be kept. */
    keepTwice: (token: string, tokenLength = token.length) => {
      for (let sight = 0; sight < 2; sight++) {
        cache.keep(cache.digestOf(token), tokenLength, tokenOf(token), NOW)
      }
    },
    has: (token: string, now = NOW) => cache.find(cache.digestOf(token), now) !== undefined,
  }
}

test('keeps a token from its second sight on', () => {
  const cache = cacheOf()
  const keep = (): void => {
    cache.keep(cache.digestOf('a'), 1, tokenOf('a'), NOW + 0.5)
  }
  keep()
  expect(cache.has('a')).toBe(false)
  keep()
  expect(cache.find(cache.digestOf('a'), NOW)).toEqual({ name: 'a', from: NOW, until: NOW + 600 })
})

test('tells apart tokens that differ in one character, wherever it stands', () => {
  const token = 'x'.repeat(900)
  const cache = cacheOf()
  cache.keepTwice(token)
  for (let i = 0; i < token.length; i++) expect(cache.has(`${token.slice(0, i)}y${token.slice(i + 1)}`)).toBe(false)
  expect(cache.has(token)).toBe(true)
})

test.each([
  ['at once', 0, true],
  ['a moment before its age is over', 599.9, true],
  ['when its age is over', 600, false],
  ['after a clock was set back to before it was kept', -1, false],
])('%s an entry is there or not', (_, later, there) => {
  const cache = cacheOf()
  cache.keepTwice('a')
  expect(cache.has('a', NOW + later)).toBe(there)
})

test.each([
  ['when its token begins to count', 0, true],
  ['a moment before the token dies', 99.4, true],
  ['when the token dies', 99.5, false],
])('%s an entry is there or not, whatever its age', (_, later, there) => {
  const cache = cacheOf()
  const token = tokenOf('a', { from: NOW + 0.5, until: NOW + 100 })
  for (let sight = 0; sight < 2; sight++) cache.keep(cache.digestOf('a'), 1, token, NOW + 0.5)
  expect(cache.has('a', NOW + 0.4)).toBe(false)
  expect(cache.has('a', NOW + 0.5 + later)).toBe(there)
})

test('holds no more entries than it may, and lets go of the one that was not asked for longest', () => {
  const cache = cacheOf({ maxEntries: 2 })
  cache.keepTwice('a')
  cache.keepTwice('b')
  expect(cache.has('a')).toBe(true)
  cache.keepTwice('c')
  expect(['a', 'b', 'c'].map((token) => cache.has(token))).toEqual([true, false, true])
})

test('takes long tokens for several: ten of 16 KiB do not fit where ten of 1 KiB do', () => {
  const tokens = Array.from({ length: 10 }, (_, i) => `token ${String(i)}`)
  const usual = cacheOf()
  const long = cacheOf()
  for (const token of tokens) {
    usual.keepTwice(token, 1024)
    long.keepTwice(token, 16 * 1024)
  }
  expect(tokens.filter((token) => usual.has(token))).toHaveLength(10)
  expect(tokens.filter((token) => long.has(token)).length).toBeLessThan(2)
})

test('a flood of tokens that come once pushes out nothing', () => {
  const cache = cacheOf()
  cache.keepTwice('a')
  for (let i = 0; i < 1000; i++) {
    const token = `once ${String(i)}`
    cache.keep(cache.digestOf(token), 1024, tokenOf(token), NOW)
  }
  expect(cache.has('a')).toBe(true)
})

test('forgets what is dropped', () => {
  const cache = cacheOf()
  cache.keepTwice('a')
  cache.drop(cache.digestOf('a'))
  expect(cache.has('a')).toBe(false)
})
