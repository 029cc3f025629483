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
  let keys: GenerateKeyPairResult
  let read: ReturnType<typeof createLogoutTokenReader>

  beforeAll(async () => {
    keys = await generateKeyPair('RS256', { extractable: true })
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
    server = createServer((req, res) => {
      const isJwks = req.url === '/jwks'
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
    await expect(read(await mint())).resolves.toBe('session-1')
  })

  it.each<[string, () => Changes]>([
    ['for another client', () => ({ claims: { aud: 'another' } })],
    ['of another issuer', () => ({ claims: { iss: 'http://other.localhost' } })],
    ['that is an ID token by its type', () => ({ typ: 'JWT' })],
    ['that has expired', () => ({ claims: { exp: now() - 10 } })],
    ['of five minutes ago', () => ({ claims: { iat: now() - 300 } })],
    ['without an event', () => ({ claims: { events: undefined } })],
    ['with another event', () => ({ claims: { events: { 'http://schemas.openid.net/event/other': {} } } })],
    ['with an event that is no object', () => ({ claims: { events: EVENT } })],
    ['with a nonce', () => ({ claims: { nonce: 'n' } })],
    ['without a session', () => ({ claims: { sid: undefined } })],
    ['without a name of its own', () => ({ claims: { jti: undefined } })],
  ])('is refused %s', async (_which, changes) => {
    await expect(read(await mint(changes()))).rejects.toThrow()
  })

  it('is refused with a signature of somebody else', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    await expect(read(await mint({ key: privateKey }))).rejects.toThrow()
  })

  it('is good once', async () => {
    const token = await mint()
    await expect(read(token)).resolves.toBe('session-1')
    await expect(read(token)).rejects.toThrow('it was said before')
  })
})
