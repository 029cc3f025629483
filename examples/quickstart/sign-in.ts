import { createHash, randomBytes } from 'node:crypto'
import { redirectUri } from './issuer.js'

export interface SignIn {
  readonly issuer: string
  readonly clientId: string
  /** The API to get an access token for. */
  readonly audience: string
  readonly scope: string
}

export interface Tokens {
  /** The visa: for the API. */
  readonly access_token: string
  /** The passport: tells the client who signed in, and is for nobody else. */
  readonly id_token: string
}

/** Signs a user in as a browser and its app do: authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636). */
export async function signIn({ issuer, clientId, audience, scope }: SignIn): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url')
  const question = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: `openid ${scope}`,
    resource: audience,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    // Comes back in the ID token, and marks it as one.
    nonce: randomBytes(16).toString('base64url'),
  })
  const code = await followToCode(`${issuer}/auth?${question.toString()}`)
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
      resource: audience,
    }),
  })
  if (!response.ok) throw new Error(`The provider refused the code: ${await response.text()}`)
  return (await response.json()) as Tokens // the provider is ours
}

/** Follows redirects with cookies, as a browser does, until the provider sends the code to the app. */
async function followToCode(start: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = start
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    const next = new URL(response.headers.get('location') ?? '', url)
    if (next.href.startsWith(redirectUri)) {
      const code = next.searchParams.get('code')
      if (code === null) throw new Error(`The provider refused to sign in: ${next.search}`)
      return code
    }
    url = next.href
  }
  throw new Error('The provider did not finish the sign-in.')
}
