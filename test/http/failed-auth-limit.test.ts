import { jest } from '@jest/globals'
import express, { type Express } from 'express'
import { requireAuth, requireScope, type RequireAuthOptions } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import type { ClientRateLimitInfo, Store } from 'express-rate-limit'
import request from 'supertest'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

/** An API with a limit of 3 refusals, behind one proxy. */
function createApi(limit: RequireAuthOptions['failedAuthLimit'] = {}): Express {
  const app = express()
  app.set('trust proxy', 1)
  app.use(requireAuth({ ...issuer.options, failedAuthLimit: { windowMs: 60_000, limit: 3, ...limit } }))
  app.get('/', (_req, res) => {
    res.json({ reached: true })
  })
  app.get('/orders', requireScope('orders:read'), (_req, res) => {
    res.json({ reached: true })
  })
  return app
}

interface Attempt {
  readonly authorization?: string
  readonly from?: string
  readonly path?: string
}

async function send(app: Express, { authorization, from = '203.0.113.7', path = '/' }: Attempt) {
  const pending = request(app).get(path).set('X-Forwarded-For', from)
  return authorization === undefined ? pending : pending.set('Authorization', authorization)
}

const good = async (): Promise<string> => `Bearer ${await issuer.accessToken()}`
const bad = async (): Promise<string> => `Bearer ${await issuer.idToken()}`

async function statuses(app: Express, attempts: readonly Attempt[]): Promise<number[]> {
  const all: number[] = []
  for (const attempt of attempts) all.push((await send(app, attempt)).status)
  return all
}

describe('failedAuthLimit (RFC 6585 section 4)', () => {
  it('answers 429 past the limit, as a problem with Retry-After and without a challenge', async () => {
    const app = createApi()
    const attempt = { authorization: await bad() }
    expect(await statuses(app, [attempt, attempt, attempt])).toEqual([401, 401, 401])
    const response = await send(app, attempt)
    expect(response.status).toBe(429)
    expect(response.headers['retry-after']).toBe('60')
    expect(response.headers['www-authenticate']).toBeUndefined()
    expect(response.headers['ratelimit-policy']).toContain('q=3')
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(response.text)).toEqual({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      detail: 'Too many refused requests. Wait before you try again.',
      code: 'too_many_failures',
    })
  })

  it('has Retry-After also when the headers of the limiter are off', async () => {
    const app = createApi({ limit: 1, standardHeaders: false })
    const attempt = { authorization: await bad() }
    await send(app, attempt)
    const response = await send(app, attempt)
    expect(response.status).toBe(429)
    expect(response.headers['retry-after']).toBe('60')
    expect(response.headers['ratelimit']).toBeUndefined()
  })

  it('never counts a valid token, and never refuses one, from the very address that is past the limit', async () => {
    const app = createApi()
    const [yes, no] = [{ authorization: await good() }, { authorization: await bad() }]
    expect(await statuses(app, [yes, yes, yes, yes, yes, no, no, no])).toEqual([200, 200, 200, 200, 200, 401, 401, 401])
    expect(await statuses(app, [no, yes, no, yes])).toEqual([429, 200, 429, 200])
  })

  it('does not count a good token without the scope, nor requests without credentials', async () => {
    const app = createApi({ limit: 1 })
    const lacking = { authorization: await good(), path: '/orders' }
    expect(await statuses(app, [lacking, lacking, lacking, {}, {}, {}])).toEqual([403, 403, 403, 401, 401, 401])
    expect(await statuses(app, [{ authorization: await bad() }, { authorization: await bad() }])).toEqual([401, 429])
    expect(await statuses(app, [lacking, {}])).toEqual([403, 401])
  })

  it('counts malformed credentials, and not what could not be decided', async () => {
    const app = createApi({ limit: 1 })
    const malformed = { authorization: 'Bearer a b' }
    expect(await statuses(app, [malformed, malformed])).toEqual([400, 429])

    const outage = await createTestIssuer({ algorithm: 'ES256' })
    const behindOutage = express()
    behindOutage.use(requireAuth({ ...outage.options, failedAuthLimit: { limit: 1 } }))
    const authorization = `Bearer ${await outage.accessToken()}`
    outage.goDown()
    expect(await statuses(behindOutage, [{ authorization }, { authorization }, { authorization }])).toEqual([
      503, 503, 503,
    ])
  })

  it('counts by the address that the trusted proxy gives, not by what a caller makes up', async () => {
    const app = createApi({ limit: 1 })
    const authorization = await bad()
    expect(
      await statuses(app, [
        { authorization, from: '198.51.100.1' },
        { authorization, from: '198.51.100.2' },
      ]),
    ).toEqual([401, 401])
    const madeUp = ['10.0.0.1, 198.51.100.1', '10.0.0.2, 198.51.100.1'].map((from) => ({ authorization, from }))
    expect(await statuses(app, madeUp)).toEqual([429, 429])
  })

  it('counts an IPv6 /64 as one caller', async () => {
    const app = createApi({ limit: 1 })
    const authorization = await bad()
    const neighbours = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:2::1'].map((from) => ({
      authorization,
      from,
    }))
    expect(await statuses(app, neighbours)).toEqual([401, 429, 401])
  })

  it('can share its count through a store', async () => {
    const counts = new Map<string, number>()
    const createStore = (): Store => ({
      increment(key): ClientRateLimitInfo {
        counts.set(key, (counts.get(key) ?? 0) + 1)
        return { totalHits: counts.get(key) ?? 0, resetTime: new Date(issuer.now() * 1000 + 60_000) }
      },
      decrement: () => undefined,
      resetKey: (key) => {
        counts.delete(key)
      },
    })
    const [one, other] = [createApi({ store: createStore() }), createApi({ store: createStore() })]
    const attempt = { authorization: await bad() }
    expect(await statuses(one, [attempt, attempt])).toEqual([401, 401])
    expect(await statuses(other, [attempt, attempt])).toEqual([401, 429])
  })

  it('makes nobody wait for a clock that was set back to catch up', async () => {
    const app = createApi({ limit: 1 })
    const attempt = { authorization: await bad() }
    expect(await statuses(app, [attempt, attempt])).toEqual([401, 429])
    const ahead = Date.now()
    const now = jest.spyOn(Date, 'now').mockImplementation(() => ahead - 86_400_000)
    try {
      expect(await statuses(app, [attempt])).toEqual([401])
      const response = await send(app, attempt)
      expect([response.status, response.headers['retry-after']]).toEqual([429, '60'])
    } finally {
      now.mockRestore()
    }
  })

  it('sends nobody away for longer than a window, whatever a store of its own says', async () => {
    const store: Store = {
      increment: () => ({ totalHits: 99, resetTime: new Date(Date.now() + 86_400_000) }),
      decrement: () => undefined,
      resetKey: () => undefined,
    }
    const response = await send(createApi({ store }), { authorization: await bad() })
    expect([response.status, response.headers['retry-after']]).toEqual([429, '60'])
  })

  it('lets the refusal stand when its store fails, and never the request pass', async () => {
    const store: Store = {
      increment: () => Promise.reject(new Error('the store is down')),
      decrement: () => undefined,
      resetKey: () => undefined,
    }
    const app = createApi({ store })
    expect(await statuses(app, [{ authorization: await bad() }, { authorization: await good() }])).toEqual([401, 200])
  })
})
