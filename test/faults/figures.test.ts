import { createResourceServer, type RequireAuthOptions } from 'express-resource-server'
import { createProgrammableIssuer, type ProgrammableIssuer } from './programmable-issuer.js'
import { countStatuses, forge, startApi, type Crowd, type Reply, type RunningApi } from './running-api.js'
import { segmentsOf } from '../kit/forge.js'
import { settle } from '../kit/settle.js'

const DAY = 86_400
const DEFAULT_FRESH = 600
const COOLDOWN = 30
/** So long past freshness a request may still be served while the refresh runs; who comes later waits for it. */
const REVALIDATION = 60
const MAX_STALE = 4 * 3600
/** Thousands of requests take a busy machine a while; nothing in here waits for time to pass. */
const PATIENCE = 120_000
const serverError = () => ({ status: 500, body: '{}' })

const closers: (() => Promise<void>)[] = []
let issuer: ProgrammableIssuer
let api: RunningApi

async function start(options: Partial<RequireAuthOptions> = {}, crowd: Crowd = {}): Promise<RunningApi> {
  const started = await startApi({ ...issuer.options, ...options }, crowd)
  closers.push(started.close)
  return started
}

beforeEach(async () => {
  issuer = await createProgrammableIssuer()
  api = await start()
})

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const longLived = (): Promise<string> => issuer.tokens.accessToken({ exp: issuer.tokens.now() + 4 * DAY })

async function goDown(): Promise<void> {
  await issuer.behave('jwks', 'refuse')
  await issuer.behave('discovery', 'refuse')
}

async function comeBack(): Promise<void> {
  await issuer.behave('jwks', undefined)
  await issuer.behave('discovery', undefined)
}

async function getMany(token: string, times: number): Promise<Record<number, number>> {
  return countStatuses(await Promise.all(Array.from({ length: times }, () => api.get(token))))
}

const outcome = ({ status, code }: Reply) => ({ status, code })
const good = { status: 200, code: undefined }
const unknownKey = { status: 401, code: 'unknown_key' }
const unavailable = { status: 503, code: 'issuer_unavailable' }

/** The name has not been looked for yet, and the one fetch of the cooldown is spent: it may be a new key. */
function expectUndecided(reply: Reply, secondsLeft: number): void {
  expect(outcome(reply)).toEqual(unavailable)
  expect(reply.headers['retry-after']).toBe(String(secondsLeft))
  expect(reply.headers['www-authenticate']).toBeUndefined()
}

describe('an issuer that is down for 10 minutes', () => {
  it(
    'is not noticed by 6,000 good requests where keys are at hand',
    async () => {
      const tokens = await Promise.all(Array.from({ length: 10 }, () => longLived()))
      expect(await getMany(tokens[0] ?? '', 10)).toEqual({ 200: 10 })
      await goDown()
      issuer.tokens.advance(DEFAULT_FRESH + 1)
      const replies: Reply[] = []
      for (let second = 0; second < 600; second++) {
        replies.push(...(await Promise.all(tokens.map((token) => api.get(token)))))
        issuer.tokens.advance(1)
      }
      expect(countStatuses(replies)).toEqual({ 200: 6000 })
      // 1, 2, 4, 8, 16, 32 s and then once a minute, each step cut by up to a half.
      expect(issuer.jwksTimes.length + issuer.hits.discovery).toBeLessThanOrEqual(2 + 2 * 25)
      expect(api.handled()).toBe(6010)
    },
    PATIENCE,
  )

  it(
    'makes every request 503 where no keys are at hand, with one attempt per back-off step, and 200 after the last',
    async () => {
      await issuer.behave('jwks', serverError)
      const token = await longLived()
      let longest = 0
      for (let second = 0; second < 600; second++) {
        const reply = await api.get(token)
        expect(outcome(reply)).toEqual(unavailable)
        longest = Math.max(longest, Number(reply.headers['retry-after']))
        issuer.tokens.advance(1)
      }
      const gaps = issuer.jwksTimes.slice(1).map((time, n) => time - (issuer.jwksTimes[n] ?? 0))
      expect(gaps.length).toBeGreaterThanOrEqual(50)
      for (const [n, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(Math.min(2 ** n, 10) / 2)
      // The second more is the one between two requests of this test.
      for (const [n, gap] of gaps.entries()) expect(gap).toBeLessThanOrEqual(Math.min(2 ** n, 10) + 1)
      expect(longest).toBeLessThanOrEqual(10)
      expect(api.handled()).toBe(0)

      await comeBack()
      const wait = Number((await api.get(token)).headers['retry-after'] ?? 0)
      issuer.tokens.advance(wait)
      expect(outcome(await api.get(token))).toEqual(good)
    },
    PATIENCE,
  )

  it('costs at most 5 fetches for 200 requests while the endpoint answers 500', async () => {
    await issuer.behave('jwks', serverError)
    const token = await longLived()
    for (let n = 0; n < 200; n++) expect((await api.get(token)).status).toBe(503)
    expect(issuer.hits.jwks + issuer.hits.discovery).toBeLessThanOrEqual(5)
  })

  it('is asked no more often by a readiness probe, which fails as long as it is down', async () => {
    await issuer.behave('jwks', serverError)
    for (let n = 0; n < 200; n++) await expect(api.ready()).rejects.toMatchObject({ code: 'issuer_unavailable' })
    expect(issuer.hits.jwks).toBe(1)
    await comeBack()
    issuer.tokens.advance(1)
    await expect(api.ready()).resolves.toBeUndefined()
    expect(outcome(await api.get(await longLived()))).toEqual(good)
    expect(issuer.hits.jwks).toBe(2)
  })

  it('makes every waiting request 503 when the one fetch fails, and poisons nothing', async () => {
    await issuer.behave('jwks', serverError)
    const release = issuer.hold()
    const waiting = Array.from({ length: 40 }, async () => api.get(await longLived()))
    await settle()
    release()
    expect(countStatuses(await Promise.all(waiting))).toEqual({ 503: 40 })
    expect(issuer.hits.jwks).toBe(1)
    await comeBack()
    issuer.tokens.advance(1)
    expect(outcome(await api.get(await longLived()))).toEqual(good)
  })

  it('is served for 4 hours, and not a second longer', async () => {
    const token = await longLived()
    expect(outcome(await api.get(token))).toEqual(good)
    await goDown()
    issuer.tokens.advance(MAX_STALE - 1)
    expect(outcome(await api.get(token))).toEqual(good)
    issuer.tokens.advance(1)
    expect(outcome(await api.get(token))).toEqual(unavailable)
    await comeBack()
    issuer.tokens.advance(60)
    expect(outcome(await api.get(token))).toEqual(good)
  })

  it('is not served past freshness where maxStaleSeconds is 0', async () => {
    api = await start({ keys: { maxStaleSeconds: 0 } })
    const token = await longLived()
    expect(outcome(await api.get(token))).toEqual(good)
    await goDown()
    issuer.tokens.advance(DEFAULT_FRESH - 1)
    expect(outcome(await api.get(token))).toEqual(good)
    issuer.tokens.advance(1)
    expect(outcome(await api.get(token))).toEqual(unavailable)
  })
})

describe('a flood of made-up key names', () => {
  it(
    'of 10,000 costs at most one fetch per cooldown, and no good request',
    async () => {
      const token = await longLived()
      expect(outcome(await api.get(token))).toEqual(good)
      const before = issuer.hits.jwks
      const unknown: Reply[] = []
      const known: Reply[] = []
      for (let batch = 0; batch < 200; batch++) {
        const forged = Array.from({ length: 50 }, (_, n) =>
          api.get(forge(token, { kid: `bogus-${String(batch * 50 + n)}` })),
        )
        const honest = Array.from({ length: 5 }, () => api.get(token))
        for (const reply of await Promise.all(forged)) {
          if (reply.status === 401) unknown.push(reply)
          else expectUndecided(reply, COOLDOWN - (batch % COOLDOWN))
        }
        known.push(...(await Promise.all(honest)))
        issuer.tokens.advance(1)
      }
      expect(countStatuses(known)).toEqual({ 200: 1000 })
      expect(new Set(unknown.map(({ code }) => code))).toEqual(new Set(['unknown_key']))
      // 200 seconds: one at the start, and one for each cooldown that has passed since. Each has looked for the name that
      // brought it about; the others came when it was spent.
      expect(issuer.hits.jwks - before).toBe(Math.ceil(200 / COOLDOWN))
      expect(unknown).toHaveLength(Math.ceil(200 / COOLDOWN))
      expect(issuer.hits.discovery).toBe(1)

      const last = forge(token, { kid: 'the last' })
      expectUndecided(await api.get(last), 10)
      issuer.tokens.advance(10)
      expect(outcome(await api.get(forge(token, { kid: 'a later one' })))).toEqual(unknownKey)
      expect(outcome(await api.get(last))).toEqual(unknownKey)
      expect(issuer.hits.jwks - before).toBe(Math.ceil(200 / COOLDOWN) + 1)
    },
    PATIENCE,
  )

  it(
    'while the endpoint is down is 503, and no good request notices',
    async () => {
      const token = await longLived()
      expect(outcome(await api.get(token))).toEqual(good)
      await goDown()
      const before = issuer.hits.jwks + issuer.hits.discovery
      for (let n = 0; n < 300; n++) {
        expect(outcome(await api.get(forge(token, { kid: `bogus-${String(n)}` })))).toEqual(unavailable)
        expect(outcome(await api.get(token))).toEqual(good)
        issuer.tokens.advance(1)
      }
      expect(issuer.hits.jwks + issuer.hits.discovery - before).toBeLessThanOrEqual(2 * (300 / COOLDOWN))
    },
    PATIENCE,
  )

  it('on a cold API makes no more than the first fetch, and the refetch that the names bring about', async () => {
    const token = await longLived()
    const ask = (n: number): Promise<Reply> => api.get(forge(token, { kid: `bogus-${String(n)}` }))
    // One for each of the two fetches, which have looked for it.
    for (let n = 0; n < 2; n++) expect(outcome(await ask(n))).toEqual(unknownKey)
    for (let n = 2; n < 100; n++) expectUndecided(await ask(n), COOLDOWN)
    expect(issuer.hits.jwks).toBe(2)
    expect(outcome(await api.get(token))).toEqual(good)
  })

  it(
    'lets a key that was published during it be found within one cooldown',
    async () => {
      const token = await longLived()
      expect(outcome(await api.get(token))).toEqual(good)
      expect(outcome(await api.get(forge(token, { kid: 'bogus' })))).toEqual(unknownKey)
      issuer.tokens.advance(1)
      await issuer.tokens.rotateKeys()
      const fresh = await longLived()
      let second = 1
      let reply = await api.get(fresh)
      while (reply.status !== 200) {
        // Never 401, or its clients would throw good tokens away.
        expectUndecided(reply, COOLDOWN - second)
        for (let n = 0; n < 10; n++) await api.get(forge(token, { kid: `bogus-${String(second)}-${String(n)}` }))
        expect(outcome(await api.get(token))).toEqual(good)
        issuer.tokens.advance(1)
        second++
        expect(second).toBeLessThanOrEqual(COOLDOWN)
        reply = await api.get(fresh)
      }
      expect(second).toBe(COOLDOWN)
    },
    PATIENCE,
  )
})

describe('a key that was published a second ago', () => {
  const rotate = async (): Promise<string> => {
    issuer.tokens.advance(1)
    await issuer.tokens.rotateKeys()
    return longLived()
  }

  it('is found after the first load', async () => {
    const old = await longLived()
    expect(outcome(await api.get(old))).toEqual(good)
    const fresh = await rotate()
    expect(outcome(await api.get(fresh))).toEqual(good)
    expect(outcome(await api.get(old))).toEqual(good)
    expect(issuer.hits.jwks).toBe(2)
  })

  it('is found after a routine refresh', async () => {
    const old = await longLived()
    expect(outcome(await api.get(old))).toEqual(good)
    issuer.tokens.advance(DEFAULT_FRESH)
    expect(outcome(await api.get(old))).toEqual(good)
    await settle()
    expect(issuer.hits.jwks).toBe(2)
    expect(outcome(await api.get(await rotate()))).toEqual(good)
    expect(issuer.hits.jwks).toBe(3)
  })

  it(
    'is found by a thousand requests at once with a single fetch',
    async () => {
      expect(outcome(await api.get(await longLived()))).toEqual(good)
      expect(await getMany(await rotate(), 1000)).toEqual({ 200: 1000 })
      expect(issuer.hits.jwks).toBe(2)
    },
    PATIENCE,
  )

  it('is found when the set was swapped without an overlap, and the old one is refused', async () => {
    const old = await longLived()
    for (let n = 0; n < 3; n++) expect(outcome(await api.get(old))).toEqual(good)
    await issuer.tokens.rotateKeys({ withdrawOld: true })
    expect(outcome(await api.get(await longLived()))).toEqual(good)
    expect(outcome(await api.get(old))).toEqual(unknownKey)
    // What looked for the new key has seen that the old one is gone.
    expect(issuer.hits.jwks).toBe(2)
  })
})

describe('a cold start', () => {
  it(
    'of 1,000 concurrent requests makes one discovery and one JWKS fetch',
    async () => {
      api = await start({}, { maxSockets: 1000, together: 1000 })
      const token = await longLived()
      const requests = Array.from({ length: 1000 }, () => api.get(token))
      expect(countStatuses(await Promise.all(requests))).toEqual({ 200: 1000 })
      expect(issuer.hits).toEqual({ discovery: 1, jwks: 1, canary: 0 })
    },
    PATIENCE,
  )
})

// The bound: fresh time (600 s without Cache-Control, never more than an hour) + 60 s, and a fetch. While the endpoint is
// down it is maxStaleSeconds (4 hours), which is the trade that the option is about.
describe('a withdrawn key', () => {
  const withdraw = async (): Promise<string> => {
    const token = await longLived()
    // Thrice, so that its findings are kept.
    for (let n = 0; n < 3; n++) expect(outcome(await api.get(token))).toEqual(good)
    await issuer.tokens.rotateKeys({ withdrawOld: true })
    return token
  }

  it.each([
    ['without Cache-Control', undefined, DEFAULT_FRESH],
    ['with max-age of a year', 'max-age=31536000', 3600],
  ])('is refused at the latest at the end of the fresh time and a minute, %s', async (_name, header, fresh) => {
    if (header !== undefined) {
      await issuer.behave('jwks', ({ document }) => ({
        headers: { 'cache-control': header },
        body: JSON.stringify(document),
      }))
    }
    const token = await withdraw()
    issuer.tokens.advance(fresh - 1)
    expect(outcome(await api.get(token))).toEqual(good)
    issuer.tokens.advance(1 + REVALIDATION)
    expect(outcome(await api.get(token))).toEqual(unknownKey)
    expect(outcome(await api.get(await longLived()))).toEqual(good)
  })

  it('is refused as soon as the refresh that an earlier request started is in, kept findings or not', async () => {
    const token = await withdraw()
    issuer.tokens.advance(DEFAULT_FRESH)
    const release = issuer.hold()
    expect(outcome(await api.get(token))).toEqual(good)
    release()
    await settle()
    expect(outcome(await api.get(token))).toEqual(unknownKey)
  })

  /** The keys at hand no longer hold the withdrawn one, which was there whenever it was asked for. */
  const withdrawUnasked = async (): Promise<string> => {
    await api.ready()
    const token = await withdraw()
    issuer.tokens.advance(DEFAULT_FRESH)
    expect(outcome(await api.get(token))).toEqual(good)
    await settle()
    return token
  }

  /** The same, and somebody has spent the one fetch of the cooldown. */
  const withdrawAndSpend = async (): Promise<string> => {
    const token = await withdrawUnasked()
    expect(outcome(await api.get(forge(token, { kid: 'bogus' })))).toEqual(unknownKey)
    return token
  }

  it('is refused at once where the one fetch of a cooldown is spent, since it stood in an earlier set', async () => {
    const token = await withdrawAndSpend()
    expect(outcome(await api.get(forge(token, { kid: 'another' })))).toEqual(unavailable)
    for (let second = 0; second < 3 * COOLDOWN; second++) {
      expect(outcome(await api.get(token))).toEqual(unknownKey)
      issuer.tokens.advance(1)
    }
  })

  it('is refused after a fetch that a forged signature under a known name has spent, too', async () => {
    const token = await withdrawUnasked()
    const current = await longLived()
    expect(outcome(await api.get(current))).toEqual(good)
    const before = issuer.hits.jwks
    const [head, payload] = segmentsOf(current)
    const forged = `${head}.${payload}.${'A'.repeat(86)}`
    for (let n = 0; n < 20; n++) expect(outcome(await api.get(forged)).code).toBe('invalid_signature')
    expect(issuer.hits.jwks - before).toBe(1)
    expect(outcome(await api.get(token))).toEqual(unknownKey)
    issuer.tokens.advance(COOLDOWN)
    expect(outcome(await api.get(forged)).code).toBe('invalid_signature')
    expect(outcome(await api.get(token))).toEqual(unknownKey)
    expect(issuer.hits.jwks - before).toBe(2)
  })

  it('is refused at once, whoever spent the fetch, where it was asked for before the keys came that do not hold it', async () => {
    const token = await withdraw()
    issuer.tokens.advance(DEFAULT_FRESH)
    expect(outcome(await api.get(token))).toEqual(good)
    await settle()
    expect(outcome(await api.get(forge(token, { kid: 'bogus' })))).toEqual(unknownKey)
    expect(outcome(await api.get(token))).toEqual(unknownKey)
  })

  it('is never accepted during a flood of made-up names, and refused a cooldown after it at the latest', async () => {
    const token = await withdrawAndSpend()
    for (let second = 0; second < 3 * COOLDOWN; second++) {
      const names = Array.from({ length: 50 }, (_, n) => `bogus-${String(second)}-${String(n)}`)
      await Promise.all(names.map((kid) => api.get(forge(token, { kid }))))
      expect([unknownKey, unavailable]).toContainEqual(outcome(await api.get(token)))
      issuer.tokens.advance(1)
    }
    issuer.tokens.advance(COOLDOWN)
    expect(outcome(await api.get(token))).toEqual(unknownKey)
  })

  it.each([
    ['11 minutes', DEFAULT_FRESH + REVALIDATION],
    ['an hour', 3600],
    ['a day', DAY],
  ])('is refused to the very first request after %s of silence', async (_name, silence) => {
    const token = await withdraw()
    issuer.tokens.advance(silence)
    expect(outcome(await api.get(token))).toEqual(unknownKey)
    expect(outcome(await api.get(await longLived()))).toEqual(good)
  })

  it('is refused to the very first request after a silence that began with a fetch that failed', async () => {
    const token = await withdraw()
    await goDown()
    expect(outcome(await api.get(forge(token, { kid: 'bogus' })))).toEqual(unavailable)
    await comeBack()
    issuer.tokens.advance(3 * 3600)
    expect(outcome(await api.get(token))).toEqual(unknownKey)
  })

  it('is refused within one back-off step after the endpoint is back', async () => {
    const token = await withdraw()
    await goDown()
    issuer.tokens.advance(DEFAULT_FRESH + 1)
    for (let second = 0; second < 600; second += 5) {
      expect(outcome(await api.get(token))).toEqual(good)
      await settle()
      issuer.tokens.advance(5)
    }
    await comeBack()
    issuer.tokens.advance(60)
    await api.get(token)
    await settle()
    expect(outcome(await api.get(token))).toEqual(unknownKey)
  })

  it('that comes back with other material under its name verifies with the new one only', async () => {
    const old = await longLived()
    for (let n = 0; n < 3; n++) expect(outcome(await api.get(old))).toEqual(good)
    const { kid } = JSON.parse(Buffer.from(old.split('.')[0] ?? '', 'base64url').toString()) as { kid: string } // minted so
    await issuer.tokens.rotateKeys({ withdrawOld: true })
    await issuer.behave('jwks', ({ document }) => ({
      body: JSON.stringify({ keys: (document['keys'] as object[]).map((key) => ({ ...key, kid })) }),
    }))
    issuer.tokens.advance(DEFAULT_FRESH + REVALIDATION)
    expect(outcome(await api.get(old))).toEqual({ status: 401, code: 'invalid_signature' })
    const again = await issuer.tokens.accessToken({ exp: issuer.tokens.now() + DAY }, { kid })
    expect(outcome(await api.get(again))).toEqual(good)
  })
})

describe('a clock that jumps', () => {
  it('forward a day makes the keys be fetched again, and nothing else', async () => {
    const token = await longLived()
    expect(outcome(await api.get(token))).toEqual(good)
    issuer.tokens.advance(DAY)
    expect(outcome(await api.get(token))).toEqual(good)
    expect(issuer.hits.jwks).toBe(2)
  })

  it('forward a day while the issuer is down makes requests 503, and 200 when it jumps back', async () => {
    const token = await longLived()
    expect(outcome(await api.get(token))).toEqual(good)
    await goDown()
    issuer.tokens.advance(DAY)
    expect(outcome(await api.get(token))).toEqual(unavailable)
    issuer.tokens.advance(-DAY)
    expect(outcome(await api.get(token))).toEqual(good)
  })

  it('back an hour neither refuses a good token nor keeps keys fresh for longer', async () => {
    const token = await issuer.tokens.accessToken({
      iat: issuer.tokens.now() - 2 * 3600,
      exp: issuer.tokens.now() + DAY,
    })
    expect(outcome(await api.get(token))).toEqual(good)
    issuer.tokens.advance(-3600)
    expect(outcome(await api.get(token))).toEqual(good)
    await settle()
    expect(issuer.hits.jwks).toBe(2)
    await issuer.tokens.rotateKeys({ withdrawOld: true })
    issuer.tokens.advance(DEFAULT_FRESH + REVALIDATION)
    expect(outcome(await api.get(token))).toEqual(unknownKey)
  })

  it('back an hour while the issuer is down keeps serving, for 4 hours from then', async () => {
    const token = await issuer.tokens.accessToken({
      iat: issuer.tokens.now() - 2 * 3600,
      exp: issuer.tokens.now() + DAY,
    })
    expect(outcome(await api.get(token))).toEqual(good)
    await goDown()
    issuer.tokens.advance(-3600)
    expect(outcome(await api.get(token))).toEqual(good)
    await settle()
    issuer.tokens.advance(MAX_STALE - 1)
    expect(outcome(await api.get(token))).toEqual(good)
    issuer.tokens.advance(1)
    expect(outcome(await api.get(token))).toEqual(unavailable)
  })

  it('back an hour does not lengthen a back-off or a cooldown', async () => {
    await issuer.behave('jwks', serverError)
    const token = await issuer.tokens.accessToken({
      iat: issuer.tokens.now() - 2 * 3600,
      exp: issuer.tokens.now() + DAY,
    })
    expect(outcome(await api.get(token))).toEqual(unavailable)
    await comeBack()
    issuer.tokens.advance(-3600)
    expect(outcome(await api.get(token))).toEqual(good)
    expect(outcome(await api.get(forge(token, { kid: 'bogus' })))).toEqual(unknownKey)
    await issuer.tokens.rotateKeys()
    const fresh = await issuer.tokens.accessToken({ iat: issuer.tokens.now() - 3600, exp: issuer.tokens.now() + DAY })
    expectUndecided(await api.get(fresh), COOLDOWN)
    issuer.tokens.advance(-1800)
    expect(outcome(await api.get(fresh))).toEqual(good)
  })
})

describe('what is not worth a fetch', () => {
  it.each([
    ['an unknown issuer', { iss: 'https://evil.example' }, 'unknown_issuer'],
    ['an issuer with a slash more', { iss: 'https://issuer.example.com/' }, 'unknown_issuer'],
    ['no issuer', { iss: undefined }, 'unknown_issuer'],
    ['an expired token', { exp: 1_000_000_000 }, 'token_expired'],
    ['a token without exp', { exp: undefined }, 'invalid_claims'],
    ['a token with an endless exp', { exp: 1e15 }, 'invalid_claims'],
  ])('%s is 401 and makes no request, cold', async (_name, claims, code) => {
    const token = await issuer.tokens.accessToken(claims)
    for (let n = 0; n < 10; n++) expect(outcome(await api.get(token))).toEqual({ status: 401, code })
    expect(issuer.hits).toEqual({ discovery: 0, jwks: 0, canary: 0 })
    expect(outcome(await api.get(await longLived()))).toEqual(good)
    expect(issuer.hits).toEqual({ discovery: 1, jwks: 1, canary: 0 })
  })

  it.each([
    ['an expired token', 'token_expired', () => ({ exp: issuer.tokens.now() - 120 })],
    ['a token without exp', 'invalid_claims', () => ({ exp: undefined })],
    ['a token with an endless exp', 'invalid_claims', () => ({ exp: 1e15 })],
  ])(
    'is %s either, warm: under a known key name or not, with a forged signature or not',
    async (_name, code, claims) => {
      expect(outcome(await api.get(await longLived()))).toEqual(good)
      const token = await issuer.tokens.accessToken(claims())
      const [head, payload] = segmentsOf(token)
      for (const one of [token, forge(token, { kid: 'bogus' }), `${head}.${payload}.${'A'.repeat(86)}`]) {
        expect(outcome(await api.get(one))).toEqual({ status: 401, code })
      }
      expect(issuer.hits.jwks).toBe(1)
    },
  )
})

describe('two issuers', () => {
  const kid = 'shared'
  let other: ProgrammableIssuer

  const mint = ({ tokens }: ProgrammableIssuer, claims = {}): Promise<string> =>
    tokens.accessToken({ exp: tokens.now() + DAY, ...claims }, { kid })
  const publishUnderSharedName = async (one: ProgrammableIssuer): Promise<void> => {
    await one.behave('jwks', ({ document }) => ({
      body: JSON.stringify({ keys: (document['keys'] as object[]).map((key) => ({ ...key, kid })) }),
    }))
  }

  beforeEach(async () => {
    other = await createProgrammableIssuer('https://other.example.com')
    api = await start({
      issuer: [issuer.tokens.issuer, other.tokens.issuer],
      fetch: (url, init) => (url.startsWith(other.tokens.issuer) ? other : issuer).options.fetch(url, init),
    })
    await publishUnderSharedName(issuer)
    await publishUnderSharedName(other)
  })

  it('with one key name each verify their own tokens only', async () => {
    expect(outcome(await api.get(await mint(issuer)))).toEqual(good)
    expect(outcome(await api.get(await mint(other)))).toEqual(good)
    const refused = { status: 401, code: 'invalid_signature' }
    expect(outcome(await api.get(await mint(other, { iss: issuer.tokens.issuer })))).toEqual(refused)
    expect(outcome(await api.get(await mint(issuer, { iss: other.tokens.issuer })))).toEqual(refused)
  })

  it('do not share an outage: one down cold, the other serves', async () => {
    await goDown()
    for (let n = 0; n < 20; n++) {
      expect(outcome(await api.get(await mint(issuer)))).toEqual(unavailable)
      expect(outcome(await api.get(await mint(other)))).toEqual(good)
    }
    expect(other.hits).toEqual({ discovery: 1, jwks: 1, canary: 0 })
    await publishUnderSharedName(issuer)
    await issuer.behave('discovery', undefined)
    issuer.tokens.advance(1)
    expect(outcome(await api.get(await mint(issuer)))).toEqual(good)
  })

  it('do not share a cooldown', async () => {
    const token = await mint(issuer)
    expect(outcome(await api.get(token))).toEqual(good)
    expect(outcome(await api.get(await mint(other)))).toEqual(good)
    expect(outcome(await api.get(forge(token, { kid: 'bogus' })))).toEqual(unknownKey)
    await other.behave('jwks', undefined)
    expect(outcome(await api.get(await other.tokens.accessToken()))).toEqual(good)
  })
})

describe('a resolver', () => {
  const audience = 'https://api.example.com'

  it('that throws, rejects, or answers for another issuer makes the request 503', async () => {
    const { issuer: iss } = issuer.tokens
    const resolvers = [
      () => {
        throw new Error('The database is down.')
      },
      () => Promise.reject(new Error('The database is down.')),
      () => ({ issuer: 'https://other.example.com' }),
      () => ({ issuer: iss, jwks: { keys: [] } }),
      () => ({ issuer: iss, jwks: { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] } }),
      () => ({ issuer: iss, jwksUri: 'http://keys.example.com' }),
    ]
    for (const resolver of resolvers) {
      api = await start({ issuer: resolver, audience })
      const reply = await api.get(await longLived())
      expect(outcome(reply)).toEqual(unavailable)
      expect(reply.headers['retry-after']).toBe('5')
      expect(reply.headers['www-authenticate']).toBeUndefined()
    }
    api = await start({ issuer: (unverified) => (unverified === iss ? { issuer: iss } : undefined), audience })
    expect(outcome(await api.get(await longLived()))).toEqual(good)
  })

  it('never sees an issuer that is longer than 512 characters, or none at all', async () => {
    const asked: string[] = []
    api = await start({
      issuer: (unverified) => {
        asked.push(unverified)
        return undefined
      },
      audience,
    })
    const longest = `https://${'a'.repeat(504)}`
    for (const iss of [`${longest}a`, `https://${'a'.repeat(8000)}`, undefined, 7, ['a'], null]) {
      const reply = await api.get(await issuer.tokens.accessToken({ iss }))
      expect(outcome(reply)).toEqual({ status: 401, code: 'unknown_issuer' })
    }
    expect(asked).toEqual([])
    expect((await api.get(await issuer.tokens.accessToken({ iss: longest }))).code).toBe('unknown_issuer')
    expect(asked).toEqual([longest])
  })

  it(
    'is asked once for a thousand requests at once, and a made-up name causes no fetch',
    async () => {
      let asked = 0
      api = await start({
        issuer: async (unverified) => {
          asked++
          await settle()
          return unverified === issuer.tokens.issuer ? { issuer: unverified } : undefined
        },
        audience,
      })
      expect(await getMany(await longLived(), 1000)).toEqual({ 200: 1000 })
      expect(asked).toBe(1)
      const evil = await issuer.tokens.accessToken({ iss: 'https://evil.example' })
      expect(await getMany(evil, 100)).toEqual({ 401: 100 })
      expect(asked).toBe(2)
      expect(issuer.hits).toEqual({ discovery: 1, jwks: 1, canary: 0 })
    },
    PATIENCE,
  )
})

describe('close', () => {
  it('ends a fetch that hangs: who waits for it gets 503, and keys at hand keep serving', async () => {
    const server = createResourceServer(issuer.options)
    const token = await longLived()
    await server.verifyToken(token)
    await issuer.behave('jwks', 'hang')
    const waiting = server.verifyToken(forge(token, { kid: 'bogus' }))
    await settle()
    server.close()
    server.close()
    await expect(waiting).rejects.toMatchObject(unavailable)
    await expect(server.verifyToken(token)).resolves.toMatchObject({ subject: 'user-1' })
    await expect(server.verifyToken(forge(token, { kid: 'bogus' }))).rejects.toMatchObject(unavailable)
    expect(issuer.hits.jwks).toBe(2)
  })
})
