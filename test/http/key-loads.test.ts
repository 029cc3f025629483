import { inspect } from 'node:util'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createResourceServer } from 'express-resource-server'
import { createKey, encode, forgeToken, signer } from '../kit/forge.js'
import { createKeyEndpoint } from '../kit/key-endpoint.js'

const audience = 'https://api.example.com'
const NOW = 1_800_000_000
const key = createKey('RSA')
const known = 'https://login.example.com/known'
const tenant = (n: number): string => `https://login.example.com/tenant-${String(n)}`
const claimsOf = (iss: string, more: object = {}) => ({
  iss,
  aud: audience,
  sub: 'user',
  client_id: 'app',
  scope: 'a',
  iat: NOW - 10,
  exp: NOW + 3600,
  ...more,
})
const header = { alg: 'RS256', kid: key.kid, typ: 'at+jwt' }
const genuine = (iss: string): string => forgeToken(header, claimsOf(iss), signer('RS256', key))
const forged = (iss: string, kid = key.kid): string =>
  `${encode({ ...header, kid })}.${encode(claimsOf(iss))}.${'A'.repeat(342)}`

describe('a flood of forged tokens in the names of 3,000 tenants', () => {
  it('loads keys of 32 tenants at once, answers everybody, and keeps a known tenant served', async () => {
    let now = NOW * 1000
    const underWay = new Set<AbortSignal>()
    let most = 0
    let isSlow = false
    const server = createResourceServer({
      audience,
      issuer: (issuer) => ({ issuer, jwksUri: `${issuer}/keys` }),
      fetch: async (_url, { signal }) => {
        underWay.add(signal)
        // As the platform's fetch does it: where the machine is slow, many get their place shortly before their deadline.
        signal.addEventListener('abort', () => underWay.delete(signal))
        most = Math.max(most, underWay.size)
        if (isSlow) await new Promise((resolve) => setImmediate(resolve))
        underWay.delete(signal)
        return Response.json({ keys: [key.jwk] })
      },
      clock: () => now,
    })
    const good = genuine(known)
    await server.verifyToken(good)
    isSlow = true
    const codes = new Set<unknown>()
    const flood = Array.from({ length: 10_000 }, async (_, n) => {
      await server
        .verifyToken(forged(tenant(n % 3000)))
        .catch((error: unknown) => codes.add((error as Error & { code: string }).code))
    })
    for (let n = 0; n < 20; n++) {
      expect(await server.verifyToken(good)).toMatchObject({ subject: 'user' })
      await new Promise((resolve) => setImmediate(resolve))
    }
    // Its keys are no longer fresh: their refresh does not wait behind the loads of others.
    now += 601_000
    expect(await server.verifyToken(good)).toMatchObject({ subject: 'user' })
    await Promise.all(flood)
    expect([...codes].filter((code) => code !== 'invalid_signature' && code !== 'issuer_unavailable')).toEqual([])
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(64)
  })
})

describe('a new key under an old name', () => {
  it('is accepted at once, and a flood of bad signatures costs one fetch and stays 401', async () => {
    const first = createKey('RSA', { kid: 'main' })
    const second = createKey('RSA', { kid: 'main' })
    let published = first
    let fetches = 0
    const server = createResourceServer({
      audience,
      issuer: { issuer: known, jwksUri: `${known}/keys` },
      fetch: () => {
        fetches++
        return Promise.resolve(Response.json({ keys: [published.jwk] }))
      },
      clock: () => NOW * 1000,
    })
    const by = (signing: typeof first): string =>
      forgeToken({ ...header, kid: 'main' }, claimsOf(known), signer('RS256', signing))
    await server.verifyToken(by(first))
    published = second
    expect(await server.verifyToken(by(second))).toMatchObject({ subject: 'user' })
    await expect(server.verifyToken(by(first))).rejects.toMatchObject({ code: 'invalid_signature' })
    for (const one of await Promise.allSettled(
      Array.from({ length: 200 }, () => server.verifyToken(forged(known, 'main'))),
    )) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'invalid_signature' } })
    }
    expect(fetches).toBe(2)
  })
})

describe('secrets of the configuration', () => {
  const SECRET = 's3cretapikey'
  const jwksUri = `https://login.example.com/keys?api_key=${SECRET}`
  const hear = (into: unknown[]): (() => void) => {
    const listener = (message: unknown): void => void into.push(message)
    const names = ['keys.failed', 'keys.refreshed', 'token.refused', 'token.undecided']
    for (const one of names) subscribe(`express-resource-server:${one}`, listener)
    return () => {
      for (const one of names) unsubscribe(`express-resource-server:${one}`, listener)
    }
  }

  it.each<[name: string, fetch: () => Promise<Response>]>([
    ['a status', () => Promise.resolve(new Response(null, { status: 500 }))],
    ['a page', () => Promise.resolve(new Response('<html>', { headers: { 'content-type': 'text/html' } }))],
    ['no key set', () => Promise.resolve(Response.json({ keys: 1 }))],
    ['no usable key', () => Promise.resolve(Response.json({ keys: [{ kty: 'oct', k: SECRET }, { kty: SECRET }] }))],
    [
      'an error that holds the request, as those of HTTP clients do',
      () =>
        Promise.reject(
          Object.assign(new Error(`GET ${jwksUri} failed`), {
            config: { headers: { authorization: `Bearer ${SECRET}` } },
            cause: new Error(jwksUri),
          }),
        ),
    ],
  ])('never leave it: %s', async (_name, fetch) => {
    const endpoint = createKeyEndpoint(known, [])
    const messages: unknown[] = []
    const stop = hear(messages)
    const server = createResourceServer({
      issuer: { issuer: endpoint.issuer, jwksUri },
      audience,
      fetch,
      clock: () => NOW * 1000,
    })
    const errors = [
      await server.ready().catch((error: unknown) => error),
      await server.verifyToken(genuine(known)).catch((error: unknown) => error),
    ]
    const report = await server.explainToken(genuine(known))
    stop()
    expect(errors).toMatchObject([{ status: 503 }, { status: 503 }])
    expect(messages.length).toBeGreaterThan(0)
    const details = errors.map((error) => (error as { detail?: string }).detail)
    const causes = errors.map((error) =>
      JSON.stringify((error as Error).cause, Object.getOwnPropertyNames((error as Error).cause)),
    )
    const said = [
      inspect(errors, { depth: 20, showHidden: true }),
      ...details,
      ...causes,
      inspect([messages, report], { depth: 20 }),
    ]
    expect(said.join('\n')).not.toContain(SECRET)
    expect(details.join('\n')).toContain('https://login.example.com')
  })
})
