import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { jest } from '@jest/globals'
import {
  createIntrospectingApi,
  ENDPOINT,
  outcomeOf,
  activeAnswer,
  SECRET,
  TOKEN,
  type Respond,
} from '../kit/introspecting-api.js'

const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)

const json =
  (value: unknown, init?: ResponseInit): Respond =>
  () =>
    Response.json(value, init)
const text =
  (body: string, type = 'application/json', init: { readonly status?: number } = {}): Respond =>
  () =>
    new Response(body, { ...init, headers: { 'content-type': type } })

describe('what the issuer does not say is 503, never 401 and never 200', () => {
  const rows: readonly (readonly [name: string, respond: Respond, code?: string])[] = [
    ['500', json(activeAnswer(), { status: 500 })],
    ['502 in HTML', text('<html>', 'text/html', { status: 502 })],
    ['204', () => new Response(null, { status: 204 })],
    ['201', json(activeAnswer(), { status: 201 })],
    ['a redirect', () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } })],
    ['404', json({}, { status: 404 })],
    ['405', json({}, { status: 405 })],
    ['HTML', text('<html>', 'text/html')],
    ['JSON as text', text(JSON.stringify(activeAnswer()), 'text/plain')],
    ['no media type', () => new Response(Buffer.from(JSON.stringify(activeAnswer())))],
    ['an array', json([activeAnswer()])],
    ['a text', json('active')],
    ['true', json(true)],
    ['null', json(null)],
    ['nothing', text('')],
    ['half of it', text(JSON.stringify(activeAnswer()).slice(0, -1))],
    ['active twice', text('{"active":false,"active":true}')],
    ['another member twice', text('{"active":true,"aud":"x","aud":"https://api.example.com"}')],
    ['a number beyond a double', text('{"active":true,"exp":1e999}')],
    ['__proto__', text('{"active":true,"__proto__":{"aud":"https://api.example.com"}}')],
    ['a byte order mark', text(`\ufeff${JSON.stringify(activeAnswer())}`)],
    ['more than 64 KiB', json(activeAnswer({ x: 'x'.repeat(65_536) }))],
    ['a tree of a thousand objects', json(activeAnswer({ x: Array.from({ length: 1000 }, () => ({})) }))],
    ['400', json({ error: 'invalid_request' }, { status: 400 })],
    ['400 and active', json(activeAnswer(), { status: 400 })],
    ['429', json({}, { status: 429, headers: { 'retry-after': '7' } })],
    ['a network error', () => Promise.reject(new TypeError(`fetch failed: Basic ${SECRET}`))],
    ['401', json({ error: 'invalid_client' }, { status: 401 }), 'introspection_refused'],
    ['401 in HTML', text('<html>', 'text/html', { status: 401 }), 'introspection_refused'],
    ['403', json({}, { status: 403 }), 'introspection_refused'],
    ['400 invalid_client', json({ error: 'invalid_client' }, { status: 400 }), 'introspection_refused'],
    ['400 unauthorized_client', json({ error: 'unauthorized_client' }, { status: 400 }), 'introspection_refused'],
  ]
  const all = rows.map(([name, respond, code = 'introspection_unavailable']) => [name, respond, code] as const)
  test.each(all)('%s', async (_name, respond, code) => {
    const api = createIntrospectingApi()
    api.answerWith(respond)
    const answer = await api.get(TOKEN)
    expect(outcomeOf(answer)).toBe(`503 ${code}`)
    expect(answer.headers['www-authenticate']).toBeUndefined()
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(answer.text).not.toContain('issuer.example.com')
    expect(api.handled()).toBe(0)
  })

  test('in the metadata too', async () => {
    for (const metadata of [
      {},
      { issuer: 'https://issuer.example.com', introspection_endpoint: 'http://issuer.example.com/' },
      { issuer: 'https://other.example', introspection_endpoint: ENDPOINT },
    ]) {
      const api = createIntrospectingApi({}, { fetch: () => Promise.resolve(Response.json(metadata)) })
      expect(outcomeOf(await api.get(TOKEN))).toBe('503 introspection_unavailable')
    }
  })
})

describe('the operator hears', () => {
  test('in the detail what was asked, as whom and what came, and nothing secret', async () => {
    const heard: { code: string; detail: string }[] = []
    const listen = (message: unknown): void => void heard.push(message as (typeof heard)[number])
    subscribe('express-resource-server:token.undecided', listen)
    subscribe('express-resource-server:token.refused', listen)
    const api = createIntrospectingApi()
    api.answerWith(json({}, { status: 401 }))
    await api.get(TOKEN)
    api.advance(60)
    api.answerWith(() => Promise.reject(new TypeError(`fetch failed: Basic ${SECRET}`)))
    await api.get(TOKEN)
    api.advance(60)
    api.answerWith(json({ active: false }))
    await api.get(TOKEN)
    unsubscribe('express-resource-server:token.undecided', listen)
    unsubscribe('express-resource-server:token.refused', listen)
    expect(heard.map(({ code, detail }) => [code, detail])).toEqual([
      ['introspection_refused', `${ENDPOINT} answered with status 401: it does not let the client "orders-api" ask`],
      ['introspection_unavailable', `${ENDPOINT} could not be fetched`],
      ['token_inactive', `${ENDPOINT}, asked as client "orders-api", said that it is not active`],
    ])
    expect(JSON.stringify(heard)).not.toContain(TOKEN)
    expect(JSON.stringify(heard)).not.toContain(SECRET)
  })

  test('once in a warning that this API may not ask, and what to do', () => {
    const about = warned.mock.calls.map(([message, options]) => [message, (options as { code: string }).code])
    const own = about.filter(([, code]) => code === 'ERS_INTROSPECTION_REFUSED')
    expect(own).toHaveLength(1)
    expect(own[0]?.[0]).toMatch(
      /^An issuer does not let this API ask .*https:\/\/issuer\.example\.com\/introspect, client "orders-api"\.$/,
    )
  })

  test('in an event for each call, from a closed set', async () => {
    const heard: unknown[] = []
    const listen = (message: unknown): void => void heard.push({ ...(message as object) })
    subscribe('express-resource-server:introspection.answered', listen)
    const api = createIntrospectingApi()
    for (const respond of [
      json(activeAnswer()),
      json({ active: false }),
      json({}, { status: 500 }),
      json({}, { status: 403 }),
    ]) {
      api.answerWith(respond)
      await api.get(TOKEN)
    }
    unsubscribe('express-resource-server:introspection.answered', listen)
    const issuer = 'https://issuer.example.com'
    expect(heard).toEqual(['active', 'inactive', 'unavailable', 'refused'].map((outcome) => ({ issuer, outcome })))
  })
})

describe('an endpoint that does not answer is left alone', () => {
  const down = json({}, { status: 500 })
  const up = json(activeAnswer())
  const random = (i: number) => `random-token-0123456789-${String(i)}`

  test('after five failures, then a call of its own tries, and when that succeeds all get in', async () => {
    const api = createIntrospectingApi()
    api.answerWith(down)
    for (let i = 0; i < 20; i++) expect(await api.verifyToken(random(i))).toBe('introspection_unavailable')
    expect(api.calls).toHaveLength(5)
    const held: (() => void)[] = []
    api.answerWith(async () => {
      await new Promise<void>((resolve) => held.push(resolve))
      return Response.json(activeAnswer())
    })
    api.advance(1)
    const probes = Array.from({ length: 20 }, (_, i) => api.verifyToken(random(i)))
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(api.calls).toHaveLength(6)
    expect(api.calls[5]?.form.get('token')).toMatch(/^[\w-]{43}$/)
    api.answerWith(up)
    held[0]?.()
    expect((await Promise.all(probes)).filter((one) => one === 'accepted')).toHaveLength(20)
    expect(await api.verifyToken(random(0))).toBe('accepted')
  })

  test('for longer while it goes on, with Retry-After', async () => {
    const api = createIntrospectingApi()
    api.answerWith(down)
    for (let i = 0; i < 5; i++) await api.get(random(i))
    let attempts = 0
    for (let second = 0; second < 60; second++) {
      const before = api.calls.length
      await api.get(random(second))
      attempts += api.calls.length - before
      api.advance(1)
    }
    expect(attempts).toBeLessThanOrEqual(12)
    const answer = await api.get(TOKEN)
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(10)
  })

  test('one token that makes it fall over stops no other', async () => {
    const api = createIntrospectingApi()
    api.answerWith((call, init) => (call.form.get('token') === TOKEN ? down(call, init) : up(call, init)))
    for (let i = 0; i < 50; i++) {
      expect(await api.verifyToken(random(i))).toBe('accepted')
      if (i % 3 === 0) expect(await api.verifyToken(TOKEN)).toBe('introspection_unavailable')
    }
  })

  test('at once where it asks for that, or does not know this API', async () => {
    for (const [respond, seconds] of [
      [json({}, { status: 429, headers: { 'retry-after': '7' } }), 7],
      [json({}, { status: 401 }), 1],
    ] as const) {
      const api = createIntrospectingApi()
      api.answerWith(respond)
      const answer = await api.get(TOKEN)
      expect(answer.headers['retry-after']).toBe(String(seconds))
      for (let i = 0; i < 5; i++) await api.get(random(i))
      // The second was about a token that nobody has.
      expect(api.calls).toHaveLength(2)
      expect((await api.get(random(9))).headers['retry-after']).toBe(String(seconds))
      api.answerWith(up)
      api.advance(seconds)
      expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    }
  })

  test('and nobody is told to wait for longer than five minutes', async () => {
    const api = createIntrospectingApi()
    api.answerWith(json({}, { status: 429, headers: { 'retry-after': '3600' } }))
    for (let i = 0; i < 3; i++) expect((await api.get(random(i))).headers['retry-after']).toBe('300')
  })

  test('and what is answered about a token that nobody has counts for ten seconds', async () => {
    const api = createIntrospectingApi()
    api.answerWith((call, init) => (call.form.get('token')?.startsWith('random') === true ? down : up)(call, init))
    for (let i = 0; i < 40; i++) await api.verifyToken(random(i))
    expect(api.calls).toHaveLength(41)
    api.advance(10)
    for (let i = 0; i < 40; i++) await api.verifyToken(random(i))
    expect(api.calls).toHaveLength(82)
  })

  test('and remembered tokens are served meanwhile', async () => {
    const api = createIntrospectingApi({ cache: { seconds: 30 } })
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    api.answerWith(down)
    for (let i = 0; i < 10; i++) await api.get(random(i))
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    api.advance(30)
    expect(outcomeOf(await api.get(TOKEN))).toMatch(/^503/)
  })
})
