import express5, { type ErrorRequestHandler, type Express } from 'express'
import express4 from 'express4'
import {
  ConfigurationError,
  optionalAuth,
  protectedResourceMetadata,
  requireAuth,
  requirePolicy,
  requireScope,
  requireStepUp,
  type DpopOptions,
  type RequireAuthOptions,
  type ResourceMetadataOptions,
} from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { parseChallenge } from '../kit/challenges.js'
import { sendRaw } from '../kit/raw-request.js'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'
const SERVERS = ['https://login.example.com']
const DEFAULT_ALGS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer()
})

const frameworks = [
  { name: 'Express 4', express: express4 },
  { name: 'Express 5', express: express5 },
]

describe.each(frameworks)('the metadata of a protected resource on $name', ({ express }) => {
  /** An API that publishes the metadata of one or several resources, with routes that refuse in every way. */
  function createApi(
    resources: readonly ResourceMetadataOptions[],
    options: Partial<RequireAuthOptions> = {},
  ): Express {
    const app = express()
    for (const one of resources) app.use(protectedResourceMetadata({ authorizationServers: SERVERS, ...one }))
    app.get('/optional', optionalAuth({ ...issuer.options, ...options }), requireScope('orders:read'), (_req, res) => {
      res.send('fine')
    })
    const auth = requireAuth({ ...issuer.options, ...options })
    app.use(['/orders', '/mcp', '/mcpx', '/MCP'], auth, requireScope('orders:read'), (_req, res) => {
      res.send('fine')
    })
    app.get('/transfers', auth, requireStepUp({ acr: 'gold', maxAgeSeconds: 60 }), (_req, res) => {
      res.send('fine')
    })
    app.get(
      '/denied',
      auth,
      requirePolicy(() => false),
      (_req, res) => {
        res.send('fine')
      },
    )
    return app
  }

  const serve = (resource: string, path: string) => request(createApi([{ resource }])).get(path)

  describe('the document', () => {
    it('holds exactly what was configured, and nothing that says more (RFC 9728 2, 3.2)', async () => {
      const app = createApi([
        {
          resource: 'https://api.example.com',
          authorizationServers: ['https://login.example.com', 'https://login.example.org/tenant'],
          scopesSupported: ['orders:read', 'orders:write'],
          resourceName: 'Orders',
          resourceDocumentation: 'https://docs.example.com/orders',
        },
      ])
      const response = await request(app).get(WELL_KNOWN)
      expect(response.status).toBe(200)
      expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(response.headers['www-authenticate']).toBeUndefined()
      expect(response.body).toEqual({
        resource: 'https://api.example.com',
        authorization_servers: ['https://login.example.com', 'https://login.example.org/tenant'],
        scopes_supported: ['orders:read', 'orders:write'],
        bearer_methods_supported: ['header'],
        resource_name: 'Orders',
        resource_documentation: 'https://docs.example.com/orders',
      })
    })

    it('leaves out what has no value (RFC 9728 3.2)', async () => {
      const app = createApi([
        {
          resource: 'https://api.example.com',
          scopesSupported: undefined,
          resourceName: undefined,
          resourceDocumentation: undefined,
        },
      ])
      const response = await request(app).get(WELL_KNOWN)
      expect(response.text).toBe(
        '{"resource":"https://api.example.com","authorization_servers":["https://login.example.com"],"bearer_methods_supported":["header"]}',
      )
    })

    it.each<[string, string, DpopOptions, object]>([
      ['takes proofs', 'https://api.example.com', { origin: 'https://api.example.com' }, { algs: DEFAULT_ALGS }],
      [
        'takes nothing but bound tokens',
        'https://api.example.com/mcp',
        { origin: 'HTTPS://API.example.com:443/', algorithms: ['ES256'], required: true },
        { algs: ['ES256'], required: true },
      ],
      [
        'takes no more than some algorithms, behind a proxy that takes off a path',
        'https://api.example.com/v1/mcp',
        { origin: 'https://api.example.com/v1', algorithms: ['ES256', 'EdDSA'], required: false },
        { algs: ['ES256', 'EdDSA'] },
      ],
      [
        'is a whole host, of which a path is served here',
        'https://api.example.com',
        { origin: 'https://api.example.com/v1/', algorithms: ['ES256'] },
        { algs: ['ES256'] },
      ],
    ])('says of an API that %s, which proofs it takes (RFC 9728 2)', async (_title, resource, dpop, says) => {
      const { algs, required } = says as { algs: string[]; required?: true }
      const path = new URL(resource).pathname.replace(/^\/$/, '')
      const response = await request(createApi([{ resource, dpop }])).get(`${WELL_KNOWN}${path}`)
      expect(response.body).toEqual({
        resource,
        authorization_servers: SERVERS,
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: algs,
        ...(required && { dpop_bound_access_tokens_required: true }),
      })
    })

    it('may be cached for an hour and read across origins (RFC 9728 7.10)', async () => {
      const response = await serve('https://api.example.com', WELL_KNOWN)
      expect(response.headers['cache-control']).toBe('public, max-age=3600')
      expect(response.headers['access-control-allow-origin']).toBe('*')
      expect(response.headers['set-cookie']).toBeUndefined()
    })

    it.each([
      ['a page is asked for', 'Accept', 'text/html'],
      ['the credentials are bad', 'Authorization', 'Bearer nonsense'],
      ['the credentials are malformed', 'Authorization', 'Bearer a b'],
    ])('is public JSON even when %s', async (_title, name, value) => {
      const response = await serve('https://api.example.com', WELL_KNOWN).set(name, value)
      expect(response.status).toBe(200)
      expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(response.body).toMatchObject({ resource: 'https://api.example.com' })
    })

    it('answers HEAD without a body (RFC 9110 9.3.2)', async () => {
      const response = await request(createApi([{ resource: 'https://api.example.com' }])).head(WELL_KNOWN)
      expect(response.status).toBe(200)
      expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(response.headers['cache-control']).toBe('public, max-age=3600')
      expect((response as { text?: string }).text).toBeUndefined()
    })

    it.each([
      ['with the header that MCP clients add', { 'Access-Control-Request-Headers': 'mcp-protocol-version' }],
      ['with several headers', { 'Access-Control-Request-Headers': 'authorization,mcp-protocol-version' }],
      ['without any', {}],
    ])('answers the preflight of a page, %s', async (_title, fields) => {
      const response = await request(createApi([{ resource: 'https://api.example.com/mcp' }]))
        .options(`${WELL_KNOWN}/mcp`)
        .set({ Origin: 'https://inspector.example', 'Access-Control-Request-Method': 'GET', ...fields })
      expect(response.status).toBe(204)
      expect(response.text).toBe('')
      expect(response.headers).toEqual({
        connection: 'close',
        date: expect.any(String) as string,
        'x-powered-by': 'Express',
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': '*, Authorization',
        'access-control-max-age': '3600',
      })
    })

    it.each([
      ['without an origin', { 'Access-Control-Request-Method': 'GET' }],
      ['that asks for no method', { Origin: 'https://inspector.example' }],
    ])('takes OPTIONS %s for no preflight', async (_title, fields) => {
      const response = await request(createApi([{ resource: 'https://api.example.com' }]))
        .options(WELL_KNOWN)
        .set(fields as Record<string, string>)
      expect(response.status).toBe(405)
      expect(response.headers['allow']).toBe('GET, HEAD')
    })

    it.each(['post', 'put', 'patch', 'delete', 'options'] as const)(
      'answers %s with 405 and what is allowed (RFC 9110 15.5.6)',
      async (method) => {
        const response = await request(createApi([{ resource: 'https://api.example.com' }]))[method](WELL_KNOWN)
        expect(response.status).toBe(405)
        expect(response.headers['allow']).toBe('GET, HEAD')
        expect(response.text).toBe('')
      },
    )
  })

  describe('its place', () => {
    it.each([
      ['https://api.example.com', WELL_KNOWN, 'a host alone'],
      ['https://api.example.com/', WELL_KNOWN, 'the slash behind the host goes'],
      ['https://api.example.com:8443', WELL_KNOWN, 'a port is part of the host'],
      ['https://api.example.com/mcp', `${WELL_KNOWN}/mcp`, 'between host and path'],
      ['https://api.example.com/v1/mcp', `${WELL_KNOWN}/v1/mcp`, 'before the whole path'],
      ['https://api.example.com/mcp/', `${WELL_KNOWN}/mcp/`, 'only the slash behind the host goes'],
      ['https://api.example.com/mcp?tenant=a', `${WELL_KNOWN}/mcp?tenant=a`, 'the query stays'],
      ['https://api.example.com?tenant=a', `${WELL_KNOWN}?tenant=a`, 'the query stays'],
      ['https://api.example.com/?tenant=a', `${WELL_KNOWN}?tenant=a`, 'the slash goes, the query stays'],
      ['https://api.example.com/a%2Fb', `${WELL_KNOWN}/a%2Fb`, 'nothing is decoded'],
      ['http://127.0.0.1:3000/mcp', `${WELL_KNOWN}/mcp`, 'http on this machine'],
    ])('for %s is %s (%s; RFC 9728 3.1)', async (resource, path) => {
      const response = await serve(resource, path)
      expect(response.status).toBe(200)
      // RFC 9728 3.3: identical to the identifier, slash or no slash.
      expect((response.body as { resource: string }).resource).toBe(resource)
    })

    it.each([
      ['https://api.example.com/mcp', WELL_KNOWN, 'the host itself has no metadata'],
      ['https://api.example.com/mcp', `${WELL_KNOWN}/mcp/`, 'another path'],
      ['https://api.example.com/mcp', `${WELL_KNOWN}/MCP`, 'paths have a case'],
      ['https://api.example.com/v1', `/v1${WELL_KNOWN}`, 'inserted, not appended'],
      ['https://api.example.com/mcp', `${WELL_KNOWN}/%6dcp`, 'nothing is decoded'],
      ['https://api.example.com', `${WELL_KNOWN}/`, 'a slash more'],
      ['https://api.example.com', `${WELL_KNOWN}/x`, 'another resource'],
      ['https://api.example.com', `${WELL_KNOWN}/%2e%2e/x`, 'dots lead nowhere'],
      ['https://api.example.com', `${WELL_KNOWN}/../x`, 'dots lead nowhere'],
      ['https://api.example.com', `${WELL_KNOWN}/..%2f`, 'dots lead nowhere'],
      ['https://api.example.com/mcp?tenant=a', `${WELL_KNOWN}/mcp?tenant=b`, 'another tenant'],
    ])('for %s is not %s (%s)', async (resource, path) => {
      const response = await sendRaw(createApi([{ resource }]), { path })
      expect(response.status).toBe(404)
      expect(response.body).not.toContain('authorization_servers')
    })

    it('is found in a request target in absolute form too (RFC 9112 3.2.2)', async () => {
      const path = `https://api.example.com${WELL_KNOWN}`
      const response = await sendRaw(createApi([{ resource: 'https://api.example.com' }]), { path })
      expect(response.status).toBe(200)
      expect(JSON.parse(response.body)).toMatchObject({ resource: 'https://api.example.com' })
    })
  })

  describe('the resource identifier', () => {
    it.each([
      'https://API.Example.com/Mcp',
      'https://api.example.com:443/Mcp',
      'HTTPS://api.example.com/Mcp',
      'https://api.example.com/%7Euser',
      'https://xn--bcher-kva.example/Mcp',
    ])('%s is published character by character (RFC 9728 3.3, 6)', async (resource) => {
      const response = await serve(resource, WELL_KNOWN + new URL(resource).pathname)
      expect((response.body as { resource: string }).resource).toBe(resource)
    })

    it.each([
      ['X-Forwarded-Host', 'evil.example.net'],
      ['Forwarded', 'host=evil.example.net;proto=http'],
      ['X-Forwarded-Proto', 'http'],
      ['X-Forwarded-Prefix', '/evil'],
      ['X-Original-URL', '/evil'],
      ['Host', 'evil.example.net'],
    ])('does not come from the header %s: %s', async (name, value) => {
      const app = createApi([{ resource: 'https://api.example.com' }])
      app.set('trust proxy', true)
      const honest = await request(app).get(WELL_KNOWN)
      expect(honest.text).toContain('"resource":"https://api.example.com"')
      expect((await request(app).get(WELL_KNOWN).set(name, value)).text).toBe(honest.text)
      const refusal = await request(app).get('/orders').set(name, value)
      expect(refusal.headers['www-authenticate']).toBe(
        `Bearer realm="api", resource_metadata="https://api.example.com${WELL_KNOWN}"`,
      )
    })
  })

  describe('the challenge', () => {
    const metadataUrl = `https://api.example.com${WELL_KNOWN}`
    const get = async (path: string, token?: string, options: Partial<RequireAuthOptions> = {}) => {
      const call = request(createApi([{ resource: 'https://api.example.com' }], options)).get(path)
      return token === undefined ? call : call.set('Authorization', `Bearer ${token}`)
    }

    it('names the metadata without credentials (RFC 9728 5.1)', async () => {
      const response = await get('/orders')
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(`Bearer realm="api", resource_metadata="${metadataUrl}"`)
    })

    it('names the metadata to a bad token (RFC 9728 5.1)', async () => {
      const response = await get('/orders', await issuer.idToken())
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(
        `Bearer realm="api", error="invalid_token", error_description="An ID token was presented. Send an access token issued for this API.", resource_metadata="${metadataUrl}"`,
      )
    })

    it('names the metadata to malformed credentials, in the characters that RFC 6750 3 allows', async () => {
      const response = await get('/orders', 'a b')
      expect(response.status).toBe(400)
      const { scheme, params } = parseChallenge(response.headers['www-authenticate'] ?? '')
      expect(scheme).toBe('Bearer')
      expect([...params.keys()]).toEqual(['realm', 'error', 'error_description', 'resource_metadata'])
      expect(params.get('error')).toBe('invalid_request')
      expect(params.get('error_description')).toMatch(/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/)
      expect(params.get('resource_metadata')).toBe(metadataUrl)
    })

    it('names the metadata beside the scope that is missing (RFC 9728 5.1)', async () => {
      const response = await get('/orders', await issuer.accessToken())
      expect(response.status).toBe(403)
      expect(response.headers['www-authenticate']).toBe(
        `Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="orders:read", resource_metadata="${metadataUrl}"`,
      )
    })

    it('names the metadata beside acr_values and max_age (RFC 9470 3)', async () => {
      const response = await get('/transfers', await issuer.accessToken())
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(
        `Bearer realm="api", error="insufficient_user_authentication", error_description="This operation needs a stronger or more recent sign-in.", acr_values="gold", max_age="60", resource_metadata="${metadataUrl}"`,
      )
    })

    it('names the metadata when a guard refuses an anonymous request', async () => {
      const response = await get('/optional')
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(`Bearer realm="api", resource_metadata="${metadataUrl}"`)
    })

    describe('with the option challengeScopes', () => {
      const scoped = { resource: 'https://api.example.com', challengeScopes: ['orders:read', 'orders:list'] }
      const names = `scope="orders:read orders:list", resource_metadata="${metadataUrl}"`
      const ask = async (path: string, token?: string, options: Partial<RequireAuthOptions> = {}) => {
        const call = request(createApi([scoped], options)).get(path)
        return token === undefined ? call : call.set('Authorization', `Bearer ${token}`)
      }

      it('names what to ask for without credentials, and no error (RFC 6750 3)', async () => {
        const response = await ask('/orders')
        expect(response.headers['www-authenticate']).toBe(`Bearer realm="api", ${names}`)
      })

      it('names it to a bad token, and behind a guard that refuses an anonymous request', async () => {
        const response = await ask('/orders', await issuer.idToken())
        expect(response.headers['www-authenticate']).toBe(
          `Bearer realm="api", error="invalid_token", error_description="An ID token was presented. Send an access token issued for this API.", ${names}`,
        )
        expect((await ask('/optional')).headers['www-authenticate']).toBe(`Bearer realm="api", ${names}`)
      })

      it('names it beside the option resourceMetadataUrl', async () => {
        const resourceMetadataUrl = 'https://meta.example.com/api'
        const response = await ask('/orders', undefined, { resourceMetadataUrl })
        expect(response.headers['www-authenticate']).toBe(
          `Bearer realm="api", scope="orders:read orders:list", resource_metadata="${resourceMetadataUrl}"`,
        )
      })

      it('leaves a 403, a 400 and the wish for another sign-in as they are', async () => {
        const token = await issuer.accessToken()
        expect((await ask('/orders', token)).headers['www-authenticate']).toContain('scope="orders:read", resource')
        expect((await ask('/orders', 'a b')).headers['www-authenticate']).not.toContain('scope=')
        expect((await ask('/transfers', token)).headers['www-authenticate']).not.toContain('scope=')
      })

      it('publishes none of it', async () => {
        const document = await request(createApi([scoped])).get(WELL_KNOWN)
        expect(document.text).not.toContain('orders:')
      })
    })

    it('is not sent at all where another token would not help, nor with a grant', async () => {
      const denied = await get('/denied', await issuer.accessToken())
      expect(denied.status).toBe(403)
      expect(denied.headers['www-authenticate']).toBeUndefined()
      const granted = await get('/orders', await issuer.accessToken({ scope: 'orders:read' }))
      expect(granted.status).toBe(200)
      expect(granted.headers['www-authenticate']).toBeUndefined()
    })

    it('names what the option resourceMetadataUrl says, where it says something', async () => {
      const resourceMetadataUrl = 'https://meta.example.com/api'
      const response = await get('/orders', undefined, { resourceMetadataUrl })
      expect(response.headers['www-authenticate']).toBe(
        `Bearer realm="api", resource_metadata="${resourceMetadataUrl}"`,
      )
    })

    it('names no metadata where none is published', async () => {
      const response = await request(createApi([])).get('/orders')
      expect(response.headers['www-authenticate']).toBe('Bearer realm="api"')
    })

    it.each(['/orders', '/orders/7', '/orders?page=2', '/mcp', '/transfers'])(
      'to a request for %s leads to a document about a URL above it (RFC 9728 3.3)',
      async (path) => {
        const app = createApi([{ resource: 'https://api.example.com' }])
        const refusal = await request(app).get(path)
        const url = /resource_metadata="([^"]*)"/.exec(refusal.headers['www-authenticate'] ?? '')?.[1] ?? ''
        expect(url).toBe(metadataUrl)
        const document = await request(app).get(new URL(url).pathname)
        expect(document.body).toMatchObject({ resource: 'https://api.example.com' })
      },
    )

    it('names the metadata to a request target in absolute form too (RFC 9112 3.2.2)', async () => {
      const path = 'https://api.example.com/orders'
      const response = await sendRaw(createApi([{ resource: 'https://api.example.com' }]), { path })
      expect(response.status).toBe(401)
      expect(response.header('www-authenticate')).toBe(`Bearer realm="api", resource_metadata="${metadataUrl}"`)
    })
  })

  describe('with several resources on one host', () => {
    const both = [{ resource: 'https://api.example.com' }, { resource: 'https://api.example.com/mcp' }]

    it.each([
      { order: 'the wider first', resources: both },
      { order: 'the narrower first', resources: [...both].reverse() },
    ])('serves each document, $order', async ({ resources }) => {
      const app = createApi(resources)
      expect((await request(app).get(WELL_KNOWN)).body).toMatchObject({ resource: 'https://api.example.com' })
      expect((await request(app).get(`${WELL_KNOWN}/mcp`)).body).toMatchObject({
        resource: 'https://api.example.com/mcp',
      })
    })

    it.each([
      ['/mcp', `${WELL_KNOWN}/mcp`],
      ['/mcp/', `${WELL_KNOWN}/mcp`],
      ['/mcp/tools', `${WELL_KNOWN}/mcp`],
      ['/mcp?x=/orders', `${WELL_KNOWN}/mcp`],
      ['/mcpx', WELL_KNOWN],
      ['/MCP', WELL_KNOWN],
      ['/orders', WELL_KNOWN],
      ['/orders?x=/mcp', WELL_KNOWN],
    ])('names the one that %s belongs to (RFC 9728 3.3)', async (path, metadata) => {
      for (const resources of [both, [...both].reverse()]) {
        const response = await request(createApi(resources)).get(path)
        expect(response.headers['www-authenticate']).toBe(
          `Bearer realm="api", resource_metadata="https://api.example.com${metadata}"`,
        )
      }
    })

    it('names none for what belongs to no resource (RFC 9728 3.3)', async () => {
      const app = createApi([{ resource: 'https://api.example.com/mcp' }])
      for (const path of ['/orders', '/mcpx']) {
        const response = await request(app).get(path)
        expect(response.headers['www-authenticate']).toBe('Bearer realm="api"')
      }
      const response = await request(app).get('/mcp')
      expect(response.headers['www-authenticate']).toBe(
        `Bearer realm="api", resource_metadata="https://api.example.com${WELL_KNOWN}/mcp"`,
      )
    })
  })

  describe('what the document says of tokens', () => {
    it('is true: a token is taken from the header and from nowhere else (RFC 9728 2)', async () => {
      const app = createApi([{ resource: 'https://api.example.com' }])
      const document = await request(app).get(WELL_KNOWN)
      expect(document.body).toMatchObject({ bearer_methods_supported: ['header'] })

      const token = await issuer.accessToken({ scope: 'orders:read' })
      const header = await request(app).post('/orders').set('Authorization', `Bearer ${token}`)
      expect(header.status).toBe(200)
      const query = await request(app).get(`/orders?access_token=${token}`)
      expect(query.status).toBe(401)
      const form = await request(app).post('/orders').type('form').send({ access_token: token })
      expect(form.status).toBe(401)
    })

    it('does not promise bound tokens, which are refused (RFC 9728 2)', async () => {
      const app = createApi([{ resource: 'https://api.example.com' }])
      const document = await request(app).get(WELL_KNOWN)
      expect(
        Object.keys(document.body as object).filter((name) => /dpop|tls|signed_metadata|signing_alg|jwks/.test(name)),
      ).toEqual([])
      const token = await issuer.accessToken({ scope: 'orders:read', cnf: { jkt: 'x' } })
      const response = await request(app).get('/orders').set('Authorization', `Bearer ${token}`)
      expect(response.status).toBe(401)
      expect(JSON.parse(response.text)).toMatchObject({ code: 'key_bound_token' })
    })
  })

  it('fails on the first request when it is mounted below a path, where nobody would find it', async () => {
    const app = express()
    app.use('/api', protectedResourceMetadata({ resource: 'https://api.example.com', authorizationServers: SERVERS }))
    app.use('/api', requireAuth(issuer.options))
    const errors: unknown[] = []
    const onError: ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error)
      next(error)
    }
    app.use(onError)
    const response = await request(app).get('/api/orders')
    expect(response.headers['www-authenticate']).toBeUndefined()
    expect(response.status).toBe(500)
    expect(errors).toEqual([expect.any(ConfigurationError)])
  })
})

describe('protectedResourceMetadata', () => {
  const configure = (options: object) => () =>
    protectedResourceMetadata({ resource: 'https://api.example.com', authorizationServers: SERVERS, ...options })

  it.each([
    ['an http scheme', 'http://api.example.com'],
    ['a fragment', 'https://api.example.com#x'],
    ['an empty fragment', 'https://api.example.com#'],
    ['a path alone', '/mcp'],
    ['a host alone', 'api.example.com'],
    ['another scheme', 'urn:example:api'],
    ['credentials', 'https://user:secret@api.example.com'],
    ['no character', ''],
    ['a quote and a line break', 'https://api.example.com/"\r\nX: y'],
    ['NFC letters', 'https://api.example.com/caf\u00e9'],
    ['NFD letters', 'https://api.example.com/cafe\u0301'],
    ['a space before it', ' https://api.example.com'],
    ['a space behind it', 'https://api.example.com '],
    ['a space in it', 'https://api.example.com/a b'],
    ['no slashes', 'https:api.example.com'],
    ['backslashes', String.raw`https:\\api.example.com`],
  ])('refuses a resource with %s at start-up (RFC 9728 1.2, RFC 3986)', (_title, resource) => {
    expect(configure({ resource })).toThrow(ConfigurationError)
    expect(configure({ resource })).toThrow(/"resource".*OAUTH_AUDIENCE/)
  })

  it.each(['https://api.example.com', 'https://api.example.com/mcp', 'http://localhost:3000', 'http://[::1]:3000/mcp'])(
    'takes the resource %s',
    (resource) => {
      expect(configure({ resource })).not.toThrow()
    },
  )

  it('takes an http resource when it is told that this is dangerous', () => {
    expect(configure({ resource: 'http://api:8080', dangerouslyAllowHttp: true })).not.toThrow()
  })

  it.each([
    ['no authorization server at all', { authorizationServers: undefined }, /"authorizationServers".*OAUTH_ISSUER/],
    ['an empty list of authorization servers', { authorizationServers: [] }, /"authorizationServers"/],
    ['an empty authorization server', { authorizationServers: [''] }, /"authorizationServers/],
    [
      'an authorization server that is no URL',
      { authorizationServers: ['login.example.com'] },
      /"authorizationServers/,
    ],
    ['an authorization server over http', { authorizationServers: ['http://login.test'] }, /"authorizationServers/],
    ['a fragment in one (RFC 8414 2)', { authorizationServers: ['https://login.test#x'] }, /"authorizationServers/],
    ['an empty list of scopes', { scopesSupported: [] }, /"scopesSupported"/],
    ['a scope that is none (RFC 6749 3.3)', { scopesSupported: ['orders read'] }, /"scopesSupported"/],
    ['offline_access, which is not for an API', { scopesSupported: ['offline_access'] }, /"scopesSupported"/],
    ['an empty list of scopes for the challenge', { challengeScopes: [] }, /"challengeScopes"/],
    ['a scope for the challenge that is none', { challengeScopes: ['a b'] }, /"challengeScopes"/],
    ['offline_access in the challenge', { challengeScopes: ['offline_access'] }, /"challengeScopes"/],
    ['an empty name', { resourceName: '' }, /"resourceName"/],
    ['documentation that is no URL', { resourceDocumentation: 'see the wiki' }, /"resourceDocumentation"/],
    ['documentation that is a script', { resourceDocumentation: 'javascript:alert(1)' }, /"resourceDocumentation"/],
    [
      'proofs for another host',
      { dpop: { origin: 'https://evil.example.com' } },
      /"dpop.origin" and "resource" contradict/,
    ],
    ['proofs for another scheme', { dpop: { origin: 'http://api.example.com' } }, /"dpop.origin" and "resource"/],
    ['proofs for another port', { dpop: { origin: 'https://api.example.com:8443' } }, /"dpop.origin" and "resource"/],
    [
      'proofs for a path beside that of the resource',
      { resource: 'https://api.example.com/mcp', dpop: { origin: 'https://api.example.com/mcp2' } },
      /"dpop.origin" and "resource"/,
    ],
    ['an origin for proofs that is no URL', { dpop: { origin: 'api.example.com' } }, /"dpop.origin" and "resource"/],
    ['no origin for proofs', { dpop: {} }, /"dpop.origin"/],
    [
      'an option of proofs that is misspelt',
      { dpop: { origin: 'https://api.example.com', require: true } },
      /"dpop.require"/,
    ],
    [
      'proofs by a secret',
      { dpop: { origin: 'https://api.example.com', algorithms: ['ES256', 'HS256'] } },
      /"dpop.algorithms" must hold asymmetric/,
    ],
    ['an option that is misspelt', { scopeSupported: ['orders:read'] }, /"scopeSupported".*"scopesSupported"/],
    ['a null', { resourceName: null }, /"resourceName"/],
  ])('refuses %s at start-up', (_title, options, message) => {
    expect(configure(options)).toThrow(ConfigurationError)
    expect(configure(options)).toThrow(message)
  })

  describe('without options', () => {
    const environment = { ...process.env }
    afterEach(() => {
      process.env = { ...environment }
    })

    it('takes the resource and its authorization server from the environment', async () => {
      process.env['OAUTH_AUDIENCE'] = 'https://api.example.com/mcp'
      process.env['OAUTH_ISSUER'] = 'https://login.example.com/'
      const app = express5().use(protectedResourceMetadata())
      const response = await request(app).get(`${WELL_KNOWN}/mcp`)
      expect(response.body).toEqual({
        resource: 'https://api.example.com/mcp',
        authorization_servers: ['https://login.example.com/'],
        bearer_methods_supported: ['header'],
      })
    })

    it('fails at start-up where the environment names several audiences, which are no resource', () => {
      process.env['OAUTH_AUDIENCE'] = 'https://api.example.com,https://other.example.com'
      process.env['OAUTH_ISSUER'] = 'https://login.example.com'
      expect(() => protectedResourceMetadata()).toThrow(/names several audiences: say by the option "resource"/)
      expect(() => protectedResourceMetadata({ resource: 'https://api.example.com' })).not.toThrow()
    })

    it.each(['OAUTH_AUDIENCE', 'OAUTH_ISSUER'])('fails at start-up without %s and names it', (name) => {
      process.env['OAUTH_AUDIENCE'] = 'https://api.example.com'
      process.env['OAUTH_ISSUER'] = 'https://login.example.com'
      expect(() => protectedResourceMetadata()).not.toThrow()
      process.env[name] = ''
      expect(() => protectedResourceMetadata()).toThrow(ConfigurationError)
      expect(() => protectedResourceMetadata()).toThrow(name)
    })
  })
})
