import { createResourceServer, type RequireAuthOptions } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'

const API = 'https://api.example.com'
const TENANT = '6f1d3a52-0c1b-4f0e-9a44-0d5be6a0c001'

type Options = Partial<Omit<RequireAuthOptions, 'claims'>>
type Mistake = readonly [string, () => Promise<readonly [TestIssuer, string, Options?]>, code: string, says: RegExp]

const make = (options: Parameters<typeof createTestIssuer>[0] = {}) =>
  createTestIssuer({ algorithm: 'ES256', audience: API, ...options })

/** What a stranger must read to know what to change: the code, and of the first failure the detail with the hint. */
const MISTAKES: readonly Mistake[] = [
  [
    'a wrong audience',
    async () => {
      const issuer = await make({ provider: 'keycloak' })
      return [issuer, await issuer.accessToken({ aud: 'account' })]
    },
    'wrong_audience',
    /"aud" is "account"; expected "https:\/\/api\.example\.com"\. Keycloak: give the client an audience mapper/,
  ],
  [
    'a slash',
    async () => {
      const issuer = await make({ issuer: 'https://login.example.com/' })
      return [issuer, await issuer.accessToken({ iss: 'https://login.example.com' })]
    },
    'unknown_issuer',
    /Nearest is "https:\/\/login\.example\.com\/": they differ in a slash at the end only/,
  ],
  [
    'a v1.0 token of Entra',
    async () => {
      const issuer = await make({ provider: 'entra' })
      return [issuer, await issuer.accessToken({ iss: `https://sts.windows.net/${TENANT}/` })]
    },
    'unknown_issuer',
    /a v1\.0 token of this tenant.*"requestedAccessTokenVersion" to 2.*or list the v1\.0 issuer too/,
  ],
  [
    'an ID token',
    async () => {
      const issuer = await make({ provider: 'auth0' })
      return [issuer, await issuer.idToken()]
    },
    'id_token_presented',
    /it carries "nonce".*Send "access_token" of the token response, not "id_token"/,
  ],
  [
    'an opaque token',
    async () => [await make(), 'oat_k3J9xQ'],
    'malformed_token',
    /does not have three segments.*only when the client asks for an audience/,
  ],
  [
    'an expired token',
    async () => {
      const issuer = await make()
      const token = await issuer.accessToken()
      issuer.advance(3900)
      return [issuer, token]
    },
    'token_expired',
    /it expired 360[01] s ago.*should refresh it/,
  ],
  [
    'a clock that is slow',
    async () => {
      const issuer = await make()
      const token = await issuer.accessToken({ nbf: undefined })
      issuer.advance(-120)
      return [issuer, token]
    },
    'token_not_yet_valid',
    /"iat" lies 1(?:19|20) s in the future: the issuer's clock is ahead, or this one behind.*Compare the clocks/,
  ],
  [
    'a key without alg, of an issuer that signs by another one than the first',
    async () => {
      const issuer = await make({ algorithm: 'PS256' })
      const withoutAlg = async (url: string): Promise<Response> => {
        const response = await issuer.options.fetch(url)
        const document = (await response.json()) as { keys?: readonly object[] } // one of the two that it serves
        return Response.json({ ...document, keys: document.keys?.map((key) => ({ ...key, alg: undefined })) })
      }
      return [issuer, await issuer.accessToken(), { fetch: withoutAlg }]
    },
    'unknown_key',
    /says no "alg" and is held to RS256.*the token says PS256: if the issuer signs so, write "algorithms: \['PS256'\]"/,
  ],
  [
    'a private CA',
    async () => {
      const issuer = await make()
      const cause = Object.assign(new Error('self-signed certificate in certificate chain'), {
        code: 'SELF_SIGNED_CERT_IN_CHAIN',
      })
      return [
        issuer,
        await issuer.accessToken(),
        { fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) },
      ]
    },
    'issuer_unavailable',
    /could not be fetched: SELF_SIGNED_CERT_IN_CHAIN \(.*NODE_EXTRA_CA_CERTS\)/,
  ],
  [
    'the wrong issuer of two',
    async () => {
      const issuer = await make({ issuer: 'https://login.example.com/staging' })
      const several = ['https://login.example.com/live', 'https://partner.example.net']
      return [issuer, await issuer.accessToken(), { issuer: several }]
    },
    'unknown_issuer',
    /trusted are .*Nearest is "https:\/\/login\.example\.com\/live": the host is the same, the path is another/,
  ],
]

describe('explainToken tells a stranger what to change', () => {
  test.each(MISTAKES)('%s', async (_title, prepare, code, says) => {
    const [issuer, token, options] = await prepare()
    const server = createResourceServer({ ...issuer.options, ...options })
    if (options === undefined) await server.ready()
    const report = await server.explainToken(token)
    const first = report.checks.find(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
    expect(report.code).toBe(code)
    expect(`${first?.detail ?? ''} ${first?.hint ?? ''}`).toMatch(says)
    for (const part of token.split('.')) expect(JSON.stringify(report)).not.toContain(part.length > 8 ? part : '\n')
  })
})
