import { createRedisStore, type RedisClient, type Store } from '../../src/redis/index.js'

const unavailable = expect.objectContaining({ code: 'store_unavailable', status: 503, retryAfterSeconds: 1 }) as Error
type Answer = () => unknown

/** Clients that answer every command in one way, of either family. */
const families: Readonly<Record<string, (answer: Answer, isReady?: boolean) => RedisClient>> = {
  redis: (answer, isReady = true) => fake({ isOpen: true, isReady }, answer),
  ioredis: (answer, isReady = true) => fake({ status: isReady ? 'ready' : 'reconnecting' }, answer),
}

function fake(state: object, answer: Answer): RedisClient {
  // What it answers is the point.
  return { ...state, set: answer, exists: answer, publish: answer } as unknown as RedisClient
}

const commands: Readonly<Record<string, (store: Store) => unknown>> = {
  addIfAbsent: (store) => store.addIfAbsent('a', 60),
  has: (store) => store.has('a'),
  publish: (store) => store.publish('a', 'b'),
}

const errors = [
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  "READONLY You can't write against a read only replica.",
  'MOVED 1234 127.0.0.1:7001',
  'ASK 1234 127.0.0.1:7001',
  'LOADING Redis is loading the dataset in memory',
  'NOAUTH Authentication required.',
  'NOPERM this user has no permissions to run the command',
  "OOM command not allowed when used memory > 'maxmemory'.",
  'MASTERDOWN Link with MASTER is down',
  'NOREPLICAS Not enough good replicas to write.',
  'CLUSTERDOWN Hash slot not served',
  'BUSY Redis is busy running a script.',
]

const values: readonly unknown[] = [
  undefined,
  '',
  'ok',
  'OK ',
  'QUEUED',
  'PONG',
  Buffer.from('OK'),
  ['OK'],
  '1',
  true,
  {},
  Number.NaN,
  0.5,
]

describe.each(Object.entries(families))('a client like %s', (_family, clientThat) => {
  const storeOf = (answer: Answer, isReady?: boolean): Store =>
    createRedisStore({ client: clientThat(answer, isReady), timeoutSeconds: 0.02 })

  describe.each(Object.entries(commands))('%s', (_command, ask) => {
    it.each(errors)('cannot tell by the error %s', async (message) => {
      await expect(ask(storeOf(() => Promise.reject(new Error(message))))).rejects.toEqual(unavailable)
    })

    it.each(values)('cannot tell by the answer %p', async (value) => {
      await expect(ask(storeOf(() => Promise.resolve(value)))).rejects.toEqual(unavailable)
    })

    it('cannot tell by silence, and takes no answer after its deadline', async () => {
      let answer: (value: unknown) => void = () => undefined
      const late = new Promise((resolve) => {
        answer = resolve
      })
      const asked = ask(storeOf(() => late))
      await expect(asked).rejects.toEqual(unavailable)
      answer('OK')
      await expect(asked).rejects.toEqual(unavailable)
    })

    it('cannot tell when the client throws at once', async () => {
      const store = storeOf(() => {
        throw new Error('The client is closed')
      })
      await expect(ask(store)).rejects.toEqual(unavailable)
    })

    it('sends nothing that would wait for a connection', async () => {
      let sent = 0
      const store = storeOf(() => {
        sent++
        return Promise.resolve('OK')
      }, false)
      await expect(ask(store)).rejects.toEqual(unavailable)
      expect(sent).toBe(0)
    })
  })

  it('is not sent more than 10,000 commands at once, however long it is silent', async () => {
    let sent = 0
    const store = storeOf(() => {
      sent++
      return new Promise(() => undefined)
    })
    const asked = await Promise.allSettled(Array.from({ length: 12_000 }, async () => store.has('a')))
    expect(asked.every(({ status }) => status === 'rejected')).toBe(true)
    expect(sent).toBe(10_000)
  })

  it.each([0, -1, Number.NaN])('adds nothing for %d seconds', async (ttl) => {
    await expect(storeOf(() => Promise.resolve('OK')).addIfAbsent('a', ttl)).rejects.toEqual(unavailable)
  })

  it('takes the answers that Redis gives on success', async () => {
    await expect(storeOf(() => Promise.resolve('OK')).addIfAbsent('a', 60)).resolves.toBe('added')
    await expect(storeOf(() => Promise.resolve(null)).addIfAbsent('a', 60)).resolves.toBe('present')
    await expect(storeOf(() => Promise.resolve(1)).has('a')).resolves.toBe(true)
    await expect(storeOf(() => Promise.resolve(0)).has('a')).resolves.toBe(false)
    await expect(storeOf(() => Promise.resolve(0)).publish('a', 'b')).resolves.toBeUndefined()
  })
})

describe('at creation', () => {
  it.each([{}, { isReady: 'yes' }, { status: 1 }, { connected: true, set: () => true }])(
    'refuses %p as a client',
    (client) => {
      expect(() => createRedisStore({ client: client as unknown as RedisClient })).toThrow(
        /The option "client" of createRedisStore/,
      )
    },
  )

  it.each([0, -1, Number.NaN, 61])('refuses %d as timeoutSeconds', (timeoutSeconds) => {
    const client = fake({ status: 'ready' }, () => undefined)
    expect(() => createRedisStore({ client, timeoutSeconds })).toThrow(/timeoutSeconds/)
  })
})
