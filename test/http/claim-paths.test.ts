import express from 'express'
import { getAuth, requireAuth, requireRole, requireScope, type RequireAuthOptions } from 'express-resource-server'
import { createTestIssuer, type Changes, type ProviderName } from 'express-resource-server/testing'
import request from 'supertest'

async function createApi(provider: ProviderName, options: RequireAuthOptions) {
  const issuer = await createTestIssuer({ provider, algorithm: 'ES256' })
  const app = express()
  app.use(requireAuth({ ...issuer.options, ...options }))
  app.get('/', (req, res) => {
    const { clientId, scopes, roles, permissions } = getAuth(req)
    res.json({ clientId, scopes, roles, permissions })
  })
  app.get('/clerks', requireRole('clerk'), (_req, res) => res.sendStatus(204))
  app.get('/admins', requireRole('admin'), (_req, res) => res.sendStatus(204))
  app.get('/orders', requireScope('orders:read'), (_req, res) => res.sendStatus(204))
  const get = async (path: string, claims: Changes = {}) =>
    request(app)
      .get(path)
      .set('Authorization', `Bearer ${await issuer.accessToken(claims)}`)
  return { get }
}

describe('claimPaths', () => {
  const ROLES = 'https://app.example.com/roles'

  it('says where roles are that no profile knows, and the profile is not asked any more', async () => {
    const { get } = await createApi('auth0', { claimPaths: { roles: ROLES } })
    expect((await get('/clerks', { [ROLES]: ['clerk'] })).status).toBe(204)
    expect((await get('/clerks', { [ROLES]: ['other'] })).status).toBe(403)
    expect((await get('/clerks', { roles: ['clerk'] })).status).toBe(403)
    const without = await createApi('auth0', {})
    expect((await without.get('/clerks', { [ROLES]: ['clerk'] })).status).toBe(403)
  })

  it.each<[what: string, options: RequireAuthOptions['claimPaths'], claims: Changes, expected: object]>([
    ['a path', { roles: 'app.roles' }, { app: { roles: ['a'] } }, { roles: ['a'] }],
    ['keys', { roles: ['my.app', 'roles'] }, { 'my.app': { roles: 'a' } }, { roles: ['a'] }],
    ['permissions', { permissions: 'may' }, { may: ['p'], permissions: ['q'] }, { permissions: ['p'] }],
    ['scopes', { scopes: 'app.scopes' }, { app: { scopes: 'a b' }, scope: 'c' }, { scopes: ['a', 'b'] }],
    ['scopes that are not there', { scopes: 'app.scopes' }, { scope: 'c' }, { scopes: [] }],
    ['the client', { clientId: 'client' }, { client: 'c', client_id: 'd' }, { clientId: 'c' }],
    ['an inherited name', { roles: ['app', 'constructor'] }, { app: {} }, { roles: [] }],
    ['what is no name', { roles: 'app' }, { app: { clerk: true } }, { roles: [] }],
  ])('reads %s', async (_what, claimPaths, claims, expected) => {
    const { get } = await createApi('generic', { claimPaths })
    expect((await get('/', claims)).body).toMatchObject(expected)
  })

  it('refuses a client and scopes of an odd shape, as elsewhere', async () => {
    const { get } = await createApi('generic', { claimPaths: { clientId: 'client', scopes: 'may' } })
    expect((await get('/', { client: 1 })).body).toMatchObject({ code: 'invalid_claims' })
    expect((await get('/', { may: 1 })).body).toMatchObject({ code: 'invalid_claims' })
  })

  it('names whose token it is, where neither "sub" nor a usual claim does', async () => {
    const nobodys = { sub: undefined, client_id: undefined, device: 'd-1' }
    const { get } = await createApi('generic', { claimPaths: { clientId: 'device' } })
    expect((await get('/', nobodys)).body).toMatchObject({ clientId: 'd-1' })
    expect((await get('/', { ...nobodys, device: '' })).status).toBe(401)
    const without = await createApi('generic', {})
    expect((await without.get('/', nobodys)).body).toMatchObject({ code: 'unrecognised_token_type' })
  })

  it('marks no access token', async () => {
    const { get } = await createApi('better-auth', { claimPaths: { scopes: 'name' } })
    expect((await get('/')).body).toMatchObject({ code: 'unrecognised_token_type' })
  })

  it.each([
    [{ roles: '' }, /must not be empty|"claimPaths/],
    [{ roles: [] }, /"claimPaths/],
    [{ roles: [''] }, /"claimPaths/],
    [{ role: 'roles' }, /Did you mean "claimPaths\.roles"\?|Unknown option "claimPaths\.role"/],
    ['roles', /must be an object/],
  ])('is checked at start-up: %j', (claimPaths, message) => {
    const options = { issuer: 'https://login.example.com', audience: 'api', claimPaths }
    // As callers from JavaScript may.
    expect(() => requireAuth(options as RequireAuthOptions)).toThrow(message)
  })
})

describe('authority that belongs to somebody else', () => {
  it('ZITADEL: roles of the project of whichever client asked count for nothing here', async () => {
    const { get } = await createApi('zitadel', {})
    // The look-alike carries "admin" there, and "clerk" at this API's project.
    expect((await get('/clerks')).status).toBe(204)
    expect((await get('/admins')).status).toBe(403)
  })

  it('Keycloak: roles at another audience of this API count where the token is for that one', async () => {
    const { get } = await createApi('keycloak', { audience: ['orders-api', 'billing'] })
    const resource_access = { 'orders-api': { roles: ['clerk'] }, billing: { roles: ['admin'] } }
    expect((await get('/clerks', { resource_access })).status).toBe(204)
    expect((await get('/admins', { resource_access })).status).toBe(403)
    expect((await get('/admins', { resource_access, aud: ['billing'] })).status).toBe(204)
    expect((await get('/clerks', { resource_access, aud: ['billing'] })).status).toBe(403)
  })

  it('FusionAuth: roles of another application count for nothing here', async () => {
    const { get } = await createApi('fusionauth', { profile: 'fusionauth' })
    expect((await get('/clerks')).status).toBe(204)
    expect((await get('/clerks', { applicationId: 'another' })).status).toBe(403)
  })
})

describe('a URL that only resembles a provider', () => {
  it.each([
    'https://login.example.com/realms/orders',
    'https://login.example.com/application/o/orders/',
    'https://login.example.com/oauth/token',
    'https://login.example.com/adfs',
    'https://login.example.com/am/oauth2/realms/root/realms/alpha',
  ])('%s: what marks an access token elsewhere marks one there', async (url) => {
    const issuer = await createTestIssuer({ issuer: url, algorithm: 'ES256' })
    const app = express()
    app.use(requireAuth(issuer.options))
    app.get('/', (_req, res) => res.sendStatus(204))
    const send = async (claims: Changes) =>
      (
        await request(app)
          .get('/')
          .set('Authorization', `Bearer ${await issuer.accessToken(claims, { typ: 'JWT' })}`)
      ).status
    for (const claims of [{ scope: 'a' }, { scope: undefined, scp: ['a'] }, { scope: undefined, permissions: [] }]) {
      expect([claims, await send(claims)]).toEqual([claims, 204])
    }
    expect(await send({ scope: undefined })).toBe(401)
    expect(await send({ nonce: 'n' })).toBe(401)
  })
})
