import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type GenerateKeyPairResult } from 'jose'
import { createLogoutTokenReader } from '../../examples/browser/bff/logout-token.js'
import { createOAuthClient } from '../../examples/browser/oauth-client.js'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

// OpenID Connect Back-Channel Logout 1.0, section 2.6, before an issuer whose keys the tests have.
describe('a logout token', () => {
  let server: Server
  let issuer: string
  let jwksStatus = 200
  let keys: GenerateKeyPairResult
  let read: ReturnType<typeof createLogoutTokenReader>

  beforeAll(async () => {
    keys = await generateKeyPair('RS256', { extractable: true })
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
    server = createServer((req, res) => {
      const isJwks = req.url === '/jwks'
      if (isJwks) res.statusCode = jwksStatus
      res.setHeader('content-type', 'application/json')
      res.end(JSON.stringify(isJwks ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    issuer = `http://issuer.localhost:${String((server.address() as AddressInfo).port)}` // it listens on a port
    read = createLogoutTokenReader(createOAuthClient({ issuer, clientId: 'bff', clientSecret: 'unused' }))
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })

  const now = () => Math.floor(Date.now() / 1000)

  interface Changes {
    readonly claims?: Readonly<Record<string, unknown>>
    readonly typ?: string
    readonly key?: GenerateKeyPairResult['privateKey']
  }

  function mint({ claims = {}, typ = 'logout+jwt', key = keys.privateKey }: Changes = {}): Promise<string> {
    const good = {
      iss: issuer,
      aud: 'bff',
      iat: now(),
      exp: now() + 60,
      jti: crypto.randomUUID(),
      sid: 'session-1',
      events: { [EVENT]: {} },
    }
    return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ }).sign(key)
  }

  it('names the session that has ended', async () => {
    await expect(read(await mint())).resolves.toMatchObject({ sid: 'session-1' })
  })

  it('names a user whose every session has ended, where the provider keeps no names of sessions', async () => {
    const said = await read(await mint({ claims: { sid: undefined, sub: 'ada' } }))
    expect(said).toMatchObject({ sub: 'ada' })
    expect(said?.sid).toBeUndefined()
  })

  it.each<[string, () => Changes]>([
    ['for another client', () => ({ claims: { aud: 'another' } })],
    ['of another issuer', () => ({ claims: { iss: 'http://other.localhost' } })],
    ['that is an ID token by its type', () => ({ typ: 'JWT' })],
    ['that has expired', () => ({ claims: { exp: now() - 10 } })],
    ['of five minutes ago', () => ({ claims: { iat: now() - 300 } })],
    ['without an event', () => ({ claims: { events: undefined } })],
    ['with another event', () => ({ claims: { events: { 'http://schemas.openid.net/event/other': {} } } })],
    ['with events that are no object', () => ({ claims: { events: EVENT } })],
    ['with an event that is no object', () => ({ claims: { events: { [EVENT]: true } } })],
    ['with an event that is null', () => ({ claims: { events: { [EVENT]: null } } })],
    ['with an event that is a list', () => ({ claims: { events: { [EVENT]: [] } } })],
    ['with a nonce', () => ({ claims: { nonce: 'n' } })],
    ['without session and user', () => ({ claims: { sid: undefined } })],
    ['with a session that is no text', () => ({ claims: { sid: 7, sub: 'ada' } })],
    ['with an empty session', () => ({ claims: { sid: '', sub: 'ada' } })],
    ['with an empty user', () => ({ claims: { sid: undefined, sub: '' } })],
    ['without a name of its own', () => ({ claims: { jti: undefined } })],
    ['with an empty name', () => ({ claims: { jti: '' } })],
  ])('is refused %s', async (_which, changes) => {
    await expect(read(await mint(changes()))).resolves.toBeUndefined()
  })

  it.each(['', 'eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCJ9.e30.', 'a.b.c'])('is refused as %j', async (token) => {
    await expect(read(token)).resolves.toBeUndefined()
  })

  it('is refused with a signature of somebody else', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    await expect(read(await mint({ key: privateKey }))).resolves.toBeUndefined()
  })

  it('is good until what it says is done, and not after', async () => {
    const token = await mint()
    await expect(read(token)).resolves.toMatchObject({ sid: 'session-1' })
    const again = await read(token)
    expect(again).toMatchObject({ sid: 'session-1' })
    again?.done()
    await expect(read(token)).resolves.toBeUndefined()
  })

  it('is neither good nor bad while the keys of the provider cannot be had', async () => {
    const oauth = createOAuthClient({ issuer, clientId: 'bff', clientSecret: 'unused' })
    const fresh = createLogoutTokenReader(oauth)
    jwksStatus = 503
    await expect(fresh(await mint())).rejects.toThrow()
    jwksStatus = 200
    await expect(fresh(await mint())).resolves.toMatchObject({ sid: 'session-1' })
  })
})
