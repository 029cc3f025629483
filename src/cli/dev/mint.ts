import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import type { JsonObject } from '../../lib/strict-json.js'
import type { ReasonCode } from '../../reasons.js'
import type { TestIssuer } from '../../testing/create-test-issuer.js'
import { providers } from '../../testing/providers/index.js'
import { idClaims, JWT, type Provider, type TokenTemplate } from '../../testing/providers/provider.js'
import type { LookAlike } from './look-alikes.js'
import type { Person } from './people.js'

/** What a token is to say. */
export interface Grant {
  /** Undefined for a client that acts for itself. */
  readonly person: Person | undefined
  readonly clientId: string
  readonly audience: string
  /** Undefined for what the provider grants by itself. */
  readonly scopes: readonly string[] | undefined
  readonly nonce?: string | undefined
  /** When the person signed in, in seconds since the epoch. */
  readonly signedInAt?: number | undefined
  /** The thumbprint of the key that the token is bound to. */
  readonly jkt?: string | undefined
  /** How long it lives, in seconds; undefined for as long as the provider's do. */
  readonly seconds?: number | undefined
}

/** A token, and what it says. */
export interface Minted {
  readonly token: string
  readonly claims: JsonObject
}

/** Makes the tokens of one issuer. */
export interface Mint {
  readonly access: (grant: Grant) => Promise<Minted>
  /** @param accessToken - The one beside it. */
  readonly id: (grant: Grant, accessToken: string) => Promise<Minted>
  readonly wrong: (name: WrongName, grant: Grant) => Promise<Minted>
  /** In seconds since the epoch. */
  readonly now: () => number
}

/** Makes a token that is wrong in one way out of one that is right. */
type Spoil = (good: TokenTemplate, world: World) => Promise<string>

interface World {
  readonly issuer: TestIssuer
  readonly provider: Provider
  readonly grant: Grant
  readonly now: number
}

interface Wrong {
  /** Why it is refused. */
  readonly code: ReasonCode
  readonly about: string
  readonly spoil: Spoil
}

const DAY = 86_400

/** Tokens that must be refused, by the names that `--wrong` takes. */
export const wrongs = {
  'id-token': {
    code: 'id_token_presented',
    about: 'the ID token of the same sign-in',
    spoil: (_good, { issuer }) => issuer.idToken(),
  },
  'refresh-token': {
    code: 'refresh_token_presented',
    about: 'a refresh token that is a JWT',
    spoil: (_good, { issuer }) => issuer.refreshToken(),
  },
  'logout-token': {
    code: 'logout_token_presented',
    about: 'a back-channel logout token',
    spoil: (_good, { issuer }) => issuer.logoutToken(),
  },
  expired: {
    code: 'token_expired',
    about: 'an hour past its end',
    spoil: (good, { issuer, now }) => sign(issuer, good, { iat: now - 7200, nbf: undefined, exp: now - 3600 }),
  },
  'not-yet-valid': {
    code: 'token_not_yet_valid',
    about: 'good from tomorrow on',
    spoil: (good, { issuer, now }) => sign(issuer, good, { nbf: now + DAY, exp: now + 2 * DAY }),
  },
  'no-expiry': {
    code: 'invalid_claims',
    about: 'without "exp"',
    spoil: (good, { issuer }) => sign(issuer, good, { exp: undefined }),
  },
  audience: {
    code: 'wrong_audience',
    about: 'for another API',
    spoil: (good, { issuer, grant }) =>
      sign(issuer, { header: good.header, claims: replaced(good.claims, grant.audience, OTHER_AUDIENCE) }),
  },
  issuer: {
    code: 'unknown_issuer',
    about: 'of an issuer that is not trusted',
    spoil: (good, { issuer }) => sign(issuer, good, { iss: 'https://somebody-else.example.com' }),
  },
  signature: {
    code: 'invalid_signature',
    about: 'its signature is not that of its key',
    spoil: async (good, { issuer }) => {
      const token = await sign(issuer, good)
      const end = token.lastIndexOf('.') + 1
      const bytes = Buffer.from(token.slice(end), 'base64url')
      bytes[20] = (bytes[20] ?? 0) ^ 1
      return token.slice(0, end) + bytes.toString('base64url')
    },
  },
  'unknown-key': {
    code: 'unknown_key',
    about: 'signed with a key that is not published',
    spoil: (good, { issuer }) => sign(issuer, { ...good, header: { ...good.header, kid: randomUUID() } }),
  },
  none: {
    code: 'malformed_token',
    about: 'with "alg": "none" and no signature',
    spoil: ({ header, claims }) => Promise.resolve(`${encode({ ...header, alg: 'none' })}.${encode(claims)}.`),
  },
  hs256: {
    code: 'algorithm_not_allowed',
    about: 'signed with a shared secret',
    spoil: ({ header, claims }) => {
      const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`
      const signature = createHmac('sha256', randomBytes(32)).update(input).digest('base64url')
      return Promise.resolve(`${input}.${signature}`)
    },
  },
  opaque: {
    code: 'malformed_token',
    about: 'no JWT: what some issuers give without an audience',
    spoil: () => Promise.resolve(randomBytes(32).toString('base64url')),
  },
  bound: {
    code: 'key_bound_token',
    about: 'bound to a DPoP key, and sent without a proof',
    spoil: (good, { issuer }) => sign(issuer, good, { cnf: { jkt: randomBytes(32).toString('base64url') } }),
  },
} as const satisfies Readonly<Record<string, Wrong>>

export type WrongName = keyof typeof wrongs

export const wrongNames = Object.keys(wrongs) as readonly WrongName[] // keys of the literal above

const OTHER_AUDIENCE = 'https://another-api.example.com'

/** Of some the ID token gives itself away by something else first. */
const ID_TOKEN_CODES: Partial<Record<LookAlike, ReasonCode>> = {
  adfs: 'unknown_issuer',
  spring: 'unrecognised_token_type',
}

/** Why a wrong token is refused. */
export function codeOf(wrong: WrongName, like: LookAlike): ReasonCode {
  return (wrong === 'id-token' ? ID_TOKEN_CODES[like] : undefined) ?? wrongs[wrong].code
}

/** Makes the tokens of an issuer of the test kit look like those of a provider, by the time that it is. */
export function createMint(issuer: TestIssuer, like: LookAlike, now: () => number): Mint {
  const provider: Provider = providers[like]
  const template = (grant: Grant): TokenTemplate => accessTemplate(provider, issuer, grant, now())
  const minted = async (made: TokenTemplate): Promise<Minted> => ({
    token: await sign(issuer, made),
    claims: made.claims,
  })
  return {
    access: (grant) => minted(template(grant)),
    id: (grant, accessToken) => minted(idTemplate(provider, issuer, { grant, accessToken, now: now() })),
    async wrong(name, grant) {
      // The kit's own tokens go by its clock.
      issuer.advance(now() - issuer.now())
      const good = template(grant)
      return { token: await wrongs[name].spoil(good, { issuer, provider, grant, now: now() }), claims: good.claims }
    },
    now,
  }
}

function sign(issuer: TestIssuer, { header, claims }: TokenTemplate, changes: object = {}): Promise<string> {
  return issuer.sign({ ...claims, ...changes }, header)
}

function accessTemplate(provider: Provider, { issuer }: TestIssuer, grant: Grant, now: number): TokenTemplate {
  const { person, clientId, audience, scopes, jkt, seconds } = grant
  const context = { issuer, audience, clientId, now, uuid: randomUUID() }
  const access = provider.access(context)
  const { header, claims } =
    person === undefined
      ? (provider.app?.(context) ?? { ...access, claims: { ...access.claims, sub: clientId } })
      : access
  return {
    header,
    claims: {
      ...claims,
      ...(person && { sub: person.sub, ...person.claims }),
      ...(scopes && scopeClaim(claims, scopes)),
      ...(jkt !== undefined && { cnf: { jkt } }),
      ...(seconds !== undefined && { exp: now + seconds }),
    },
  }
}

interface SignIn {
  readonly grant: Grant
  readonly accessToken: string
  readonly now: number
}

function idTemplate(provider: Provider, { issuer }: TestIssuer, { grant, accessToken, now }: SignIn): TokenTemplate {
  const { person, clientId, audience, nonce, signedInAt } = grant
  const context = { issuer, audience, clientId, now, uuid: randomUUID() }
  const { header, claims } = provider.id?.(context) ?? { header: JWT, claims: idClaims(context) }
  const { sub = clientId, name, email } = person ?? {}
  const about = { sub, nonce, name, email, auth_time: signedInAt ?? now, at_hash: leftHalf(accessToken) }
  const made = Object.entries({ ...claims, ...about }).filter(([, value]) => value !== undefined)
  return { header, claims: Object.fromEntries(made) } // texts and numbers over a template
}

/** OpenID Connect Core 1.0 §3.1.3.6 */
function leftHalf(token: string): string {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url')
}

/** In the claim and the form that the provider has. */
function scopeClaim({ scp }: JsonObject, scopes: readonly string[]): JsonObject {
  if (scp === undefined) return { scope: scopes.join(' ') }
  return { scp: Array.isArray(scp) ? [...scopes] : scopes.join(' ') }
}

function replaced(claims: JsonObject, old: string, other: string): JsonObject {
  const swap = (value: unknown): unknown => (value === old ? other : value)
  const entries = Object.entries(claims).map(
    ([name, value]) => [name, Array.isArray(value) ? value.map(swap) : swap(value)] as const,
  )
  return Object.fromEntries(entries) // as it was, but for a text
}

function encode(part: JsonObject): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
