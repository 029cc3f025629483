import {
  Client,
  StreamableHTTPClientTransport,
  type OAuthClientInformationMixed,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type OAuthTokens,
} from '@modelcontextprotocol/client'

const REDIRECT_URL = 'http://127.0.0.1/signed-in'

/** What an application around an MCP client does: it knows a URL, and takes its user to where the server sends it. */
export interface Host {
  /** Calls a tool, signing in as often as the server asks for that, and answers its text. */
  call(tool: string): Promise<string>
  /** What the user was asked to consent to, sign-in by sign-in. */
  readonly consents: readonly string[]
  close(): Promise<void>
}

export function createHost(server: URL): Host {
  const consents: string[] = []
  /** How the user has to sign in, as the last challenge says: the SDK knows scopes, and nothing of this (RFC 9470). */
  let acrValues: string | undefined
  let pending: URL | undefined
  const provider = createProvider((url) => {
    const scope = url.searchParams.get('scope') ?? ''
    consents.push(acrValues === undefined ? scope : `${scope}, signed in by ${acrValues}`)
    if (acrValues !== undefined) {
      url.searchParams.set('acr_values', acrValues)
      // To this provider, how somebody signs in is a matter of OpenID Connect.
      url.searchParams.set('scope', `openid ${scope}`)
    }
    pending = url
  })
  const transport = (): StreamableHTTPClientTransport =>
    new StreamableHTTPClientTransport(server, {
      authProvider: provider,
      fetch: async (...request) => {
        const response = await fetch(...request)
        acrValues = /acr_values="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? acrValues
        return response
      },
    })
  const client = new Client({ name: 'demo', version: '1.0.0' })
  let connection: StreamableHTTPClientTransport | undefined

  const attempt = async (tool: string): Promise<string> => {
    if (connection === undefined) {
      const opened = transport()
      await client.connect(opened)
      connection = opened
    }
    const { content } = await client.callTool({ name: tool })
    const [first] = content
    return first?.type === 'text' ? first.text : ''
  }

  return {
    consents,
    async call(tool) {
      for (let signIns = 0; signIns < 4; signIns++) {
        try {
          return await attempt(tool)
        } catch (error) {
          if (pending === undefined) throw error
          const url = pending
          pending = undefined
          await (connection ?? transport()).finishAuth(await followToCallback(url))
        }
      }
      throw new Error('The server asks for one sign-in after the other.')
    },
    close: () => client.close(),
  }
}

/** Keeps what the SDK wants kept. */
function createProvider(redirectToAuthorization: (url: URL) => void): OAuthClientProvider {
  let information: OAuthClientInformationMixed | undefined
  let saved: OAuthTokens | undefined
  let discovered: OAuthDiscoveryState | undefined
  let verifier = ''
  return {
    redirectUrl: REDIRECT_URL,
    clientMetadata: {
      client_name: 'A demonstration',
      redirect_uris: [REDIRECT_URL],
      application_type: 'native',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    redirectToAuthorization,
    clientInformation: () => information,
    saveClientInformation: (registered) => {
      information = registered
    },
    tokens: () => saved,
    saveTokens: (tokens) => {
      saved = tokens
    },
    codeVerifier: () => verifier,
    saveCodeVerifier: (value) => {
      verifier = value
    },
    discoveryState: () => discovered,
    saveDiscoveryState: (state) => {
      discovered = state
    },
  }
}

/** Follows redirects with cookies, as a browser does, until the provider sends the code to the host. */
async function followToCallback(start: URL): Promise<URLSearchParams> {
  const cookies = new Map<string, string>()
  let url = start
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    url = new URL(response.headers.get('location') ?? '', url)
    if (url.href.startsWith(REDIRECT_URL)) return url.searchParams
  }
  throw new Error('The provider did not finish the sign-in.')
}
