import { createHmac } from 'node:crypto'
import {
  AuthError,
  ConfigurationError,
  createResourceServer,
  requireAuth,
  type RequireAuthOptions,
} from 'express-resource-server'
import { createTestIssuer, type Changes, type ProviderName, type TestIssuer } from 'express-resource-server/testing'
import { providers } from '../../src/testing/providers/index.js'
import type { Provider } from '../../src/testing/providers/provider.js'
import { forgeToken } from '../kit/forge.js'
import { compile, readDocument, readRows, readSnippets, run, type Snippet } from '../docs/snippets.js'

const page = readDocument('docs/providers.md')
const snippets = readSnippets(page)

/** The headings of the recipes, and the tokens that they are for. */
const RECIPES: readonly (readonly [name: ProviderName, heading: string, shown: string])[] = [
  ['generic', 'oidc-provider, Logto, better-auth', 'RFC 9068 (oidc-provider, Logto, ...)'],
  ['adfs', 'AD FS', 'AD FS'],
  ['auth0', 'Auth0', 'Auth0'],
  ['authentik', 'authentik', 'authentik'],
  ['b2c', 'Azure AD B2C', 'Azure AD B2C'],
  ['better-auth', 'better-auth', 'better-auth, JWT plugin'],
  ['clerk', 'Clerk', 'Clerk'],
  ['uaa', 'Cloud Foundry UAA', 'Cloud Foundry UAA, SAP XSUAA'],
  ['cognito', 'Amazon Cognito', 'Amazon Cognito'],
  ['duende', 'Duende IdentityServer', 'Duende IdentityServer'],
  ['entra', 'Microsoft Entra ID', 'Microsoft Entra ID, v2.0'],
  ['entra-v1', 'none', 'Microsoft Entra ID, v1.0'],
  ['fusionauth', 'FusionAuth', 'FusionAuth'],
  ['github-actions', 'GitHub Actions', 'GitHub Actions'],
  ['gitlab-ci', 'GitLab CI', 'GitLab CI'],
  ['google', 'none', 'Google'],
  ['hydra', 'Ory Hydra', 'Ory Hydra'],
  ['keycloak', 'Keycloak', 'Keycloak'],
  ['kubernetes', 'Kubernetes', 'Kubernetes'],
  ['okta', 'Okta', 'Okta'],
  ['openauth', 'OpenAuth', 'OpenAuth'],
  ['pingam', 'PingAM, ForgeRock AM, OpenAM', 'PingAM, ForgeRock AM, OpenAM'],
  ['pingone', 'PingOne', 'PingOne'],
  ['spring', 'Spring Authorization Server', 'Spring Authorization Server'],
  ['supabase', 'Supabase', 'Supabase'],
  ['workos', 'WorkOS AuthKit', 'WorkOS AuthKit'],
  ['zitadel', 'ZITADEL', 'ZITADEL'],
]

const SECRET = 'a secret of thirty-two bytes or more, as it is written'

/** What a recipe hands to `requireAuth`; where there is none, issuer and audience alone. */
async function recipeOf(heading: string, issuer: TestIssuer): Promise<RequireAuthOptions> {
  const found = snippets.find((one) => one.heading === heading && one.code.includes('requireAuth('))
  if (found === undefined) return { issuer: issuer.issuer, audience: issuer.audience }
  return optionsOf(found)
}

async function optionsOf({ code }: Snippet): Promise<RequireAuthOptions> {
  const seen: RequireAuthOptions[] = []
  await run(code, {}, { requireAuth: (options: RequireAuthOptions) => seen.push(options), secret: SECRET })
  const [options] = seen
  if (options === undefined) throw new Error('The snippet does not call requireAuth().')
  return options
}

type Cell = 'in' | 'out' | 'error' | '-'

/** Sends a token to an API of these options. Nothing but a verdict about the token is one. */
async function send(
  options: RequireAuthOptions,
  issuer: TestIssuer,
  token: Promise<string> | undefined,
): Promise<Cell> {
  if (token === undefined) return '-'
  const { fetch, clock } = issuer.options
  let server
  try {
    server = createResourceServer({ ...options, fetch, clock })
  } catch (error) {
    if (error instanceof ConfigurationError) return 'error'
    throw error
  }
  try {
    await server.verifyToken(await token)
    return 'in'
  } catch (error) {
    if (error instanceof AuthError) return 'out'
    throw error
  }
}

const AUDIENCES = (issuer: TestIssuer): readonly unknown[] => [
  'client-1',
  issuer.audience,
  [issuer.audience, 'client-1'],
]

/** The ID tokens of a provider: for the client and for this API, and without what many clients do not ask for. */
function idTokens(issuer: TestIssuer): readonly Promise<string>[] {
  return AUDIENCES(issuer).flatMap((aud) =>
    [{}, { nonce: undefined }, { at_hash: undefined }, { nonce: undefined, at_hash: undefined }].map((claims) =>
      issuer.idToken({ aud, ...claims }),
    ),
  )
}

const OTHER_MESSAGES: readonly Changes[] = [
  { state: 's', code: 'c' },
  { state: 's', access_token: 't' },
  { redirect_uri: 'https://app.example.com/', code_challenge: 'x' },
  { response_type: 'code', state: 's' },
  { active: true, token_type: 'Bearer' },
  { token_introspection: { active: true } },
  { events: {} },
  { htm: 'GET', htu: 'https://api.example.com/' },
  { redirect_uris: ['https://app.example.com/'] },
  { vct: 'https://credentials.example.com/identity', _sd: [] },
  { token_type: 'refresh' },
  { typ: 'Refresh' },
  { tokenName: 'refresh_token' },
  { ati: '1' },
]

function otherMessages(issuer: TestIssuer): readonly Promise<string>[] {
  return OTHER_MESSAGES.map((claims) => issuer.accessToken({ scope: 'orders:read', ...claims }))
}

/** One cell for several tokens, which have one fate. */
async function fateOf(
  options: RequireAuthOptions,
  issuer: TestIssuer,
  tokens: readonly Promise<string>[],
): Promise<string> {
  const cells = new Set<Cell>()
  for (const token of tokens) cells.add(await send(options, issuer, token))
  return [...cells].join(', ')
}

async function rowOf(name: ProviderName, heading: string): Promise<readonly string[]> {
  const issuer = await createTestIssuer({ provider: name, algorithm: 'ES256' })
  const provider: Provider = providers[name]
  const plain = { issuer: issuer.issuer, audience: issuer.audience }
  const recipe = await recipeOf(heading, issuer)
  const has = <Token>(template: unknown, token: () => Token): Token | undefined =>
    template === undefined ? undefined : token()
  const row: string[] = []
  for (const options of [plain, recipe]) {
    row.push(await send(options, issuer, issuer.accessToken()))
    row.push(
      await send(
        options,
        issuer,
        has(provider.app, () => issuer.appToken()),
      ),
    )
  }
  const refresh = has(provider.refresh, () => AUDIENCES(issuer).map((aud) => issuer.refreshToken({ aud })))
  const logout = AUDIENCES(issuer).flatMap((aud) => [
    issuer.logoutToken({ aud }),
    issuer.logoutToken({ aud, scope: 'x' }, { typ: undefined }),
  ])
  for (const tokens of [has(provider.id, () => idTokens(issuer)), refresh, logout, otherMessages(issuer)]) {
    const fates = new Set<string>()
    for (const options of [plain, recipe]) {
      fates.add(tokens === undefined ? '-' : await fateOf(options, issuer, tokens))
    }
    // Where the plain options are an error at start-up, the recipe says what becomes of a token.
    const judged = [...fates].filter((fate) => fate !== 'error')
    row.push(judged.length === 0 ? 'error' : judged.join(', '))
  }
  return row
}

describe('the table of docs/providers.md', () => {
  const rows = readRows(page)
  const shown = new Map(rows.map(([name = '', ...cells]) => [name, cells]))

  test('has a row for every provider of the test kit, and no other', () => {
    expect(RECIPES.map(([name]) => name).sort()).toEqual(Object.keys(providers).sort())
    expect([...shown.keys()]).toEqual(RECIPES.map(([, , name]) => name))
    expect(RECIPES.length).toBeGreaterThanOrEqual(20)
  })

  test.each(RECIPES)('%s, by the recipe "%s"', async (name, heading, label) => {
    expect([label, ...(await rowOf(name, heading))]).toEqual([label, ...(shown.get(label) ?? [])])
  })

  test('lets access tokens in by the recipe, and nothing else by any', () => {
    for (const [name = '', ...cells] of rows) {
      const [, , user, app, ...others] = cells
      const wanted = name === 'Google' ? 'error' : 'in'
      expect([name, user, ...(app === '-' ? [] : [app])]).toEqual([name, wanted, ...(app === '-' ? [] : [wanted])])
      expect([
        name,
        ...others.filter((cell) => !['-', 'out', ...(name === 'Google' ? ['error'] : [])].includes(cell)),
      ]).toEqual([name])
    }
  })
})

describe('the recipes of docs/providers.md', () => {
  const own = readSnippets(page)

  test('compile', () => {
    const prelude = `import { requireAuth } from 'express-resource-server'\ndeclare const secret: string`
    const files = new Map(own.map(({ code, line }) => [`providers-${String(line)}.ts`, `${prelude}\n${code}`]))
    expect(files.size).toBeGreaterThanOrEqual(15)
    expect(compile(files)).toEqual([])
  }, 60_000)

  test('start up', async () => {
    for (const snippet of own.filter(({ language }) => language === 'ts')) {
      const options = await optionsOf(snippet)
      expect(() => requireAuth({ ...options, fetch: () => Promise.reject(new TypeError('no network')) })).not.toThrow()
    }
  })

  test('AD FS: under the issuer of ID tokens, they are refused all the same', async () => {
    const issuer = await createTestIssuer({ provider: 'adfs', algorithm: 'ES256' })
    const { jwksUri } = issuer.options
    for (const profile of ['auto', 'adfs', 'generic'] as const) {
      const options = { issuer: 'https://adfs.example.com/adfs', audience: 'client-1', jwksUri, profile }
      expect([profile, await send(options, issuer, issuer.idToken())]).toEqual([profile, 'out'])
    }
  })

  test('Supabase: the older shared secret is taken as it is written, under the kid of the token', async () => {
    const recipe = own.find(({ heading, code }) => heading === 'Supabase' && code.includes('HS256'))
    const options = await optionsOf(recipe ?? fail())
    const issuer = await createTestIssuer({ provider: 'supabase', algorithm: 'ES256' })
    const [, payload = ''] = (await issuer.accessToken()).split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    const forge = (header: object, secret: string) =>
      forgeToken({ alg: 'HS256', typ: 'JWT', ...header }, claims, (input) =>
        createHmac('sha256', secret).update(input).digest(),
      )
    expect(await send(options, issuer, Promise.resolve(forge({}, SECRET)))).toBe('in')
    const named = { ...options, jwks: { keys: (options.jwks?.keys ?? []).map((key) => ({ ...key, kid: 'legacy' })) } }
    expect(await send(named, issuer, Promise.resolve(forge({ kid: 'legacy' }, SECRET)))).toBe('in')
    expect(await send(options, issuer, Promise.resolve(forge({}, 'another secret')))).toBe('out')
  })
})

function fail(): never {
  throw new Error('The recipe is gone.')
}
