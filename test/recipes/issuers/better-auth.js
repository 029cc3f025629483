import { createHash, randomBytes } from 'node:crypto'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { jwt } from 'better-auth/plugins'

const BASE = 'https://app.example.com'
const API = 'https://api.example.com'
const CALLBACK = 'https://client.example.com/callback'
const TABLES = [
  ...['user', 'session', 'account', 'verification', 'jwks', 'oauthClient', 'oauthAccessToken', 'oauthRefreshToken'],
  ...['oauthConsent', 'oauthResource', 'oauthClientResource', 'oauthClientAssertion'],
]

/** better-auth: a token of the JWT plugin, and what its OAuth provider issues after a sign-in. */
export async function start() {
  const auth = betterAuth({
    baseURL: BASE,
    secret: randomBytes(32).toString('base64url'),
    database: memoryAdapter(Object.fromEntries(TABLES.map((name) => [name, []]))),
    emailAndPassword: { enabled: true },
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [
      jwt(),
      oauthProvider({
        loginPage: '/login',
        consentPage: '/consent',
        scopes: ['openid', 'profile', 'email', 'orders:read'],
        resources: [API],
        enforcePerClientResources: false,
      }),
    ],
  })
  const call = (path, init) => auth.handler(new Request(`${BASE}/api/auth${path}`, init))
  const post = (path, body, headers = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: BASE, ...headers },
      body: JSON.stringify(body),
    })

  const user = { email: 'ada@example.com', password: randomBytes(16).toString('hex'), name: 'Ada' }
  const signedUp = await post('/sign-up/email', user)
  const cookie = signedUp.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ')
  const { token } = await (await call('/token', { headers: { cookie } })).json()
  const tokens = await signIn(call, post, cookie)
  const fetch = (url) => auth.handler(new Request(url))
  return [
    {
      name: 'better-auth, JWT plugin',
      recipe: ['better-auth', 0],
      fetch,
      access: token,
      others: { 'an ID token of its OAuth provider': tokens.id_token },
    },
    {
      name: 'better-auth, OAuth provider plugin',
      recipe: ['better-auth', 1],
      fetch,
      access: tokens.access_token,
      others: { 'its ID token': tokens.id_token, 'a token of the JWT plugin': token },
    },
  ]
}

/** The authorization code flow with PKCE, for the API. */
async function signIn(call, post, cookie) {
  const registered = await post(
    '/oauth2/create-client',
    {
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      scope: 'openid orders:read',
    },
    { cookie },
  )
  const { client_id: clientId } = await registered.json()
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    scope: 'openid orders:read',
    state: 's',
    resource: API,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const asked = await call(`/oauth2/authorize?${query}`, { headers: { cookie } })
  const [, consent = ''] = (asked.headers.get('location') ?? '').split('?')
  const { url } = await (await post('/oauth2/consent', { accept: true, oauth_query: consent }, { cookie })).json()
  const response = await call('/oauth2/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: new URL(url).searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      client_id: clientId,
      code_verifier: verifier,
      resource: API,
    }),
  })
  return response.json()
}
