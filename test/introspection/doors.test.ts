import express from 'express'
import {
  createResourceServer,
  getAuth,
  requireAuth,
  requireStepUp,
  type RequireAuthOptions,
} from 'express-resource-server'
import { createResourceServer as createCoreServer, scope } from 'express-resource-server/core'
import { createMcpResourceServer } from 'express-resource-server/mcp'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { calculateThumbprint, generateKeyPair, generateProof } from 'dpop'
import request from 'supertest'

let issuer: TestIssuer
let options: RequireAuthOptions

beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  options = { ...issuer.options, issuer: { issuer: issuer.issuer, introspection: issuer.introspection } }
})

const appOf = (more: RequireAuthOptions = {}): express.Express => {
  const app = express()
  app.use(requireAuth({ ...options, ...more }))
  app.get('/', (req, res) => {
    res.json(getAuth(req))
  })
  app.get('/fresh', requireStepUp({ acr: ['gold'], maxAgeSeconds: 60 }), (_req, res) => res.end())
  return app
}

describe('an opaque token is as good as a JWT', () => {
  test('for the server without a framework, its policies, and what ends with the token', async () => {
    const server = createCoreServer(options)
    const token = await issuer.opaqueToken({ scope: 'orders:read', exp: issuer.now() + 100 })
    const asked = new Request('https://api.example.com/', { headers: { authorization: `Bearer ${token}` } })
    const auth = await server.authenticate(asked)
    expect(await server.authorize(auth, scope('orders:read'), asked)).toBeUndefined()
    expect(await server.authorize(auth, scope('orders:write'), asked)).toMatchObject({
      code: 'insufficient_scope',
    })
    expect(auth.token).toBe(token)
    expect(JSON.stringify(auth)).not.toContain(token)
    issuer.advance(200)
    expect(await server.authorize(auth, scope('orders:read'), asked)).toMatchObject({ code: 'token_expired' })
  })

  test('for an MCP server', async () => {
    const mcp = createMcpResourceServer({
      ...options,
      audience: issuer.audience,
      resource: 'https://api.example.com/mcp',
    })
    const token = await issuer.opaqueToken({ scope: 'tools' })
    expect(await mcp.tokenVerifier(Error).verifyAccessToken(token)).toMatchObject({ token, scopes: ['tools'] })
  })

  test('for a step-up, by what the answer says of the sign-in', async () => {
    const app = appOf()
    const ask = (token: string) => request(app).get('/fresh').set('Authorization', `Bearer ${token}`)
    const now = issuer.now()
    expect((await ask(await issuer.opaqueToken({ acr: 'gold', auth_time: now - 10 }))).status).toBe(200)
    const answer = await ask(await issuer.opaqueToken({ acr: 'silver', auth_time: now - 100 }))
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="api", error="insufficient_user_authentication", error_description="This operation needs a stronger or more recent sign-in.", acr_values="gold", max_age="60"',
    ])
    const unknown = await ask('unknown-token-0123456789')
    expect(unknown.headers['www-authenticate']).not.toContain('acr_values')
  })

  test('for claims of a schema, and a longest age', async () => {
    const claims = { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { own: true } }) } } as const
    const server = createResourceServer({ ...options, claims, maxTokenAgeSeconds: 600 })
    expect((await server.verifyToken(await issuer.opaqueToken())).claims).toEqual({ own: true })
    const old = await issuer.opaqueToken({ iat: issuer.now() - 3600 })
    await expect(server.verifyToken(old)).rejects.toMatchObject({ code: 'token_too_old' })
  })

  test.each([{ cache: undefined }, { cache: { seconds: 30 } }])(
    'bound to a key, with the proof of each request: %j',
    async ({ cache }) => {
      const keys = await generateKeyPair('ES256')
      const url = 'https://api.example.com/'
      const app = appOf({
        issuer: { issuer: issuer.issuer, introspection: { ...issuer.introspection, cache } },
        dpop: { origin: 'https://api.example.com' },
        clock: Date.now,
      })
      const exp = Math.floor(Date.now() / 1000) + 300
      const token = await issuer.opaqueToken({
        token_type: 'DPoP',
        cnf: { jkt: await calculateThumbprint(keys.publicKey) },
        exp,
      })
      const ask = (scheme: string, proof?: string) => {
        const asked = request(app).get('/').set('Authorization', `${scheme} ${token}`)
        return proof === undefined ? asked : asked.set('DPoP', proof)
      }
      for (let i = 0; i < 3; i++) {
        const answer = await ask('DPoP', await generateProof(keys, url, 'GET', undefined, token))
        expect([answer.status, answer.body]).toMatchObject([200, { scheme: 'DPoP', binding: { method: 'dpop' } }])
        expect((await ask('Bearer')).status).toBe(401)
        expect((await ask('DPoP')).status).toBe(401)
        const other = await generateKeyPair('ES256')
        expect((await ask('DPoP', await generateProof(other, url, 'GET', undefined, token))).status).toBe(401)
      }
    },
  )
})
