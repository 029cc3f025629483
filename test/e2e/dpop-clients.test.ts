import { createServer, type Server } from 'node:http'
import { generateKeyPair, generateProof } from 'dpop'
import express from 'express'
import { getAuth, requireAuth, type DpopOptions } from 'express-resource-server'
import { exportJWK, generateKeyPair as generateSigningKey } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { importQuietly } from '../../examples/embedded-provider/import-quietly.js'
import { createMemoryAdapter } from '../../examples/embedded-provider/memory-adapter.js'
import { findNginx, freePort, startNginx } from '../kit/nginx.js'
import { listen, stop } from '../kit/server.js'

// Clients that others have written get a token from a certified provider and use it, each as its users are told to.
const audience = 'https://api.example.com'
const scope = 'orders:read'
const clientId = 'machine'
const secret = 'a secret between a client and its provider'
const nonce = { secret: 's'.repeat(32), everySeconds: 300 }
const nginx = findNginx() ?? ''

interface Sent {
  readonly method?: string
  readonly body?: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
}

/** Gets a bound token and asks for a resource with it, twice. */
type Client = (issuer: string, resource: URL) => Promise<readonly Response[]>

const clients: Readonly<Record<string, Client>> = {
  async dpop(issuer, resource) {
    const keys = await generateKeyPair('ES256')
    const nonces = new Map<string, string>()
    const send = async (url: URL, init: Sent, token?: string): Promise<Response> => {
      for (let attempt = 1; ; attempt++) {
        const proof = await generateProof(keys, url.href, init.method ?? 'GET', nonces.get(url.origin), token)
        const response = await fetch(url, { ...init, headers: { ...init.headers, DPoP: proof } })
        const given = response.headers.get('dpop-nonce')
        if (given !== null) nonces.set(url.origin, given)
        if (response.ok || given === null || attempt === 2) return response
      }
    }
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      resource: audience,
      scope,
    })
    const granted = await send(new URL(`${issuer}/token`), { method: 'POST', body })
    const { access_token: token } = (await granted.json()) as { access_token: string }
    const ask = (): Promise<Response> => send(resource, { headers: { Authorization: `DPoP ${token}` } }, token)
    return [await ask(), await ask()]
  },

  async oauth4webapi(issuer, resource) {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that it is seen; they are on loopback
    const loopback = { [oauth.allowInsecureRequests]: true }
    const url = new URL(issuer)
    const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, loopback))
    const client: oauth.Client = { client_id: clientId }
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const again = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
      try {
        return await ask()
      } catch (error) {
        if (!oauth.isDPoPNonceError(error)) throw error
        return ask()
      }
    }
    const authentication = oauth.ClientSecretPost(secret)
    const { access_token: token } = await again(async () =>
      oauth.processClientCredentialsResponse(
        server,
        client,
        await oauth.clientCredentialsGrantRequest(
          server,
          client,
          authentication,
          { resource: audience, scope },
          {
            DPoP,
            ...loopback,
          },
        ),
      ),
    )
    const ask = (): Promise<Response> =>
      again(() => oauth.protectedResourceRequest(token, 'GET', resource, undefined, undefined, { DPoP, ...loopback }))
    return [await ask(), await ask()]
  },

  async 'openid-client'(issuer, resource) {
    const config = await openid.discovery(new URL(issuer), clientId, secret, openid.ClientSecretPost(secret), {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
      execute: [openid.allowInsecureRequests],
    })
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
    const { access_token: token } = await openid.clientCredentialsGrant(config, { resource: audience, scope }, { DPoP })
    const ask = (): Promise<Response> =>
      openid.fetchProtectedResource(config, token, resource, 'GET', undefined, undefined, { DPoP })
    return [await ask(), await ask()]
  },
}

const servers: Server[] = []
afterAll(async () => {
  for (const server of servers) await stop(server)
})

async function startProvider(requiresNonce: boolean): Promise<string> {
  const { Provider } = await importQuietly()
  const server = createServer()
  servers.push(server)
  const issuer = `http://127.0.0.1:${String(await listen(server))}`
  const { privateKey } = await generateSigningKey('RS256', { extractable: true })
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    ttl: { ClientCredentials: 300 },
    clients: [
      {
        client_id: clientId,
        client_secret: secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 'n'), requireNonce: () => requiresNonce },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ audience, scope, accessTokenFormat: 'jwt' }),
      },
    },
  })
  server.on('request', (req, res) => void provider.callback()(req, res))
  return issuer
}

let plainIssuer: string
let nonceIssuer: string
beforeAll(async () => {
  plainIssuer = await startProvider(false)
  nonceIssuer = await startProvider(true)
})

/** An API for this issuer that tells what it saw. */
function createApi(issuer: string, dpop: DpopOptions): express.Express {
  const app = express()
  app.use(requireAuth({ issuer, audience, dpop }))
  return app.get(/.*/, (req, res) => {
    res.json({ url: req.originalUrl, scheme: getAuth(req).scheme })
  })
}

const ways: readonly (readonly [name: string, withNonces: boolean])[] = [
  ['without nonces', false],
  ['with nonces', true],
]
const issuerFor = (withNonces: boolean): string => (withNonces ? nonceIssuer : plainIssuer)

describe.each(Object.entries(clients))('the client %s', (_name, client) => {
  it.each(ways)('gets in, %s', async (_way, withNonces) => {
    const issuer = issuerFor(withNonces)
    const server = createServer()
    servers.push(server)
    const origin = `http://127.0.0.1:${String(await listen(server))}`
    server.on('request', createApi(issuer, { origin, ...(withNonces && { nonce }) }))
    const responses = await client(issuer, new URL('/orders?page=1', origin))
    expect(responses.map(({ status }) => status)).toEqual([200, 200])
    for (const response of responses) expect(await response.json()).toEqual({ url: '/orders?page=1', scheme: 'DPoP' })
  })
})

const describeWithNginx = nginx === '' ? describe.skip : describe

test('there is an nginx where one is demanded', () => {
  if (nginx === '' && process.env['REQUIRE_SERVICES'] !== undefined) {
    throw new Error('There is no nginx; REQUIRE_SERVICES is set.')
  }
})

describeWithNginx('behind nginx, which takes a path off and names another host', () => {
  /** What is asked of the one that faces the client, and what the API is then asked for. */
  const paths = [
    ['/shop/v1/orders?page=1', '/orders?page=1'],
    ['/shop/v1/', '/'],
    ['/shop/v1/a%20b/%C3%A9', '/a%20b/%C3%A9'],
  ] as const

  async function startBoth(issuer: string, dpop: Partial<DpopOptions>) {
    const server = createServer()
    servers.push(server)
    const inner = await listen(server)
    const port = await freePort()
    const origin = `http://127.0.0.1:${String(port)}`
    server.on('request', createApi(issuer, { origin: `${origin}/shop/v1`, ...dpop }))
    const proxy = await startNginx(nginx, {
      port,
      lines: `location /shop/v1/ { proxy_pass http://127.0.0.1:${String(inner)}/; }`,
    })
    return { proxy, origin, inner: `http://127.0.0.1:${String(inner)}` }
  }

  it.each(Object.entries(clients).flatMap(([name, client]) => ways.map((way) => [name, ...way, client] as const)))(
    '%s gets in, %s',
    async (_name, _way, withNonces, client) => {
      const issuer = issuerFor(withNonces)
      const { proxy, origin } = await startBoth(issuer, withNonces ? { nonce } : {})
      try {
        for (const [asked, seen] of paths) {
          const responses = await client(issuer, new URL(asked, origin))
          expect([asked, ...responses.map(({ status }) => status)]).toEqual([asked, 200, 200])
          for (const response of responses) expect(await response.json()).toEqual({ url: seen, scheme: 'DPoP' })
        }
      } finally {
        await proxy.stop()
      }
    },
  )

  it('a proof for the inner URL is refused, and so is one for a path that nginx has changed', async () => {
    const { proxy, origin, inner } = await startBoth(plainIssuer, {})
    try {
      const { dpop: client } = clients
      if (client === undefined) throw new Error('The client is gone.')
      // An encoded slash arrives as a slash.
      for (const url of [new URL('/orders', inner), new URL('/shop/v1/a%2Fb', origin)]) {
        const refused = await client(plainIssuer, url)
        expect(refused.map(({ status }) => status)).toEqual([401, 401])
        expect(await refused[0]?.json()).toMatchObject({ code: 'invalid_dpop_proof' })
      }
    } finally {
      await proxy.stop()
    }
  })
})
