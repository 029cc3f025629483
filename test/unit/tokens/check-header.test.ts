import { header as check } from '../../../src/tokens/checks/header.js'
import { runCheck } from './run-check.js'

type Members = Readonly<Record<string, unknown>>

const CLAIMS = { iss: 'https://issuer.example.com', sub: 'user-1', aud: ['a', 'b'] }
const judge = (header: Members, claims: Members = CLAIMS) =>
  runCheck(check, { decoded: { header: { alg: 'ES256', ...header }, claims } })
const refused = (detail: string) => ({ code: 'unsupported_header', detail })

const KID = '"kid" is not a text of 1 to 256 characters'
const NESTED = '"cty" says that the payload is another JWT'
const differs = (name: string): string => `"${name}" differs from the claim of that name`

describe('a header', () => {
  test.each<[name: string, spec: string, header: Members]>([
    ['with nothing but alg', 'RFC 7515 4.1.1', {}],
    ['of RFC 9068', 'RFC 9068 2.1', { typ: 'at+jwt', kid: 'a' }],
    ['with a kid of one character', 'RFC 7515 4.1.4', { kid: 'k' }],
    ['with a kid of 256 characters', 'RFC 7515 4.1.4', { kid: 'k'.repeat(256) }],
    ['with thumbprints of a certificate', 'RFC 7515 4.1.7', { x5t: 'a', 'x5t#S256': 'b' }],
    ['with a content type that is no JWT', 'RFC 7519 5.2', { cty: 'json' }],
    ['with a content type that ends like one', 'RFC 7519 5.2', { cty: 'x-jwt' }],
    ['with a content type that begins like one', 'RFC 7519 5.2', { cty: 'jwt2' }],
    ['with another that ends like one', 'RFC 7519 5.2', { cty: 'text/application/jwt' }],
    ['that repeats claims', 'RFC 7519 5.3', { iss: CLAIMS.iss, sub: CLAIMS.sub, aud: ['a', 'b'] }],
    ['with places where a key could be had', 'RFC 7515 4.1.2', { jku: 'https://x.test/', x5u: 1, x5c: null }],
    ['that is not compressed', 'RFC 7516 4.1.3', { zip: 'NONE' }],
    ['with a parameter that nobody knows', 'RFC 7515 4', { custom: { jwk: 1 } }],
    ['that inherits what it must not hold', 'RFC 7515 4', Object.create({ crit: [] }) as Members],
  ])('%s may stand (%s)', (_name, _spec, header) => {
    expect(judge(header)).toBeUndefined()
  })

  test.each<[spec: string, name: string]>([
    ['RFC 7515 4.1.11', 'crit'],
    ['RFC 7797 3', 'b64'],
    ['RFC 7516 4.1.3', 'zip'],
    ['RFC 7516 4.1.2', 'enc'],
    ['RFC 7515 4.1.3', 'jwk'],
  ])('with %s: "%s" may not, whatever its value', (_spec, name) => {
    for (const value of [null, false, '', [], 'https://as1.test/']) {
      expect(judge({ [name]: value })).toEqual(refused(`"${name}" is not accepted`))
    }
  })

  test.each<[name: string, spec: string, header: Members, detail: string]>([
    ['cty JWT', 'RFC 7515 4.1.10', { cty: 'JWT' }, NESTED],
    ['cty application/jwt', 'RFC 7515 4.1.10', { cty: 'application/jwt' }, NESTED],
    ['cty that is no text', 'RFC 7515 4.1.10', { cty: ['json'] }, NESTED],
    ['an empty kid', 'RFC 7515 4.1.4', { kid: '' }, KID],
    ['a kid of 257 characters', 'RFC 7515 4.1.4', { kid: 'k'.repeat(257) }, KID],
    ['a kid that is a number', 'RFC 7515 4.1.4', { kid: 1 }, KID],
    ['a kid in an array', 'RFC 7515 4.1.4', { kid: ['rs1'] }, KID],
    ['a kid that is null', 'RFC 7515 4.1.4', { kid: null }, KID],
    ['a typ that is no text', 'RFC 7515 4.1.9', { typ: ['at+jwt'] }, '"typ" is not a text'],
    ['an x5t that is no text', 'RFC 7515 4.1.7', { x5t: 1 }, '"x5t" is not a text'],
    ['an x5t#S256 that is no text', 'RFC 7515 4.1.7', { 'x5t#S256': null }, '"x5t#S256" is not a text'],
    ['another iss', 'RFC 7519 5.3', { iss: 'https://evil.example' }, differs('iss')],
    ['another sub', 'RFC 7519 5.3', { sub: 'admin' }, differs('sub')],
    ['another aud', 'RFC 7519 5.3', { aud: ['b', 'a'] }, differs('aud')],
    ['an aud of another shape', 'RFC 7519 5.3', { aud: 'a' }, differs('aud')],
    [
      'a nonce, as Microsoft Graph has it',
      'RFC 7515 4.3',
      { nonce: 'x' },
      '"nonce" in the header marks a Microsoft Graph token, which nobody but Microsoft Graph can verify',
    ],
  ])('with %s may not (%s)', (_name, _spec, header, detail) => {
    expect(judge(header)).toEqual(refused(detail))
  })

  it('may not repeat a claim that is not there (RFC 7519 5.3)', () => {
    expect(judge({ sub: 'user-1' }, { iss: CLAIMS.iss })).toEqual(refused(differs('sub')))
  })
})
