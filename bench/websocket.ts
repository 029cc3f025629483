// What guarded connections cost: `tsx --expose-gc bench/websocket.ts`, with `ulimit -n 20000`. Loopback alone, a minute or two.
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
/** At once, by each process of clients. */
const WIDTH = 100
/** Processes of clients: one alone is slower than the server. */
const CLIENTS = 2
/** Connects at a time: what is between two lots is a server at rest. */
const LOT = 5000

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
    const url = `ws://127.0.0.1:${String((http.address() as AddressInfo).port)}`
    const clients = Array.from({ length: CLIENTS }, () =>
      fork(new URL(import.meta.url), { execArgv: process.execArgv }),
    )
    /** Has all clients connect, as many in all as the task says. */
    const connectAll = async (count: number): Promise<void> => {
      await Promise.all(
        clients.map(async (client) => {
          client.send({ ...task, url, count: count / CLIENTS })
          await once(client, 'message')
        }),
      )
    }
    for (let left = task.count; left > 0; left -= LOT) await connectAll(Math.min(left, LOT))
    const end = async (): Promise<void> => {
      for (const client of clients) client.kill()
      await Promise.all(
        [...sockets.clients].map(async (socket) => {
          socket.terminate()
          await once(socket, 'close')
        }),
      )
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
      const told: number[] = []
      const gone: number[] = []
      await Promise.all(
        [...sockets.clients].map(async (socket) => {
          const close = socket.close.bind(socket)
          socket.close = (...why) => {
            told.push(Date.now() - expires * 1000)
            close(...why)
          }
          await once(socket, 'close')
          gone.push(Date.now() - expires * 1000)
        }),
      )
      // The handshake of closing is up to the clients as well.
      console.log(`after the end of the token: told to close ${spread(told)}; closed ${spread(gone)}`)
    }
    await end()
  }
  const before = used()
  const { sockets, end } = await work(true, { token: await token(3000), count: CONNECTS, keep: false })
  await end()
  const listeners = sockets.eventNames().reduce((sum, name) => sum + sockets.listenerCount(name), 0)
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  console.log(
    `${String(CONNECTS)} connects: heap ${String(Math.round((used() - before) / 1024))} KiB more, ${String(timers)} timers, ${String(sockets.clients.size)} sockets, ${String(listeners)} listeners`,
  )
  server.close()
}

function spread(times: number[]): string {
  times.sort((one, other) => one - other)
  const at = (share: number): string => String(times[Math.floor(times.length * share)])
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, last ${String(times.at(-1))} ms`
}
