/** The endpoints of an issuer as one `fetch` function: metadata and keys, to be changed and to be broken at will. */
export interface KeyEndpoint {
  readonly issuer: string
  readonly jwksUri: string
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** The URLs asked for so far, whoever they belong to. */
  readonly requests: readonly string[]
  /** Publishes other keys from now on. */
  publish(keys: readonly unknown[]): void
  /** Answers requests for the keys in this way from now on; `undefined` goes back to the published ones. */
  answerWith(respond: ((init: RequestInit) => Response | Promise<Response>) | undefined): void
}

/** Creates the endpoints of an issuer. Every URL but its two is 404, and counted. */
export function createKeyEndpoint(issuer: string, keys: readonly unknown[]): KeyEndpoint {
  const jwksUri = new URL('/forge/jwks', issuer).href
  const metadataUri = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const requests: string[] = []
  let published = keys
  let respond: ((init: RequestInit) => Response | Promise<Response>) | undefined
  return {
    issuer,
    jwksUri,
    requests,
    async fetch(url, init) {
      requests.push(url)
      if (url === metadataUri) return Response.json({ issuer, jwks_uri: jwksUri })
      if (url !== jwksUri) return new Response(null, { status: 404 })
      return respond === undefined ? Response.json({ keys: published }) : await respond(init)
    },
    publish(next) {
      published = next
    },
    answerWith(next) {
      respond = next
    },
  }
}
