/**
 * RFC 6750, bearer token usage, with its restatement in OAuth 2.1 (draft 16) and the parts of RFC 9700 (Security BCP) that are
 * about presenting a token. RFC 7235 was folded into RFC 9110: its grammar is in rfc9110.test.ts.
 *
 * Deviated from, or not applicable:
 *
 * - RFC 6750 2, one transmission method per request: a duty of clients. We look at the header alone: an application has fields
 *   of its own called `access_token`, and OAuth 2.1 5.1 has the resource server ignore the query.
 * - RFC 6750 2.2, a form-encoded body: optional and not offered; reading it would need a body parser before the decision.
 * - RFC 6750 2.3, `Cache-Control: private` with query tokens: the query is never read.
 * - RFC 6750 3, `error_uri`: never sent, there is no option for it.
 * - RFC 6750 5.2/5.3, TLS: there is no `requireTls`; behind the usual proxy a process cannot know. Issuers and key sets must be https.
 * - RFC 9700 2.2.1, sender-constrained tokens: a token with `cnf` is refused until a proof can be checked.
 * - RFC 9700 4.9/4.10, no plaintext storage: cannot be seen from outside; that no part of a token comes back in an answer can, and
 *   is checked on every refusal.
 * - OAuth 2.1 5.3.1, a challenge when a token does not suffice: a 403 that no other token would help has none.
 */
import type { TestIssuer } from 'express-resource-server/testing'
import { createTestIssuer } from 'express-resource-server/testing'
import { ConfigurationError, requireAnyScope, requireScope, scope, type ReasonCode } from 'express-resource-server'
import request from 'supertest'
import { rawRequest, startServer, type RawRequest, type RunningServer } from '../kit/raw-request.js'
import { expectRefusal } from '../kit/refusals.js'
import { answerOf, createApi, expectGranted, expectRefused, present, type Api } from '../kit/api.js'

let issuer: TestIssuer
let api: Api
let server: RunningServer
let good: string
let expired: string

beforeAll(async () => {
  issuer = await createTestIssuer()
  api = createApi(issuer.options)
  server = await startServer(api.app)
  good = await issuer.accessToken({ scope: 'orders:read' })
  expired = await issuer.accessToken({ exp: issuer.now() - 100, iat: issuer.now() - 400 })
  await expectGranted(api, good)
})

afterAll(() => server.close())

const ask = async (sent: RawRequest) => await rawRequest(server.port, { path: '/any', ...sent })
const askWith = (authorization: string) => ask({ headers: [['Authorization', authorization]] })

describe('the Authorization header', () => {
  test.each([
    ['2.1', 'one space', (token: string) => `Bearer ${token}`],
    ['2.1', 'two spaces', (token: string) => `Bearer  ${token}`],
    ['2.1', 'eight spaces', (token: string) => `Bearer        ${token}`],
    ['2.1', 'a scheme in lower case', (token: string) => `bearer ${token}`],
    ['2.1', 'a scheme in upper case', (token: string) => `BEARER ${token}`],
    ['2.1', 'a scheme in mixed case', (token: string) => `bEaReR ${token}`],
    ['2.1', 'white space around the field value', (token: string) => ` \t Bearer ${token} \t `],
  ])('RFC 6750 %s: takes %s, and judges the token all the same', async (_section, _what, write) => {
    const before = api.handled()
    const answer = await askWith(write(good))
    expect(answer.status).toBe(200)
    expect(answer.header('www-authenticate')).toBeUndefined()
    expect(api.handled()).toBe(before + 1)
    expectRefusal(await askWith(write(expired)), 'token_expired', { token: expired })
    expect(api.handled()).toBe(before + 1)
  })

  test.each([
    ['2.1', 'the scheme alone', () => 'Bearer'],
    ['2.1', 'the scheme and a space', () => 'Bearer '],
    ['2.1', 'a tab for a space', (token: string) => `Bearer\t${token}`],
    ['2.1', 'a colon behind the scheme', (token: string) => `Bearer: ${token}`],
    ['2.1', 'a second word', (token: string) => `Bearer ${token} x`],
    ['2.1', 'a semicolon and a parameter', (token: string) => `Bearer ${token}; a=b`],
    ['3.1', 'the token twice', (token: string) => `Bearer ${token}, Bearer ${token}`],
  ])('RFC 6750 %s: answers 400 to %s', async (_section, _what, write) => {
    const before = api.handled()
    expectRefusal(await askWith(write(good)), 'malformed_credentials', { token: good })
    expect(api.handled()).toBe(before)
  })

  test.each([
    ['3.1', 'quotes around the token', (token: string) => `Bearer "${token}"`],
    ['3.1', 'apostrophes around the token', (token: string) => `Bearer '${token}'`],
    ['3.1', 'angle brackets around the token', (token: string) => `Bearer <${token}>`],
    ['3.1', 'a comma behind the token', (token: string) => `Bearer ${token},`],
    ['3.1', 'padding before the end', (token: string) => `Bearer =${token}`],
    ['3.1', 'padding alone', () => 'Bearer ='],
    ['3.1', 'a dot escaped for a URL', (token: string) => `Bearer ${token.replace('.', '%2E')}`],
    ['3.1', 'an opaque token with colons', () => 'Bearer user:grant:secret'],
    ['3.1', 'an opaque token with a bar', () => 'Bearer 1|secret'],
  ])('RFC 6750 %s: answers 401 to %s', async (_section, _what, write) => {
    const before = api.handled()
    expectRefusal(await askWith(write(good)), 'malformed_token', { token: good })
    expect(api.handled()).toBe(before)
  })

  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/'
  const printable = Array.from({ length: 0x100 - 0x20 }, (_, position) => String.fromCharCode(position + 0x20))
  const forbidden = printable.filter((character) => !alphabet.includes(character) && character !== '\x7f')

  test('RFC 6750 2.1: answers 401 to every byte from outside the alphabet within a token, 400 to a space', async () => {
    for (const character of forbidden) {
      const answer = await askWith(`Bearer ${good.slice(0, 30)}${character}${good.slice(30)}`)
      expectRefusal(answer, character === ' ' ? 'malformed_credentials' : 'malformed_token', { token: good })
    }
  })

  test('RFC 6750 2.1: blames the token, not the request, for bytes of the alphabet', async () => {
    for (const credentials of [alphabet, `${alphabet}=`, `${alphabet}====`, '~', '+/', `${good}=`, `${good}~`]) {
      expectRefusal(await askWith(`Bearer ${credentials}`), 'malformed_token')
    }
  })

  test.each([
    ['3', 'Basic credentials', 'Basic dXNlcjpwYXNz'],
    ['3', 'Digest credentials', 'Digest username="u", realm="r", nonce="n", uri="/", response="0"'],
    ['3', 'Negotiate credentials', 'Negotiate YIIBhg=='],
    ['3', 'an unknown scheme', 'Token abc'],
    ['3', 'a scheme that starts with Bearer', 'BearerTOKEN'],
    ['3', 'a scheme that ends in bearer', 'xbearer abc'],
    ['3', 'an empty header', ''],
  ])('RFC 6750 %s: answers to %s as to no credentials', async (_section, _what, value) => {
    expectRefusal(await askWith(value), 'missing_token')
  })
})

describe('places that are not looked at', () => {
  const form: [string, string] = ['Content-Type', 'application/x-www-form-urlencoded']
  const json: [string, string] = ['Content-Type', 'application/json']
  const length = (body: string): [string, string] => ['Content-Length', String(body.length)]

  const places: readonly [spec: string, what: string, sent: (token: string) => RawRequest][] = [
    ['RFC 6750 2.3', 'the query', (token) => ({ path: `/any?access_token=${token}` })],
    ['OAuth 2.1 5.1', 'the query, beside another parameter', (token) => ({ path: `/any?a=b&access_token=${token}` })],
    ['RFC 6750 2.3', 'the query, as an array', (token) => ({ path: `/any?access_token[]=${token}` })],
    ['RFC 6750 2.2', 'a form', (token) => post(`access_token=${token}`, form)],
    ['RFC 6750 2.2', 'a form in a GET request', (token) => ({ ...post(`access_token=${token}`, form), method: 'GET' })],
    ['RFC 6750 2.2', 'a JSON body', (token) => post(JSON.stringify({ access_token: token }), json)],
    ['RFC 6750 2.2', 'a multipart body', (token) => multipart(token)],
    ['RFC 6750 5.3', 'a cookie', (token) => ({ headers: [['Cookie', `access_token=${token}`]] })],
    [
      'OAuth 2.1 7.1.3',
      'a cookie named Authorization',
      (t) => ({ headers: [['Cookie', `Authorization=Bearer ${t}`]] }),
    ],
    ['RFC 6750 2', 'Proxy-Authorization', (token) => ({ headers: [['Proxy-Authorization', `Bearer ${token}`]] })],
    ['RFC 6750 2', 'X-Authorization', (token) => ({ headers: [['X-Authorization', `Bearer ${token}`]] })],
    ['RFC 6750 2', 'Authorization_', (token) => ({ headers: [['Authorization_', `Bearer ${token}`]] })],
    ['RFC 6750 2', 'X-Access-Token', (token) => ({ headers: [['X-Access-Token', token]] })],
    ['RFC 9700 4.13', 'a header of a proxy', (t) => ({ headers: [['X-Forwarded-Access-Token', t]] })],
    ['RFC 9700 4.13', 'an identity that a proxy vouches for', () => ({ headers: [['X-Forwarded-User', 'user-1']] })],
    ['RFC 6750 2', 'a WebSocket subprotocol', (t) => ({ headers: [['Sec-WebSocket-Protocol', `bearer, ${t}`]] })],
  ]

  function post(body: string, type: [string, string]): RawRequest {
    return { method: 'POST', headers: [type, length(body)], body }
  }

  function multipart(token: string): RawRequest {
    const body = `--b\r\nContent-Disposition: form-data; name="access_token"\r\n\r\n${token}\r\n--b--\r\n`
    return post(body, ['Content-Type', 'multipart/form-data; boundary=b'])
  }

  test.each(places)('%s: a token in %s is no credentials', async (_spec, _what, sent) => {
    const before = api.handled()
    expectRefusal(await ask(sent(good)), 'missing_token', { token: good })
    expect(api.handled()).toBe(before)
  })

  test.each(places)('%s: beside %s the header decides alone', async (_spec, _what, sent) => {
    const withHeader = (place: string, header: string): RawRequest => {
      const { headers = [], ...rest } = sent(place)
      return { ...rest, headers: [...headers, ['Authorization', `Bearer ${header}`]] }
    }
    expect((await ask(withHeader(expired, good))).status).toBe(200)
    expect((await ask(withHeader(good, good))).status).toBe(200)
    expectRefusal(await ask(withHeader(good, expired)), 'token_expired', { token: good })
  })
})

describe('the challenge', () => {
  test('RFC 6750 3.1: says nothing of an error when nothing was presented', async () => {
    const answer = await ask({})
    expect(answer.status).toBe(401)
    expect(answer.header('www-authenticate')).toBe('Bearer realm="api"')
    expect(JSON.parse(answer.body)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'This resource needs an access token.',
      code: 'missing_token',
    })
  })

  test('RFC 6750 3.1: says invalid_token for an expired token', async () => {
    const answer = await askWith(`Bearer ${expired}`)
    expect(answer.status).toBe(401)
    expect(answer.header('www-authenticate')).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The access token has expired."',
    )
    expect(answer.header('cache-control')).toBe('no-store')
  })

  test('RFC 6750 3.1: says invalid_request for two credentials', async () => {
    const answer = await ask({
      headers: [
        ['Authorization', `Bearer ${good}`],
        ['Authorization', `Bearer ${good}`],
      ],
    })
    expect(answer.status).toBe(400)
    expect(answer.header('www-authenticate')).toBe(
      'Bearer realm="api", error="invalid_request", error_description="The Authorization header must hold a scheme and one token, once."',
    )
  })

  test('RFC 6750 3.1: says insufficient_scope and names every scope that the route needs', async () => {
    const answer = await present(api, good, '/rw')
    expect(answer.header('www-authenticate')).toBe(
      'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="orders:read orders:write"',
    )
    expectRefusal(answer, 'insufficient_scope', { scope: 'orders:read orders:write', token: good })
    await expectGranted(api, await issuer.accessToken({ scope: 'orders:write orders:read' }), '/rw')
  })

  const badTokens: readonly [what: string, token: () => string | Promise<string>, code: ReasonCode][] = [
    ['a malformed token', () => 'abc', 'malformed_token'],
    ['a token of another issuer', () => issuer.accessToken({ iss: 'https://evil.example' }), 'unknown_issuer'],
    ['a token with a key that nobody published', () => issuer.accessToken({}, { kid: 'unknown' }), 'unknown_key'],
    ['a token whose signature was altered', () => good.slice(0, -8) + 'AAAAAAAA', 'invalid_signature'],
    ['a token that is not valid yet', () => issuer.accessToken({ nbf: issuer.now() + 60 }), 'token_not_yet_valid'],
    ['an ID token', () => issuer.idToken(), 'id_token_presented'],
  ]

  test.each(badTokens)('RFC 6750 3.1: answers 401 invalid_token to %s', async (_what, token, code) => {
    await expectRefused(api, await token(), code)
  })

  test.each([
    ['another API', 'https://other.example.com'],
    ['a path below this API', 'https://api.example.com/x'],
    ['this API with two slashes', 'https://api.example.com//'],
    ['this API in capitals', 'HTTPS://API.EXAMPLE.COM'],
    ['a list without this API', ['https://other.example.com', 'client-1']],
  ])('RFC 6750 5.2: a token for %s is refused on every route', async (_what, aud) => {
    const token = await issuer.accessToken({ aud, scope: 'orders:read orders:write' })
    for (const path of ['/any', '/read', '/rw']) await expectRefused(api, token, 'wrong_audience', path)
  })

  test('RFC 6750 3: the scheme is followed by a parameter, whatever the realm', async () => {
    const named = createApi({ ...issuer.options, realm: 'orders & more' })
    expectRefusal(answerOf(await request(named.app).get('/any')), 'missing_token', { realm: 'orders & more' })
    expect(() => createApi({ ...issuer.options, realm: '' })).toThrow(ConfigurationError)
  })

  test.each([
    'orders"read',
    String.raw`orders\read`,
    'orders read',
    'orders\nread',
    'orders\u00e9',
    'orders\u0000',
    '',
  ])('RFC 6750 3: a scope %j that no challenge can name is an error at start-up', (name) => {
    expect(() => requireScope(name)).toThrow(ConfigurationError)
    expect(() => requireAnyScope('orders:read', name)).toThrow(ConfigurationError)
    expect(() => scope(name)).toThrow(ConfigurationError)
  })

  test('RFC 6750 3: every character of a scope token can be required, and is named as it is', async () => {
    const all = Array.from({ length: 0x5e }, (_, position) => String.fromCharCode(position + 0x21)).join('')
    const odd = all.replaceAll(/["\\]/g, '')
    const { app } = createApi(issuer.options)
    app.get('/odd', requireScope(odd), (_req, res) => {
      res.json({})
    })
    const refused = await request(app).get('/odd').set('Authorization', `Bearer ${good}`)
    expectRefusal(answerOf(refused), 'insufficient_scope', { scope: odd })
    const token = await issuer.accessToken({ scope: odd })
    expect((await request(app).get('/odd').set('Authorization', `Bearer ${token}`)).status).toBe(200)
  })

  test.each(['caf\u00e9', 'a\r\nSet-Cookie: a=b', 'a\u0000b', '\u2028', 'a\tb'])(
    'RFC 6750 3: a realm %j that no header may carry is an error at start-up',
    (realm) => {
      expect(() => createApi({ ...issuer.options, realm })).toThrow(ConfigurationError)
    },
  )

  test('RFC 6750 3: there is no option for error_uri', () => {
    const options = { ...issuer.options, errorUri: 'https://docs.example.com' }
    expect(() => createApi(options)).toThrow(ConfigurationError)
  })

  test('RFC 6750 3: a hostile token adds nothing to the challenge', async () => {
    const hostile = '", scope="all", error="x\r\nSet-Cookie: a=b'
    const tokens = [
      await issuer.accessToken({}, { kid: hostile }),
      await issuer.accessToken({ iss: hostile }),
      await issuer.accessToken({ aud: hostile }),
      await issuer.accessToken({}, { typ: hostile }),
      await issuer.accessToken({ scope: hostile }),
    ]
    for (const token of tokens) {
      const answer = await present(api, token)
      // 503 where nobody has looked for its key since the last fetch.
      expect(answer.status === 401 || answer.status === 503).toBe(true)
      expect(`${answer.body}${answer.header('www-authenticate') ?? ''}`).not.toContain('scope')
      expect(answer.header('set-cookie')).toBeUndefined()
    }
  })
})

describe('OAuth 2.1 and RFC 9700', () => {
  test('RFC 9700 2.3: the audience is verified on every request, the first and the fifth', async () => {
    const foreign = await issuer.accessToken({ aud: 'https://other.example.com' })
    const other = createApi({ ...issuer.options, audience: 'https://other.example.com' })
    for (let sight = 0; sight < 5; sight++) {
      await expectGranted(other, foreign)
      await expectRefused(api, foreign, 'wrong_audience')
      await expectRefused(other, good, 'wrong_audience')
      await expectGranted(api, good)
    }
  })

  test('RFC 9700 2.3: the scope is evaluated on every route, also for a token seen before', async () => {
    for (let sight = 0; sight < 5; sight++) {
      await expectGranted(api, good, '/read')
      expectRefusal(await present(api, good, '/rw'), 'insufficient_scope', { scope: 'orders:read orders:write' })
    }
  })

  test('OAuth 2.1 5.2: expiry ends a token that was accepted before', async () => {
    const own = await createTestIssuer()
    const { app } = createApi(own.options)
    const token = await own.accessToken({ scope: 'orders:read' })
    const get = async () => answerOf(await request(app).get('/read').set('Authorization', `Bearer ${token}`))
    for (let sight = 0; sight < 3; sight++) expect((await get()).status).toBe(200)
    own.advance(300 + 30)
    expectRefusal(await get(), 'token_expired', { token })
  })

  test('OAuth 2.1 5.3: a refused client learns why, in the header and in the body', async () => {
    const answer = await askWith(`Bearer ${await issuer.idToken()}`)
    const { detail, error, code } = JSON.parse(answer.body) as Record<string, unknown>
    expect({ detail, error, code }).toEqual({
      detail: 'An ID token was presented. Send an access token issued for this API.',
      error: 'invalid_token',
      code: 'id_token_presented',
    })
  })

  test.each([
    ['jkt', { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }],
    ['x5t#S256', { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }],
    ['jwk', { jwk: { kty: 'oct', k: 'AAAA' } }],
    ['an unknown method', { kid: 'z' }],
    ['nothing', {}],
    ['null', null],
    ['a text', 'x'],
  ])('RFC 9700 2.2.1: a token bound by %s is not taken as a plain Bearer token', async (_what, cnf) => {
    await expectRefused(api, await issuer.accessToken({ cnf }), 'key_bound_token')
  })
})
