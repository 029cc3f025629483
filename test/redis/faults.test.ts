import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createRedisStore, type Store } from '../../src/redis/index.js'
import { findRedisServer, startRedisServer, type RedisServer } from '../../examples/processes/redis-server.js'
import { clients, command, type OpenClient } from '../kit/redis-clients.js'
import { ear } from './ear.js'

const redisServer = findRedisServer() ?? ''
const describeWithRedis = redisServer === '' ? describe.skip : describe
const unavailable = expect.objectContaining({ code: 'store_unavailable', status: 503, retryAfterSeconds: 1 }) as Error
const TIMEOUT_SECONDS = 0.25

/** Asks until it can be told: a client takes a moment to find its server again. */
async function told<Answer>(ask: () => Answer | Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      expect(error).toEqual(unavailable)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** Asks for so many keys at once; each must be refused within the deadline and what a busy machine adds. */
async function expectAllUnavailable(store: Store, prefix: string, count = 200): Promise<void> {
  const began = performance.now()
  const asked = Array.from({ length: count }, async (_, n) => store.addIfAbsent(`${prefix} ${String(n)}`, 60))
  for (const result of await Promise.allSettled(asked)) {
    expect(result).toEqual({ status: 'rejected', reason: unavailable })
  }
  expect(performance.now() - began).toBeLessThan(10_000)
}

describeWithRedis.each(Object.entries(clients))('a Redis that fails, by %s', (_name, open) => {
  let server: RedisServer
  let opened: OpenClient
  let store: Store
  const port = (): number => Number(new URL(server.url).port)
  const begin = async (more: readonly string[] = ['--enable-debug-command', 'yes']): Promise<void> => {
    server = await startRedisServer(redisServer, { more })
    opened = await open(server.url)
    store = createRedisStore({ client: opened.client, timeoutSeconds: TIMEOUT_SECONDS })
    expect(await told(() => store.addIfAbsent('before', 600))).toBe('added')
  }
  afterEach(async () => {
    opened.close()
    await server.stop()
  })

  it('paused by a signal: 503, and nothing was told twice when it goes on', async () => {
    await begin()
    server.pause()
    await expectAllUnavailable(store, 'paused')
    await expect(store.has('before')).rejects.toEqual(unavailable)
    await expect(store.publish('news', 'hello')).rejects.toEqual(unavailable)
    server.resume()
    expect(await told(() => store.addIfAbsent('before', 600))).toBe('present')
    // What was sent in the pause may have been added in the end. Nobody was told so, and at most one is now.
    for (const answers of [['added', 'present'], ['present']]) {
      for (let n = 0; n < 200; n++) {
        expect(answers).toContain(await told(() => store.addIfAbsent(`paused ${String(n)}`, 60)))
      }
    }
  })

  it('asleep: 503, and the next answer is there when it wakes', async () => {
    await begin()
    const asleep = command(server.url, 'DEBUG SLEEP 1')
    // It answers until it sleeps.
    const untilAsleep = async (): Promise<never> => {
      for (;;) await store.has('before')
    }
    await expect(untilAsleep()).rejects.toEqual(unavailable)
    await asleep
    expect(await told(() => store.addIfAbsent('before', 600))).toBe('present')
  })

  it('killed: 503 at once; started again empty, it answers, and has lost what it held', async () => {
    await begin()
    const { url } = server
    await server.stop()
    await expectAllUnavailable(store, 'killed')
    server = await startRedisServer(redisServer, { port: Number(new URL(url).port) })
    // What an entry that is lost means is said where the store is described: a used proof counts as new.
    expect(await told(() => store.addIfAbsent('before', 600))).toBe('added')
    expect(await told(() => store.addIfAbsent('before', 600))).toBe('present')
  })

  it('a replica that is read-only: nothing is added', async () => {
    await begin()
    await command(server.url, 'REPLICAOF 127.0.0.1 1')
    await expectAllUnavailable(store, 'replica', 3)
    await command(server.url, 'REPLICAOF NO ONE')
    expect(await told(() => store.addIfAbsent('replica', 60))).toBe('added')
  })

  it('full, and told to evict nothing: nothing is added', async () => {
    await begin()
    await command(server.url, 'CONFIG SET maxmemory 1')
    await expectAllUnavailable(store, 'full', 3)
    await command(server.url, 'CONFIG SET maxmemory 0')
    expect(await told(() => store.addIfAbsent('full', 60))).toBe('added')
  })

  it('one that wants a password now: nothing can be told', async () => {
    await begin()
    const at = port()
    await server.stop()
    server = await startRedisServer(redisServer, { port: at, more: ['--requirepass', 'secret'] })
    await expectAllUnavailable(store, 'password', 3)
  })

  it('a subscriber is told when messages may be missed, and when they come again', async () => {
    await begin()
    const hearer = ear()
    const stop = store.subscribe('news', hearer)
    expect(await hearer.next()).toBe('current')
    await told(() => store.publish('news', 'one'))
    expect(await hearer.next()).toBe('message one')

    // Its connection is cut, and there again at once.
    await command(server.url, 'CLIENT KILL TYPE pubsub')
    expect([await hearer.next(), await hearer.next()]).toEqual(['lost', 'current'])
    await told(() => store.publish('news', 'two'))
    expect(await hearer.next()).toBe('message two')

    // No connection is cut, and nothing comes.
    server.pause()
    expect(await hearer.next()).toBe('lost')
    server.resume()
    expect(await hearer.next()).toBe('current')

    // The server is another one.
    const at = port()
    await server.stop()
    expect(await hearer.next()).toBe('lost')
    server = await startRedisServer(redisServer, { port: at })
    expect(await hearer.next()).toBe('current')
    await told(() => store.publish('news', 'three'))
    expect(await hearer.next()).toBe('message three')
    stop()
  })

  it('a subscriber that begins while it is down is told when it is there', async () => {
    await begin()
    const at = port()
    await server.stop()
    const hearer = ear()
    const stop = store.subscribe('news', hearer)
    server = await startRedisServer(redisServer, { port: at })
    expect(await hearer.next()).toBe('current')
    stop()
  })
})

describeWithRedis.each(Object.keys(clients))('two processes, by %s', (name) => {
  it('that add 10,000 keys at once are told of each key once', async () => {
    // On a busy machine one may have added all before the other has begun: then they did not race, and are asked again.
    for (let round = 1; round <= 10; round++) {
      const told = await addInTwoProcesses(name)
      expect(told.flat()).toHaveLength(10_000)
      expect(new Set(told.flat()).size).toBe(10_000)
      if (told.every((added) => added.length > 0)) return
    }
    throw new Error('The two never raced.')
  }, 120_000)
})

/** What each of two processes was told that it added. */
async function addInTwoProcesses(name: string): Promise<readonly (readonly number[])[]> {
  const server = await startRedisServer(redisServer)
  const adder = fileURLToPath(new URL('adder.ts', import.meta.url))
  const processes = [1, 2].map(() => {
    const child = spawn(process.execPath, ['--import', 'tsx', adder, server.url, name, '10000'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
  })
  for (const { lines } of processes) expect((await lines.next()).value).toBe('ready')
  for (const { child } of processes) child.stdin.write('go\n')
  const told = await Promise.all(
    processes.map(async ({ child, lines }) => {
      const { value } = (await lines.next()) as { value: string }
      await once(child, 'exit')
      return JSON.parse(value) as number[]
    }),
  )
  await server.stop()
  return told
}
