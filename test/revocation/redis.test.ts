import { createRevocation, type Revocation } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { findRedisServer, startRedisServer, type RedisServer } from '../../examples/processes/redis-server.js'
import { createRedisStore } from '../../src/redis/index.js'
import { createApi, present, type Api } from '../kit/api.js'
import { codeOf } from '../kit/refusals.js'
import { clients, type OpenClient } from '../kit/redis-clients.js'

const redisServer = findRedisServer() ?? ''
const describeWithRedis = redisServer === '' ? describe.skip : describe
const STALE_SECONDS = 2
const TIMEOUT_SECONDS = 0.25
/** What the store may take to notice, and a busy machine. */
const SLACK_MS = 2000

describeWithRedis('three connections to one Redis', () => {
  let server: RedisServer
  let issuer: TestIssuer
  let opened: OpenClient[]
  let revocations: Revocation[]
  let apis: Api[]

  const join = async (): Promise<void> => {
    const one = await clients['ioredis']?.(server.url)
    if (one === undefined) throw new Error('There is no such client.')
    const store = createRedisStore({ client: one.client, timeoutSeconds: TIMEOUT_SECONDS })
    const revocation = createRevocation({ store, staleSeconds: STALE_SECONDS })
    opened.push(one)
    revocations.push(revocation)
    await revocation.ready()
    apis.push(createApi({ ...issuer.options, clock: Date.now, revocation }))
  }
  const codes = async (token: string): Promise<readonly string[]> =>
    Promise.all(apis.map(async (api) => codeOf(await present(api, token))))
  /** Asks until every one answers so; the last answer of another kind came so many milliseconds after the beginning. */
  const until = async (token: string, code: string, allowed: readonly string[]): Promise<number> => {
    const began = performance.now()
    for (;;) {
      const asked = performance.now() - began
      const seen = await codes(token)
      for (const one of seen) expect([code, ...allowed]).toContain(one)
      if (seen.every((one) => one === code)) return asked
      expect(asked).toBeLessThan(20_000)
    }
  }

  beforeEach(async () => {
    server = await startRedisServer(redisServer)
    issuer = await createTestIssuer({ algorithm: 'ES256' })
    ;[opened, revocations, apis] = [[], [], []]
    for (let n = 0; n < 3; n++) await join()
  })
  afterEach(async () => {
    for (const one of revocations) one.close()
    for (const one of opened) one.close()
    await server.stop()
  })

  it('all refuse at once what one has taken back', async () => {
    for (let n = 0; n < 20; n++) {
      const token = await issuer.accessToken()
      expect(await codes(token)).toEqual(['granted', 'granted', 'granted'])
      await revocations[n % 3]?.revoke({ token })
      expect(await until(token, 'token_revoked', ['granted'])).toBeLessThan(1000)
    }
  })

  it('paused: good tokens are served within the bound, then none, then all again', async () => {
    const [good, bad] = [await issuer.accessToken(), await issuer.accessToken()]
    await revocations[0]?.revoke({ token: bad })
    await until(bad, 'token_revoked', ['granted'])
    server.pause()
    const after = await until(good, 'revocation_unavailable', ['granted'])
    expect(after).toBeLessThan(STALE_SECONDS * 1000 + SLACK_MS)
    expect(await codes(bad)).toEqual(['token_revoked', 'token_revoked', 'token_revoked'])
    server.resume()
    await until(good, 'granted', ['revocation_unavailable'])
  })

  it('killed, and started again empty: what was taken back is known to who comes then', async () => {
    const [good, bad] = [await issuer.accessToken(), await issuer.accessToken()]
    await revocations[0]?.revoke({ token: bad })
    await until(bad, 'token_revoked', ['granted'])
    const port = Number(new URL(server.url).port)
    await server.stop()
    await until(good, 'revocation_unavailable', ['granted'])
    expect(await codes(bad)).toEqual(['token_revoked', 'token_revoked', 'token_revoked'])
    server = await startRedisServer(redisServer, { port })
    await until(good, 'granted', ['revocation_unavailable'])
    await join()
    await until(bad, 'token_revoked', ['granted'])
  })
})
