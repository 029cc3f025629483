import { createServer, type Server } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import express from 'express'
import { createRevocation, getAuth, requireAuth, type Revocation } from 'express-resource-server'
import type { Provider } from 'oidc-provider'
import { importQuietly } from '../../examples/embedded-provider/import-quietly.js'
import { createMemoryAdapter } from '../../examples/embedded-provider/memory-adapter.js'
import { listen, stop } from '../kit/server.js'

// oidc-provider sends logout tokens of its own, over HTTP: nothing here is a look-alike.
const audience = 'https://api.example.com'
const CLIENT = 'demo-app'

let provider: Provider
let revocation: Revocation
let api: string
const servers: Server[] = []

beforeAll(async () => {
  const [idp, rs] = [createServer(), createServer()]
  servers.push(idp, rs)
  const issuer = `http://127.0.0.1:${String(await listen(idp))}`
  api = `http://127.0.0.1:${String(await listen(rs))}`
  const { Provider: OpenIdProvider } = await importQuietly()
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  provider = new OpenIdProvider(issuer, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'demo-1', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['x'] },
    clients: [
      {
        client_id: CLIENT,
        client_secret: 'x'.repeat(32),
        redirect_uris: ['https://app.example.com/'],
        backchannel_logout_uri: `${api}/backchannel-logout`,
      },
      {
        client_id: 'other-app',
        client_secret: 'x'.repeat(32),
        redirect_uris: ['https://other.example.com/'],
        backchannel_logout_uri: `${api}/backchannel-logout`,
      },
    ],
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      resourceIndicators: { enabled: true },
    },
    interactions: { url: () => '/' },
    ttl: { AccessToken: 300, Grant: 300, IdToken: 300, Interaction: 300, Session: 300 },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  })
  const answer = provider.callback()
  idp.on('request', (req, res) => void answer(req, res))

  revocation = createRevocation()
  await revocation.ready()
  const app = express()
  app.post('/backchannel-logout', revocation.backchannelLogout({ issuer, clientId: CLIENT }))
  app.use(requireAuth({ issuer, audience, revocation }))
  app.get('/orders', (req, res) => {
    res.json({ for: getAuth(req).subject })
  })
  rs.on('request', app)
})

afterAll(async () => {
  revocation.close()
  await Promise.all(servers.map(stop))
})

async function findClient(name: string) {
  const client = await provider.Client.find(name)
  if (client === undefined) throw new Error('The client is not there.')
  return client
}

async function issue(accountId: string): Promise<string> {
  const client = await findClient(CLIENT)
  const token = new provider.AccessToken({
    accountId,
    client,
    grantId: 'g',
    gty: 'authorization_code',
    scope: 'orders:read',
  })
  token.resourceServer = new provider.ResourceServer(audience, { scope: 'orders:read', accessTokenFormat: 'jwt' })
  return token.save()
}

async function ask(token: string): Promise<unknown> {
  const response = await fetch(`${api}/orders`, { headers: { Authorization: `Bearer ${token}` } })
  return response.status === 200 ? 200 : ((await response.json()) as { code: unknown }).code
}

/** Has the provider tell its client that somebody has signed out. */
async function signOut(accountId: string, name = CLIENT): Promise<void> {
  // Its types leave this out.
  const client = (await findClient(name)) as unknown as { backchannelLogout(sub: string, sid: string): Promise<void> }
  await client.backchannelLogout(accountId, 'session-1')
}

it('takes the logout tokens of oidc-provider, and refuses what the person had, and nobody else', async () => {
  const [ada, grace] = [await issue('ada'), await issue('grace')]
  expect([await ask(ada), await ask(grace)]).toEqual([200, 200])
  await signOut('ada')
  expect([await ask(ada), await ask(grace)]).toEqual(['token_revoked', 200])
})

it('does not take those for another client', async () => {
  const token = await issue('lin')
  await expect(signOut('lin', 'other-app')).rejects.toThrow('400')
  expect(await ask(token)).toBe(200)
})
