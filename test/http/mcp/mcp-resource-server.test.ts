import express5, { type Express } from 'express'
import express4 from 'express4'
import { allOf, ConfigurationError, scope, stepUp } from 'express-resource-server'
import { createMcpResourceServer, type McpOptions } from 'express-resource-server/mcp'
import { trackRoutes } from 'express-resource-server/routes'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'

const RESOURCE = 'https://api.example.com/mcp'
const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource/mcp'
const SCOPE_TEXT = 'The access token lacks a scope that this operation needs.'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer({ audience: RESOURCE })
})

const configure = (options: Partial<McpOptions> = {}) =>
  createMcpResourceServer({ ...issuer.options, resource: RESOURCE, ...options })

const frameworks = [
  { name: 'Express 4', express: express4 },
  { name: 'Express 5', express: express5 },
]

const callOf = (name: unknown, args: unknown = {}): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
})

describe.each(frameworks)('an MCP endpoint on $name', ({ express }) => {
  /** Answers what reached the server: the body as it was parsed, or the raw one. */
  function createApi(options: Partial<McpOptions> = {}, mount = '/mcp'): Express {
    const mcp = configure(options)
    const app = express()
    app.use(mcp.protectedResourceMetadata())
    app.use(mount, mcp.requireAuth(), (req, res) => {
      res.json({ reached: (req.body ?? null) as unknown })
    })
    return app
  }

  const post = async (app: Express, body: string | object, granted = 'notes:read', type = 'application/json') =>
    request(app)
      .post('/mcp')
      .set('Authorization', `Bearer ${await issuer.accessToken({ scope: granted })}`)
      .set('Content-Type', type)
      .send(typeof body === 'string' ? body : JSON.stringify(body))

  describe('with a policy for each tool', () => {
    const ofOwner: NonNullable<McpOptions['tools']>[string] = (auth, { body }) => {
      const args = body.params.arguments as { readonly owner?: unknown }
      return args.owner === auth.subject
    }
    const tools = {
      read: scope('notes:read'),
      purge: allOf(scope('notes:write'), stepUp({ acr: 'gold' })),
      rename: ofOwner,
    }

    it.each([
      ['a call that is granted', callOf('read')],
      ['a call whose arguments are granted', callOf('rename', { owner: 'user-1' })],
      ['another request', { jsonrpc: '2.0', id: 1, method: 'tools/list' }],
      ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }],
      ['an answer to the server', { jsonrpc: '2.0', id: 1, result: {} }],
      ['an error for the server', { jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } }],
    ])('lets on %s, parsed', async (_title, body) => {
      const response = await post(createApi({ tools }), body)
      expect([response.status, response.body]).toEqual([200, { reached: body }])
    })

    it.each([
      [
        'a scope is missing: all of them at once',
        callOf('purge'),
        403,
        `Bearer realm="api", error="insufficient_scope", error_description="${SCOPE_TEXT}", scope="notes:write", resource_metadata="${METADATA}"`,
      ],
      ['the arguments are of somebody else', callOf('rename', { owner: 'user-2' }), 403, undefined],
      ['no row is for the tool', callOf('drop'), 403, undefined],
      ['the name is that of what every object has', callOf('constructor'), 403, undefined],
      ['the name differs in case', callOf('READ'), 403, undefined],
    ])('refuses a call where %s', async (_title, body, status, challenge) => {
      const response = await post(createApi({ tools }), body)
      expect(response.status).toBe(status)
      expect(response.headers['www-authenticate']).toBe(challenge)
      expect(response.headers['content-type']).toBe('application/problem+json')
      expect(response.text).not.toContain('reached')
    })

    it('asks for another sign-in where a tool needs one (RFC 9470 3)', async () => {
      const response = await post(createApi({ tools }), callOf('purge'), 'notes:write')
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(
        `Bearer realm="api", error="insufficient_user_authentication", error_description="This operation needs a stronger or more recent sign-in.", acr_values="gold", resource_metadata="${METADATA}"`,
      )
    })

    it.each(['put', 'patch', 'delete'] as const)('judges a call that comes by %s too', async (method) => {
      const token = await issuer.accessToken({ scope: 'notes:read' })
      const asked = request(createApi({ tools }))[method]('/mcp').set('Authorization', `Bearer ${token}`)
      expect((await asked.send(callOf('purge'))).status).toBe(403)
    })

    it('has one row for all the others, where it is written', async () => {
      const app = createApi({ tools: { ...tools, '*': scope('notes:other') } })
      const refused = await post(app, callOf('drop'))
      expect(refused.headers['www-authenticate']).toContain('scope="notes:other"')
      expect((await post(app, callOf('drop'), 'notes:other')).status).toBe(200)
      expect((await post(app, callOf('*'), 'notes:read')).status).toBe(403)
      expect((await post(app, callOf('read'), 'notes:other')).status).toBe(403)
    })

    const notMessage =
      '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request: the body is not one JSON-RPC message."},"id":null}'
    const notParsed =
      '{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error: the body is not JSON."},"id":null}'
    it.each([
      ['a batch', [callOf('read'), callOf('purge')], notMessage],
      ['an empty batch', [], notMessage],
      ['no version', { method: 'tools/call', params: { name: 'purge' } }, notMessage],
      ['another version', { ...callOf('purge'), jsonrpc: '1.0' }, notMessage],
      ['neither a method nor an answer', { jsonrpc: '2.0', id: 1 }, notMessage],
      ['a method that is no text', { ...callOf('purge'), method: ['tools/call'] }, notMessage],
      ['a method by way of a prototype', '{"jsonrpc":"2.0","id":1,"__proto__":{"method":"tools/call"}}', notMessage],
      [
        'a name by way of a prototype',
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"name":"purge"}}}',
        notMessage,
      ],
      ['a tool whose name is no text', callOf(['purge']), notMessage],
      ['no parameters', { jsonrpc: '2.0', id: 1, method: 'tools/call' }, notMessage],
      ['parameters in an array', { ...callOf('x'), params: ['purge'] }, notMessage],
      ['no JSON', '{"jsonrpc":', notParsed],
      ['a text', '"tools/call"', notParsed],
      ['nothing', '', notMessage],
    ])('refuses a body with %s', async (_title, body, text) => {
      const response = await post(createApi({ tools }), body)
      expect([response.status, response.text]).toEqual([400, text])
      expect(response.headers['content-type']).toBe('application/json')
    })

    it.each([
      'text/plain',
      'text/plain; application/json',
      'application/octet-stream',
      'application/json; charset=utf-8',
    ])('reads a body of the type %s: what is behind it might', async (type) => {
      const response = await post(createApi({ tools }), callOf('purge'), 'notes:read', type)
      expect(response.status).toBe(403)
    })

    it('takes the last of two members of one name, as what is behind it does', async () => {
      const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","name":"purge"}}'
      expect((await post(createApi({ tools }), body)).status).toBe(403)
    })

    it('goes by the body, and not by the fields that repeat it', async () => {
      const response = await request(createApi({ tools }))
        .post('/mcp')
        .set('Authorization', `Bearer ${await issuer.accessToken({ scope: 'notes:read' })}`)
        .set({ 'Mcp-Method': 'tools/list', 'Mcp-Name': 'read' })
        .send(callOf('purge'))
      expect(response.status).toBe(403)
    })

    it('goes by what a parser above has made of the body', async () => {
      const mcp = configure({ tools })
      const app = express().use(express.json(), mcp.requireAuth(), (_req, res) => {
        res.send('reached')
      })
      expect((await post(app, callOf('read'))).text).toBe('reached')
      expect((await post(app, callOf('purge'))).status).toBe(403)
    })

    it('reads no body of a stranger', async () => {
      const response = await request(createApi({ tools }))
        .post('/mcp')
        .set('Content-Type', 'application/json')
        .send('{')
      expect(response.status).toBe(401)
    })

    it('leaves a body that is too long to the handler of errors', async () => {
      const response = await post(createApi({ tools }), callOf('read', 'x'.repeat(200_000)))
      expect(response.status).toBe(413)
    })

    it('lets the stream of a session and its end on', async () => {
      const app = createApi({ tools })
      const token = await issuer.accessToken()
      for (const method of ['get', 'delete'] as const) {
        expect((await request(app)[method]('/mcp').set('Authorization', `Bearer ${token}`)).status).toBe(200)
      }
    })
  })

  it('leaves the body alone where no tool has a policy', async () => {
    expect((await post(createApi(), '{')).body).toEqual({ reached: null })
  })

  describe('with a policy for all of it', () => {
    const policy = scope('notes:read', 'notes:list')

    it('names its scopes in the 401 and in the 403', async () => {
      const app = createApi({ policy })
      expect((await request(app).post('/mcp')).headers['www-authenticate']).toBe(
        `Bearer realm="api", scope="notes:read notes:list", resource_metadata="${METADATA}"`,
      )
      const refused = await post(app, callOf('read'), 'notes:read')
      expect([refused.status, refused.headers['www-authenticate']]).toEqual([
        403,
        `Bearer realm="api", error="insufficient_scope", error_description="${SCOPE_TEXT}", scope="notes:read notes:list", resource_metadata="${METADATA}"`,
      ])
    })

    it('publishes the scopes of all policies, unless others are written', async () => {
      const tools = { read: scope('notes:read'), purge: allOf(scope('notes:write'), stepUp({ acr: 'gold' })) }
      const published = async (options: Partial<McpOptions>): Promise<unknown> => {
        const response = await request(createApi(options)).get('/.well-known/oauth-protected-resource/mcp')
        return (response.body as { scopes_supported?: unknown }).scopes_supported
      }
      await expect(published({ policy, tools })).resolves.toEqual(['notes:read', 'notes:list', 'notes:write'])
      await expect(published({ policy, tools, scopesSupported: ['notes:read'] })).resolves.toEqual(['notes:read'])
      await expect(published({})).resolves.toBeUndefined()
    })
  })

  describe('for a page in a browser', () => {
    const origin = 'https://inspector.example'
    const preflight = (app: Express, from = origin) =>
      request(app).options('/mcp').set({
        Origin: from,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type,mcp-protocol-version,mcp-session-id',
      })

    it('answers a preflight without a token', async () => {
      const response = await preflight(createApi())
      expect(response.status).toBe(204)
      expect(response.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': '*, Authorization',
        'access-control-max-age': '3600',
      })
      expect(response.headers['www-authenticate']).toBeUndefined()
      expect(response.headers['access-control-allow-credentials']).toBeUndefined()
    })

    it('takes OPTIONS without an origin for a request like any other', async () => {
      expect((await request(createApi()).options('/mcp')).status).toBe(401)
    })

    it('shows it the challenge and the session', async () => {
      const response = await request(createApi()).post('/mcp').set('Origin', origin)
      expect(response.status).toBe(401)
      expect(response.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'WWW-Authenticate, Retry-After, Mcp-Session-Id, MCP-Protocol-Version',
      })
    })

    it('lets in pages of the origins that are listed, and no others (DNS rebinding)', async () => {
      const app = createApi({ allowedOrigins: [origin] })
      const fine = await preflight(app)
      expect([fine.status, fine.headers['access-control-allow-origin'], fine.headers['vary']]).toEqual([
        204,
        origin,
        'Origin',
      ])
      for (const from of ['https://evil.example', `${origin}.evil.example`, 'null', 'HTTPS://INSPECTOR.EXAMPLE']) {
        const response = await preflight(app, from)
        expect(response.status).toBe(403)
        expect(response.headers['access-control-allow-origin']).toBeUndefined()
        expect(response.text).toBe(
          '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Pages of this origin are not let in."},"id":null}',
        )
      }
      expect((await request(app).post('/mcp')).status).toBe(401)
    })

    it('leaves to something above what that has said', async () => {
      const mcp = configure()
      const app = express()
      app.use((_req, res, next) => {
        res.set('Access-Control-Allow-Origin', 'https://app.example.com')
        next()
      }, mcp.requireAuth())
      const response = await request(app).post('/mcp').set('Origin', origin)
      expect(response.headers['access-control-allow-origin']).toBe('https://app.example.com')
    })
  })

  it('is protected in the inventory of routes', () => {
    const app = express()
    const inventory = trackRoutes(app)
    app.post('/mcp', configure().requireAuth(), (_req, res) => {
      res.end()
    })
    expect(inventory.routes()).toMatchObject([{ isProtected: true }])
  })

  it('names its own metadata wherever it stands: a proxy may have taken the path away', async () => {
    const app = express().use(configure().requireAuth())
    const response = await request(app).post('/')
    expect(response.headers['www-authenticate']).toBe(`Bearer realm="api", resource_metadata="${METADATA}"`)
  })
})

describe('createMcpResourceServer', () => {
  it.each<[title: string, options: object, message: RegExp]>([
    ['no resource', { resource: undefined }, /"resource".*OAUTH_AUDIENCE/],
    ['a resource that is no URL', { resource: 'notes' }, /"resource"/],
    ['an issuer that is null', { issuer: null }, /"authorizationServers"/],
    ['an issuer without a name', { issuer: [{}] }, /"authorizationServers"/],
    ['one issuer of two without a name', { issuer: ['https://login.example.com', {}] }, /"issuer/],
    ['a misspelt option', { tool: {} }, /Unknown option "tool"/],
    ['a policy that is none', { policy: 'notes:read' }, /^The option "policy" must be a policy: scope/],
    ['tools that are no object', { tools: [scope('a')] }, /"tools" must be an object/],
    ['a tool whose policy is none', { tools: { read: 'notes:read' } }, /^The option "tools.read" must be a policy/],
    ['an origin with a path', { allowedOrigins: ['https://app.example.com/'] }, /"allowedOrigins"/],
    ['one origin that is no list', { allowedOrigins: 'https://app.example.com' }, /"allowedOrigins"/],
    ['offline_access in a policy', { policy: scope('offline_access') }, /"scopesSupported"/],
  ])('refuses %s at start-up', (_title, options, message) => {
    expect(() => configure(options)).toThrow(ConfigurationError)
    expect(() => configure(options)).toThrow(message)
  })

  it.each([null, 'https://login.example.com', []])('refuses %j for options', (options) => {
    expect(() => createMcpResourceServer(options as unknown as McpOptions)).toThrow(ConfigurationError)
  })

  it('takes the issuers of the tokens for those of the clients', async () => {
    const issuers = ['https://login.example.com', { issuer: 'https://login.example.org' }]
    const mcp = createMcpResourceServer({ issuer: issuers, resource: RESOURCE })
    const app = express5().use(mcp.protectedResourceMetadata())
    const response = await request(app).get('/.well-known/oauth-protected-resource/mcp')
    expect(response.body).toMatchObject({
      authorization_servers: ['https://login.example.com', 'https://login.example.org'],
    })
    mcp.close()
  })

  it('says in its metadata which proofs it takes, and refuses to start where clients could make none', async () => {
    const make = (origin: string) =>
      createMcpResourceServer({
        issuer: 'https://login.example.com',
        resource: RESOURCE,
        dpop: { origin, algorithms: ['ES256'], required: true },
      })
    const mcp = make(new URL(RESOURCE).origin)
    const app = express5().use(mcp.protectedResourceMetadata())
    const response = await request(app).get('/.well-known/oauth-protected-resource/mcp')
    expect(response.body).toMatchObject({
      dpop_signing_alg_values_supported: ['ES256'],
      dpop_bound_access_tokens_required: true,
    })
    mcp.close()
    expect(() => make('https://other.example.com')).toThrow('"dpop.origin" and "resource" contradict each other')
  })

  it('takes no token for another resource, whatever the environment says', async () => {
    const app = express5().use(configure({ audience: undefined }).requireAuth())
    const ask = async (aud: string) =>
      request(app)
        .post('/mcp')
        .set('Authorization', `Bearer ${await issuer.accessToken({ aud })}`)
    expect((await ask(RESOURCE)).status).toBe(404)
    expect((await ask('https://api.example.com')).status).toBe(401)
    expect((await ask(`${RESOURCE}/`)).status).toBe(401)
  })
})
