import { X509Certificate } from 'node:crypto'
import { createServer as createPlainServer, request as plainRequest, type Server } from 'node:http'
import { Agent, createServer, request as httpsRequest, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect, TLSSocket } from 'node:tls'
import express from 'express'
import fc from 'fast-check'
import {
  boundToken,
  createResourceServer,
  getAuth,
  protectedResourceMetadata,
  requireAuth,
  requireBoundToken,
  type MtlsOptions,
} from 'express-resource-server'
import { createResourceServer as createCore, RefusalError } from 'express-resource-server/core'
import {
  createClientCertificate,
  createTestIssuer,
  type ClientCertificate,
  type TestIssuer,
} from 'express-resource-server/testing'
import supertest from 'supertest'
import { readCertificateField } from '../../src/binding/certificate/read-certificate-field.js'

const ca = createClientCertificate({ commonName: 'ca' })
const client = createClientCertificate({ signedBy: ca })
const other = createClientCertificate({ commonName: 'other', signedBy: ca })
/** Of the same key, and so of the same client: but another certificate. */
const reissued = createClientCertificate({ signedBy: ca, key: client.key })
const stranger = createClientCertificate({ commonName: 'stranger' })
const late = createClientCertificate({ commonName: 'late', notAfter: new Date(Date.now() - 60_000) })
const host = createClientCertificate({ commonName: 'localhost' })

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer()
})

const bound = (thumbprint: string, claims: object = {}): Promise<string> =>
  issuer.accessToken({ cnf: { 'x5t#S256': thumbprint, ...claims } })

function createApp(mtls: MtlsOptions | undefined, options: object = {}): express.Express {
  const app = express()
  app.use(requireAuth({ ...issuer.options, ...(mtls && { mtls }), ...options }))
  app.get('/', (req, res) => {
    res.json(getAuth(req).binding ?? null)
  })
  app.get('/bound', requireBoundToken(), (_req, res) => {
    res.json('bound')
  })
  return app
}

const servers: Server[] = []
const agents: Agent[] = []
afterAll(() => {
  for (const agent of agents) agent.destroy()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // it listens on a port
}

/** Asks every client for a certificate, and lets in those without, and those of strangers if it is told to. */
function listenTls(app: express.Express, options: ServerOptions = {}): Promise<number> {
  const tls = { key: host.key, cert: host.cert, ca: [ca.cert], requestCert: true, rejectUnauthorized: false }
  return listen(createServer({ ...tls, ...options }, app))
}

interface Answer {
  readonly status: number | undefined
  readonly challenge: string | undefined
  readonly body: unknown
}

type Headers = Readonly<Record<string, string | string[]>>

interface Sent {
  readonly token: string
  readonly as?: ClientCertificate | undefined
  readonly path?: string
  readonly headers?: Headers
  readonly agent?: Agent
}

function send(port: number, { token, as, path = '/', headers = {}, agent }: Sent, isTls = true): Promise<Answer> {
  const options = {
    port,
    path,
    host: '127.0.0.1',
    headers: { Authorization: `Bearer ${token}`, ...headers },
    ...(isTls && { rejectUnauthorized: false, ...(as && { key: as.key, cert: as.cert }), agent: agent ?? new Agent() }),
  }
  return new Promise((resolve, reject) => {
    const asked = isTls ? httpsRequest(options) : plainRequest(options)
    asked.on('error', reject).on('response', (res) => {
      let text = ''
      res.on('data', (chunk: Buffer) => (text += chunk.toString()))
      res.on('end', () => {
        resolve({ status: res.statusCode, challenge: res.headers['www-authenticate'], body: JSON.parse(text) })
      })
    })
    asked.end()
  })
}

const MISMATCH = {
  status: 401,
  challenge:
    'Bearer realm="api", error="invalid_token", error_description="The access token is bound to a client certificate that did not come with this request."',
  body: expect.objectContaining({ code: 'certificate_binding_mismatch' }) as unknown,
}

const granted = (thumbprint: string) => ({ status: 200, challenge: undefined, body: { method: 'mtls', thumbprint } })

describe('the certificate of a TLS connection', () => {
  let port: number
  beforeAll(async () => {
    port = await listenTls(createApp({ certificate: 'socket' }))
  })

  it('lets a token in that is bound to it, and says so', async () => {
    const token = await bound(client.thumbprint)
    expect(await send(port, { token, as: client })).toEqual(granted(client.thumbprint))
    expect(await send(port, { token, as: client, path: '/bound' })).toMatchObject({ status: 200 })
  })

  it.each([
    ['another certificate', other],
    ['one of the same key', reissued],
    ['one of a stranger', stranger],
    ['none', undefined],
  ])('refuses %s', async (_name, as) => {
    expect(await send(port, { token: await bound(client.thumbprint), as })).toEqual(MISMATCH)
  })

  it('is not that of the authority', async () => {
    expect(await send(port, { token: await bound(ca.thumbprint), as: client })).toEqual(MISMATCH)
  })

  it('leaves tokens alone that are bound to nothing, unless "required" says otherwise', async () => {
    const token = await issuer.accessToken()
    expect(await send(port, { token, as: client })).toEqual({ status: 200, challenge: undefined, body: null })
    expect(await send(port, { token, as: client, path: '/bound' })).toMatchObject({ status: 401 })
    const strict = await listenTls(createApp({ certificate: 'socket', required: true }))
    expect(await send(strict, { token, as: client })).toMatchObject({
      status: 401,
      body: { code: 'bound_token_required' },
    })
    expect(await send(strict, { token: await bound(client.thumbprint), as: client })).toEqual(
      granted(client.thumbprint),
    )
  })

  it('is judged by the TLS server, and by nobody else', async () => {
    // RFC 8705 section 2.2: a certificate that signed itself, or one past its time, where the server lets either in.
    for (const as of [stranger, late]) {
      expect(await send(port, { token: await bound(as.thumbprint), as })).toEqual(granted(as.thumbprint))
    }
    const strict = await listenTls(createApp({ certificate: 'socket' }), { rejectUnauthorized: true })
    await expect(send(strict, { token: await bound(stranger.thumbprint), as: stranger })).rejects.toThrow()
    expect(await send(strict, { token: await bound(client.thumbprint), as: client })).toEqual(
      granted(client.thumbprint),
    )
  })

  it('is not in a header', async () => {
    const headers = { 'Client-Cert': fields.rfc9440(client), 'X-Client-Cert': fields.pem(client) }
    expect(await send(port, { token: await bound(client.thumbprint), headers })).toEqual(MISMATCH)
  })

  it('is not there over plain HTTP', async () => {
    const plain = await listen(createPlainServer(createApp({ certificate: 'socket' })))
    expect(await send(plain, { token: await bound(client.thumbprint) }, false)).toEqual(MISMATCH)
  })

  it('is read once for a connection', async () => {
    let asked = 0
    const app = express()
    app.use(
      (req, _res, next) => {
        const { socket } = req
        if (socket instanceof TLSSocket && !Object.hasOwn(socket, 'getPeerX509Certificate')) {
          const original = socket.getPeerX509Certificate.bind(socket)
          socket.getPeerX509Certificate = () => {
            asked++
            return original()
          }
        }
        next()
      },
      createApp({ certificate: 'socket' }),
    )
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    agents.push(agent)
    const alive = await listenTls(app)
    for (let i = 0; i < 5; i++) {
      const token = await bound(i % 2 === 0 ? client.thumbprint : other.thumbprint)
      expect((await send(alive, { token, as: client, agent })).status).toBe(i % 2 === 0 ? 200 : 401)
    }
    expect(asked).toBe(1)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is known of a resumed session too: %s', async (version) => {
    const token = await bound(client.thumbprint)
    const ask = (session?: Buffer): Promise<{ session: Buffer; isReused: boolean; text: string }> =>
      new Promise((resolve, reject) => {
        let kept = session ?? Buffer.alloc(0)
        let text = ''
        const socket = connect({
          port,
          host: '127.0.0.1',
          key: client.key,
          cert: client.cert,
          rejectUnauthorized: false,
          minVersion: version,
          maxVersion: version,
          ...(session && { session }),
        })
        socket.on('session', (one) => (kept = one)).on('error', reject)
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
        socket.on('end', () => {
          resolve({ session: kept, isReused: socket.isSessionReused(), text })
        })
        socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`)
      })
    const first = await ask()
    const second = await ask(first.session)
    expect([first.isReused, second.isReused]).toEqual([false, true])
    for (const { text } of [first, second]) expect(text).toMatch(/^HTTP\/1\.1 200 /)
  })
})

/** A certificate as each proxy writes it. */
const fields = {
  rfc9440: ({ cert }: ClientCertificate) => `:${der(cert).toString('base64')}:`,
  pem: ({ cert }: ClientCertificate) => encodeURIComponent(cert),
  base64: ({ cert }: ClientCertificate) => der(cert).toString('base64'),
  'base64-chain': ({ cert }: ClientCertificate) => [cert, ca.cert].map((one) => der(one).toString('base64')).join(),
  xfcc: ({ cert, thumbprint }: ClientCertificate) =>
    `By=spiffe://a;Hash=${Buffer.from(thumbprint, 'base64url').toString('hex')};Cert="${encodeURIComponent(cert)}";Subject="CN=\\"client\\",O=x"`,
} as const

type Format = keyof typeof fields

function der(cert: string): Buffer {
  return new X509Certificate(cert).raw
}

const formats = Object.keys(fields) as readonly Format[] // keys of the literal

describe('the header of a proxy', () => {
  const source = (format: Format, trustedProxies = ['127.0.0.0/8']): MtlsOptions => ({
    certificate: { header: 'X-Cert', format },
    trustedProxies,
  })
  const ports = new Map<Format, number>()
  beforeAll(async () => {
    for (const format of formats) ports.set(format, await listen(createPlainServer(createApp(source(format)))))
  })
  const ask = async (format: Format, headers: Headers, thumbprint = client.thumbprint): Promise<Answer> =>
    send(ports.get(format) ?? 0, { token: await bound(thumbprint), headers }, false)

  describe.each(formats)('%s', (format) => {
    it('counts from a proxy that is trusted', async () => {
      expect(await ask(format, { 'x-cert': fields[format](client) })).toEqual(granted(client.thumbprint))
      expect(await ask(format, { 'X-CERT': fields[format](other) })).toEqual(MISMATCH)
    })

    const good = fields[format](client)
    it.each([
      ['nothing', {}],
      ['an empty one', { 'X-Cert': '' }],
      ['two', { 'X-Cert': [good, good] }],
      ['two, joined', { 'X-Cert': `${good}, ${good}` }],
      ['another before it, joined', { 'X-Cert': `${fields[format](other)},${good}` }],
      ['an alias with an underscore', { X_Cert: good }],
      ['an alias with a dot', { 'X.Cert': good }],
      ['something cut off', { 'X-Cert': good.slice(0, -5) }],
      ['something behind it', { 'X-Cert': `${good}x` }],
      ['a thumbprint by SHA-1', { 'X-Cert': 'a'.repeat(40) }],
      ['its thumbprint alone', { 'X-Cert': client.thumbprint }],
      ['a private key', { 'X-Cert': encodeURIComponent(client.key) }],
    ])('is refused: %s', async (_name, headers) => {
      expect(await ask(format, headers)).toEqual(MISMATCH)
    })

    it('is refused when it is long', async () => {
      const app = createApp(source(format))
      const port = await listen(createPlainServer({ maxHeaderSize: 256 * 1024 }, app))
      const answer = await send(
        port,
        { token: await bound(client.thumbprint), headers: { 'X-Cert': 'A'.repeat(100_000) } },
        false,
      )
      expect(answer).toEqual(MISMATCH)
    })

    it('does not count from anybody else', async () => {
      const port = await listen(createPlainServer(createApp(source(format, ['10.0.0.0/8', 'fd00::/8']))))
      expect(await send(port, { token: await bound(client.thumbprint), headers: { 'X-Cert': good } }, false)).toEqual(
        MISMATCH,
      )
    })
  })

  it.each([
    [
      'a hash that is not that of the certificate',
      (hash: string, cert: string) => `Hash=${hash};Cert="${cert}"`,
      other,
    ],
    ['two hashes', (hash: string) => `Hash=${hash};Hash=${hash}`, client],
    ['a hash by SHA-1', (hash: string) => `Hash=${hash.slice(0, 40)}`, client],
    ['no hash', (_hash: string, cert: string) => `Cert="${cert}"`, client],
    ['an element of the client before it', (hash: string) => `Hash=${hash},By=x;Hash=${hash}`, client],
    ['a quote that does not end', (hash: string) => `Subject="CN=a;Hash=${hash}`, client],
  ])('of Envoy is refused with %s', async (_name, write, of) => {
    const hash = Buffer.from(client.thumbprint, 'base64url').toString('hex')
    expect(await ask('xfcc', { 'X-Cert': write(hash, encodeURIComponent(of.cert)) })).toEqual(MISMATCH)
  })

  it('counts alone, whatever certificate the proxy itself has', async () => {
    const port = await listenTls(createApp(source('rfc9440')))
    const headers = { 'X-Cert': fields.rfc9440(client) }
    expect(await send(port, { token: await bound(client.thumbprint), as: other, headers })).toEqual(
      granted(client.thumbprint),
    )
    expect(await send(port, { token: await bound(other.thumbprint), as: other, headers })).toEqual(MISMATCH)
  })
})

describe('a token', () => {
  it('that is bound to a certificate is refused where nobody looks at certificates', async () => {
    const port = await listenTls(createApp(undefined))
    expect(await send(port, { token: await bound(client.thumbprint), as: client })).toMatchObject({
      status: 401,
      body: { code: 'key_bound_token' },
    })
  })

  it.each([
    ['a thumbprint that is none', { 'x5t#S256': 'abc' }],
    ['one with padding', { 'x5t#S256': `${client.thumbprint}=` }],
    ['a list', { 'x5t#S256': [client.thumbprint] }],
    ['another member beside it', { 'x5t#S256': client.thumbprint, kid: 'x' }],
    ['one by SHA-1', { x5t: 'A'.repeat(27) }],
    ['nothing', {}],
    ['a key, for which nobody takes proofs', { 'x5t#S256': client.thumbprint, jkt: 'A'.repeat(43) }],
  ])('is refused whose "cnf" holds %s', async (_name, cnf) => {
    const port = await listenTls(createApp({ certificate: 'socket' }))
    expect(await send(port, { token: await issuer.accessToken({ cnf }), as: client })).toMatchObject({
      status: 401,
      body: { code: 'key_bound_token' },
    })
  })

  it('without a request is refused, and explained', async () => {
    const server = createResourceServer({ ...issuer.options, mtls: { certificate: 'socket' } })
    const token = await bound(client.thumbprint)
    await expect(server.verifyToken(token)).rejects.toMatchObject({ code: 'certificate_binding_mismatch' })
    const report = await server.explainToken(token)
    expect(report).toMatchObject({ verdict: 'refused', code: 'certificate_binding_mismatch' })
    expect(report.checks.at(-1)).toMatchObject({ name: 'certificate', outcome: 'failed' })
    expect(await server.explainToken(await issuer.accessToken())).toMatchObject({ verdict: 'accepted' })
  })

  it('comes with no certificate in a Request of the web', async () => {
    const server = createCore({
      ...issuer.options,
      mtls: { certificate: { header: 'client-cert', format: 'rfc9440' }, trustedProxies: ['127.0.0.1'] },
    })
    const headers = { Authorization: `Bearer ${await bound(client.thumbprint)}`, 'Client-Cert': fields.rfc9440(client) }
    const refused = server.authenticate(new Request('https://api.example.com/', { headers }))
    await expect(refused).rejects.toMatchObject({ code: 'certificate_binding_mismatch' })
    await expect(refused).rejects.toBeInstanceOf(RefusalError)
  })

  it('proves itself for a policy as well', () => {
    expect(boundToken()).toBeDefined()
  })
})

describe('the option', () => {
  it.each([
    [
      'a header that anybody could write',
      { certificate: { header: 'client-cert', format: 'rfc9440' } },
      /trustedProxies.*missing/,
    ],
    ['proxies for a socket', { certificate: 'socket', trustedProxies: ['10.0.0.1'] }, /trustedProxies.*for a header/],
    [
      'the whole internet',
      { certificate: { header: 'a', format: 'pem' }, trustedProxies: ['0.0.0.0/0'] },
      /addresses and networks/,
    ],
    [
      'a name of a host',
      { certificate: { header: 'a', format: 'pem' }, trustedProxies: ['proxy'] },
      /addresses and networks/,
    ],
    ['nobody', { certificate: { header: 'a', format: 'pem' }, trustedProxies: [] }, /not be empty/],
    ['an unknown format', { certificate: { header: 'a', format: 'der' }, trustedProxies: ['10.0.0.1'] }, /rfc9440/],
    [
      'no header name',
      { certificate: { header: 'a b', format: 'pem' }, trustedProxies: ['10.0.0.1'] },
      /name of a header/,
    ],
    ['another place', { certificate: 'header' }, /'socket'/],
  ])('refuses %s', (_name, mtls, message) => {
    expect(() => createApp(mtls as MtlsOptions)).toThrow(message)
  })
})

/** RFC 8705, appendix A, figure 6. */
const APPENDIX_A =
  'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY='

it('the metadata says that tokens may be bound to a certificate', async () => {
  const app = express()
  const mtls: MtlsOptions = { certificate: 'socket' }
  const authorizationServers = ['https://login.example.com']
  app.use(protectedResourceMetadata({ resource: 'https://api.example.com', authorizationServers, mtls }))
  const answer = await supertest(app).get('/.well-known/oauth-protected-resource').expect(200)
  expect(answer.body).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
})

describe('RFC 8705', () => {
  it('appendix A: the certificate has the thumbprint', () => {
    expect(readCertificateField(`:${APPENDIX_A}:`, 'rfc9440')).toBe('A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0')
  })

  it('section 3.1: the thumbprint of the test kit is that of Node', () => {
    expect(new X509Certificate(client.cert).fingerprint256.replaceAll(':', '').toLowerCase()).toBe(
      Buffer.from(client.thumbprint, 'base64url').toString('hex'),
    )
  })
})

it('whatever stands in the header, it is a thumbprint or a refusal', () => {
  const pieces = fc.constantFrom(
    ...formats.map((format) => fields[format](client)),
    ',',
    ';',
    ':',
    '"',
    '\\',
    '%',
    '=',
    'Hash=',
    '-----BEGIN CERTIFICATE-----',
    '\n',
    ' ',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(pieces, fc.string()), { maxLength: 6 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, fc.constantFrom(...formats), (value, format) => {
      const found = readCertificateField(value, format)
      if (typeof found !== 'string') return found.code === 'certificate_binding_mismatch'
      return /^[\w-]{43}$/.test(found)
    }),
    { numRuns: 2000 },
  )
})
