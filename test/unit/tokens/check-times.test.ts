import fc from 'fast-check'
import type { Eventual } from '../../../src/lib/eventual.js'
import type { Check, Outcome } from '../../../src/tokens/check.js'
import { age } from '../../../src/tokens/checks/age.js'
import { expiry } from '../../../src/tokens/checks/expiry.js'
import { notBefore } from '../../../src/tokens/checks/not-before.js'
import type { Findings, TimeRules } from '../../../src/tokens/examination.js'
import { readNumericDate } from '../../../src/tokens/numeric-date.js'
import { lifetimeAt, runCheck } from './run-check.js'

type Members = Readonly<Record<string, unknown>>

const NOW = 1_800_000_000
const LAST = 253_402_300_799
const rules = (clockToleranceSeconds = 30, maxTokenAgeSeconds?: number): TimeRules => ({
  clockToleranceSeconds,
  maxTokenAgeSeconds,
})
/** What the checks before those of time have found. */
const findingsOf = (claims: Members): Partial<Findings> => {
  const expiresAt = readNumericDate(claims, 'exp')
  return { decoded: { header: {}, claims }, ...(expiresAt !== undefined && { expiresAt }) }
}
const judge = (check: Check, claims: Members, by: TimeRules, now = NOW): Eventual<Outcome> =>
  runCheck(check, findingsOf(claims), { now, rules: by })
const malformed = (name: string, problem = 'is not a NumericDate that makes sense') => ({
  code: 'invalid_claims',
  detail: `"${name}" ${problem}`,
})
const MISSING = 'is missing'
const AFTER = 'lies after "exp"'

describe('a NumericDate (RFC 7519 2)', () => {
  test.each<[name: string, value: unknown, expected: number | undefined]>([
    ['the epoch', 0, 0],
    ['a fraction', 1.5, 1.5],
    ['the last second of the year 9999', LAST, LAST],
    ['one more, as milliseconds are', LAST + 1, undefined],
    ['a time before the epoch', -1, undefined],
    ['no number at all', '1800000000', undefined],
    ['null', null, undefined],
    ['beyond a double', Number.POSITIVE_INFINITY, undefined],
    ['not a number', Number.NaN, undefined],
  ])('%s', (_name, value, expected) => {
    expect(readNumericDate({ exp: value }, 'exp')).toBe(expected)
  })

  it('is an own member', () => {
    expect(readNumericDate(Object.create({ exp: 1 }) as Members, 'exp')).toBeUndefined()
  })
})

describe('exp (RFC 7519 4.1.4)', () => {
  const expired = (seconds: number) => ({ code: 'token_expired', detail: `it expired ${String(seconds)} s ago` })

  test.each<[name: string, exp: unknown, tolerance: number, expected: object | undefined]>([
    ['is missing', undefined, 30, malformed('exp', MISSING)],
    ['is a text', String(NOW + 300), 30, malformed('exp')],
    ['lies ahead', NOW + 1, 0, undefined],
    ['is now', NOW, 0, expired(0)],
    ['passed a fraction ago', NOW - 0.4, 0, expired(0)],
    ['passed within the tolerance', NOW - 29.9, 30, undefined],
    ['passed as long ago as the tolerance', NOW - 30, 30, expired(30)],
    ['passed less than a minute ago, with the largest tolerance', NOW - 59, 300, undefined],
    ['passed a minute ago, with the largest tolerance', NOW - 60, 300, expired(60)],
  ])('%s', (_name, exp, tolerance, expected) => {
    const claims = exp === undefined ? {} : { exp }
    expect(judge(expiry, claims, rules(tolerance))).toEqual(expected)
  })
})

describe('nbf (RFC 7519 4.1.5)', () => {
  const early = (seconds: number) => ({
    code: 'token_not_yet_valid',
    detail: `it becomes valid in ${String(seconds)} s`,
  })
  const EXP = NOW + 1000

  test.each<[name: string, claims: Members, tolerance: number, expected: object | undefined]>([
    ['is not there', { exp: EXP }, 0, undefined],
    ['is null', { exp: EXP, nbf: null }, 0, malformed('nbf')],
    ['is now', { exp: EXP, nbf: NOW }, 0, undefined],
    ['comes in a second', { exp: EXP, nbf: NOW + 1 }, 0, early(1)],
    ['comes within the tolerance', { exp: EXP, nbf: NOW + 30 }, 30, undefined],
    ['comes right after the tolerance', { exp: EXP, nbf: NOW + 31 }, 30, early(31)],
    ['is exp', { exp: EXP, nbf: EXP }, 30, early(1000)],
    ['comes after exp', { exp: EXP, nbf: EXP + 1 }, 300, malformed('nbf', AFTER)],
    ['has no exp beside it, which is said elsewhere', { nbf: NOW - 1 }, 30, undefined],
  ])('%s', (_name, claims, tolerance, expected) => {
    expect(judge(notBefore, claims, rules(tolerance))).toEqual(expected)
  })
})

describe('iat (RFC 7519 4.1.6)', () => {
  const FUTURE = {
    code: 'token_not_yet_valid',
    detail: '"iat" lies 31 s in the future: the issuer\'s clock is ahead, or this one behind',
  }
  const EXP = NOW + 100
  const tooOld = (seconds: number) => ({
    code: 'token_too_old',
    detail: `it lives longer than ${String(seconds)} s`,
  })

  test.each<[name: string, claims: Members, expected: object | undefined]>([
    ['is not there', { exp: EXP }, undefined],
    ['is a text', { exp: EXP, iat: String(NOW) }, malformed('iat')],
    ['is now', { exp: EXP, iat: NOW }, undefined],
    ['lies years back', { exp: EXP, iat: 1 }, undefined],
    ['lies ahead within the tolerance', { exp: EXP, iat: NOW + 30 }, undefined],
    ['lies ahead beyond it', { exp: EXP, iat: NOW + 31 }, FUTURE],
    ['is exp', { exp: NOW + 20, iat: NOW + 20 }, undefined],
    ['comes after exp', { exp: NOW + 20, iat: NOW + 21 }, malformed('iat', AFTER)],
    ['has no exp beside it, which is said elsewhere', { iat: NOW }, undefined],
  ])('%s', (_name, claims, expected) => {
    expect(judge(age, claims, rules())).toEqual(expected)
  })

  // maxTokenAgeSeconds: 600, tolerance 30 (RFC 9068 5)
  test.each<[name: string, claims: Members, expected: object | undefined]>([
    ['is not there', { exp: EXP }, { code: 'token_too_old', detail: '"iat" is missing' }],
    ['with exp spans as long as a token may live', { exp: NOW + 300, iat: NOW - 300 }, undefined],
    ['with exp spans a second more', { exp: NOW + 301, iat: NOW - 300 }, tooOld(600)],
    ['lies as far back as age and tolerance allow', { exp: NOW - 30, iat: NOW - 630 }, undefined],
    ['lies a second further back', { exp: NOW - 31, iat: NOW - 631 }, tooOld(600)],
  ])('of a token of bounded age %s', (_name, claims, expected) => {
    expect(judge(age, claims, rules(30, 600))).toEqual(expected)
  })
})

describe('the lifetime of a token that has passed', () => {
  const date = fc.oneof(
    fc.integer({ min: NOW - 2000, max: NOW + 2000 }),
    fc.double({ min: NOW - 2000, max: NOW + 2000, noNaN: true }),
  )
  const time = fc.oneof(
    fc.integer({ min: NOW - 3000, max: NOW + 3000 }),
    fc.double({ min: NOW - 3000, max: NOW + 3000, noNaN: true }),
  )
  const claimsWith = fc.record({ exp: date, nbf: date, iat: date }, { requiredKeys: ['exp'] })
  const anyRules = fc.record({
    clockToleranceSeconds: fc.constantFrom(0, 1, 0.5, 30, 300),
    maxTokenAgeSeconds: fc.constantFrom(undefined, 1, 600, 86_400),
  })
  const passes = (claims: Members, now: number, by: TimeRules): boolean =>
    [expiry, notBefore, age].every((check) => judge(check, claims, by, now) === undefined)

  /** What the checks note, asked at a moment at which the claims pass. */
  const lifetimeOf = (claims: Members, by: TimeRules, now: number) => {
    const lifetime = lifetimeAt(now)
    for (const check of [expiry, notBefore, age]) {
      expect(runCheck(check, findingsOf(claims), { rules: by, lifetime })).toBeUndefined()
    }
    return { from: lifetime.from, until: lifetime.until }
  }

  it('is when it passes, and outside it does not', () => {
    const verdicts = { inside: 0, outside: 0 }
    fc.assert(
      fc.property(claimsWith, anyRules, fc.array(time, { minLength: 20, maxLength: 20 }), (claims, by, times) => {
        // Some claims are good at no time: the lifetime is that of claims that have passed.
        const { exp, nbf = 0, iat = 0 } = claims
        const tolerance = by.clockToleranceSeconds
        const edges = [Math.max(nbf, iat) - tolerance, exp + Math.min(tolerance, 60)]
        const good = [...times, ...edges, ...edges.map((edge) => edge - 1)].find((now) => passes(claims, now, by))
        if (good === undefined) return
        const { from, until } = lifetimeOf(claims, by, good)
        const moments = [...times, from, until, from - 1, until - 1]
        for (const now of moments) {
          const inside = now >= from && now < until
          verdicts[inside ? 'inside' : 'outside']++
          expect(passes(claims, now, by)).toBe(inside)
        }
      }),
      { numRuns: 2000 },
    )
    expect(Math.min(verdicts.inside, verdicts.outside)).toBeGreaterThan(1000)
  })

  test.each<[name: string, claims: Members, by: TimeRules, from: number, until: number]>([
    ['exp alone', { exp: NOW + 10 }, rules(30), Number.NEGATIVE_INFINITY, NOW + 40],
    ['exp, with a large tolerance', { exp: NOW + 10 }, rules(300), Number.NEGATIVE_INFINITY, NOW + 70],
    ['nbf', { exp: NOW + 10, nbf: NOW - 5, iat: NOW - 9 }, rules(1), NOW - 6, NOW + 11],
    ['iat', { exp: NOW + 10, nbf: NOW - 9, iat: NOW - 5 }, rules(1), NOW - 6, NOW + 11],
    ['exp, also where the age is bounded', { exp: NOW + 10, iat: NOW - 5 }, rules(1, 15), NOW - 6, NOW + 11],
  ])('goes by %s', (_name, claims, by, from, until) => {
    expect(lifetimeOf(claims, by, NOW)).toEqual({ from, until })
  })
})
