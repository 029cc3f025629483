import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { jest } from '@jest/globals'
import {
  activeAnswer,
  createIntrospectingApi,
  ENDPOINT,
  outcomeOf,
  TOKEN,
  type Respond,
} from '../kit/introspecting-api.js'

const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)

const good: Respond = () => Response.json(activeAnswer())
const html = (status: number, headers: Readonly<Record<string, string>> = {}): Respond => {
  return () => new Response('<h1>no</h1>', { status, headers: { 'content-type': 'text/html', ...headers } })
}
const json = (body: unknown, init: ResponseInit = {}): Respond => {
  return () => Response.json(body, init)
}

/** What may stand in front of an endpoint, and the endpoint itself, make of a token that they dislike. */
const dislikes: readonly (readonly [name: string, respond: Respond])[] = [
  ['403 in HTML', html(403)],
  ['401 in HTML', html(401)],
  ['401 with a challenge', html(401, { 'www-authenticate': 'Basic' })],
  ['401 invalid_client', json({ error: 'invalid_client' }, { status: 401 })],
  ['401 invalid_token', json({ error: 'invalid_token' }, { status: 401 })],
  ['400 invalid_client', json({ error: 'invalid_client' }, { status: 400 })],
  ['400 in HTML', html(400)],
  ['400 with Retry-After', html(400, { 'retry-after': '3600' })],
  ['403 with Retry-After', html(403, { 'retry-after': '3600' })],
  ['404', html(404)],
  ['405', html(405)],
  ['413', html(413)],
  ['429 with Retry-After', html(429, { 'retry-after': '3600' })],
  ['429', html(429)],
  ['500', html(500)],
  ['503 with Retry-After', html(503, { 'retry-after': '3600' })],
  ['a redirect', html(302, { location: 'https://evil.example/' })],
  ['200 in HTML', html(200)],
  ['a body that is too long', json(activeAnswer({ x: 'x'.repeat(65_536) }))],
  ['no JSON', () => new Response('{', { headers: { 'content-type': 'application/json' } })],
  ['a broken connection', () => Promise.reject(new TypeError('fetch failed'))],
]

const disliked = (i: number): string => `disliked/../../../../etc/passwd/${String(i)}`
const answering = (dislike: Respond): Respond => {
  return (call, init) => (call.form.get('token')?.startsWith('disliked') === true ? dislike : good)(call, init)
}

describe.each(dislikes)('a token that is answered with %s', (_name, dislike) => {
  it.each(['one token, over and over', 'ever others'])('stops no other: %s', async (which) => {
    const api = createIntrospectingApi()
    api.answerWith(answering(dislike))
    for (let i = 0; i < 40; i++) {
      expect(outcomeOf(await api.get(disliked(which === 'ever others' ? i : 0)))).toBe('503 introspection_unavailable')
      // Every so often nobody has been answered for long.
      if (i % 10 === 9) {
        api.advance(60)
        expect(await api.verifyToken(disliked(99))).toBe('introspection_unavailable')
        expect(await api.verifyToken(`${TOKEN}-${String(i)}`)).toBe('accepted')
      }
    }
  })

  it('keeps none out once the issuer is back', async () => {
    const api = createIntrospectingApi()
    api.answerWith(html(500))
    for (let i = 0; i < 10; i++) await api.verifyToken(`${TOKEN}-${String(i)}`)
    expect(await api.verifyToken(TOKEN)).toBe('introspection_unavailable')
    expect(api.calls).toHaveLength(5)
    api.answerWith(answering(dislike))
    api.advance(10)
    // Whoever comes first when the pause is over:
    for (let i = 0; i < 5; i++) expect(await api.verifyToken(disliked(i))).toBe('introspection_unavailable')
    expect(await api.verifyToken(TOKEN)).toBe('accepted')
  })

  it('is told in the detail, and nothing of the token', async () => {
    const api = createIntrospectingApi()
    api.answerWith(answering(dislike))
    const heard: unknown[] = []
    const listen = (message: unknown): void => void heard.push((message as { detail: string }).detail)
    subscribe('express-resource-server:token.undecided', listen)
    await api.get(disliked(0))
    unsubscribe('express-resource-server:token.undecided', listen)
    expect(heard).toHaveLength(1)
    expect(heard[0]).toMatch(new RegExp(`^${ENDPOINT} (?:answered|could not|did not)`))
    expect(heard[0]).not.toMatch(/orders-api|disliked/)
  })

  it('costs one call, or one more about a token that nobody has', async () => {
    const api = createIntrospectingApi()
    api.answerWith(answering(dislike))
    expect(await api.verifyToken(TOKEN)).toBe('accepted')
    for (let i = 0; i < 20; i++) await api.verifyToken(disliked(i))
    expect(api.calls.length).toBeLessThanOrEqual(41)
    const others = api.calls.map(({ form }) => form.get('token') ?? '').filter((token) => !token.startsWith('disliked'))
    expect(new Set(others).size).toBe(others.length)
    for (const token of others.slice(1)) expect(token).toMatch(/^[\w-]{43}$/)
  })
})

it('nobody is warned that this API may not ask', () => {
  expect(
    warned.mock.calls.filter(([, options]) => (options as { code: string }).code === 'ERS_INTROSPECTION_REFUSED'),
  ).toEqual([])
})

describe('an issuer that answered well lately', () => {
  it.each([
    ['refuses this API', html(401)],
    ['wants to be left alone', html(429, { 'retry-after': '60' })],
    ['fails', html(500)],
  ])('is asked on for ten seconds when it %s, and then left alone', async (_name, respond) => {
    const api = createIntrospectingApi()
    expect(await api.verifyToken(TOKEN)).toBe('accepted')
    api.answerWith(respond)
    const about = (): number => api.calls.filter(({ form }) => String(form.get('token')).startsWith(TOKEN)).length
    const ask = async (i: number): Promise<number> => {
      const before = about()
      await api.verifyToken(`${TOKEN}-${String(i)}`)
      return about() - before
    }
    for (let i = 0; i < 9; i++) {
      expect(await ask(i)).toBe(1)
      api.advance(1)
    }
    api.advance(1)
    await ask(10)
    expect([await ask(11), await ask(12)]).toEqual([0, 0])
  })
})
