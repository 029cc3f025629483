import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createResourceServer, type ResourceServer } from 'express-resource-server'
import { importQuietly } from '../../examples/embedded-provider/import-quietly.js'
import { createMemoryAdapter } from '../../examples/embedded-provider/memory-adapter.js'
import { listen, stop } from '../kit/server.js'
import type { Introspection } from '../kit/introspecting-api.js'

// A certified OpenID provider, whose tokens are opaque unless somebody asks for another form.
const audience = 'https://api.example.com'
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const secret = 'the secret of the app'
const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const
const ways: Readonly<Record<(typeof methods)[number], Introspection['clientAuthentication']>> = {
  client_secret_basic: { method: 'client_secret_basic', clientSecret: 's p%+:&=' },
  client_secret_post: { method: 'client_secret_post', clientSecret: 's p%+:&=' },
  private_key_jwt: { method: 'private_key_jwt', key: own.privateKey, kid: 'own-1' },
}

let server: Server
let issuer: string

beforeAll(async () => {
  const { Provider } = await importQuietly()
  server = createServer()
  issuer = `http://127.0.0.1:${String(await listen(server))}`
  const signing = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
  const noFlow = { grant_types: [], redirect_uris: [], response_types: [] }
  const adapter = createMemoryAdapter()
  // In the store and not in the configuration, which is copied: a copy of the platform's is no plain object within jest.
  for (const method of methods) {
    const way = ways[method]
    await adapter('Client').upsert(`api:${method}`, {
      ...noFlow,
      client_id: `api:${method}`,
      token_endpoint_auth_method: method,
      ...('clientSecret' in way && { client_secret: way.clientSecret }),
      ...('key' in way && {
        jwks: { keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'own-1', alg: 'ES256' }] },
      }),
      introspection_signed_response_alg: 'RS256',
    })
  }
  const provider = new Provider(issuer, {
    adapter,
    jwks: { keys: [{ ...signing, kid: 'rs-1', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['x'] },
    clients: [{ ...noFlow, client_id: 'app', client_secret: secret, grant_types: ['client_credentials'] }],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({ audience: resource, scope: 'orders:read' }),
      },
    },
    ttl: { ClientCredentials: 300 },
  })
  const answer = provider.callback()
  server.on('request', (req, res) => void answer(req, res))
})

afterAll(() => stop(server))

const post = async (path: string, parameters: Readonly<Record<string, string>>): Promise<Response> => {
  const authorization = `Basic ${Buffer.from(`app:${encodeURIComponent(secret)}`).toString('base64')}`
  const response = await fetch(`${issuer}${path}`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams(parameters),
  })
  expect(response.status).toBe(200)
  return response
}

async function getToken(resource = audience): Promise<string> {
  const parameters = { grant_type: 'client_credentials', scope: 'orders:read', resource }
  const { access_token: token } = (await (await post('/token', parameters)).json()) as { access_token: string }
  expect(token).not.toContain('.')
  return token
}

function createApi(
  method: (typeof methods)[number],
  more: Partial<Introspection> = {},
  clock = Date.now,
): ResourceServer {
  const introspection = { clientId: `api:${method}`, clientAuthentication: ways[method], ...more }
  return createResourceServer({ issuer: { issuer, introspection }, audience, clock })
}

const judge = (api: ResourceServer, token: string): Promise<string> =>
  api.verifyToken(token).then(
    ({ clientId }) => clientId,
    (error: unknown) => (error as { code: string }).code,
  )

describe('opaque tokens of oidc-provider', () => {
  it.each(methods)('are good, by %s', async (method) => {
    const api = createApi(method)
    const auth = await api.verifyToken(await getToken())
    expect(auth).toMatchObject({ issuer, clientId: 'app', audience: [audience], scopes: ['orders:read'], header: {} })
  })

  it('are good by answers that it signs', async () => {
    expect(await judge(createApi('private_key_jwt', { signedResponse: 'required' }), await getToken())).toBe('app')
  })

  it('are not for another API', async () => {
    const token = await getToken('https://other.example.com')
    expect(await judge(createApi('client_secret_basic'), token)).toBe('wrong_audience')
  })

  it('are not asked about by somebody with another secret', async () => {
    const clientAuthentication = { method: 'client_secret_basic', clientSecret: 'wrong' } as const
    const api = createApi('client_secret_basic', { clientAuthentication })
    expect(await judge(api, await getToken())).toBe('introspection_refused')
  })

  it('1,000 of 1,000 get in, and none once it is taken back', async () => {
    const api = createApi('client_secret_basic')
    const tokens: string[] = []
    while (tokens.length < 1000) tokens.push(...(await Promise.all(Array.from({ length: 50 }, () => getToken()))))
    const all = async (): Promise<Readonly<Record<string, number>>> => {
      const counts: Record<string, number> = {}
      for (let i = 0; i < tokens.length; i += 100) {
        for (const verdict of await Promise.all(tokens.slice(i, i + 100).map((token) => judge(api, token)))) {
          counts[verdict] = (counts[verdict] ?? 0) + 1
        }
      }
      return counts
    }
    expect(await all()).toEqual({ app: 1000 })
    for (let i = 0; i < tokens.length; i += 50) {
      await Promise.all(tokens.slice(i, i + 50).map((token) => post('/token/revocation', { token })))
    }
    expect(await all()).toEqual({ token_inactive: 1000 })
  }, 120_000)

  it('are out within the seconds of a cache', async () => {
    let now = Date.now()
    const api = createApi('client_secret_basic', { cache: { seconds: 10 } }, () => now)
    const token = await getToken()
    expect(await judge(api, token)).toBe('app')
    await post('/token/revocation', { token })
    now += 9000
    expect(await judge(api, token)).toBe('app')
    now += 1000
    expect(await judge(api, token)).toBe('token_inactive')
  })
})

describe('a server that answers nothing but what it must', () => {
  it('is too little: who a token is for must be said', async () => {
    const minimal = createServer((req, res) => {
      req.resume()
      res.setHeader('Content-Type', 'application/json;charset=UTF-8')
      res.end('{"active":true}')
    })
    const place = `http://127.0.0.1:${String(await listen(minimal))}`
    const introspection = {
      clientId: 'api',
      clientAuthentication: { method: 'tls_client_auth' },
      endpoint: place,
    } as const
    const api = createResourceServer({ issuer: { issuer: place, introspection }, audience })
    expect(await judge(api, 'opaque-token-0123456789')).toBe('invalid_claims')
    await stop(minimal)
  })

  it('and one that says for whom, for whom else and until when is enough', async () => {
    const minimal = createServer((req, res) => {
      req.resume()
      res.setHeader('Content-Type', 'application/json')
      const exp = Math.floor(Date.now() / 1000) + 60
      res.end(JSON.stringify({ active: true, client_id: 'app', aud: audience, exp, scope: 'orders:read' }))
    })
    const place = `http://127.0.0.1:${String(await listen(minimal))}`
    const introspection = {
      clientId: 'api',
      clientAuthentication: { method: 'tls_client_auth' },
      endpoint: place,
    } as const
    const api = createResourceServer({ issuer: { issuer: place, introspection }, audience })
    expect(await judge(api, 'opaque-token-0123456789')).toBe('app')
    await stop(minimal)
  })
})
