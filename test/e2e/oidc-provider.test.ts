import type { Server } from 'node:http'
import { createResourceServer } from 'express-resource-server'
import type { Express } from 'express'
import request from 'supertest'
import { createApi } from '../../examples/quickstart/api.js'
import { clients, startIssuer } from '../../examples/quickstart/issuer.js'
import { signIn, type Tokens } from '../../examples/quickstart/sign-in.js'

// A certified OpenID provider, running for real on loopback: nothing here is a look-alike.
const audience = 'https://api.example.com'
const scopes = 'orders:read orders:write'

let issuer: string
let server: Server
let api: Express
let ada: Tokens

beforeAll(async () => {
  ;({ issuer, server } = await startIssuer({ audience, scopes, port: 0 }))
  api = createApi({ issuer, audience })
  ada = await signIn({ issuer, audience, clientId: clients.app, scope: 'orders:read' })
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const get = (token: string) => request(api).get('/orders').set('Authorization', `Bearer ${token}`)

describe('behind oidc-provider', () => {
  it('accepts an access token', async () => {
    const response = await get(ada.access_token)
    expect(response.status).toBe(200)
    expect(response.body).toMatchObject({ for: 'ada' })
    expect(response.headers['www-authenticate']).toBeUndefined()
  })

  it('refuses the ID token of the same sign-in', async () => {
    const response = await get(ada.id_token)
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="invalid_token", error_description="An ID token was presented. Send an access token issued for this API."',
    )
    expect(JSON.parse(response.text)).toMatchObject({ code: 'id_token_presented' })
  })

  it('refuses the ID token also where the client id is taken for the audience', async () => {
    const lax = createApi({ issuer, audience: clients.app })
    const response = await request(lax).get('/orders').set('Authorization', `Bearer ${ada.id_token}`)
    expect(response.status).toBe(401)
    expect(JSON.parse(response.text)).toMatchObject({ code: 'id_token_presented' })
  })

  it('answers 403 with the scope in the challenge when it is missing', async () => {
    const writer = await signIn({ issuer, audience, clientId: clients.app, scope: 'orders:write' })
    const response = await get(writer.access_token)
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="orders:read"',
    )
    expect(JSON.parse(response.text)).toMatchObject({ code: 'insufficient_scope' })
  })

  it('refuses an expired access token', async () => {
    const late = await signIn({ issuer, audience, clientId: clients.late, scope: 'orders:read' })
    const response = await get(late.access_token)
    expect(response.status).toBe(401)
    expect(JSON.parse(response.text)).toMatchObject({ code: 'token_expired' })
  })

  it('answers 401 without an error when there is no token', async () => {
    const response = await request(api).get('/orders')
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer realm="api"')
  })

  it('refuses an access token for another API of the same provider', async () => {
    const other = createApi({ issuer, audience: 'https://other.example.com' })
    const response = await request(other).get('/orders').set('Authorization', `Bearer ${ada.access_token}`)
    expect(response.status).toBe(401)
    expect(JSON.parse(response.text)).toMatchObject({ code: 'wrong_audience' })
  })

  it('satisfies the strict RFC 9068 profile', async () => {
    const strict = createResourceServer({ issuer, audience, profile: 'rfc9068' })
    const auth = await strict.verifyToken(ada.access_token)
    expect(auth).toMatchObject({ issuer, subject: 'ada', clientId: clients.app, scopes: ['orders:read'] })
    const { verdict, checks } = await strict.explainToken(ada.access_token)
    expect(verdict).toBe('accepted')
    expect(new Set(checks.map(({ outcome }) => outcome))).toEqual(new Set(['passed']))
  })

  it('is explained check by check when it is the wrong token', async () => {
    const report = await createResourceServer({ issuer, audience }).explainToken(ada.id_token)
    expect(report).toMatchObject({ verdict: 'refused', code: 'id_token_presented' })
    const failed = report.checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
    expect(failed).toEqual(['kind', 'audience'])
    expect(JSON.stringify(report)).not.toContain(ada.id_token.split('.')[2])
  })
})
