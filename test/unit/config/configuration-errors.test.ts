import express, { type RequestHandler } from 'express'
import * as library from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'
import { generateKeyPair, exportJWK, type JWK } from 'jose'
import request from 'supertest'
import { config } from 'zod'

const { ConfigurationError, requireAuth } = library

const ISSUER = 'https://login.example.com'
const GOOD = { issuer: ISSUER, audience: 'https://api.example.com' }
const SECRET = { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url') }
const ALGORITHMS = 'RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519, HS256, HS384, HS512'
const PROFILES =
  'auto, generic, rfc9068, adfs, auth0, authentik, b2c, clerk, cognito, duende, entra, fusionauth, google, hydra, keycloak, okta, openauth, pingam, pingone, supabase, uaa, zitadel'

let publicKey: JWK
let privateKey: JWK

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  publicKey = await exportJWK(pair.publicKey)
  privateKey = await exportJWK(pair.privateKey)
})

function messageOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'configuration_error' })
    return (error as Error).message
  }
  return 'no error'
}

/** What JavaScript may pass. */
const configure = (options: unknown): string => messageOf(() => requireAuth(options as library.RequireAuthOptions))

const seconds = (name: string, min: number, max: number): string =>
  `The option "${name}" must be a number of seconds from ${String(min)} to ${String(max)}.`

// design, section 2: fails at start-up and names the option, the environment variable and the fix
describe('requireAuth fails at start-up', () => {
  const before = { ...process.env }

  beforeEach(() => {
    delete process.env['OAUTH_ISSUER']
    delete process.env['OAUTH_AUDIENCE']
  })

  afterAll(() => {
    process.env = before
  })

  const NO_ISSUER =
    'No issuer. Set the option "issuer" or the environment variable OAUTH_ISSUER to the issuer identifier of your provider, for example "https://login.example.com".'
  const NO_AUDIENCE =
    'No audience. Set the option "audience" or the environment variable OAUTH_AUDIENCE to the identifier of this API, for example "https://api.example.com". Without it, a token issued for any other API would open this one.'

  test.each<[unknown, string]>([
    [undefined, NO_ISSUER],
    [{}, NO_ISSUER],
    [{ audience: 'a' }, NO_ISSUER],
    [{ issuer: ISSUER }, NO_AUDIENCE],
    [{ issuer: [ISSUER, { issuer: 'https://b.example.com', audience: 'b' }] }, NO_AUDIENCE],
    [{ issuer: () => undefined }, NO_AUDIENCE],
  ])('for want of an option: %j', (options, message) => {
    expect(configure(options)).toBe(message)
  })

  test('unless the environment has it', () => {
    process.env['OAUTH_ISSUER'] = ISSUER
    process.env['OAUTH_AUDIENCE'] = 'https://api.example.com'
    expect(requireAuth()).toBeInstanceOf(Function)
    process.env['OAUTH_AUDIENCE'] = ''
    expect(configure(undefined)).toBe(NO_AUDIENCE)
  })

  test.each([
    ['issuerBaseURL', 'issuer'],
    ['iss', 'issuer'],
    ['Issuer', 'issuer'],
    ['audiance', 'audience'],
    ['aud', 'audience'],
    ['algorithm', 'algorithms'],
    ['tokenSigningAlg', 'algorithms'],
    ['jwksUrl', 'jwksUri'],
    ['jwks_uri', 'jwksUri'],
    ['secret', 'jwks'],
    ['strict', 'profile'],
    ['clockTolerance', 'clockToleranceSeconds'],
    ['maxTokenAge', 'maxTokenAgeSeconds'],
    ['dangerouslyAllowHTTP', 'dangerouslyAllowHttp'],
    ['introspection', 'issuer: { issuer, introspection }'],
    ['isAccessToken', 'issuer: { issuer, isAccessToken }'],
    ['dangerouslyIgnoredMarks', 'issuer: { issuer, dangerouslyIgnoredMarks }'],
  ])('and takes the unknown option %s for %s', (name, meant) => {
    expect(configure({ ...GOOD, [name]: 'x' })).toBe(`Unknown option "${name}". Did you mean "${meant}"?`)
  })

  test.each<[string, unknown, string]>([
    ['keys.freshSecond', { keys: { freshSecond: 1 } }, 'freshSeconds'],
    ['issuer.audiance', { issuer: { issuer: ISSUER, audiance: 'a' } }, 'audience'],
    ['issuer.0.audiance', { issuer: [{ issuer: ISSUER, audiance: 'a' }] }, 'audience'],
    ['issuer.1.isAccesToken', { issuer: [ISSUER, { issuer: ISSUER, isAccesToken: 1 }] }, 'isAccessToken'],
    ['scopeHierarchy.implied', { scopeHierarchy: { implied: {} } }, 'implies'],
    ['verifiedTokenCache.max', { verifiedTokenCache: { max: 1 } }, 'maxEntries'],
  ])('and takes the nested option %s for a known one', (name, options, meant) => {
    expect(configure({ ...GOOD, ...(options as object) })).toBe(`Unknown option "${name}". Did you mean "${meant}"?`)
  })

  test('and lists the known options where none is near, those of the same object', () => {
    expect(configure({ ...GOOD, foo: 1 })).toMatch(/^Unknown option "foo"\. Known are: audience, profile, .+\.$/)
    expect(configure({ ...GOOD, keys: { foo: 1 } })).toBe(
      'Unknown option "keys.foo". Known are: freshSeconds, maxStaleSeconds, cooldownSeconds, timeoutSeconds, maxBytes.',
    )
    expect(configure({ ...GOOD, issuer: { issuer: ISSUER, clockToleranceSeconds: 5 } })).toBe(
      'Unknown option "issuer.clockToleranceSeconds". Known are: audience, profile, claimPaths, algorithms, jwksUri, jwks, issuer, isAccessToken, dangerouslyIgnoredMarks, introspection.',
    )
    expect(configure({ ...GOOD, jwks: { keys: [], foo: 1 } })).toBe('Unknown option "jwks.foo". Known are: keys.')
    expect(configure({ ...GOOD, issuer: { issuer: ISSUER, jwks: { keys: [], foo: 1 } } })).toBe(
      'Unknown option "issuer.jwks.foo". Known are: keys.',
    )
    expect(configure({ ...GOOD, issuer: [{ issuer: ISSUER, foo: 1 }] })).toMatch(
      /^Unknown option "issuer\.0\.foo"\. Known are: audience, .+, isAccessToken, dangerouslyIgnoredMarks, introspection\.$/,
    )
  })

  const HTTP = (name: string) =>
    `The option "${name}" uses http beyond this machine: whoever sits in between could forge tokens. Use https, or set "dangerouslyAllowHttp" to true.`
  const NOT_FETCHED =
    'HS256, HS384 and HS512 need a secret that you give in the option "jwks"; they are never used with keys that are fetched, since those are public.'
  const MIXED =
    'The option "algorithms" mixes HS256, HS384 or HS512 with public-key algorithms: give each its own issuer.'
  const SHORT_SECRET = expect.stringMatching(/^The option "jwks" holds no key .+48 for HS384, 64 for HS512/) as string
  const SEVERAL_AUDIENCES = (text: string, list: string) =>
    `The option "audience" ("${text}") holds several audiences in one text: write a list, ${list}. If it is one name, write a list of that one.`
  const SEVERAL_ISSUERS =
    "The option \"issuer\" holds several issuers in one text: write a list, ['https://login.example.com', 'https://b.example.com']."
  const ABOUT_SECRETS =
    'and whoever verifies with one can make tokens too: have the issuer sign with an asymmetric key (ES256, RS256)'
  const NO_SECRET = (name: string) =>
    `The option "${name}" must be a JSON Web Key Set: { keys: [{ kty: ... }, ...] }. A text is a shared secret, ${ABOUT_SECRETS}.`
  const KEY_SET = (name: string) => `The option "${name}" must be a JSON Web Key Set: { keys: [{ kty: ... }, ...] }.`
  const NO_URL = `The option "issuer" is not a URL: write "https://..." exactly as it stands in the tokens' "iss", or add "jwksUri".`

  test.each<[unknown, string]>([
    [{ issuer: 'http://login.example.com' }, HTTP('issuer')],
    [{ issuer: ['https://a.example.com', { issuer: 'http://keycloak:8080' }] }, HTTP('issuer')],
    [{ jwksUri: 'http://login.example.com/jwks' }, HTTP('jwksUri')],
    [{ issuer: 'login.example.com' }, NO_URL],
    [{ jwksUri: '/jwks' }, 'The option "jwksUri" must be a whole https URL: "https://...", without user and password.'],
    [
      { issuer: 'https://u:p@example.com' },
      'The option "issuer" must be a whole https URL: "https://...", without user and password.',
    ],
    [{ issuer: 'https://example.com?a=b' }, 'The option "issuer" must have no query and no fragment.'],
    [{ issuer: 'https://example.com#a' }, 'The option "issuer" must have no query and no fragment.'],
    [{ issuer: ' https://example.com' }, 'The option "issuer" holds white space: remove it.'],
    [
      { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' },
      'The option "issuer" holds a placeholder in braces: list the issuer of each tenant that you trust, with the name of the tenant in it.',
    ],
    [{ issuer: `${ISSUER},https://b.example.com` }, SEVERAL_ISSUERS],
    [{ issuer: `${ISSUER}, https://b.example.com` }, SEVERAL_ISSUERS],
    [{ issuer: `${ISSUER} https://b.example.com` }, SEVERAL_ISSUERS],
    [{ issuer: { issuer: `${ISSUER} https://b.example.com` } }, SEVERAL_ISSUERS],
    [{ issuer: '' }, 'The option "issuer" must not be empty.'],
    [{ issuer: {} }, 'The option "issuer.issuer" must be a text.'],
    [{ issuer: [{ audience: 'a' }] }, 'The option "issuer.0.issuer" must be a text.'],
    [
      { issuer: [ISSUER, ISSUER] },
      `The issuer "${ISSUER}" is listed twice: leave one out. One issuer may have several audiences.`,
    ],
    [
      { issuer: [ISSUER, { issuer: ISSUER, audience: 'b' }] },
      `The issuer "${ISSUER}" is listed twice: leave one out. One issuer may have several audiences.`,
    ],
    [{ audience: '' }, 'The option "audience" must not be empty.'],
    [{ audience: [] }, 'The option "audience" must not be empty.'],
    [{ audience: [''] }, 'The option "audience.0" must not be empty.'],
    [{ audience: false }, 'The option "audience" must be a text or several, none of them empty.'],
    [{ audience: /api/ }, 'The option "audience" must be a text or several, none of them empty.'],
    [{ audience: 'a, b' }, SEVERAL_AUDIENCES('a, b', "['a', 'b']")],
    [{ audience: 'api-a,api-b,' }, SEVERAL_AUDIENCES('api-a,api-b,', "['api-a', 'api-b']")],
    [
      { audience: 'https://a.example.com https://b.example.com' },
      SEVERAL_AUDIENCES(
        'https://a.example.com https://b.example.com',
        "['https://a.example.com', 'https://b.example.com']",
      ),
    ],
    [{ issuer: { issuer: ISSUER, audience: 'a,b' } }, SEVERAL_AUDIENCES('a,b', "['a', 'b']")],
    [{ profile: Object.create(null) as object }, `The option "profile" must be one of ${PROFILES}.`],
    [{ profile: 'Okta' }, `The option "profile" must be one of ${PROFILES}. Did you mean "okta"?`],
    [{ profile: 'acme-sso' }, `The option "profile" must be one of ${PROFILES}.`],
    [
      { algorithms: [] },
      'The option "algorithms" must name at least one algorithm; leave it out for the asymmetric ones.',
    ],
    [
      { issuer: { issuer: ISSUER, dangerouslyIgnoredMarks: 'active' } },
      `The option "issuer.dangerouslyIgnoredMarks" must be an array of claims: ['active'].`,
    ],
    [
      { issuer: { issuer: ISSUER, dangerouslyIgnoredMarks: ['Active'] } },
      expect.stringMatching(
        /^The option "issuer\.dangerouslyIgnoredMarks\.0" must hold .+ Did you mean "active"\?$/,
      ) as string,
    ],
    // These never mean anything else.
    ...['nonce', 'at_hash', 'htm', 'htu', 'sub', 'jti'].map((name): [unknown, string] => [
      { issuer: { issuer: ISSUER, dangerouslyIgnoredMarks: [name] } },
      expect.stringContaining('must hold claims that mark other kinds of tokens, out of typ, ') as string,
    ]),
    [{ algorithms: 'RS256,ES256' }, `The option "algorithms" must be an array of names: ['RS256', 'ES256'].`],
    [{ algorithms: ['none'] }, `The option "algorithms.0" must hold names out of ${ALGORITHMS}.`],
    [
      { algorithms: ['rs256'] },
      `The option "algorithms.0" must hold names out of ${ALGORITHMS}. Did you mean "RS256"?`,
    ],
    [{ algorithms: ['HS256'] }, NOT_FETCHED],
    [{ algorithms: ['HS256'], jwksUri: 'https://login.example.com/jwks' }, NOT_FETCHED],
    [{ algorithms: ['HS256', 'RS256'] }, NOT_FETCHED],
    [{ algorithms: ['HS256', 'RS256'], jwks: { keys: [SECRET] } }, MIXED],
    [
      { jwks: { keys: [SECRET] }, jwksUri: 'https://login.example.com/jwks' },
      'Both "jwks" and "jwksUri" are set: leave one out.',
    ],
    [{ jwks: { keys: [] } }, 'The option "jwks" holds no key that can verify access tokens: it is empty.'],
    [
      { jwks: { keys: [SECRET] } },
      `The option "jwks" holds no key that can verify access tokens: it is a shared secret, ${ABOUT_SECRETS}. Who must, names HS256 in "algorithms".`,
    ],
    [{ algorithms: ['HS256'], jwks: { keys: [{ ...SECRET, k: 'AAAA' }] } }, SHORT_SECRET],
    // RFC 7518 section 3.2: a secret is at least as long as the hash
    [{ algorithms: ['HS384'], jwks: { keys: [SECRET] } }, SHORT_SECRET],
    [{ algorithms: ['HS512'], jwks: { keys: [SECRET] } }, SHORT_SECRET],
    [{ jwks: 'secret' }, NO_SECRET('jwks')],
    [{ jwks: { keys: [Buffer.alloc(40, 7).toString('base64')] } }, NO_SECRET('jwks.keys.0')],
    [
      { jwks: '-----BEGIN PUBLIC KEY-----\nMFkw' },
      'The option "jwks" must be a JSON Web Key Set and no PEM: { keys: [createPublicKey(pem).export({ format: \'jwk\' })] }, by "node:crypto".',
    ],
    [{ jwks: 5 }, KEY_SET('jwks')],
    [{ maxTokenAgeSeconds: '1 month' }, seconds('maxTokenAgeSeconds', 1, 31_536_000)],
    [{ maxTokenAgeSeconds: 0 }, seconds('maxTokenAgeSeconds', 1, 31_536_000)],
    [{ maxTokenAgeSeconds: Infinity }, seconds('maxTokenAgeSeconds', 1, 31_536_000)],
    [{ keys: { freshSeconds: '10m' } }, seconds('keys.freshSeconds', 1, 86_400)],
    [{ keys: { maxStaleSeconds: -1 } }, seconds('keys.maxStaleSeconds', 0, 86_400)],
    [{ keys: { cooldownSeconds: 0 } }, seconds('keys.cooldownSeconds', 1, 3600)],
    [{ keys: { timeoutSeconds: 5000 } }, seconds('keys.timeoutSeconds', 0.05, 30)],
    [{ keys: { maxBytes: '1mb' } }, 'The option "keys.maxBytes" must be a whole number of bytes.'],
    [{ keys: { maxBytes: 1 } }, 'The option "keys.maxBytes" must be at least 1024.'],
    [{ keys: { maxBytes: 2 ** 60 } }, 'The option "keys.maxBytes" must be a whole number of bytes.'],
    [{ keys: [] }, 'The option "keys" must be an object.'],
    [{ jwks: [] }, KEY_SET('jwks')],
    [{ jwks: { keys: [[]] } }, KEY_SET('jwks.keys.0')],
    [{ jwks: { keys: [new Map()] } }, KEY_SET('jwks.keys.0')],
    [{ verifiedTokenCache: true }, 'The option "verifiedTokenCache" must be false or { maxEntries, maxAgeSeconds }.'],
    [{ verifiedTokenCache: { maxEntries: 0 } }, 'The option "verifiedTokenCache.maxEntries" must be at least 1.'],
    [{ verifiedTokenCache: { maxAgeSeconds: 0 } }, seconds('verifiedTokenCache.maxAgeSeconds', 1, 86_400)],
    [{ claims: { tenant: 'a' } }, 'The option "claims" must be a Standard Schema, of zod, valibot or arktype say.'],
    [{ scopeHierarchy: ['a'] }, 'The option "scopeHierarchy" must be an object { implies, wildcards }.'],
    [
      { scopeHierarchy: { implies: ['a'] } },
      `The option "scopeHierarchy.implies" must be an object of scopes and what they imply: { 'orders:admin': ['orders:read'] }.`,
    ],
    [
      { scopeHierarchy: { implies: { admin: 'read' } } },
      'The option "scopeHierarchy.implies.admin" must be an array of scopes.',
    ],
    [
      { scopeHierarchy: { implies: { constructor: 'read' } } },
      'The option "scopeHierarchy.implies.constructor" must be an array of scopes.',
    ],
    [
      { scopeHierarchy: { implies: { admin: ['read write'] } } },
      'The option "scopeHierarchy.implies.admin.0" must be one scope: printable ASCII without spaces, quotes and backslashes.',
    ],
    [
      { scopeHierarchy: { implies: { admin: ['read,write'] } } },
      'The option "scopeHierarchy.implies.admin.0" holds a comma: give each scope as a text of its own.',
    ],
    [
      { scopeHierarchy: { implies: { 'a b': ['read'] } } },
      'The option "scopeHierarchy.implies" names "a b", which is not one scope: printable ASCII without spaces, quotes and backslashes.',
    ],
    [
      { scopeHierarchy: { implies: { admin: ['write'], write: ['admin'] } } },
      'The option "scopeHierarchy.implies" goes in a circle: "admin" implies itself. Take one of its steps out.',
    ],
    [
      { scopeHierarchy: { implies: { admin: ['orders:*'] }, wildcards: true } },
      'The option "scopeHierarchy.implies" implies "orders:*": only a token can hold a wildcard. List the scopes that are meant.',
    ],
    [{ scopeHierarchy: { wildcards: 'yes' } }, 'The option "scopeHierarchy.wildcards" must be true or false.'],
    [{ dangerouslyAllowHttp: 'yes' }, 'The option "dangerouslyAllowHttp" must be true or false.'],
    [{ realm: 'a\nb' }, 'The option "realm" must be printable ASCII.'],
    [{ realm: '' }, 'The option "realm" must not be empty.'],
    [{ resourceMetadataUrl: '/a' }, 'The option "resourceMetadataUrl" must be a whole URL: "https://...".'],
    [{ fetch: 'a' }, 'The option "fetch" must be a function.'],
    [{ clock: 5 }, 'The option "clock" must be a function.'],
    [{ onError: {} }, 'The option "onError" must be a function.'],
    [{ failedAuthLimit: true }, 'The option "failedAuthLimit" must be an object of express-rate-limit options.'],
  ])('for %j', (options, message) => {
    expect(configure({ ...GOOD, ...(options as object) })).toEqual(message)
  })

  test.each(['My API', ['a,b'], ['https://a.example.com https://b.example.com']])(
    'but not for the audience %j',
    (audience) => {
      expect(configure({ ...GOOD, audience })).toBe('no error')
    },
  )

  test.each(['constructor', 'toString', 'hasOwnProperty'])('for %s, which every object inherits', (name) => {
    expect(configure({ ...GOOD, [name]: 1 })).toMatch(new RegExp(`^Unknown option "${name}"\\. Known are: audience`))
  })

  // In a union: of one branch what comes first, of several what says most.
  test.each<[unknown, string]>([
    [{ issuer: { issuer: '', foo: 1 } }, 'The option "issuer.issuer" must not be empty.'],
    [{ issuer: { issuer: 5, foo: 1 } }, 'Unknown option "issuer.foo".'],
    [{ issuer: [5, { issuer: ISSUER, foo: 1 }] }, 'Unknown option "issuer.1.foo".'],
    [
      { verifiedTokenCache: { maxEntries: 0, foo: 1 } },
      'The option "verifiedTokenCache.maxEntries" must be at least 1.',
    ],
    [{ verifiedTokenCache: { maxEntries: 1.5, foo: 1 } }, 'Unknown option "verifiedTokenCache.foo".'],
    [{ keys: { maxBytes: 1.5, foo: 1 } }, 'The option "keys.maxBytes" must be a whole number of bytes.'],
  ])('for two problems at once, %j', (options, message) => {
    expect(configure({ ...GOOD, ...(options as object) }).startsWith(message)).toBe(true)
  })

  test('in the same words whatever the application has set for schemas of its own', () => {
    const { customError, jitless } = config()
    config({ customError: () => 'Ungueltig', jitless: false })
    expect(configure({ ...GOOD, issuer: { issuer: 5, foo: 1 } })).toMatch(/^Unknown option "issuer\.foo"\. Known are: /)
    expect(configure({ ...GOOD, keys: { maxBytes: 1 } })).toBe('The option "keys.maxBytes" must be at least 1024.')
    config({ customError, jitless })
  })

  test.each([Number.NaN, Infinity, -1, 301, '30', '1 month', null])('for clockToleranceSeconds: %p', (value) => {
    expect(configure({ ...GOOD, clockToleranceSeconds: value })).toBe(seconds('clockToleranceSeconds', 0, 300))
  })

  test.each([0, 0.5, 300])('but not for clockToleranceSeconds: %p', (value) => {
    expect(configure({ ...GOOD, clockToleranceSeconds: value })).toBe('no error')
  })

  test('for a private key in jwks, and says which part to give', () => {
    expect(configure({ ...GOOD, jwks: { keys: [privateKey] } })).toBe(
      'The option "jwks" holds a private key. Give the public part alone: without "d" and the like.',
    )
    expect(configure({ ...GOOD, jwks: { keys: [publicKey, privateKey] } })).toContain('private key')
    expect(configure({ ...GOOD, jwks: { keys: [publicKey] } })).toBe('no error')
  })

  test('for a key that none of the algorithms fits', () => {
    expect(configure({ ...GOOD, algorithms: ['RS256'], jwks: { keys: [publicKey] } })).toContain('"algorithms"')
    expect(configure({ ...GOOD, algorithms: ['ES256'], jwks: { keys: [publicKey] } })).toBe('no error')
  })

  test.each(['https://login.example.com', null, 5, () => undefined])('for %p instead of options', (options) => {
    expect(configure(options)).toBe('requireAuth() takes an object of options, or nothing.')
  })

  test('for a promise of options', () => {
    const promised = Promise.resolve(GOOD)
    expect(configure(promised)).toBe('The options are a promise: write "await" before what gives them.')
    expect(configure(createTestIssuer())).toContain('"await"')
  })

  // The message continues "The option ...": the schema library's own words do not, and say nothing of what to write.
  test.each<[unknown, string]>([
    [[], 'object'],
    [{ ...GOOD, issuer: [] }, '"issuer"'],
    [{ ...GOOD, issuer: [5] }, '"issuer.0"'],
    [{ ...GOOD, algorithms: 'RS256' }, '"algorithms"'],
    [{ ...GOOD, keys: 5 }, '"keys"'],
    [{ ...GOOD, jwks: {} }, '"jwks'],
    [{ ...GOOD, jwks: SECRET }, '"jwks'],
    [{ ...GOOD, jwks: { keys: ['a'] } }, '"jwks.keys.0"'],
  ])('for %j, in words of its own', (options, name) => {
    const message = configure(options)
    expect(message).toContain(name)
    expect(message).not.toMatch(/Invalid input|expected|Too small/)
  })
})

const { requireScope, requireAnyScope, requireClaim, requireRole, requirePolicy, requireStepUp } =
  // What JavaScript may pass.
  library as unknown as Record<string, (...parameters: unknown[]) => RequestHandler>

describe('a guard fails at start-up', () => {
  const SCOPES =
    /takes each scope as a text of its own, requireScope\('a', 'b'\), in printable ASCII without quotes and backslashes\.$/
  const PATH = /takes the path of a claim first: "tenant", "realm_access\.roles" or an array of names\.$/
  const EXPECTED = /takes a text, a number, a boolean or a predicate as the second argument\.$/
  const POLICY = 'requirePolicy() takes a policy: scope(...), allOf(...), or a function (auth, req) => boolean.'

  test.each<[string, () => unknown, RegExp | string]>([
    ["requireScope('')", () => requireScope?.(''), SCOPES],
    [
      'requireScope()',
      () => requireScope?.(),
      /needs at least one scope, for example requireScope\('orders:read'\)\.$/,
    ],
    ["requireScope('a b')", () => requireScope?.('a b'), /give each scope as an argument of its own\.$/],
    ["requireScope('a,b')", () => requireScope?.('a,b'), /holds a comma: give each scope as an argument of its own\.$/],
    ["requireAnyScope('a, b')", () => requireAnyScope?.('a, b'), /give each scope as an argument of its own\.$/],
    ["requireScope(['a'])", () => requireScope?.(['a']), SCOPES],
    ['requireScope(undefined)', () => requireScope?.(undefined), SCOPES],
    ['requireScope(a quote)', () => requireScope?.('a"'), SCOPES],
    [
      'requireAnyScope()',
      () => requireAnyScope?.(),
      /needs at least one scope, for example requireScope\('orders:read'\)\.$/,
    ],
    ["requireClaim('')", () => requireClaim?.('', 'a'), PATH],
    ["requireClaim('a..b')", () => requireClaim?.('a..b', 'a'), PATH],
    ['requireClaim([])', () => requireClaim?.([], 'a'), PATH],
    ["requireClaim('a')", () => requireClaim?.('a'), EXPECTED],
    ["requireClaim('a', ['b'])", () => requireClaim?.('a', ['b']), EXPECTED],
    ["requireClaim('a', null)", () => requireClaim?.('a', null), EXPECTED],
    [
      'requireRole()',
      () => requireRole?.(),
      /needs at least one role, each as a text of its own: requireRole\('clerk', 'manager'\)\.$/,
    ],
    [
      "requireRole('')",
      () => requireRole?.(''),
      /needs at least one role, each as a text of its own: requireRole\('clerk', 'manager'\)\.$/,
    ],
    [
      "requireRole(['a'])",
      () => requireRole?.(['a']),
      /needs at least one role, each as a text of its own: requireRole\('clerk', 'manager'\)\.$/,
    ],
    ['requirePolicy(undefined)', () => requirePolicy?.(undefined), POLICY],
    ["requirePolicy('a')", () => requirePolicy?.('a'), POLICY],
    ['requireStepUp({})', () => requireStepUp?.({}), /needs "acr", "amr" or "maxAgeSeconds"\.$/],
    ['requireStepUp()', () => requireStepUp?.(), /an object of "acr", "amr" and "maxAgeSeconds", and nothing else/],
    ['requireStepUp(null)', () => requireStepUp?.(null), /"amr" and "maxAgeSeconds"/],
    ['requireStepUp({ amr: [] })', () => requireStepUp?.({ amr: [] }), /takes "amr" as texts/],
    ["requireStepUp({ amr: 'pwd mfa' })", () => requireStepUp?.({ amr: 'pwd mfa' }), /takes "amr" as texts/],
    ["requireStepUp({ acr: '' })", () => requireStepUp?.({ acr: '' }), /takes "acr" as texts/],
    ['requireStepUp({ acr: [] })', () => requireStepUp?.({ acr: [] }), /takes "acr" as texts/],
    ["maxAgeSeconds: '5m'", () => requireStepUp?.({ maxAgeSeconds: '5m' }), /"maxAgeSeconds" as a whole number/],
    ['maxAgeSeconds: -1', () => requireStepUp?.({ maxAgeSeconds: -1 }), /"maxAgeSeconds" as a whole number/],
    // A misspelt option beside a good one must not weaken the step-up in silence.
    ['a misspelt maxAge', () => requireStepUp?.({ acr: 'mfa', maxAge: 300 }), /"maxAgeSeconds"/],
  ])('%s', (_name, attempt, message) => {
    const actual = messageOf(attempt)
    if (typeof message === 'string') expect(actual).toBe(message)
    else expect(actual).toMatch(message)
  })

  test('and none of what is right does', () => {
    expect(requireScope?.('a', 'b')).toBeInstanceOf(Function)
    expect(requireClaim?.('a.b', 0)).toBeInstanceOf(Function)
    expect(requireRole?.('a')).toBeInstanceOf(Function)
    expect(requirePolicy?.(() => true)).toBeInstanceOf(Function)
    expect(requireStepUp?.({ acr: ['mfa'], maxAgeSeconds: 0 })).toBeInstanceOf(Function)
  })
})

const policies =
  // What JavaScript may pass.
  library as unknown as Record<
    string,
    (...parameters: unknown[]) => Readonly<Record<string, (value?: unknown) => unknown>>
  >

describe('a policy fails at start-up', () => {
  const NO_EXPECTATION = (name: string): string =>
    `${name}() was given a claim without an expectation: add .equals(...), .includes(...), .oneOf(...) or .matches(...).`
  const VALUE = /takes a text, a number or a boolean\.$/
  const ACTOR = /^actor\(\) needs at least one actor/
  const DETAILS = /^authorizationDetails\(\) takes an object with a "type"/

  test.each<[string, () => unknown, RegExp | string]>([
    [
      "requirePolicy(claim('a'))",
      () => policies['requirePolicy']?.(library.claim('a')),
      NO_EXPECTATION('requirePolicy'),
    ],
    ["allOf(claim('a'))", () => policies['allOf']?.(library.claim('a')), NO_EXPECTATION('allOf')],
    ["not(claim('a'))", () => policies['not']?.(library.claim('a')), NO_EXPECTATION('not')],
    // An environment variable that is not set, say.
    ["claim('a', undefined)", () => policies['claim']?.('a', undefined), /predicate as the second argument\.$/],
    ["claim('a').equals()", () => policies['claim']?.('a')['equals']?.(), VALUE],
    ["claim('a').equals(NaN)", () => policies['claim']?.('a')['equals']?.(Number.NaN), VALUE],
    ["claim('a').includes(['b'])", () => policies['claim']?.('a')['includes']?.(['b']), VALUE],
    ["claim('a').oneOf()", () => policies['claim']?.('a')['oneOf']?.(), 'claim().oneOf() needs at least one value.'],
    ["claim('a').oneOf(['b'])", () => policies['claim']?.('a')['oneOf']?.(['b']), VALUE],
    [
      "claim('a').matches(/b/)",
      () => policies['claim']?.('a')['matches']?.(/b/),
      'claim().matches() takes a predicate.',
    ],
    ['permission()', () => policies['permission']?.(), /needs at least one permission/],
    ["permission(['a'])", () => policies['permission']?.(['a']), /needs at least one permission/],
    ['client()', () => policies['client']?.(), /needs at least one client/],
    ["client('')", () => policies['client']?.(''), /needs at least one client/],
    ['owner()', () => policies['owner']?.(), /takes a function that reads the owner/],
    ['actor()', () => policies['actor']?.(), ACTOR],
    ["actor('')", () => policies['actor']?.(''), ACTOR],
    ['actor({})', () => policies['actor']?.({}), ACTOR],
    ['actor({ subject: undefined })', () => policies['actor']?.({ subject: undefined }), ACTOR],
    ["actor({ sub: 'a' })", () => policies['actor']?.({ subject: 'a', sub: 'a' }), ACTOR],
    ['authorizationDetails()', () => policies['authorizationDetails']?.(), DETAILS],
    ['authorizationDetails({})', () => policies['authorizationDetails']?.({}), DETAILS],
    ["{ type: '' }", () => policies['authorizationDetails']?.({ type: '' }), DETAILS],
    ['a misspelt member', () => policies['authorizationDetails']?.({ type: 'a', action: ['read'] }), DETAILS],
    ['actions: []', () => policies['authorizationDetails']?.({ type: 'a', actions: [] }), DETAILS],
    ["actions: 'read'", () => policies['authorizationDetails']?.({ type: 'a', actions: 'read' }), DETAILS],
    ['allOf()', () => policies['allOf']?.(), 'allOf() needs at least one policy.'],
    ['anyOf()', () => policies['anyOf']?.(), 'anyOf() needs at least one policy.'],
    ['not()', () => policies['not']?.(), /^not\(\) takes a policy/],
    [
      'hidden(open())',
      () => policies['hidden']?.(library.open()),
      'hidden() was given open(), which denies nobody: leave hidden() out.',
    ],
    ["anyOf('a')", () => policies['anyOf']?.('a'), /^anyOf\(\) takes a policy/],
  ])('%s', (_name, attempt, message) => {
    const actual = messageOf(attempt)
    if (typeof message === 'string') expect(actual).toBe(message)
    else expect(actual).toMatch(message)
  })
})

describe('a middleware that is mounted without being called', () => {
  async function errorOf(mounted: unknown) {
    const app = express()
    const seen: unknown[] = []
    app.use(mounted as RequestHandler)
    app.get('/', (_req, res) => {
      res.send('open')
    })
    const onError: express.ErrorRequestHandler = (error, _req, res, next) => {
      seen.push(error)
      if (res.headersSent) next(error)
      else res.sendStatus(500)
    }
    app.use(onError)
    const response = await request(app).get('/').set('Authorization', 'Bearer a.b.c')
    expect(response.status).toBe(500)
    expect(response.headers).not.toHaveProperty('www-authenticate')
    expect(seen[0]).toBeInstanceOf(ConfigurationError)
    return (seen[0] as Error).message
  }

  test.each([
    ['requireAuth', 'requireAuth was mounted without being called: write app.use(requireAuth()).'],
    ['optionalAuth', 'optionalAuth was mounted without being called: write app.use(optionalAuth()).'],
  ] as const)('%s opens nothing and says what to write', async (name, message) => {
    expect(await errorOf(library[name])).toBe(message)
  })

  test.each([
    ['requireScope', 'scope()'],
    ['requireAnyScope', 'anyScope()'],
    ['requireRole', 'role()'],
    ['requireClaim', 'claim()'],
    ['requirePolicy', 'requirePolicy()'],
    ['requireStepUp', 'stepUp()'],
    ['protectedResourceMetadata', ''],
  ] as const)('%s opens nothing', async (name, policy) => {
    expect(await errorOf(library[name])).toContain(policy)
  })
})
