import * as oauth from 'oauth4webapi'
import { audiences } from './stage/addresses.js'
import { loopbackFetch } from './stage/loopback-fetch.js'

export interface OAuthClientOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** How long one exchange with the provider may take. */
  readonly patienceMilliseconds?: number | undefined
}

/** Below the time for which a session is locked, so that nobody else begins while this one is still waiting. */
export const PATIENCE_MILLISECONDS = 5000

/** What a refresh may ask for; without it, what was granted at sign-in, for the orders API. */
export interface Wish {
  readonly scope?: string | undefined
  readonly resource?: string | undefined
}

/** The provider says that this refresh token or code is worth nothing (any more). Everything else that goes wrong is not this. */
export class GrantEnded extends Error {
  override readonly name = 'GrantEnded'
}

/** What checks that the answer is the one to this browser's question. */
export interface Proof {
  readonly redirectUri: string
  readonly codeVerifier: string
  readonly nonce: string
}

/**
 * What the token handler and the BFF say to the provider: a confidential client (RFC 6749 §2.1) that authenticates with
 * its secret, so that a stolen code or refresh token is of no use without it. Each exchange has a deadline.
 */
export interface OAuthClient {
  readonly client: oauth.Client
  /** The provider's metadata; it is asked again only if it did not answer. */
  provider(): Promise<oauth.AuthorizationServer>
  /** Redeems a code that came with validated parameters: {@link oauth.validateAuthResponse}. */
  redeem(parameters: URLSearchParams, proof: Proof): Promise<oauth.TokenEndpointResponse>
  /** Redeems a code for a page that validated the response itself, and that will validate the ID token. */
  redeemFor(parameters: Readonly<Record<string, string>>): Promise<oauth.TokenEndpointResponse>
  refresh(refreshToken: string, wish?: Wish): Promise<oauth.TokenEndpointResponse>
  /** Ends the refresh token, and with it the whole grant (RFC 7009). */
  revoke(refreshToken: string): Promise<void>
}

export function createOAuthClient(options: OAuthClientOptions): OAuthClient {
  const { issuer, clientId, clientSecret, patienceMilliseconds = PATIENCE_MILLISECONDS } = options
  const client: oauth.Client = { client_id: clientId }
  const secret = oauth.ClientSecretBasic(clientSecret)
  const http = {
    // A body that is undefined is none.
    [oauth.customFetch]: (url: string, init: object) => loopbackFetch(url, init),
    // The provider is on this machine. A provider elsewhere speaks https, and this line does not exist.
    [oauth.allowInsecureRequests]: true, // eslint-disable-line @typescript-eslint/no-deprecated
  }
  let known: oauth.AuthorizationServer | undefined

  /** For one exchange: a provider that begins to answer and stops is given up, too. */
  const patiently = () => ({ ...http, signal: AbortSignal.timeout(patienceMilliseconds) })

  async function provider(within = patiently()): Promise<oauth.AuthorizationServer> {
    const url = new URL(issuer)
    known ??= await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, within))
    return known
  }

  return {
    client,
    provider: () => provider(),

    async redeem(parameters, { redirectUri, codeVerifier, nonce }) {
      const within = patiently()
      const as = await provider(within)
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        secret,
        parameters,
        redirectUri,
        codeVerifier,
        { ...within, additionalParameters: { resource: audiences.orders } },
      )
      return orGrantEnded(
        oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true }),
      )
    },

    async redeemFor(parameters) {
      const within = patiently()
      const as = await provider(within)
      const body = { ...parameters, resource: audiences.orders }
      const response = await oauth.genericTokenEndpointRequest(as, client, secret, 'authorization_code', body, within)
      return orGrantEnded(oauth.processGenericTokenEndpointResponse(as, client, response))
    },

    async refresh(refreshToken, { scope, resource = audiences.orders } = {}) {
      const within = patiently()
      const as = await provider(within)
      const additionalParameters = { resource, ...(scope === undefined ? {} : { scope }) }
      const response = await oauth.refreshTokenGrantRequest(as, client, secret, refreshToken, {
        ...within,
        additionalParameters,
      })
      return orGrantEnded(oauth.processRefreshTokenResponse(as, client, response))
    },

    async revoke(refreshToken) {
      const within = patiently()
      const response = await oauth.revocationRequest(await provider(within), client, secret, refreshToken, within)
      await oauth.processRevocationResponse(response)
    },
  }
}

async function orGrantEnded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant') {
      throw new GrantEnded('The provider answered invalid_grant.', { cause: error })
    }
    throw error
  }
}
