import { createServer, type Server } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import type { AdapterFactory, Provider } from 'oidc-provider'
import { importQuietly } from '../embedded-provider/import-quietly.js'
import { createMemoryAdapter } from '../embedded-provider/memory-adapter.js'
import { listen } from '../listen.js'

/** How strongly a user has signed in. */
export const STRONG = 'urn:example:two-factors'

const SCOPES = 'notes:read notes:write'

/**
 * Starts a real OpenID provider (oidc-provider) on this machine, with what the MCP specification asks of one: clients register
 * themselves, and name the server that a token is for (RFC 7591, RFC 8707). It signs "ada" in without asking for a password,
 * as strongly as a client wants, and grants what a client asks for: for demonstrations, and for nothing else.
 */
export async function startIssuer(resource: string): Promise<{ issuer: string; server: Server }> {
  const { Provider: OpenIdProvider, errors } = await importQuietly()
  const server = createServer()
  const issuer = `http://127.0.0.1:${String(await listen(server, { port: 0, advice: 'try again' }))}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })

  const provider: Provider = new OpenIdProvider(issuer, {
    adapter: createForgetfulAdapter(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'demo-1', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [crypto.randomUUID()] },
    acrValues: [STRONG],
    scopes: ['openid', ...SCOPES.split(' ')],
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_ctx, indicator) {
          if (indicator !== resource) throw new errors.InvalidTarget()
          return { audience: resource, scope: SCOPES, accessTokenFormat: 'jwt' }
        },
      },
    },
    // How the user signed in: for the resource server to judge (RFC 9068 section 2.2.1).
    extraTokenClaims: (ctx) => ({ acr: ctx.oidc.entities.AuthorizationCode?.acr }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AccessToken: 300, Grant: 3600, IdToken: 300, Interaction: 300, Session: 3600 },
    // Whatever the client asks for is consented to, and no more.
    async loadExistingGrant(ctx): Promise<InstanceType<Provider['Grant']> | undefined> {
      const { client, session, params } = ctx.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      const scope = textOf(params?.['scope'])
      grant.addOIDCScope(scope)
      grant.addResourceScope(resource, scope)
      await grant.save()
      return grant
    },
  })

  const answer = provider.callback()
  const signIn: typeof answer = async (req, res) => {
    const { params } = await provider.interactionDetails(req, res)
    const acr = textOf(params['acr_values']).includes(STRONG) ? { acr: STRONG } : {}
    await provider.interactionFinished(req, res, { login: { accountId: 'ada', ...acr }, consent: {} })
  }
  server.on('request', (req, res) => {
    const answered = req.url?.startsWith('/interaction/') === true ? signIn(req, res) : answer(req, res)
    answered.catch(() => {
      res.writeHead(400).end()
    })
  })
  return { issuer, server }
}

/**
 * Forgets which scopes a client registered with: the client of the SDK registers with those of the first challenge, and this
 * provider would hold it to them for good.
 */
function createForgetfulAdapter(): AdapterFactory {
  const create = createMemoryAdapter()
  return (model) => {
    const adapter = create(model)
    const upsert = adapter.upsert.bind(adapter)
    if (model === 'Client') {
      adapter.upsert = (id, payload, expiresIn) => upsert(id, { ...payload, scope: undefined }, expiresIn)
    }
    return adapter
  }
}

const textOf = (parameter: unknown): string => (typeof parameter === 'string' ? parameter : '')
