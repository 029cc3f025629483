import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'

/** A server on a free port of this machine. */
export interface RunningServer {
  readonly port: number
  readonly server: Server
  close(): Promise<void>
}

/** A response as it came over the socket. */
export interface RawResponse {
  readonly status: number
  /** Names as they were sent, in order, repeated ones included. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** Everything that came, as latin1 text. */
  readonly raw: string
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    // An address of a listening TCP server is an object.
    port: (server.address() as AddressInfo).port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
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

/** Sends any bytes, HTTP or not, and reads the answer until the server closes; it has five seconds to do so. */
export function rawBytes(port: number, bytes: Buffer): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(5000, () => socket.destroy(new Error('The server did not answer in time.')))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => {
      try {
        resolve(parseResponse(Buffer.concat(chunks).toString('latin1')))
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
    socket.write(bytes)
  })
}

function parseResponse(raw: string): RawResponse {
  const end = raw.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = raw.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1])
  if (end === -1 || Number.isNaN(status)) throw new SyntaxError(`Not an HTTP response: ${raw.slice(0, 200)}`)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const header = (name: string): string | undefined => {
    const values = headers.flatMap(([other, value]) => (other.toLowerCase() === name.toLowerCase() ? [value] : []))
    return values.length === 0 ? undefined : values.join(', ')
  }
  const sent = raw.slice(end + 4)
  const body = header('transfer-encoding') === 'chunked' ? joinChunks(sent) : sent
  return { status, headers, body: Buffer.from(body, 'latin1').toString('utf8'), raw, header }
}

/** RFC 9112 7.1 */
function joinChunks(sent: string): string {
  let body = ''
  let at = 0
  for (;;) {
    const lineEnd = sent.indexOf('\r\n', at)
    const size = Number.parseInt(sent.slice(at, lineEnd), 16)
    if (lineEnd === -1 || Number.isNaN(size) || size === 0) return body
    body += sent.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
}

function latin1(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text, 'latin1') : text
}
