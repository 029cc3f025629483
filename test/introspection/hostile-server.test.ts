import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createResourceServer, type ResourceServer } from 'express-resource-server'
import { listen, stop } from '../kit/server.js'
import { introspection, TOKEN, type Introspection } from '../kit/introspecting-api.js'

const TIMEOUT_SECONDS = 0.4
/** What a machine that is busy with other things may add, in milliseconds. */
const SLACK = 3000
const MEBIBYTE = 1024 * 1024

type Handle = (req: IncomingMessage, res: ServerResponse) => void

let server: Server
let own: ResourceServer
let handle: Handle
let issuer: string
let calls: number

async function start(options: Partial<Introspection> = {}): Promise<void> {
  calls = 0
  server = createServer((req, res) => {
    if (req.url?.includes('.well-known') === true) {
      res.setHeader('Content-Type', 'application/json')
      res.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks`, introspection_endpoint: `${issuer}/introspect` }))
      return
    }
    calls++
    req.resume()
    handle(req, res)
  })
  issuer = `http://127.0.0.1:${String(await listen(server))}`
  own = createResourceServer({
    issuer: { issuer, introspection: { ...introspection, ...options } },
    audience: 'api',
    keys: { timeoutSeconds: TIMEOUT_SECONDS },
  })
}

const judge = (token = TOKEN): Promise<string> =>
  own.verifyToken(token).then(
    () => 'accepted',
    (error: unknown) => (error as { code: string }).code,
  )

const good = (res: ServerResponse): void => {
  const now = Math.floor(Date.now() / 1000)
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify({ active: true, sub: 'user-1', aud: 'api', exp: now + 60 }))
}

beforeEach(() => start())
afterEach(async () => {
  own.close()
  await stop(server)
})

describe('a server that means no good, on a socket', () => {
  const drip = (res: ServerResponse, piece: string, everyMs: number): void => {
    const timer = setInterval(() => res.write(piece), everyMs)
    res.on('close', () => {
      clearInterval(timer)
    })
  }
  const rows: readonly (readonly [name: string, handle: Handle])[] = [
    ['hangs before it answers', () => undefined],
    [
      'hangs after the headers',
      (_req, res) => {
        res.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders()
      },
    ],
    [
      'drips a body',
      (_req, res) => {
        res.writeHead(200, { 'Content-Type': 'application/json' })
        drip(res, ' ', 20)
      },
    ],
    ['closes the connection', (req) => req.socket.destroy()],
    ['answers no HTTP', (req) => req.socket.end('nonsense\r\n\r\n')],
    ['redirects to itself', (_req, res) => void res.writeHead(307, { Location: '/introspect' }).end()],
    ['redirects elsewhere', (_req, res) => void res.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()],
    ['answers HTML', (_req, res) => void res.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>')],
    ['answers 500', (_req, res) => void res.writeHead(500).end()],
    [
      'promises more than it sends',
      (_req, res) => {
        res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' })
        res.write('{"active":true}')
        res.socket?.end()
      },
    ],
  ]
  test.each(rows)('that %s is 503 within the deadline', async (_name, how) => {
    handle = how
    const began = performance.now()
    expect(await judge()).toBe('introspection_unavailable')
    expect(performance.now() - began).toBeLessThan(TIMEOUT_SECONDS * 1000 + SLACK)
    expect(calls).toBe(1)
    handle = (_req, res) => {
      good(res)
    }
    expect(await judge()).toBe('accepted')
  })

  test('that sends 160 MB is heard no further than 64 KiB', async () => {
    let sent = 0
    let isClosed = false
    handle = (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'application/json' })
      const piece = Buffer.alloc(MEBIBYTE, ' ')
      res.on('close', () => (isClosed = true))
      const pump = (): void => {
        while (sent < 160 * MEBIBYTE && !isClosed) {
          sent += piece.length
          if (!res.write(piece)) {
            res.once('drain', pump)
            return
          }
        }
      }
      pump()
    }
    const before = process.memoryUsage().rss
    expect(await judge()).toBe('introspection_unavailable')
    expect(sent).toBeLessThan(32 * MEBIBYTE)
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * MEBIBYTE)
  })

  test('whose TLS nobody vouches for is 503', async () => {
    own.close()
    // A port that speaks no TLS at all.
    own = createResourceServer({
      issuer: { issuer, introspection: { ...introspection, endpoint: issuer.replace('http:', 'https:') } },
      audience: 'api',
      keys: { timeoutSeconds: TIMEOUT_SECONDS },
    })
    handle = (_req, res) => {
      good(res)
    }
    expect(await judge()).toBe('introspection_unavailable')
  })
})

describe('close()', () => {
  test('ends the calls that are under way, and no other begins', async () => {
    own.close()
    await stop(server)
    await start()
    const ends: Promise<unknown>[] = []
    let isAsked: () => void = () => undefined
    const asked = new Promise<void>((resolve) => (isAsked = resolve))
    handle = (req) => {
      ends.push(new Promise((resolve) => req.socket.on('close', resolve)))
      isAsked()
    }
    const waiting = judge()
    await asked
    const began = performance.now()
    own.close()
    expect(await waiting).toBe('introspection_unavailable')
    await Promise.all(ends)
    expect(performance.now() - began).toBeLessThan(SLACK)
    expect(await judge(`${TOKEN}-another`)).toBe('introspection_unavailable')
    expect(calls).toBe(1)
  })
})
