import { classifyToken } from '../../../src/tokens/classify-token.js'
import { profileFor, profileNames, type ProfileName } from '../../../src/tokens/profiles/index.js'
import { readType } from '../../../src/tokens/token-type.js'
import { ISSUER, readAuthorityBy } from './authority.js'

// What each provider's tokens show, one claim at a time: idp-tokens, sections 1 and 2.

type Members = Readonly<Record<string, unknown>>

const named = (name: ProfileName) => profileFor(name, ISSUER)
const judge = (name: ProfileName, claims: Members, header: Members = { typ: 'JWT' }) =>
  classifyToken({ header, claims: { iss: ISSUER, ...claims } }, readType(header), { profile: named(name) })

test('every profile is chosen by its name, whatever the URL', () => {
  expect([...profileNames].sort()).toEqual(
    [
      ...['adfs', 'auth0', 'authentik', 'auto', 'b2c', 'clerk', 'cognito', 'duende', 'entra', 'fusionauth', 'generic'],
      ...[
        'google',
        'hydra',
        'keycloak',
        'okta',
        'openauth',
        'pingam',
        'pingone',
        'rfc9068',
        'supabase',
        'uaa',
        'zitadel',
      ],
    ].sort(),
  )
  for (const name of profileNames.filter((one) => one !== 'auto')) {
    expect(profileFor(name, 'https://tenant.auth0.com/').name).toBe(name)
    expect(profileFor(name, 'no URL').name).toBe(name)
  }
})

describe('auto chooses by the URL of the issuer, and by the whole of it', () => {
  test.each<[url: string, name: ProfileName]>([
    ['https://tenant.eu.auth0.com/', 'auth0'],
    ['https://auth0.com.evil.example/', 'auto'],
    ['https://notauth0.com/', 'auto'],
    ['https://sso.example.com/application/o/orders/', 'authentik'],
    ['https://sso.example.com/proxy/application/o/orders/', 'authentik'],
    ['https://sso.example.com/application/o/orders', 'auto'],
    ['https://sso.example.com/application/o/a/b/', 'auto'],
    ['https://sso.example.com/application/o//', 'auto'],
    ['https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_A', 'cognito'],
    ['https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_A', 'cognito'],
    ['https://cognito-idp.eu.central.amazonaws.com/a', 'auto'],
    ['https://cognito-idp..amazonaws.com/a', 'auto'],
    ['https://x.cognito-idp.eu-central-1.amazonaws.com/a', 'auto'],
    ['https://cognito-idp.eu-central-1.amazonaws.com.evil.example/a', 'auto'],
    ['https://cognito-idp.eu-central-1xamazonaws.com/a', 'auto'],
    ['https://sts.windows.net/t/', 'entra'],
    ['https://login.microsoftonline.com/t/v2.0', 'entra'],
    ['https://login.microsoftonline.us/t/v2.0', 'entra'],
    ['https://login.partner.microsoftonline.cn/t/v2.0', 'entra'],
    ['https://contoso.ciamlogin.com/t/v2.0', 'entra'],
    ['https://.ciamlogin.com/t/v2.0', 'auto'],
    ['https://login.microsoftonline.com.evil.example/t/v2.0', 'auto'],
    ['https://x.sts.windows.net/t/', 'auto'],
    ['https://stsxwindows.net/t/', 'auto'],
    ['https://accounts.google.com', 'google'],
    ['https://x.accounts.google.com', 'auto'],
    ['https://login.example.com/realms/orders', 'keycloak'],
    ['https://login.example.com/auth/realms/orders', 'keycloak'],
    ['https://login.example.com/realms/orders/x', 'auto'],
    ['https://login.example.com/realms/', 'auto'],
    ['https://dev-1.okta.com/oauth2/default', 'okta'],
    ['https://dev-1.oktapreview.com/oauth2/default', 'okta'],
    ['https://dev-1.okta-emea.com/oauth2/default', 'okta'],
    ['https://dev-1.okta-gov.com/oauth2/default', 'okta'],
    ['https://dev-1.okta-x.com/oauth2/default', 'auto'],
    ['https://okta.com/oauth2/default', 'auto'],
    ['https://dev-1.okta.com.evil.example/oauth2/default', 'auto'],
    ['https://auth.pingone.com/e/as', 'pingone'],
    ['https://auth.pingone.com.au/e/as', 'pingone'],
    ['https://x.auth.pingone.com/e/as', 'auto'],
    ['https://auth.pingone.eu-1/e/as', 'auto'],
    ['https://auth.pingone.', 'auto'],
    ['https://x.zitadel.cloud', 'zitadel'],
    ['https://notzitadel.cloud', 'auto'],
    ['https://x.zitadel.cloud.evil.example', 'auto'],
    ['https://adfs.example.com/adfs', 'adfs'],
    ['http://adfs.example.com/adfs/services/trust', 'adfs'],
    ['https://adfs.example.com/adfs/other', 'auto'],
    ['https://contoso.b2clogin.com/t/v2.0/', 'b2c'],
    ['https://b2clogin.com/t/v2.0/', 'auto'],
    ['https://contoso.b2clogin.com.evil.example/t/v2.0/', 'auto'],
    ['https://orders-1.clerk.accounts.dev', 'clerk'],
    ['https://clerk.accounts.dev.evil.example', 'auto'],
    ['https://x.supabase.co/auth/v1', 'supabase'],
    ['https://x.supabase.co/auth/v2', 'auto'],
    ['https://supabase.co/auth/v1', 'auto'],
    ['https://am.example.com/am/oauth2/realms/root/realms/alpha', 'pingam'],
    ['https://am.example.com/openam/oauth2', 'pingam'],
    ['https://am.example.com/sso/oauth2/realms/root', 'pingam'],
    ['https://login.example.com/oauth2/default', 'auto'],
    ['https://uaa.example.com/oauth/token', 'uaa'],
    ['https://acme.authentication.eu10.hana.ondemand.com/oauth/token', 'uaa'],
    ['https://uaa.example.com/oauth/tokens', 'auto'],
    ['https://issuer.example.com', 'auto'],
    ['accounts.google.com', 'auto'],
    ['', 'auto'],
  ])('%s: %s', (url, name) => {
    expect(profileFor('auto', url).name).toBe(name)
  })
})

describe('a token of no kind is an access token when it carries', () => {
  test.each<[name: ProfileName, claims: readonly string[]]>([
    ['auto', ['scope']],
    ['auto', ['scp']],
    ['auto', ['permissions']],
    ['auto', ['appid']],
    ['auto', ['azpacr']],
    ['auto', ['idtyp']],
    ['auth0', ['scope']],
    ['auth0', ['permissions']],
    ['auth0', ['gty']],
    ['authentik', ['azp', 'uid']],
    ['entra', ['scp']],
    ['entra', ['appid']],
    ['entra', ['appidacr']],
    ['entra', ['azpacr']],
    ['entra', ['idtyp']],
    ['entra', ['azp', 'roles']],
    ['fusionauth', ['applicationId']],
    ['fusionauth', ['permissions']],
    ['hydra', ['client_id', 'scp']],
    ['hydra', ['client_id', 'scope']],
    ['hydra', ['client_id', 'ext']],
    ['okta', ['cid', 'scp']],
    ['pingone', ['client_id', 'scope']],
    ['zitadel', ['client_id', 'jti']],
  ])('for %s: %j, and all of it', (name, marks) => {
    const claims = Object.fromEntries(marks.map((mark) => [mark, 'x']))
    expect(judge(name, claims)).toBeUndefined()
    if (marks.length === 1) return
    for (const alone of marks) {
      // Of Entra and Hydra, one of the two may be a mark by itself.
      if (named(name).marks.some((mark) => JSON.stringify(mark) === JSON.stringify({ [alone]: true }))) continue
      expect(judge(name, { [alone]: 'x' })).toMatchObject({ code: 'unrecognised_token_type' })
    }
  })

  test.each<[name: ProfileName, aud: boolean]>([
    ['auto', true],
    ['auth0', true],
    ['entra', false],
    ['okta', false],
  ])('for %s: the userinfo endpoint as an audience beside its own: %j', (name, accepted) => {
    const verdict = judge(name, { aud: ['api', `${ISSUER}userinfo`] })
    expect(verdict?.code).toBe(accepted ? undefined : 'unrecognised_token_type')
  })

  test.each<ProfileName>(['cognito', 'duende', 'google', 'keycloak', 'rfc9068'])(
    'for %s: nothing of the kind',
    (name) => {
      const all = ['scope', 'scp', 'permissions', 'roles', 'client_id', 'azp', 'uid', 'appid', 'gty', 'cid', 'jti']
      expect(judge(name, Object.fromEntries(all.map((claim) => [claim, 'x'])))).toMatchObject({
        code: 'unrecognised_token_type',
      })
      expect(judge(name, {}, { typ: 'at+jwt' })).toBeUndefined()
    },
  )

  test.each<[name: ProfileName, onlyTyped: boolean]>(
    profileNames.map((name) => [name, ['duende', 'rfc9068'].includes(name)]),
  )('for %s: a strong mark, or typ alone: %j', (name, onlyTyped) => {
    expect(judge(name, { typ: 'Bearer' })?.code).toBe(onlyTyped ? 'unrecognised_token_type' : undefined)
    expect(judge(name, {}, { typ: 'at+jwt' })).toBeUndefined()
  })
})

describe('a token is an ID token when it carries', () => {
  const marks: Partial<Record<ProfileName, Members>> = {
    hydra: { client_id: 'x', scope: 'x' },
    zitadel: { client_id: 'x', jti: 'x' },
  }

  test.each<[name: ProfileName, claim: string]>([
    ['hydra', 'auth_time'],
    ['hydra', 'acr'],
    ['zitadel', 'azp'],
    ['zitadel', 'auth_time'],
    ['zitadel', 'amr'],
    ['zitadel', 'sid'],
  ])('for %s: %s', (name, claim) => {
    const good = marks[name] ?? {}
    expect(judge(name, good)).toBeUndefined()
    expect(judge(name, { ...good, [claim]: 'x' })).toEqual({
      code: 'id_token_presented',
      detail: `it carries "${claim}"`,
    })
    expect(judge('auto', { scope: 'x', [claim]: 'x' })).toBeUndefined()
  })
})

describe('the hint says what a token of the provider must have', () => {
  test.each<[name: ProfileName, hint: RegExp | undefined]>([
    ['auto', undefined],
    ['auth0', /JWT access token for an API only when the client sends the parameter "audience"/],
    ['authentik', /has the claim "uid"\. Give this API an audience of its own/],
    ['cognito', /claim "token_use" with "access"/],
    ['duende', /"typ: at\+jwt" \(AccessTokenJwtType\)/],
    ['entra', /no "scp", "appid" or "azpacr"\. Have the client ask for a scope of this API/],
    ['fusionauth', /has the claim "applicationId"/],
    ['google', /issues no JWT access tokens/],
    ['hydra', /opaque access tokens unless "strategies\.access_token" is "jwt"/],
    ['keycloak', /claim "typ" with "Bearer"\. Give the client an audience mapper/],
    ['okta', /use a custom authorization server/],
    ['pingone', undefined],
    ['rfc9068', /nothing but "typ: at\+jwt" in the header/],
    ['zitadel', /opaque access tokens unless the application is set to JWT/],
  ])('%s: %s', (name, hint) => {
    const detail = judge(name, {})?.detail ?? ''
    const start = `it bears no mark of an access token of the profile "${name}".`
    if (hint === undefined) expect(detail).toBe(start)
    else {
      expect(detail.startsWith(`${start} `)).toBe(true)
      expect(detail).toMatch(hint)
    }
  })
})

describe('scopes, roles, permissions and the client live where the provider has them', () => {
  type Place = readonly [claims: Members, found: Members]

  test.each<[name: ProfileName, ...places: Place[]]>([
    [
      'auto',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ scp: 'a' }, { scopes: ['a'] }],
      [{ roles: ['r'] }, { roles: ['r'] }],
      [{ permissions: ['p'] }, { permissions: ['p'] }],
      [{ client_id: 'c' }, { clientId: 'c' }],
      [{ azp: 'c' }, { clientId: 'c' }],
      [{ appid: 'c' }, { clientId: 'c' }],
      [{ cid: 'c' }, { clientId: 'c' }],
      [{ groups: ['r'] }, {}],
    ],
    [
      'rfc9068',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ scp: 'a' }, {}],
      [{ roles: ['r'] }, { roles: ['r'] }],
      [{ entitlements: ['p'] }, { permissions: ['p'] }],
      [{ permissions: ['p'] }, {}],
      [{ client_id: 'c' }, { clientId: 'c' }],
      [{ azp: 'c' }, { clientId: 'c' }],
      [{ appid: 'c' }, {}],
    ],
    [
      'auth0',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ scp: 'a' }, {}],
      [{ roles: ['r'] }, { roles: ['r'] }],
      [{ permissions: ['p'] }, { permissions: ['p'] }],
      [{ client_id: 'c' }, { clientId: 'c' }],
      [{ azp: 'c' }, { clientId: 'c' }],
    ],
    [
      'authentik',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ groups: ['r'] }, { roles: ['r'] }],
      [{ roles: ['r'] }, {}],
      [{ permissions: ['p'] }, {}],
      [{ azp: 'c' }, { clientId: 'c' }],
      [{ client_id: 'c' }, {}],
    ],
    [
      'cognito',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ 'cognito:groups': ['r'] }, { roles: ['r'] }],
      [{ permissions: ['p'] }, {}],
      [{ client_id: 'c' }, { clientId: 'c' }],
    ],
    [
      'duende',
      [{ scope: ['a'] }, { scopes: ['a'] }],
      [{ role: 'r' }, { roles: ['r'] }],
      [{ permissions: ['p'] }, {}],
      [{ client_id: 'c' }, { clientId: 'c' }],
    ],
    [
      'entra',
      [{ scp: 'a b' }, { scopes: ['a', 'b'] }],
      [{ scope: 'a' }, {}],
      [{ roles: ['r'] }, { roles: ['r'] }],
      [{ permissions: ['p'] }, {}],
      [{ azp: 'c' }, { clientId: 'c' }],
      [{ appid: 'c' }, { clientId: 'c' }],
    ],
    [
      'fusionauth',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [
        { roles: ['r'], applicationId: 'api' },
        { roles: ['r'], clientId: 'api' },
      ],
      [{ roles: ['r'] }, {}],
      [{ permissions: ['p'] }, {}],
      [{ applicationId: 'c' }, { clientId: 'c' }],
    ],
    [
      'google',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ roles: ['r'], permissions: ['p'] }, {}],
      [{ azp: 'c' }, { clientId: 'c' }],
    ],
    [
      'hydra',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ scp: ['a'] }, { scopes: ['a'] }],
      [{ ext: { roles: ['r'] } }, { roles: ['r'] }],
      [{ roles: ['r'] }, { roles: ['r'] }],
      [{ permissions: ['p'] }, {}],
      [{ client_id: 'c' }, { clientId: 'c' }],
    ],
    [
      'keycloak',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ realm_access: { roles: ['r'] } }, { roles: ['r'] }],
      [{ resource_access: { api: { roles: ['r'] } } }, { roles: ['r'] }],
      [{ resource_access: { other: { roles: ['r'] } } }, {}],
      [{ roles: ['r'], permissions: ['p'] }, {}],
      [{ client_id: 'c' }, { clientId: 'c' }],
      [{ azp: 'c' }, { clientId: 'c' }],
    ],
    [
      'okta',
      [{ scp: ['a'] }, { scopes: ['a'] }],
      [{ scope: 'a' }, {}],
      [{ groups: ['r'] }, { roles: ['r'] }],
      [{ permissions: ['p'] }, {}],
      [{ cid: 'c' }, { clientId: 'c' }],
    ],
    [
      'pingone',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ roles: ['r'] }, { roles: ['r'] }],
      [{ permissions: ['p'] }, {}],
      [{ client_id: 'c' }, { clientId: 'c' }],
    ],
    [
      'zitadel',
      [{ scope: 'a' }, { scopes: ['a'] }],
      [{ 'urn:zitadel:iam:org:project:roles': { r: {} } }, {}],
      [{ 'urn:zitadel:iam:org:project:api:roles': { r: {} } }, { roles: ['r'] }],
      [{ 'urn:zitadel:iam:org:project:other:roles': { r: {} } }, {}],
      [{ permissions: ['p'] }, {}],
      [{ client_id: 'c' }, { clientId: 'c' }],
    ],
  ])('%s', async (name, ...places) => {
    const client = name === 'rfc9068' ? 'c' : ''
    const common = { aud: 'api', ...(client !== '' && { client_id: client }) }
    const nothing = { clientId: client, audience: ['api'], scopes: [], roles: [], permissions: [] }
    for (const [claims, found] of places) {
      expect(await readAuthorityBy(name, { ...common, ...claims })).toEqual({ ...nothing, ...found })
    }
  })
})
