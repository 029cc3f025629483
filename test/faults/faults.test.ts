import {
  badMetadata,
  largeFaults,
  oddSets,
  plainFaults,
  slowFaults,
  uselessSets,
  withKeys,
  type FaultRow,
} from './faults.js'
import {
  createProgrammableIssuer,
  startProgrammableIssuer,
  type Endpoint,
  type ProgrammableIssuer,
} from './programmable-issuer.js'
import { countStatuses, forge, measureMemory, startApi, type Reply, type RunningApi } from './running-api.js'
import { settle } from '../kit/settle.js'

const DAY = 86_400
const DEFAULT_FRESH = 600
const COOLDOWN = 30
const MEBIBYTE = 1024 * 1024
/** What a machine that is busy with other things may add to a deadline, in milliseconds. */
const SLACK = 1500

let issuer: ProgrammableIssuer
let api: RunningApi

afterEach(async () => {
  await api.close()
  await issuer.close()
})

const longLived = (): Promise<string> => issuer.tokens.accessToken({ exp: issuer.tokens.now() + 2 * DAY })

function expectUnavailable({ status, headers, code }: Reply, { retryAfter = 1 } = {}): number {
  expect({ status, code }).toEqual({ status: 503, code: 'issuer_unavailable' })
  expect(headers['content-type']).toBe('application/problem+json')
  expect(headers['cache-control']).toBe('no-store')
  // 503 is nobody's fault on this side of the wire: no challenge, or clients would throw their tokens away.
  expect(headers['www-authenticate']).toBeUndefined()
  expect(headers['retry-after']).toMatch(/^[1-9]\d*$/)
  const seconds = Number(headers['retry-after'])
  expect(seconds).toBeGreaterThanOrEqual(retryAfter)
  expect(seconds).toBeLessThanOrEqual(300)
  return seconds
}

function expectGood({ status, headers }: Reply): void {
  expect(status).toBe(200)
  expect(headers['www-authenticate']).toBeUndefined()
}

function expectUnknownKey({ status, headers, code }: Reply): void {
  expect({ status, code }).toEqual({ status: 401, code: 'unknown_key' })
  expect(headers['www-authenticate']).toMatch(/^Bearer realm="api", error="invalid_token", error_description="[^"]+"$/)
}

const requestsTo = (endpoint: Endpoint): number => issuer.hits[endpoint]

/** Nothing is at hand yet: 503, no fetch before the time that the answer names, and 200 after it. */
async function showColdFault(endpoint: Endpoint, { fault, retryAfter = 1 }: FaultRow): Promise<void> {
  await issuer.behave(endpoint, fault)
  const token = await longLived()
  const wait = expectUnavailable(await api.get(token), { retryAfter })
  const asked = requestsTo(endpoint)
  for (let n = 0; n < 20; n++) expectUnavailable(await api.get(token), { retryAfter })
  expect(requestsTo(endpoint)).toBe(asked)
  expect(asked).toBe(1)
  await issuer.behave(endpoint, undefined)
  issuer.tokens.advance(wait)
  expectGood(await api.get(token))
  expect(issuer.hits.canary).toBe(0)
  expect(api.handled()).toBe(1)
}

/** Keys are at hand and no longer fresh: everything goes on, and what changed meanwhile counts as soon as it can be had. */
async function showWarmFault(endpoint: Endpoint, { fault, retryAfter = 0 }: FaultRow): Promise<void> {
  const token = await longLived()
  // Thrice, so that its findings are kept: they must survive the outage, and not the withdrawal of the key.
  for (let n = 0; n < 3; n++) expectGood(await api.get(token))
  issuer.tokens.advance(DEFAULT_FRESH + 1)
  await issuer.behave(endpoint, fault)
  const before = requestsTo('jwks') + requestsTo('discovery')
  for (let second = 0; second < 600; second += 5) {
    expectGood(await api.get(token))
    await settle()
    issuer.tokens.advance(5)
  }
  // Steps of 1, 2, 4, ... 60 s, each cut by up to a half: at most 25 attempts in 10 minutes, of two documents each.
  expect(requestsTo('jwks') + requestsTo('discovery') - before).toBeGreaterThan(0)
  expect(requestsTo('jwks') + requestsTo('discovery') - before).toBeLessThanOrEqual(50)

  await issuer.tokens.rotateKeys({ withdrawOld: true })
  await issuer.behave(endpoint, undefined)
  issuer.tokens.advance(Math.max(retryAfter, 60))
  await api.get(token)
  await settle()
  expectGood(await api.get(await longLived()))
  expectUnknownKey(await api.get(token))
  expect(issuer.hits.canary).toBe(0)
}

const titleOf = ({ name, spec }: FaultRow): string => (spec === undefined ? name : `${name} (${spec})`)
const rows = (list: readonly FaultRow[]) => list.map((row) => [titleOf(row), row] as const)

describe('a fault of the key endpoint', () => {
  beforeEach(async () => {
    issuer = await createProgrammableIssuer()
    api = await startApi(issuer.options)
  })

  test.each(rows([...plainFaults, ...uselessSets]))(
    '%s: without keys 503 until the time that it names',
    async (_name, row) => {
      await showColdFault('jwks', row)
    },
  )

  test.each(rows([...plainFaults, ...uselessSets]))(
    '%s: with keys every good request is served, and a change counts once it is over',
    async (_name, row) => {
      await showWarmFault('jwks', row)
    },
  )

  test.each(rows(oddSets))('%s does not spoil the good key', async (_name, { fault, explained }) => {
    await issuer.behave('jwks', fault)
    const token = await longLived()
    expectGood(await api.get(token))
    expectUnknownKey(await api.get(forge(token, { kid: 'broken' })))
    // The one fetch of the cooldown has looked for that name, and for no other.
    for (const kid of ['leaked', 'twice']) {
      const reply = await api.get(forge(token, { kid }))
      if (kid === explained) expectUnknownKey(reply)
      else expect(expectUnavailable(reply)).toBe(COOLDOWN)
    }
    expectGood(await api.get(token))
    expect(requestsTo('jwks')).toBe(2)
    issuer.tokens.advance(COOLDOWN)
    for (const kid of ['broken', 'leaked', 'twice']) expectUnknownKey(await api.get(forge(token, { kid })))
    expectGood(await api.get(token))
    expect(requestsTo('jwks')).toBeLessThanOrEqual(3)
  })

  it('leaves out what comes after the first 1,000 keys', async () => {
    const filler = Array.from({ length: 1000 }, (_, n) => ({ kty: 'XX', kid: String(n) }))
    await issuer.behave(
      'jwks',
      withKeys((keys) => [...filler, ...keys]),
    )
    expectUnavailable(await api.get(await longLived()))
    await issuer.behave(
      'jwks',
      withKeys((keys) => [...filler.slice(1), ...keys]),
    )
    issuer.tokens.advance(1)
    expectGood(await api.get(await longLived()))
  })
})

describe('a fault of the metadata endpoint', () => {
  beforeEach(async () => {
    issuer = await createProgrammableIssuer()
    api = await startApi(issuer.options)
  })

  // A 404 there is no fault: the other metadata document is asked for.
  const faults = plainFaults.filter(({ name }) => name !== 'status 404')

  test.each(rows([...faults, ...badMetadata]))(
    '%s: without keys 503 until the time that it names',
    async (_name, row) => {
      await showColdFault('discovery', row)
    },
  )

  test.each(rows([...faults, ...badMetadata]))(
    '%s: does no harm once the place of the keys is known',
    async (_name, { fault }) => {
      const token = await longLived()
      expectGood(await api.get(token))
      await issuer.behave('discovery', fault)
      for (let n = 0; n < 20; n++) {
        issuer.tokens.advance(DEFAULT_FRESH + 1)
        expectGood(await api.get(token))
        await settle()
      }
      expect(requestsTo('jwks')).toBe(21)
      expect(requestsTo('discovery')).toBeLessThanOrEqual(21)
    },
  )

  it('asks RFC 8414 metadata where OpenID discovery is not there, and gives up when neither is (RFC 8414 3)', async () => {
    await issuer.behave('discovery', () => ({ status: 404 }))
    expectUnavailable(await api.get(await longLived()))
    expect(requestsTo('discovery')).toBe(2)
    expect(requestsTo('jwks')).toBe(0)
  })

  it('finds the keys again when only the metadata stays down after a failed refresh', async () => {
    const token = await longLived()
    expectGood(await api.get(token))
    await issuer.behave('discovery', 'refuse')
    await issuer.behave('jwks', 'refuse')
    issuer.tokens.advance(DEFAULT_FRESH + 1)
    expectGood(await api.get(token))
    await settle()
    await issuer.behave('jwks', undefined)
    await issuer.tokens.rotateKeys({ withdrawOld: true })
    issuer.tokens.advance(60)
    await api.get(token)
    await settle()
    expectGood(await api.get(await longLived()))
    expectUnknownKey(await api.get(token))
  })
})

describe('Cache-Control', () => {
  beforeEach(async () => {
    issuer = await createProgrammableIssuer()
    api = await startApi(issuer.options)
  })

  test.each<[cacheControl: string, age: string | undefined, fresh: number, why: string]>([
    ['max-age=0', undefined, 60, 'a minute at least'],
    ['no-store', undefined, 60, 'a minute at least'],
    ['no-cache', undefined, 60, 'a minute at least'],
    ['public, max-age=31536000, immutable', undefined, 3600, 'an hour at most'],
    ['max-age=300', undefined, 300, 'RFC 9111 5.2.2.1'],
    ['MAX-AGE=300', undefined, 300, 'RFC 9111 5.2'],
    ['public,max-age=300,must-revalidate', undefined, 300, 'RFC 9111 5.2.2.1'],
    ['max-age=300', '100', 200, 'RFC 9111 4.2.3'],
    ['max-age=300', '400', 60, 'a minute at least'],
    ['max-age=300', 'soon', 300, 'RFC 9111 5.1'],
    ['max-age=-1', undefined, DEFAULT_FRESH, 'RFC 9111 1.2.2'],
    ['max-age=soon', undefined, DEFAULT_FRESH, 'RFC 9111 1.2.2'],
    ['max-age=1e3', undefined, DEFAULT_FRESH, 'RFC 9111 1.2.2'],
    ['max-age=', undefined, DEFAULT_FRESH, 'RFC 9111 1.2.2'],
    ['stale-while-revalidate=86400, stale-if-error=86400', undefined, DEFAULT_FRESH, 'RFC 5861'],
    ['s-maxage=60', undefined, DEFAULT_FRESH, 'RFC 9111 5.2.2.10'],
  ])('"%s" with Age %s keeps keys fresh for %i s (%s)', async (cacheControl, age, fresh) => {
    const headers = { 'cache-control': cacheControl, ...(age !== undefined && { age }) }
    await issuer.behave('jwks', ({ document }) => ({ headers, body: JSON.stringify(document) }))
    const token = await longLived()
    for (let n = 0; n < 200; n++) expectGood(await api.get(token))
    issuer.tokens.advance(fresh - 1)
    expectGood(await api.get(token))
    await settle()
    expect(requestsTo('jwks')).toBe(1)
    issuer.tokens.advance(1)
    expectGood(await api.get(token))
    await settle()
    expect(requestsTo('jwks')).toBe(2)
  })
})

describe('a fault of the network', () => {
  const DEADLINE = 300

  beforeEach(async () => {
    issuer = await startProgrammableIssuer()
    api = await startApi({ ...issuer.options, keys: { timeoutSeconds: DEADLINE / 1000 } })
  })

  const socketFaults = plainFaults.filter(({ name }) => /refused|500|302|breaks off|HTML page$/.test(name))
  const endpoints: readonly Endpoint[] = ['jwks', 'discovery']
  const table = endpoints.flatMap((endpoint) =>
    [...socketFaults, ...slowFaults, ...largeFaults]
      // Where nobody listens, nobody gets as far as the keys.
      .filter(({ fault }) => endpoint === 'discovery' || fault !== 'refuse')
      .map((row) => [endpoint, titleOf(row), row] as const),
  )

  test.each(table)(
    'at %s, %s: without keys 503 within the deadline, and recovery at the time that it names',
    async (endpoint, _name, { fault }) => {
      await issuer.behave(endpoint, fault)
      const token = await longLived()
      const replies = await Promise.all(Array.from({ length: 10 }, () => api.get(token)))
      const wait = Math.max(...replies.map((reply) => expectUnavailable(reply)))
      expect(Math.max(...replies.map(({ milliseconds }) => milliseconds))).toBeLessThan(DEADLINE + SLACK)
      expect(requestsTo(endpoint)).toBe(1)
      await issuer.behave(endpoint, undefined)
      issuer.tokens.advance(wait)
      expectGood(await api.get(token))
      expect(issuer.hits.canary).toBe(0)
    },
  )

  test.each(rows([...socketFaults, ...slowFaults, ...largeFaults]))(
    '%s: with keys every good request is served at once',
    async (_name, { fault }) => {
      const token = await longLived()
      expectGood(await api.get(token))
      await issuer.behave('jwks', fault)
      issuer.tokens.advance(DEFAULT_FRESH + 1)
      const replies: Reply[] = []
      for (let n = 0; n < 20; n++) replies.push(await api.get(token))
      expect(countStatuses(replies)).toEqual({ 200: 20 })
      const times = replies.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
      // The median: a busy machine may make one of them wait, the fault none.
      expect(times[10]).toBeLessThan(DEADLINE / 2)
      expect(requestsTo('jwks')).toBe(2)
      expect(issuer.hits.canary).toBe(0)
    },
  )

  test.each(rows(slowFaults))(
    '%s: after a long idle time the first request waits no longer than the deadline and is served',
    async (_name, { fault }) => {
      const token = await longLived()
      expectGood(await api.get(token))
      await issuer.behave('jwks', fault)
      issuer.tokens.advance(3600)
      const first = await api.get(token)
      expectGood(first)
      expect(first.milliseconds).toBeLessThan(DEADLINE + SLACK)
      const second = await api.get(token)
      expectGood(second)
      expect(second.milliseconds).toBeLessThan(DEADLINE)
    },
  )

  test.each(rows(largeFaults))('%s: is dropped at the cap, and nothing of it is kept', async (_name, { fault }) => {
    const token = await longLived()
    // One round first, so that what the platform loads once does not count.
    await issuer.behave('jwks', () => ({ status: 500, body: 'no' }))
    expectUnavailable(await api.get(token))
    issuer.tokens.advance(60)
    await issuer.behave('jwks', fault)
    const before = measureMemory()
    const sentBefore = issuer.bytesSent()
    expectUnavailable(await api.get(token))
    // What the kernel buffers between two sockets counts as sent.
    expect(issuer.bytesSent() - sentBefore).toBeLessThan(16 * MEBIBYTE)
    expect(measureMemory() - before).toBeLessThan(2 * MEBIBYTE)
  })
})
