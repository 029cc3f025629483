import diagnostics from 'node:diagnostics_channel'
import express, { type Express, type RequestHandler } from 'express'
import * as library from 'express-resource-server'
import * as testing from 'express-resource-server/testing'
import { pino, type LoggerOptions } from 'pino'
import { parse } from 'zod/mini'
import { issuerSchema, optionsSchema } from '../../src/config/schema.js'
import request from 'supertest'
import { describePolicy } from '../../src/policy/decision.js'
import { reasonFor, type ReasonCode } from '../../src/reasons.js'
import { providers } from '../../src/testing/providers/index.js'
import { checks } from '../../src/tokens/checks/index.js'
import { profileNames } from '../../src/tokens/profiles/index.js'
import { warnings } from '../../src/warnings.js'
import { callbacks } from '../http/foreign-code/callbacks.js'
import {
  appOf,
  asModule,
  AUDIENCE,
  expectAnswer,
  fileOf,
  fragments,
  get,
  HANDLERS,
  ISSUER,
  optionsOf,
  snippetOf,
  snippets,
  THEIRS,
} from './harness.js'
import { compile, plain, readDocument, readRows, readSection, readSnippets, run } from './snippets.js'

const { createResourceServer, requireAuth } = library
const { createTestIssuer } = testing

const readme = readDocument('README.md')

describe('the snippets', () => {
  it('compile against src, whole modules as they are and the others with their imports added', () => {
    // What needs a framework that is not installed here is compiled and run by test/package/core.test.ts, from the page.
    const elsewhere = /from '(?:@apollo\/server|@trpc\/server|fastify|graphql|hono)/
    const here = snippets.filter(({ code, page }) => page !== 'docs/core.md' || !elsewhere.test(code))
    const files = new Map<string, string>(here.map((snippet) => [`${fileOf(snippet)}.ts`, asModule(snippet)]))
    expect(files.size).toBeGreaterThan(70)
    for (const [name, code] of Object.entries(THEIRS)) files.set(name, code)
    files.set('wrong.ts', "import { requireAuth } from 'express-resource-server'\nrequireAuth({ audiance: 'api' })")
    expect(compile(files)).toEqual([expect.stringMatching(/^wrong\.ts: .*'audiance' does not exist/)])
  }, 120_000)

  it('on the first screen answer as the first screen shows', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const [first, second] = readSnippets(readme)
    expect([first?.language, second?.language]).toEqual(['ts', 'http'])
    if (first === undefined || second === undefined) throw new Error('The first screen is gone.')
    expect(first.code.split('\n').length).toBeLessThanOrEqual(12)
    const app = await appOf(first, issuer)

    const good = await get(app, '/orders', await issuer.accessToken({ scope: 'orders:read' }))
    expect([good.status, good.body]).toEqual([200, { orders: [], for: 'user-1' }])
    for (const idToken of [await issuer.idToken(), await issuer.idToken({ aud: AUDIENCE })]) {
      expectAnswer(await get(app, '/orders', idToken), second)
    }
    expect((await get(app, '/orders', await issuer.accessToken({ scope: 'orders:write' }))).status).toBe(403)
  })

  it('say what a misspelt option is answered with', () => {
    const misspelt = { audiance: AUDIENCE } as library.RequireAuthOptions
    const message = snippetOf('README.md', 'Install', 'text').code.replace('ConfigurationError: ', '')
    expect(() => requireAuth(misspelt)).toThrow(new library.ConfigurationError(message))
  })

  it('make a log of refusals that holds no token', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const lines: string[] = []
    const destination = { write: (line: string) => void lines.push(line) }
    const logger = (options: LoggerOptions) => pino({ ...options, base: null, timestamp: false }, destination)
    const listeners: (() => void)[] = []
    const subscribe: typeof diagnostics.subscribe = (name, listener) => {
      diagnostics.subscribe(name, listener)
      listeners.push(() => void diagnostics.unsubscribe(name, listener))
    }
    await run(snippetOf('docs/logging.md', 'Events').code, {
      'node:diagnostics_channel': { subscribe },
      'express-resource-server': {},
      pino: { pino: logger },
    })
    const app = express()
    app.use(requireAuth(issuer.options))
    app.get('/orders', library.requireScope('orders:write'), (_req, res) => void res.end())
    const token = await issuer.accessToken({ scope: 'orders:read' })
    await get(app, '/orders?code=secret', token)
    await get(app, '/orders', await issuer.accessToken({ aud: 'other' }))
    for (const stop of listeners) stop()

    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        level: 40,
        code: 'insufficient_scope',
        status: 403,
        detail: 'missing: orders:write',
        issuer: ISSUER,
        isIssuerVerified: true,
        scheme: 'Bearer',
        durationSeconds: expect.any(Number) as number,
        policy: 'scope orders:write',
        route: '/orders',
        method: 'GET',
        path: '/orders',
        msg: 'access.denied',
      },
      {
        level: 40,
        code: 'wrong_audience',
        status: 401,
        detail: `its "aud" is "other"; expected "${AUDIENCE}"`,
        issuer: ISSUER,
        isIssuerVerified: true,
        scheme: 'Bearer',
        durationSeconds: expect.any(Number) as number,
        isReplay: false,
        method: 'GET',
        path: '/orders',
        msg: 'token.refused',
      },
    ])
    for (const part of [...token.split('.'), 'secret', 'Bearer ']) expect(lines.join('')).not.toContain(part)
  })

  it('make a route table whose rows are as the text says', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/routes.md', 'A route table'), issuer)
    const token = await issuer.accessToken({ scope: 'orders:read', sub: 'user-1' })
    expect((await get(app, '/health')).status).toBe(204)
    expect((await get(app, '/customers/user-1/orders', token)).status).toBe(200)
    expect((await get(app, '/customers/user-2/orders', token)).status).toBe(403)
    expect((await get(app, '/customers/user-1/orders')).status).toBe(401)
    expect([(await get(app, '/other')).status, (await get(app, '/other', token)).status]).toEqual([401, 403])
  })

  it('print the inventory that is shown', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const { code, ...snippet } = snippetOf('docs/routes.md', 'What protects which route?')
    const app = await appOf({ ...snippet, code: code.replace('console.log(', 'app.set("printed", ') }, issuer)
    const shown = snippetOf('docs/routes.md', 'What protects which route?', 'text').code
    expect(app.get('printed')).toBe(shown.replace('scope orders:read', describePolicy(library.scope('orders:read'))))
  })

  it('make a stack that answers a preflight without a challenge and shows the challenge to pages', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/quick-start.md', 'The stack around it'), issuer)
    const origin = 'https://app.example.com'
    const preflight = await request(app).options('/orders').set({
      Origin: origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    })
    expect([preflight.status, preflight.headers['www-authenticate']]).toEqual([204, undefined])
    expect(preflight.headers['access-control-allow-headers']).toBe('authorization')
    const refused = await request(app).get('/orders').set('Origin', origin)
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="api"')
    expect(refused.headers['access-control-expose-headers']).toBe('WWW-Authenticate')
    expect(refused.headers['x-content-type-options']).toBe('nosniff')
    expect((await get(app, '/health')).status).toBe(204)

    for (let count = 0; count < 30; count++) expect((await get(app, '/orders', 'bad')).status).toBe(401)
    expect((await get(app, '/orders', 'bad')).status).toBe(429)
    expect((await get(app, '/orders', await issuer.accessToken())).status).toBe(404)
  })

  it('hold the claims to a schema', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/configuration.md', 'Options'), issuer)
    expect((await get(app, '/', await issuer.accessToken({ tenant: 'acme' }))).status).toBe(404)
    const refused = await get(app, '/', await issuer.accessToken())
    expect(JSON.parse(refused.text)).toMatchObject({ status: 401, code: 'invalid_claims' })
  })

  it('let anonymous requests through with optionalAuth, and bad tokens not', async () => {
    const issuer = await createTestIssuer({ issuer: 'https://issuer.example.com', audience: AUDIENCE })
    const before = { ...process.env }
    Object.assign(process.env, { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: issuer.audience })
    const app = await appOf(snippetOf('docs/quick-start.md', 'Anonymous requests'), issuer).finally(() => {
      process.env = before
    })
    expect((await get(app, '/articles')).body).toEqual({ articles: [], for: 'everybody' })
    expect((await get(app, '/articles', await issuer.accessToken())).body).toEqual({ articles: [], for: 'user-1' })
    expect((await get(app, '/articles', await issuer.idToken())).status).toBe(401)
  })

  it('tell a readiness probe when the keys can be had', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/configuration.md', 'One server, several routers'), issuer)
    issuer.goDown()
    expect((await get(app, '/ready')).status).toBe(503)
    issuer.comeBack()
    issuer.advance(2)
    expect((await get(app, '/ready')).status).toBe(204)
    expect((await get(app, '/orders')).status).toBe(401)
    expect((await get(app, '/articles')).status).toBe(404)
  })

  it('name one scope at a time when guards are chained, and all of them when they are composed', async () => {
    const issuer = await createTestIssuer()
    const app = express()
    const done: RequestHandler = (_req, res) => {
      res.sendStatus(204)
    }
    app.use(requireAuth(issuer.options))
    await run(
      snippetOf('docs/authorization.md', 'Challenges that help').code,
      {},
      { app, updateOrder: done, ...library },
    )
    const token = await issuer.accessToken({ scope: 'openid' })
    const scopeOf = async (path: string): Promise<string | undefined> => {
      const response = await request(app).put(path).set('Authorization', `Bearer ${token}`)
      expect(response.status).toBe(403)
      return /scope="([^"]*)"/.exec(response.headers['www-authenticate'] ?? '')?.[1]
    }
    expect(await scopeOf('/chained')).toBe('orders:read')
    expect(await scopeOf('/scopes')).toBe('orders:read orders:write')
    expect(await scopeOf('/composed')).toBe('orders:read orders:write')
  })

  it.each([0, 1])('mount guards that start up and refuse a token that has nothing (%s)', async (position) => {
    const issuer = await createTestIssuer()
    const app = express()
    const done: RequestHandler = (_req, res) => {
      res.sendStatus(204)
    }
    app.use(requireAuth(issuer.options))
    await run(
      snippetOf('docs/authorization.md', position === 0 ? 'Authorization' : 'Policies are values').code,
      {},
      { app, ...library, ...Object.fromEntries(HANDLERS.map((name) => [name, done])) },
    )
    const paths =
      [
        ['/orders', '/reports', '/eu'],
        ['/customers/user-2/orders', '/beta', '/mine'],
      ][position] ?? []
    const token = await issuer.accessToken({ scope: 'openid' })
    for (const path of paths) expect([path, (await get(app, path, token)).status]).toEqual([path, 403])
    const claims = [
      { scope: 'orders:read reports:admin', 'https://example.com/region': 'eu' },
      { scope: 'orders:read', roles: ['staff'], plan: 'pro', tenant: 'acme' },
    ][position]
    const better = await issuer.accessToken(claims)
    for (const path of paths) expect([path, (await get(app, path, better)).status]).toEqual([path, 204])
  })

  it('make claims what they say in the exact forms', async () => {
    const issuer = await createTestIssuer()
    const names = ['ofAcme', 'isClerk', 'paysWell', 'isAdult'] as const
    const made: Record<string, library.Policy> = {}
    const keep = (policies: typeof made) => Object.assign(made, policies)
    const { code } = snippetOf('docs/authorization.md', 'Policies are values', 'ts', 1)
    await run(`${code}\nkeep({ ${names.join(', ')} })`, {}, { ...library, keep })
    const claims = {
      tenant: 'acme',
      resource_access: { 'my.client': { roles: ['clerk'] } },
      'https://example.com/tier': 'silver',
      age: 18,
    }
    const app = express()
    app.use(requireAuth(issuer.options))
    for (const name of names) {
      app.get(`/${name}`, library.requirePolicy(made[name] ?? (() => false)), (_req, res) => res.sendStatus(204))
    }
    const token = await issuer.accessToken(claims)
    for (const name of names) {
      expect([name, (await get(app, `/${name}`, token)).status]).toEqual([name, 204])
      expect([name, (await get(app, `/${name}`, await issuer.accessToken())).status]).toEqual([name, 403])
    }
  })

  it('imply scopes as they say', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/authorization.md', 'Scopes that imply others'), issuer)
    const statusFor = async (scope: string) => (await get(app, '/orders', await issuer.accessToken({ scope }))).status
    for (const good of ['orders:read', 'orders:write', 'orders:admin', 'orders:*']) {
      expect([good, await statusFor(good)]).toEqual([good, 200])
    }
    for (const bad of ['*', 'orders:*:read', 'orders', 'Orders:read']) {
      expect([bad, await statusFor(bad)]).toEqual([bad, 403])
    }
  })

  it('know the types of claims, and what becomes of them', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/authorization.md', 'Typed claims'), issuer)
    const claims = { scope: 'orders:read', tenant: 'acme', level: '3' }
    const response = await get(app, '/orders', await issuer.accessToken(claims))
    expect([response.status, response.body]).toEqual([200, { tenant: 'acme' }])
    expect((await get(app, '/orders', await issuer.accessToken({ ...claims, level: '2' }))).status).toBe(403)
    expect((await get(app, '/orders', await issuer.accessToken({ ...claims, level: 3 }))).status).toBe(401)
  })

  it('find the tenants that are on the list, and no other', async () => {
    const issuer = await createTestIssuer({ issuer: 'https://login.example.com/acme', audience: 'api://acme' })
    const options = await optionsOf(snippetOf('docs/configuration.md', 'Several issuers, many tenants', 'ts', 1))
    const server = createResourceServer({ ...options, fetch: issuer.options.fetch, clock: issuer.options.clock })
    expect(await server.verifyToken(await issuer.accessToken())).toMatchObject({ subject: 'user-1' })
    const stranger = await issuer.accessToken({ iss: 'https://login.example.com/evil' })
    await expect(server.verifyToken(stranger)).rejects.toMatchObject({ code: 'unknown_issuer' })
  })

  it('print the report that stands below them', async () => {
    const issuer = await createTestIssuer({ provider: 'auth0', audience: AUDIENCE })
    const printed: string[] = []
    await run(
      snippetOf('docs/refusals.md', 'Why was this token refused?').code,
      {
        'express-resource-server': {
          createResourceServer: (options: library.RequireAuthOptions) =>
            createResourceServer({ ...options, fetch: issuer.options.fetch, clock: issuer.options.clock }),
        },
      },
      {
        process: { argv: ['node', 'explain', await issuer.idToken()] },
        console: { log: (...texts: string[]) => printed.push(texts.join(' ')) },
      },
    )
    expect(printed.join('\n')).toBe(snippetOf('docs/refusals.md', 'Why was this token refused?', 'text').code)
  })

  it.each(['README.md', 'docs/testing.md'])('test an API in a few lines: %s', async (page) => {
    const createApp = (options: library.RequireAuthOptions): Express => {
      const app = express()
      app.use(requireAuth(options))
      app.get('/orders', library.requireScope('orders:read'), (_req, res) => {
        res.sendStatus(200)
      })
      return app
    }
    const { code } = snippetOf(page, 'Testing')
    const imports = { 'express-resource-server/testing': testing, supertest: { __esModule: true, default: request } }
    await run(code, { ...imports, './app.js': { createApp } })
    // With an API that lets nobody in, the same lines fail.
    const closed = { createApp: () => express() }
    await expect(run(code, { ...imports, './app.js': closed })).rejects.toThrow('expected 200 "OK", got 404')
  })

  it('test an API that takes proofs', async () => {
    const createApp = (options: library.RequireAuthOptions): Express => {
      const app = express()
      app.use(requireAuth(options))
      app.get('/orders', (_req, res) => {
        res.sendStatus(200)
      })
      return app
    }
    const { code } = snippetOf('docs/testing.md', 'Tokens that are bound to a key')
    const imports = { 'express-resource-server/testing': testing, supertest: { __esModule: true, default: request } }
    await run(code, { ...imports, './app.js': { createApp } })
  })

  it('make an MCP server that says where to sign in, and asks for more where a tool needs more', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: `${AUDIENCE}/mcp` })
    const app = await appOf(snippetOf('docs/mcp.md', 'MCP servers'), issuer)
    const document = await get(app, '/.well-known/oauth-protected-resource/mcp')
    expect(document.body).toEqual({
      resource: 'https://api.example.com/mcp',
      authorization_servers: [ISSUER],
      scopes_supported: ['notes:read', 'notes:write'],
      bearer_methods_supported: ['header'],
    })
    expectAnswer(await get(app, '/mcp'), snippetOf('docs/mcp.md', 'MCP servers', 'http'))
    const call = async (name: string, scope: string) =>
      request(app)
        .post('/mcp')
        .set('Authorization', `Bearer ${await issuer.accessToken({ scope })}`)
        .send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } })
    expect((await call('search', 'notes:read')).status).toBe(404)
    expect((await call('purge', 'notes:read')).status).toBe(403)
    expect((await call('purge', 'notes:read notes:write')).status).toBe(401)
  })

  it('publish the metadata of an API that is no MCP server', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: `${AUDIENCE}/orders` })
    const app = await appOf(snippetOf('docs/mcp.md', 'The metadata alone'), issuer)
    const document = await get(app, '/.well-known/oauth-protected-resource/orders')
    expect(document.body).toMatchObject({ resource: 'https://api.example.com/orders' })
    expect((await get(app, '/orders', await issuer.accessToken({ scope: 'orders:read' }))).status).toBe(404)
  })

  it('hand refusals to an error handler of the app, with status and challenge set', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const app = await appOf(snippetOf('docs/refusals.md', 'Your own answer'), issuer)
    const response = await get(app, '/', await issuer.idToken())
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toContain('error="invalid_token"')
    expect(response.body).toEqual({ code: 'id_token_presented', message: reasonFor('id_token_presented').text })
  })
})

describe('the fragments', () => {
  const named = fragments.map((snippet) => [fileOf(snippet), snippet.heading, snippet] as const)

  it.each(named)('%s below "%s" start up', async (_file, _heading, { code }) => {
    const app = express()
    const done: RequestHandler = (_req, res) => {
      res.sendStatus(204)
    }
    const handlers = Object.fromEntries(HANDLERS.map((name) => [name, done]))
    const globals = { app, ...library, ...handlers, secret: 'a secret of many letters that is long enough' }
    await expect(run(code, {}, globals)).resolves.toEqual({})
    // One wrong word in any of them is an error, at start-up too.
    await expect(run(code.replaceAll(/require|claim/g, 'demand'), {}, globals)).rejects.toThrow('is not defined')
  })

  it('admit an unmarked token by the predicate of its issuer, and nothing else', async () => {
    const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
    const options = await optionsOf(snippetOf('docs/checks.md', 'Which token is this?'))
    const server = createResourceServer({ ...options, fetch: issuer.options.fetch, clock: issuer.options.clock })
    const unmarked = (claims: testing.Changes) =>
      issuer.accessToken({ scope: undefined, client_id: undefined, ...claims }, { typ: 'JWT' })
    expect(await server.verifyToken(await unmarked({ token_kind: 'api' }))).toMatchObject({ subject: 'user-1' })
    await expect(server.verifyToken(await unmarked({ token_kind: 'other' }))).rejects.toMatchObject({
      code: 'unrecognised_token_type',
    })
    await expect(server.verifyToken(await unmarked({ token_kind: 'api', nonce: 'n' }))).rejects.toMatchObject({
      code: 'id_token_presented',
    })
  })
})

describe('the recipes', () => {
  const recipes: readonly (readonly [string, number, testing.ProviderName])[] = [
    ['Auth0', 0, 'auth0'],
    ['Okta', 0, 'okta'],
    ['Microsoft Entra ID', 0, 'entra'],
    ['Keycloak', 0, 'keycloak'],
    ['Keycloak', 1, 'keycloak'],
    ['Amazon Cognito', 0, 'cognito'],
    ['PingOne', 0, 'pingone'],
    ['ZITADEL', 0, 'zitadel'],
    ['Ory Hydra', 0, 'hydra'],
    ['authentik', 0, 'authentik'],
    ['Duende IdentityServer', 0, 'duende'],
    ['FusionAuth', 0, 'fusionauth'],
    ['oidc-provider, Logto, better-auth', 0, 'generic'],
  ]

  it('are all here', () => {
    // The recipes of test/http/provider-matrix.test.ts come after these.
    const headings = fragments.filter(({ page }) => page === 'docs/providers.md').map(({ heading }) => heading)
    const names = new Set(recipes.map(([name]) => name))
    expect([...new Set(headings)].slice(0, names.size)).toEqual([...names])
  })

  it.each(recipes)(
    'for %s (%s) accept its access token and refuse its ID token',
    async (heading, position, provider) => {
      const options = await optionsOf(snippetOf('docs/providers.md', heading, 'ts', position))
      const audience = [options.audience ?? []].flat()[0]
      if (typeof options.issuer !== 'string') throw new Error('A recipe names one issuer.')
      const issuer = await createTestIssuer({ provider, issuer: options.issuer, audience, algorithm: 'ES256' })
      // A key endpoint of another name leads to the same keys.
      const fetch: typeof issuer.options.fetch = (url, init) =>
        issuer.options.fetch(url === options.jwksUri ? new URL('/test-issuer/jwks', issuer.issuer).href : url, init)
      const server = createResourceServer({ ...options, fetch, clock: issuer.options.clock })

      expect(await server.verifyToken(await issuer.accessToken())).toMatchObject({ issuer: issuer.issuer })
      for (const idToken of [await issuer.idToken(), await issuer.idToken({ aud: audience, client_id: 'client-1' })]) {
        await expect(server.verifyToken(idToken)).rejects.toMatchObject({ status: 401, code: 'id_token_presented' })
      }
    },
  )

  it('have none for Google, whose JWTs are all refused', async () => {
    const issuer = await createTestIssuer({ provider: 'google' })
    expect(() => createResourceServer(issuer.options)).toThrow(library.ConfigurationError)
    // A predicate lets it start, and admits nothing that it does not name.
    const described = { issuer: issuer.issuer, isAccessToken: () => false }
    const server = createResourceServer({ ...issuer.options, issuer: described })
    for (const token of [await issuer.accessToken(), await issuer.idToken()]) {
      await expect(server.verifyToken(token)).rejects.toMatchObject({ status: 401 })
    }
  })
})

describe('the figures for keys', () => {
  /** A server with its keys at hand, and a token that outlives everything here. */
  async function warm(keys?: library.KeyOptions) {
    const issuer = await createTestIssuer()
    const server = createResourceServer({ ...issuer.options, keys })
    const token = await issuer.accessToken({ exp: issuer.now() + 100_000 })
    await server.verifyToken(token)
    return { issuer, verify: () => server.verifyToken(token) }
  }

  it('hold: a withdrawn key dies within 11 minutes while its issuer answers', async () => {
    const busy = await warm()
    await busy.issuer.rotateKeys({ withdrawOld: true })
    busy.issuer.advance(599)
    await busy.verify()
    busy.issuer.advance(60)
    await busy.verify()
    busy.issuer.advance(1)
    await expect(busy.verify()).rejects.toMatchObject({ status: 401, code: 'unknown_key' })

    const idle = await warm()
    await idle.issuer.rotateKeys({ withdrawOld: true })
    idle.issuer.advance(660)
    await expect(idle.verify()).rejects.toMatchObject({ status: 401, code: 'unknown_key' })
  })

  it('hold: keys serve for 4 hours while their issuer is down, and then it is 503', async () => {
    const { issuer, verify } = await warm()
    issuer.goDown()
    issuer.advance(4 * 3600 - 1)
    await verify()
    issuer.advance(1)
    await expect(verify()).rejects.toMatchObject({ status: 503, code: 'issuer_unavailable' })
  })

  it('hold: with maxStaleSeconds 0 keys serve for their fresh time and not a second longer', async () => {
    const { issuer, verify } = await warm({ maxStaleSeconds: 0 })
    issuer.goDown()
    issuer.advance(599)
    await verify()
    issuer.advance(1)
    await expect(verify()).rejects.toMatchObject({ status: 503 })
  })
})

describe('the tables', () => {
  const sectionOf = (page: string, heading: string): string => readSection(readDocument(page), heading)
  const namesIn = (page: string, heading: string): readonly string[] =>
    readRows(sectionOf(page, heading)).map(([name]) => plain(name))

  it('hold every code with the status, the error, the text and the hint of src/reasons.ts', () => {
    const source = readDocument('src/reasons.ts') + readDocument('src/reasons/undecided.ts')
    const codes = [...source.matchAll(/^ {2}(\w+): \{$/gm)].map(([, code]) => code as ReasonCode) // read from the table
    expect(codes.length).toBeGreaterThan(20)
    const expected = codes.map((code) => {
      const { status, error, text, hint } = reasonFor(code)
      return [`\`${code}\``, String(status), error === undefined ? 'none' : `\`${error}\``, text, hint]
    })
    const rows = readRows(sectionOf('docs/refusals.md', '## Codes'))
    expect(rows).toEqual(expected)
  })

  it.each([
    ['docs/refusals.md', '## What a refusal looks like', 13],
    ['README.md', '## Refusals', 9],
  ])('say of each situation the status of its code: %s', (page, heading, count) => {
    const rows = readRows(sectionOf(page, heading))
    expect(rows).toHaveLength(count)
    for (const [, status, , code] of rows) {
      if (code?.startsWith('`') !== true || code === '`configuration_error`') continue
      expect([code, status]).toEqual([code, String(reasonFor(plain(code) as ReasonCode).status)]) // the row above was kept
    }
  })

  it('say something of every provider in the README, in a line or two, and where to read on', () => {
    const rows = readRows(sectionOf('README.md', '## Providers'))
    const names = readRows(readDocument('docs/providers.md')).map(([name]) => name)
    expect(rows.map(([cell]) => /^\[(.+)\]\(docs\/providers\.md#[\w-]+\)$/.exec(cell ?? '')?.[1])).toEqual(names)
    for (const [, what = ''] of rows) expect(what.length).toBeLessThan(100)
  })

  it('hold every option of the schema, and no other', () => {
    // Every option within it, those without a default as well.
    const dpop = {
      origin: 'https://api.example.com',
      algorithms: ['ES256'],
      nonce: { secret: 's'.repeat(32), everySeconds: 60 },
      replay: { addIfAbsent: () => 'added' },
    }
    const mtls = { certificate: { header: 'client-cert', format: 'rfc9440' }, trustedProxies: ['10.0.0.1'] }
    const nested = parse(optionsSchema, {})
    const { shape } = optionsSchema.def.innerType
    const known = [
      ...Object.keys(shape),
      ...Object.keys(issuerSchema.def.innerType.shape),
      ...Object.keys(parse(shape.scopeHierarchy, {}) ?? {}).map((name) => `scopeHierarchy.${name}`),
      ...Object.keys(parse(shape.dpop, dpop) ?? {}).map((name) => `dpop.${name}`),
      ...Object.keys(dpop.nonce).map((name) => `dpop.nonce.${name}`),
      ...Object.keys(parse(shape.mtls, mtls) ?? {}).map((name) => `mtls.${name}`),
      ...Object.keys(mtls.certificate).map((name) => `mtls.certificate.${name}`),
      'keys.freshSeconds',
      ...Object.keys(nested.keys).map((name) => `keys.${name}`),
      ...Object.keys(nested.verifiedTokenCache).map((name) => `verifiedTokenCache.${name}`),
    ]
    const options = namesIn('docs/configuration.md', '## Options')
    expect([...options].sort()).toEqual([...new Set(known)].sort())
  })

  it('hold the defaults of the schema', () => {
    const { keys, verifiedTokenCache, clockToleranceSeconds, realm, dangerouslyAllowHttp } = parse(optionsSchema, {})
    const defaults = new Map(
      readRows(sectionOf('docs/configuration.md', '## Options')).map(([name, value]) => [plain(name), plain(value)]),
    )
    const numbers = {
      clockToleranceSeconds,
      ...Object.fromEntries(Object.entries(keys).map(([name, value]) => [`keys.${name}`, value])),
      ...Object.fromEntries(
        Object.entries(verifiedTokenCache).map(([name, value]) => [`verifiedTokenCache.${name}`, value as number]),
      ),
    }
    for (const [name, value] of Object.entries(numbers)) {
      expect([name, defaults.get(name)]).toEqual([name, value.toLocaleString('en-US')])
    }
    expect(defaults.get('realm')).toBe(`'${realm}'`)
    expect(defaults.get('dangerouslyAllowHttp')).toBe(String(dangerouslyAllowHttp))
  })

  const authMembers = [...readDocument('src/tokens/auth.ts').matchAll(/^ {2}readonly (\w+)/gm)].map(
    ([, name = '']) => name,
  )

  it('hold every member of an Auth', () => {
    expect(authMembers).toContain('subject')
    expect([...namesIn('docs/quick-start.md', '## What a handler sees')].sort()).toEqual([...authMembers].sort())
  })

  const membersOf = (path: string, name: string): readonly string[] => {
    const [, members = ''] = new RegExp(`interface ${name} [^{]*\\{\n(.*?)\n\\}`, 's').exec(readDocument(path)) ?? [
      '',
      '',
    ]
    return [...members.matchAll(/^ {2}readonly (\w+)/gm)].map(([, member = '']) => member)
  }

  it('hold every option of the metadata', () => {
    const options = membersOf('src/config/resource-metadata.ts', 'ResourceMetadataOptions')
    expect(options).toContain('resource')
    expect(namesIn('docs/mcp.md', '## The metadata alone')).toEqual(options)
    const own = membersOf('src/mcp/options.ts', 'McpOptions')
    expect(own).toContain('tools')
    const except = ['challengeScopes', 'dangerouslyAllowHttp']
    expect([...namesIn('docs/mcp.md', '## Options')].sort()).toEqual(
      [...new Set([...options, ...own])].filter((name) => !except.includes(name)).sort(),
    )
  })

  it('hold every member of what tools see', () => {
    const members = membersOf('src/mcp/auth-info.ts', 'McpAuthInfo')
    expect(members).toContain('resourceMetadataUrl')
    expect(namesIn('docs/mcp.md', '## What tools see')).toEqual(members)
  })

  it('hold every policy', () => {
    const exported = [...readDocument('src/index.ts').matchAll(/export \{([^}]*)\} from '\.\/policy\//g)]
      .flatMap(([, names = '']) => names.split(','))
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
    expect(exported).toContain('authorizationDetails')
    const [, ...policies] = [...namesIn('docs/authorization.md', '## Policies are values')]
      .map((cell) => cell.split('(', 1)[0])
      .reverse()
    expect(policies.sort()).toEqual(exported.sort())
  })

  it.each([
    ['the issuer resolver', 'the issuer resolver'],
    ['issuerOfOpaqueToken', 'issuerOfOpaqueToken'],
    ['clientAuthentication.token', 'clientAuthentication.token'],
    ['the schema in claims', 'the schema in "claims"'],
    ['a policy', 'a policy'],
    ['the function of owner()', 'owner()'],
    ['a predicate of claim()', 'the predicate of a claim'],
    ['isAccessToken', 'isAccessToken'],
  ])('say what becomes of a request when %s misbehaves', (shown, name) => {
    const rows = readRows(sectionOf('docs/configuration.md', '## Functions of yours'))
    const [, mayWait, late = '', throws = ''] = rows.find(([cell]) => plain(cell) === shown) ?? []
    const statuses = callbacks.find((one) => one.name === name)?.statuses
    const first = (cell: string) => Number(/\d{3}/.exec(cell)?.[0])
    expect(mayWait).toBe(statuses?.['answers by a foreign thenable'] === 200 ? 'yes' : 'no')
    expect(first(late)).toBe(statuses?.['never settles'])
    expect(first(throws.replace('the same', late))).toBe(statuses?.throws)
  })

  it('hold every warning', () => {
    expect(namesIn('docs/configuration.md', '## Warnings')).toEqual(Object.keys(warnings))
  })

  it('hold every event', () => {
    const channels = [...readDocument('src/events.ts').matchAll(/channel\('([^']+)'\)/g)].map(([, name]) => name)
    expect(channels).toContain('express-resource-server:keys.failed')
    expect(namesIn('docs/logging.md', '## Events')).toEqual(channels)
  })
})

describe('the text', () => {
  it('lists the checks in their order', () => {
    const listed = [
      ...readSection(readDocument('docs/checks.md'), '# What is checked').matchAll(/^\d+\. \*\*(.+?)\*\*/gm),
    ].map(([, name]) => name)
    expect(listed).toEqual(checks.map(({ name }) => name))
  })

  it.each(['docs/checks.md', 'SECURITY.md'])('says how much a token and its header may hold: %s', (page) => {
    const source = readDocument('src/tokens/decode-token.ts')
    const limitOf = (name: string, member: string): string =>
      new RegExp(`${name}: .*\\b${member}: (\\d+)`).exec(source)?.[1] ?? `no ${member} in ${name}`
    const [containers, members, commas] = ['containers', 'members', 'commas'].map((one) =>
      limitOf('CLAIMS_LIMITS', one),
    )
    const header = ['containers', 'members', 'commas'].map((one) => limitOf('HEADER_LIMITS', one))
    const text = readDocument(page)
      .replaceAll(/\s+/g, ' ')
      .replace(/ and (\d+ commas)/, ', $1')
    expect(text).toContain(
      [`${String(containers)} objects and arrays`, `${String(members)} members`, `${String(commas)} commas`].join(', '),
    )
    expect(text).toContain(header.join(', ').replace(/, (\d+)$/, ' and $1'))
  })

  it.each(profileNames.map((name) => [name]))('names the profile %s', (name) => {
    expect(readSection(readDocument('docs/checks.md'), '## Which token is this?')).toContain(`\`'${name}'\``)
  })

  it.each(Object.keys(providers))('names the look-alikes of %s', (name) => {
    expect(readDocument('docs/testing.md')).toContain(`\`${name}\``)
  })

  /** The sources of the entries that export something, and one of their exports. */
  const entries = [
    ['src/index.ts', 'requireAuth'],
    ['src/mcp/index.ts', 'createMcpResourceServer'],
    ['src/nest/index.ts', 'ResourceServerModule'],
    ['src/opentelemetry/index.ts', 'instrumentResourceServer'],
    ['src/websocket/index.ts', 'createWebSocketGuard'],
    ['src/routes/index.ts', 'authorizeRoutes'],
    ['src/redis/index.ts', 'createRedisStore'],
    ['src/core.ts', 'createResourceServer'],
    ['src/testing/index.ts', 'createTestIssuer'],
  ] as const

  it('knows every entry of the package', () => {
    const paths = Object.keys((JSON.parse(readDocument('package.json')) as { exports: object }).exports)
    const named = entries.map(([path]) => path.replace(/^src/, '.').replace(/(?:\/index)?\.ts$/, ''))
    expect([...named, './augment', './package.json'].sort()).toEqual(paths.sort())
  })

  it.each(entries)('mentions every export of %s', (path, one) => {
    const exported = [...readDocument(path).matchAll(/\{([^}]*)\}/g)]
      .flatMap(([, names = '']) => names.split(','))
      .map((name) => name.replace('type ', '').trim())
      .filter((name) => name !== '')
    expect(exported).toContain(one)
    const listed = readDocument('docs/api.md')
    expect(exported.filter((name) => !new RegExp(`\`${name}\``).test(listed))).toEqual([])
  })
})
