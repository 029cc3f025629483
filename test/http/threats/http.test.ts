import { connect } from 'node:net'
import express from 'express'
import { optionalAuth, requireAuth, requireScope } from 'express-resource-server'
import { segmentsOf } from '../../kit/forge.js'
import { attack, bearer, createWorld, http, strictWorld, threatTable, type Row } from './harness.js'
import { AS1, evil, forge } from './tokens.js'

// Not here: HTTP/2 (Express has none of its own), timeouts (Node's), `upgrade` beyond its row (the application listens for it and
// calls `verifyToken`), CORS (the cors package).

const A = 'RFC 6750 2.1'
const N = 'RFC 6750 3.1'
const nodeLimit = createWorld({ maxHeaderSize: 16 * 1024 })

/** A request with these header lines; `T` stands for a good token. */
const lines =
  (...given: string[]) =>
  (): string =>
    http(
      '/any',
      given.map((line) => line.replaceAll('T~', forge())),
    )
/** A row of header lines. */
const sent = (spec: string, what: string, outcome: Row['outcome'], ...given: string[]): Row =>
  attack(spec, what, outcome, () => '', { request: lines(...given) })
const good = 'Authorization: Bearer T~'
const bad = `Authorization: Bearer ${segmentsOf(forge({}, {}, evil)).join('.')}`
const get = (what: string, path: string, outcome: Row['outcome']): Row =>
  attack('RFC 6750 2.3', what, outcome, () => '', { request: () => http(path.replaceAll('T~', forge())) })
const post = (what: string, type: string, body: string, ...given: string[]): Row =>
  attack('RFC 6750 2.2', what, given.includes(good) ? '200' : '401n', () => '', {
    request: () =>
      http(
        '/any',
        [`Content-Type: ${type}`, ...given].map((line) => line.replaceAll('T~', forge())),
        {
          method: 'POST',
          body: body.replaceAll('T~', forge()),
        },
      ),
  })

const rows: readonly Row[] = [
  sent(N, 'no Authorization', '401n'),
  ...[
    'Basic dXNlcjpwYXNz',
    'Basic',
    'Digest username="x", realm="y"',
    'Negotiate YII',
    'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b',
    'Token T~',
    'JWT T~',
    'DPoP T~',
    'T~',
    'BearerT~',
    'Bear T~',
    'XBearer T~',
    'Bearer-x T~',
    'OAuth T~',
    '',
    'access_token=T~',
    '"Bearer T~"',
    'undefined',
    'Basic "x, Bearer y"',
  ].map((value) => sent(N, `Authorization: ${value}`, '401n', `Authorization: ${value}`)),
  ...[
    'Bearer',
    'bearer',
    'Bearer ',
    'Bearer   ',
    'Bearer\t',
    'Bearer\tT~',
    'Bearer \tT~',
    'Bearer T~ x',
    'Bearer T~ T~',
    'Bearer T~, Bearer T~',
    'Bearer T~,Bearer T~',
    'Bearer T~; a=b',
    'Bearer: T~',
    'Bearer=T~',
    'Bearer a=b, c=d',
    'Bearer Bearer T~',
    'Basic dXNlcjpwYXNz, Bearer T~',
    'Bearer T~, Basic dXNlcjpwYXNz',
    'DPoP x, Bearer T~',
  ].map((value) => sent(A, `Authorization: ${JSON.stringify(value)}`, '400r', `Authorization: ${value}`)),
  // One word is a token, and a bad one: a client that hears so gets itself another.
  ...[
    'Bearer "T~"',
    "Bearer 'T~'",
    'Bearer <T~>',
    'Bearer T~,',
    'Bearer ,T~',
    'Bearer token=T~',
    'Bearer =',
    'Bearer T\u00e9',
    'Bearer \u00ff',
    'Bearer \u00a0T~',
    'Bearer (T~)',
    'Bearer T~|T~',
    'Bearer user:grant:T~',
    'Bearer {T~}',
  ].map((value) => sent('RFC 6750 3.1', `Authorization: ${JSON.stringify(value)}`, '401t', `Authorization: ${value}`)),
  ...[1, 2, 8, 1000].map((count) =>
    sent(A, `${String(count)} spaces`, '200', `Authorization: Bearer${' '.repeat(count)}T~`),
  ),
  attack(A, '100,000 spaces', '200', () => '', {
    request: lines(`Authorization: Bearer${' '.repeat(100_000)}T~`),
  }),
  ...['bearer', 'BEARER', 'bEaReR', 'Bearer'].flatMap((scheme) => [
    sent('RFC 9110 11.1', `the scheme ${scheme}`, '200', `Authorization: ${scheme} T~`),
    sent('RFC 9110 5.1', `the field in capitals, the scheme ${scheme}`, '200', `AUTHORIZATION:${scheme} T~`),
  ]),
  ...(
    [
      ['good and good', good, good],
      ['good and bad', good, bad],
      ['bad and good', bad, good],
      ['Bearer and Basic', good, 'Authorization: Basic dXNlcjpwYXNz'],
      ['Basic and Bearer', 'Authorization: Basic dXNlcjpwYXNz', good],
      ['Bearer and DPoP', good, 'Authorization: DPoP x'],
      ['Basic and Basic', 'Authorization: Basic a', 'Authorization: Basic b'],
      ['good and an empty one', good, 'Authorization:'],
      ['an empty one and good', 'Authorization:', good],
      ['different case', good, good.toLowerCase().replace('t~', 'T~')],
      ['capitals', good.replace('Authorization', 'AUTHORIZATION'), good],
      ['a field between', good, 'X-Other: 1', good],
    ] as const
  ).map(([what, ...two]) => sent('RFC 9110 11.6.2', `two fields: ${what}`, '400r', ...two)),
  ...[
    ['an obsolete fold', `Authorization: Bearer\r\n T~`],
    ['a fold inside the token', 'Authorization: Bearer ab\r\n\tcd'],
    ['a bare CR', 'Authorization: Bearer ab\rcd'],
    ['a NUL', 'Authorization: Bearer ab\u0000cd'],
    ['a space before the colon', 'Authorization : Bearer T~'],
    ['a control character in the name', 'Authori\u0001zation: Bearer T~'],
  ].map(([what = '', line = '']) => sent('RFC 9110 5.5', what, 'http', line)),
  ...[8000, 11_000].map((length) =>
    attack('our own rule', `a token with a claim of ${String(length)} characters`, '200', () =>
      forge({ x: 'x'.repeat(length) }),
    ),
  ),
  ...[16 * 1024, 64 * 1024, 64 * 1024 + 1, 1_000_000, 3_000_000].flatMap((length) => [
    attack('our own rule', `${String(length)} letters, the limit raised`, '401t', () => 'A'.repeat(length), {
      code: length > 16 * 1024 ? 'token_too_large' : 'malformed_token',
    }),
    attack(
      'our own rule',
      `a token with a claim of ${String(length)} characters`,
      '401t',
      () => forge({ x: 'x'.repeat(length) }),
      {
        code: 'token_too_large',
      },
    ),
  ]),
  ...[',', ', ', '"', ' ', '\t', 'a,', '=', '.', '~', ', b'].map((unit) =>
    attack('RFC 8725 3', `another scheme and ${JSON.stringify(unit)} a hundred thousand times`, '401n', () => '', {
      request: () => http('/any', [`Authorization: Basic x${unit.repeat(100_000)}`]),
    }),
  ),
  get('a good token in the query only', '/any?access_token=T~', '401n'),
  get('a good token in the query as an array', '/any?access_token[]=T~&access_token[]=T~', '401n'),
  get('a good token in the path', '/any;access_token=T~', '401n'),
  get('an Authorization in the query', '/any?Authorization=Bearer%20T~', '401n'),
  // DEC-3: the query is not looked at, so that it neither helps nor harms.
  attack('OAuth 2.1 5.1', 'a good header and a good token in the query', '200', () => forge(), {
    request: (token) => http(`/any?access_token=${token}`, [`Authorization: Bearer ${token}`]),
  }),
  attack('OAuth 2.1 5.1', 'a good header and another token in the query', '200', () => forge(), {
    request: (token) => http('/any?access_token=x', [`Authorization: Bearer ${token}`]),
  }),
  attack('OAuth 2.1 5.1', 'a bad header and a good token in the query', '401t', () => forge({}, { kid: 'rs1' }, evil), {
    request: (token) => http(`/any?access_token=${forge()}`, [`Authorization: Bearer ${token}`]),
  }),
  post('a form', 'application/x-www-form-urlencoded', 'access_token=T~'),
  post('a form with an array', 'application/x-www-form-urlencoded', 'access_token[]=T~'),
  post('a form with an object', 'application/x-www-form-urlencoded', 'access_token[a]=T~'),
  post('a form with __proto__', 'application/x-www-form-urlencoded', '__proto__[access_token]=T~'),
  post('JSON', 'application/json', '{"access_token":"T~"}'),
  post(
    'multipart',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="access_token"\r\n\r\nT~\r\n--x--',
  ),
  post('a good header and a field of the same name', 'application/x-www-form-urlencoded', 'access_token=x', good),
  ...[
    'Proxy-Authorization',
    'X-Authorization',
    'X-Forwarded-Authorization',
    'X-Forwarded-Access-Token',
    'Authorization_',
    'X.Authorization',
    'X-Original-Authorization',
    'X-Amzn-Oidc-Accesstoken',
    'Cf-Access-Jwt-Assertion',
    'Access-Token',
    'Authorization-',
    'Authorizatio',
    'Authentication',
    'WWW-Authenticate',
    'X-Auth-Token',
    'Http-Authorization',
    'DPoP',
    'Cookie2',
  ].map((name) => sent(N, `the field ${name}`, '401n', `${name}: Bearer T~`)),
  ...['access_token=T~', 'Authorization=Bearer T~', 'token=T~; access_token=T~', '__Host-access_token=T~'].map(
    (cookie) => sent('RFC 6750 5.3', `a cookie ${cookie.slice(0, 20)}`, '401n', `Cookie: ${cookie}`),
  ),
  sent(N, 'a WebSocket sub-protocol', '401n', 'Sec-WebSocket-Protocol: bearer, T~'),
  // CORS comes before auth in the application: this library lets no method through by itself.
  ...['OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY', 'HEAD']
    .flatMap((method) => [
      attack('RFC 9110 9.3', `${method} without a token`, '401n', () => '', {
        request: () => http('/any', ['Origin: https://app.test', 'Access-Control-Request-Method: GET'], { method }),
      }),
      attack('RFC 9110 9.3', `${method} with a bad token`, '401t', () => forge({ aud: 'https://other.test/' }), {
        code: 'wrong_audience',
        request: (token) => http('/any', [`Authorization: Bearer ${token}`], { method }),
        also: ({ body }) => {
          expect(body === '').toBe(method === 'HEAD')
        },
      }),
    ])
    .filter(({ what }) => !what.startsWith('QUERY') || process.versions.node.split('.')[0] !== '20'),
  attack('RFC 9110 9.1', 'a method that does not exist', 'http', () => '', {
    request: () => http('/any', [], { method: 'BREW' }),
  }),
  ...[
    'http://api.test/read',
    'http://other.test/read',
    'https://user:pass@api.test/read',
    'HTTP://API.TEST/read',
  ].flatMap((target) => [
    attack('RFC 9112 3.2.2', `${target} without a token`, '401n', () => '', { request: () => http(target) }),
    attack('RFC 9112 3.2.2', `${target} without the scope`, '403s', () => forge({ scope: 'x' }), {
      request: (token) => http(target, [`Authorization: Bearer ${token}`]),
    }),
  ]),
  sent('RFC 9110 9.1', 'a method override', '401n', 'X-HTTP-Method-Override: OPTIONS'),
  ...[
    'X-Forwarded-User: admin',
    'X-Remote-User: admin',
    'X-Forwarded-Proto: https',
    'X-Original-URL: /open',
    'X-Rewrite-URL: /open',
    'Forwarded: for=127.0.0.1',
    'X-Forwarded-For: 127.0.0.1',
  ].map((line) => sent(N, line, '401n', line)),
  sent('RFC 9112 9.3', 'a header that names Authorization as hop-by-hop', '200', 'Connection: Authorization', good),
]

threatTable('what the transport can carry', rows, strictWorld)

describe('with the usual limit of Node', () => {
  test('a token beyond it is refused by the parser, 431 (RFC 6585 5)', async () => {
    const running = await nodeLimit.start()
    expect((await running.send(bearer('A'.repeat(17_000)))).status).toBe(431)
    expect((await running.send(bearer(forge({ x: 'x'.repeat(8000) })))).status).toBe(200)
    expect(running.hits).toBe(1)
  })
})

describe('one connection (RFC 9112 9.3)', () => {
  const authorized = (token: string, close = false) => http('/any', [`Authorization: Bearer ${token}`], { close })

  test('the second request of a connection does not profit from the first', async () => {
    const running = await strictWorld.start()
    const answers = await running.pipeline([authorized(forge()), http('/any')])
    expect(answers.map(({ status }) => status)).toEqual([200, 401])
  })

  test('good, bad, none, malformed and good are answered in order', async () => {
    const running = await strictWorld.start()
    const hits = running.hits
    const answers = await running.pipeline([
      authorized(forge()),
      authorized(forge({ aud: 'x' })),
      http('/any', [], { close: false }),
      http('/any', ['Authorization: Bearer'], { close: false }),
      authorized(forge(), true),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 400, 200])
    expect(running.hits - hits).toBe(2)
  })
})

describe('requests that do not end', () => {
  test('a bad token is refused before a large body has come (RFC 9110 10.1.1)', async () => {
    const running = await strictWorld.start()
    const answer = await running.send(
      http('/any', ['Authorization: Bearer x', 'Content-Length: 1000000000', 'Expect: 100-continue'], {
        method: 'POST',
      }),
    )
    expect(answer.status).toBe(401)
  })

  test('clients that leave while the keys are fetched share one fetch and harm nobody', async () => {
    let release: (() => void) | undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const asked: string[] = []
    const real = (await strictWorld.start()).options.fetch
    const running = await createWorld({
      options: {
        fetch: async (url, init) => {
          asked.push(url)
          await gate
          return real === undefined ? new Response(null, { status: 404 }) : real(url, init)
        },
      },
    }).start()
    const sockets = Array.from({ length: 50 }, () => {
      const socket = connect(running.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(bearer(forge()), 'latin1')
      return socket
    })
    const last = running.send(bearer(forge()))
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    for (const socket of sockets) socket.destroy()
    release?.()
    expect((await last).status).toBe(200)
    expect(asked).toEqual([`${AS1}.well-known/openid-configuration`, `${AS1}jwks`])
  })

  test('an upgrade that nobody listens for is a request like any other (RFC 9110 7.8)', async () => {
    const running = await strictWorld.start()
    const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13']
    expect(
      (await running.send(http('/any', [...upgrade, 'Connection: upgrade, close'], { close: false }))).status,
    ).toBe(401)
  })
})

describe('the place of the middleware', () => {
  const world = createWorld({
    before: ({ app, handler }, options) => {
      const router = express.Router()
      router.use(requireAuth(options))
      router.get('/read', requireScope('orders:read'), handler)
      app.use('/api', router)
      app.get('/twice', requireAuth(options), requireAuth(options), handler)
      app.get('/optional-then-required', optionalAuth(options), requireAuth(options), handler)
      app.get('/required-then-optional', requireAuth(options), optionalAuth(options), handler)
      app.get('/narrower', requireAuth(options), requireAuth({ ...options, audience: 'https://other.test/' }), handler)
      app.get(
        '/started',
        (_req, res, next) => {
          res.writeHead(200, { 'Content-Type': 'text/plain' })
          res.write('begun')
          next()
        },
        requireAuth(options),
        handler,
      )
      app.get(
        '/sent',
        (_req, res, next) => {
          res.end('done')
          next()
        },
        requireAuth(options),
        () => undefined,
      )
    },
  })

  test.each([
    ['/api/read', 200, 401],
    ['/twice', 200, 401],
    ['/optional-then-required', 200, 401],
    ['/required-then-optional', 200, 401],
    // Nested requireAuth judges again.
    ['/narrower', 401, 401],
  ])('%s: %i with a good token, %i without one', async (path, withToken, without) => {
    const running = await world.start()
    expect((await running.send(bearer(forge(), path))).status).toBe(withToken)
    expect((await running.send(http(path))).status).toBe(without)
    expect((await running.send(bearer(forge({ aud: 'x' }), path))).status).toBe(401)
  })

  test('a response that has begun is cut off, and the handler is not reached', async () => {
    const running = await world.start()
    const hits = running.hits
    const { send } = running
    const answer = await send(bearer('x', '/started')).catch(() => undefined)
    expect(answer?.body ?? '').not.toContain('ok')
    expect((await send(http('/sent'))).body).toBe('done')
    expect(running.hits).toBe(hits)
    expect((await send(bearer(forge()))).status).toBe(200)
  })
})
