// A person at a client: signs in where the SDK says, as often as it asks, and does again what was refused.
import type { OAuthDiscoveryState, OAuthTokens } from '@modelcontextprotocol/client'

const REDIRECT_URL = 'http://127.0.0.1/callback'

/** How a client gets in: with a token that it was given, or by signing in. */
export interface SignIn {
  readonly token: string | undefined
  readonly provider: ReturnType<typeof createProvider>
  /** Does something, and does it again after each sign-in that the SDK asks for. */
  patiently<Result>(finish: (code: string) => Promise<unknown>, action: () => Promise<Result>): Promise<Result>
}

/**
 * @param token - Without it, the client knows a URL and nothing else.
 * @param kept - But perhaps a token of an earlier session.
 */
export function createSignIn(token?: string, kept?: string): SignIn {
  const pending: URL[] = []
  return {
    token,
    provider: createProvider(pending, kept),
    async patiently(finish, action) {
      for (;;) {
        try {
          return await action()
        } catch (error) {
          const url = pending.pop()
          if (url === undefined) throw error
          const answer = await fetch(url, { redirect: 'manual' })
          const callback = new URL(answer.headers.get('location') ?? '')
          await finish(callback.searchParams.get('code') ?? '')
        }
      }
    },
  }
}

/** The options of a transport, of either version. */
export function optionsOf({ token, provider }: SignIn): {
  readonly authProvider?: SignIn['provider']
  readonly requestInit?: RequestInit
} {
  return token === undefined
    ? { authProvider: provider }
    : { requestInit: { headers: { Authorization: `Bearer ${token}` } } }
}

function createProvider(pending: URL[], kept: string | undefined) {
  let saved: OAuthTokens | undefined = kept === undefined ? undefined : { access_token: kept, token_type: 'Bearer' }
  let verifier = ''
  let discovered: OAuthDiscoveryState | undefined
  return {
    redirectUrl: REDIRECT_URL,
    clientMetadata: { redirect_uris: [REDIRECT_URL], token_endpoint_auth_method: 'none' },
    clientInformation: () => ({ client_id: 'client-1' }),
    tokens: () => saved,
    saveTokens: (tokens: OAuthTokens) => {
      saved = tokens
    },
    redirectToAuthorization: (url: URL) => {
      pending.push(url)
    },
    saveCodeVerifier: (value: string) => {
      verifier = value
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: (state: OAuthDiscoveryState) => {
      discovered = state
    },
    discoveryState: () => discovered,
  }
}
