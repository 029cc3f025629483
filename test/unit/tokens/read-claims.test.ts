import type { Eventual } from '../../../src/lib/eventual.js'
import type { Outcome } from '../../../src/tokens/check.js'
import { readAudience } from '../../../src/tokens/checks/audience.js'
import { claims as claimsCheck } from '../../../src/tokens/checks/claims.js'
import { schema as schemaCheck } from '../../../src/tokens/checks/schema.js'
import type { Findings, FoundIssuer, TokenIssuer } from '../../../src/tokens/examination.js'
import { profileFor, type ProfileName } from '../../../src/tokens/profiles/index.js'
import type { Profile } from '../../../src/tokens/profiles/profile.js'
import { readAuthorityBy } from './authority.js'
import { runCheck } from './run-check.js'

type Members = Readonly<Record<string, unknown>>

const invalid = (name: string) => ({
  code: 'invalid_claims',
  detail: `"${name}" is missing or malformed, or differs from a claim that says the same`,
})
const profile = (name: ProfileName) => profileFor(name, 'https://issuer.example.com')
const read = (claims: Members, name: ProfileName = 'auto', audience: readonly string[] = ['api']): Promise<object> =>
  readAuthorityBy(name, { aud: audience, ...claims }, audience)
const texts = (length: number): readonly string[] => Array.from({ length }, (_, n) => `a${String(n)}`)

describe('the audience (RFC 7519 4.1.3)', () => {
  test.each<[name: string, claims: Members, expected: unknown]>([
    ['a text', { aud: 'api' }, ['api']],
    ['an empty text', { aud: '' }, ['']],
    ['an array', { aud: ['a', 'b'] }, ['a', 'b']],
    ['an empty array', { aud: [] }, []],
    ['an array of 256', { aud: texts(256) }, texts(256)],
    ['an array of 257', { aud: texts(257) }, invalid('aud')],
    ['an array with a number', { aud: ['a', 1] }, invalid('aud')],
    ['an array in an array', { aud: [['a']] }, invalid('aud')],
    ['null', { aud: null }, invalid('aud')],
    ['an object', { aud: { 0: 'a', length: 1 } }, invalid('aud')],
    ['nothing', {}, invalid('aud')],
    ['nothing, beside a client', { client_id: 'a' }, invalid('aud')],
  ])('%s', (_name, claims, expected) => {
    expect(readAudience(claims, profile('auto'))).toEqual(expected)
  })

  test.each<[name: string, claims: Members, expected: unknown]>([
    ['is the client where there is no aud', { client_id: 'app' }, ['app']],
    ['is aud where there is one', { aud: 'api', client_id: 'app' }, ['api']],
    ['is aud also where it is malformed', { aud: null, client_id: 'app' }, invalid('aud')],
    ['is not there without both', {}, invalid('aud')],
  ])('of Cognito %s', (_name, claims, expected) => {
    expect(readAudience(claims, profile('cognito'))).toEqual(expected)
  })

  test.each<[name: string, aud: unknown, trusted: readonly string[], expected: object]>([
    ['is this API', 'api', ['api'], { audience: ['api'] }],
    ['is another', 'other', ['api'], { code: 'wrong_audience' }],
    ['has this API behind another', ['other', 'api'], ['api'], { audience: ['other', 'api'] }],
    ['is the second name of this API', 'b', ['a', 'b'], { audience: ['b'] }],
    ['is a part of its name', 'ap', ['api'], { code: 'wrong_audience' }],
    ['is empty', [], ['api'], { code: 'wrong_audience' }],
    ['is malformed', null, ['api'], invalid('aud')],
  ])('%s', async (_name, aud, trusted, expected) => {
    expect(await readAuthorityBy('auto', { aud }, trusted)).toMatchObject(expected)
  })
})

describe('the client', () => {
  test.each<[name: string, claims: Members, expected: unknown]>([
    ['client_id (RFC 9068 2.2)', { client_id: 'a' }, 'a'],
    ['azp', { azp: 'a' }, 'a'],
    ['appid', { appid: 'a' }, 'a'],
    ['cid', { cid: 'a' }, 'a'],
    ['two that agree', { client_id: 'a', azp: 'a' }, 'a'],
    ['nobody', {}, ''],
  ])('is %s', async (_name, claims, clientId) => {
    expect(await read(claims)).toMatchObject({ clientId })
  })

  test.each<[name: string, claims: Members, claim: string]>([
    ['two that differ', { client_id: 'a', azp: 'b' }, 'azp'],
    ['two of which one is empty', { azp: '', appid: 'b' }, 'appid'],
    ['a number', { azp: 1 }, 'azp'],
    ['null beside a name', { client_id: 'a', cid: null }, 'cid'],
  ])('is not %s', async (_name, claims, claim) => {
    expect(await read(claims)).toEqual(invalid(claim))
  })
})

describe('the scopes (RFC 6749 3.3, RFC 8693 4.2)', () => {
  test.each<[name: string, claims: Members, expected: readonly string[]]>([
    ['one', { scope: 'a' }, ['a']],
    ['two', { scope: 'b a' }, ['b', 'a']],
    ['none', { scope: '' }, []],
    ['with spaces around and between', { scope: ' a  b ' }, ['a', 'b']],
    ['the same twice', { scope: 'a b a' }, ['a', 'b']],
    ['an array', { scope: ['a', 'b', 'a'] }, ['a', 'b']],
    ['scp as a text', { scp: 'a b' }, ['a', 'b']],
    ['scp as an array', { scp: ['a'] }, ['a']],
    ['both, with the same', { scope: 'a b', scp: ['b', 'a'] }, ['a', 'b'].reverse()],
    ['of every character', { scope: '!#[]~' }, ['!#[]~']],
    ['a tab separates nothing', { scope: 'a\tb' }, ['a\tb']],
    ['an array whose text holds a space', { scope: ['a b'] }, ['a b']],
    ['no claim at all', {}, []],
  ])('%s', async (_name, claims, scopes) => {
    expect(await read(claims)).toMatchObject({ scopes })
  })

  test.each<[name: string, claims: Members, claim: string]>([
    ['a number', { scope: 1 }, 'scope'],
    ['null', { scope: null }, 'scope'],
    ['an object', { scope: { a: true } }, 'scope'],
    ['an array with a number', { scope: ['a', 1] }, 'scope'],
    ['a quote', { scope: 'a"b' }, 'scope'],
    ['a backslash', { scope: 'a\\b' }, 'scope'],
    ['what is no ASCII', { scope: 'a \u00e4' }, 'scope'],
    ['a control character', { scope: 'a\u0000' }, 'scope'],
    ['a good one before a bad one', { scope: 'a b"' }, 'scope'],
    ['a good one before a bad one in an array', { scope: ['a', 'b"'] }, 'scope'],
    ['two claims that differ', { scope: 'a', scp: 'b' }, 'scp'],
    ['two claims that differ in one of two', { scope: 'a b', scp: 'a c' }, 'scp'],
    ['two claims of which one holds more', { scope: 'a', scp: 'a b' }, 'scp'],
    ['two claims of which the other holds more', { scope: 'a b', scp: 'a' }, 'scp'],
    ['two claims of which one is empty', { scope: '', scp: 'a' }, 'scp'],
  ])('are not %s', async (_name, claims, claim) => {
    expect(await read(claims)).toEqual(invalid(claim))
  })

  it('are those of a client that agrees with "azp", for rfc9068 too', async () => {
    expect(await read({ client_id: 'c', azp: 'c' }, 'rfc9068')).toMatchObject({ clientId: 'c' })
    expect(await read({ client_id: 'c', azp: 'd' }, 'rfc9068')).toEqual(invalid('azp'))
  })

  it('are a text and nothing else for rfc9068 (RFC 9068 2.2.3)', async () => {
    expect(await read({ client_id: 'c', scope: 'a b' }, 'rfc9068')).toMatchObject({ scopes: ['a', 'b'] })
    expect(await read({ client_id: 'c', scope: ['a'] }, 'rfc9068')).toEqual(invalid('scope'))
    expect(await read({ client_id: 'c', scp: ['a'] }, 'rfc9068')).toMatchObject({ scopes: [] })
  })
})

describe('roles and permissions', () => {
  test.each<[name: string, claims: Members, expected: readonly string[]]>([
    ['an array', { roles: ['a', 'b'] }, ['a', 'b']],
    ['a text', { roles: 'a b' }, ['a b']],
    ['the same twice', { roles: ['a', 'a'] }, ['a']],
    ['nothing', {}, []],
    ['a number', { roles: 1 }, []],
    ['an array with a number', { roles: ['a', 1] }, []],
    ['an object', { roles: { a: true } }, []],
  ])('%s names them, or none', async (_name, claims, roles) => {
    expect(await read(claims)).toMatchObject({ roles, permissions: [] })
    expect(await read({ permissions: claims['roles'] })).toMatchObject({ roles: [], permissions: roles })
  })

  it('live where Keycloak has them: in the realm, and in the client that is an audience of this API', async () => {
    const claims = {
      realm_access: { roles: ['user'] },
      resource_access: {
        api: { roles: ['reader', 'user'] },
        other: { roles: ['admin'] },
        'a.b': { roles: ['dotted'] },
      },
    }
    expect(await read(claims, 'keycloak', ['api'])).toMatchObject({ roles: ['user', 'reader'] })
    expect(await read(claims, 'keycloak', ['a.b', 'api'])).toMatchObject({ roles: ['user', 'dotted', 'reader'] })
    expect(await read(claims, 'keycloak', ['x'])).toMatchObject({ roles: ['user'] })
  })

  it('count at the audiences that the token is for, of those that this API has', async () => {
    const resource_access = { orders: { roles: ['clerk'] }, billing: { roles: ['admin'] } }
    const audience = ['orders', 'billing']
    const rolesFor = async (aud: unknown, name: ProfileName = 'keycloak', claims: Members = { resource_access }) =>
      (await readAuthorityBy(name, { aud, ...claims }, audience)) as { roles: readonly string[] }
    expect((await rolesFor('orders')).roles).toEqual(['clerk'])
    expect((await rolesFor(['billing', 'account'])).roles).toEqual(['admin'])
    expect((await rolesFor(['billing', 'orders'])).roles).toEqual(['clerk', 'admin'])
    const projects = Object.fromEntries(
      audience.map((id) => [`urn:zitadel:iam:org:project:${id}:roles`, { [`of ${id}`]: {} }]),
    )
    expect((await rolesFor(['orders', 'x'], 'zitadel', projects)).roles).toEqual(['of orders'])
  })

  // Whoever registers a client chooses its name.
  test.each([
    ['orders.admin', { orders: { admin: { roles: ['r'] } } }],
    ['orders', { 'orders.roles': ['r'], 'orders/': { roles: ['r'] } }],
    ['constructor', {}],
    ['toString', { other: {} }],
    ['roles', { roles: ['r'] }],
    ['https://api.example.com', { 'https://api.example.com/': { roles: ['r'] } }],
  ])('of an audience called %s are under that name alone', async (audience, resource_access) => {
    expect(await read({ resource_access }, 'keycloak', [audience])).toMatchObject({ roles: [] })
    expect(await read({ resource_access: { [audience]: { roles: ['x'] } } }, 'keycloak', [audience])).toMatchObject({
      roles: ['x'],
    })
  })

  it('are read under the spelling that is configured, also where "aud" has the slash of no path', async () => {
    const slashed = 'https://api.example.com/'
    const resource_access = { [slashed]: { roles: ['r'] }, [slashed.slice(0, -1)]: { roles: ['x'] } }
    const claims = { aud: slashed, resource_access }
    expect(await readAuthorityBy('keycloak', claims, [slashed.slice(0, -1)])).toMatchObject({ roles: [] })
    expect(await readAuthorityBy('keycloak', claims, [slashed])).toMatchObject({ roles: ['r'] })
  })

  it('of FusionAuth are those of its application, where that is an audience of this API', async () => {
    const roles = ['clerk']
    expect(await read({ applicationId: 'api', roles }, 'fusionauth')).toMatchObject({ roles })
    expect(await read({ applicationId: 'other', roles }, 'fusionauth')).toMatchObject({ roles: [] })
    expect(await read({ applicationId: ['api'], aud: 'api', roles }, 'fusionauth')).toMatchObject({
      code: 'invalid_claims',
    })
    expect(
      await readAuthorityBy('fusionauth', { aud: ['api'], applicationId: 'b', roles }, ['api', 'b']),
    ).toMatchObject({
      roles: [],
    })
    expect(await read({ roles }, 'fusionauth')).toMatchObject({ roles: [] })
  })

  it('are member names for ZITADEL, at the projects of this API', async () => {
    const claims = {
      'urn:zitadel:iam:org:project:roles': { user: { org: 'x' } },
      'urn:zitadel:iam:org:project:1:roles': { reader: {} },
      'urn:zitadel:iam:org:project:2:roles': { admin: {} },
    }
    // The claim without an id is about the project of whichever client asked: anybody can make an "admin" there.
    expect(await read(claims, 'zitadel', ['1'])).toMatchObject({ roles: ['reader'] })
    expect(await read({ 'urn:zitadel:iam:org:project:roles': ['user'] }, 'zitadel')).toMatchObject({ roles: [] })
  })
})

test('a malformed audience is a reason to refuse all of it', async () => {
  expect(await read({ aud: 1 })).toEqual(invalid('aud'))
  expect(await read({ aud: ['a', 'api'] })).toMatchObject({ audience: ['a', 'api'] })
})

describe('the claims that every token may carry (RFC 7519 4.1)', () => {
  const notText = (name: string) => ({ code: 'invalid_claims', detail: `"${name}" is not a text` })
  const checkClaims = (claims: Members, by: Profile): Eventual<Outcome> => {
    const settings = { profile: by } as TokenIssuer // it goes by nothing else
    return runCheck(claimsCheck, {
      decoded: { header: {}, claims },
      issuer: { settings } as FoundIssuer,
    })
  }
  const required = { sub: 'a', client_id: 'a', iat: 1, jti: 'a' }

  test.each(['sub', 'jti', 'client_id'])('%s is a text where it is there, and not an empty one', (name) => {
    expect(checkClaims({}, profile('auto'))).toBeUndefined()
    expect(checkClaims({ [name]: 'x' }, profile('auto'))).toBeUndefined()
    for (const value of ['', null, 1, ['x'], { x: 1 }]) {
      expect(checkClaims({ [name]: value }, profile('auto'))).toEqual(notText(name))
    }
  })

  test.each(['sub', 'client_id', 'iat', 'jti'])('%s must be there for rfc9068 (RFC 9068 2.2)', (name) => {
    expect(checkClaims(required, profile('rfc9068'))).toBeUndefined()
    const others = Object.fromEntries(Object.entries(required).filter(([one]) => one !== name))
    expect(checkClaims(others, profile('rfc9068'))).toEqual({
      code: 'invalid_claims',
      detail: `"${name}" is missing`,
    })
    expect(checkClaims(others, profile('auto'))).toBeUndefined()
  })

  const OTHER_TENANT = { code: 'invalid_claims', detail: '"tid" names another tenant than "iss"' }

  test.each<[name: string, claims: Members, expected: object | undefined]>([
    ['is that of the issuer', { iss: 'https://sts.windows.net/t1/', tid: 't1' }, undefined],
    ['is not there', { iss: 'https://sts.windows.net/t1/' }, undefined],
    ['is another', { iss: 'https://sts.windows.net/t1/', tid: 't2' }, OTHER_TENANT],
    ['is a part of it', { iss: 'https://sts.windows.net/t10/', tid: 't1' }, OTHER_TENANT],
    ['is null', { iss: 'https://sts.windows.net/t1/', tid: null }, OTHER_TENANT],
  ])('the tenant of Entra %s', (_name, claims, expected) => {
    expect(checkClaims(claims, profile('entra'))).toEqual(expected)
    expect(checkClaims(claims, profile('auto'))).toBeUndefined()
  })
})

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[]
}

describe('a schema of the user', () => {
  const decoded = { header: {}, claims: { tenant: 'a' } }
  const schemaOf = (result: { readonly value: unknown } | { readonly issues: readonly Issue[] }) => ({
    schema: { '~standard': { version: 1, vendor: 'test', validate: () => result } as const },
    callbackTimeoutSeconds: 5,
  })

  it('decides what the claims become', async () => {
    const findings: Partial<Findings> = { decoded }
    expect(await runCheck(schemaCheck, findings, { rules: schemaOf({ value: { tenant: 1 } }) })).toBeUndefined()
    expect(findings.validatedClaims).toEqual({ tenant: 1 })
  })

  it('is not needed', async () => {
    const findings = { decoded }
    expect(
      await runCheck(schemaCheck, findings, { rules: { schema: undefined, callbackTimeoutSeconds: 5 } }),
    ).toBeUndefined()
    expect(findings).toEqual({ decoded })
  })

  test.each<[name: string, issue: Issue, where: string]>([
    ['a path', { message: 'no', path: ['address', 'zip'] }, 'address.zip'],
    ['a path of objects', { message: 'no', path: [{ key: 'address' }, { key: 0 }] }, 'address.0'],
    ['an empty path', { message: 'no', path: [] }, ''],
    ['no path', { message: 'no' }, ''],
  ])('that refuses says where, not what: %s', async (_name, issue, where) => {
    const findings = { decoded }
    expect(await runCheck(schemaCheck, findings, { rules: schemaOf({ issues: [issue] }) })).toEqual({
      code: 'invalid_claims',
      detail: `the claims do not fit the schema at "${where}"`,
    })
    expect(findings).toEqual({ decoded })
  })

  it('that refuses without an issue refuses all the same', async () => {
    expect(await runCheck(schemaCheck, { decoded }, { rules: schemaOf({ issues: [] }) })).toMatchObject({
      code: 'invalid_claims',
    })
  })
})
