import { createHmac } from 'node:crypto'
import { encode, segmentsOf } from '../kit/forge.js'
import type { SoakIssuer } from './issuer.js'
import { scope } from './settings.js'
import type { Verdict } from './verdicts.js'

/** What a hostile request is made of. Without `kid`, its verdict does not depend on keys. */
export interface Hostile {
  readonly authorization: readonly string[]
  readonly verdict: Verdict
  readonly kid?: string | undefined
  readonly expiresAt?: number | undefined
}

interface World {
  /** Whom the request claims to come from. */
  readonly issuer: SoakIssuer
  /** A token of the issuer that has been granted before, if any. */
  readonly granted: { readonly token: string; readonly kid: string } | undefined
  /** Another issuer that is trusted too. */
  readonly stranger: SoakIssuer
  /** A place that nobody may ever ask for anything. */
  readonly trap: string
}

interface HostileKind {
  readonly kind: string
  /** Whether its signature fails under a key that is known. */
  readonly forges?: boolean
  readonly make: (world: World) => Promise<Hostile> | Hostile
}

type Segments = [header: string, payload: string, signature: string]

/** One row for each attack; the verdicts are those of the table of reasons. */
export const hostileKinds: readonly HostileKind[] = [
  // OpenID Connect Core section 2, with this API as the audience
  signed('ID token', 'id_token_presented', (issuer) => issuer.tokens().idToken({ aud: issuer.tokens().audience })),
  // RFC 6749 section 1.5
  unkeyed('refresh token', 'refresh_token_presented', async ({ issuer }) =>
    bearer(await issuer.tokens().refreshToken()),
  ),
  // OpenID Connect Back-Channel Logout 1.0 section 2.4
  unkeyed('logout token', 'logout_token_presented', async ({ issuer }) => bearer(await issuer.tokens().logoutToken())),
  // RFC 9068 section 4
  signed('wrong audience', 'wrong_audience', (issuer) =>
    issuer.tokens().accessToken({ aud: 'https://other.example.com' }),
  ),
  // RFC 7519 section 4.1.5
  signed('not yet valid', 'token_not_yet_valid', (issuer) =>
    issuer.tokens().accessToken({ nbf: issuer.tokens().now() + 120 }),
  ),
  // RFC 9449 section 7.2
  signed('bound to a key', 'key_bound_token', (issuer) =>
    issuer.tokens().accessToken({ cnf: { jkt: 'x'.repeat(43) } }),
  ),
  // RFC 6750 section 3.1
  signed('scope missing', 'insufficient_scope', (issuer) => issuer.tokens().accessToken({ scope: 'orders:write' })),
  // RFC 7515 section 5.2
  signed('bad signature', 'invalid_signature', async (issuer) =>
    edit(await issuer.tokens().accessToken({ scope }), ([header, payload, signature]) => [
      header,
      payload,
      flip(signature, 0),
    ]),
  ),
  {
    // Whatever is remembered of the token must not speak for another one.
    kind: 'granted token, altered',
    forges: true,
    make: async ({ issuer, granted }: World): Promise<Hostile> => {
      const kid = granted?.kid ?? issuer.kid()
      const token = granted?.token ?? (await issuer.tokens().accessToken({ scope }))
      return { ...bearer(flip(token, token.length - 8)), verdict: 'invalid_signature', kid }
    },
  },
  signed('edited payload', 'invalid_signature', async (issuer) =>
    edit(await issuer.tokens().accessToken({ scope: 'openid' }), ([header, payload, signature]) => [
      header,
      encode({ ...decode(payload), scope, sub: 'admin' }),
      signature,
    ]),
  ),
  {
    // RFC 7519 section 4.1.4
    kind: 'expired',
    make: async ({ issuer }: World): Promise<Hostile> => {
      const expiresAt = Date.now() - 90_000
      const kid = issuer.kid()
      const token = await issuer.tokens().accessToken({ scope, iat: expiresAt / 1000 - 60, exp: expiresAt / 1000 })
      return { ...bearer(token), verdict: 'token_expired', kid, expiresAt }
    },
  },
  {
    // RFC 8725 section 3.8: another trusted issuer signs for this one, under the name of this one's key
    kind: "another issuer's key",
    forges: true,
    make: async ({ issuer, stranger }: World): Promise<Hostile> => {
      const kid = issuer.kid()
      const token = await stranger.tokens().accessToken({ scope, iss: issuer.issuer }, { kid })
      return { ...bearer(token), verdict: 'invalid_signature', kid }
    },
  },
  // RFC 8725 section 3.1
  unkeyed('alg none', 'algorithm_not_allowed', async ({ issuer }) => bearer(await relabel(issuer, { alg: 'none' }))),
  unkeyed('alg none, unsigned', 'malformed_token', async ({ issuer }) =>
    bearer(edit(await relabel(issuer, { alg: 'none' }), ([header, payload]) => [header, payload, ''])),
  ),
  unkeyed('HS256 with public data', 'algorithm_not_allowed', async ({ issuer }) =>
    bearer(
      edit(await relabel(issuer, { alg: 'HS256' }), ([header, payload]) => [
        header,
        payload,
        createHmac('sha256', issuer.kid()).update(`${header}.${payload}`).digest('base64url'),
      ]),
    ),
  ),
  // RFC 8725 section 3.10
  unkeyed('jwk', 'unsupported_header', async ({ issuer, trap }) =>
    bearer(await issuer.tokens().accessToken({ scope }, { jwk: { kty: 'oct', k: 'AAAA' }, jku: trap })),
  ),
  // RFC 9068 section 4: and nobody goes to look there
  unkeyed('unknown issuer', 'unknown_issuer', async ({ issuer, trap }) =>
    bearer(await issuer.tokens().accessToken({ scope, iss: new URL(trap).origin })),
  ),
  // RFC 7515 section 7.1
  unkeyed('malformed', 'malformed_token', async ({ issuer }) =>
    bearer(
      edit(await issuer.tokens().accessToken({ scope }), ([header, payload, signature]) => [
        header,
        payload.slice(1),
        signature,
      ]),
    ),
  ),
  // RFC 8725 section 3.11
  unkeyed('16 KiB of garbage', 'token_too_large', () => bearer('A'.repeat(16 * 1024 + 1))),
  // RFC 9110 section 11.6.2
  unkeyed('Authorization twice', 'malformed_credentials', async ({ issuer }) => {
    const good = `Bearer ${await issuer.tokens().accessToken({ scope })}`
    return { authorization: [good, good] }
  }),
  // RFC 6750 section 3.1
  unkeyed('token in quotes', 'malformed_token', async ({ issuer }) =>
    bearer(`"${await issuer.tokens().accessToken({ scope })}"`),
  ),
  // RFC 6750 section 3.1
  unkeyed('no credentials', 'missing_token', () => ({ authorization: [] })),
  unkeyed('Basic', 'missing_token', () => ({ authorization: ['Basic dXNlcjpwYXNzd29yZA=='] })),
]

/** An attack with a current key: where the key is known, the verdict is this one. */
function signed(kind: string, verdict: Verdict, mint: (issuer: SoakIssuer) => Promise<string>): HostileKind {
  return {
    kind,
    forges: verdict === 'invalid_signature',
    make: async ({ issuer }: World): Promise<Hostile> => {
      const kid = issuer.kid()
      return { ...bearer(await mint(issuer)), verdict, kid }
    },
  }
}

/** An attack that is refused before any key is looked for. */
function unkeyed(
  kind: string,
  verdict: Verdict,
  make: (world: World) => Promise<Pick<Hostile, 'authorization'>> | Pick<Hostile, 'authorization'>,
): HostileKind {
  return { kind, make: async (world) => ({ ...(await make(world)), verdict }) }
}

function bearer(token: string): Pick<Hostile, 'authorization'> {
  return { authorization: [`Bearer ${token}`] }
}

async function relabel(issuer: SoakIssuer, header: Readonly<Record<string, unknown>>): Promise<string> {
  return edit(await issuer.tokens().accessToken({ scope }), ([old, payload, signature]) => [
    encode({ ...decode(old), ...header }),
    payload,
    signature,
  ])
}

function edit(token: string, change: (segments: Segments) => Segments): string {
  return change(segmentsOf(token)).join('.')
}

/** Changes one character; not the last one of a segment, which may hold bits that do not count. */
function flip(text: string, index: number): string {
  return `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`
}

function decode(segment: string): Record<string, unknown> {
  // Our own token: both segments are JSON objects.
  return JSON.parse(Buffer.from(segment, 'base64url').toString()) as Record<string, unknown>
}
