// What guarded connections cost: `tsx --expose-gc bench/websocket.ts`, with `ulimit -n 65536`. Loopback alone, a minute or two.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createResourceServer, scope } from 'express-resource-server/core'
import { createTestIssuer } from 'express-resource-server/testing'
import { createWebSocketGuard } from 'express-resource-server/websocket'
import { WebSocket, WebSocketServer } from 'ws'

const IDLE = 10_000
const CONNECTS = Number(process.env['CONNECTS'] ?? 100_000)
const WIDTH = 100

if (process.send === undefined) await main()
else process.on('message', ({ url, token, count, keep }: Work) => void connect(url, token, count, keep))

/** What a process of clients does. */
interface Work {
  readonly url: string
  readonly token: string
  readonly count: number
  /** Whether the connections stay, or end at once. */
  readonly keep: boolean
}

async function connect(url: string, token: string, count: number, keep: boolean): Promise<void> {
  let left = count
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const socket = new WebSocket(url, { headers: { Authorization: `Bearer ${token}` }, perMessageDeflate: false })
      await once(socket, 'open')
      if (keep) continue
      socket.terminate()
      await once(socket, 'close')
    }
  }
  await Promise.all(Array.from({ length: WIDTH }, one))
  process.send?.('done')
}

async function main(): Promise<void> {
  const issuer = await createTestIssuer()
  const server = createResourceServer({ ...issuer.options, clock: () => Date.now() })
  const guard = createWebSocketGuard(server, { policy: scope('chat') })
  const token = (seconds: number): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    return issuer.accessToken({ scope: 'chat', iat: now, exp: now + seconds })
  }
  const used = (): number => {
    globalThis.gc?.()
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const work = async (isGuarded: boolean, task: Omit<Work, 'url'>) => {
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
    const http = createServer()
    http.on(
      'upgrade',
      isGuarded
        ? guard.upgrade(sockets)
        : (req, socket, head) => {
            sockets.handleUpgrade(req, socket, head, (open) => sockets.emit('connection', open, req))
          },
    )
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const clients = fork(new URL(import.meta.url), { execArgv: process.execArgv })
    clients.send({ ...task, url: `ws://127.0.0.1:${String((http.address() as AddressInfo).port)}` })
    await once(clients, 'message')
    const end = async (): Promise<void> => {
      clients.kill()
      for (const socket of sockets.clients) socket.terminate()
      http.close()
      await once(http, 'close')
    }
    return { sockets, end }
  }

  const warm = await work(true, { token: await token(300), count: 1000, keep: false })
  await warm.end()
  for (const isGuarded of [false, true]) {
    const before = used()
    const seconds = 45
    const held = await token(seconds)
    const expires = (JSON.parse(Buffer.from(held.split('.')[1] ?? '', 'base64url').toString()) as { exp: number }).exp
    const { sockets, end } = await work(isGuarded, { token: held, count: IDLE, keep: true })
    const bytes = Math.round((used() - before) / sockets.clients.size)
    console.log(
      `${isGuarded ? 'guarded' : 'bare'}: ${String(sockets.clients.size)} idle, ${String(bytes)} bytes of heap each`,
    )
    if (isGuarded) {
      const late: number[] = []
      await Promise.all(
        [...sockets.clients].map(async (socket) => {
          // When the server says so: how long the handshake of closing takes is up to the clients, who are one process here.
          const close = socket.close.bind(socket)
          socket.close = (...why) => {
            late.push(Date.now() - expires * 1000)
            close(...why)
          }
          await once(socket, 'close')
        }),
      )
      late.sort((one, other) => one - other)
      const at = (share: number): string => String(late[Math.floor(late.length * share)])
      console.log(
        `told to close after the end of the token: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, last ${String(late.at(-1))} ms`,
      )
    }
    await end()
  }
  const before = used()
  const { end } = await work(true, { token: await token(3000), count: CONNECTS, keep: false })
  await end()
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  console.log(
    `${String(CONNECTS)} connects: heap ${String(Math.round((used() - before) / 1024))} KiB more, ${String(timers)} timers`,
  )
  server.close()
}
