import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ConfigurationError } from '../../errors.js'
import { readUrl } from '../../lib/urls.js'
import { plain, type Answer, type Asked } from './answer.js'
import { isThisMachine } from './authorization.js'

/** More than any form of OAuth. */
const MAX_BODY = 64 * 1024

/** Listens on this machine alone. */
export interface Listening {
  readonly origin: string
  close(): void
}

interface Setup {
  /** An address of this machine. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** Made when the origin is known. */
  readonly start: (origin: string) => Promise<(asked: Asked) => Promise<Answer>>
}

/**
 * Serves an issuer over HTTP, to this machine, by its own names: a site out there that has its name lead here finds nothing. Web
 * pages of this machine may read what it answers.
 *
 * @throws {ConfigurationError} When the port is taken.
 */
export async function serve({ host, port, start }: Setup): Promise<Listening> {
  const server = createServer()
  await listen(server, host, port)
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${String(bound)}`
  const answer = await start(origin)
  server.on('request', (req, res) => {
    const url = readTarget(req, origin)
    void handle(req, url, answer).then(
      (given) => {
        send(res, given, corsFor(req, url))
      },
      () => {
        send(res, plain(500, 'Something went wrong.'), {})
      },
    )
  })
  return {
    origin,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function handle(
  req: IncomingMessage,
  url: URL | undefined,
  answer: (asked: Asked) => Promise<Answer>,
): Promise<Answer> {
  const { host = '' } = req.headers
  const named = /[/\\?#@]/.test(host) ? undefined : readUrl(`http://${host}`)
  if (named === undefined || !isThisMachine(named.hostname)) {
    return plain(421, 'This issuer answers to the names of this machine only.')
  }
  if (url === undefined) return plain(400, 'The request target makes no sense.')
  if (req.method === 'OPTIONS') {
    return { status: 204, headers: {}, body: '' }
  }
  const body = await readBody(req)
  if (body === undefined) return plain(413, 'That is too long.', { Connection: 'close' })
  const headers = Object.fromEntries(
    Object.entries(req.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
  return answer({ method: req.method ?? 'GET', url, headers, body })
}

/**
 * Reads what is asked for: a path, or an address of the host that the request came to. It must stand there as it is read, or two who
 * read it may read two things.
 */
function readTarget({ url: target = '', headers: { host = '' } }: IncomingMessage, origin: string): URL | undefined {
  const absolute = `http://${host}`
  const path = target.startsWith(`${absolute}/`) ? target.slice(absolute.length) : target
  if (!path.startsWith('/') || path.startsWith('//') || path.includes('#')) return undefined
  const url = readUrl(origin + path)
  return url?.pathname === path.split('?', 1)[0] ? url : undefined
}

async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** For the pages of this machine. What `dev token` asks is for no page. */
function corsFor({ headers }: IncomingMessage, url: URL | undefined): Readonly<Record<string, string>> {
  const { origin } = headers
  const page = origin === undefined ? undefined : readUrl(origin)
  if (
    origin === undefined ||
    page === undefined ||
    !isThisMachine(page.hostname) ||
    url === undefined ||
    /^\/(?:dev|authorize)\b/.test(url.pathname)
  ) {
    return { Vary: 'Origin' }
  }
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Methods': 'GET, POST',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, DPoP',
    'Access-Control-Max-Age': '600',
  }
}

function send(res: ServerResponse, { status, headers, body }: Answer, cors: Readonly<Record<string, string>>): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(status, { ...headers, ...cors }).end(body)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      reject(
        new ConfigurationError(
          isTaken
            ? `Port ${String(port)} is taken: is an issuer running already? --port NUMBER takes another one.`
            : `Nothing can listen on ${host}, port ${String(port)}: ${error.code ?? 'unknown'}.`,
        ),
      )
    })
    server.listen(port, host, resolve)
  })
}
