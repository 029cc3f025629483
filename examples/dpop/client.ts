import * as oauth from 'oauth4webapi'
import { client } from '../processes/issuer.js'

/** A request as it was sent, which whoever reads it can send again. */
export interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** What an API said: its status, and the code of a refusal. */
export interface Answer {
  readonly status: number
  readonly code: string
}

/** A client with a key. */
export interface DpopClient {
  /** Asks for an access token, which the provider binds to the key since a proof comes with it. */
  getToken(): Promise<string>
  /** Makes a proof and sends a request by way of a process. The nonce that an answer carries is in the next proof. */
  send(token: string, port: number): Promise<Answer>
  /** What was sent last. */
  sent(): Sent
}

/**
 * Creates a client (oauth4webapi) of an API. Its load balancer is in it: what it asks of the origin, it asks of the process
 * that it is told.
 */
export async function createClient(issuer: string, origin: string): Promise<DpopClient> {
  const server = { issuer, token_endpoint: `${issuer}/token` }
  const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
  let last: Sent | undefined
  return {
    async getToken() {
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.ClientSecretBasic(client.client_secret),
        { scope: 'orders:read', resource: origin },
        {
          DPoP,
          // The provider is on this machine. A provider elsewhere speaks https, and this line does not exist.
          [oauth.allowInsecureRequests]: true, // eslint-disable-line @typescript-eslint/no-deprecated
        },
      )
      const { access_token } = await oauth.processClientCredentialsResponse(server, client, response)
      return access_token
    },
    async send(token, port) {
      const fetch = (_url: string, { headers }: { headers: Record<string, string> }): Promise<Response> => {
        last = { url: `http://127.0.0.1:${String(port)}/orders`, headers }
        return globalThis.fetch(last.url, { headers })
      }
      const request = oauth.protectedResourceRequest(token, 'GET', new URL('/orders', origin), undefined, undefined, {
        DPoP,
        [oauth.customFetch]: fetch,
      })
      return readAnswer(await request.catch(challengeOf))
    },
    sent() {
      if (last === undefined) throw new Error('Nothing was sent yet.')
      return last
    },
  }
}

/** A 401 is an error to this client. */
function challengeOf(error: unknown): Response {
  if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response
  throw error
}

/** Reads an answer of the API. */
export async function readAnswer(response: Response): Promise<Answer> {
  const { code = '' } = (await response.json()) as { code?: string } // either the orders or a problem
  return { status: response.status, code }
}
