import { createServer, type RequestListener, type Server } from 'node:http'
import { connect } from 'node:net'
import { listen, stop } from './server.js'

/** A server on a free port of this machine. */
export interface RunningServer {
  readonly port: number
  readonly server: Server
  readonly close: () => Promise<void>
}

/** A response as it came over the socket. */
export interface RawResponse {
  readonly status: number
  /** Status line and header lines, literally. */
  readonly head: string
  /** Names as they were sent, in order, repeated ones included. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** The value of a header, several values joined by `', '`; undefined when there is none. */
  readonly header: (name: string) => string | undefined
}

/** A request of which nothing is tidied: what is written here is what arrives. */
export interface RawRequest {
  readonly method?: string
  readonly path?: string
  /**
   * Lines in order, repeated and oddly cased ones included. `Host` and `Connection: close` come before them. A Buffer is
   * written as it is; text becomes latin1 bytes.
   */
  readonly headers?: readonly (readonly [name: string, value: string | Buffer])[]
  readonly body?: string | Buffer
}

/** Starts an app (an Express app is a request listener) on a free port; `maxHeaderSize` raises Node's limit of 16 KiB. */
export async function startServer(app: RequestListener, maxHeaderSize = 16 * 1024): Promise<RunningServer> {
  const server = createServer({ maxHeaderSize }, app)
  return { port: await listen(server), server, close: () => stop(server) }
}

/**
 * Sends a request over a plain socket and reads the answer until the server closes.
 *
 * @example
 *   await rawRequest(port, { headers: [['Authorization', 'Bearer a'], ['authorization', 'Bearer b']] })
 */
export function rawRequest(port: number, request: RawRequest = {}): Promise<RawResponse> {
  const { method = 'GET', path = '/', headers = [], body = '' } = request
  const lines = headers.map(([name, value]) => Buffer.concat([latin1(`${name}: `), latin1(value), latin1('\r\n')]))
  const head = latin1(`${method} ${path} HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n`)
  return rawBytes(port, Buffer.concat([head, ...lines, latin1('\r\n'), latin1(body)]))
}

/** Starts an app, sends one request to it, and closes it. */
export async function sendRaw(app: RequestListener, request?: RawRequest): Promise<RawResponse> {
  const { port, close } = await startServer(app)
  try {
    return await rawRequest(port, request)
  } finally {
    await close()
  }
}

/** Sends any bytes, HTTP or not, and reads the answer until the server closes; it has five seconds to do so. */
export async function rawBytes(port: number, bytes: Buffer): Promise<RawResponse> {
  const [response] = await exchange(port, bytes)
  if (response === undefined) throw new Error('The server closed without an answer.')
  return response
}

/** Sends any bytes down one connection, several requests in a row say, and reads all the answers; text becomes latin1. */
export async function exchange(port: number, bytes: Buffer | string): Promise<readonly RawResponse[]> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(5000, () => socket.destroy(new Error('The server did not answer in time.')))
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that has answered may close before it has read everything.
      if (chunks.length > 0 && error.code === 'ECONNRESET') resolve()
      else reject(error)
    })
    socket.on('close', () => {
      resolve()
    })
    socket.write(latin1(bytes))
  })
  return readResponses(Buffer.concat(chunks).toString('latin1'))
}

function readResponses(text: string): readonly RawResponse[] {
  const responses: RawResponse[] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.slice(0, end)
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
    if (end === -1 || Number.isNaN(status)) throw new SyntaxError(`Not an HTTP response: ${rest.slice(0, 200)}`)
    const headers = head.split('\r\n').slice(1).map(readField)
    rest = rest.slice(end + 4)
    // 100 Continue has no body.
    if (status < 200) continue
    const header = (name: string): string | undefined => {
      const values = headers.flatMap(([other, value]) => (other.toLowerCase() === name.toLowerCase() ? [value] : []))
      return values.length === 0 ? undefined : values.join(', ')
    }
    const { body, used } = readBody(rest, header)
    rest = rest.slice(used)
    responses.push({ status, head, headers, header, body: Buffer.from(body, 'latin1').toString('utf8') })
  }
  return responses
}

/** Printable ASCII is all that we ever send. */
function readField(line: string): [name: string, value: string] {
  const [, name = '', value = ''] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\x20-\x7E]*)$/.exec(line) ?? []
  if (name === '') throw new SyntaxError(`Not a header line: ${line}`)
  return [name, value]
}

/** Reads the body in front of a text, and says how much of the text it takes. */
function readBody(text: string, header: RawResponse['header']): { readonly body: string; readonly used: number } {
  const length = header('content-length')
  if (length !== undefined) return { body: text.slice(0, Number(length)), used: Number(length) }
  return header('transfer-encoding') === 'chunked' ? readChunks(text) : { body: text, used: text.length }
}

/** RFC 9112 7.1 */
function readChunks(text: string): { readonly body: string; readonly used: number } {
  let at = 0
  let body = ''
  for (;;) {
    const end = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, end), 16)
    // Cut off before its end.
    if (end === -1 || Number.isNaN(size)) return { body, used: text.length }
    body += text.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
    if (size === 0) return { body, used: at }
  }
}

function latin1(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text, 'latin1') : text
}
