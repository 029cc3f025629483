import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractResourceMetadataUrl,
  extractWWWAuthenticateParams,
  selectResourceURL,
  type OAuthClientProvider,
} from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import {
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express5, { type Request, type Response } from 'express'
import express4 from 'express4'
import { protectedResourceMetadata, requireAuth, requireScope } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'

const SCOPE = 'mcp:tools'

const servers: Server[] = []

afterAll(async () => {
  await Promise.all(
    servers.map((server) => {
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

interface Api {
  readonly origin: string
  readonly resource: string
  readonly endpoint: URL
  readonly issuer: TestIssuer
  /** What the token endpoint of the authorization server was asked. */
  readonly tokenRequests: URLSearchParams[]
  /** What tool handlers saw. */
  readonly seen: (AuthInfo | undefined)[]
}

/** Starts an MCP server whose resource identifier has the given path, and its authorization server. */
async function startApi(express: typeof express5, path: string): Promise<Api> {
  const { server, origin } = await listen()
  const authorizationServer = await listen()
  const resource = origin + path
  const issuer = await createTestIssuer({ issuer: authorizationServer.origin, audience: resource })
  const tokenRequests: URLSearchParams[] = []
  authorizationServer.server.on('request', serveAuthorization(express, issuer, tokenRequests))

  const seen: (AuthInfo | undefined)[] = []
  const app = express()
  app.use(
    protectedResourceMetadata({ resource, authorizationServers: [issuer.issuer], scopesSupported: [SCOPE] }),
    requireAuth(issuer.options),
  )
  app.post('/mcp', requireScope(SCOPE), express.json(), (req, res, next) => {
    answer(req, res, seen).catch(next)
  })
  // Stateless: there is no stream to listen to.
  app.get('/mcp', (_req, res) => {
    res.set('Allow', 'POST').sendStatus(405)
  })
  server.on('request', app)
  return { origin, resource, endpoint: new URL('/mcp', origin), issuer, tokenRequests, seen }
}

/** What an MCP client needs of an authorization server: its metadata and a token for a confidential client. */
function serveAuthorization(express: typeof express5, issuer: TestIssuer, tokenRequests: URLSearchParams[]) {
  const app = express()
  app.get('/.well-known/oauth-authorization-server', (_req, res) => {
    res.json({
      issuer: issuer.issuer,
      authorization_endpoint: `${issuer.issuer}/authorize`,
      token_endpoint: `${issuer.issuer}/token`,
      response_types_supported: ['code'],
    })
  })
  app.post('/token', express.text({ type: '*/*' }), (req, res, next) => {
    const form = new URLSearchParams(req.body as string)
    tokenRequests.push(form)
    issuer.accessToken({ aud: form.get('resource'), scope: SCOPE }).then((token) => {
      res.json({ access_token: token, token_type: 'Bearer', expires_in: 300 })
    }, next)
  })
  return app
}

async function answer(req: Request, res: Response, seen: (AuthInfo | undefined)[]): Promise<void> {
  const mcp = new McpServer({ name: 'tools', version: '1.0.0' })
  mcp.registerTool('whoami', { description: 'Says who calls.' }, (extra) => {
    seen.push(extra.authInfo)
    return { content: [{ type: 'text', text: extra.authInfo?.clientId ?? 'nobody' }] }
  })
  const transport = new StreamableHTTPServerTransport()
  res.on('close', () => {
    void mcp.close()
  })
  await mcp.connect(transport)
  await transport.handleRequest(req, res, req.body)
}

async function callWhoami(api: Api, options: StreamableHTTPClientTransportOptions): Promise<unknown> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  try {
    await client.connect(new StreamableHTTPClientTransport(api.endpoint, options))
    return (await client.callTool({ name: 'whoami' })).content
  } finally {
    await client.close()
  }
}

const withToken = (token: string): StreamableHTTPClientTransportOptions => ({
  requestInit: { headers: { Authorization: `Bearer ${token}` } },
})

const initialize = (api: Api, token?: string) =>
  fetch(api.endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
    }),
  })

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

const frameworks = [
  { name: 'Express 4', express: express4 },
  { name: 'Express 5', express: express5 },
]

describe.each(frameworks)('an MCP server on $name', ({ express }) => {
  describe.each([
    { path: '', wellKnown: WELL_KNOWN },
    { path: '/mcp', wellKnown: `${WELL_KNOWN}/mcp` },
  ])('whose resource identifier ends in "$path"', ({ path, wellKnown }) => {
    let api: Api
    beforeAll(async () => {
      api = await startApi(express, path)
    })

    it('leads a client from a 401 to its issuer (RFC 9728 5.1, 3.3)', async () => {
      const refusal = await initialize(api)
      expect(refusal.status).toBe(401)
      expect(refusal.headers.get('www-authenticate')).toBe(
        `Bearer realm="api", resource_metadata="${api.origin}${wellKnown}"`,
      )
      expect(extractWWWAuthenticateParams(refusal)).toEqual({
        resourceMetadataUrl: new URL(wellKnown, api.origin),
        scope: undefined,
        error: undefined,
      })
      // Clients that are out there still read the header with the older function.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      const resourceMetadataUrl = extractResourceMetadataUrl(refusal)
      expect(resourceMetadataUrl?.href).toBe(`${api.origin}${wellKnown}`)

      const metadata = await discoverOAuthProtectedResourceMetadata(
        api.endpoint,
        resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl },
      )
      expect(metadata).toEqual({
        resource: api.resource,
        authorization_servers: [api.issuer.issuer],
        scopes_supported: [SCOPE],
        bearer_methods_supported: ['header'],
      })
      await expect(selectResourceURL(api.endpoint, {} as OAuthClientProvider, metadata)).resolves.toEqual(
        new URL(api.resource),
      )
      const server = await discoverAuthorizationServerMetadata(metadata.authorization_servers?.[0] ?? '')
      expect(server?.issuer).toBe(api.issuer.issuer)
    })

    it('is found by a client that knows its URL only (RFC 9728 3.1)', async () => {
      const metadata = await discoverOAuthProtectedResourceMetadata(api.endpoint)
      expect(metadata.resource).toBe(api.resource)
    })

    it('names its metadata to a client with a bad token as well', async () => {
      const refusal = await initialize(api, await api.issuer.idToken({ aud: api.resource }))
      expect(refusal.status).toBe(401)
      expect(refusal.headers.get('www-authenticate')).toBe(
        `Bearer realm="api", error="invalid_token", error_description="An ID token was presented. Send an access token issued for this API.", resource_metadata="${api.origin}${wellKnown}"`,
      )
      expect(extractWWWAuthenticateParams(refusal)).toEqual({
        resourceMetadataUrl: new URL(wellKnown, api.origin),
        scope: undefined,
        error: 'invalid_token',
      })
    })

    it('names the missing scope and its metadata in a 403 (RFC 6750 3.1, RFC 9728 5.1)', async () => {
      const refusal = await initialize(api, await api.issuer.accessToken({ scope: 'openid' }))
      expect(refusal.status).toBe(403)
      expect(refusal.headers.get('www-authenticate')).toBe(
        `Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="${SCOPE}", resource_metadata="${api.origin}${wellKnown}"`,
      )
      expect(extractWWWAuthenticateParams(refusal)).toEqual({
        resourceMetadataUrl: new URL(wellKnown, api.origin),
        scope: SCOPE,
        error: 'insufficient_scope',
      })
    })

    it('runs a tool for a client with a good token, and tells it whose token it is', async () => {
      api.seen.length = 0
      const token = await api.issuer.accessToken({ scope: `openid ${SCOPE}` })
      await expect(callWhoami(api, withToken(token))).resolves.toEqual([{ type: 'text', text: 'client-1' }])
      expect(api.seen).toHaveLength(1)
      const [authInfo] = api.seen
      expect(authInfo?.token).toBe(token)
      expect(authInfo).toMatchObject({
        clientId: 'client-1',
        scopes: ['openid', SCOPE],
        expiresAt: api.issuer.now() + 300,
      })
    })

    it.each([
      { title: 'an ID token', code: 401, mint: (issuer: TestIssuer) => issuer.idToken({ aud: issuer.audience }) },
      { title: 'a token without the scope', code: 403, mint: (issuer: TestIssuer) => issuer.accessToken() },
      {
        title: 'a token for another MCP server (RFC 8707 2)',
        code: 401,
        mint: (issuer: TestIssuer) => issuer.accessToken({ aud: `${issuer.audience}/other`, scope: SCOPE }),
      },
    ])('runs no tool for a client with $title', async ({ code, mint }) => {
      api.seen.length = 0
      await expect(callWhoami(api, withToken(await mint(api.issuer)))).rejects.toMatchObject({ code })
      expect(api.seen).toEqual([])
    })

    it('lets a client without any token find out where to get one, get it, and run a tool', async () => {
      api.seen.length = 0
      const authProvider = new ClientCredentialsProvider({
        clientId: 'client-1',
        clientSecret: 'secret',
        expectedIssuer: api.issuer.issuer,
      })
      await expect(callWhoami(api, { authProvider })).resolves.toEqual([{ type: 'text', text: 'client-1' }])
      // Asked once, and for this resource, character by character (RFC 8707 2).
      expect(api.tokenRequests.map((form) => form.get('resource'))).toEqual([api.resource])
      expect(api.seen.map((info) => info?.scopes)).toEqual([[SCOPE]])
    })
  })
})
