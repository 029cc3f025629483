import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { getAuth, scope } from 'express-resource-server'
import { createMcpResourceServer, type McpOptions } from 'express-resource-server/mcp'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { createSignIn } from './sign-in.js'
import { sdks, type Sdk, type Seen, type Session } from './sdks.js'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

const servers: Server[] = []
const sessions: Session[] = []

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()))
  await Promise.all(
    servers.splice(0).map((server) => {
      server.close()
      server.closeAllConnections()
      return once(server, 'close')
    }),
  )
})

async function listen(): Promise<{ server: Server; origin: string }> {
  const server = createServer()
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` }
}

interface Place {
  /** What follows the host in the identifier. */
  readonly path: string
  /** Where the app has it. */
  readonly mount: string
}

interface Api {
  readonly origin: string
  readonly resource: string
  readonly endpoint: URL
  readonly issuer: TestIssuer
  /** What people were asked to consent to. */
  readonly asked: { readonly resource: string | null; readonly scope: string | null }[]
  readonly seen: Seen
}

const policies: Pick<McpOptions, 'policy' | 'tools' | 'scopeHierarchy'> = {
  policy: scope('notes:read'),
  tools: { purge: scope('notes:write'), '*': scope('notes:read') },
  scopeHierarchy: {
    implies: { 'notes:admin': ['notes:read', 'notes:write', 'notes:secret'], 'notes:write': ['notes:read'] },
    wildcards: true,
  },
}

async function startApi(
  sdk: Sdk,
  { path, mount }: Place,
  given: Partial<McpOptions> | ((origin: string) => Partial<McpOptions>) = {},
): Promise<Api> {
  const { server, origin } = await listen()
  const authorization = await listen()
  const resource = origin + path
  const options = typeof given === 'function' ? given(origin) : given
  const issuer = await createTestIssuer({ issuer: authorization.origin, audience: resource })
  const asked: Api['asked'] = []
  authorization.server.on('request', authorizationServer(issuer, asked))
  const seen: Seen = []
  const mcp = createMcpResourceServer({ ...issuer.options, resource, ...policies, ...options })
  const app = express()
  app.use(mcp.protectedResourceMetadata())
  app.use(mount, mcp.requireAuth(), sdk.serve(seen))
  server.on('request', app)
  return { origin, resource, endpoint: new URL(mount, origin), issuer, asked, seen }
}

function authorizationServer(issuer: TestIssuer, asked: Api['asked']) {
  const app = express()
  app.get('/.well-known/oauth-authorization-server', (_req, res) => {
    res.json({
      issuer: issuer.issuer,
      authorization_endpoint: `${issuer.issuer}/authorize`,
      token_endpoint: `${issuer.issuer}/token`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    })
  })
  app.get('/authorize', (req, res) => {
    const { searchParams } = new URL(req.url, issuer.issuer)
    const position = asked.push({ resource: searchParams.get('resource'), scope: searchParams.get('scope') })
    res.redirect(`${searchParams.get('redirect_uri') ?? ''}?code=${String(position - 1)}`)
  })
  app.post('/token', express.text({ type: '*/*' }), (req, res, next) => {
    const form = new URLSearchParams(req.body as string)
    const granted = asked[Number(form.get('code'))]?.scope ?? ''
    issuer.accessToken({ aud: form.get('resource'), scope: granted }).then((token) => {
      res.json({ access_token: token, token_type: 'Bearer', expires_in: 300, scope: granted })
    }, next)
  })
  return app
}

describe.each(sdks)('$name', (sdk) => {
  const connect = async ({ endpoint }: Api, token?: string, saved?: string): Promise<Session> => {
    const session = await sdk.connect(endpoint, createSignIn(token, saved))
    sessions.push(session)
    return session
  }
  const mcpPlace: Place = { path: '/mcp', mount: '/mcp' }

  it.each([
    { title: 'a host alone', path: '', mount: '/mcp', wellKnown: WELL_KNOWN },
    { title: 'a host and its slash', path: '/', mount: '/mcp', wellKnown: WELL_KNOWN },
    { title: 'a path', path: '/mcp', mount: '/mcp', wellKnown: `${WELL_KNOWN}/mcp` },
    { title: 'a longer path', path: '/v1/notes/mcp', mount: '/v1/notes/mcp', wellKnown: `${WELL_KNOWN}/v1/notes/mcp` },
    { title: 'a path above that of the endpoint', path: '/v1', mount: '/v1/mcp', wellKnown: `${WELL_KNOWN}/v1` },
  ])('leads a client that knows a URL only to a tool, for the resource $title', async ({ path, mount, wellKnown }) => {
    const api = await startApi(sdk, { path, mount })
    await expect((await connect(api)).call('read')).resolves.toBe('read for user-1')
    // Asked once, and for what the 401 named.
    const [asked, another] = api.asked
    expect([asked?.scope, another]).toEqual(['notes:read', undefined])
    expect(path === '' ? [api.resource, `${api.resource}/`] : [api.resource]).toContain(asked?.resource)
    const [authInfo] = api.seen
    expect(authInfo).toEqual({
      clientId: 'client-1',
      scopes: ['notes:read'],
      expiresAt: api.issuer.now() + 300,
      resource: new URL(api.resource),
      resourceMetadataUrl: api.origin + wellKnown,
      extra: {
        issuer: api.issuer.issuer,
        subject: 'user-1',
        audience: [asked?.resource],
        roles: [],
        permissions: [],
        claims: expect.objectContaining({ scope: 'notes:read' }) as object,
      },
    })
    expect(Object.isFrozen(authInfo)).toBe(true)
    expect(JSON.stringify(authInfo)).not.toContain(authInfo?.token)
  })

  it('gets the scope of one tool when it calls that tool, in the same session', async () => {
    const api = await startApi(sdk, mcpPlace)
    const session = await connect(api)
    await session.call('read')
    await expect(session.call('purge')).resolves.toBe('purge for user-1')
    expect(api.asked.map(({ scope: wanted }) => wanted?.split(' ').includes('notes:write'))).toEqual([false, true])
    await expect(session.call('purge')).resolves.toBe('purge for user-1')
    expect(api.asked).toHaveLength(2)
  })

  it.each(['notes:admin', 'notes:write', 'notes:*'])('takes a token with %s for what that implies', async (held) => {
    const api = await startApi(sdk, mcpPlace)
    const session = await connect(api, await api.issuer.accessToken({ scope: held }))
    await expect(session.call('read')).resolves.toBe('read for user-1')
    await expect(session.call('purge')).resolves.toBe('purge for user-1')
    expect(api.seen.at(-1)?.scopes).toEqual(expect.arrayContaining([held, 'notes:read', 'notes:write']))
  })

  it('signs in again when a token expires during a session', async () => {
    const api = await startApi(sdk, mcpPlace)
    const session = await connect(api)
    await session.call('read')
    api.issuer.advance(3600)
    await expect(session.call('read')).resolves.toBe('read for user-1')
    expect(api.asked.map(({ scope: wanted }) => wanted)).toEqual(['notes:read', 'notes:read'])
    api.issuer.advance(3600)
    await expect(session.call('read')).resolves.toBe('read for user-1')
    expect(api.asked).toHaveLength(3)
  })

  it.each<[title: string, claims: (issuer: TestIssuer) => Record<string, unknown>]>([
    ['has expired', (issuer) => ({ iat: issuer.now() - 7200, exp: issuer.now() - 3600 })],
    ['is for another server', () => ({ aud: 'https://other.example.com/mcp' })],
    ['is of another issuer', () => ({ iss: 'https://other.example.com' })],
  ])('signs in where the token that it has kept %s', async (_title, claims) => {
    const api = await startApi(sdk, mcpPlace)
    const kept = await api.issuer.accessToken({ scope: 'notes:read', ...claims(api.issuer) })
    await expect((await connect(api, undefined, kept)).call('read')).resolves.toBe('read for user-1')
    expect(api.asked.map(({ scope: wanted }) => wanted)).toEqual(['notes:read'])
  })

  it('finds the challenge for Bearer before that for DPoP, in the 401 and in the 403', async () => {
    const api = await startApi(sdk, mcpPlace, (origin) => ({ dpop: { origin } }))
    const challenge = (await fetch(api.endpoint, { method: 'POST' })).headers.get('www-authenticate')
    const metadata = `scope="notes:read", resource_metadata="${api.origin}${WELL_KNOWN}/mcp"`
    expect(challenge).toMatch(/^Bearer .*, DPoP /)
    expect(challenge?.split(', DPoP ')[0]).toBe(`Bearer realm="api", ${metadata}`)
    const session = await connect(api)
    await expect(session.call('read')).resolves.toBe('read for user-1')
    await expect(session.call('purge')).resolves.toBe('purge for user-1')
    expect(api.asked.map(({ scope: wanted }) => wanted?.split(' ').includes('notes:write'))).toEqual([false, true])
  })

  it('is never given relative metadata, whatever host the request names', async () => {
    const api = await startApi(sdk, mcpPlace)
    const response = await fetch(api.endpoint, {
      method: 'POST',
      headers: { 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' },
    })
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer realm="api", scope="notes:read", resource_metadata="${api.origin}${WELL_KNOWN}/mcp"`,
    )
    await expect(startApi(sdk, mcpPlace, { resource: '/mcp' })).rejects.toThrow('resource')
    await expect(startApi(sdk, mcpPlace, { resourceMetadataUrl: WELL_KNOWN })).rejects.toThrow('resourceMetadataUrl')
  })

  it.each([
    ['a token without the scope', { scope: 'openid' }],
    ['a token for another server', { aud: 'https://other.example.com/mcp', scope: 'notes:read' }],
    ['a token for a path below', { aud: 'https://other.example.com/mcp/x', scope: 'notes:read' }],
  ])('runs no tool for %s', async (_title, claims) => {
    const api = await startApi(sdk, mcpPlace)
    await expect(connect(api, await api.issuer.accessToken(claims))).rejects.toThrow()
    expect(api.seen).toEqual([])
  })

  it('is refused a tool with the whole challenge', async () => {
    const api = await startApi(sdk, mcpPlace)
    const response = await fetch(api.endpoint, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await api.issuer.accessToken({ scope: 'notes:read' })}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'purge' } }),
    })
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="notes:write", resource_metadata="${api.origin}${WELL_KNOWN}/mcp"`,
    )
    expect(api.seen).toEqual([])
  })

  describe('with its own middleware and a verifier of ours', () => {
    const resource = 'https://api.example.com/mcp'
    const ask = async (issuer: TestIssuer, token: string, options: Partial<McpOptions> = {}) => {
      const mcp = createMcpResourceServer({ ...issuer.options, resource, audience: resource, ...policies, ...options })
      const app = express()
      const bearerAuth = sdk.bearerAuth(mcp, { resource, requiredScopes: ['notes:read'] })
      app.get('/mcp', bearerAuth, (req, res) => {
        const { auth } = req as { auth?: Seen[number] }
        res.json([auth?.token === token, auth?.scopes, auth?.resource])
      })
      const { server, origin } = await listen()
      server.on('request', app)
      const response = await fetch(`${origin}/mcp`, { headers: { Authorization: `Bearer ${token}` } })
      return {
        status: response.status,
        challenge: response.headers.get('www-authenticate'),
        body: await response.json(),
      }
    }
    let issuer: TestIssuer
    beforeEach(async () => {
      issuer = await createTestIssuer({ audience: resource })
    })

    it('answers a bad token with 401', async () => {
      await expect(ask(issuer, await issuer.idToken({ aud: resource }))).resolves.toMatchObject({
        status: 401,
        challenge:
          'Bearer error="invalid_token", error_description="An ID token was presented. Send an access token issued for this API.", scope="notes:read"',
      })
      await expect(ask(issuer, 'opaque:token')).resolves.toMatchObject({ status: 401 })
      await expect(ask(issuer, await issuer.accessToken({ aud: 'other' }))).resolves.toMatchObject({ status: 401 })
    })

    it('lets a good token on, with the scopes that it implies', async () => {
      await expect(ask(issuer, await issuer.accessToken({ scope: 'notes:write' }))).resolves.toMatchObject({
        status: 200,
        body: [true, ['notes:write', 'notes:read'], resource],
      })
      await expect(ask(issuer, await issuer.accessToken({ scope: 'openid' }))).resolves.toMatchObject({ status: 403 })
    })

    it('does not call a token bad of which it cannot be told', async () => {
      const options = { ...issuer.options, fetch: () => Promise.reject(new Error('down')) }
      await expect(ask(issuer, await issuer.accessToken(), options)).resolves.toMatchObject({
        status: 500,
        challenge: null,
      })
    })
  })
})

describe('the scope challenge of version 2', () => {
  const [, sdk] = sdks
  it('names our metadata, and knows what a scope implies', async () => {
    if (sdk === undefined) throw new Error('It is gone.')
    const api = await startApi(sdk, { path: '/mcp', mount: '/mcp' })
    const call = async (granted: string) =>
      fetch(api.endpoint, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${await api.issuer.accessToken({ scope: granted })}`,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'secret' } }),
      })
    const refused = await call('notes:read')
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", error_description="Insufficient scope", scope="notes:secret", resource_metadata="${api.origin}${WELL_KNOWN}/mcp"`,
    )
    expect((await call('notes:admin')).status).toBe(200)
  })
})

describe('getAuth', () => {
  it('returns what it returns elsewhere', async () => {
    const issuer = await createTestIssuer({ audience: 'https://api.example.com/mcp' })
    const mcp = createMcpResourceServer({ ...issuer.options, resource: 'https://api.example.com/mcp', ...policies })
    const app = express().post('/mcp', mcp.requireAuth(), (req, res) => {
      res.json([getAuth(req).scopes, getAuth(req).subject])
    })
    const { server, origin } = await listen()
    server.on('request', app)
    const response = await fetch(`${origin}/mcp`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await issuer.accessToken({ scope: 'notes:admin' })}` },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'ping', id: 1 }),
    })
    expect(await response.json()).toEqual([['notes:admin'], 'user-1'])
  })
})
