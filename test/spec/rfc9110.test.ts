/**
 * RFC 9110, HTTP semantics: the grammar of credentials and challenges, and what the status codes mean; RFC 9111 where it is about
 * answers to requests with credentials.
 *
 * Deviated from, or not applicable:
 *
 * - RFC 9110 11.6.1, several challenges: one challenge is sent, in one field, until there is a second scheme; a list of challenges
 *   is tried on the parser that reads every answer here.
 * - RFC 9110 5.5, obs-fold: Node's own parser decides what reaches us.
 * - RFC 9111 3.5, `Vary: Authorization`: no option. Shared caches may not reuse answers to requests with credentials
 *   anyway; what an application marks `public` it must mark for every caller.
 */
import express from 'express'
import { optionalAuth, requireAuth, requirePolicy, requireStepUp } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { parseChallenge, parseChallenges } from '../kit/challenges.js'
import { rawBytes, rawRequest, startServer, type RunningServer } from '../kit/raw-request.js'
import { expectRefusal } from '../kit/refusals.js'
import { answerOf, createApi, expectGranted, expectRefused, present, type Api } from '../kit/api.js'

let issuer: TestIssuer
let api: Api
let server: RunningServer
let good: string
let bad: string

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  api = createApi(issuer.options)
  server = await startServer(api.app)
  good = await issuer.accessToken({ scope: 'orders:read' })
  bad = await issuer.accessToken({ aud: 'https://other.example.com' })
  await expectGranted(api, good)
})

afterAll(() => server.close())

type Fields = readonly (readonly [name: string, value: string])[]
const ask = async (headers: Fields, method = 'GET') => await rawRequest(server.port, { path: '/any', method, headers })

describe('the strict parser of this suite', () => {
  test.each([
    ['a scheme alone', 'Negotiate', [['Negotiate', undefined, {}]]],
    ['a token68', 'Negotiate abc==', [['Negotiate', 'abc==', {}]]],
    ['parameters', 'Bearer realm="a, b=\\"c\\"", error=x', [['Bearer', undefined, { realm: 'a, b="c"', error: 'x' }]]],
    ['an empty text', 'Bearer realm=""', [['Bearer', undefined, { realm: '' }]]],
    [
      'several challenges',
      'Bearer realm="a", error="b", DPoP algs="ES256 RS256", Negotiate , Basic realm=x',
      [
        ['Bearer', undefined, { realm: 'a', error: 'b' }],
        ['DPoP', undefined, { algs: 'ES256 RS256' }],
        ['Negotiate', undefined, {}],
        ['Basic', undefined, { realm: 'x' }],
      ],
    ],
  ])('RFC 9110 11.6.1: reads %s', (_what, value, challenges) => {
    const read = parseChallenges(value)
    expect(read.map(({ scheme, token68, params }) => [scheme, token68, Object.fromEntries(params)])).toEqual(challenges)
  })

  test.each([
    ['nothing', ''],
    ['a space before the scheme', ' Bearer realm="a"'],
    ['a comma before the scheme', ', Bearer realm="a"'],
    ['a comma at the end', 'Bearer realm="a",'],
    ['two commas', 'Bearer realm="a",, error="b"'],
    ['a parameter twice', 'Bearer error="a", error="b"'],
    ['a parameter twice in other letters', 'Bearer error="a", ERROR="b"'],
    ['white space around the equals sign', 'Bearer realm = "a"'],
    ['a text without its end', 'Bearer realm="a'],
    ['a backslash before a letter', String.raw`Bearer realm="\a"`],
    ['a letter behind a text', 'Bearer realm="a"b'],
    ['no comma between parameters', 'Bearer realm="a" error="b"'],
    ['a token68 with parameters', 'Bearer abc==, realm="a", def== error="b"'],
    ['a letter from outside ASCII', 'Bearer realm="caf\u00e9"'],
    ['a line break', 'Bearer realm="a\r\nb"'],
  ])('RFC 9110 11.2: refuses %s', (_what, value) => {
    expect(() => parseChallenges(value)).toThrow(SyntaxError)
  })
})

describe('the credentials', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEARER'])(
    'RFC 9110 11.1: the scheme %s is the same scheme',
    async (scheme) => {
      expect((await ask([['Authorization', `${scheme} ${good}`]])).status).toBe(200)
      expectRefusal(await ask([['Authorization', `${scheme} ${bad}`]]), 'wrong_audience', { token: bad })
    },
  )

  test.each(['Bearer1', 'Bearer_', 'Bear', 'x-bearer', '!Bearer', 'Bearer|'])(
    'RFC 9110 11.1: the scheme %s is another one',
    async (scheme) => {
      expectRefusal(await ask([['Authorization', `${scheme} ${good}`]]), 'missing_token', { token: good })
    },
  )

  test.each([
    ['parameters', () => 'Bearer a=b, c=d'],
    ['a parameter and a word', () => 'Bearer a=b c'],
    ['a token and a parameter', (token: string) => `Bearer ${token} a=b`],
    ['a token, a comma and a parameter', (token: string) => `Bearer ${token}, a=b`],
  ])('RFC 9110 11.2: answers 400 to Bearer with %s', async (_what, write) => {
    expectRefusal(await ask([['Authorization', write(good)]]), 'malformed_credentials', { token: good })
  })

  const repeated: readonly [what: string, fields: (good: string, bad: string) => Fields][] = [
    [
      'a good one twice',
      (g) => [
        ['Authorization', `Bearer ${g}`],
        ['Authorization', `Bearer ${g}`],
      ],
    ],
    [
      'a good one and a bad one',
      (g, b) => [
        ['Authorization', `Bearer ${g}`],
        ['Authorization', `Bearer ${b}`],
      ],
    ],
    [
      'a bad one and a good one',
      (g, b) => [
        ['Authorization', `Bearer ${b}`],
        ['Authorization', `Bearer ${g}`],
      ],
    ],
    [
      'Bearer and Basic',
      (g) => [
        ['Authorization', `Bearer ${g}`],
        ['Authorization', 'Basic dXNlcjpwYXNz'],
      ],
    ],
    [
      'Basic and Bearer',
      (g) => [
        ['Authorization', 'Basic dXNlcjpwYXNz'],
        ['Authorization', `Bearer ${g}`],
      ],
    ],
    [
      'Bearer and DPoP',
      (g) => [
        ['Authorization', `Bearer ${g}`],
        ['Authorization', `DPoP ${g}`],
      ],
    ],
    [
      'names in other letters',
      (g) => [
        ['Authorization', `Bearer ${g}`],
        ['aUTHORIZATION', `Bearer ${g}`],
      ],
    ],
    [
      'an empty one first',
      (g) => [
        ['Authorization', ''],
        ['Authorization', `Bearer ${g}`],
      ],
    ],
    [
      'an empty one last',
      (g) => [
        ['Authorization', `Bearer ${g}`],
        ['Authorization', ''],
      ],
    ],
    [
      'another field in between',
      (g) => [
        ['Authorization', `Bearer ${g}`],
        ['Accept', '*/*'],
        ['authorization', 'x'],
      ],
    ],
    ['a list', (g) => [['Authorization', `Bearer ${g}, Bearer ${g}`]]],
    ['a list without spaces', (g) => [['Authorization', `Bearer ${g},Bearer ${g}`]]],
    ['a list that starts with another scheme', (g) => [['Authorization', `Basic dXNlcjpwYXNz, Bearer ${g}`]]],
    ['a list that ends with another scheme', (g) => [['Authorization', `Bearer ${g}, Basic dXNlcjpwYXNz`]]],
  ]

  test.each(repeated)('RFC 9110 11.6.2: answers 400 to several credentials: %s', async (_what, fields) => {
    const before = api.handled()
    expectRefusal(await ask(fields(good, bad)), 'malformed_credentials', { token: good })
    expect(api.handled()).toBe(before)
  })

  test('RFC 9110 11.6.2: optionalAuth answers 400 to several credentials, too', async () => {
    const app = express()
    app.get('/any', optionalAuth(issuer.options), (_req, res) => {
      res.json({})
    })
    const open = await startServer(app)
    try {
      for (const [, fields] of repeated) {
        const answer = await rawRequest(open.port, { path: '/any', headers: fields(good, bad) })
        expectRefusal(answer, 'malformed_credentials', { token: good })
      }
      expect((await rawRequest(open.port, { path: '/any' })).status).toBe(200)
    } finally {
      await open.close()
    }
  })

  test('RFC 9110 11.6.2: another field may come twice', async () => {
    const fields: Fields = [
      ['Accept', 'a/b'],
      ['Authorization', `Bearer ${good}`],
      ['Accept', 'c/d'],
      ['X-Authorization', 'Bearer x'],
    ]
    expect((await ask(fields)).status).toBe(200)
  })

  test.each<[what: string, character: string, status?: number]>([
    ['NUL', '\0'],
    ['a bare CR', '\r'],
    ['a bare LF', '\n'],
    ['DEL', '\x7f'],
    ['BEL', '\x07'],
    ['ESC', '\x1b'],
    // Node lets these through: one word, and a bad token (RFC 6750 3.1).
    ['a byte over 0x7F', '\xff', 401],
    ['a letter in Latin 1', '\xe9', 401],
  ])('RFC 9110 5.5: refuses %s within a token, and lives on', async (_what, character, status = 400) => {
    const before = api.handled()
    const value = `Bearer ${good.slice(0, 20)}${character}${good.slice(20)}`
    const head = `GET /any HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\nAuthorization: ${value}\r\n\r\n`
    expect((await rawBytes(server.port, Buffer.from(head, 'latin1'))).status).toBe(status)
    expect(api.handled()).toBe(before)
    expect((await ask([['Authorization', `Bearer ${good}`]])).status).toBe(200)
  })

  test('RFC 9110 5.5: a folded line does not join two halves of a token', async () => {
    const before = api.handled()
    const value = `Bearer ${good.slice(0, 20)}\r\n ${good.slice(20)}`
    expect((await ask([['Authorization', value]])).status).toBe(400)
    expect(api.handled()).toBe(before)
  })
})

describe('the challenge', () => {
  test.each([
    ['plain text', 'orders', 'Bearer realm="orders"'],
    ['quotes', 'say "hi"', String.raw`Bearer realm="say \"hi\""`],
    ['a backslash', String.raw`a\b`, String.raw`Bearer realm="a\\b"`],
    ['both, at the end', String.raw`a\"`, String.raw`Bearer realm="a\\\""`],
    ['what looks like parameters', 'a", error="b', String.raw`Bearer realm="a\", error=\"b"`],
    ['commas and equals signs', 'a, b=c', 'Bearer realm="a, b=c"'],
  ])('RFC 9110 11.2: a realm with %s comes out as it went in', async (_what, realm, field) => {
    const { app } = createApi({ ...issuer.options, realm })
    const answer = answerOf(await request(app).get('/any'))
    expect(answer.header('www-authenticate')).toBe(field)
    expect(Object.fromEntries(parseChallenge(field).params)).toEqual({ realm })
  })

  test('RFC 9110 11.2: every parameter that we know of comes once and can be read', async () => {
    const url = 'https://api.example.com/.well-known/oauth-protected-resource?a=b,c'
    const { app } = createApi({ ...issuer.options, realm: 'a "b"', resourceMetadataUrl: url })
    app.get('/mfa', requireStepUp({ acr: ['urn:mfa', 'phr'], maxAgeSeconds: 300 }), (_req, res) => {
      res.json({})
    })
    const get = async (path: string) => answerOf(await request(app).get(path).set('Authorization', `Bearer ${good}`))
    const paramsOf = async (path: string) =>
      Object.fromEntries(parseChallenge((await get(path)).header('www-authenticate') ?? '').params)
    expect(await paramsOf('/rw')).toEqual({
      realm: 'a "b"',
      error: 'insufficient_scope',
      error_description: 'The access token lacks a scope that this operation needs.',
      scope: 'orders:read orders:write',
      resource_metadata: url,
    })
    expect(await paramsOf('/mfa')).toEqual({
      realm: 'a "b"',
      error: 'insufficient_user_authentication',
      error_description: 'This operation needs a stronger or more recent sign-in.',
      acr_values: 'urn:mfa phr',
      max_age: '300',
      resource_metadata: url,
    })
  })

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH'])(
    'RFC 9110 11.3: a 401 to %s carries a challenge',
    async (method) => {
      expectRefusal(await ask([], method), 'missing_token')
      expectRefusal(await ask([['Authorization', `Bearer ${bad}`]], method), 'wrong_audience', { token: bad })
      expect((await ask([['Authorization', `Bearer ${good}`]], method)).status).toBe(200)
    },
  )
})

describe('the status', () => {
  test('RFC 9110 15.5.2: a bad token is 401 also where its scope would not do, never 403', async () => {
    const tokens: readonly [token: string, code: 'wrong_audience' | 'token_expired' | 'id_token_presented'][] = [
      [await issuer.accessToken({ aud: 'https://other.example.com', scope: 'none' }), 'wrong_audience'],
      [await issuer.accessToken({ iat: 0, exp: 1, scope: 'none' }), 'token_expired'],
      [await issuer.idToken({ aud: issuer.audience }), 'id_token_presented'],
    ]
    for (const [token, code] of tokens) {
      await expectRefused(api, token, code, '/read')
      await expectRefused(api, token, code, '/rw')
    }
  })

  test('RFC 9110 15.5.4: a good token that does not suffice is 403, never 401', async () => {
    const { app } = createApi(issuer.options)
    app.get(
      '/never',
      requirePolicy(() => false),
      (_req, res) => {
        res.json({})
      },
    )
    expectRefusal(await present(api, good, '/rw'), 'insufficient_scope', { scope: 'orders:read orders:write' })
    const denied = answerOf(await request(app).get('/never').set('Authorization', `Bearer ${good}`))
    expectRefusal(denied, 'access_denied', { token: good })
  })

  test('RFC 9110 9.3.2: HEAD is answered like GET, without the body', async () => {
    const sent: readonly [fields: Fields, status: number][] = [
      [[], 401],
      [[['Authorization', `Bearer ${bad}`]], 401],
      [[['Authorization', 'Bearer a b']], 400],
      [[['Authorization', `Bearer ${good}`]], 200],
    ]
    for (const [fields, status] of sent) {
      const get = await ask(fields)
      const head = await ask(fields, 'HEAD')
      expect([get.status, head.status]).toEqual([status, status])
      for (const name of ['www-authenticate', 'cache-control', 'content-type']) {
        expect(head.header(name)).toBe(get.header(name))
      }
      expect(get.body).not.toBe('')
      expect(head.body).toBe('')
    }
  })

  test('RFC 9110 15.6.4: what cannot be decided is 503 with Retry-After, and no challenge', async () => {
    const own = await createTestIssuer({ algorithm: 'ES256' })
    const { app } = createApi(own.options)
    const token = await own.accessToken()
    const get = async () => answerOf(await request(app).get('/any').set('Authorization', `Bearer ${token}`))
    own.goDown()
    const answer = await get()
    expectRefusal(answer, 'issuer_unavailable', { token })
    expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/)
    expect(answer.header('www-authenticate')).toBeUndefined()
    own.comeBack()
    own.advance(Number(answer.header('retry-after')))
    expect((await get()).status).toBe(200)
  })

  test('RFC 9110 10.2.3: a 429 says when to come back', async () => {
    const limited = createApi({ ...issuer.options, failedAuthLimit: { windowMs: 60_000, limit: 1 } })
    await expectRefused(limited, bad, 'wrong_audience')
    const answer = await expectRefused(limited, bad, 'too_many_failures')
    expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/)
    await expectGranted(limited, good)
  })
})

describe('caches', () => {
  test('RFC 9111 3.5: the application alone says how a granted answer may be cached', async () => {
    const app = express()
    app.use(requireAuth(issuer.options))
    app.get('/silent', (_req, res) => {
      res.json({})
    })
    app.get('/public', (_req, res) => {
      res.set('Cache-Control', 'public, max-age=60').json({})
    })
    const get = async (path: string, token: string) =>
      answerOf(await request(app).get(path).set('Authorization', `Bearer ${token}`))
    expect((await get('/silent', good)).header('cache-control')).toBeUndefined()
    expect((await get('/public', good)).header('cache-control')).toBe('public, max-age=60')
    expect((await get('/public', good)).header('vary')).toBeUndefined()
    expect((await get('/public', bad)).header('cache-control')).toBe('no-store')
  })

  test('RFC 9111 5.2.2.5: a refusal is not stored, whatever was set before', async () => {
    const app = express()
    app.use((_req, res, next) => {
      res.set('Cache-Control', 'public, max-age=3600')
      next()
    })
    app.use(requireAuth(issuer.options))
    const answer = answerOf(await request(app).get('/').set('Authorization', `Bearer ${bad}`))
    expectRefusal(answer, 'wrong_audience', { token: bad })
  })
})
