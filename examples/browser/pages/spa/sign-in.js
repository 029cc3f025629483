// @ts-check
import * as oauth from '/vendor/oauth4webapi.js'
import { origins } from '/board/origins.js'

/**
 * @typedef {object} Client
 * @property {string} clientId
 * @property {string} redirectUri
 * @property {string} [tokenEndpoint] Another one than the provider's: the token handler's.
 *
 * @typedef {{ state: string; nonce: string; codeVerifier: string }} Pending What checks the provider's answer.
 *
 * @typedef {object} Tokens
 * @property {string} accessToken
 * @property {number} expiresAt In milliseconds since the epoch.
 * @property {string} idToken
 * @property {string} name
 * @property {string} [refreshToken] Only where the provider gives it to the page, which it should not.
 */

// The provider is on this machine. A provider elsewhere speaks https, and this line does not exist.
const insecure = { [oauth.allowInsecureRequests]: true } // eslint-disable-line @typescript-eslint/no-deprecated

/** How long the provider, or the token handler in its place, may take for one answer. */
const PATIENCE_MILLISECONDS = 15_000
const http = { ...insecure, signal: () => AbortSignal.timeout(PATIENCE_MILLISECONDS) }

const scope = 'openid orders:read orders:write reports:read demo:an-hour-ago'
const ordersApi = 'https://orders.example.com'
export const reportsApi = 'https://reports.example.com'

/** @type {oauth.AuthorizationServer | undefined} */
let known

async function provider() {
  const issuer = new URL(origins.idp)
  known ??= await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http))
  return known
}

/**
 * The question to the provider, and what must be remembered to check the answer: authorization code flow with PKCE
 * (RFC 6749 §4.1, RFC 7636).
 *
 * @param {Client} client
 * @param {{ silently?: boolean }} [how] Silently: the provider answers at once, with a code or with `login_required`.
 */
export async function prepareSignIn({ clientId, redirectUri }, { silently = false } = {}) {
  const pending = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    codeVerifier: oauth.generateRandomCodeVerifier(),
  }
  const question = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.codeVerifier),
    code_challenge_method: 'S256',
    state: pending.state,
    nonce: pending.nonce,
    ...(silently ? { prompt: 'none' } : {}),
  })
  question.append('resource', ordersApi)
  question.append('resource', reportsApi)
  const { authorization_endpoint: endpoint = '' } = await provider()
  return { url: `${endpoint}?${question.toString()}`, pending }
}

const PENDING = 'sign-in'

/** What a provider answers that the pages have words for; it is a text from the URL otherwise. */
const spoken = new Set(['login_required', 'access_denied'])

/**
 * Leaves for the provider. State, nonce and verifier wait in `sessionStorage`: they must survive the way there and back,
 * are good for one sign-in of this tab, and are no tokens.
 *
 * @param {Client} client
 * @param {{ silently?: boolean }} [how]
 * @returns {Promise<never>}
 */
export async function leaveToSignIn(client, how) {
  const { url, pending } = await prepareSignIn(client, how)
  sessionStorage.setItem(PENDING, JSON.stringify(pending))
  // Nobody asked to go: the button "Back" leads to where the user was, and not there and here again.
  if (how?.silently === true) location.replace(url)
  else location.assign(url)
  return new Promise(() => undefined)
}

/**
 * Comes back from the provider: tokens, or why there are none, or undefined where nobody comes back. A link with a `state`
 * in it that this tab did not make is nobody, and a sign-in under way goes on.
 *
 * @param {Client} client
 * @returns {Promise<{ tokens: Tokens } | { error: string } | undefined>}
 */
export async function returnFromSignIn(client) {
  const url = new URL(location.href)
  if (!url.searchParams.has('state')) return undefined
  // The code is good for one use, and has no business in the history.
  history.replaceState(null, '', url.pathname)
  const stored = sessionStorage.getItem(PENDING)
  const pending = /** @type {Pending | null} */ (JSON.parse(stored ?? 'null'))
  if (pending?.state !== url.searchParams.get('state')) return undefined
  sessionStorage.removeItem(PENDING)
  try {
    return { tokens: await redeem(client, url, pending) }
  } catch (error) {
    const isKnown = error instanceof oauth.AuthorizationResponseError && spoken.has(error.error)
    return { error: isKnown ? error.error : 'sign_in_failed' }
  }
}

/**
 * @param {Client} client
 * @param {URL} url
 * @param {Pending} pending
 * @returns {Promise<Tokens>}
 */
async function redeem({ clientId, redirectUri, tokenEndpoint }, url, { state, nonce, codeVerifier }) {
  const known = await provider()
  const as = tokenEndpoint === undefined ? known : { ...known, token_endpoint: tokenEndpoint }
  const client = { client_id: clientId }
  const parameters = oauth.validateAuthResponse(as, client, url, state)
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    codeVerifier,
    {
      ...http,
      additionalParameters: { resource: ordersApi },
      // The token handler sets a cookie, and answers to this header only.
      [oauth.customFetch]: (address, { method, headers, body, signal = null }) =>
        tokenEndpoint === undefined
          ? fetch(address, { method, headers, body, signal })
          : fetch(address, { method, headers: { ...headers, 'x-csrf': '1' }, body, signal, credentials: 'include' }),
    },
  )
  const answer = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  const { access_token: accessToken, expires_in: seconds = 0, id_token: idToken = '', refresh_token } = answer
  const name = oauth.getValidatedIdTokenClaims(answer)?.sub ?? ''
  const expiresAt = Date.now() + seconds * 1000
  return {
    accessToken,
    expiresAt,
    idToken,
    name,
    ...(refresh_token === undefined ? {} : { refreshToken: refresh_token }),
  }
}

/**
 * Leaves for the provider's own sign-out, which asks the user. The client is named by its id and not by
 * `id_token_hint`: an ID token has no business in a URL.
 *
 * @param {Client} client
 */
export async function leaveToSignOut({ clientId, redirectUri }) {
  const { end_session_endpoint: endpoint = '' } = await provider()
  const question = new URLSearchParams({ client_id: clientId, post_logout_redirect_uri: redirectUri })
  location.assign(`${endpoint}?${question.toString()}`)
}
