import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { calculateThumbprint, generateKeyPair, generateProof } from 'dpop'
import express from 'express'
import { createResourceServer, createRevocation, type Revocation } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'
import { endWithToken } from 'express-resource-server/websocket'
import { closed, open, serve, type World } from './harness.js'

describe('a token that is bound to a key', () => {
  const origin = 'https://api.example.com'
  let world: World
  afterEach(() => {
    world.close()
  })

  it('opens a connection with a proof in the header, and with nothing less', async () => {
    world = await serve({ tokenInSubprotocol: true }, () => ({ dpop: { origin } }))
    const keys = await generateKeyPair('ES256')
    const token = await world.token({ cnf: { jkt: await calculateThumbprint(keys.publicKey) } })
    const proofFor = (path: string): Promise<string> => generateProof(keys, `${origin}${path}`, 'GET', undefined, token)
    const DPoP = await proofFor('/')
    const Authorization = `DPoP ${token}`

    expect((await open(world.url, { headers: { Authorization, DPoP } })).greeting).toBe('hello user-1')
    const refused = [
      { headers: { Authorization, DPoP } },
      { headers: { Authorization } },
      { headers: { Authorization, DPoP: await proofFor('/other') } },
      { token },
      { token, headers: { DPoP: await proofFor('/') } },
      { protocols: ['chat', `bearer.${token}`], headers: { DPoP: await proofFor('/') } },
    ]
    for (const how of refused) {
      expect(await open(world.url, how)).toMatchObject({
        status: 401,
        challenge: expect.stringMatching(/\bDPoP /) as string,
      })
    }
    expect(world.seen).toHaveLength(1)
  })

  it('is not renewed over its connection, where no fresh proof can come, and lasts until its end', async () => {
    world = await serve({}, () => ({ dpop: { origin } }))
    const keys = await generateKeyPair('ES256')
    const cnf = { jkt: await calculateThumbprint(keys.publicKey) }
    const [token, fresh] = [await world.token({ cnf, jti: 'a' }), await world.token({ cnf, jti: 'b' })]
    const DPoP = await generateProof(keys, `${origin}/`, 'GET', undefined, token)
    const { socket } = await open(world.url, { headers: { Authorization: `DPoP ${token}`, DPoP } })
    const connection = world.guard.of([...world.sockets.clients][0] as object)
    await expect(connection.renew(fresh)).rejects.toMatchObject({ status: 401 })
    expect(connection.auth.token).toBe(token)
    expect(socket?.readyState).toBe(socket?.OPEN)
    socket?.terminate()
  })
})

describe('a token that is taken back', () => {
  let world: World
  let revocation: Revocation
  beforeEach(async () => {
    world = await serve({}, (issuer) => ({
      revocation: (revocation = createRevocation({ clock: issuer.options.clock })),
    }))
  })
  afterEach(() => {
    world.close()
    revocation.close()
  })

  it('ends its connection with 3000, and no other', async () => {
    const [taken, kept] = [await world.token({ jti: 'a' }), await world.token({ jti: 'b' })]
    const [{ socket }, other] = [await open(world.url, { token: taken }), await open(world.url, { token: kept })]
    const code = closed(socket)
    await revocation.revoke({ token: taken })
    expect(await code).toBe(3000)
    expect(other.socket?.readyState).toBe(other.socket?.OPEN)
    expect((await open(world.url, { token: taken })).status).toBe(401)
    other.socket?.terminate()
  })

  it('is no longer waited for once it was renewed', async () => {
    const first = await world.token({ jti: 'a' })
    const { socket } = await open(world.url, { token: first })
    const connection = world.guard.of([...world.sockets.clients][0] as object)
    await connection.renew(await world.token({ jti: 'b' }))
    await revocation.revoke({ token: first })
    await expect(connection.renew(first)).rejects.toHaveProperty('status', 401)
    expect(socket?.readyState).toBe(socket?.OPEN)
    const code = closed(socket)
    await revocation.revokeSubject({ issuer: world.issuer.issuer, subject: 'user-1' })
    expect(await code).toBe(3000)
  })
})

describe('a stream behind Express', () => {
  it('ends with its token, and whoever connects anew with that is 401', async () => {
    const issuer = await createTestIssuer()
    const api = createResourceServer({ ...issuer.options, clockToleranceSeconds: 30 })
    const app = express()
    app.get('/events', api.requireAuth(), (req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }).write('data: hello\n\n')
      endWithToken(api, api.getAuth(req), res)
    })
    const http: Server = app.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const url = `http://127.0.0.1:${String((http.address() as AddressInfo).port)}/events`
    const token = await issuer.accessToken({ iat: issuer.now() - 60, exp: issuer.now() - 1 })
    const headers = { Authorization: `Bearer ${token}` }
    const stream = await fetch(url, { headers })
    expect([stream.status, await stream.text()]).toEqual([200, 'data: hello\n\n'])
    issuer.advance(60)
    const again = await fetch(url, { headers })
    expect(again.status).toBe(401)
    expect(again.headers.get('www-authenticate')).toMatch(/^Bearer realm="api", error="invalid_token"/)
    http.close()
    http.closeAllConnections()
    api.close()
  })
})
