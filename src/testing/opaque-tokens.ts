import { randomBytes } from 'node:crypto'

/** Members of what is said of a token; `undefined` takes one out. */
type Members = Readonly<Record<string, unknown>>

/** What a test issuer can do with opaque tokens. */
export interface OpaqueTokenIssuer {
  /**
   * As which client to ask this issuer about opaque tokens.
   *
   * @example
   *   requireAuth({ ...issuer.options, issuer: { issuer: issuer.issuer, introspection: issuer.introspection } })
   */
  readonly introspection: typeof TEST_CLIENT
  /** Makes an opaque access token. It means the claims of `accessToken`, which the introspection endpoint tells who asks. */
  opaqueToken(claims?: Members): Promise<string>
  /** Takes a token back: the introspection endpoint says of it, opaque or a JWT, that it is not active. */
  revoke(token: string): void
}

/** Opaque tokens, and the endpoint that says of them what they are good for. */
interface OpaqueTokens {
  readonly members: OpaqueTokenIssuer
  readonly metadata: { readonly issuer: string; readonly introspection_endpoint: string }
  /**
   * Answers a request, if it is for this endpoint. Of a JWT it says that it is active, unless it was taken back: who asks about
   * one has judged the rest.
   */
  readonly answer: (url: string, init: RequestInit | undefined) => Response | undefined
}

interface Settings {
  readonly issuer: string
  /** In seconds since the epoch. */
  readonly now: () => number
  /** The claims of an access token. */
  readonly claims: () => Members
}

const TEST_CLIENT = {
  clientId: 'api-under-test',
  clientAuthentication: { method: 'client_secret_basic', clientSecret: 'secret-of-the-api-under-test' },
} as const

const CREDENTIALS = `${TEST_CLIENT.clientId}:${TEST_CLIENT.clientAuthentication.clientSecret}`
const AUTHORIZATION = `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`

/** Creates the opaque tokens of an issuer that lives in this process, and its introspection endpoint (RFC 7662). */
export function createOpaqueTokens({ issuer, now, claims }: Settings): OpaqueTokens {
  const endpoint = new URL('/test-issuer/introspect', issuer).href
  const minted = new Map<string, Members>()
  const revoked = new Set<string>()
  return {
    members: {
      introspection: TEST_CLIENT,
      opaqueToken(changes) {
        const token = randomBytes(24).toString('base64url')
        minted.set(token, { token_type: 'Bearer', ...claims(), ...changes })
        return Promise.resolve(token)
      },
      revoke(token) {
        revoked.add(token)
      },
    },
    metadata: { issuer, introspection_endpoint: endpoint },
    answer(url, init) {
      if (url !== endpoint) return undefined
      if (init?.method !== 'POST') return new Response(null, { status: 405 })
      if (new Headers(init.headers).get('authorization') !== AUTHORIZATION) {
        return Response.json({ error: 'invalid_client' }, { status: 401 })
      }
      const token = new URLSearchParams(typeof init.body === 'string' ? init.body : '').get('token') ?? ''
      return Response.json(revoked.has(token) ? { active: false } : describe(token, minted.get(token), now()))
    },
  }
}

function describe(token: string, claims: Members | undefined, now: number): Members {
  if (claims === undefined) return { active: token.split('.').length === 3 }
  const { exp } = claims
  return typeof exp === 'number' && exp <= now ? { active: false } : { active: true, ...claims }
}
