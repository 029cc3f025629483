// Tokens of other kinds with our audience in them, and authority that is about somebody else's resource.
const { requireAuth, requireRole } = require('express-resource-server')
const { statusOf } = require('../world.js')

async function api(world, options, ...guards) {
  const app = world.express()
  app.use(requireAuth({ ...world.options, ...options }))
  app.get('/', ...guards, (_req, res) => res.json({ in: true }))
  return world.listen(app)
}

const others = {
  'typ refresh': { typ: 'refresh' },
  'typ refresh_token': { typ: 'refresh_token' },
  'token_type refresh': { token_type: 'refresh' },
  'type refresh': { type: 'refresh' },
  'use refresh': { use: 'refresh' },
  'tokenName refresh_token': { tokenName: 'refresh_token' },
  ati: { ati: 'some-access-token' },
  'JARM with a token': { state: 's', access_token: 'x' },
  'JARM with a code': { state: 's', code: 'x' },
  'an authorization code': { redirect_uri: 'https://app.example.com', code_challenge: 'x' },
  'an introspection answer': { active: true },
  'no subject and no client': { sub: undefined, client_id: undefined },
}

module.exports = {
  async 'none of another kind gets in'(world) {
    const port = await api(world, {})
    const accepted = []
    for (const [name, changes] of Object.entries(others)) {
      if ((await statusOf(port, '/', { token: world.plain(changes) })) !== 401) accepted.push(name)
    }
    return { accepted, good: await statusOf(port, '/', { token: world.plain() }) }
  },
  async 'the roles of the project of another client (ZITADEL)'(world) {
    const port = await api(world, { profile: 'zitadel', audience: '1234' }, requireRole('admin'))
    const token = (claims) => world.plain({ aud: ['1234', 'client-1'], ...claims })
    return {
      own: await statusOf(port, '/', {
        token: token({ 'urn:zitadel:iam:org:project:1234:roles': { admin: { 1: 'x' } } }),
      }),
      ofClient: await statusOf(port, '/', {
        token: token({ 'urn:zitadel:iam:org:project:roles': { admin: { 1: 'x' } } }),
      }),
      ofOther: await statusOf(port, '/', {
        token: token({ 'urn:zitadel:iam:org:project:99:roles': { admin: { 1: 'x' } } }),
      }),
    }
  },
  async 'the roles of an audience that the token is not for (Keycloak)'(world) {
    const port = await api(world, { profile: 'keycloak', audience: ['orders', 'billing'] }, requireRole('admin'))
    const token = (aud, client) =>
      world.plain({ aud, typ: 'Bearer', azp: 'client-1', resource_access: { [client]: { roles: ['admin'] } } })
    return {
      own: await statusOf(port, '/', { token: token('orders', 'orders') }),
      ofOther: await statusOf(port, '/', { token: token('orders', 'billing') }),
      both: await statusOf(port, '/', { token: token(['orders', 'billing'], 'billing') }),
    }
  },
}
