import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { jest } from '@jest/globals'
import express from 'express'
import { getAuth, requireAuth, type MtlsOptions } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { createAuthority, type Authority, type Certified } from '../kit/certificates.js'
import { listen, stop } from '../kit/server.js'

// Where a user has none of them, the rest of the tests says as much; the build demands both.
const isThere = (command: string): boolean => spawnSync(command, ['-v']).error === undefined
const withProxy = (command: string) =>
  isThere(command) || process.env['REQUIRE_SERVICES'] !== undefined ? describe : describe.skip

let issuer: TestIssuer
let authority: Authority
let client: Certified
let other: Certified
let server: Certified
let bound: string
const running: http.Server[] = []
const proxies: ChildProcess[] = []

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  authority = createAuthority()
  client = authority.issue('client')
  other = authority.issue('other')
  server = authority.issue('localhost')
  bound = await issuer.accessToken({ cnf: { 'x5t#S256': client.thumbprint } })
})

afterAll(async () => {
  for (const one of proxies) {
    one.kill()
    if (one.exitCode === null) await once(one, 'exit')
  }
  for (const one of running) await stop(one)
  authority.remove()
})

async function serve(mtls: MtlsOptions): Promise<number> {
  const app = express()
  app.use(requireAuth({ ...issuer.options, mtls }))
  app.get('/', (req, res) => void res.json(getAuth(req).binding ?? null))
  const api = http.createServer({ maxHeaderSize: 256 * 1024 }, app)
  running.push(api)
  return listen(api)
}

type Fields = Readonly<Record<string, string | readonly string[]>>

async function send(sent: http.ClientRequest): Promise<{ status: number | undefined; body: string }> {
  sent.end()
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode, body }
}

const direct = (port: number, headers: Fields = {}): ReturnType<typeof send> =>
  send(
    http.request({ host: '127.0.0.1', port, headers: { ...headers, authorization: `Bearer ${bound}` }, agent: false }),
  )

const through = (port: number, as?: Certified, headers: Fields = {}): ReturnType<typeof send> =>
  send(
    https.request({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      agent: false,
      ...(as && { cert: as.cert, key: as.key }),
      headers: { ...headers, authorization: `Bearer ${bound}` },
    }),
  )

async function freePort(): Promise<number> {
  // Not one of those that the system gives to whoever asks for any: somebody else might have it before the proxy does.
  const probe = http.createServer()
  const port = await listen(probe, randomInt(20_000, 30_000))
  await stop(probe)
  return port
}

/** Starts a proxy, and waits until it takes connections. */
async function start(command: string, args: readonly string[], port: number): Promise<void> {
  const child = spawn(command, args, { stdio: 'ignore' })
  proxies.push(child)
  for (let tries = 0; tries < 200; tries++) {
    const socket = net.connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket
        .once('connect', () => {
          resolve(true)
        })
        .once('error', () => {
          resolve(false)
        })
    })
    socket.destroy()
    if (isOpen) return
    if (child.exitCode !== null) break
    await delay(25)
  }
  throw new Error(`${command} does not start`)
}

/** What every proxy has to hold, with the field that it writes. */
function holdsWith(portOf: () => number, spoofed: () => string): void {
  test('the right certificate gets in, another and none do not', async () => {
    expect(await through(portOf(), client)).toEqual({
      status: 200,
      body: JSON.stringify({ method: 'mtls', thumbprint: client.thumbprint }),
    })
    expect(await through(portOf(), other)).toMatchObject({ status: 401 })
    expect(await through(portOf())).toMatchObject({ status: 401 })
  })

  test('what a client writes into the header is written over', async () => {
    for (const name of ['X-Client-Cert', 'x-client-cert', 'X_Client_Cert', 'X.Client.Cert']) {
      expect(await through(portOf(), other, { [name]: spoofed() })).toMatchObject({ status: 401 })
      expect(await through(portOf(), undefined, { [name]: spoofed() })).toMatchObject({ status: 401 })
      expect(await through(portOf(), undefined, { [name]: [spoofed(), spoofed()] })).toMatchObject({ status: 401 })
    }
  })
}

withProxy('nginx')('behind nginx', () => {
  let port: number

  beforeAll(async () => {
    port = await freePort()
    const trustedProxies = ['127.0.0.1']
    const api = await serve({ certificate: { header: 'X-Client-Cert', format: 'pem' }, trustedProxies })
    const file = join(authority.folder, 'nginx.conf')
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    writeFileSync(
      file,
      `daemon off; master_process off; worker_processes 1; pid ${authority.folder}/nginx.pid; error_log stderr;
      events {}
      http {
        access_log off;
        ${temporary.map((one) => `${one}_temp_path ${authority.folder}/${one};`).join(' ')}
        server {
          listen 127.0.0.1:${String(port)} ssl;
          ssl_certificate ${server.certFile};
          ssl_certificate_key ${server.keyFile};
          ssl_verify_client optional_no_ca;
          large_client_header_buffers 4 64k;
          location / {
            proxy_pass http://127.0.0.1:${String(api)};
            proxy_set_header X-Client-Cert $ssl_client_escaped_cert;
          }
        }
      }`,
    )
    await start('nginx', ['-c', file, '-e', 'stderr'], port)
  })

  holdsWith(
    () => port,
    () => encodeURIComponent(client.cert),
  )
})

withProxy('haproxy')('behind HAProxy', () => {
  let port: number

  beforeAll(async () => {
    port = await freePort()
    const trustedProxies = ['127.0.0.1/32']
    const api = await serve({ certificate: { header: 'X-Client-Cert', format: 'base64' }, trustedProxies })
    const pem = join(authority.folder, 'haproxy.pem')
    writeFileSync(pem, readFileSync(server.certFile, 'utf8') + readFileSync(server.keyFile, 'utf8'))
    const file = join(authority.folder, 'haproxy.cfg')
    writeFileSync(
      file,
      `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend tls
  bind 127.0.0.1:${String(port)} ssl crt ${pem} verify optional ca-file ${authority.ca.certFile} crt-ignore-err all
  http-request set-header X-Client-Cert %[ssl_c_der,base64]
  default_backend api
backend api
  server api 127.0.0.1:${String(api)}
`,
    )
    await start('haproxy', ['-db', '-f', file], port)
  })

  holdsWith(
    () => port,
    () => client.der.toString('base64'),
  )
})

describe('the header of a proxy', () => {
  const written = (): string => `:${client.der.toString('base64')}:`
  const certificate = { header: 'Client-Cert', format: 'rfc9440' } as const
  let trusting: number
  let distrusting: number

  beforeAll(async () => {
    trusting = await serve({ certificate, trustedProxies: ['::1', '127.0.0.0/8'] })
    distrusting = await serve({ certificate, trustedProxies: ['10.0.0.0/8', '192.0.2.1'] })
  })

  test('counts when it comes from one that is listed', async () => {
    expect(await direct(trusting, { 'client-cert': written() })).toMatchObject({ status: 200 })
  })

  test('is ignored when it comes from anybody else, and the operator hears of it once', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    for (const more of [{}, { 'x-forwarded-for': '10.0.0.1' }, { forwarded: 'for=10.0.0.1' }])
      expect(await direct(distrusting, { 'client-cert': written(), ...more })).toMatchObject({ status: 401 })
    const codes = warned.mock.calls.map(([, about]) => (about as { readonly code?: string } | undefined)?.code)
    warned.mockRestore()
    expect(codes).toEqual(['ERS_CERTIFICATE_HEADER_IGNORED'])
  })

  test.each<[string, () => Fields]>([
    ['none', () => ({})],
    ['twice', () => ({ 'client-cert': [written(), written()] })],
    ['two values in one', () => ({ 'client-cert': `${written()}, ${written()}` })],
    ['empty', () => ({ 'client-cert': '' })],
    ['with underscores', () => ({ client_cert: written() })],
    ['with dots', () => ({ 'client.cert': written() })],
    ['under another name', () => ({ 'x-client-cert': written(), 'x-ssl-cert': written() })],
    ['a fingerprint', () => ({ 'client-cert': client.thumbprint })],
    ['of 100 KB', () => ({ 'client-cert': `:${'A'.repeat(100_000)}:` })],
    ['of another', () => ({ 'client-cert': `:${other.der.toString('base64')}:` })],
  ])('proves nothing: %s', async (_what, headers) => {
    const answer = await direct(trusting, headers())
    expect(answer.status).toBe(401)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'certificate_binding_mismatch' })
  })
})
