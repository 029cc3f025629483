import { classifyToken, type IsAccessToken } from '../../../src/tokens/classify-token.js'
import { profileFor, type ProfileName } from '../../../src/tokens/profiles/index.js'
import { checkType, readType } from '../../../src/tokens/token-type.js'

type Members = Readonly<Record<string, unknown>>

const ISSUER = 'https://issuer.example.com'
const TYPED = { alg: 'ES256', typ: 'at+jwt' }
const PLAIN = { alg: 'ES256', typ: 'JWT' }

function judge(header: Members, claims: Members, name: ProfileName = 'auto', isAccessToken?: IsAccessToken) {
  const token = { header, claims: { iss: ISSUER, ...claims } }
  return classifyToken(token, readType(header), { profile: profileFor(name, ISSUER), isAccessToken })
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
    expect(checkType(readType(typ === undefined ? {} : { typ }))).toBeUndefined()
    // Nor does a value that is no text: the check of the header refuses it.
    expect(checkType(readType({ typ: [typ] }))).toBeUndefined()
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
    expect(checkType(readType({ typ }))).toEqual({ code, detail: OTHER })
    expect(judge({ typ }, { scope: 'a', typ: 'Bearer' })).toEqual({ code, detail: OTHER })
  })

  it('of an Okta org server says what to do', () => {
    expect(checkType(readType({ typ: 'application/okta-internal-at+jwt' }))).toEqual({
      code: 'wrong_token_type',
      detail: 'it comes from an Okta org authorization server; use a custom one',
    })
  })
})

describe('rank 1: what only another kind carries beats even typ at+jwt', () => {
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
    [{ token_use: 'refresh_token' }, 'wrong_token_type', USE],
    [{ token_use: '' }, 'wrong_token_type', USE],
    [{ token_use: null }, 'wrong_token_type', USE],
    [{ jti: 'ID.abc' }, 'id_token_presented', 'its "jti" starts with "ID."'],
    // An allow-list: what nobody has heard of is no access token.
    [{ typ: 'Id' }, 'id_token_presented', TYP],
    [{ typ: 'refresh' }, 'refresh_token_presented', TYP],
    [{ typ: 'refresh_token' }, 'refresh_token_presented', TYP],
    [{ typ: 'reset-credentials' }, 'wrong_token_type', TYP],
    [{ typ: 'constructor' }, 'wrong_token_type', TYP],
    [{ typ: '' }, 'wrong_token_type', TYP],
    [{ typ: null }, 'wrong_token_type', TYP],
    [{ typ: ['Bearer'] }, 'wrong_token_type', TYP],
    [{ typ: { toString: 'Bearer' } }, 'wrong_token_type', TYP],
    [{ token_type: 'refresh' }, 'refresh_token_presented', 'its claim "token_type" names another kind'],
    [{ token_type: 'authorization_code' }, 'wrong_token_type', 'its claim "token_type" names another kind'],
    [{ tokenType: 'JWTToken' }, 'wrong_token_type', 'its claim "tokenType" names another kind'],
    [
      { tokenName: 'refresh_token', token_type: 'Bearer' },
      'refresh_token_presented',
      'its claim "tokenName" names another kind',
    ],
    [{ tokenName: 'id_token' }, 'id_token_presented', 'its claim "tokenName" names another kind'],
    [{ tok_type: 'RT' }, 'wrong_token_type', 'its claim "tok_type" names another kind'],
    // Those that may mean anything refuse where they plainly name another kind.
    [{ type: 'refresh' }, 'refresh_token_presented', 'its claim "type" names another kind'],
    [{ use: 'refresh' }, 'refresh_token_presented', 'its claim "use" names another kind'],
    [{ kind: 'id_token' }, 'id_token_presented', 'its claim "kind" names another kind'],
    [{ purpose: 'logout' }, 'logout_token_presented', 'its claim "purpose" names another kind'],
    [{ mode: 'refresh', type: 'user' }, 'refresh_token_presented', 'its claim "mode" names another kind'],
    // Other messages
    [{ ati: 'x' }, 'refresh_token_presented', 'it carries "ati"'],
    [{ granted_scopes: ['a'] }, 'refresh_token_presented', 'it carries "granted_scopes"'],
    [{ jti: 'abc-r', cid: 'c' }, 'refresh_token_presented', 'its "jti" ends with "-r"'],
    [{ state: 's', access_token: 't' }, 'wrong_token_type', 'it carries "access_token"'],
    [{ state: 's', code: 'c' }, 'wrong_token_type', 'it carries "code" and "state"'],
    [{ redirect_uri: 'https://app.example.com' }, 'wrong_token_type', 'it carries "redirect_uri"'],
    [{ code_challenge: 'x' }, 'wrong_token_type', 'it carries "code_challenge"'],
    [{ response_type: 'code' }, 'wrong_token_type', 'it carries "response_type"'],
    [{ active: true }, 'wrong_token_type', 'it carries "active"'],
    [{ active: false }, 'wrong_token_type', 'it carries "active"'],
    [{ token_introspection: {} }, 'wrong_token_type', 'it carries "token_introspection"'],
    [{ software_statement: 'x' }, 'wrong_token_type', 'it carries "software_statement"'],
    [{ jwks: {} }, 'wrong_token_type', 'it carries "jwks"'],
    [{ vct: 'x' }, 'wrong_token_type', 'it carries "vct"'],
    [{ _sd: [] }, 'wrong_token_type', 'it carries "_sd"'],
    [{ vc: {} }, 'wrong_token_type', 'it carries "vc"'],
    [{ sub: ISSUER }, 'wrong_token_type', 'its "sub" is its "iss"'],
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
    [{ typ: 'JWT' }],
    [{ typ: 'bearer' }],
    [{ typ: 'at+jwt' }],
    [{ token_type: 'Bearer' }],
    [{ token_type: 'urn:ietf:params:oauth:token-type:access_token' }],
    [{ tok_type: 'AT' }],
    [{ type: 'access' }],
    [{ type: 'user' }],
    [{ use: 'api' }],
    [{ token_use: 'access' }],
    [{ token_use: 'access_token' }],
    [{ code: 'x' }],
    [{ state: 'CA' }],
    [{ jti: 'abc-r' }],
    [{ sub: 'user-1' }],
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
    [{ tokenName: 'access_token', token_type: 'Bearer' }],
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

describe('a claim that may name a kind, and names none that is known', () => {
  const unclear = (name: string) => ({
    code: 'unrecognised_token_type',
    detail: `it bears no mark of an access token of the profile "auto". Its claim "${name}" may name another kind.`,
  })

  test.each(['type', 'use', 'usage', 'kind', 'mode', 'purpose', 'token_kind', 'tokenKind', 'token_name', 'jwt_type'])(
    '%s: the marks that others leave out of ID tokens prove nothing beside it',
    (name) => {
      for (const value of ['session', 'password_reset', '', 1, null, ['access']]) {
        expect(judge(PLAIN, { scope: 'a', [name]: value })).toEqual(unclear(name))
        // What only access tokens carry does, and so do the word of the issuer and its own word.
        expect(judge(TYPED, { [name]: value })).toBeUndefined()
        expect(judge(PLAIN, { typ: 'Bearer', [name]: value })).toBeUndefined()
        expect(judge(PLAIN, { token_type: 'access', [name]: value })).toBeUndefined()
        expect(judge(PLAIN, { [name]: value }, 'auto', () => true)).toBeUndefined()
      }
      expect(judge(PLAIN, { scope: 'a', [name]: 'access_token' })).toBeUndefined()
    },
  )

  test.each([{ token_type: 'access' }, { type: 'access' }, { type: 'access_token' }, { mode: 'access', type: 'user' }])(
    '%j says that it is an access token, unless it carries what ID tokens do',
    (claims) => {
      expect(judge(PLAIN, claims)).toBeUndefined()
      expect(judge(PLAIN, { ...claims, nonce: 'n' })).toEqual(carries('nonce'))
    },
  )
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
  ])('and it is refused when that %s', (_name, isAccessToken, problem) => {
    expect(judge(PLAIN, {}, 'auto', isAccessToken as IsAccessToken)).toEqual(bearsNoMark('auto', problem))
  })
})
