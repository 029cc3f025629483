import express, { type ErrorRequestHandler, type Express } from 'express'
import { exportJWK, generateKeyPair } from 'jose'
import type { ClientMetadata, KoaContextWithOIDC, Provider } from 'oidc-provider'
import { importQuietly } from '../embedded-provider/import-quietly.js'
import { createMemoryAdapter } from '../embedded-provider/memory-adapter.js'
import { errorPage, farewellPage, lostPage, signInPage, signOutPage } from './identity-provider-pages.js'
import { securityHeaders } from './security-headers.js'
import {
  audiences,
  clientIds,
  hourAgoScope,
  pageOfClient,
  reportsScope,
  scopes,
  type Origins,
} from './stage/addresses.js'
import type { Journal } from './stage/journal.js'
import { loopbackFetch } from './stage/loopback-fetch.js'
import { pages } from './stage/pages.js'
import { secureProviderOnLocalhost } from './stage/secure-on-localhost.js'

export interface IdentityProviderOptions {
  readonly origins: Origins
  /** Of the confidential clients. */
  readonly secrets: Readonly<Record<'app' | 'bff', string>>
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  readonly journal: Journal
}

/**
 * The passport office: a real OpenID provider (oidc-provider). It signs everybody in who presses the button, without a
 * password, and forgets everything when it ends: for demonstrations, and for nothing else.
 */
export async function createIdentityProvider(options: IdentityProviderOptions): Promise<Express> {
  const { origins, accessTokenSeconds, refreshTokenSeconds, journal } = options
  const { Provider: OpenIdProvider } = await importQuietly()
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })

  const provider: Provider = new OpenIdProvider(origins.idp, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'demo-1', alg: 'RS256', use: 'sig' }] },
    clients: clientsOf(options),
    cookies: {
      keys: [crypto.randomUUID()],
      names: { session: 'idp_session', interaction: 'idp_interaction', resume: 'idp_resume' },
      // As lenient as providers must be that want to be asked from a hidden frame on another site. The frame fails all
      // the same, since browsers block third-party cookies: see the page "Different domains".
      long: { httpOnly: true, secure: true, sameSite: 'none' },
      short: { httpOnly: true, secure: true, sameSite: 'lax' },
    },
    ttl: {
      AccessToken: accessTokenSeconds,
      RefreshToken: refreshTokenSeconds,
      AuthorizationCode: 60,
      IdToken: 300,
      Interaction: 600,
      Session: refreshTokenSeconds,
      Grant: refreshTokenSeconds,
    },
    pkce: { required: () => true },
    // Every refresh token is good for one use. One that comes a second time ends its whole family (RFC 9700 §4.14.2).
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // Browsers may call the token endpoint from where a public client is registered to live.
    clientBasedCORS: (_ctx, origin, client) =>
      client.tokenEndpointAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: true, logoutSource: signOutPage, postLogoutSuccessSource: farewellPage },
      // RFC 8707: the client names the API, and gets a JWT access token for it alone (RFC 9068).
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          audience: resource,
          scope: resource === audiences.reports ? reportsScope : `${scopes} ${hourAgoScope}`,
          accessTokenFormat: 'jwt',
        }),
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    renderError: errorPage,
    formats: {
      customizers: {
        // Only if a refresh asks for that scope by name.
        jwt: (ctx, _token, { payload }) => {
          const { scope } = ctx.oidc.params ?? {}
          if (typeof scope === 'string' && scope.split(' ').includes(hourAgoScope)) backdate(payload, 3600)
        },
      },
    },
    // The back channel leads to this machine. The dispatcher that oidc-provider hands over would refuse that, rightly.
    fetch: loopbackFetch,
    // Whatever the client asks for is consented to. One grant for each sign-in: the family of its refresh tokens.
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid')
      grant.addResourceScope(audiences.orders, `${scopes} ${hourAgoScope}`)
      grant.addResourceScope(audiences.reports, reportsScope)
      await grant.save()
      return grant
    },
  })
  provider.use(secureProviderOnLocalhost)
  writeDown(provider, journal)

  const app = express()
  app.use(securityHeaders({ form: [origins.app, origins.bff, origins.careless] }))
  app.use(pages('idp'))
  app.get('/interaction/:uid', async (req, res) => {
    await provider.interactionDetails(req, res)
    res.send(signInPage(req.path))
  })
  app.post('/interaction/:uid', express.urlencoded({ extended: false, limit: '1kb' }), async (req, res) => {
    const { account } = req.body as Record<string, unknown> // express.urlencoded makes it
    const accountId = accounts.find((one) => one === account) ?? accounts[0]
    await provider.interactionFinished(req, res, { login: { accountId }, consent: {} })
  })
  app.use(provider.callback())
  app.use(answerError)
  return app
}

/** Two, so that one can be taken for the other. */
const accounts = ['ada', 'bea'] as const

/** Whoever comes to the counter without an appointment. */
const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) next(error)
  else res.status(400).send(lostPage())
}

function clientsOf({ origins, secrets }: IdentityProviderOptions): ClientMetadata[] {
  const confidential = { token_endpoint_auth_method: 'client_secret_basic' as const }
  const publicClient = { token_endpoint_auth_method: 'none' as const }
  return [
    {
      ...confidential,
      client_id: clientIds.app,
      client_secret: secrets.app,
      redirect_uris: [`${origins.app}/`],
      post_logout_redirect_uris: [`${origins.app}/`],
      grant_types: ['authorization_code', 'refresh_token'],
    },
    {
      ...publicClient,
      client_id: clientIds.redirect,
      redirect_uris: [`${origins.app}/redirect/`, `${origins.app}/redirect/frame.html`],
      post_logout_redirect_uris: [`${origins.app}/redirect/`],
      grant_types: ['authorization_code'],
    },
    {
      ...confidential,
      client_id: clientIds.bff,
      client_secret: secrets.bff,
      redirect_uris: [`${origins.bff}/signed-in`],
      post_logout_redirect_uris: [`${origins.bff}/`],
      grant_types: ['authorization_code', 'refresh_token'],
      backchannel_logout_uri: `${origins.bff}/back-channel-logout`,
      backchannel_logout_session_required: true,
    },
    {
      ...publicClient,
      client_id: clientIds.careless,
      redirect_uris: [`${origins.careless}/`],
      post_logout_redirect_uris: [`${origins.careless}/`],
      grant_types: ['authorization_code', 'refresh_token'],
    },
  ]
}

function backdate(claims: Record<string, unknown>, seconds: number): void {
  claims['iat'] = Number(claims['iat']) - seconds
  claims['exp'] = Number(claims['exp']) - seconds
}

/** For the board. */
function writeDown(provider: Provider, { note }: Journal): void {
  const tell = (ctx: KoaContextWithOIDC, text: string, outcome: 'done' | 'refused' = 'done'): void => {
    // Not every request gets as far as being understood.
    const { client, account } = (ctx as Partial<KoaContextWithOIDC>).oidc ?? {}
    note({ from: 'idp', to: 'app', text, outcome, page: pageOfClient(client?.clientId), user: account?.accountId })
  }
  provider.on('authorization.success', (ctx) => {
    tell(ctx, 'You are known here. Take this code to your counter.')
  })
  provider.on('authorization.error', (ctx, error) => {
    tell(ctx, `No code: ${error.message}.`, 'refused')
  })
  provider.on('grant.success', (ctx) => {
    tell(ctx, 'Tokens issued.')
  })
  provider.on('grant.error', (ctx, error) => {
    tell(ctx, `No tokens: ${error.error_description ?? error.message}.`, 'refused')
  })
  provider.on('grant.revoked', (ctx) => {
    tell(ctx, 'All refresh tokens of that sign-in are void.', 'refused')
  })
  provider.on('end_session.success', (ctx) => {
    tell(ctx, 'Signed out at the provider.')
  })
}
