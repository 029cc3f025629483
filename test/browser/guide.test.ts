import { jest } from '@jest/globals'
import type { RequestListener } from 'node:http'
import { createSessions } from '../../examples/browser/bff/create-sessions.js'
import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { hang, json, openGuide, tokens, type Guide } from './guide.js'

let guide: Guide

beforeEach(async () => {
  guide = await openGuide()
})
afterEach(() => guide.close())

describe('the cookie of the session', () => {
  it.each([
    ['twice', (cookie: string) => `${cookie}; ${cookie}`],
    ['beside another of its name', (cookie: string) => `__Host-Http-session=planted; ${cookie}`],
    ['after another of its name', (cookie: string) => `${cookie}; __Host-Http-session=planted`],
  ])('is refused %s', async (_how, change) => {
    const { cookie } = await guide.begin()
    const answer = await guide.ask('GET', '/me', { cookie: change(cookie) })
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'ambiguous_cookie' }])
  })

  it('is not moved by cookies of other names', async () => {
    const { cookie } = await guide.begin()
    const others = `session=x; \u00a0__Host-Http-session=x; __Secure-session=x; __host-http-session=x; ${cookie}; =x; x`
    expect(await (await guide.ask('GET', '/me', { cookie: others })).json()).toMatchObject({ signedIn: true })
  })
})

describe('a sign-in at the BFF', () => {
  it.each(['GET', 'HEAD'])('is not begun by %s, whoever asks', async (method) => {
    const { cookie, id } = await guide.begin()
    expect((await guide.ask(method, '/sign-in', { cookie })).status).toBe(404)
    expect(await guide.sessions.read(id)).toBeDefined()
  })

  it.each([
    ['a sibling', { 'sec-fetch-site': 'same-site' }],
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://evil.b.localhost' }],
    ['a form of its own', { 'x-csrf': '' }],
  ])('is not begun by %s', async (_who, changes) => {
    const { cookie, id } = await guide.begin()
    const headers = { origin: guide.origins.careless, 'sec-fetch-site': 'same-origin', cookie, ...changes }
    const answer = await loopbackFetch(`${guide.origins.bff}/sign-in`, { method: 'POST', headers })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
    expect(await guide.sessions.read(id)).toBeDefined()
  })

  it('ends nothing until it is finished', async () => {
    const { cookie, id } = await guide.begin()
    expect((await guide.ask('POST', '/sign-in', { cookie })).status).toBe(200)
    expect(await guide.sessions.read(id)).toBeDefined()
  })

  it('has a cookie for each state, sealed, and at most five', async () => {
    let jar: string[] = []
    for (let tries = 0; tries < 8; tries++) {
      const answer = await guide.ask('POST', '/sign-in', { cookie: jar.join('; ') })
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ''] = line.split(';')
        const [name = ''] = pair.split('=')
        jar = jar.filter((one) => !one.startsWith(name))
        if (!line.includes('Expires=Thu, 01 Jan 1970')) jar.push(pair)
      }
    }
    expect(jar).toHaveLength(5)
    expect(new Set(jar.map((pair) => pair.split('=')[0])).size).toBe(5)
    expect(jar.join()).not.toContain('verifier')
  })

  it.each(['', '?state=x', '?x', '?state=x&code=y&iss=z'])('under way is not ended by /signed-in%s', async (query) => {
    const begun = await guide.ask('POST', '/sign-in')
    const [pair = ''] = begun.headers.getSetCookie()[0]?.split(';') ?? []
    const answer = await guide.ask('GET', `/signed-in${query}`, { cookie: pair })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/?error=no_sign_in_under_way'])
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

describe('a sign-out at the BFF', () => {
  const cleared = expect.stringMatching(/^__Host-Http-session=; Path=\/; Expires=Thu, 01 Jan 1970/) as string

  it('ends the session, gives the refresh token back and leads on to the provider', async () => {
    const revoked: string[] = []
    guide.provider.set('/revoke', (req, res) => {
      req.on('data', (body: Buffer) => revoked.push(new URLSearchParams(body.toString()).get('token') ?? ''))
      req.on('end', () => res.writeHead(200).end())
    })
    const { cookie, id } = await guide.begin()
    const answer = await guide.ask('POST', '/sign-out', { cookie })
    expect(answer.headers.getSetCookie()).toEqual([cleared])
    expect(await answer.json()).toEqual({
      continueAt: expect.stringMatching(new RegExp(`^${guide.origins.idp}/end\\?`)) as string,
      notTold: [],
    })
    expect(revoked).toEqual(['refresh-1'])
    expect(await guide.sessions.read(id)).toBeUndefined()
  })

  it.each<[string, string, RequestListener]>([
    ['hangs', '/revoke', hang],
    ['begins to answer and hangs', '/revoke', (_req, res) => void res.writeHead(400).write('{')],
    ['is broken', '/revoke', (_req, res) => res.writeHead(500).end()],
  ])('ends the session here when the provider %s, in time, and says so', async (_how, path, endpoint) => {
    guide.provider.set(path, endpoint)
    const { cookie, id } = await guide.begin()
    const answer = await guide.ask('POST', '/sign-out', { cookie })
    expect(answer.headers.getSetCookie()).toEqual([cleared])
    expect(await answer.json()).toMatchObject({ notTold: ['provider'] })
    expect(await guide.sessions.read(id)).toBeUndefined()
  })

  it('leads home when not even the address of the provider can be had', async () => {
    guide.provider.set('/.well-known/openid-configuration', hang)
    const { cookie, id } = await guide.begin()
    const answer = await guide.ask('POST', '/sign-out', { cookie })
    expect(await answer.json()).toEqual({ continueAt: '/', notTold: ['provider'] })
    expect(await guide.sessions.read(id)).toBeUndefined()
  })

  it('takes the cookie from the browser when the store is down, and says so', async () => {
    jest.spyOn(console, 'error').mockImplementation(() => undefined)
    const down = () => Promise.reject(new Error('down'))
    const memory = await createSessions(undefined)
    const other = await openGuide({ sessions: { ...memory, read: down, remove: down } })
    const { cookie } = await other.begin()
    const answer = await other.ask('POST', '/sign-out', { cookie })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, [cleared]])
    expect(await answer.json()).toMatchObject({ notTold: ['session store'] })
    // Whoever asks who is signed in hears that it cannot be told, and not that nobody is.
    expect((await other.ask('GET', '/me', { cookie })).status).toBe(503)
    await other.close()
    jest.restoreAllMocks()
  })

  it('is not undone by a renewal that was under way', async () => {
    let asked: () => void = () => undefined
    const isAsked = new Promise<void>((resolve) => (asked = resolve))
    let release: () => void = () => undefined
    guide.provider.set('/token', (_req, res) => {
      asked()
      release = () => {
        json(res, 200, tokens('2'))
      }
    })
    const { cookie, id } = await guide.begin({ expiresAt: 0 })
    const renewed = guide.ask('GET', '/api/orders', { cookie })
    await isAsked
    expect((await guide.ask('POST', '/sign-out', { cookie })).status).toBe(200)
    release()
    expect((await renewed).status).toBe(401)
    expect(guide.reached).toEqual([])
    expect(await guide.sessions.read(id)).toBeUndefined()
  })
})

describe('a provider that does not answer', () => {
  it.each<[string, RequestListener]>([
    ['at all', hang],
    ['to the end', (_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).write('{')],
  ])('%s leaves the user signed in, and the page hears so in time', async (_how, endpoint) => {
    guide.provider.set('/token', endpoint)
    const { cookie, id } = await guide.begin({ expiresAt: 0 })
    const answer = await guide.ask('GET', '/api/orders', { cookie })
    expect([answer.status, await answer.json()]).toEqual([503, { error: 'try_again' }])
    expect(await guide.sessions.read(id)).toBeDefined()
  })
})
