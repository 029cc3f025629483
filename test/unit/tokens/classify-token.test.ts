import { checkType, classifyToken, type IsAccessToken } from '../../../src/tokens/classify-token.js'
import { profileFor, type ProfileName } from '../../../src/tokens/profiles/index.js'

type Members = Readonly<Record<string, unknown>>

const ISSUER = 'https://issuer.example.com'
const TYPED = { alg: 'ES256', typ: 'at+jwt' }
const PLAIN = { alg: 'ES256', typ: 'JWT' }

function judge(header: Members, claims: Members, name: ProfileName = 'auto', isAccessToken?: IsAccessToken) {
  return classifyToken(header, { iss: ISSUER, ...claims }, { profile: profileFor(name, ISSUER), isAccessToken })
}

const carries = (name: string) => ({ code: 'id_token_presented', detail: `it carries "${name}"` })
const bearsNoMark = (name: string, hint = '') => ({
  code: 'unrecognised_token_type',
  detail: `it bears no mark of an access token of the profile "${name}".${hint === '' ? '' : ` ${hint}`}`,
})

describe('the typ header (RFC 7515 4.1.9, RFC 8725 3.11)', () => {
  test.each([
    ['at+jwt'],
    ['AT+JWT'],
    ['application/at+jwt'],
    ['Application/AT+JWT'],
    ['JWT'],
    ['jwt'],
    ['application/jwt'],
    [undefined],
  ])('%s names no other kind', (typ) => {
    expect(checkType(typ === undefined ? {} : { typ })).toBeUndefined()
    // Nor does a value that is no text: the check of the header refuses it.
    expect(checkType({ typ: [typ] })).toBeUndefined()
  })

  const OTHER = 'its "typ" header names another kind of token'

  test.each([
    ['id_token+jwt', 'id_token_presented'],
    ['ID_TOKEN+jwt', 'id_token_presented'],
    ['application/id_token+jwt', 'id_token_presented'],
    ['rt+jwt', 'refresh_token_presented'],
    ['logout+jwt', 'logout_token_presented'],
    ['dpop+jwt', 'dpop_proof_presented'],
    ['secevent+jwt', 'wrong_token_type'],
    ['text/at+jwt', 'wrong_token_type'],
    ['x-application/at+jwt', 'wrong_token_type'],
    ['application/application/at+jwt', 'wrong_token_type'],
    ['at+application/jwt', 'wrong_token_type'],
    ['at+jwt ', 'wrong_token_type'],
    ['', 'wrong_token_type'],
    ['constructor', 'wrong_token_type'],
    ['__proto__', 'wrong_token_type'],
  ])('%j is %s, whatever the claims say', (typ, code) => {
    expect(checkType({ typ })).toEqual({ code, detail: OTHER })
    expect(judge({ typ }, { scope: 'a', typ: 'Bearer' })).toEqual({ code, detail: OTHER })
  })

  it('of an Okta org server says what to do', () => {
    expect(checkType({ typ: 'application/okta-internal-at+jwt' })).toEqual({
      code: 'wrong_token_type',
      detail: 'it comes from an Okta org authorization server; use a custom one',
    })
  })
})

describe('rank 1: what only another kind carries beats even typ at+jwt (design.md 4)', () => {
  const TYP = 'its claim "typ" names another kind'
  const USE = 'its claim "token_use" is not "access"'
  const PROOF = 'it carries "htm" or "htu"'

  test.each<[claims: Members, code: string, detail: string]>([
    [{ typ: 'ID' }, 'id_token_presented', TYP],
    [{ typ: 'Serialized-ID' }, 'id_token_presented', TYP],
    [{ typ: 'Refresh' }, 'refresh_token_presented', TYP],
    [{ typ: 'Offline' }, 'refresh_token_presented', TYP],
    [{ typ: 'Logout' }, 'logout_token_presented', TYP],
    [{ token_use: 'id' }, 'id_token_presented', USE],
    [{ token_use: 'refresh' }, 'wrong_token_type', USE],
    [{ token_use: '' }, 'wrong_token_type', USE],
    [{ token_use: null }, 'wrong_token_type', USE],
    [{ jti: 'ID.abc' }, 'id_token_presented', 'its "jti" starts with "ID."'],
    [{ events: {} }, 'logout_token_presented', 'it carries "events"'],
    [{ htm: 'GET' }, 'dpop_proof_presented', PROOF],
    [{ htu: 'https://api.example.com' }, 'dpop_proof_presented', PROOF],
  ])('%j', (claims, code, detail) => {
    for (const header of [TYPED, PLAIN, {}]) {
      expect(judge(header, { scope: 'a', ...claims })).toEqual({ code, detail })
      expect(judge(header, { scope: 'a', ...claims }, 'auto', () => true)).toEqual({ code, detail })
    }
  })

  test.each<[claims: Members]>([
    [{ typ: 'Id' }],
    [{ typ: 'constructor' }],
    [{ typ: ['ID'] }],
    [{ typ: { toString: 'ID' } }],
    [{ token_use: 'access' }],
    [{ jti: 'abc.ID.' }],
    [{ jti: 'id.abc' }],
    [{ jti: ['ID.abc'] }],
    [{ htms: 'GET' }],
  ])('%j says nothing of the kind', (claims) => {
    expect(judge(TYPED, claims)).toBeUndefined()
  })
})

describe('rank 2: what only access tokens carry beats what ID tokens carry', () => {
  test.each<[claims: Members]>([
    [{ typ: 'Bearer' }],
    [{ typ: 'DPoP' }],
    [{ token_use: 'access' }],
    [{ jti: 'AT.abc' }],
  ])('%j, beside a nonce', (claims) => {
    expect(judge(PLAIN, { nonce: 'n', at_hash: 'h', ...claims })).toBeUndefined()
    expect(judge(TYPED, { nonce: 'n', ...claims })).toBeUndefined()
  })

  test.each<[claims: Members]>([
    [{ typ: 'bearer' }],
    [{ typ: 'Dpop' }],
    [{ jti: 'at.abc' }],
    [{ jti: 'x.AT.' }],
    [{ jti: ['AT.'] }],
  ])('%j is no such mark', (claims) => {
    expect(judge(PLAIN, claims)).toEqual(bearsNoMark('auto'))
    expect(judge(PLAIN, { nonce: 'n', ...claims })).toEqual(carries('nonce'))
  })
})

describe('rank 3: what ID tokens carry refuses', () => {
  test.each(['nonce', 'at_hash', 'c_hash', 's_hash', 'rat'])('%s, beside a scope', (name) => {
    for (const value of [null, '', 'x']) expect(judge(PLAIN, { scope: 'a', [name]: value })).toEqual(carries(name))
    expect(judge(PLAIN, { scope: 'a', [name]: 'x' }, 'auto', () => true)).toEqual(carries(name))
    expect(judge(TYPED, { [name]: 'x' })).toBeUndefined()
    expect(judge(PLAIN, { [name]: 'x' }, 'rfc9068')).toEqual(carries(name))
  })

  test.each(['auth_time', 'acr', 'amr', 'sid', 'azp', 'nonce_supported'])('%s proves nothing', (name) => {
    expect(judge(PLAIN, { scope: 'a', [name]: 'x' })).toBeUndefined()
  })
})

describe('rank 4: what access tokens of the profile carry accepts', () => {
  test.each(['scope', 'scp', 'permissions', 'appid', 'azpacr', 'idtyp'])(
    '%s, for an issuer that nobody knows',
    (name) => {
      expect(judge(PLAIN, { [name]: null })).toBeUndefined()
      expect(judge({}, { [name]: 'x' })).toBeUndefined()
    },
  )

  test.each<[name: string, aud: unknown, accepted: boolean]>([
    ['the userinfo endpoint beside an API', ['api', `${ISSUER}userinfo`], true],
    ['the userinfo endpoint first', [`${ISSUER}userinfo`, 'api'], true],
    ['the userinfo endpoint alone', [`${ISSUER}userinfo`], false],
    ['the userinfo endpoint as a text', `${ISSUER}userinfo`, false],
    ['that of another issuer', ['api', 'https://other.example.com/userinfo'], false],
  ])('an audience with %s', (_name, aud, accepted) => {
    expect(judge(PLAIN, { aud })).toEqual(accepted ? undefined : bearsNoMark('auto'))
  })

  it('an audience beside an issuer that is no text does not', () => {
    expect(judge(PLAIN, { iss: undefined, aud: ['api', 'undefineduserinfo'] })).toEqual(bearsNoMark('auto'))
  })

  test.each(['client_id', 'azp', 'uid', 'roles', 'auth_time', 'acr', 'sid', 'cid'])('%s alone does not', (name) => {
    expect(judge(PLAIN, { [name]: 'x' })).toEqual(bearsNoMark('auto'))
  })
})

describe('rank 5: without any evidence', () => {
  it('it is refused, with the hint of the profile', () => {
    expect(judge({}, {})).toEqual(bearsNoMark('auto'))
    expect(judge(PLAIN, { scope: 'a' }, 'rfc9068')).toEqual(
      bearsNoMark('rfc9068', 'The profile "rfc9068" accepts nothing but "typ: at+jwt" in the header.'),
    )
    expect(judge(PLAIN, { typ: 'Bearer' }, 'rfc9068')).toMatchObject({ code: 'unrecognised_token_type' })
  })

  it('the predicate of the issuer is asked, with header and claims, and for nothing else', () => {
    const asked: unknown[] = []
    const isAccessToken: IsAccessToken = (header, claims) => {
      asked.push([header, claims])
      return true
    }
    expect(judge(PLAIN, { kind: 'api' }, 'auto', isAccessToken)).toBeUndefined()
    expect(asked).toEqual([[PLAIN, { iss: ISSUER, kind: 'api' }]])
    judge(PLAIN, { scope: 'a' }, 'auto', isAccessToken)
    judge(PLAIN, { nonce: 'a' }, 'auto', isAccessToken)
    judge(PLAIN, {}, 'rfc9068', isAccessToken)
    expect(asked).toHaveLength(1)
  })

  test.each<[name: string, isAccessToken: unknown, problem: string]>([
    ['says false', () => false, ''],
    ['says something true', () => 'yes', ''],
    [
      'says a promise',
      () => Promise.resolve(true),
      '"isAccessToken" answered with a promise: it must say true or false at once.',
    ],
    [
      'says a promise that rejects',
      () => Promise.reject(new Error('no')),
      '"isAccessToken" answered with a promise: it must say true or false at once.',
    ],
    ['says nothing', () => undefined, ''],
    [
      'throws',
      () => {
        throw new Error('no')
      },
      '"isAccessToken" threw.',
    ],
  ])('and it is refused when that %s (KND-18)', (_name, isAccessToken, problem) => {
    expect(judge(PLAIN, {}, 'auto', isAccessToken as IsAccessToken)).toEqual(bearsNoMark('auto', problem))
  })
})
