import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  createResourceServer,
  RefusalError,
  scope,
  type Auth,
  type ResourceServer,
  type ResourceServerOptions,
} from 'express-resource-server/core'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import {
  createWebSocketGuard,
  type WebSocketGuard,
  type WebSocketGuardOptions,
} from 'express-resource-server/websocket'
import { WebSocket, WebSocketServer } from 'ws'

/** An API whose requests and upgrades are guarded alike. */
export interface World {
  readonly issuer: TestIssuer
  readonly server: ResourceServer
  readonly guard: WebSocketGuard<Auth['claims']>
  readonly sockets: WebSocketServer
  readonly http: Server
  readonly port: number
  readonly url: string
  /** The requests that the application saw. */
  readonly seen: IncomingMessage[]
  readonly token: (claims?: Record<string, unknown>) => Promise<string>
  readonly close: () => void
}

/** Serves an API on loopback. A token may be used for half a minute after its end, so that one can end while it is held. */
export async function serve(
  options: Partial<WebSocketGuardOptions<Auth['claims']>> = {},
  optionsOf: (issuer: TestIssuer) => Pick<ResourceServerOptions, 'dpop' | 'fetch' | 'revocation'> = () => ({}),
  createHost: (answer: RequestListener) => Server = createServer,
): Promise<World> {
  const issuer = await createTestIssuer()
  const server = createResourceServer({ ...issuer.options, clockToleranceSeconds: 30, ...optionsOf(issuer) })
  const guard = createWebSocketGuard(server, { policy: scope('chat'), ...options })
  const sockets = new WebSocketServer({ noServer: true })
  const http = createHost((req, res) => {
    server
      .authenticate(req)
      .then((auth) => server.authorize(auth, scope('chat'), req))
      .then(
        (refusal) => {
          if (refusal) refusal.send(res)
          else res.end('ok')
        },
        (error: unknown) => {
          if (error instanceof RefusalError) error.send(res)
        },
      )
  })
  const seen: IncomingMessage[] = []
  http.on('upgrade', guard.upgrade(sockets))
  sockets.on('connection', (socket, request) => {
    seen.push(request)
    socket.send(`hello ${String(guard.of(socket).auth.subject)}`)
  })
  const peers = new Set<Duplex>()
  http.on('connection', (peer) => peers.add(peer))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const port = (http.address() as AddressInfo).port
  return {
    issuer,
    server,
    guard,
    sockets,
    http,
    port,
    url: `ws://127.0.0.1:${String(port)}`,
    seen,
    token: (claims = {}) => issuer.accessToken({ scope: 'chat', ...claims }),
    close() {
      http.close()
      for (const peer of peers) peer.destroy()
      server.close()
    },
  }
}

/** What came of asking for a WebSocket. */
export interface Outcome {
  readonly socket?: WebSocket
  readonly greeting?: string
  readonly status?: number
  readonly challenge?: string | undefined
}

export function open(
  url: string,
  {
    token,
    protocols = [],
    headers = {},
  }: { token?: string; protocols?: string[]; headers?: Record<string, string> } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols, {
      headers: { ...headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
    })
    socket.once('message', (data: Buffer) => {
      resolve({ socket, greeting: data.toString() })
    })
    socket.on('unexpected-response', (asked, answer) => {
      asked.destroy()
      resolve({ status: answer.statusCode ?? 0, challenge: answer.headers['www-authenticate'] })
    })
    socket.on('error', reject)
  })
}

/** The code that a WebSocket is closed with. */
export function closed(socket: WebSocket | undefined): Promise<number> {
  return new Promise((resolve) => socket?.once('close', resolve))
}
