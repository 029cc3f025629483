import express from 'express'
import { createResourceServer, getAuth, type Auth, type IssuerOptions, type ProfileName } from 'express-resource-server'
import { createTestIssuer, type Changes, type ProviderName, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'

type Predicate = IssuerOptions['isAccessToken']

interface Behind {
  readonly profile?: ProfileName
  readonly audience?: string
  readonly isAccessToken?: Predicate
}

const GOOGLE = 'https://accounts.google.com'
const ISSUER_OF_NOBODY = 'https://issuer.example.org/'

const issuers = new Map<string, Promise<TestIssuer>>()

/** The issuer of a provider's look-alikes, under a URL like the provider's own unless another is given. */
function issuerOf(provider: ProviderName, url?: string): Promise<TestIssuer> {
  const key = `${provider} ${url ?? ''}`
  const known = issuers.get(key) ?? createTestIssuer({ provider, issuer: url, algorithm: 'ES256' })
  issuers.set(key, known)
  return known
}

/** Presents a token to an API and returns the code of the refusal, or what `getAuth` makes of the token. */
async function present(issuer: TestIssuer, token: string, behind: Behind = {}): Promise<string | Auth> {
  // Google without a predicate is an error at start-up.
  const needsPredicate = issuer.issuer === GOOGLE && ['auto', 'google'].includes(behind.profile ?? 'auto')
  const { audience = issuer.audience, profile, isAccessToken = needsPredicate ? () => false : undefined } = behind
  const described = { issuer: issuer.issuer, profile, isAccessToken }
  const server = createResourceServer({ ...issuer.options, audience, issuer: described })
  // With the keys at hand, since no key is fetched for an expired token.
  await server.ready()
  const app = express()
  app.use(server.requireAuth())
  app.get('/', (req, res) => {
    res.json(getAuth(req))
  })
  const response = await request(app).get('/').set('Authorization', `Bearer ${token}`)
  if (response.status === 200) return JSON.parse(response.text) as Auth
  const { code, detail } = JSON.parse(response.text) as { code: string; detail: string }
  expect(response.status).toBe(401)
  expect(response.headers['cache-control']).toBe('no-store')
  expect(response.headers['www-authenticate']).toBe(
    `Bearer realm="api", error="invalid_token", error_description="${detail}"`,
  )
  return code
}

/** The same, with one word for whatever is accepted. */
async function judge(issuer: TestIssuer, token: string, behind: Behind = {}): Promise<string> {
  const answer = await present(issuer, token, behind)
  return typeof answer === 'string' ? answer : 'accepted'
}

/** A token of nobody's: what every token has, and what is given. */
function bare(issuer: TestIssuer, claims: Changes = {}, header: Changes = { typ: 'JWT' }): Promise<string> {
  const now = issuer.now()
  const base = { iss: issuer.issuer, aud: issuer.audience, sub: 'user-1', iat: now, exp: now + 300 }
  return issuer.sign({ ...base, ...claims }, header)
}

const nobody = () => issuerOf('generic', ISSUER_OF_NOBODY)

// Every row of idp-tokens with a JWT access token that the testing entry mints.
const PROVIDERS: readonly (readonly [ProviderName, ProfileName])[] = [
  ['generic', 'rfc9068'],
  ['auth0', 'auth0'],
  ['okta', 'okta'],
  ['keycloak', 'keycloak'],
  ['entra', 'entra'],
  ['entra-v1', 'entra'],
  ['cognito', 'cognito'],
  ['pingone', 'pingone'],
  ['zitadel', 'zitadel'],
  ['hydra', 'hydra'],
  ['authentik', 'authentik'],
  ['duende', 'duende'],
  ['fusionauth', 'fusionauth'],
]

describe('the access token of a provider (RFC 9068 section 4, RFC 8725 section 3.12)', () => {
  // Hydra, Duende and FusionAuth run under any URL: for them `auto` means the ranks.
  test.each(PROVIDERS)('%s passes under auto and under its own profile %s', async (provider, profile) => {
    const issuer = await issuerOf(provider)
    const token = await issuer.accessToken()
    expect(await judge(issuer, token)).toBe('accepted')
    expect(await judge(issuer, token, { profile })).toBe('accepted')
  })

  test.each(PROVIDERS)('%s: its ID token is called one, for the client or for this API', async (provider, profile) => {
    const issuer = await issuerOf(provider)
    for (const aud of ['client-1', issuer.audience, [issuer.audience, 'client-1']]) {
      const token = await issuer.idToken({ aud })
      expect(await judge(issuer, token)).toBe('id_token_presented')
      expect(await judge(issuer, token, { profile })).toBe('id_token_presented')
    }
  })

  test('of Google does not exist: what looks like one is refused, and its ID token is called one', async () => {
    const issuer = await issuerOf('google')
    expect(() => createResourceServer(issuer.options)).toThrow('Google issues no access tokens')
    for (const profile of ['auto', 'google'] as const) {
      expect(await judge(issuer, await issuer.accessToken(), { profile })).toBe('unrecognised_token_type')
      expect(await judge(issuer, await issuer.idToken({ aud: issuer.audience }), { profile })).toBe(
        'id_token_presented',
      )
    }
  })
})

describe('auto behind a URL that belongs to no provider', () => {
  test.each<[ProviderName, string]>([
    ['generic', 'accepted'],
    ['auth0', 'accepted'],
    ['okta', 'accepted'],
    ['keycloak', 'accepted'],
    ['entra', 'accepted'],
    ['entra-v1', 'accepted'],
    ['pingone', 'accepted'],
    ['hydra', 'accepted'],
    ['duende', 'accepted'],
    ['fusionauth', 'accepted'],
    ['b2c', 'accepted'],
    ['pingam', 'accepted'],
    ['openauth', 'accepted'],
    ['uaa', 'accepted'],
    ['workos', 'accepted'],
    // `aud` is required of an unknown issuer (RFC 9068 section 4): only Cognito's profile knows better.
    ['cognito', 'invalid_claims'],
    // No mark of rank 2 or 4: `client_id`, `jti`, `azp` and `uid` prove nothing.
    ['zitadel', 'unrecognised_token_type'],
    ['authentik', 'unrecognised_token_type'],
    ['google', 'unrecognised_token_type'],
    // Nothing of theirs says what kind of token it is: a profile or a predicate does.
    ['clerk', 'unrecognised_token_type'],
    ['supabase', 'unrecognised_token_type'],
    ['better-auth', 'unrecognised_token_type'],
  ])("%s's access token: %s; its ID token is called one", async (provider, expected) => {
    const issuer = await issuerOf(provider, ISSUER_OF_NOBODY)
    expect(await judge(issuer, await issuer.accessToken())).toBe(expected)
    expect(await judge(issuer, await issuer.idToken())).toBe('id_token_presented')
    expect(await judge(issuer, await issuer.idToken({ aud: issuer.audience }))).toBe('id_token_presented')
  })

  test.each<[string, Changes]>([
    ['cognito', { aud: 'client-1' }],
    ['zitadel', { scope: 'openid' }],
    ['authentik', { scope: 'openid' }],
  ])("%s's access token passes once it carries what is missing", async (provider, claims) => {
    const issuer = await issuerOf(provider as ProviderName, ISSUER_OF_NOBODY)
    expect(await judge(issuer, await issuer.accessToken(claims))).toBe('accepted')
  })
})

describe("auto chooses a provider's profile by the URL, and by the whole of it", () => {
  // A token that only the provider's own profile admits.
  test.each<[string, ProviderName, string, Changes, string]>([
    ['Auth0 tenant', 'auth0', 'https://t.us.auth0.com/', { ...withoutScope(), gty: 'client-credentials' }, 'accepted'],
    ['Auth0 look-alike', 'auth0', 'https://t.auth0.com.evil.example/', gtyOnly(), 'unrecognised_token_type'],
    ['Auth0 without the dot', 'auth0', 'https://notauth0.com/', gtyOnly(), 'unrecognised_token_type'],
    ['Entra v1', 'entra-v1', 'https://sts.windows.net/t/', appidacrOnly(), 'accepted'],
    // The tenant that signed is the tenant that the issuer names.
    ['Entra of another tenant', 'entra-v1', 'https://sts.windows.net/t/', { tid: 'u' }, 'invalid_claims'],
    ['Entra look-alike', 'entra-v1', 'https://sts.windows.net.evil.example/t/', appidacrOnly(), unrecognised()],
    ['Entra in China', 'entra-v1', 'https://login.partner.microsoftonline.cn/t/v2.0', appidacrOnly(), 'accepted'],
    ['Entra External ID', 'entra-v1', 'https://t.ciamlogin.com/t/v2.0', appidacrOnly(), 'accepted'],
    ['Cognito', 'cognito', 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_A', {}, 'accepted'],
    ['Cognito look-alike', 'cognito', 'https://cognito-idp.us-east-1.amazonaws.com.evil.example/A', {}, noAudience()],
    ['authentik', 'authentik', 'https://sso.example.com/application/o/x/', {}, 'accepted'],
    ['authentik below another path', 'authentik', 'https://sso.example.com/application/o/x/y/', {}, unrecognised()],
    ['ZITADEL Cloud', 'zitadel', 'https://x.zitadel.cloud', {}, 'accepted'],
    ['ZITADEL look-alike', 'zitadel', 'https://x.zitadel.cloud.evil.example', {}, unrecognised()],
  ])('%s (%s, %s)', async (_name, provider, url, claims, expected) => {
    const issuer = await issuerOf(provider, url)
    expect(await judge(issuer, await issuer.accessToken(claims))).toBe(expected)
  })
})

function withoutScope(): Changes {
  return { scope: undefined, permissions: undefined, aud: 'https://api.example.com' }
}

function gtyOnly(): Changes {
  return { ...withoutScope(), gty: 'client-credentials' }
}

function appidacrOnly(): Changes {
  return { scp: undefined, appid: undefined, tid: 't' }
}

function unrecognised(): string {
  return 'unrecognised_token_type'
}

function noAudience(): string {
  return 'invalid_claims'
}

describe('every profile beside every token', () => {
  const COLUMNS = [
    ['auto', 'auto'],
    ['rfc', 'rfc9068'],
    ['au0', 'auth0'],
    ['ath', 'authentik'],
    ['cog', 'cognito'],
    ['due', 'duende'],
    ['ent', 'entra'],
    ['fus', 'fusionauth'],
    ['goo', 'google'],
    ['hyd', 'hydra'],
    ['key', 'keycloak'],
    ['okt', 'okta'],
    ['pin', 'pingone'],
    ['zit', 'zitadel'],
  ] as const satisfies readonly (readonly [string, ProfileName])[]

  const CODES: Readonly<Record<string, string>> = {
    yes: 'accepted',
    '-': 'unrecognised_token_type',
    id: 'id_token_presented',
    aud: 'invalid_claims',
    arr: 'invalid_claims',
  }

  // Behind each provider's own URL, so that `auto` is the provider's profile where the URL tells.
  // `id`: ZITADEL's and Hydra's ID tokens alone have `azp`, `sid`, `auth_time` (idp-tokens, table 2).
  // `aud`: the kind is right, but outside Cognito's profile an access token has `aud` (RFC 9068 section 2.2).
  test.each<[ProviderName, string]>([
    /*              auto rfc au0 ath cog due ent fus goo hyd key okt pin zit */
    ['generic', '   yes  yes yes yes yes yes yes yes yes yes yes yes yes yes'],
    // `arr`: RFC 9068 has scopes as one text, and Duende's are an array.
    ['duende', '    yes  arr yes yes yes yes yes yes yes yes yes yes yes yes'],
    ['okta', '      yes  -   yes yes yes -   yes yes yes yes yes yes yes yes'],
    ['keycloak', '  yes  -   yes yes yes -   yes yes yes yes yes yes yes yes'],
    ['cognito', '   yes  -   aud aud yes -   aud aud aud aud aud aud aud aud'],
    ['auth0', '     yes  -   yes -   -   -   -   yes -   -   -   -   -   id '],
    ['entra', '     yes  -   -   -   -   -   yes -   -   -   -   -   -   id '],
    ['entra-v1', '  yes  -   -   -   -   -   yes -   -   -   -   -   -   -  '],
    ['google', '    -    -   -   -   -   -   -   -   -   -   -   -   -   id '],
    ['pingone', '   yes  -   yes -   -   -   -   -   -   yes -   -   yes id '],
    ['zitadel', '   yes  -   -   -   -   -   -   -   -   -   -   -   -   yes'],
    ['hydra', '     yes  -   -   -   -   -   yes -   -   yes -   -   -   yes'],
    ['authentik', ' yes  -   -   yes -   -   -   -   -   id  -   -   -   id '],
    ['fusionauth', 'yes  -   yes -   -   -   -   yes -   -   -   -   -   id '],
  ])("%s's access token", async (provider, row) => {
    const issuer = await issuerOf(provider)
    const token = await issuer.accessToken()
    const actual: Record<string, string> = {}
    for (const [, profile] of COLUMNS) actual[profile] = await judge(issuer, token, { profile })
    const cells = row.trim().split(/ +/)
    expect(cells).toHaveLength(COLUMNS.length)
    expect(actual).toEqual(
      Object.fromEntries(COLUMNS.map(([, profile], index) => [profile, CODES[cells[index] ?? '']])),
    )
  })

  test.each(COLUMNS)("%s: no provider's ID token passes under %s, and each is called one", async (_short, profile) => {
    const actual: Record<string, string> = {}
    const all = [...PROVIDERS.map(([provider]) => provider), 'google'] as const
    for (const provider of all) {
      const issuer = await issuerOf(provider)
      actual[provider] = await judge(issuer, await issuer.idToken({ aud: issuer.audience }), { profile })
    }
    expect(actual).toEqual(Object.fromEntries(all.map((provider) => [provider, 'id_token_presented'])))
  })

  test.each(COLUMNS)('%s: refresh and logout tokens and DPoP proofs are named under %s', async (_short, profile) => {
    const keycloak = await issuerOf('keycloak')
    const others = await issuerOf('generic')
    const aud = others.audience
    const named = async (token: string, issuer = others) => judge(issuer, token, { profile })
    expect(await named(await keycloak.refreshToken({ aud: keycloak.audience }), keycloak)).toBe(
      'refresh_token_presented',
    )
    expect(await named(await others.refreshToken({ aud }))).toBe('refresh_token_presented')
    expect(await named(await others.logoutToken({ aud }))).toBe('logout_token_presented')
    // OpenID Connect Back-Channel Logout 1.0 section 2.4 only recommends the type.
    expect(await named(await others.logoutToken({ aud }, { typ: undefined }))).toBe('logout_token_presented')
    expect(await named(await bare(others, { htm: 'GET', htu: aud }, { typ: 'dpop+jwt' }))).toBe('dpop_proof_presented')
    expect(await named(await bare(others, { htm: 'GET' }))).toBe('dpop_proof_presented')
    expect(await named(await bare(others, { htu: aud }))).toBe('dpop_proof_presented')
  })
})

describe('other kinds of tokens', () => {
  test('a DPoP proof as clients make it, with a key in its header, is called one (RFC 9449 section 4.2)', async () => {
    const issuer = await nobody()
    const jwk = { kty: 'EC', crv: 'P-256', x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs', y: '9VE4jf_Ok_o64zbTTlcu' }
    const claims = { jti: '1', htm: 'GET', htu: 'https://api.example.com/', iat: issuer.now() }
    const proof = await issuer.sign(claims, { typ: 'dpop+jwt', kid: undefined, jwk })
    expect(await judge(issuer, proof)).toBe('dpop_proof_presented')
  })

  test("the refresh token of every provider's look-alike is called one (RFC 6749 section 1.5)", async () => {
    for (const [provider] of PROVIDERS) {
      const issuer = await issuerOf(provider)
      expect([provider, await judge(issuer, await issuer.refreshToken({ aud: issuer.audience }))]).toEqual([
        provider,
        'refresh_token_presented',
      ])
    }
  })

  test('a Keycloak offline token is a refresh token', async () => {
    const issuer = await issuerOf('keycloak')
    expect(await judge(issuer, await issuer.refreshToken({ typ: 'Offline' }))).toBe('refresh_token_presented')
  })

  test('an access token of an Okta org authorization server is refused, whatever the profile', async () => {
    // Under its own issuer it is an error at start-up.
    const issuer = await issuerOf('okta')
    const token = await issuer.accessToken({}, { typ: 'application/okta-internal-at+jwt' })
    expect(await judge(issuer, token)).toBe('wrong_token_type')
    expect(await judge(issuer, token, { profile: 'okta' })).toBe('wrong_token_type')
    expect(await judge(issuer, await issuer.accessToken())).toBe('accepted')
  })

  test('a Microsoft Graph token is refused by the nonce in its header', async () => {
    const issuer = await issuerOf('entra')
    expect(await judge(issuer, await issuer.accessToken({}, { nonce: 'n' }))).toBe('unsupported_header')
    expect(await judge(issuer, await issuer.accessToken())).toBe('accepted')
  })
})

// RFC 8725 section 3.11; compared as RFC 7515 section 4.1.9 says, without case and with or without `application/`.
describe('the typ header', () => {
  const everythingElse = {
    scope: 'orders:read',
    typ: 'Bearer',
    token_use: 'access',
    jti: 'AT.1',
    client_id: 'client-1',
  }

  test.each([
    ['id_token+jwt', 'id_token_presented'],
    ['rt+jwt', 'refresh_token_presented'],
    ['logout+jwt', 'logout_token_presented'],
    ['dpop+jwt', 'dpop_proof_presented'],
    ['secevent+jwt', 'wrong_token_type'],
    ['oauth-id-jag+jwt', 'wrong_token_type'],
    ['oauth-authz-req+jwt', 'wrong_token_type'],
    ['token-introspection+jwt', 'wrong_token_type'],
    ['entity-statement+jwt', 'wrong_token_type'],
    ['kb+jwt', 'wrong_token_type'],
    ['dc+sd-jwt', 'wrong_token_type'],
    ['vp+jwt', 'wrong_token_type'],
    ['client-authentication+jwt', 'wrong_token_type'],
    ['statuslist+jwt', 'wrong_token_type'],
    ['okta-internal-at+jwt', 'wrong_token_type'],
    // Not on any list: only `at+jwt`, `JWT` and none are ever right.
    ['something-new+jwt', 'wrong_token_type'],
    ['at', 'wrong_token_type'],
    ['at+jwt2', 'wrong_token_type'],
    ['at+jwt ', 'wrong_token_type'],
    ['text/at+jwt', 'wrong_token_type'],
    ['constructor', 'wrong_token_type'],
    ['', 'wrong_token_type'],
  ])('%p is refused as %s, whatever else the token carries', async (typ, code) => {
    const issuer = await nobody()
    for (const spelt of [typ, typ.toUpperCase(), `application/${typ}`, `Application/${typ}`]) {
      const token = await bare(issuer, everythingElse, { typ: spelt })
      expect([spelt, await judge(issuer, token, { isAccessToken: () => true })]).toEqual([spelt, code])
    }
  })

  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt'])(
    '%p alone makes an access token',
    async (typ) => {
      const issuer = await nobody()
      expect(await judge(issuer, await bare(issuer, {}, { typ }))).toBe('accepted')
    },
  )

  test.each(['JWT', 'jwt', 'application/jwt', undefined])('%p says nothing: the claims decide', async (typ) => {
    const issuer = await nobody()
    expect(await judge(issuer, await bare(issuer, { scope: 'orders:read' }, { typ }))).toBe('accepted')
    expect(await judge(issuer, await bare(issuer, {}, { typ }))).toBe('unrecognised_token_type')
  })

  test.each([[['at+jwt']], [1], [null], [{}]])('%j is no text and refused', async (typ) => {
    const issuer = await nobody()
    expect(await judge(issuer, await bare(issuer, everythingElse, { typ }))).toBe('unsupported_header')
  })
})

/** A name, and what puts the evidence into a token. */
type Evidence = readonly [name: string, claims: Changes, header: Changes]

const KIND_MARKS: readonly (readonly [...Evidence, code: string])[] = [
  ['the claim typ: ID', { typ: 'ID' }, {}, 'id_token_presented'],
  ['the claim typ: Serialized-ID', { typ: 'Serialized-ID' }, {}, 'id_token_presented'],
  ['the claim typ: Refresh', { typ: 'Refresh' }, {}, 'refresh_token_presented'],
  ['the claim typ: Offline', { typ: 'Offline' }, {}, 'refresh_token_presented'],
  ['the claim typ: Logout', { typ: 'Logout' }, {}, 'logout_token_presented'],
  ['token_use: id', { token_use: 'id' }, {}, 'id_token_presented'],
  ['token_use: refresh', { token_use: 'refresh' }, {}, 'wrong_token_type'],
  ['token_use in an array', { token_use: ['access'] }, {}, 'wrong_token_type'],
  ['token_use: null', { token_use: null }, {}, 'wrong_token_type'],
  ['jti: ID.1', { jti: 'ID.1' }, {}, 'id_token_presented'],
  ['events', { events: {} }, {}, 'logout_token_presented'],
  ['htm', { htm: 'GET' }, {}, 'dpop_proof_presented'],
  ['htu', { htu: 'https://api.example.com' }, {}, 'dpop_proof_presented'],
]

const STRONG_MARKS: readonly Evidence[] = [
  ['the header typ: at+jwt', {}, { typ: 'at+jwt' }],
  ['the claim typ: Bearer', { typ: 'Bearer' }, {}],
  ['the claim typ: DPoP', { typ: 'DPoP' }, {}],
  ['token_use: access', { token_use: 'access' }, {}],
  ['jti: AT.1', { jti: 'AT.1' }, {}],
]

const ID_TOKEN_MARKS: readonly Evidence[] = [
  ['nonce', { nonce: 'n-0S6_WzA2Mj' }, {}],
  ['at_hash', { at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }, {}],
  ['c_hash', { c_hash: 'LDktKdoQak3Pk0cnXxCltA' }, {}],
  ['s_hash', { s_hash: '76sa5dd' }, {}],
  ['rat', { rat: 1700000000 }, {}],
]

const WEAK_MARKS: readonly Evidence[] = [
  ['scope', { scope: 'orders:read' }, {}],
  ['scp', { scp: ['orders:read'] }, {}],
  ['permissions', { permissions: [] }, {}],
  ['appid', { appid: 'client-1' }, {}],
  ['azpacr', { azpacr: '1' }, {}],
  ['idtyp', { idtyp: 'app' }, {}],
  ['{iss}userinfo in an aud array', { aud: ['https://api.example.com', `${ISSUER_OF_NOBODY}userinfo`] }, {}],
]

const NO_MARKS: readonly Evidence[] = [
  ['nothing', {}, {}],
  ['client_id', { client_id: 'client-1' }, {}],
  ['azp', { azp: 'client-1' }, {}],
  ['uid', { uid: 'gN6jDZ2S' }, {}],
  ['roles', { roles: ['clerk'] }, {}],
  ['groups', { groups: ['clerk'] }, {}],
  ['auth_time', { auth_time: 1700000000 }, {}],
  ['acr', { acr: '1' }, {}],
  ['amr', { amr: ['pwd'] }, {}],
  ['sid', { sid: 'V1_1' }, {}],
  ['jti', { jti: '1' }, {}],
  ['gty', { gty: 'client-credentials' }, {}],
  ['cid', { cid: 'client-1' }, {}],
  ['an aud array', { aud: ['https://api.example.com', 'client-1'] }, {}],
  ['{iss}userinfo of another issuer', { aud: ['https://api.example.com', 'https://other.example.com/userinfo'] }, {}],
  ['an unknown claim typ', { typ: 'JWT' }, {}],
  ['the claim typ in small letters', { typ: 'bearer' }, {}],
  ['a jti that holds AT.', { jti: 'xAT.1' }, {}],
]

// design, section 4
describe('evidence has five ranks', () => {
  const overlaps = (a: Changes, b: Changes): boolean => Object.keys(a).some((name) => Object.hasOwn(b, name))

  /** Judges a piece of evidence beside each of others, and by the names of these. */
  async function beside(
    [, claims, header]: Evidence,
    others: readonly Evidence[],
    isAccessToken?: Predicate,
  ): Promise<{ actual: Record<string, string>; names: readonly string[] }> {
    const issuer = await nobody()
    const actual: Record<string, string> = {}
    const names = []
    for (const [name, otherClaims, otherHeader] of others) {
      if (overlaps(claims, otherClaims)) continue
      names.push(name)
      const token = await bare(issuer, { ...claims, ...otherClaims }, { typ: 'JWT', ...header, ...otherHeader })
      actual[name] = await judge(issuer, token, { isAccessToken })
    }
    return { actual, names }
  }

  const all = (names: readonly string[], verdict: string) => Object.fromEntries(names.map((name) => [name, verdict]))

  test.each(KIND_MARKS)('1: %s refuses, whatever stands beside it', async (name, claims, header, code) => {
    const below = [...STRONG_MARKS, ...ID_TOKEN_MARKS, ...WEAK_MARKS, ...NO_MARKS]
    const { actual, names } = await beside([name, claims, header], below, () => true)
    expect(actual).toEqual(all(names, code))
  })

  test.each(STRONG_MARKS)(
    '2: %s accepts, whatever of the lower ranks stands beside it',
    async (...evidence: Evidence) => {
      const below = [...ID_TOKEN_MARKS, ...WEAK_MARKS, ...NO_MARKS]
      const { actual, names } = await beside(evidence, below, () => false)
      expect(actual).toEqual(all(names, 'accepted'))
    },
  )

  test.each(ID_TOKEN_MARKS)('3: %s refuses, whatever weak mark stands beside it', async (...evidence: Evidence) => {
    const { actual, names } = await beside(evidence, [...WEAK_MARKS, ...NO_MARKS], () => true)
    expect(actual).toEqual(all(names, 'id_token_presented'))
  })

  test.each(WEAK_MARKS)('4: %s accepts, and no predicate takes it back', async (...evidence: Evidence) => {
    const { actual, names } = await beside(evidence, NO_MARKS, () => false)
    expect(actual).toEqual(all(names, 'accepted'))
  })

  test.each(NO_MARKS)(
    '5: %s proves nothing, and the token is refused as unrecognised',
    async (...evidence: Evidence) => {
      const { actual, names } = await beside(evidence, [['nothing', {}, {}]])
      expect(actual).toEqual(all(names, 'unrecognised_token_type'))
    },
  )

  test('5: all of them together prove nothing either', async () => {
    const issuer = await nobody()
    const claims = { client_id: 'c', azp: 'c', uid: 'u', roles: ['r'], auth_time: 1, acr: '1', amr: ['pwd'], sid: 's' }
    expect(await judge(issuer, await bare(issuer, claims))).toBe('unrecognised_token_type')
    expect(await judge(issuer, await bare(issuer, { ...claims, scope: '' }))).toBe('accepted')
  })

  test('{iss}userinfo marks in an array beside this API, not alone', async () => {
    const issuer = await nobody()
    const userinfo = `${ISSUER_OF_NOBODY}userinfo`
    for (const aud of [userinfo, [userinfo]]) {
      const token = await bare(issuer, { aud })
      expect(await judge(issuer, token)).toBe('unrecognised_token_type')
    }
  })

  test('the kind is judged before the audience (RFC 9068 section 4), and what has expired before either', async () => {
    const issuer = await nobody()
    const wrong = { aud: 'https://other.example.com' }
    expect(await judge(issuer, await bare(issuer, { ...wrong, nonce: 'n' }))).toBe('id_token_presented')
    expect(await judge(issuer, await bare(issuer, wrong))).toBe('unrecognised_token_type')
    expect(await judge(issuer, await bare(issuer, { ...wrong, scope: 'a' }))).toBe('wrong_audience')
    expect(await judge(issuer, await bare(issuer, { nonce: 'n', iat: 1, exp: 2 }))).toBe('token_expired')
  })
})

// RFC 9068 section 2.2, section 4
describe('the profile rfc9068', () => {
  test.each(STRONG_MARKS.slice(1))('does not take %s for typ: at+jwt', async (_name, claims) => {
    const issuer = await nobody()
    const full = { ...claims, client_id: 'client-1', jti: claims['jti'] ?? '1', scope: 'a' }
    expect(await judge(issuer, await bare(issuer, full), { profile: 'rfc9068' })).toBe('unrecognised_token_type')
    expect(await judge(issuer, await bare(issuer, full, { typ: 'at+jwt' }), { profile: 'rfc9068' })).toBe('accepted')
  })

  test.each(['sub', 'client_id', 'iat', 'jti'])('demands %s, where auto does not', async (claim) => {
    const issuer = await issuerOf('generic')
    const token = await issuer.accessToken({ [claim]: undefined })
    expect(await judge(issuer, token, { profile: 'rfc9068' })).toBe('invalid_claims')
    expect(await judge(issuer, token)).toBe('accepted')
  })

  test('names an ID token an ID token, and anything else without the type unrecognised', async () => {
    const issuer = await issuerOf('generic')
    expect(await judge(issuer, await issuer.idToken({ aud: issuer.audience }), { profile: 'rfc9068' })).toBe(
      'id_token_presented',
    )
    expect(await judge(issuer, await issuer.accessToken({}, { typ: 'JWT' }), { profile: 'rfc9068' })).toBe(
      'unrecognised_token_type',
    )
  })

  test('stays strict: a predicate that would never be asked is an error at start-up', async () => {
    const issuer = await issuerOf('generic')
    const token = await issuer.accessToken({}, { typ: 'JWT' })
    await expect(judge(issuer, token, { profile: 'rfc9068', isAccessToken: () => true })).rejects.toThrow(
      /"isAccessToken" would never be asked/,
    )
  })
})

// design, section 2
describe('isAccessToken', () => {
  const asked = (answer: unknown) => {
    const calls: unknown[][] = []
    const isAccessToken = ((...facts: unknown[]) => {
      calls.push(facts)
      return answer
    }) as NonNullable<Predicate>
    return { calls, isAccessToken }
  }

  test('admits an unmarked token by true, and sees its header and claims', async () => {
    const issuer = await nobody()
    const { calls, isAccessToken } = asked(true)
    expect(await judge(issuer, await bare(issuer, { token_kind: 'api' }), { isAccessToken })).toBe('accepted')
    expect(calls).toEqual([
      [
        { alg: 'ES256', typ: 'JWT', kid: expect.any(String) as string },
        expect.objectContaining({ iss: issuer.issuer, token_kind: 'api' }),
      ],
    ])
  })

  test.each([
    ['false', false],
    ['undefined', undefined],
    ['null', null],
    ['1', 1],
    ["'true'", 'true'],
    ['an object', {}],
    ['a Boolean object', Object(true)],
    ['a promise of true', Promise.resolve(true)],
  ])('does not admit by %s', async (_name, answer) => {
    const issuer = await nobody()
    const { calls, isAccessToken } = asked(answer)
    expect(await judge(issuer, await bare(issuer), { isAccessToken })).toBe('unrecognised_token_type')
    expect(calls).toHaveLength(1)
  })

  test('refuses by a throw', async () => {
    const issuer = await nobody()
    const isAccessToken = () => {
      throw new Error('not today')
    }
    expect(await judge(issuer, await bare(issuer), { isAccessToken })).toBe('unrecognised_token_type')
    expect(await judge(issuer, await bare(issuer, { scope: 'a' }), { isAccessToken })).toBe('accepted')
  })

  test('is not asked where a negative rule has spoken, nor where a mark has', async () => {
    const issuer = await nobody()
    const { calls, isAccessToken } = asked(true)
    for (const [, claims, , code] of KIND_MARKS) {
      expect(await judge(issuer, await bare(issuer, claims), { isAccessToken })).toBe(code)
    }
    for (const [, claims] of ID_TOKEN_MARKS) {
      expect(await judge(issuer, await bare(issuer, claims), { isAccessToken })).toBe('id_token_presented')
    }
    expect(await judge(issuer, await bare(issuer, {}, { typ: 'logout+jwt' }), { isAccessToken })).toBe(
      'logout_token_presented',
    )
    expect(await judge(issuer, await bare(issuer, { scope: 'a' }), { isAccessToken })).toBe('accepted')
    expect(calls).toHaveLength(0)
  })

  test('admits beside a profile too, but not what its own negatives name', async () => {
    const issuer = await issuerOf('zitadel')
    const unmarked = { client_id: undefined }
    const { isAccessToken } = asked(true)
    expect(await judge(issuer, await issuer.accessToken(unmarked))).toBe('unrecognised_token_type')
    expect(await judge(issuer, await issuer.accessToken(unmarked), { isAccessToken })).toBe('accepted')
    expect(await judge(issuer, await issuer.accessToken({ ...unmarked, azp: 'c' }), { isAccessToken })).toBe(
      'id_token_presented',
    )
  })

  test('does not stand in for the signature, the audience, the time or a binding', async () => {
    const issuer = await nobody()
    const isAccessToken = () => true
    const stranger = await createTestIssuer({ issuer: ISSUER_OF_NOBODY, algorithm: 'ES256' })
    const refused = (token: string) => judge(issuer, token, { isAccessToken })
    expect(await refused(await bare(stranger))).toBe('unknown_key')
    expect(await refused(await bare(issuer, { aud: 'https://other.example.com' }))).toBe('wrong_audience')
    expect(await refused(await bare(issuer, { iat: 1, exp: 2 }))).toBe('token_expired')
    expect(await refused(await bare(issuer, { cnf: { jkt: 'x' } }))).toBe('key_bound_token')
  })
})

// idp-tokens, table 2: "If aud is shared, what decides"
describe('the hard cases of the providers', () => {
  const API = 'https://api.example.com'
  const CC = { sub: 'client-1@clients', aud: API, gty: 'client-credentials', permissions: undefined }

  test.each<[string, ProviderName, ProfileName, Changes, Changes, string]>([
    ['Entra v2 app-only: roles and azpacr', 'entra', 'entra', { scp: undefined }, {}, 'accepted'],
    ['Entra v2 app-only: azp and roles alone', 'entra', 'entra', { scp: undefined, azpacr: undefined }, {}, 'accepted'],
    [
      'Entra v2: roles alone prove nothing',
      'entra',
      'entra',
      { scp: undefined, azpacr: undefined, azp: undefined },
      {},
      'unrecognised_token_type',
    ],
    ['Entra v1 app-only', 'entra-v1', 'entra', { scp: undefined, roles: ['Orders.All'] }, {}, 'accepted'],
    [
      'Entra v1: roles alone prove nothing',
      'entra-v1',
      'entra',
      { scp: undefined, appid: undefined, appidacr: undefined, roles: ['Orders.All'] },
      {},
      'unrecognised_token_type',
    ],
    ['Entra with idtyp', 'entra', 'entra', { scp: undefined, azpacr: undefined, idtyp: 'app' }, {}, 'accepted'],
    ['Auth0 client-credentials without a scope', 'auth0', 'auth0', { ...CC, scope: undefined }, {}, 'accepted'],
    ['Auth0 client-credentials with a scope', 'auth0', 'auth0', { ...CC, scope: 'orders:read' }, {}, 'accepted'],
    ['Auth0 user token, only the aud array marks it', 'auth0', 'auth0', userinfoOnly(), {}, 'accepted'],
    ['Auth0 user token, not even that', 'auth0', 'auth0', { ...userinfoOnly(), aud: API }, {}, unrecognised()],
    ['Auth0 with a nonce beside the array', 'auth0', 'auth0', { ...userinfoOnly(), nonce: 'n' }, {}, idToken()],
    [
      'Auth0, RFC 9068 flavour',
      'auth0',
      'auth0',
      { azp: undefined, client_id: 'client-1', jti: '1', aud: API, scope: undefined, permissions: undefined },
      { typ: 'at+jwt' },
      'accepted',
    ],
    ['Okta without a scope: AT. decides', 'okta', 'okta', { scp: undefined }, {}, 'accepted'],
    ['Okta with ID. beside scp and cid', 'okta', 'okta', { jti: 'ID.1' }, {}, idToken()],
    ['Okta with a plain jti: cid and scp decide', 'okta', 'okta', { jti: '1' }, {}, 'accepted'],
    ['Okta with a plain jti and cid only', 'okta', 'okta', { jti: '1', scp: undefined }, {}, unrecognised()],
    ['Keycloak before 24: the nonce in an access token', 'keycloak', 'keycloak', { nonce: 'n' }, {}, 'accepted'],
    ['Keycloak with at+jwt opted in', 'keycloak', 'keycloak', {}, { typ: 'at+jwt' }, 'accepted'],
    ['Keycloak with at+jwt and typ: ID', 'keycloak', 'keycloak', { typ: 'ID' }, { typ: 'at+jwt' }, idToken()],
    ['Keycloak typ: DPoP', 'keycloak', 'keycloak', { typ: 'DPoP', cnf: { jkt: 'x' } }, {}, 'key_bound_token'],
    ['Keycloak typ: Bearer with cnf', 'keycloak', 'keycloak', { cnf: { 'x5t#S256': 'x' } }, {}, 'key_bound_token'],
    ['Keycloak without typ', 'keycloak', 'keycloak', { typ: undefined }, {}, unrecognised()],
    ['Keycloak for account only', 'keycloak', 'keycloak', { aud: 'account' }, {}, 'wrong_audience'],
    ['Keycloak without an audience mapper', 'keycloak', 'keycloak', { aud: undefined }, {}, 'invalid_claims'],
    ['authentik without uid', 'authentik', 'authentik', { uid: undefined }, {}, unrecognised()],
    ['authentik with uid and nonce', 'authentik', 'authentik', { nonce: 'n' }, {}, idToken()],
    ['authentik with uid and at_hash', 'authentik', 'authentik', { at_hash: 'h' }, {}, idToken()],
    ['ZITADEL with azp', 'zitadel', 'zitadel', { azp: 'client-1' }, {}, idToken()],
    ['ZITADEL with auth_time', 'zitadel', 'zitadel', { auth_time: 1 }, {}, idToken()],
    ['ZITADEL without jti', 'zitadel', 'zitadel', { jti: undefined }, {}, unrecognised()],
    ['Hydra for nobody', 'hydra', 'hydra', { aud: [] }, {}, 'wrong_audience'],
    ['Hydra without scopes: ext decides', 'hydra', 'hydra', { scp: undefined }, {}, 'accepted'],
    ['Hydra without client_id', 'hydra', 'hydra', { client_id: undefined }, {}, unrecognised()],
    ['PingOne from 2 March 2027', 'pingone', 'pingone', {}, { typ: 'at+jwt' }, 'accepted'],
    ['PingOne without a type', 'pingone', 'pingone', {}, { typ: undefined }, 'accepted'],
    ['PingOne without a scope', 'pingone', 'pingone', { scope: undefined }, {}, unrecognised()],
    ['Duende without an ApiResource', 'duende', 'duende', { aud: undefined }, {}, 'invalid_claims'],
    [
      'FusionAuth entity token',
      'fusionauth',
      'fusionauth',
      { applicationId: undefined, roles: undefined, scope: undefined, permissions: { e: ['read'] } },
      {},
      'accepted',
    ],
    [
      'FusionAuth without any of its marks',
      'fusionauth',
      'fusionauth',
      { applicationId: undefined, roles: undefined },
      {},
      'unrecognised_token_type',
    ],
    [
      'FusionAuth with roles that a lambda added',
      'fusionauth',
      'fusionauth',
      { applicationId: undefined },
      {},
      'unrecognised_token_type',
    ],
    [
      'FusionAuth without applicationId, by the generic rules',
      'fusionauth',
      'auto',
      { applicationId: undefined },
      {},
      idToken(),
    ],
    ['Cognito with the audience of a resource server', 'cognito', 'cognito', { aud: 'client-1' }, {}, 'accepted'],
    ['Cognito with another aud than this API', 'cognito', 'cognito', { aud: API }, {}, 'wrong_audience'],
    ['Cognito of another app client', 'cognito', 'cognito', { client_id: 'client-2' }, {}, 'wrong_audience'],
    ['Cognito without client_id', 'cognito', 'cognito', { client_id: undefined }, {}, 'invalid_claims'],
    ['Cognito with an empty aud', 'cognito', 'cognito', { aud: [] }, {}, 'wrong_audience'],
    ['rodauth-oauth: id_token+jwt', 'generic', 'auto', {}, { typ: 'id_token+jwt' }, idToken()],
    ['oidc-provider: an ID token without any mark', 'generic', 'auto', unmarked(), { typ: undefined }, unrecognised()],
  ])('%s', async (_name, provider, profile, claims, header, expected) => {
    const issuer = await issuerOf(provider)
    const token = await issuer.accessToken(claims, header)
    expect(await judge(issuer, token, { profile })).toBe(expected)
  })

  test('authentik: one and the same ID token passes only with uid and azp', async () => {
    const issuer = await issuerOf('authentik')
    const unhashed = { nonce: undefined, at_hash: undefined }
    expect(await judge(issuer, await issuer.idToken(unhashed))).toBe('unrecognised_token_type')
    // A property mapping may add a "uid" of LDAP to ID tokens; only access tokens have "azp" beside it.
    expect(await judge(issuer, await issuer.idToken({ ...unhashed, uid: 'u' }))).toBe('unrecognised_token_type')
    expect(await judge(issuer, await issuer.idToken({ ...unhashed, uid: 'u', azp: 'c' }))).toBe('accepted')
  })

  test('Cognito bound to a resource: aud is compared, and client_id no longer is', async () => {
    const issuer = await issuerOf('cognito')
    const token = await issuer.accessToken({ aud: API })
    expect(await judge(issuer, token, { audience: API })).toBe('accepted')
    expect(await judge(issuer, token, { audience: 'client-1' })).toBe('wrong_audience')
  })
})

function userinfoOnly(): Changes {
  return { scope: undefined, permissions: undefined }
}

function idToken(): string {
  return 'id_token_presented'
}

function unmarked(): Changes {
  return { scope: undefined, client_id: undefined }
}

type Authority = Pick<Auth, 'clientId' | 'audience' | 'scopes' | 'roles' | 'permissions'>

// idp-tokens, "Where scopes/roles live"
describe('getAuth reads', () => {
  test.each<[ProviderName, Changes, Partial<Authority>]>([
    ['generic', {}, { audience: ['https://api.example.com'], scopes: ['openid'] }],
    ['generic', { roles: ['clerk'], permissions: ['p:1'] }, { roles: ['clerk'], permissions: ['p:1'] }],
    ['generic', { client_id: undefined, azp: 'a' }, { clientId: 'a' }],
    ['generic', { client_id: undefined, appid: 'b' }, { clientId: 'b' }],
    ['generic', { client_id: undefined, cid: 'c' }, { clientId: 'c' }],
    ['generic', { client_id: undefined }, { clientId: '' }],
    ['generic', { scope: undefined }, { scopes: [] }],
    ['generic', { scope: '' }, { scopes: [] }],
    ['generic', { scope: ' a  b a ' }, { scopes: ['a', 'b'] }],
    ['generic', { scope: ['a', 'b'] }, { scopes: ['a', 'b'] }],
    [
      'auth0',
      { permissions: ['orders:read'] },
      {
        audience: ['https://api.example.com', 'https://tenant.eu.auth0.com/userinfo'],
        scopes: ['openid', 'profile'],
        permissions: ['orders:read'],
      },
    ],
    ['auth0', { azp: undefined, client_id: 'client-2' }, { clientId: 'client-2' }],
    ['okta', {}, { audience: ['api://default'], scopes: ['openid', 'profile'], roles: ['Everyone'] }],
    [
      'keycloak',
      {},
      {
        audience: ['orders-api', 'account'],
        scopes: ['openid', 'profile', 'email'],
        // Those of the realm and those at this API; `view-profile` holds at `account` only.
        roles: ['offline_access', 'user', 'clerk'],
      },
    ],
    ['keycloak', { realm_access: undefined, resource_access: undefined }, { roles: [] }],
    [
      'entra',
      {},
      { audience: ['b14a7505-96e9-4927-91e8-0601d0fc9caa'], scopes: ['orders.read'], roles: ['Orders.Clerk'] },
    ],
    ['entra', { scp: 'orders.read orders.write' }, { scopes: ['orders.read', 'orders.write'] }],
    ['entra', { scp: undefined }, { scopes: [], roles: ['Orders.Clerk'] }],
    ['entra-v1', { roles: ['R'] }, { audience: ['api://orders'], scopes: ['orders.read'], roles: ['R'] }],
    [
      'cognito',
      {},
      { audience: ['client-1'], scopes: ['aws.cognito.signin.user.admin'], roles: ['clerks'], clientId: 'client-1' },
    ],
    ['pingone', { roles: ['clerk'] }, { audience: ['https://api.example.com'], scopes: ['orders:read'] }],
    ['zitadel', {}, { audience: ['client-1', '195912339333529857'], scopes: [], roles: ['clerk'] }],
    [
      'zitadel',
      {
        'urn:zitadel:iam:org:project:roles': undefined,
        'urn:zitadel:iam:org:project:195912339333529857:roles': { clerk: { 1: 'example.com' } },
        'urn:zitadel:iam:org:project:2:roles': { admin: { 1: 'example.com' } },
      },
      { roles: ['clerk'] },
    ],
    ['hydra', {}, { audience: ['https://api.example.com'], scopes: ['orders:read', 'offline'] }],
    ['hydra', { roles: ['clerk'], ext: { roles: ['b'] } }, { roles: ['clerk'] }],
    ['hydra', { scp: undefined, scope: 'a b' }, { scopes: ['a', 'b'] }],
    ['authentik', { scope: 'openid' }, { audience: ['client-1'], scopes: ['openid'], roles: ['clerks'] }],
    ['duende', {}, { audience: ['orders'], scopes: ['orders:read', 'openid'], roles: [] }],
    ['duende', { scope: 'orders:read openid' }, { scopes: ['orders:read', 'openid'] }],
    // Its client id is in `applicationId`, which only its profile knows.
    ['fusionauth', {}, { audience: ['client-1'], scopes: ['openid'], roles: ['clerk'], clientId: '' }],
  ])('%s with %j', async (provider, claims, expected) => {
    const issuer = await issuerOf(provider)
    const auth = await present(issuer, await issuer.accessToken(claims))
    expect(auth).toMatchObject({ clientId: 'client-1', permissions: [], ...expected })
  })

  test.each<[ProviderName, ProfileName, Changes, Partial<Authority>]>([
    ['duende', 'duende', {}, { roles: ['clerk'] }],
    ['duende', 'duende', { role: ['clerk', 'manager'] }, { roles: ['clerk', 'manager'] }],
    ['fusionauth', 'fusionauth', {}, { clientId: 'client-1', roles: ['clerk'] }],
    ['hydra', 'hydra', { ext: { roles: ['clerk'] }, roles: ['clerk', 'b'] }, { roles: ['clerk', 'b'] }],
    ['generic', 'rfc9068', { entitlements: ['e'], roles: ['r'] }, { permissions: ['e'], roles: ['r'] }],
    ['generic', 'keycloak', { aud: ['https://api.example.com'] }, { roles: [] }],
  ])('%s under the profile %s with %j', async (provider, profile, claims, expected) => {
    const issuer = await issuerOf(provider)
    expect(await present(issuer, await issuer.accessToken(claims), { profile })).toMatchObject(expected)
  })

  test('a client id that holds dots is one key of resource_access', async () => {
    const issuer = await issuerOf('keycloak')
    const resource_access = { 'my.api': { roles: ['clerk'] }, my: { api: { roles: ['admin'] } } }
    const token = await issuer.accessToken({ aud: 'my.api', realm_access: undefined, resource_access })
    expect(await present(issuer, token, { audience: 'my.api' })).toMatchObject({ roles: ['clerk'] })
  })

  test('the issuer, the subject and the times, and no token', async () => {
    const issuer = await issuerOf('okta')
    const now = issuer.now()
    const auth = await present(issuer, await issuer.accessToken())
    expect(auth).toMatchObject({
      scheme: 'Bearer',
      issuer: 'https://dev-1.okta.com/oauth2/default',
      subject: 'user-1',
      issuedAt: now,
      expiresAt: now + 300,
    })
    expect(auth).not.toHaveProperty('token')
  })

  test('no subject where a machine has none', async () => {
    const issuer = await issuerOf('generic')
    expect(await present(issuer, await issuer.accessToken({ sub: undefined }))).not.toHaveProperty('subject')
  })

  // What cannot be read is no role; a scope, a client or an audience that cannot be read is no token.
  test.each<[string, ProviderName, Changes]>([
    ['roles that are a number', 'generic', { roles: 5 }],
    ['roles that are an object', 'generic', { roles: { clerk: true } }],
    ['roles among which is a number', 'generic', { roles: ['clerk', 5] }],
    ['realm_access that is a text', 'keycloak', { realm_access: 'user', resource_access: undefined }],
    ['inherited names', 'keycloak', { realm_access: [], resource_access: { constructor: {} } }],
  ])('no role from %s', async (_name, provider, claims) => {
    const issuer = await issuerOf(provider)
    expect(await present(issuer, await issuer.accessToken(claims))).toMatchObject({ roles: [] })
  })
})

// RFC 8725 section 3.12, RFC 9068 section 2.2.3: two claims that say the same must not say two things
describe('contradictions', () => {
  test.each<[string, ProviderName, ProfileName, Changes, string]>([
    ['scope and scp differ', 'generic', 'auto', { scope: 'a', scp: ['a', 'b'] }, 'invalid_claims'],
    ['scope and scp agree', 'generic', 'auto', { scope: 'a b', scp: ['b', 'a'] }, 'accepted'],
    ['scope is empty and scp is not', 'generic', 'auto', { scope: '', scp: ['a'] }, 'invalid_claims'],
    ['scope and scp differ', 'hydra', 'hydra', { scope: 'a' }, 'invalid_claims'],
    ['scope and scp agree', 'hydra', 'hydra', { scope: 'offline orders:read' }, 'accepted'],
    ['client_id and azp differ', 'generic', 'auto', { azp: 'client-2' }, 'invalid_claims'],
    ['client_id and azp agree', 'generic', 'auto', { azp: 'client-1' }, 'accepted'],
    ['client_id and azp differ', 'keycloak', 'keycloak', { client_id: 'client-2' }, 'invalid_claims'],
    ['scope is a number', 'generic', 'auto', { scope: 5 }, 'invalid_claims'],
    ['scope is null', 'generic', 'auto', { scope: null }, 'invalid_claims'],
    ['scope holds an object', 'generic', 'auto', { scope: [{}] }, 'invalid_claims'],
    ['scope holds a quote', 'generic', 'auto', { scope: 'a"b' }, 'invalid_claims'],
    ['scp is an object', 'okta', 'okta', { scp: {} }, 'invalid_claims'],
    ['azp is a number', 'entra', 'entra', { azp: 5 }, 'invalid_claims'],
    ['aud is a number', 'generic', 'auto', { aud: 5 }, 'invalid_claims'],
    ['aud holds a number', 'generic', 'auto', { aud: ['https://api.example.com', 5] }, 'invalid_claims'],
    ['aud is an object', 'generic', 'auto', { aud: {} }, 'invalid_claims'],
  ])('%s (%s, %s)', async (_name, provider, profile, claims, expected) => {
    const issuer = await issuerOf(provider)
    expect(await judge(issuer, await issuer.accessToken(claims), { profile })).toBe(expected)
  })
})
