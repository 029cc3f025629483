import express from 'express'
import { createResourceServer, type AuthError, type RequireAuthOptions } from 'express-resource-server'
import { createTestIssuer, type Changes, type TestIssuer } from 'express-resource-server/testing'
import { SignJWT } from 'jose'
import request from 'supertest'

const TENANT = '6f1d3a52-0c1b-4f0e-9a44-0d5be6a0c001'
const OTHER_TENANT = '0b7c1c9e-3a55-4a8e-8c61-5b1f7d1d2e02'
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`
const API = 'https://api.example.com'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256', audience: API })
})

/** The detail of a refusal, for the operator alone: what the caller is told is constant. */
async function refuse(token: string, options: Partial<RequireAuthOptions>): Promise<readonly [string, string]> {
  const errors: AuthError[] = []
  const answerOf = async (onError?: RequireAuthOptions['onError']) => {
    const app = express()
    app.use(createResourceServer({ ...issuer.options, ...options, onError }).requireAuth())
    return request(app).get('/').set('Authorization', `Bearer ${token}`)
  }
  await answerOf((error, _req, res) => {
    errors.push(error as AuthError)
    res.end()
  })
  const answer = await answerOf()
  const [error] = errors
  if (error === undefined) throw new Error('The token was accepted.')
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe(
    `Bearer realm="api", error="invalid_token", error_description="${error.message}"`,
  )
  expect(JSON.parse(answer.text)).toEqual({
    type: 'about:blank',
    title: 'Unauthorized',
    status: 401,
    detail: error.message,
    error: 'invalid_token',
    error_description: error.message,
    code: error.code,
  })
  return [error.code, error.detail ?? '']
}

describe('the detail of a wrong audience', () => {
  const pair = (found: string, expected: string, says: string): string =>
    `its "aud" is "${found}"; expected "${expected}". "${found}" and "${expected}": ${says}`

  test.each<readonly [found: string, expected: string, says: string]>([
    [`${API}/v1/`, `${API}/v1`, 'they differ in a slash at the end only'],
    [`${API}/v1`, `${API}/v1/`, 'they differ in a slash at the end only'],
    ['http://api.example.com', API, 'they differ in http, https or no scheme at all only'],
    ['api.example.com', API, 'they differ in http, https or no scheme at all only'],
    ['https://API.example.com', API, 'they differ in upper and lower case only'],
    ['https://api.example.com:8443', API, 'they differ in the port only'],
    ['https://www.api.example.com', API, 'they differ in "www." only'],
    [`${API}/.well-known/oauth-protected-resource`, API, 'they differ in the well-known suffix only'],
    [` ${API}`, API, 'they differ in white space only'],
    ['api://orders', 'orders', 'they differ in "api://" only'],
    [
      'http://API.example.com/',
      API,
      'they differ in a slash at the end and http, https or no scheme at all and upper and lower case only',
    ],
    [`${API}/mcp`, API, 'the host is the same, the path is another'],
    ['https://staging.example.com/mcp', `${API}/mcp`, 'the path is the same, the host is another'],
    ['orders billing', 'orders', '"aud" is one text that holds several; a list of them is an array'],
    ['orders', 'orders,billing', 'the option "audience" is one text that holds several; write an array'],
  ])('%s, where %s was expected', async (found, expected, says) => {
    const token = await issuer.accessToken({ aud: found })
    expect(await refuse(token, { audience: [expected] })).toEqual(['wrong_audience', pair(found, expected, says)])
  })

  test.each<readonly [string, Changes, Partial<RequireAuthOptions>, string]>([
    ['is simply another', { aud: 'billing' }, {}, `its "aud" is "billing"; expected "${API}"`],
    ['is empty', { aud: [] }, {}, `its "aud" is an empty list; expected "${API}"`],
    [
      'is a list of many, and so is what was expected',
      { aud: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
      { audience: ['orders', 'billing'] },
      'its "aud" holds "a", "b", "c", "d", "e" and 2 more; expected one of "orders", "billing"',
    ],
    [
      'is for the userinfo endpoint alone',
      { aud: 'https://issuer.example.com/userinfo' },
      {},
      `its "aud" is "https://issuer.example.com/userinfo"; expected "${API}". It is for the userinfo endpoint alone: the client asked for no API`,
    ],
    [
      'is that of Microsoft Graph',
      { aud: '00000003-0000-0000-c000-000000000000' },
      {},
      `its "aud" is "00000003-0000-0000-c000-000000000000"; expected "${API}". It is for Microsoft Graph, and nobody else can use it: have the client ask for a scope of this API`,
    ],
    [
      'breaks lines and hides',
      { aud: `a\n"b"\u202e${'x'.repeat(500)}` },
      {},
      `its "aud" is "a\\n\\"b\\"\\u202e${'x'.repeat(114)}..."; expected "${API}"`,
    ],
  ])('that %s', async (_title, claims, options, detail) => {
    expect(issuer.issuer).toBe('https://issuer.example.com')
    expect(await refuse(await issuer.accessToken(claims), options)).toEqual(['wrong_audience', detail])
  })

  test.each<readonly [Parameters<typeof createTestIssuer>[0] & object, Changes, string, RegExp]>([
    [
      { provider: 'cognito' },
      { client_id: 'client-9' },
      'client-1',
      /^its "client_id" is "client-9"; expected "client-1"\. Cognito: .*app clients/,
    ],
    [
      { provider: 'keycloak' },
      { aud: 'account' },
      'orders-api',
      /^its "aud" is "account"; .*Keycloak: give the client an audience mapper/,
    ],
    [
      { provider: 'entra' },
      { aud: TENANT },
      `api://orders`,
      /The token names a client id, the option "audience" an App ID URI\. Entra: /,
    ],
    [
      { provider: 'entra-v1' },
      { aud: 'api://orders' },
      TENANT,
      /The token names an App ID URI, the option "audience" a client id\. Entra: /,
    ],
    [{ provider: 'entra-v1' }, { aud: `api://${TENANT}` }, TENANT, /they differ in "api:\/\/" only\. Entra: /],
    [
      { provider: 'auth0' },
      { aud: 'https://tenant.eu.auth0.com/userinfo' },
      API,
      /userinfo endpoint alone.*Auth0: it is the identifier of the API/,
    ],
    [{ provider: 'okta' }, { aud: 'api://orders' }, 'api://default', /Okta: it is the "Audience"/],
  ])('names what the provider has to do with it: %j', async (made, claims, audience, says) => {
    issuer = await createTestIssuer({ algorithm: 'ES256', ...made })
    const [code, detail] = await refuse(await issuer.accessToken(claims), { audience })
    expect(code).toBe('wrong_audience')
    expect(detail).toMatch(says)
  })
})

describe('the detail of an unknown issuer', () => {
  const trusted = (one: string) => ({ issuer: one, audience: API })
  const near = (found: string, expected: string, says: string): string =>
    `its "iss" is "${found}"; trusted is "${expected}". Nearest is "${expected}": ${says}`

  test.each<readonly [found: string, expected: string, says: string]>([
    ['https://login.example.com', 'https://login.example.com/', 'they differ in a slash at the end only'],
    ['https://login.example.com/', 'https://login.example.com', 'they differ in a slash at the end only'],
    [
      'http://localhost:8080/realms/demo',
      'https://localhost/realms/demo',
      'they differ in the port and http, https or no scheme at all only',
    ],
    ['https://login.example.com/Acme', 'https://login.example.com/acme', 'they differ in upper and lower case only'],
    [
      'https://login.example.com/realms/b',
      'https://login.example.com/realms/a',
      'the host is the same, the path is another',
    ],
    [
      'https://keycloak:8080/realms/demo',
      'https://login.example.com/realms/demo',
      'the path is the same, the host is another',
    ],
    [
      `https://sts.windows.net/${TENANT}/`,
      V2,
      'a v1.0 token of this tenant of Microsoft Entra. Set "requestedAccessTokenVersion" to 2 in the manifest of the API\'s registration, or list the v1.0 issuer too',
    ],
    [
      V2,
      `https://sts.windows.net/${TENANT}/`,
      'a v2.0 token of this tenant of Microsoft Entra. List the v2.0 issuer too',
    ],
    [`https://sts.windows.net/${OTHER_TENANT}/`, V2, 'a v1.0 token of another tenant of Microsoft Entra'],
    [`https://login.microsoftonline.com/${OTHER_TENANT}/v2.0`, V2, 'the host is the same, the path is another'],
  ])('%s, where %s is trusted', async (found, expected, says) => {
    const token = await issuer.accessToken({ iss: found })
    expect(await refuse(token, trusted(expected))).toEqual(['unknown_issuer', near(found, expected, says)])
  })

  test('names the nearest of several', async () => {
    const several = ['https://other.example.com/', 'https://login.example.com/x', 'https://login.example.com']
    const token = await issuer.accessToken({ iss: 'https://login.example.com/' })
    expect(await refuse(token, { issuer: several, audience: API })).toEqual([
      'unknown_issuer',
      'its "iss" is "https://login.example.com/"; trusted are "https://other.example.com/", "https://login.example.com/x", "https://login.example.com". Nearest is "https://login.example.com": they differ in a slash at the end only',
    ])
  })

  test.each<readonly [string, unknown, string]>([
    ['is missing', undefined, '"iss" is missing'],
    ['is no text', 7, '"iss" is not a text'],
    [
      'is a stranger',
      'https://evil.example',
      'its "iss" is "https://evil.example"; trusted is "https://login.example.com"',
    ],
    ['is long', 'x'.repeat(9000), `its "iss" is "${'x'.repeat(120)}..."; trusted is "https://login.example.com"`],
  ])('that %s', async (_title, iss, detail) => {
    const token = await issuer.accessToken({ iss })
    expect(await refuse(token, trusted('https://login.example.com'))).toEqual(['unknown_issuer', detail])
  })

  test('says what the resolver answered', async () => {
    const token = await issuer.accessToken({ iss: 'https://login.example.com/acme' })
    expect(await refuse(token, { issuer: () => undefined, audience: API })).toEqual([
      'unknown_issuer',
      'its "iss" is "https://login.example.com/acme", and the issuer resolver answered undefined to that',
    ])
    const long = await issuer.accessToken({ iss: 'x'.repeat(513) })
    expect(await refuse(long, { issuer: () => undefined, audience: API })).toEqual([
      'unknown_issuer',
      `its "iss" is "${'x'.repeat(120)}...", too long to ask the issuer resolver for`,
    ])
  })
})

test('the detail of a secret that is pasted as it is, where base64url of it belongs, says so', async () => {
  // Supabase and others show a secret that happens to be base64url, and use its characters.
  const secret = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL'
  const token = await new SignJWT({ client_id: 'client-1', jti: 'a' })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuer(issuer.issuer)
    .setAudience(API)
    .setSubject('user-1')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(Buffer.from(secret))
  const withKey = (k: string): Partial<RequireAuthOptions> => ({
    audience: API,
    algorithms: ['HS256'],
    jwks: { keys: [{ kty: 'oct', k }] },
    jwksUri: undefined,
  })
  expect(await refuse(token, withKey(secret))).toEqual([
    'invalid_signature',
    'the issuer has another secret than "jwks": "k" is base64url of the secret as it is written, Buffer.from(secret).toString("base64url")',
  ])
  const server = createResourceServer({ ...issuer.options, ...withKey(Buffer.from(secret).toString('base64url')) })
  await expect(server.verifyToken(token)).resolves.toMatchObject({ subject: 'user-1' })
})
