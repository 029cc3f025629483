import { createServer, type Server } from 'node:http'
import type { Provider } from 'oidc-provider'
import { exportJWK, generateKeyPair } from 'jose'
import { importQuietly } from '../embedded-provider/import-quietly.js'
import { createMemoryAdapter } from '../embedded-provider/memory-adapter.js'
import { listen } from '../listen.js'

/** The clients that this provider knows. The second one gets access tokens as they would be an hour later. */
export const clients = { app: 'demo-app', late: 'demo-app-an-hour-late' } as const

/** What to do when a port is taken. */
export const advice = 'set PORT and ISSUER_PORT to free ports, or leave them out'

export const redirectUri = 'http://127.0.0.1/signed-in'

export interface IssuerOptions {
  /** The API that access tokens are for. */
  readonly audience: string
  readonly scopes: string
  /** 0 for any free port. */
  readonly port: number
}

/**
 * Starts a real OpenID provider (oidc-provider) on this machine. It signs the user "ada" in without asking for a password,
 * and forgets everything when it ends: for demonstrations, and for nothing else.
 */
export async function startIssuer({
  audience,
  scopes,
  port,
}: IssuerOptions): Promise<{ issuer: string; server: Server }> {
  const { Provider: OpenIdProvider } = await importQuietly()
  const server = createServer()
  const issuer = `http://127.0.0.1:${String(await listen(server, { port, advice }))}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })

  const provider: Provider = new OpenIdProvider(issuer, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'demo-1', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [crypto.randomUUID()] },
    clients: Object.values(clients).map((client_id) => ({
      client_id,
      redirect_uris: [redirectUri],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
    })),
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: false },
      // RFC 8707: the client names the API, and gets a JWT access token for it (RFC 9068).
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ audience, scope: scopes, accessTokenFormat: 'jwt' }),
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    formats: {
      customizers: {
        jwt: (_ctx, token, jwt) => {
          if (token.clientId === clients.late) backdate(jwt.payload, 3600)
        },
      },
    },
    ttl: { AccessToken: 300, Grant: 3600, IdToken: 300, Interaction: 300, Session: 3600 },
    // Whatever the client asks for is consented to.
    async loadExistingGrant(ctx): Promise<InstanceType<Provider['Grant']> | undefined> {
      const { client, session } = ctx.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid')
      grant.addResourceScope(audience, scopes)
      await grant.save()
      return grant
    },
  })

  const answer = provider.callback()
  server.on('request', (req, res) => {
    if (req.url?.startsWith('/interaction/') !== true) {
      void answer(req, res)
      return
    }
    provider.interactionFinished(req, res, { login: { accountId: 'ada' }, consent: {} }).catch(() => {
      res.writeHead(400).end()
    })
  })
  return { issuer, server }
}

function backdate(claims: Record<string, unknown>, seconds: number): void {
  claims['iat'] = Number(claims['iat']) - seconds
  claims['exp'] = Number(claims['exp']) - seconds
}
