import express from 'express'
import { getAuth, requireAuth, requireScope } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'

let issuer: TestIssuer
let app: express.Express

beforeAll(async () => {
  issuer = await createTestIssuer()
  app = express()
  app.use(requireAuth(issuer.options))
  app.get('/orders', requireScope('orders:read'), (req, res) => {
    res.json({ orders: [], for: getAuth(req).subject })
  })
})

const get = (token: string) => request(app).get('/orders').set('Authorization', `Bearer ${token}`)

describe('requireAuth', () => {
  it('lets an access token with the scope through', async () => {
    const response = await get(await issuer.accessToken({ scope: 'orders:read' }))
    expect(response.status).toBe(200)
    expect(response.body).toEqual({ orders: [], for: 'user-1' })
  })

  it('refuses an ID token and says what it is, even when its audience is this API', async () => {
    for (const token of [await issuer.idToken(), await issuer.idToken({ aud: issuer.audience })]) {
      const response = await get(token)
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(
        'Bearer realm="api", error="invalid_token", error_description="An ID token was presented. Send an access token issued for this API."',
      )
      expect(response.headers['cache-control']).toBe('no-store')
      expect(response.type).toBe('application/problem+json')
      expect(JSON.parse(response.text)).toEqual({
        type: 'about:blank',
        title: 'Unauthorized',
        status: 401,
        detail: 'An ID token was presented. Send an access token issued for this API.',
        error: 'invalid_token',
        error_description: 'An ID token was presented. Send an access token issued for this API.',
        code: 'id_token_presented',
      })
    }
  })

  it('answers 403 and names the missing scope', async () => {
    const response = await get(await issuer.accessToken({ scope: 'orders:write' }))
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="orders:read"',
    )
  })

  it('answers 401 without any error information when there are no credentials', async () => {
    const response = await request(app).get('/orders')
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer realm="api"')
    expect(JSON.parse(response.text)).toMatchObject({ code: 'missing_token' })
  })
})
