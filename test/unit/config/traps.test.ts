import { ConfigurationError, requireAuth, type RequireAuthOptions } from 'express-resource-server'
import { createKey } from '../../kit/forge.js'

const API = 'https://api.example.com'
const TENANT = '6f1d3a52-0c1b-4f0e-9a44-0d5be6a0c001'
const GUID = 'b14a7505-96e9-4927-91e8-0601d0fc9caa'
const MICROSOFT = 'https://login.microsoftonline.com'
const POOL = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example'

const configure = (options: RequireAuthOptions) => () => requireAuth({ audience: API, ...options })

describe('an issuer that no token names is an error at start-up, which says what to write', () => {
  test.each<readonly [issuer: string, says: string]>([
    ['https://tenant.eu.auth0.com', 'Write "https://tenant.eu.auth0.com/"'],
    ['https://tenant.auth0.com/api/v2/', 'Write "https://tenant.auth0.com/"'],
    [`${MICROSOFT}/common/v2.0`, 'List the issuer of each tenant'],
    [`${MICROSOFT}/common`, 'List the issuer of each tenant'],
    [`${MICROSOFT}/organizations/v2.0`, 'List the issuer of each tenant'],
    [`${MICROSOFT}/consumers/v2.0`, 'List the issuer of each tenant'],
    ['https://sts.windows.net/common/', 'List the issuer of each tenant'],
    [
      `${MICROSOFT}/${TENANT}`,
      `Write "${MICROSOFT}/${TENANT}/v2.0" for v2.0 tokens, "https://sts.windows.net/${TENANT}/"`,
    ],
    [`${MICROSOFT}/${TENANT}/`, `Write "${MICROSOFT}/${TENANT}/v2.0"`],
    [`${MICROSOFT}/${TENANT}/v2.0/`, `Write "${MICROSOFT}/${TENANT}/v2.0"`],
    [`${MICROSOFT}/${TENANT}/oauth2/v2.0/token`, `Write "${MICROSOFT}/${TENANT}/v2.0"`],
    [MICROSOFT, `Write "${MICROSOFT}/TENANT/v2.0"`],
    [`https://login.microsoftonline.us/${TENANT}`, `Write "https://login.microsoftonline.us/${TENANT}/v2.0"`],
    [`${MICROSOFT}/contoso.onmicrosoft.com/v2.0`, 'Write the id of the tenant, a GUID'],
    ['https://sts.windows.net/contoso.com/', 'Write the id of the tenant, a GUID'],
    [`https://sts.windows.net/${TENANT}`, `Write "https://sts.windows.net/${TENANT}/", with the slash`],
    ['https://dev-1.okta.com', 'is the org authorization server of Okta'],
    ['https://dev-1.okta.com/', 'Use a custom authorization server, "https://dev-1.okta.com/oauth2/default"'],
    ['https://dev-1.oktapreview.com/oauth2/v1', 'is the org authorization server of Okta'],
    ['https://dev-1.okta.com/oauth2/default/', 'Write "https://dev-1.okta.com/oauth2/default"'],
    ['https://dev-1.okta.com/oauth2/default/v1/keys', 'Write "https://dev-1.okta.com/oauth2/default"'],
    ['https://dev-1-admin.okta.com/oauth2/default', 'Write "https://dev-1.okta.com/oauth2/default"'],
    ['https://accounts.google.com', 'Google issues no access tokens for other APIs'],
    ['https://accounts.google.com/', 'Write "https://accounts.google.com"'],
    ['https://login.example.com/.well-known/openid-configuration', 'probably "https://login.example.com"'],
    ['https://login.example.com/a/.well-known/openid-configuration', 'probably "https://login.example.com/a"'],
    ['https://login.example.com/.well-known/oauth-authorization-server/a', 'probably "https://login.example.com/a"'],
    ['https://login.example.com/.well-known/jwks.json', 'probably "https://login.example.com"'],
    ['https://kc.example.com/realms/demo/protocol/openid-connect/certs', 'Write "https://kc.example.com/realms/demo"'],
    ['https://kc.example.com/auth/realms/demo/account', 'Write "https://kc.example.com/auth/realms/demo"'],
    ['https://kc.example.com/admin/realms/demo', 'Write "https://kc.example.com/realms/REALM"'],
    ['https://kc.example.com/admin/master/console/', 'Write "https://kc.example.com/realms/REALM"'],
    ['https://demo.auth.eu-central-1.amazoncognito.com', 'Write the issuer of the user pool'],
    [`${POOL}/`, `Write "${POOL}"`],
    ['https://cognito-idp.eu-central-1.amazonaws.com', 'with the id of the user pool'],
  ])('%s', (issuer, says) => {
    for (const one of [issuer, { issuer }, [issuer], { issuer, jwksUri: 'https://login.example.com/jwks' }]) {
      expect(configure({ issuer: one })).toThrow(ConfigurationError)
      expect(configure({ issuer: one })).toThrow(says)
    }
  })

  test.each([
    ['https://tenant.eu.auth0.com/'],
    ['https://notauth0.com'],
    [`${MICROSOFT}/${TENANT}/v2.0`],
    [`https://sts.windows.net/${TENANT}/`],
    [`https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`],
    ['https://dev-1.okta.com/oauth2/default'],
    ['https://login.example.com'],
    ['https://login.example.com/'],
    ['https://login.example.com/common'],
    ['https://kc.example.com/realms/demo'],
    ['https://kc.example.com/auth/realms/demo'],
    ['https://am.example.com/am/oauth2/realms/root/realms/alpha'],
    ['https://login.example.com/admin'],
    [POOL],
  ])('and %s is none', (issuer) => {
    expect(configure({ issuer })).not.toThrow()
  })

  test('Google with a predicate is none', () => {
    const issuer = { issuer: 'https://accounts.google.com', isAccessToken: () => true }
    expect(configure({ issuer })).not.toThrow()
  })
})

describe('an audience that no API has is an error at start-up', () => {
  test.each<readonly [audience: string, says: string]>([
    [' ', 'white space'],
    [` ${API}`, 'white space'],
    [`${API}\n`, 'white space'],
    ['*', 'wildcard'],
    ['https://*.example.com', 'wildcard'],
    [`${API}/*`, 'wildcard'],
    ['api://{client-id}', 'placeholder'],
    ['<your audience>', 'placeholder'],
    ['YOUR_API_IDENTIFIER', 'placeholder'],
    ['undefined', 'missing variable'],
    ['null', 'missing variable'],
    ['00000003-0000-0000-c000-000000000000', 'Microsoft Graph'],
    ['https://graph.microsoft.com', 'Microsoft Graph'],
    ['https://login.example.com/userinfo', 'userinfo endpoint'],
  ])('%j', (audience, says) => {
    const issuer = 'https://login.example.com'
    for (const one of [audience, [audience], ['orders', audience]]) {
      expect(configure({ issuer, audience: one })).toThrow(ConfigurationError)
      expect(configure({ issuer, audience: one })).toThrow(says)
      expect(configure({ issuer: { issuer, audience: one } })).toThrow(says)
    }
  })

  test.each([['orders'], ['My API'], ['api://default'], ['urn:x:y'], ['a*b'], [GUID], ['your-api']])(
    'and %j is none',
    (audience) => {
      expect(configure({ issuer: 'https://login.example.com', audience })).not.toThrow()
    },
  )
})

describe('keys that are never found are an error at start-up', () => {
  const issuer = 'https://login.example.com'
  const one = createKey('P-256', { kid: 'a' })
  const keysOf = (...keys: { readonly jwk: Readonly<Record<string, unknown>> }[]) => ({
    issuer,
    jwks: { keys: keys.map(({ jwk }) => jwk) },
  })

  test('two of one name and one algorithm', () => {
    expect(configure(keysOf(one, createKey('P-256', { kid: 'a' })))).toThrow('holds two keys named "a"')
    const plain = { members: { alg: undefined }, kid: 'b' }
    expect(configure(keysOf(createKey('RSA', plain), createKey('RSA', plain)))).toThrow('holds two keys named "b"')
  })

  test('and two of one name for different algorithms, or of two names, or of none, are none', () => {
    expect(configure(keysOf(one, createKey('RSA', { kid: 'a' })))).not.toThrow()
    expect(configure(keysOf(one, createKey('P-256', { kid: 'b' })))).not.toThrow()
    const unnamed = { members: { kid: undefined } }
    expect(configure(keysOf(createKey('P-256', unnamed), createKey('P-256', unnamed)))).not.toThrow()
  })

  test.each([
    'https://login.example.com/.well-known/openid-configuration',
    'https://login.example.com/.well-known/oauth-authorization-server/a',
  ])('the metadata in place of the keys: %s', (jwksUri) => {
    expect(configure({ issuer, jwksUri })).toThrow('is the address of the metadata, not of the keys')
  })
})
