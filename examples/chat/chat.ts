import { createServer, type Server } from 'node:http'
import { createResourceServer, scope, type ResourceServerOptions } from 'express-resource-server/core'
import { createWebSocketGuard } from 'express-resource-server/websocket'
import { WebSocketServer } from 'ws'
import { page } from './page.js'

/** A chat: everybody with the scope reads, and who also has `chat:write` is heard. */
export function createChat(options: ResourceServerOptions, signIn: () => Promise<string>): Server {
  const server = createResourceServer(options)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 })
  const guard = createWebSocketGuard(server, { policy: scope('chat:read'), tokenInSubprotocol: true })
  const http = createServer((req, res) => {
    if (req.url === '/token' && req.method === 'POST') {
      void signIn().then((token) => res.end(JSON.stringify({ token })))
      return
    }
    res.setHeader('Content-Type', 'text/html').end(page)
  })
  http.on('upgrade', guard.upgrade(sockets))
  sockets.on('connection', (socket) => {
    const connection = guard.of(socket)
    const tell = (text: string): void => {
      socket.send(JSON.stringify({ text }))
    }
    const hear = async (data: string): Promise<void> => {
      const { say, renew } = JSON.parse(data) as { say?: unknown; renew?: unknown } // of anybody: looked at below
      if (typeof renew === 'string') {
        await connection.renew(renew)
        tell('renewed')
      }
      if (typeof say !== 'string') return
      const refusal = await connection.authorize(scope('chat:write'))
      if (refusal) throw refusal
      const text = `${connection.auth.subject ?? 'somebody'}: ${say}`
      for (const client of sockets.clients) client.send(JSON.stringify({ text }))
    }
    socket.on('message', (data: Buffer) => {
      hear(data.toString()).catch(() => {
        tell('refused')
      })
    })
    tell(`hello ${connection.auth.subject ?? ''}`)
  })
  return http
}
