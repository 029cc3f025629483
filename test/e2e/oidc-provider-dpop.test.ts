import type { Server } from 'node:http'
import { generateKeyPair, generateProof, type KeyPair } from 'dpop'
import express from 'express'
import { getAuth, requireAuth, type DpopOptions } from 'express-resource-server'
import request from 'supertest'
import { clients, startIssuer } from '../../examples/quickstart/issuer.js'
import { signIn } from '../../examples/quickstart/sign-in.js'

// A certified OpenID provider binds tokens as soon as a client sends a proof, and an independent client makes the proofs.
const audience = 'https://api.example.com'
const origin = 'https://api.example.com'

let issuer: string
let server: Server
let keys: KeyPair
let token: string

beforeAll(async () => {
  ;({ issuer, server } = await startIssuer({ audience, scopes: 'orders:read', port: 0 }))
  keys = await generateKeyPair('ES256')
  const original = globalThis.fetch
  globalThis.fetch = async (url, init) => {
    if (url !== `${issuer}/token`) return original(url, init)
    return original(url, { ...init, headers: { DPoP: await generateProof(keys, url, 'POST') } })
  }
  try {
    token = (await signIn({ issuer, audience, clientId: clients.app, scope: 'orders:read' })).access_token
  } finally {
    globalThis.fetch = original
  }
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

function createApi(dpop?: Partial<DpopOptions>): express.Express {
  const app = express()
  app.use(requireAuth({ issuer, audience, dpop: dpop && { origin, ...dpop } }))
  return app.get('/orders', (req, res) => {
    res.json(getAuth(req))
  })
}

const ask = async (api: express.Express, nonce?: string): Promise<request.Response> =>
  request(api)
    .get('/orders?page=1')
    .set('Authorization', `DPoP ${token}`)
    .set('DPoP', await generateProof(keys, `${origin}/orders`, 'GET', nonce, token))

describe('a token that oidc-provider bound to the key of its client', () => {
  it('gets in with a proof of the package dpop, again and again', async () => {
    const api = createApi({})
    for (let i = 0; i < 3; i++) {
      const response = await ask(api)
      expect(response.status).toBe(200)
      expect(response.body).toMatchObject({ scheme: 'DPoP', binding: { method: 'dpop' }, subject: 'ada' })
    }
  })

  it('gets in with nonces, once it was told', async () => {
    const api = createApi({ nonce: { secret: 's'.repeat(32), everySeconds: 300 } })
    const told = await ask(api)
    expect(told.status).toBe(401)
    expect(told.headers['www-authenticate']).toContain('error="use_dpop_nonce"')
    expect((await ask(api, told.headers['dpop-nonce'])).status).toBe(200)
  })

  it('gets in nowhere as Bearer', async () => {
    for (const api of [createApi({}), createApi()]) {
      const response = await request(api).get('/orders').set('Authorization', `Bearer ${token}`)
      expect([response.status, JSON.parse(response.text)]).toMatchObject([401, { code: 'key_bound_token' }])
    }
  })
})
