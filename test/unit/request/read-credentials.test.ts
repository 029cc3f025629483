import { isFailure, type Failure } from '../../../src/errors.js'
import {
  checkCredentials,
  readCredentials,
  type Credentials,
  type IncomingRequest,
} from '../../../src/request/read-credentials.js'

const MISSING = { code: 'missing_token' }
const OTHER_SCHEME = { code: 'missing_token', detail: 'another scheme' }
const missing = (scheme: string): object => ({
  code: 'missing_token',
  detail: `the scheme is ${scheme}, and only Bearer is read`,
})
const DPOP = {
  code: 'missing_token',
  detail: 'the scheme is DPoP, and only Bearer is read: the option "dpop" is not set',
}
const NO_SCHEME = {
  code: 'missing_token',
  detail: 'a token without a scheme: the client must write "Bearer" and a space before it',
}
const NO_TOKEN = { code: 'malformed_credentials', detail: 'no token stands behind the scheme' }
const WORDS = { code: 'malformed_credentials', detail: 'several words stand behind the scheme' }
/** RFC 6750 3.1: one word is a token, and a bad one. */
const NO_TOKEN68 = {
  code: 'malformed_token',
  detail: 'it holds a character that no JWT has: look for quotes around it, a comma behind it, or an opaque token',
}
const SEVERAL = { code: 'malformed_credentials', detail: 'several credentials came in one header' }
const REPEATED = { code: 'malformed_credentials', detail: 'the header came more than once' }
const token = (text: string): Credentials => ({ scheme: 'Bearer', token: text })

/** What is read, or why a request is refused that presents it and no token. */
function read(request: IncomingRequest): Credentials | Failure {
  const credentials = readCredentials(request)
  return isFailure(credentials) ? credentials : (checkCredentials(credentials) ?? credentials)
}

const TOKEN = 'AZaz09-._~+/=='
const LIMIT = 64 * 1024
const longest = 'a'.repeat(LIMIT)

describe('the Authorization header', () => {
  test.each<[name: string, spec: string, value: string | undefined, expected: object]>([
    ['is not there', 'RFC 6750 3.1', undefined, MISSING],
    ['is empty', 'RFC 9110 11.6.2', '', OTHER_SCHEME],
    ['holds Bearer and a token', 'RFC 6750 2.1', `Bearer ${TOKEN}`, token(TOKEN)],
    ['writes Bearer otherwise', 'RFC 9110 11.1', `bEARER ${TOKEN}`, token(TOKEN)],
    ['has several spaces between', 'RFC 9110 11.4', `Bearer   ${TOKEN}`, token(TOKEN)],
    ['has a tab between', 'RFC 9110 11.4', `Bearer\t${TOKEN}`, NO_TOKEN],
    ['has a space and a tab between', 'RFC 9110 11.4', `Bearer \t${TOKEN}`, WORDS],
    ['is the scheme alone', 'RFC 6750 2.1', 'Bearer', NO_TOKEN],
    ['is the scheme and spaces', 'RFC 6750 2.1', 'Bearer  ', NO_TOKEN],
    ['has no space behind the scheme', 'RFC 6750 2.1', 'Bearer=token', NO_TOKEN],
    ['writes the scheme and the token as one', 'our own rule', `Bearer${TOKEN.replaceAll(/[/=]/g, '')}`, OTHER_SCHEME],
    ['has spaces in front', 'RFC 9110 5.5', ` Bearer ${TOKEN}`, OTHER_SCHEME],
    ['has a space behind the token', 'RFC 6750 2.1', `Bearer ${TOKEN} `, WORDS],
    ['holds two tokens', 'RFC 6750 2.1', 'Bearer a b', WORDS],
    ['quotes the token', 'RFC 6750 2.1', 'Bearer "a"', NO_TOKEN68],
    ['holds a parameter', 'RFC 6750 2.1', 'Bearer token="a"', NO_TOKEN68],
    ['holds a comma', 'RFC 6750 2.1', 'Bearer a,b', NO_TOKEN68],
    ['has padding within', 'RFC 9110 11.2', 'Bearer a=b', NO_TOKEN68],
    ['holds two tokens and a comma', 'RFC 9110 5.6.1', 'Bearer a, Bearer b', WORDS],
    ['holds a semicolon and a parameter', 'RFC 6750 2.1', 'Bearer a; b=c', WORDS],
    ["holds an opaque token of Cloudflare's OAuth provider", 'RFC 6750 3.1', 'Bearer user:grant:secret', NO_TOKEN68],
    ['holds an opaque token of Laravel Sanctum', 'RFC 6750 3.1', 'Bearer 1|laravelsanctum', NO_TOKEN68],
    ['holds a placeholder', 'RFC 6750 3.1', 'Bearer {{token}}', NO_TOKEN68],
    ['holds what separates words elsewhere', 'RFC 9110 5.6.3', 'Bearer a\u00a0b', NO_TOKEN68],
    ['is padding alone', 'RFC 9110 11.2', 'Bearer =', NO_TOKEN68],
    ['holds what is no ASCII', 'RFC 9110 11.2', 'Bearer t\u00f6ken', NO_TOKEN68],
    ['holds a line break', 'RFC 9110 5.5', 'Bearer a\nb', WORDS],
    ['holds Basic', 'RFC 9110 11.4', 'Basic dXNlcjpwYXNz', missing('Basic')],
    ['writes Basic otherwise', 'RFC 9110 11.1', 'bASIC dXNlcjpwYXNz', missing('Basic')],
    ['holds DPoP', 'RFC 9449 7.1', `DPoP ${TOKEN}`, DPOP],
    ['writes DPoP otherwise', 'RFC 9110 11.1', `dpop ${TOKEN}`, DPOP],
    ['is a token alone', 'RFC 6750 2.1', 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln', NO_SCHEME],
    ['is a secret alone', 'RFC 6750 2.1', 'sesame', OTHER_SCHEME],
    ['holds a scheme of every character', 'RFC 9110 5.6.2', `!#$%&'*+-.^_\`|~09azAZ x`, OTHER_SCHEME],
    ['holds a scheme that ends like Bearer', 'RFC 9110 11.1', `x-bearer ${TOKEN}`, OTHER_SCHEME],
    ['holds Bearer behind another scheme', 'RFC 9110 11.6.2', 'Basic dXNlcjpwYXNz, Bearer a', SEVERAL],
    ['holds it there without a space', 'RFC 9110 5.6.1', 'Basic dXNlcjpwYXNz,bearer a', SEVERAL],
    ['holds it there behind a tab', 'RFC 9110 5.6.3', 'Basic dXNlcjpwYXNz,\t Bearer a', SEVERAL],
    ['holds it there with a tab between', 'RFC 9110 11.4', 'Basic dXNlcjpwYXNz, Bearer\ta', SEVERAL],
    [
      'holds it there with white space and nothing behind',
      'RFC 9110 11.4',
      'Basic dXNlcjpwYXNz,\tBearer\t, x',
      SEVERAL,
    ],
    ['quotes it there with a tab between', 'RFC 9110 5.6.4', 'Digest realm=", Bearer\ta"', missing('Digest')],
    ['quotes it there', 'RFC 9110 5.6.4', 'Digest realm=", Bearer a"', missing('Digest')],
    ['holds it behind a quoted text', 'RFC 9110 5.6.4', 'Digest realm=", x", Bearer a', SEVERAL],
    ['holds it behind two quoted texts', 'RFC 9110 5.6.4', 'Digest a="x", b=", Bearer y", Bearer z', SEVERAL],
    ['names it behind a quoted text without a comma', 'RFC 9110 5.6.1', 'Digest a,"x" Bearer a', missing('Digest')],
    ['names Bearer there without a token', 'RFC 9110 11.4', 'Digest a=b, Bearer', missing('Digest')],
    ['names it there within a word', 'RFC 9110 11.1', 'Digest a=b, Bearers x', missing('Digest')],
    ['names it without a comma', 'RFC 9110 5.6.1', 'Basic Bearer a', missing('Basic')],
  ])('%s (%s)', (_name, _spec, authorization, expected) => {
    expect(read({ headers: { authorization } })).toEqual(expected)
  })

  // The work is bounded; what is too large is refused for its size, later.
  test.each<[name: string, value: string, expected: object]>([
    ['a token of 64 KiB is judged', `Bearer ${longest}`, token(longest)],
    ['a malformed one of 64 KiB too', `Bearer ${longest.slice(1)}"`, NO_TOKEN68],
    ['a longer one is not, whatever it holds', `Bearer "${longest}`, token(`"${longest}`)],
    ['a list of 64 KiB is looked through', `Basic ${'a'.repeat(LIMIT - 16)}, Bearer x`, SEVERAL],
    ['a longer one is not', `Basic ${'a'.repeat(LIMIT - 15)}, Bearer x`, missing('Basic')],
  ])('%s', (_name, authorization, expected) => {
    expect(read({ headers: { authorization } })).toEqual(expected)
  })

  test.each<[name: string, value: unknown]>([
    ['an array', ['Bearer a']],
    ['a number', 1],
    ['null', null],
  ])('that something in front made %s of is malformed, never missing', (_name, value) => {
    const authorization = value as string // what code without types may do
    expect(read({ headers: { authorization } })).toEqual({
      code: 'malformed_credentials',
      detail: 'the header is not one text',
    })
  })
})

describe('the fields as they came', () => {
  const authorization = 'Bearer a'

  test.each<[name: string, rawHeaders: readonly string[] | undefined, expected: object]>([
    ['are not known', undefined, token('a')],
    ['are none', [], token('a')],
    ['hold it once', ['Host', 'api', 'Authorization', 'Bearer a'], token('a')],
    ['hold it twice', ['Authorization', 'Bearer a', 'Authorization', 'Bearer a'], REPEATED],
    ['hold it twice, in another case', ['authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b'], REPEATED],
    ['hold it three times', ['Authorization', 'a', 'Authorization', 'b', 'Authorization', 'c'], REPEATED],
    ['hold it again as a value', ['Authorization', 'Bearer a', 'X-Name', 'Authorization'], token('a')],
    ['hold another of that length', ['Authorization', 'Bearer a', 'Authorisation', 'Bearer b'], token('a')],
    ['hold one that begins so', ['Authorization', 'Bearer a', 'Authorization2', 'Bearer b'], token('a')],
    ['hold one that ends so', ['Authorization', 'Bearer a', 'Proxy-Authorization', 'Bearer b'], token('a')],
  ])('%s (RFC 9110 11.6.2)', (_name, rawHeaders, expected) => {
    expect(read({ rawHeaders, headers: { authorization } })).toEqual(expected)
  })

  it('count before the value: what came twice is not missing, whatever is left of it', () => {
    const rawHeaders = ['Authorization', 'Basic a', 'Authorization', 'Basic b']
    expect(read({ rawHeaders, headers: {} })).toEqual(REPEATED)
  })
})

describe('a request of the web', () => {
  const web = (...values: readonly string[]): Request => {
    const headers = new Headers()
    for (const value of values) headers.append('Authorization', value)
    return new Request('https://api.example.com/orders', { headers })
  }

  test.each<[name: string, values: readonly string[], expected: object]>([
    ['without credentials', [], MISSING],
    ['with a token', ['Bearer a'], token('a')],
    ['with another scheme', ['Basic dXNlcjpwYXNz'], missing('Basic')],
    ['with one token twice', ['Bearer a', 'Bearer a'], WORDS],
    ['with two tokens', ['Bearer a', 'bearer b'], WORDS],
    ['with another scheme behind the token', ['Bearer a', 'Basic b'], WORDS],
    ['with another scheme before it', ['Basic b', 'Bearer a'], SEVERAL],
    ['with an empty field behind it', ['Bearer a', ''], NO_TOKEN68],
    ['with an empty field before it', ['', 'Bearer a'], SEVERAL],
    ['with its scheme and the rest apart', ['Bearer', 'a'], NO_TOKEN],
    ['with a comma in one field', ['Bearer a,b'], NO_TOKEN68],
  ])('%s: fields that came more than once give no token (RFC 9110 11.6.2)', (_name, values, expected) => {
    expect(read(web(...values))).toEqual(expected)
  })

  it('may be a preflight (Fetch, CORS protocol)', () => {
    const headers = { 'Access-Control-Request-Method': 'GET' }
    expect(read(new Request('https://api.example.com/', { method: 'OPTIONS', headers }))).toEqual({
      code: 'missing_token',
      detail: expect.stringContaining('a preflight (CORS)') as string,
    })
  })

  it('is not one of Node with a field of that name', () => {
    expect(read({ headers: { get: 'x', authorization: 'Bearer a' } as object })).toEqual(token('a'))
  })
})

it('looks nowhere else (RFC 6750 2.2, 2.3)', () => {
  const headers = { cookie: 'access_token=a', 'x-access-token': 'a', authorization: undefined }
  const request = { headers, query: { access_token: 'a' }, body: { access_token: 'a' } }
  expect(read(request)).toEqual(MISSING)
})

describe('where DPoP is read as well', () => {
  const bound = (text: string): Credentials => ({ scheme: 'DPoP', token: text })

  test.each<[name: string, value: string, expected: object]>([
    ['a Bearer token', `Bearer ${TOKEN}`, token(TOKEN)],
    ['a DPoP token', `DPoP ${TOKEN}`, bound(TOKEN)],
    ['the scheme in lower case', `dpop ${TOKEN}`, bound(TOKEN)],
    ['the scheme in upper case', `DPOP ${TOKEN}`, bound(TOKEN)],
    ['several spaces between', `DPoP   ${TOKEN}`, bound(TOKEN)],
    ['the scheme alone', 'DPoP', NO_TOKEN],
    ['the scheme and a space', 'DPoP ', NO_TOKEN],
    ['a tab between', `DPoP\t${TOKEN}`, NO_TOKEN],
    ['no space behind the scheme', 'DPoP=a', NO_TOKEN],
    ['two tokens', 'DPoP a b', WORDS],
    ['both schemes in one field', 'DPoP a, Bearer b', WORDS],
    ['both schemes in one field, the other way', 'Bearer a, DPoP b', WORDS],
    ['DPoP behind another scheme', 'Basic YTpi, DPoP a', SEVERAL],
    ['a longer name', `DPoP2 ${TOKEN}`, OTHER_SCHEME],
    ['another scheme', 'Basic YTpi', { ...MISSING, detail: 'the scheme is Basic, and only Bearer and DPoP are read' }],
  ])('%s (RFC 9449 7.1)', (_name, authorization, expected) => {
    const credentials = readCredentials({ headers: { authorization } }, ['Bearer', 'DPoP'])
    expect(isFailure(credentials) ? credentials : (checkCredentials(credentials) ?? credentials)).toEqual(expected)
  })
})
