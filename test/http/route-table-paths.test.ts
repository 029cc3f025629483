import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import type { RequestHandler } from 'express'
import { createResourceServer, open, owner, scope, type Policy } from 'express-resource-server'
import { authorizeRoutes, type RouteTable } from 'express-resource-server/routes'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { rawRequest, sendRaw, startServer, type RawResponse } from '../kit/raw-request.js'
import { expressVersions } from '../kit/express.js'

let issuer: TestIssuer
let optionalAuth: RequestHandler
const root = mkdtempSync(join(tmpdir(), 'route-table-paths-'))

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  optionalAuth = createResourceServer(issuer.options).optionalAuth()
  for (const file of [
    'files/public/a.txt',
    'files/public/b c.txt',
    'files/private/secret.txt',
    'files/private/index.html',
    'files/secret.txt',
    'homes/m/diary.txt',
    'homes/a/diary.txt',
  ]) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), `bytes of ${file}`)
  }
})

afterAll(() => {
  rmSync(root, { recursive: true })
})

/** What people write who serve files without `express.static`. */
const readDecoded: RequestHandler = (req, res) => {
  try {
    res.end(readFileSync(join(root, normalize(decodeURIComponent(req.path)))))
  } catch {
    res.sendStatus(404)
  }
}
const echo: RequestHandler = (req, res) => {
  res.json(req.params)
}

describe.each(expressVersions)('the paths of a route table, over a socket, on Express %s', (_version, factory) => {
  const ask = async (
    table: RouteTable,
    path: string,
    handlers: readonly RequestHandler[] = [factory.static(root), readDecoded],
    claims?: Record<string, unknown>,
  ): Promise<RawResponse> => {
    const app = factory()
    app.set('env', 'test')
    app.use(optionalAuth, authorizeRoutes(table))
    app.get('/echo/:id', echo)
    for (const handler of handlers) app.use(handler)
    const headers: [string, string][] =
      claims === undefined ? [] : [['Authorization', `Bearer ${await issuer.accessToken(claims)}`]]
    return sendRaw(app, { path, headers })
  }

  const above: RouteTable = { 'GET /files/public/*': open() }
  const within: RouteTable = { 'GET /files/*': open(), 'GET /files/private/*': scope('x') }
  const named: RouteTable = { 'GET /files/:name': open() }
  const both: RouteTable = { ...named, 'GET /files/:folder/:name': scope('x') }

  test.each<[string, RouteTable, number]>([
    ['/files/public/../private/secret.txt', above, 400],
    ['/files/public/..%2fprivate%2fsecret.txt', above, 400],
    ['/files/public/%2e%2e/private/secret.txt', above, 400],
    ['/files/public/.%2e/private/secret.txt', above, 400],
    ['/files/public/%2E./private/secret.txt', above, 400],
    ['/files/public/%252e%252e/private/secret.txt', above, 400],
    ['/files/public/%25252e%25252e/private/secret.txt', above, 400],
    ['/files/public/..;x/private/secret.txt', above, 400],
    // A stream without the name of a file, on Windows.
    ['/files/public/:x/secret.txt', above, 400],
    ['/files/public/%3Ax/secret.txt', above, 400],
    ['/files/public/..%3bx/private/secret.txt', above, 400],
    ['/files/public/;x/../private/secret.txt', above, 400],
    ['/files/public/..%3fx/private/secret.txt', above, 400],
    ['/files/public/..%20/private/secret.txt', above, 400],
    ['/files/public/...%20./private/secret.txt', above, 400],
    ['/files/public/./a.txt', above, 400],
    ['/files/public/..\\private\\secret.txt', above, 400],
    ['/files/public/..%5cprivate%5csecret.txt', above, 400],
    ['/files/public/%5c../private/secret.txt', above, 400],
    ['/files/public//../private/secret.txt', above, 400],
    ['/files/public/%2f../private/secret.txt', above, 400],
    ['//files/public/a.txt', above, 400],
    ['/files//public/a.txt', above, 400],
    ['/files/public/a.txt%2f', above, 400],
    ['/files/public/a.txt%00', above, 400],
    ['/files/public/a.txt%0a', above, 400],
    ['/files/public/a.txt%7f', above, 400],
    ['/files/public/%c2%85', above, 400],
    ['/files/public/%', above, 400],
    ['/files/public/%zz', above, 400],
    ['/files/public/%u002e', above, 400],
    ['/files/public/%25u002e', above, 400],
    ['/files/public/%ff', above, 400],
    ['/files/public/%c0%ae%c0%ae/private/secret.txt', above, 400],
    ['/files/public/%ed%a0%80', above, 400],
    ['/files/public/caf\u00e9', above, 400],
    ['/files/public/a"b', above, 400],
    ['/files/public/a#/../../private/secret.txt', above, 400],
    ['/files/private/secret.txt?/files/public/', above, 401],
    ['/files/private/secret.txt#/files/public/', above, 400],
    ['http://api.example.com/files/public/../private/secret.txt', above, 400],
    ['http://api.example.com/files/private/secret.txt', above, 401],
    ['http://api.example.com', above, 401],
    ['/FILES/public/a.txt', above, 401],
    ['/files/PUBLIC/a.txt', above, 401],
    ['/files/publi%63/a.txt', above, 401],
    ['/files%2fpublic/a.txt', above, 401],

    ['/files/%70rivate/secret.txt', within, 401],
    ['/files/PRIVATE/secret.txt', within, 401],
    ['/files/private;x=1/secret.txt', within, 401],
    ['/files/private%3bx=1/secret.txt', within, 401],
    ['/files/private./secret.txt', within, 401],
    ['/files/private%20/secret.txt', within, 401],
    ['/files/private::$INDEX_ALLOCATION/secret.txt', within, 401],
    ['/files/%ef%bd%90rivate/secret.txt', within, 401],
    ['/files/pri%e2%80%8cvate/secret.txt', within, 401],
    ['/files/private%2fsecret.txt', within, 401],
    ['/files/private%3fx', within, 401],
    ['/files/private%23x', within, 401],
    ['/files%2fprivate/secret.txt', within, 401],
    // To whoever composes characters these are a slash, a question mark, a number sign, a semicolon and a colon.
    ['/files/private%ef%bc%8fsecret.txt', within, 401],
    ['/files%ef%bc%8fprivate/secret.txt', within, 401],
    ['/files/private%ef%bc%9fx', within, 401],
    ['/files/private%ef%bc%83x', within, 401],
    ['/files/private%ef%bc%9bx/secret.txt', within, 401],
    ['/files/private%ef%bc%9ax/secret.txt', within, 401],
    ['/files/public/%e2%80%a5/private/secret.txt', above, 400],
    ['/files/public/%ef%bc%8e%ef%bc%8e/private/secret.txt', above, 400],
    ['/files/public/%e2%80%a4./private/secret.txt', above, 400],
    ['/files/public/.%e2%80%8b./private/secret.txt', above, 400],
    ['/files/public/..%ef%bc%8fprivate/secret.txt', above, 400],
    ['/files/public/..%ef%bc%bcprivate/secret.txt', above, 400],
    ['/files/public/%ef%bc%852e%ef%bc%852e/private/secret.txt', above, 400],
    ['/files/public/%e2%80%8b/a.txt', above, 400],
    ['/files/public/a.txt%ef%bc%8f', above, 400],

    ['/files/private%2fsecret.txt', named, 401],
    ['/files/private%2fsecret.txt', both, 401],
    ['/files/private/', named, 200],
    ['/files/private/', both, 401],
    ['/files/private/', { 'GET /files/*': open(), 'GET /files/private/index.html': scope('x') }, 401],
    ['/files/private/', { 'GET /files/*': open(), 'GET /files/private/Default.aspx': scope('x') }, 401],
    ['/files/secret.txt::$DATA', { 'GET /files/*': open(), 'GET /files/secret.txt': scope('x') }, 401],
    ['/files/secret.txt%3fx', { 'GET /files/*': open(), 'GET /files/secret.txt': scope('x') }, 401],
  ])('%s is not served', async (path, table, status) => {
    const answer = await ask(table, path)
    expect([answer.status, answer.body.includes('secret')]).toEqual([status, false])
  })

  it("does not let a user out of a folder of one's own", async () => {
    const table: RouteTable = { 'GET /homes/:id/*': owner((req) => req.params['id']) }
    const statusOf = async (path: string): Promise<number> => (await ask(table, path, undefined, { sub: 'm' })).status
    expect(await statusOf('/homes/m/diary.txt')).toBe(200)
    for (const path of ['/homes/m/..%2fa/diary.txt', '/homes/m/../a/diary.txt', '/homes/m%2f../a/diary.txt']) {
      expect([path, await statusOf(path)]).toEqual([path, 400])
    }
    // To somebody none of these is in the folder of "m".
    for (const path of ['a/diary.txt', 'm;x/diary.txt', 'm%2fx/diary.txt', 'm%3fx/diary.txt', 'M/diary.txt']) {
      expect([path, await statusOf(`/homes/${path}`)]).toEqual([path, 403])
    }
  })

  test.each<[string, RouteTable, string]>([
    ['/files/public/a.txt', above, 'bytes of files/public/a.txt'],
    ['/files/public/b%20c.txt', above, 'bytes of files/public/b c.txt'],
    ['/files/public/%61.txt', above, 'bytes of files/public/a.txt'],
    ['http://api.example.com/files/public/a.txt', above, 'bytes of files/public/a.txt'],
    ['http://api.example.com:8080/files/public/a.txt?x=1#y', above, 'bytes of files/public/a.txt'],
    ['HTTP://[::1]/files/public/a.txt', above, 'bytes of files/public/a.txt'],
    ['/files/public/a.txt?a=../..//%00\\', above, 'bytes of files/public/a.txt'],
  ])('%s is served', async (path, table, bytes) => {
    const answer = await ask(table, path)
    expect([answer.status, answer.body]).toEqual([200, bytes])
  })

  const ids: RouteTable = { 'GET /echo/:id': open(), 'GET /echo': scope('x') }
  test.each([
    'user@example.com',
    'urn:example:1',
    'a,b',
    'a b',
    'C#',
    'what?',
    '100%',
    'it\u2019s',
    '\u65e5\u672c',
    '\u4f55\uff1f',
    '\u7b2c1\u8a71\uff1a100\uff05\u2026',
    'e\u0301tude',
    '\u2116 5 \u{1f469}\u200d\u{1f4bb}',
    "a'b(c)!~*",
    '1.0..2',
    '.env',
    'a+b&c=d$',
    '~joe',
  ])('takes the id %s, as encodeURIComponent() writes it', async (id) => {
    const encoded = encodeURIComponent(id)
    const answer = await ask(ids, `/echo/${encoded}`)
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { id }])
    expect((await ask(ids, `/echo/${encoded}/`)).status).toBe(200)
  })

  it('takes an encoded slash where the rows have the path with a slash in its place, too', async () => {
    const repository = '/echo/org%2Frepo'
    const alone: RouteTable = { 'GET /echo/:id': open() }
    expect((await ask(alone, repository)).status).toBe(401)
    expect((await ask({ ...alone, 'GET /echo/:org/:repo': scope('x') }, repository)).status).toBe(401)
    const answer = await ask({ ...alone, 'GET /echo/:org/:repo': open() }, repository)
    expect([answer.status, answer.body]).toEqual([200, '{"id":"org/repo"}'])
  })

  it('asks a policy about every value that a parameter may have', async () => {
    const seen: string[] = []
    const see: Policy = (_auth, { params }) => seen.push(JSON.stringify(params)) > 0
    const table: RouteTable = { 'GET /echo/:id': see, 'GET /echo/:a/:b': see }
    expect((await ask(table, '/echo/x%2Fy;v%3Fz', undefined, {})).status).toBe(200)
    expect(new Set(seen)).toEqual(
      new Set([
        '{"id":"x/y;v?z"}',
        '{"id":"x/y"}',
        '{"id":"x/y;v"}',
        '{"a":"x","b":"y;v?z"}',
        '{"a":"x","b":"y"}',
        '{"a":"x","b":"y;v"}',
      ]),
    )
    expect(seen).toHaveLength(6)
  })

  it('has the folder of a row that spells it out, whatever is below', async () => {
    const table: RouteTable = { 'GET /echo/orders': open(), 'GET /echo/orders/:id': scope('x') }
    expect((await ask(table, '/echo/orders/')).status).toBe(200)
    expect((await ask({ 'GET /echo/*': open(), 'GET /echo/orders/:id': scope('x') }, '/echo/orders/')).status).toBe(401)
  })

  it('answers what can be read in more than one way as a problem, whoever asks', async () => {
    for (const claims of [undefined, { scope: 'x' }]) {
      const answer = await ask(above, '/files/public/../private/secret.txt', undefined, claims)
      expect([answer.status, answer.header('content-type'), answer.header('www-authenticate')]).toEqual([
        400,
        'application/problem+json',
        undefined,
      ])
      expect(JSON.parse(answer.body)).toEqual({
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'The path of this request can be read in more than one way.',
        code: 'ambiguous_path',
      })
    }
  })

  it('judges what came, too, where the URL was changed or a mount took a part off', async () => {
    const change =
      (url: string): RequestHandler =>
      (req, _res, next) => {
        req.url = url
        next()
      }
    const statusOf = async (path: string, url: string): Promise<number> => {
      const app = factory()
      app.use(change(url), optionalAuth, authorizeRoutes({ 'GET /a': open() }), (_req, res) => res.sendStatus(204))
      return (await sendRaw(app, { path })).status
    }
    expect(await statusOf('/b', '/a')).toBe(204)
    expect(await statusOf('/b/../c', '/a')).toBe(400)
    expect(await statusOf('/b', '/a//')).toBe(400)
    expect(await statusOf('/b', 'a')).toBe(400)
  })

  it('reads on from a mount, absolute-form targets included', async () => {
    const app = factory()
    app.use('/api', optionalAuth, authorizeRoutes({ 'GET /': open(), 'GET /a': open() }), (_req, res) =>
      res.sendStatus(204),
    )
    const server = await startServer(app)
    try {
      const statuses = await Promise.all(
        [
          '/api',
          '/api/',
          '/api?x',
          '/api/a',
          '/api/a/',
          'http://x/api/a',
          'http://x/api',
          'http://x/api?x',
          '/api//a',
        ].map(async (path) => [path, (await rawRequest(server.port, { path })).status]),
      )
      expect(statuses.map(([, status]) => status)).toEqual([204, 204, 204, 204, 204, 204, 204, 204, 400])
    } finally {
      await server.close()
    }
  })
})
