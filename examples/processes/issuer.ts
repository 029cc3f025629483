import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { importQuietly } from '../embedded-provider/import-quietly.js'
import { createMemoryAdapter } from '../embedded-provider/memory-adapter.js'
import { listen } from '../listen.js'

/** Who may ask this provider for tokens. */
export const client = { client_id: 'demo-app', client_secret: crypto.randomUUID() }

/**
 * Starts a real OpenID provider (oidc-provider) on this machine. It binds an access token to the key of a client that asks with
 * a proof, without being told to: for demonstrations, and for nothing else.
 *
 * @returns Its name.
 */
export async function startIssuer(audience: string): Promise<string> {
  const { Provider } = await importQuietly()
  const server = createServer()
  const issuer = `http://127.0.0.1:${String(await listen(server, { port: 0, advice: 'try again' }))}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'demo-1', alg: 'RS256', use: 'sig' }] },
    clients: [{ ...client, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ audience, scope: 'orders:read', accessTokenFormat: 'jwt' }),
      },
    },
    ttl: { ClientCredentials: 300 },
  })
  const answer = provider.callback()
  server.on('request', (req, res) => void answer(req, res))
  return issuer
}
