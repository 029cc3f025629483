import express from 'express'
import {
  createRevocation,
  createResourceServer,
  requireScope,
  type Revocation,
  type RevocationOptions,
} from 'express-resource-server'
import { createResourceServer as createCore } from 'express-resource-server/core'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import supertest from 'supertest'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import type { KeepingStore, Subscriber } from '../../src/stores/store.js'
import { createApi, expectGranted, expectRefused, type Api } from '../kit/api.js'

let issuer: TestIssuer

beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function begin(options: RevocationOptions = {}): Promise<{ api: Api; revocation: Revocation }> {
  const revocation = createRevocation({ clock: issuer.options.clock, ...options })
  await revocation.ready()
  return { revocation, api: createApi({ ...issuer.options, revocation }) }
}

/** A store whose messages can be cut off, and which can be emptied or be made to fail. */
function faultyStore(): KeepingStore & { lose: () => void; resume: () => void; fail: (fails: boolean) => void } {
  const store = createMemoryStore({ clock: issuer.options.clock })
  let fails = false
  let heard: Subscriber | undefined
  const check = (): void => {
    if (fails) throw new Error('the store is down')
  }
  return {
    ...store,
    keep(channel, message, ttl) {
      check()
      return store.keep(channel, message, ttl)
    },
    kept(channel) {
      check()
      return store.kept(channel)
    },
    subscribe(channel, subscriber) {
      heard = subscriber
      return store.subscribe(channel, subscriber)
    },
    lose: () => heard?.lost(),
    resume: () => heard?.current(),
    fail(now) {
      fails = now
    },
  }
}

describe('what was taken back', () => {
  it.each(['remembered', 'new'])('a %s token, by itself, and no other', async (kind) => {
    const { api, revocation } = await begin()
    const [token, other] = [await issuer.accessToken(), await issuer.accessToken()]
    if (kind === 'remembered') for (let i = 0; i < 3; i++) await expectGranted(api, token)
    await revocation.revoke({ token })
    await expectRefused(api, token, 'token_revoked')
    await expectGranted(api, other)
  })

  it.each([
    ['its jti', { jti: 'a' }, (r: Revocation, of: string) => r.revoke({ issuer: of, jti: 'a' })],
    ['a jti of any text', { jti: ':*\n\0' }, (r: Revocation, of: string) => r.revoke({ issuer: of, jti: ':*\n\0' })],
    ['its session', { sid: 's' }, (r: Revocation, of: string) => r.revokeSession({ issuer: of, sid: 's' })],
    ['its subject', { sub: 'u' }, (r: Revocation, of: string) => r.revokeSubject({ issuer: of, subject: 'u' })],
  ] as const)('by %s, and of that issuer alone', async (_name, claims, revoke) => {
    const { api, revocation } = await begin()
    const [token, other] = [
      await issuer.accessToken(claims),
      await issuer.accessToken({ jti: 'b', sid: 't', sub: 'v' }),
    ]
    issuer.advance(1)
    await expectGranted(api, token)
    await revoke(revocation, 'https://other.example')
    await expectGranted(api, token)
    await revoke(revocation, issuer.issuer)
    await expectRefused(api, token, 'token_revoked')
    await expectGranted(api, other)
  })

  it('a jti of a megabyte', async () => {
    const { revocation } = await begin()
    await expect(revocation.revoke({ issuer: issuer.issuer, jti: 'x'.repeat(1024 * 1024) })).resolves.toBeUndefined()
  })

  it('of a subject what was issued before, and every token that does not say when', async () => {
    const { api, revocation } = await begin()
    const early = await issuer.accessToken({ sub: 'u' })
    const timeless = await issuer.accessToken({ sub: 'u', iat: undefined })
    issuer.advance(10)
    await revocation.revokeSubject({ issuer: issuer.issuer, subject: 'u' })
    issuer.advance(1)
    const late = await issuer.accessToken({ sub: 'u' })
    await expectRefused(api, early, 'token_revoked')
    await expectRefused(api, timeless, 'token_revoked')
    await expectGranted(api, late)
  })

  it('a token whose ECDSA signature was turned into the other one that verifies', async () => {
    const { api, revocation } = await begin()
    const token = await issuer.accessToken()
    const twin = turnSignature(token)
    await expectGranted(api, twin)
    await revocation.revoke({ token })
    await expectRefused(api, twin, 'token_revoked')
  })

  it('is remembered for as long as the token could be good, and forgotten after', async () => {
    const { api, revocation } = await begin({ maxEntries: 1 })
    const token = await issuer.accessToken()
    await revocation.revoke({ token, expiresAt: issuer.now() + 300 })
    issuer.advance(299)
    await expectRefused(api, token, 'token_revoked')
    issuer.advance(2000)
    await revocation.revoke({ token: 'another' })
    await expect(revocation.revoke({ token: 'a third' })).rejects.toMatchObject({
      code: 'store_unavailable',
      status: 503,
    })
  })

  it('a token that lives longer than what was taken back is remembered is refused', async () => {
    const { api } = await begin({ maxTokenLifetimeSeconds: 600 })
    await expectGranted(api, await issuer.accessToken({ exp: issuer.now() + 600 }))
    await expectRefused(api, await issuer.accessToken({ exp: issuer.now() + 601 }), 'invalid_claims')
  })

  it.each([
    { token: '' },
    { issuer: '', jti: 'a' },
    { issuer: 'https://a.example', jti: '' },
    { token: 'a', expiresAt: Date.now() * 1000 },
    { token: 'a', expiresAt: Number.NaN },
  ])('is not %j', async (given) => {
    const { revocation } = await begin()
    await expect(revocation.revoke(given)).rejects.toMatchObject({ code: 'configuration_error' })
  })
})

describe('a token that was let in', () => {
  it('is judged again by each guard', async () => {
    const revocation = createRevocation({ clock: issuer.options.clock })
    await revocation.ready()
    const token = await issuer.accessToken({ scope: 'orders:read' })
    const api = createApi(
      { ...issuer.options, revocation },
      {
        after({ app, handler }) {
          const revoke = (_req: unknown, _res: unknown, next: (error?: unknown) => void): void => {
            revocation.revoke({ token }).then(() => {
              next()
            }, next)
          }
          app.get('/slow', revoke, requireScope('orders:read'), handler)
        },
      },
    )
    await expectRefused(api, token, 'token_revoked', '/slow')
  })

  it('is let go of by onExpiry, once', async () => {
    const revocation = createRevocation({ clock: issuer.options.clock })
    await revocation.ready()
    const server = createResourceServer({ ...issuer.options, revocation })
    const calls: string[] = []
    const auth = await server.verifyToken(await issuer.accessToken({ sid: 's' }))
    server.onExpiry(auth, () => calls.push('ended'))
    server.onExpiry(auth, () => calls.push('cancelled'))()
    server.onExpiry(await server.verifyToken(await issuer.accessToken({ sid: 't' })), () => calls.push('other'))
    await revocation.revokeSession({ issuer: issuer.issuer, sid: 's' })
    await revocation.revoke({ token: auth.token })
    await settled()
    expect(calls).toEqual(['ended'])
    server.onExpiry(auth, () => calls.push('late'))
    expect(calls).toEqual(['ended'])
    await settled()
    expect(calls).toEqual(['ended', 'late'])
    server.close()
    revocation.close()
  })
})

describe('several processes with one store', () => {
  it('know what one of them has taken back', async () => {
    const store = createMemoryStore({ clock: issuer.options.clock })
    const [one, two] = [await begin({ store }), await begin({ store })]
    const token = await issuer.accessToken()
    await expectGranted(two.api, token)
    await one.revocation.revoke({ token })
    await settled()
    await expectRefused(two.api, token, 'token_revoked')
    const three = await begin({ store })
    await expectRefused(three.api, token, 'token_revoked')
  })

  it('are isolated where they have stores of their own', async () => {
    const [one, two] = [await begin(), await begin()]
    const token = await issuer.accessToken()
    await one.revocation.revoke({ token })
    await settled()
    await expectGranted(two.api, token)
  })
})

describe('a store that fails', () => {
  it('nothing can be told until it was read, and all can afterwards', async () => {
    const store = faultyStore()
    store.fail(true)
    const revocation = createRevocation({ store, clock: issuer.options.clock })
    const api = createApi({ ...issuer.options, revocation })
    const token = await issuer.accessToken()
    await settled()
    await expectRefused(api, token, 'revocation_unavailable')
    store.fail(false)
    store.resume()
    await revocation.ready()
    await expectGranted(api, token)
  })

  it('good tokens are served within the bound, and none past it; what is known stays refused', async () => {
    const store = faultyStore()
    const { api, revocation } = await begin({ store, staleSeconds: 30 })
    const [good, bad] = [await issuer.accessToken(), await issuer.accessToken()]
    await revocation.revoke({ token: bad })
    store.lose()
    issuer.advance(29)
    await expectGranted(api, good)
    issuer.advance(2)
    await expectRefused(api, good, 'revocation_unavailable')
    await expectRefused(api, bad, 'token_revoked')
    issuer.advance(-40)
    await expectRefused(api, good, 'revocation_unavailable')
    issuer.advance(40)
    store.resume()
    await revocation.ready()
    await expectGranted(api, good)
  })

  it('however many wait for it are one, until it is read', async () => {
    const store = faultyStore()
    store.fail(true)
    const revocation = createRevocation({ store, clock: issuer.options.clock })
    await settled()
    const first = revocation.ready()
    for (let i = 0; i < 100; i++) expect(revocation.ready()).toBe(first)
    store.fail(false)
    store.resume()
    await expect(first).resolves.toBeUndefined()
    await expect(revocation.ready()).resolves.toBeUndefined()
    revocation.close()
  })

  it('who waits for it when it is closed hears so at once, and who asks later', async () => {
    const store = faultyStore()
    store.fail(true)
    const revocation = createRevocation({ store, clock: issuer.options.clock })
    await settled()
    const began = performance.now()
    const waiting = revocation.ready()
    revocation.close()
    await expect(waiting).rejects.toMatchObject({ code: 'revocation_unavailable', status: 503 })
    await expect(revocation.ready()).rejects.toMatchObject({ code: 'revocation_unavailable' })
    expect(performance.now() - began).toBeLessThan(4000)
    store.fail(false)
    store.resume()
    await settled()
    await expect(revocation.ready()).rejects.toMatchObject({ code: 'revocation_unavailable' })
  })

  it("'accept' lets good tokens through, and what is known stays refused", async () => {
    const store = faultyStore()
    const { api, revocation } = await begin({ store, staleSeconds: 0, onUnavailable: 'accept' })
    const [good, bad] = [await issuer.accessToken(), await issuer.accessToken()]
    await revocation.revoke({ token: bad })
    store.lose()
    await expectGranted(api, good)
    await expectRefused(api, bad, 'token_revoked')
  })

  it('a write that fails is an error, this process refuses it, and it is written later', async () => {
    const store = faultyStore()
    const { api, revocation } = await begin({ store })
    const token = await issuer.accessToken()
    store.fail(true)
    await expect(revocation.revoke({ token })).rejects.toMatchObject({ code: 'store_unavailable' })
    await expectRefused(api, token, 'token_revoked')
    store.fail(false)
    store.lose()
    store.resume()
    await revocation.ready()
    await settled()
    const other = await begin({ store })
    await expectRefused(other.api, token, 'token_revoked')
  })

  it.each(['nonsense', '1 a', `9999999999999 ${'a'.repeat(43)}`])('%j in it is not understood: stale', async (text) => {
    const store = createMemoryStore({ clock: issuer.options.clock })
    const { api } = await begin({ store, staleSeconds: 0 })
    await store.keep('revocation:taken-back', text, 60)
    await settled()
    await expectRefused(api, await issuer.accessToken(), 'revocation_unavailable')
  })

  it('more than there is room for is stale: nothing is forgotten in its favour', async () => {
    const store = createMemoryStore({ clock: issuer.options.clock })
    const [large, small] = [await begin({ store }), await begin({ store, maxEntries: 1, staleSeconds: 0 })]
    const token = await issuer.accessToken()
    await large.revocation.revoke({ token })
    await large.revocation.revoke({ token: 'another' })
    await settled()
    await expectRefused(small.api, token, 'token_revoked')
    await expectRefused(small.api, await issuer.accessToken(), 'revocation_unavailable')
  })

  it('is closed: good tokens are served within the bound', async () => {
    const { api, revocation } = await begin({ staleSeconds: 30 })
    revocation.close()
    await expectGranted(api, await issuer.accessToken())
    issuer.advance(31)
    await expectRefused(api, await issuer.accessToken(), 'revocation_unavailable')
  })
})

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** (r, s) and (r, n - s) verify alike. */
function turnSignature(token: string): string {
  const end = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  const s = ORDER - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const turned = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  return `${token.slice(0, end)}.${turned.toString('base64url')}`
}

describe('an explanation', () => {
  it('says what a request is told, and comes after all other checks', async () => {
    const { revocation } = await begin()
    const server = createResourceServer({ ...issuer.options, revocation })
    const token = await issuer.accessToken()
    expect(await server.explainToken(token)).toMatchObject({ verdict: 'accepted' })
    await revocation.revoke({ token })
    const report = await server.explainToken(token)
    expect(report).toMatchObject({ verdict: 'refused', code: 'token_revoked' })
    expect(report.checks.at(-1)).toMatchObject({ name: 'revocation', outcome: 'failed', code: 'token_revoked' })
    const wrong = await server.explainToken(await issuer.idToken())
    expect(wrong).toMatchObject({ verdict: 'refused', code: 'id_token_presented' })
    expect(wrong.checks.at(-1)).toMatchObject({ name: 'revocation', outcome: 'skipped' })
    revocation.close()
    server.close()
  })

  it('says so where it cannot be told', async () => {
    const store = faultyStore()
    store.fail(true)
    const revocation = createRevocation({ clock: issuer.options.clock, store })
    const server = createResourceServer({ ...issuer.options, revocation })
    const report = await server.explainToken(await issuer.accessToken())
    expect(report).toMatchObject({ verdict: 'undecided', code: 'revocation_unavailable' })
    revocation.close()
    server.close()
  })
})

it('a token that is taken back while its proof is waited for is refused', async () => {
  const { revocation } = await begin()
  let answer: ((addition: 'added') => void) | undefined
  const replay = {
    ...createMemoryStore({ clock: issuer.options.clock }),
    addIfAbsent: () => new Promise<'added'>((resolve) => (answer = resolve)),
  }
  const server = createResourceServer({
    ...issuer.options,
    revocation,
    dpop: { origin: 'https://api.example.com', replay },
  })
  const client = issuer.dpop()
  const token = await client.accessToken()
  const headers = await client.headers({ method: 'GET', url: 'https://api.example.com/', token })
  const app = express()
  app.use(server.requireAuth(), (_req, res) => res.json('in'))
  const asked = supertest(app)
    .get('/')
    .set(headers)
    .then((answered) => answered)
  while (answer === undefined) await settled()
  await revocation.revoke({ token })
  answer('added')
  const { status, body } = (await asked) as { status: number; body: unknown }
  expect([status, body]).toEqual([401, expect.objectContaining({ code: 'token_revoked' })])
  revocation.close()
  server.close()
})

it('what is held by an opaque token ends when its session is taken back, whatever a schema left of the claims', async () => {
  const { revocation } = await begin()
  const claims = {
    '~standard': { version: 1, vendor: 'test', validate: () => ({ value: {} }) },
  } as const
  const { introspection, options } = issuer
  const server = createCore({ ...options, issuer: { issuer: issuer.issuer, introspection }, revocation, claims })
  const token = await issuer.opaqueToken({ sid: 's1' })
  const auth = await server.verifyToken(token)
  let calls = 0
  server.onExpiry(auth, () => calls++)
  await revocation.revokeSession({ issuer: issuer.issuer, sid: 's2' })
  await settled()
  expect(calls).toBe(0)
  await revocation.revokeSession({ issuer: issuer.issuer, sid: 's1' })
  await settled()
  expect(calls).toBe(1)
  await expect(server.verifyToken(token)).rejects.toMatchObject({ code: 'token_revoked' })
  revocation.close()
  server.close()
})
