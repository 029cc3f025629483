import { requireAuth, type RequireAuthOptions } from 'express-resource-server'
import {
  attack,
  autoWorld,
  bearer,
  createWorld,
  family,
  strictWorld,
  threatTable,
  type Row,
  refusedAtStart,
} from './harness.js'
import { AS1, AUDIENCE, NOW, forge, forgeRaw, goodHeader, payloadText } from './tokens.js'

// Step-up and the freshness of keys have suites of their own.

const I = { code: 'invalid_claims' } as const
const E = { code: 'token_expired' } as const
const N = { code: 'token_not_yet_valid' } as const
const X = 'RFC 7519 4.1.4'

const exact = createWorld({ options: { clockToleranceSeconds: 0 } })
const tolerant = createWorld({ options: { clockToleranceSeconds: 300 } })
const aged = createWorld({ options: { maxTokenAgeSeconds: 600 } })
const agedAuto = createWorld({ options: { maxTokenAgeSeconds: 600, profile: 'auto' } })
const halfSecond = createWorld({ options: { clockToleranceSeconds: 0, clock: () => NOW * 1000 + 500 } })
const clockOf = (milliseconds: number) => createWorld({ options: { clock: () => milliseconds } })

/** Literal spellings of numbers, which JSON.stringify would tidy. */
const literal = (name: 'exp' | 'iat', value: string): string =>
  forgeRaw(JSON.stringify(goodHeader()), payloadText(`"${name}":${value}`, name))

const notNumbers = {
  'a text': '9999999999',
  'a date': '2099-01-01T00:00:00Z',
  null: null,
  true: true,
  'an array': [9_999_999_999],
  'an object': { valueOf: 9_999_999_999 },
  empty: '',
}

const rows: readonly Row[] = [
  attack(X, 'no exp', '401t', () => forge({ exp: undefined }), I),
  attack(X, 'no exp, profile auto', '401t', () => forge({ exp: undefined }), { ...I, world: autoWorld }),
  ...family('exp', 'RFC 7519 2', notNumbers, '401t', (exp) => forge({ exp }), I),
  ...[
    '-1',
    '-99999999999',
    '1e309',
    '-1e309',
    '1e300',
    '9223372036854775808',
    '253402300800',
    '1800000300000',
    '1e400',
  ].map((exp) => attack('RFC 7519 2', `exp ${exp}`, '401t', () => literal('exp', exp))),
  ...['0', '-0', '0.0', '0e10', '1'].map((exp) => attack(X, `exp ${exp}`, '401t', () => literal('exp', exp))),
  attack('RFC 7519 2', 'exp in the last second of the year 9999', '200', () => literal('exp', '253402300799')),
  attack('RFC 7519 2', 'iat in milliseconds', '401t', () => forge({ iat: NOW * 1000 }), I),
  attack('RFC 7519 2', 'nbf in milliseconds', '401t', () => forge({ nbf: NOW * 1000 }), I),
  attack(X, 'exp in half a second, no tolerance', '200', () => forge({ exp: NOW + 0.5 }), { world: exact }),
  attack(X, 'exp half a second ago, no tolerance', '401t', () => forge({ iat: NOW - 1, exp: NOW - 0.5 }), {
    world: exact,
    ...E,
  }),
  attack(X, 'a clock half a second on, exp at its whole second', '401t', () => forge({ exp: NOW, iat: NOW - 9 }), {
    world: halfSecond,
    ...E,
  }),
  attack(X, 'a clock half a second on, exp at that very half', '401t', () => forge({ exp: NOW + 0.5 }), {
    world: halfSecond,
    ...E,
  }),
  attack(X, 'a clock half a second on, exp just behind', '200', () => forge({ exp: NOW + 0.501 }), {
    world: halfSecond,
  }),
  attack(X, 'exp now, no tolerance', '401t', () => forge({ exp: NOW }), { world: exact, ...E }),
  attack(X, 'exp in a second, no tolerance', '200', () => forge({ exp: NOW + 1 }), { world: exact }),
  attack(X, 'exp 30 s ago, tolerance 30 s', '401t', () => forge({ iat: NOW - 99, exp: NOW - 30 }), E),
  attack(X, 'exp 29 s ago, tolerance 30 s', '200', () => forge({ iat: NOW - 99, exp: NOW - 29 })),
  attack(
    'our own rule',
    'exp 60 s ago, tolerance 300 s: 60 at most for exp',
    '401t',
    () => forge({ iat: NOW - 99, exp: NOW - 60 }),
    { world: tolerant, ...E },
  ),
  attack('our own rule', 'exp 59 s ago, tolerance 300 s', '200', () => forge({ iat: NOW - 99, exp: NOW - 59 }), {
    world: tolerant,
  }),
  attack('RFC 7519 4.1.5', 'nbf in 31 s, tolerance 30 s', '401t', () => forge({ nbf: NOW + 31 }), N),
  attack('RFC 7519 4.1.5', 'nbf in 30 s, tolerance 30 s', '200', () => forge({ nbf: NOW + 30 })),
  attack('RFC 7519 4.1.5', 'nbf in a second, no tolerance', '401t', () => forge({ nbf: NOW + 1 }), {
    world: exact,
    ...N,
  }),
  ...family('nbf', 'RFC 7519 2', notNumbers, '401t', (nbf) => forge({ nbf }), I),
  ...['1e309', '-1e309', '-1'].map((nbf) =>
    attack('RFC 7519 2', `nbf ${nbf}`, '401t', () =>
      forgeRaw(JSON.stringify(goodHeader()), payloadText(`"nbf":${nbf}`)),
    ),
  ),
  attack('RFC 9068 2.2', 'no iat', '401t', () => forge({ iat: undefined }), I),
  // Outside the strict profile only iss, exp and aud are required.
  attack('our own rule', 'no iat, profile auto', '200', () => forge({ iat: undefined }), {
    world: autoWorld,
  }),
  ...family('iat, profile auto', 'RFC 7519 2', notNumbers, '401t', (iat) => forge({ iat }), { ...I, world: autoWorld }),
  attack('RFC 7519 4.1.6', 'iat in 31 s, tolerance 30 s', '401t', () => forge({ iat: NOW + 31 }), N),
  attack('RFC 7519 4.1.6', 'iat in 30 s, tolerance 30 s', '200', () => forge({ iat: NOW + 30 })),
  attack('RFC 7519 4.1', 'iat behind exp', '401t', () => forge({ iat: NOW + 20, exp: NOW + 10 }), I),
  attack('RFC 7519 4.1', 'nbf behind exp', '401t', () => forge({ nbf: NOW + 20, exp: NOW + 10 }), I),
  attack('RFC 9068 5', 'a life of 601 s where 600 are allowed', '401t', () => forge({ exp: NOW + 601 }), {
    world: aged,
    code: 'token_too_old',
  }),
  attack('RFC 9068 5', 'a life of 600 s', '200', () => forge({ exp: NOW + 600 }), { world: aged }),
  attack('RFC 9068 5', 'issued 631 s ago', '401t', () => forge({ iat: NOW - 631, exp: NOW - 20 }), {
    world: aged,
    code: 'token_too_old',
  }),
  attack('RFC 9068 5', 'no iat where an age is asked for', '401t', () => forge({ iat: undefined }), {
    world: agedAuto,
    code: 'token_too_old',
  }),
  attack('RFC 8259 6', 'exp with 20 decimals', '200', () => literal('exp', `${String(NOW)}.${'1'.repeat(20)}`)),
  attack('RFC 8259 6', 'exp in the exponent form', '200', () => literal('exp', '18000003e2')),
  attack('RFC 8259 6', 'exp in the exponent form, past', '401t', () => literal('exp', '17e8')),
  ...['0x7fffffff', '1_800_000_300', '01800000300', '1800000300n', '+1800000300'].map((exp) =>
    attack('RFC 8259 6', `exp ${exp}`, '401t', () => literal('exp', exp), { code: 'malformed_token' }),
  ),
]

threatTable('exp, nbf and iat', rows, strictWorld)

describe('durations that are no numbers in range must not start', () => {
  const durations = ['1 month', 'PT5M', '30', '', null, Number.NaN, Number.POSITIVE_INFINITY, -1, 301, {}, [30], true]
  test.each(durations.map((value) => [value]))('clockToleranceSeconds %p', (clockToleranceSeconds) => {
    expect(() => requireAuth({ issuer: AS1, audience: AUDIENCE, clockToleranceSeconds } as RequireAuthOptions)).toThrow(
      refusedAtStart,
    )
  })
  test.each(
    ['1 month', 'PT5M', '600', '', null, Number.NaN, Number.POSITIVE_INFINITY, -1, 0, {}, [600], true].map((value) => [
      value,
    ]),
  )('maxTokenAgeSeconds %p', (maxTokenAgeSeconds) => {
    expect(() => requireAuth({ issuer: AS1, audience: AUDIENCE, maxTokenAgeSeconds } as RequireAuthOptions)).toThrow(
      refusedAtStart,
    )
  })
  test('numbers in range start', () => {
    expect(() =>
      requireAuth({ issuer: AS1, audience: AUDIENCE, clockToleranceSeconds: 0, maxTokenAgeSeconds: 1 }),
    ).not.toThrow()
  })
})

describe('a remembered token and the clock (RFC 7519 4.1.4)', () => {
  test.each([
    ['with iat', 'rfc9068', {}],
    ['without iat', 'auto', { iat: undefined }],
  ] as const)('a token %s is refused from exp and tolerance on', async (_what, profile, claims) => {
    const running = await createWorld({ options: { profile } }).start()
    const token = forge(claims)
    const statusAt = async (now: number) => {
      running.now = now
      return (await running.send(bearer(token))).status
    }
    for (const at of [NOW, NOW + 1, NOW + 2, NOW + 299, NOW + 329, NOW + 329.999]) expect(await statusAt(at)).toBe(200)
    for (const at of [NOW + 330, NOW + 331, NOW + 9999]) expect(await statusAt(at)).toBe(401)
    // A clock that is set back makes it good again, and its iat still counts.
    expect(await statusAt(NOW + 10)).toBe(200)
    if (profile === 'rfc9068') expect(await statusAt(NOW - 31)).toBe(401)
  })

  test('a token that was too early is accepted when its time has come', async () => {
    const running = await createWorld().start()
    const token = forge({ nbf: NOW + 100 })
    for (let i = 0; i < 3; i++) expect((await running.send(bearer(token))).status).toBe(401)
    running.now = NOW + 70
    expect((await running.send(bearer(token))).status).toBe(200)
  })

  test('of 200 requests around exp none is let through behind it', async () => {
    const running = await createWorld({ options: { clockToleranceSeconds: 0 } }).start()
    const token = forge({ exp: NOW + 1 })
    const ask = () => Promise.all(Array.from({ length: 100 }, async () => (await running.send(bearer(token))).status))
    expect(new Set(await ask())).toEqual(new Set([200]))
    running.now = NOW + 1
    expect(new Set(await ask())).toEqual(new Set([401]))
  })
})

describe('a clock that is far off fails closed (RFC 8725 3)', () => {
  test.each([
    ['1970', 0],
    ['2106', 4_294_967_296_000],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['before 1970', -1],
    ['seconds instead of milliseconds', NOW],
  ])('%s', async (_what, clock) => {
    const running = await clockOf(clock).start()
    const { status } = await running.send(bearer(forge()))
    // What is no time at all is a mistake of the application's.
    expect(Number.isFinite(clock) ? [401, 503] : [500]).toContain(status)
    expect(running.hits).toBe(0)
  })
})
