import { createVerifiedTokenCache, type KnownToken } from '../../../src/tokens/verified-token-cache.js'

const NOW = 1_800_000_000
// The cache never looks into what it keeps.
const tokenOf = (name: string, lifetime = { from: 0, until: Number.POSITIVE_INFINITY }): KnownToken =>
  ({ facts: { name }, ...lifetime }) as unknown as KnownToken

function cacheOf({ maxEntries = 10, maxAgeSeconds = 600 } = {}) {
  const cache = createVerifiedTokenCache({ maxEntries, maxAgeSeconds })
  return {
    ...cache,
    keepAlways: (token: string, { length = token.length, kept = tokenOf(token), now = NOW } = {}) => {
      cache.keep(cache.digestOf(token), length, kept, now)
    },
    has: (token: string, now = NOW) => cache.find(cache.digestOf(token), now) !== undefined,
  }
}

test('keeps a token for its time and no longer than its age, counted from a whole second', () => {
  const cache = cacheOf()
  cache.keepAlways('a', { now: NOW + 0.5 })
  expect(cache.find(cache.digestOf('a'), NOW)).toEqual({ facts: { name: 'a' }, from: NOW, until: NOW + 600 })
})

test('tells the second sight of a token from the first, one token from another', () => {
  const { isSecondSight } = cacheOf()
  expect(['a', 'b', 'a', 'c', 'b'].map(isSecondSight)).toEqual([false, false, true, false, true])
})

test('remembers the sight of as many tokens as it may hold, and forgets those of long ago', () => {
  const { isSecondSight } = cacheOf({ maxEntries: 10 })
  const see = (count: number): void => {
    for (let i = 0; i < count; i++) isSecondSight(`another ${String(i)} of ${String(count)}`)
  }
  isSecondSight('a')
  see(9)
  expect(isSecondSight('a')).toBe(true)
  isSecondSight('a')
  see(20)
  expect(isSecondSight('a')).toBe(false)
})

test('tells apart tokens that differ in one character, wherever it stands', () => {
  const token = 'x'.repeat(900)
  const cache = cacheOf()
  cache.keepAlways(token)
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
  cache.keepAlways('a')
  expect(cache.has('a', NOW + later)).toBe(there)
})

test.each([
  ['when its token begins to count', 0, true],
  ['a moment before the token dies', 98.9, true],
  ['when the token dies', 99, false],
])('%s an entry is there or not, whatever its age', (_, later, there) => {
  const cache = cacheOf()
  const token = tokenOf('a', { from: NOW + 0.5, until: NOW + 99.5 })
  cache.keepAlways('a', { kept: token, now: NOW + 0.5 })
  expect(cache.has('a', NOW + 0.4)).toBe(false)
  expect(cache.has('a', NOW + 0.5 + later)).toBe(there)
})

test('holds no more entries than it may, and lets go of the one that was not asked for longest', () => {
  const cache = cacheOf({ maxEntries: 2 })
  cache.keepAlways('a')
  cache.keepAlways('b')
  expect(cache.has('a')).toBe(true)
  cache.keepAlways('c')
  expect(['a', 'b', 'c'].map((token) => cache.has(token))).toEqual([true, false, true])
})

test('takes long tokens for several: ten of 16 KiB do not fit where ten of 1 KiB do', () => {
  const tokens = Array.from({ length: 10 }, (_, i) => `token ${String(i)}`)
  const usual = cacheOf()
  const long = cacheOf()
  for (const token of tokens) {
    usual.keepAlways(token, { length: 1024 })
    long.keepAlways(token, { length: 16 * 1024 })
  }
  expect(tokens.filter((token) => usual.has(token))).toHaveLength(10)
  expect(tokens.filter((token) => long.has(token)).length).toBeLessThan(2)
})

test('forgets what is dropped', () => {
  const cache = cacheOf()
  cache.keepAlways('a')
  cache.drop(cache.digestOf('a'))
  expect(cache.has('a')).toBe(false)
})
