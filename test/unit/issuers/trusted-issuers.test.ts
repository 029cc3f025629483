import { jest } from '@jest/globals'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { IssuerSettings, TrustedIssuer } from '../../../src/issuers/trusted-issuer.js'
import { createTrustedIssuers } from '../../../src/issuers/trusted-issuers.js'
import { isPending } from '../../../src/lib/eventual.js'
import type { Fetch } from '../../../src/lib/fetch-json.js'

const START = 1_800_000_000_000
const TENANT_LIFETIME = 600
const MISS_LIFETIME = 30
const lifetimes = { freshSeconds: undefined, maxStaleSeconds: 14_400, cooldownSeconds: 30, timeoutSeconds: 5 }
const algorithms = ['ES256'] as const
const es256 = (kid: string) => ({ kid, algorithm: 'ES256' }) as const

let publicJwk: JWK

beforeAll(async () => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  publicJwk = { ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' }
})

const tenant = (n: number): string => `https://login.example.com/tenant-${String(n)}`
const settingsOf = (issuer: string): IssuerSettings => ({ issuer, algorithms, jwksUri: `${issuer}/keys` })

type Lookup = (issuer: string) => IssuerSettings | undefined | Promise<IssuerSettings | undefined>

/** Issuers whose time is moved by hand, and whose every fetch and lookup is on record. */
function createStage(issuers: readonly IssuerSettings[] | Lookup = (issuer) => settingsOf(issuer)) {
  let now = START
  const fetched: string[] = []
  const asked: string[] = []
  let lookup = typeof issuers === 'function' ? issuers : () => undefined
  const fetch: Fetch = (url) => {
    fetched.push(url)
    return Promise.resolve(Response.json({ keys: [publicJwk] }))
  }
  const trusted = createTrustedIssuers({
    issuers:
      typeof issuers === 'function'
        ? (issuer: string) => {
            asked.push(issuer)
            return lookup(issuer)
          }
        : issuers,
    lifetimes,
    maxBytes: 65_536,
    dangerouslyAllowHttp: false,
    fetch,
    clock: () => now,
  })
  return {
    trusted,
    fetched,
    asked,
    advance: (seconds: number) => {
      now += seconds * 1000
    },
    answer: (other: Lookup) => {
      lookup = other
    },
    /** Finds an issuer that must be there. */
    take: async (issuer: string): Promise<TrustedIssuer> => {
      const found = await trusted.find(issuer)
      if (found === undefined) throw new Error(`${issuer} is not trusted.`)
      return found
    },
  }
}

describe('a fixed list of issuers', () => {
  it.each([
    ['an unknown name', 'https://evil.example'],
    ['a slash more', `${tenant(1)}/`],
    ['another case', tenant(1).toUpperCase()],
    ['a prefix', tenant(1).slice(0, -1)],
    ['a longer name', `${tenant(1)}0`],
    ['a member that every object has', '__proto__'],
    ['another one', 'constructor'],
    ['nothing', ''],
  ])('does not trust %s, and fetches nothing for it (RFC 8414 3.3, CVE-2024-53861)', (_name, issuer) => {
    const { trusted, fetched } = createStage([settingsOf(tenant(1))])
    expect(trusted.find(issuer)).toBeUndefined()
    expect(trusted.find(tenant(1))).toMatchObject({ settings: { issuer: tenant(1) } })
    expect(fetched).toEqual([])
  })

  it('gives each issuer keys of its own, also under the same name', async () => {
    const { take, fetched } = createStage([settingsOf(tenant(1)), settingsOf(tenant(2))])
    const first = await take(tenant(1))
    const second = await take(tenant(2))
    const key = await first.keys.find(es256('a'))
    expect(key).toMatchObject({ kid: 'a' })
    expect(second.keys.peek(es256('a'))).toBeUndefined()
    expect(await second.keys.find(es256('a'))).not.toBe(key)
    expect(fetched).toEqual([`${tenant(1)}/keys`, `${tenant(2)}/keys`])
  })

  it('is ready when every issuer has its keys', async () => {
    const { trusted, fetched } = createStage([settingsOf(tenant(1)), settingsOf(tenant(2))])
    await trusted.ready()
    await trusted.ready()
    expect(fetched).toEqual([`${tenant(1)}/keys`, `${tenant(2)}/keys`])
  })

  it('does not fetch for an issuer whose keys are given, and does not follow changes to them', async () => {
    const keys = [publicJwk]
    const { take, fetched } = createStage([{ issuer: tenant(1), algorithms, jwks: { keys } }])
    keys.length = 0
    const issuer = await take(tenant(1))
    expect(await issuer.keys.find(es256('a'))).toMatchObject({ kid: 'a' })
    expect(await issuer.keys.find(es256('b'))).toBeUndefined()
    expect(fetched).toEqual([])
  })

  it.each<[name: string, make: () => object[], reason: RegExp]>([
    ['no key', () => [], /it is empty/],
    ['nothing but a weak key', () => [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }], /shorter than 2048/],
    ['a private key beside a good one', () => [publicJwk, { ...publicJwk, d: publicJwk.x }], /private key/],
    ['nothing but a key for another algorithm', () => [{ ...publicJwk, alg: 'ES384' }], /none of the "algorithms"/],
  ])('refuses at start-up to trust an issuer with %s', (_name, make, reason) => {
    expect(() => createStage([{ issuer: tenant(1), algorithms, jwks: { keys: make() } }])).toThrow(reason)
  })

  it('takes a secret that was given, and none that was fetched', async () => {
    const secret = { kty: 'oct', k: 'A'.repeat(43), kid: 's' }
    const given = createStage([{ issuer: tenant(1), algorithms: ['HS256'], jwks: { keys: [secret] } }])
    const { keys } = await given.take(tenant(1))
    expect(await keys.find({ kid: 's', algorithm: 'HS256' })).toMatchObject({ kid: 's', algorithm: 'HS256' })
  })

  it('fetches nothing more after close()', async () => {
    const { trusted, take, fetched } = createStage([settingsOf(tenant(1)), settingsOf(tenant(2))])
    trusted.close()
    for (const n of [1, 2]) {
      const { keys } = await take(tenant(n))
      await expect(keys.find(es256('a'))).rejects.toMatchObject({ status: 503, retryAfterSeconds: 5 })
    }
    expect(fetched).toEqual([])
  })

  it('answers 503, never 401, when no key that was given turns out to be valid', async () => {
    const offTheCurve = { ...publicJwk, y: publicJwk.x }
    const { take, trusted } = createStage([{ issuer: tenant(1), algorithms, jwks: { keys: [offTheCurve] } }])
    const issuer = await take(tenant(1))
    const refusal = {
      status: 503,
      retryAfterSeconds: 60,
      detail: 'no key in the option "jwks" is valid: look for a point that is not on its curve',
    }
    await expect(issuer.keys.find(es256('a'))).rejects.toMatchObject(refusal)
    await expect(trusted.ready()).rejects.toMatchObject(refusal)
  })
})

describe('tenants', () => {
  it('are looked up once, however many ask at the same time, and keep their keys', async () => {
    const { trusted, take, asked, fetched } = createStage()
    const found = await Promise.all(Array.from({ length: 1000 }, async () => trusted.find(tenant(1))))
    expect(new Set(found).size).toBe(1)
    expect(asked).toEqual([tenant(1)])
    const { keys } = await take(tenant(1))
    await keys.find(es256('a'))
    await (await take(tenant(1))).keys.find(es256('a'))
    expect(asked).toHaveLength(1)
    expect(fetched).toEqual([`${tenant(1)}/keys`])
  })

  it('are answered without a promise once they are known', async () => {
    const { trusted, take } = createStage()
    await take(tenant(1))
    expect(trusted.find(tenant(1))).not.toBeInstanceOf(Promise)
  })

  it('are looked up again after 10 minutes, and keep their keys when nothing has changed', async () => {
    const { take, asked, advance } = createStage()
    const before = await take(tenant(1))
    advance(TENANT_LIFETIME - 1)
    await take(tenant(1))
    expect(asked).toHaveLength(1)
    advance(1)
    const after = await take(tenant(1))
    expect(asked).toHaveLength(2)
    expect(after).not.toBe(before)
    expect(after.keys).toBe(before.keys)
  })

  it.each<[name: string, change: Partial<IssuerSettings>]>([
    ['the place of the keys', { jwksUri: 'https://moved.example.com/keys' }],
    ['the algorithms', { algorithms: ['ES256', 'RS256'] }],
  ])('get new keys when %s has changed', async (_name, change) => {
    const { take, advance, answer } = createStage()
    const before = await take(tenant(1))
    answer((issuer) => ({ ...settingsOf(issuer), ...change }))
    advance(TENANT_LIFETIME + 1)
    const after = await take(tenant(1))
    expect(after.settings).toMatchObject(change)
    expect(after.keys).not.toBe(before.keys)
  })

  it('that are no longer trusted are not, after 10 minutes at the latest', async () => {
    const { trusted, take, advance, answer } = createStage()
    await take(tenant(1))
    answer(() => undefined)
    expect(trusted.find(tenant(1))).toBeDefined()
    advance(TENANT_LIFETIME + 1)
    expect(await trusted.find(tenant(1))).toBeUndefined()
    expect(trusted.find(tenant(1))).toBeUndefined()
  })

  it('that are trusted again after they were not start with new keys', async () => {
    const { trusted, take, advance, answer } = createStage()
    const before = await take(tenant(1))
    answer(() => undefined)
    advance(TENANT_LIFETIME + 1)
    expect(await trusted.find(tenant(1))).toBeUndefined()
    answer(settingsOf)
    advance(MISS_LIFETIME + 1)
    expect((await take(tenant(1))).keys).not.toBe(before.keys)
  })

  it('are remembered up to 10,000, the least recently used going first', async () => {
    const { take, asked, fetched } = createStage()
    for (let n = 0; n < 10_000; n++) await take(tenant(n))
    expect(asked).toHaveLength(10_000)
    for (let n = 0; n < 10_000; n++) await take(tenant(n))
    expect(asked).toHaveLength(10_000)
    await take(tenant(10_000))
    await take(tenant(1))
    expect(asked).toHaveLength(10_001)
    await take(tenant(0))
    expect(asked).toHaveLength(10_002)
    expect(fetched).toEqual([])
  })

  it('that are pushed out while their keys are on the way get them all the same', async () => {
    const { take, fetched } = createStage()
    const first = await take(tenant(0))
    const key = first.keys.find(es256('a'))
    for (let n = 1; n <= 10_000; n++) await take(tenant(n))
    expect(await key).toMatchObject({ kid: 'a' })
    expect(await first.keys.find(es256('a'))).toMatchObject({ kid: 'a' })
    expect(fetched).toHaveLength(1)
  })

  it('need not be known to be ready', async () => {
    const { trusted, asked, fetched } = createStage()
    await expect(trusted.ready()).resolves.toBeUndefined()
    expect([asked, fetched]).toEqual([[], []])
  })

  it('fetch nothing more after close()', async () => {
    const { trusted, take, fetched } = createStage()
    const { keys } = await take(tenant(1))
    trusted.close()
    await expect(keys.find(es256('a'))).rejects.toMatchObject({ status: 503 })
    expect(fetched).toEqual([])
  })
})

describe('a tenant whose 10 minutes are over', () => {
  const MAX_STALE = 600
  const never = (): Promise<undefined> => new Promise(() => undefined)

  beforeEach(() => {
    // Timers alone: the time of the issuers is moved by hand.
    jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] })
  })

  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0)
    jest.useRealTimers()
  })

  it('is served by the last answer while a new one does not come: after a second, and at once for whoever asks beside', async () => {
    const { trusted, take, asked, advance, answer } = createStage()
    const before = await take(tenant(1))
    answer(never)
    advance(TENANT_LIFETIME)
    const first = trusted.find(tenant(1))
    expect(isPending(first)).toBe(true)
    for (let n = 0; n < 100; n++) expect(trusted.find(tenant(1))).toBe(before)
    await jest.advanceTimersByTimeAsync(1000)
    expect(await first).toBe(before)
    expect(asked).toHaveLength(2)
  })

  it.each<[name: string, lookup: Lookup]>([
    ['rejects', () => Promise.reject(new Error('The database is down.'))],
    ['answers with another issuer', () => settingsOf('https://evil.example')],
  ])('is served by the last answer at once where the lookup %s, for 10 more minutes', async (_name, lookup) => {
    const { trusted, take, advance, answer } = createStage()
    const before = await take(tenant(1))
    answer(lookup)
    advance(TENANT_LIFETIME + MAX_STALE - 1)
    expect(await trusted.find(tenant(1))).toBe(before)
    advance(1)
    await expect(trusted.find(tenant(1))).rejects.toMatchObject({ code: 'issuer_unavailable', status: 503 })
    answer(settingsOf)
    expect((await take(tenant(1))).keys).toBe(before.keys)
  })

  it('is not trusted any more once an answer says so, however late it comes', async () => {
    const { trusted, take, advance, answer } = createStage()
    const before = await take(tenant(1))
    let release: () => void = () => undefined
    answer(
      () =>
        new Promise((resolve) => {
          release = () => {
            resolve(undefined)
          }
        }),
    )
    advance(TENANT_LIFETIME)
    const first = trusted.find(tenant(1))
    await jest.advanceTimersByTimeAsync(1000)
    expect(await first).toBe(before)
    release()
    await jest.advanceTimersByTimeAsync(0)
    expect(trusted.find(tenant(1))).toBeUndefined()
  })

  it('has a place of its own: made-up names take none of them', async () => {
    const { trusted, take, asked, advance, answer } = createStage()
    for (let n = 0; n < 10; n++) await take(tenant(n))
    const gate = new Set<() => void>()
    answer(
      () =>
        new Promise((resolve) =>
          gate.add(() => {
            resolve(undefined)
          }),
        ),
    )
    const madeUp = Array.from({ length: 1000 }, async (_, n) => trusted.find(`${tenant(n)}/made-up`))
    expect(() => trusted.find('https://one.more.example')).toThrow()
    advance(TENANT_LIFETIME + MAX_STALE)
    answer(settingsOf)
    for (let n = 0; n < 10; n++) expect((await take(tenant(n))).settings.issuer).toBe(tenant(n))
    expect(asked).toHaveLength(10 + 1000 + 10)
    for (const release of gate) release()
    await Promise.all(madeUp)
  })
})

describe('a clock that is set back', () => {
  it.each([1, 60, 86_400])('by %d seconds keeps no tenant that is not trusted any more', async (seconds) => {
    const { trusted, take, advance, answer } = createStage()
    await take(tenant(1))
    answer(() => undefined)
    advance(-seconds)
    expect(await trusted.find(tenant(1))).toBeUndefined()
  })

  it('locks no tenant out for having been unknown', async () => {
    const { trusted, advance, answer } = createStage(() => undefined)
    expect(await trusted.find(tenant(1))).toBeUndefined()
    answer(settingsOf)
    advance(-86_400)
    expect(await trusted.find(tenant(1))).toBeDefined()
  })
})

describe('a name that is not trusted', () => {
  const nobody = (): undefined => undefined

  it('is remembered for half a minute', async () => {
    const { trusted, asked, advance, answer } = createStage(nobody)
    expect(await trusted.find(tenant(1))).toBeUndefined()
    answer(settingsOf)
    advance(MISS_LIFETIME - 1)
    expect(trusted.find(tenant(1))).toBeUndefined()
    expect(asked).toHaveLength(1)
    advance(1)
    expect(await trusted.find(tenant(1))).toMatchObject({ settings: { issuer: tenant(1) } })
    expect(asked).toHaveLength(2)
  })

  it('is remembered among 1,000, in a room of its own', async () => {
    const known = 'https://known.example.com'
    const { trusted, asked, take } = createStage((issuer) => (issuer === known ? settingsOf(issuer) : undefined))
    const before = await take(known)
    for (let n = 0; n < 20_000; n++) await trusted.find(tenant(n))
    expect(trusted.find(known)).toBe(before)
    expect(asked).toHaveLength(20_001)
    expect(trusted.find(tenant(19_000))).toBeUndefined()
    expect(asked).toHaveLength(20_001)
    expect(await trusted.find(tenant(18_999))).toBeUndefined()
    expect(asked).toHaveLength(20_002)
  })

  it('is not looked up when it is longer than 512 characters', async () => {
    const { trusted, asked } = createStage()
    const longest = `https://${'a'.repeat(504)}`
    expect(trusted.find(`${longest}a`)).toBeUndefined()
    expect(asked).toEqual([])
    expect(await trusted.find(longest)).toMatchObject({ settings: { issuer: longest } })
    expect(asked).toEqual([longest])
  })

  it('causes no fetch', async () => {
    const { trusted, fetched } = createStage(nobody)
    for (let n = 0; n < 100; n++) await trusted.find(tenant(n))
    expect(fetched).toEqual([])
  })
})

describe('a lookup', () => {
  const unavailable = { code: 'issuer_unavailable', status: 503, retryAfterSeconds: 5 }

  const OTHER = 'the issuer resolver answered with another issuer'
  const FAILED = 'the issuer resolver failed, or answered with settings that make no sense'

  it.each<[name: string, lookup: Lookup, detail: string]>([
    [
      'throws',
      () => {
        throw new Error('The database is down.')
      },
      FAILED,
    ],
    ['rejects', () => Promise.reject(new Error('The database is down.')), FAILED],
    ['answers with another issuer', () => settingsOf('https://evil.example'), OTHER],
    ['answers with a slash more', (issuer) => settingsOf(`${issuer}/`), OTHER],
    ['answers with no usable key', (issuer) => ({ issuer, algorithms, jwks: { keys: [] } }), FAILED],
  ])('that %s is undecidable, and is asked again the next time', async (_name, lookup, detail) => {
    const { trusted, asked, fetched, answer } = createStage(lookup)
    await expect(trusted.find(tenant(1))).rejects.toMatchObject({ ...unavailable, detail })
    await expect(trusted.find(tenant(1))).rejects.toMatchObject({ ...unavailable, detail })
    expect(asked).toHaveLength(2)
    answer(settingsOf)
    expect(await trusted.find(tenant(1))).toMatchObject({ settings: { issuer: tenant(1) } })
    expect(fetched).toEqual([])
  })

  it('that hangs is not joined by more than 1,000 others, and leaves known tenants alone', async () => {
    const { trusted, take, asked, answer } = createStage()
    const known = await take(tenant(0))
    let release: () => void = () => undefined
    const gate = new Promise<undefined>((resolve) => {
      release = () => {
        resolve(undefined)
      }
    })
    answer(() => gate)
    const waiting = Array.from({ length: 1000 }, async (_, n) => trusted.find(tenant(n + 1)))
    const refusal = { ...unavailable, detail: 'too many lookups are under way' }
    expect(() => trusted.find(tenant(2000))).toThrow(expect.objectContaining(refusal) as Error)
    expect(trusted.find(tenant(0))).toBe(known)
    expect(asked).toHaveLength(1001)
    release()
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([undefined]))
    answer(settingsOf)
    expect(await trusted.find(tenant(2000))).toMatchObject({ settings: { issuer: tenant(2000) } })
  })
})
