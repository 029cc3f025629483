import { jest } from '@jest/globals'
import { createResourceServer, type ResourceServer } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import fc from 'fast-check'
import { createAuthenticator } from '../../src/authenticator.js'

// Both servers must back off alike, or they would be compared at different moments.
beforeAll(() => {
  jest.spyOn(Math, 'random').mockReturnValue(0.5)
})

type Step =
  | { readonly kind: 'present'; readonly token: number }
  | { readonly kind: 'advance'; readonly seconds: number }
  | { readonly kind: 'rotate'; readonly withdrawOld: boolean }
  | { readonly kind: 'outage'; readonly down: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('present' as const), token: fc.nat(7) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      seconds: fc.constantFrom(-400, -5, 1, 29, 31, 61, 299, 700),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rotate' as const), withdrawOld: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage' as const), down: fc.boolean() }) },
)

const bounds = fc.record({ maxEntries: fc.constantFrom(1, 3, 100), maxAgeSeconds: fc.constantFrom(1, 60, 600, 3600) })

/** Tokens of every fate: good for long, short-lived, not yet valid, of the wrong kind, tampered with. */
async function mintTokens(issuer: TestIssuer): Promise<readonly string[]> {
  const now = issuer.now()
  const good = await issuer.accessToken({ exp: now + 5000 })
  return [
    good,
    await issuer.accessToken({ scope: 'orders:read' }),
    await issuer.accessToken({ iat: now - 10, exp: now + 60 }),
    await issuer.accessToken({ nbf: now + 100 }),
    await issuer.idToken(),
    await issuer.accessToken({ aud: 'https://other.example.com' }),
    `${good.slice(0, -8)}AAAAAAAA`,
    `${good.slice(0, -6)}AAAAAA`,
  ]
}

async function verdictOf(server: ResourceServer, token: string): Promise<string> {
  try {
    const auth = await server.verifyToken(token)
    return JSON.stringify([auth.subject, auth.scopes, auth.claims])
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

async function applyStep(issuer: TestIssuer, change: Exclude<Step, { kind: 'present' }>): Promise<void> {
  if (change.kind === 'advance') issuer.advance(change.seconds)
  else if (change.kind === 'rotate') await issuer.rotateKeys(change)
  else if (change.down) issuer.goDown()
  else issuer.comeBack()
}

test('a verdict with the cache on is the verdict with it off, over rotations, outages, clock steps and evictions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), bounds, async (steps, verifiedTokenCache) => {
      const issuer = await createTestIssuer({ algorithm: 'ES256' })
      const tokens = await mintTokens(issuer)
      const cached = createResourceServer({ ...issuer.options, verifiedTokenCache })
      const plain = createResourceServer({ ...issuer.options, verifiedTokenCache: false })
      for (const next of steps) {
        if (next.kind === 'present') {
          const token = tokens[next.token] ?? ''
          expect(await verdictOf(cached, token)).toBe(await verdictOf(plain, token))
          await settled()
        } else await applyStep(issuer, next)
      }
    }),
    { numRuns: 150 },
  )
}, 60_000)

test('a hit is a hit: the same claims are handed out, frozen, and no handler can change them for the next one', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  const server = createResourceServer(issuer.options)
  const token = await issuer.accessToken({ nested: { list: ['a'] } })
  for (let sight = 0; sight < 4; sight++) {
    const { claims, scopes } = await server.verifyToken(token)
    expect(claims['nested']).toEqual({ list: ['a'] })
    expect(() => (claims['nested'] as { list: string[] }).list.push('b')).toThrow(TypeError)
    expect(() => scopes.push('admin')).toThrow(TypeError)
  }
})

test('a hit is answered at once, without a promise', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  const server = createAuthenticator(issuer.options)
  const headers = { authorization: `Bearer ${await issuer.accessToken()}` }
  expect(server.authenticate({ headers })).toBeInstanceOf(Promise)
  for (let sight = 0; sight < 2; sight++) await server.authenticate({ headers })
  expect(server.authenticate({ headers })).not.toBeInstanceOf(Promise)
  issuer.advance(331)
  expect(() => server.authenticate({ headers })).toThrow('The access token has expired.')
})

test('a token dies with its key, cached or not', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  const server = createResourceServer({ ...issuer.options, keys: { freshSeconds: 60 } })
  const token = await issuer.accessToken({ exp: issuer.now() + 5000 })
  for (let sight = 0; sight < 4; sight++) await server.verifyToken(token)
  await issuer.rotateKeys({ withdrawOld: true })
  issuer.advance(61)
  await server.verifyToken(token) // served while the refresh runs
  await settled()
  await expect(server.verifyToken(token)).rejects.toMatchObject({ code: 'unknown_key' })
})

test('a token dies at its expiry, cached or not, also without iat', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  const server = createResourceServer({ ...issuer.options, clockToleranceSeconds: 0 })
  const token = await issuer.accessToken({ iat: undefined, exp: issuer.now() + 100 })
  for (let sight = 0; sight < 4; sight++) await server.verifyToken(token)
  issuer.advance(100)
  await expect(server.verifyToken(token)).rejects.toMatchObject({ code: 'token_expired' })
})
