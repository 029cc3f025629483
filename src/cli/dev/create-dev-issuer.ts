import { systemClock, secondsOf, type Clock } from '../../lib/clock.js'
import { appendWellKnown, insertWellKnown, readUrl, withoutTrailingSlash } from '../../lib/urls.js'
import { createTestIssuer } from '../../testing/create-test-issuer.js'
import { providers } from '../../testing/providers/index.js'
import { json, oauthError, plain, readForm, type Answer, type Asked } from './answer.js'
import { createAuthorization } from './authorization.js'
import { createGrants, type Grants } from './grants.js'
import type { LookAlike } from './look-alikes.js'
import { codeOf, createMint } from './mint.js'
import type { People } from './people.js'
import { readOrder } from './read-order.js'
import { createTokenEndpoint } from './token-endpoint.js'

interface Setup {
  /** Where it listens: `http://127.0.0.1:9400`. */
  readonly origin: string
  readonly like: LookAlike
  /** Undefined for one that suits the provider. */
  readonly audience: string | undefined
  readonly people: People
  readonly seconds: number | undefined
  readonly clock?: Clock | undefined
}

/** An issuer to develop against: what comes over HTTP goes in, and what it answers comes out. */
export interface DevIssuer {
  readonly issuer: string
  readonly audience: string
  readonly answer: (asked: Asked) => Promise<Answer>
  /** Signs with a new key from now on; the old one stays published. */
  readonly rotateKeys: () => Promise<void>
  /** Makes metadata and keys fail, or come back; answers whether they are there now. */
  readonly toggleOutage: () => boolean
}

/** What a resource server knows such an issuer by. */
const MARK = 'express_resource_server_dev'

/**
 * Creates an issuer for development, with the tokens of the test kit's look-alikes.
 *
 * It is NOT safe: whoever reaches it is whoever they want to be. It keeps everything in memory.
 */
export async function createDevIssuer({ origin, like, people, seconds, ...setup }: Setup): Promise<DevIssuer> {
  const issuer = issuerAt(origin, like)
  const audience = setup.audience ?? providers[like].audience
  const kit = await createTestIssuer({ provider: like, issuer, audience })
  const { clock = systemClock } = setup
  const now = (): number => Math.floor(secondsOf(clock))
  const mint = createMint(kit, like, now)
  const grants = createGrants()
  const authorize = createAuthorization({ issuer, audience, people, grants, now })
  const token = createTokenEndpoint({ audience, grants, mint, seconds })
  let isDown = false

  const unlessDown = (make: () => Answer | Promise<Answer>) => (): Answer | Promise<Answer> =>
    isDown ? plain(503, 'Metadata and keys are switched off.') : make()
  const metadata = unlessDown(() => json(describe(issuer, origin)))
  const keys = unlessDown(async () => json(await (await kit.options.fetch(kitKeysOf(issuer))).json()))
  /** What `dev token` asks for. A web page cannot: it would have to ask whether it may first, and nobody says yes. */
  const order = async ({ headers, body }: Asked): Promise<Answer> => {
    if (headers['origin'] !== undefined || headers['content-type'] !== 'application/json') {
      return plain(403, 'This is for the command "dev token".')
    }
    const ordered = readOrder(body, { people, audience, seconds })
    if (typeof ordered === 'string') return json({ error: ordered }, 400)
    const { wrong, grant } = ordered
    if (wrong !== undefined) return json({ token: (await mint.wrong(wrong, grant)).token, code: codeOf(wrong, like) })
    const made = await mint.access(grant)
    grants.noteAccess(made.token, made.claims)
    return json({ token: made.token })
  }

  const base = new URL(issuer)
  const bare = withoutTrailingSlash(base)
  const routes: Readonly<Record<string, (asked: Asked) => Answer | Promise<Answer>>> = {
    [`GET ${appendWellKnown(bare, 'openid-configuration').pathname}`]: metadata,
    [`GET ${insertWellKnown(bare, 'oauth-authorization-server').pathname}`]: metadata,
    'GET /jwks': keys,
    'GET /authorize': authorize,
    'POST /authorize': authorize,
    'POST /token': token,
    'GET /userinfo': (asked) => describePerson(asked, grants, people),
    'POST /introspect': (asked) => introspect(asked, grants, now()),
    'POST /revoke': (asked) => revoke(asked, grants),
    'POST /dev/token': order,
    'GET /': () => plain(200, `An issuer for development, ${issuer}\nIts metadata: ${metadataOf(issuer)}`),
  }
  return {
    issuer,
    audience,
    answer: async (asked) =>
      (await routes[`${asked.method} ${asked.url.pathname}`]?.(asked)) ?? plain(404, 'There is nothing here.'),
    rotateKeys: () => kit.rotateKeys(),
    toggleOutage() {
      isDown = !isDown
      return !isDown
    },
  }
}

/** Under the path that issuers of the provider have, which says what they are. */
function issuerAt(origin: string, like: LookAlike): string {
  const { issuer } = providers[like]
  const url = readUrl(issuer)
  if (url === undefined) return origin
  return url.pathname === '/' && !issuer.endsWith('/') ? origin : origin + url.pathname
}

function metadataOf(issuer: string): string {
  return appendWellKnown(withoutTrailingSlash(new URL(issuer)), 'openid-configuration').href
}

/** Where the issuer of the kit has its keys. */
function kitKeysOf(issuer: string): string {
  return new URL('/test-issuer/jwks', issuer).href
}

/** OpenID Connect Discovery 1.0 §3, RFC 8414 §2. */
function describe(issuer: string, origin: string): object {
  return {
    issuer,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/jwks`,
    userinfo_endpoint: `${origin}/userinfo`,
    introspection_endpoint: `${origin}/introspect`,
    revocation_endpoint: `${origin}/revoke`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    authorization_response_iss_parameter_supported: true,
    [MARK]: true,
  }
}

/** OpenID Connect Core 1.0 §5.3 */
function describePerson({ headers }: Asked, grants: Grants, people: People): Answer {
  const token = /^(?:Bearer|DPoP) +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1]
  const { sub } = (token === undefined ? undefined : grants.findAccess(token)) ?? {}
  const person = typeof sub === 'string' ? people.find(sub) : undefined
  if (person === undefined) {
    return json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' })
  }
  const { name, email } = person
  return json({ sub, name, ...(email !== undefined && { email }) })
}

/** RFC 7662 §2.2 */
function introspect({ body }: Asked, grants: Grants, now: number): Answer {
  const token = readForm(new URLSearchParams(body))?.('token')
  if (token === undefined) return oauthError('invalid_request', 'There is no "token".')
  const claims = grants.findAccess(token)
  const isActive = claims !== undefined && typeof claims['exp'] === 'number' && now < claims['exp']
  return json(
    isActive ? { ...claims, active: true, token_type: 'cnf' in claims ? 'DPoP' : 'Bearer' } : { active: false },
  )
}

/** RFC 7009 §2.2: a token that is unknown is as good as taken back. */
function revoke({ body }: Asked, grants: Grants): Answer {
  const token = readForm(new URLSearchParams(body))?.('token')
  if (token === undefined) return oauthError('invalid_request', 'There is no "token".')
  grants.revoke(token)
  return json({})
}
