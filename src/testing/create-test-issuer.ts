import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import type { Algorithm } from '../issuers/algorithms.js'
import { systemClock, type Clock } from '../lib/clock.js'
import { createDpopClient, type TestDpopClient } from './dpop-client.js'
import { createOpaqueTokens, type OpaqueTokenIssuer } from './opaque-tokens.js'
import { providers, type ProviderName } from './providers/index.js'
import { CLIENT, idClaims, type Provider, type TemplateContext, type TokenTemplate } from './providers/provider.js'

/** Members to change in a token; `undefined` takes one out. */
export type Changes = Readonly<Record<string, unknown>>

export interface TestIssuerOptions {
  /** Whose tokens to mint look-alikes of. Default: `'generic'`, RFC 9068 tokens. */
  readonly provider?: ProviderName | undefined
  /** The issuer identifier. Default: one that suits the provider. */
  readonly issuer?: string | undefined
  /** The audience of access tokens. Default: one that suits the provider. */
  readonly audience?: string | undefined
  /** The algorithm of its keys. Default: `'RS256'`. */
  readonly algorithm?: Exclude<Algorithm, 'HS256' | 'HS384' | 'HS512'> | undefined
}

/** An issuer that lives in this process: it needs no network, and its time stands still until it is moved. */
export interface TestIssuer extends OpaqueTokenIssuer {
  readonly issuer: string
  readonly audience: string
  /**
   * What to hand to `requireAuth`: the issuer, the audience, where its keys are if they must be told, and the `fetch` and
   * `clock` that lead here.
   */
  readonly options: {
    readonly issuer: string
    readonly audience: string
    readonly jwksUri?: string | undefined
    readonly fetch: (url: string, init?: RequestInit) => Promise<Response>
    readonly clock: Clock
  }
  /** The URLs that were fetched from this issuer so far. */
  readonly requests: readonly string[]
  /** Mints an access token, valid for 300 seconds; of Kubernetes, for an hour. */
  accessToken(claims?: Changes, header?: Changes): Promise<string>
  /** Mints the access token that a client gets for itself, without a user. */
  appToken(claims?: Changes, header?: Changes): Promise<string>
  /** Mints the ID token of the same sign-in. */
  idToken(claims?: Changes, header?: Changes): Promise<string>
  /** Mints a refresh token, as the issuers that make JWTs of them do. */
  refreshToken(claims?: Changes, header?: Changes): Promise<string>
  /** Mints a back-channel logout token. */
  logoutToken(claims?: Changes, header?: Changes): Promise<string>
  /** Creates a client with a key of its own: it gets tokens that are bound to the key, and makes proofs, good and bad. */
  dpop(): TestDpopClient
  /** Signs anything with the current key. */
  sign(claims: Changes, header?: Changes): Promise<string>
  /** Signs with a new key from now on. The old one stays published unless it is withdrawn. */
  rotateKeys(options?: { readonly withdrawOld?: boolean | undefined }): Promise<void>
  /** Moves the clock, in seconds. */
  advance(seconds: number): void
  /** The reading of the clock in whole seconds. */
  now(): number
  /** Stops answering: every fetch fails as if the connection were refused. */
  goDown(): void
  /** Answers again. */
  comeBack(): void
}

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

/**
 * Creates an issuer for tests: of this library, and of APIs that use it.
 *
 * This is NOT a server: no sign-in, no token endpoint. It signs what it is told to.
 *
 * @example
 *   const issuer = await createTestIssuer()
 *   const app = createApp(issuer.options) // your own: passes them to requireAuth()
 *   const token = await issuer.accessToken({ scope: 'orders:read' })
 *   await request(app).get('/orders').set('Authorization', `Bearer ${token}`).expect(200)
 */
export function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  // Without `await` the options would be undefined, and those of the environment be used, or none.
  return Object.defineProperty(createIssuer(options), 'options', {
    get() {
      throw new TypeError('createTestIssuer() promises an issuer: write "await createTestIssuer()".')
    },
  })
}

async function createIssuer(options: TestIssuerOptions): Promise<TestIssuer> {
  const provider: Provider = findProvider(options.provider ?? 'generic')
  const { issuer = provider.issuer, audience = provider.audience, algorithm = 'RS256' } = options
  const isOwnName = issuer === provider.issuer
  const jwksUri = (isOwnName ? provider.jwksUri : undefined) ?? new URL('/test-issuer/jwks', issuer).href
  const requests: string[] = []
  let time = systemClock()
  let reachable = true
  let current = await createSigningKey(algorithm)
  let published: readonly JWK[] = [current.jwk]

  const now = (): number => Math.floor(time / 1000)
  const sign = (claims: Changes, header: Changes = {}): Promise<string> =>
    // jose sets no claim and no header parameter by itself: what is minted is what was asked for.
    new SignJWT(withoutUndefined(claims))
      .setProtectedHeader(withoutUndefined({ alg: algorithm, kid: current.kid, ...header }) as { alg: string })
      .sign(current.privateKey)
  const mint = (template: TokenTemplate, claims: Changes = {}, header: Changes = {}): Promise<string> =>
    sign({ ...template.claims, ...claims }, { ...template.header, ...header })
  const context = () => ({ issuer, audience, clientId: CLIENT, now: now(), uuid: randomUUID() })
  const accessToken: TestIssuer['accessToken'] = (claims, header) => mint(provider.access(context()), claims, header)
  const opaque = createOpaqueTokens({ issuer, now, claims: () => provider.access(context()).claims })
  const fetch = (url: string, init?: RequestInit): Promise<Response> => {
    requests.push(url)
    if (!reachable) return Promise.reject(new TypeError('The test issuer is down.'))
    if (url === jwksUri) return Promise.resolve(Response.json({ keys: published }))
    if (url === discoveryUrl(issuer)) return Promise.resolve(Response.json({ jwks_uri: jwksUri, ...opaque.metadata }))
    return Promise.resolve(opaque.answer(url, init) ?? new Response(null, { status: 404 }))
  }

  return {
    issuer,
    audience,
    options: {
      issuer,
      audience,
      ...(isOwnName && provider.jwksUri !== undefined && { jwksUri }),
      fetch,
      clock: () => time,
    },
    requests,
    ...opaque.members,
    accessToken,
    appToken: (claims, header) => mint(provider.app?.(context()) ?? appTemplate(provider, context()), claims, header),
    idToken: (claims, header) => mint(provider.id?.(context()) ?? idTemplate(context()), claims, header),
    refreshToken: (claims, header) => mint(provider.refresh?.(context()) ?? refreshTemplate(context()), claims, header),
    logoutToken: (claims, header) => mint(logoutTemplate(context()), claims, header),
    dpop: () => createDpopClient({ accessToken, now }),
    sign,
    async rotateKeys({ withdrawOld = false } = {}) {
      current = await createSigningKey(algorithm)
      published = withdrawOld ? [current.jwk] : [current.jwk, ...published]
    },
    advance: (seconds) => void (time += seconds * 1000),
    now,
    goDown() {
      reachable = false
    },
    comeBack() {
      reachable = true
    },
  }
}

/** For a provider whose machines get no JWT, or one like a user's. */
function appTemplate(provider: Provider, context: TemplateContext): TokenTemplate {
  const { header, claims } = provider.access(context)
  return { header, claims: { ...claims, sub: context.clientId } }
}

/** For a provider without ID tokens. */
function idTemplate(context: TemplateContext): TokenTemplate {
  return { header: { typ: 'JWT' }, claims: idClaims(context) }
}

/** Most providers' refresh tokens are no JWTs. Of those that are, this is how libraries mark them in the header. */
function refreshTemplate({ issuer, clientId, now, uuid }: TemplateContext): TokenTemplate {
  return {
    header: { typ: 'rt+jwt' },
    claims: {
      iss: issuer,
      aud: issuer,
      sub: 'user-1',
      azp: clientId,
      jti: uuid,
      iat: now,
      exp: now + 1800,
      scope: 'openid',
    },
  }
}

/** OpenID Connect Back-Channel Logout 1.0 §2.4 */
function logoutTemplate({ issuer, clientId, now, uuid }: TemplateContext): TokenTemplate {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  return {
    header: { typ: 'logout+jwt' },
    claims: { iss: issuer, aud: clientId, sub: 'user-1', jti: uuid, iat: now, exp: now + 120, events },
  }
}

async function createSigningKey(algorithm: Algorithm): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const kid = randomUUID()
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } }
}

function findProvider(name: ProviderName): (typeof providers)[ProviderName] {
  if (Object.hasOwn(providers, name)) return providers[name]
  throw new TypeError(`Unknown provider "${name}". Known are: ${Object.keys(providers).join(', ')}.`)
}

function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

function withoutUndefined(members: Changes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
