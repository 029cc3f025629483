import { createMemoryStore } from '../../src/stores/memory-store.js'
import { createRedisStore, type KeepingStore } from '../../src/redis/index.js'
import { findRedisServer, startRedisServer, type RedisServer } from '../../examples/processes/redis-server.js'
import { clients, command } from '../kit/redis-clients.js'
import { ear } from './ear.js'

const redisServer = findRedisServer() ?? ''
const describeWithRedis = redisServer === '' ? describe.skip : describe

function contract(open: () => Promise<{ store: KeepingStore; close: () => void }>): void {
  let store: KeepingStore
  let close: () => void
  beforeAll(async () => {
    ;({ store, close } = await open())
  })
  afterAll(() => {
    close()
  })

  it('adds a key once, and has it then', async () => {
    expect(await store.has('a')).toBe(false)
    expect(await store.addIfAbsent('a', 60)).toBe('added')
    expect(await store.addIfAbsent('a', 60)).toBe('present')
    expect(await store.has('a')).toBe(true)
    expect(await store.has('b')).toBe(false)
  })

  it('tells one of a thousand at once that it added the key', async () => {
    const answers = await Promise.all(Array.from({ length: 1000 }, async () => store.addIfAbsent('race', 60)))
    expect(answers.filter((answer) => answer === 'added')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'present')).toHaveLength(999)
  })

  it.each(['', ' ', 'a b', 'line\nbreak', '*', '{slot}', 'a:b:c', '__proto__', '\0', '\u4e2d', 'x'.repeat(256)])(
    'takes %j for a key like any other',
    async (key) => {
      expect(await store.has(key)).toBe(false)
      expect(await store.addIfAbsent(key, 60)).toBe('added')
      expect(await store.addIfAbsent(key, 60)).toBe('present')
      expect(await store.has(key)).toBe(true)
    },
  )

  it('tells a subscriber first that it is current, and then every message in order', async () => {
    const hearer = ear()
    const stop = store.subscribe('news', hearer)
    expect(await hearer.next()).toBe('current')
    for (const text of ['one', '', '{"a":1}', '\u4e2d']) await store.publish('news', text)
    expect(await hearer.next()).toBe('message one')
    expect(await hearer.next()).toBe('message ')
    expect(await hearer.next()).toBe('message {"a":1}')
    expect(await hearer.next()).toBe('message \u4e2d')
    stop()
  })

  it('tells all who have subscribed, nobody on another channel, and nobody who has stopped', async () => {
    const [one, two, other] = [ear(), ear(), ear()]
    const stopOne = store.subscribe('shared', one)
    const stopTwo = store.subscribe('shared', two)
    const stopOther = store.subscribe('other', other)
    for (const hearer of [one, two, other]) expect(await hearer.next()).toBe('current')
    await store.publish('shared', 'first')
    expect([await one.next(), await two.next()]).toEqual(['message first', 'message first'])
    stopOne()
    await store.publish('shared', 'second')
    await store.publish('other', 'third')
    expect([await two.next(), await other.next()]).toEqual(['message second', 'message third'])
    const unheard = Promise.race([one.next(), Promise.resolve('nothing')])
    expect(await unheard).toBe('nothing')
    stopTwo()
    stopOther()
  })

  it('tells what it keeps, and has it for those who come later, once', async () => {
    const hearer = ear()
    const stop = store.subscribe('lasting', hearer)
    expect(await hearer.next()).toBe('current')
    for (const text of ['one', 'two', 'one']) await store.keep('lasting', text, 60)
    expect([await hearer.next(), await hearer.next(), await hearer.next()]).toEqual([
      'message one',
      'message two',
      'message one',
    ])
    expect([...(await store.kept('lasting'))].sort()).toEqual(['one', 'two'])
    expect(await store.kept('others')).toEqual([])
    stop()
  })

  it('keeps thousands of messages, and reads every one of them', async () => {
    const texts = Array.from({ length: 3000 }, (_, n) => `message ${String(n)} ${'x'.repeat(60)}`)
    await Promise.all(texts.map(async (text) => store.keep('many', text, 60)))
    expect([...(await store.kept('many'))].sort()).toEqual(texts.sort())
  })

  it('keeps a message for the longer of two times', async () => {
    await store.keep('twice', 'long', 60)
    await store.keep('twice', 'long', 0.001)
    await new Promise((resolve) => setImmediate(resolve))
    expect(await store.kept('twice')).toEqual(['long'])
    await expect((async () => store.keep('twice', 'never', 0))()).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('keeps publishing to nobody', async () => {
    await store.publish('nobody', 'hello')
    expect(await store.has('nobody')).toBe(false)
  })
}

describe('the contract of stores, in memory', () => {
  contract(() => Promise.resolve({ store: createMemoryStore(), close: () => undefined }))
})

describeWithRedis('the contract of stores, in Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedisServer(redisServer)
  })
  afterAll(() => server.stop())

  describe.each(Object.entries(clients))('by %s', (name, open) => {
    contract(async () => {
      const { client, close } = await open(server.url)
      return { store: createRedisStore({ client, prefix: `${name}:`, timeoutSeconds: 5 }), close }
    })

    it('has Redis forget a key after its time, and no sooner', async () => {
      const { client, close } = await open(server.url)
      const store = createRedisStore({ client, prefix: `${name}-ttl:`, timeoutSeconds: 5 })
      await store.addIfAbsent('a', 69.9999)
      const [, milliseconds = ''] = /^:(\d+)$/.exec(await command(server.url, `PTTL "${name}-ttl:a"`)) ?? []
      expect(Number(milliseconds)).toBeLessThanOrEqual(70_000)
      expect(Number(milliseconds)).toBeGreaterThan(60_000)
      close()
    })
  })
})

it('has a Redis to test with, or says that it has none', () => {
  if (redisServer !== '') return
  if (process.env['REQUIRE_SERVICES'] !== undefined)
    throw new Error('There is no redis-server; REQUIRE_SERVICES is set.')
  process.stderr.write('Skipped: the tests of the store in Redis. There is no redis-server here.\n')
})
