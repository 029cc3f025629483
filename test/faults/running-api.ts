import { once } from 'node:events'
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createResourceServer, type RequireAuthOptions } from 'express-resource-server'
import express from 'express'
import { encode, segmentsOf } from '../kit/forge.js'
import { stop } from '../kit/server.js'

/** What came back. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The `code` of the problem, if it is one. */
  readonly code: string | undefined
  readonly milliseconds: number
}

/** An Express application behind the middleware, listening on loopback. */
export interface RunningApi {
  readonly get: (token: string) => Promise<Reply>
  readonly ready: () => Promise<void>
  /** How many requests came through to the handler. */
  readonly handled: () => number
  readonly close: () => Promise<void>
}

/** How many connections there may be, and how many requests must have come before the first of them is judged. */
export interface Crowd {
  /** Requests beyond so many at a time wait for a connection. */
  readonly maxSockets?: number
  /** All of so many are judged in one turn, however long a busy machine takes to bring them in. */
  readonly together?: number
}

/** Starts an API. */
export async function startApi(
  options: RequireAuthOptions,
  { maxSockets = 50, together = 1 }: Crowd = {},
): Promise<RunningApi> {
  let handled = 0
  const resourceServer = createResourceServer(options)
  const app = express()
  const waiting: (() => void)[] = []
  app.use((_req, _res, next) => {
    waiting.push(next)
    if (waiting.length >= together) for (const goOn of waiting.splice(0)) goOn()
  })
  app.use(resourceServer.requireAuth())
  app.get('/', (_req, res) => {
    handled++
    res.json({ ok: true })
  })
  const server = app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's address is an object
  const agent = new Agent({ keepAlive: true, maxSockets })
  return {
    get: (token) => send(agent, port, token),
    ready: () => resourceServer.ready(),
    handled: () => handled,
    async close() {
      resourceServer.close()
      agent.destroy()
      await stop(server)
    },
  }
}

function send(agent: Agent, port: number, token: string): Promise<Reply> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const outgoing = request({ agent, host: '127.0.0.1', port, headers }, (res) => {
      let body = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (body += chunk))
      res.on('error', reject)
      res.on('end', () => {
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          code: (JSON.parse(body === '' ? '{}' : body) as { code?: string }).code, // every answer here is JSON
          milliseconds: performance.now() - started,
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** Counts replies by status. */
export function countStatuses(replies: readonly Reply[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** A token that looks right but for its signature, under a key name that nobody has ever used: cheap to make. */
export function forge(token: string, header: Readonly<Record<string, unknown>>): string {
  const [head, payload, signature] = segmentsOf(token)
  const original = JSON.parse(Buffer.from(head, 'base64url').toString()) as object // it was minted as an object
  return `${encode({ ...original, ...header })}.${payload}.${signature}`
}

let collectGarbage: (() => void) | undefined

/** Bytes of live objects and buffers, after a garbage collection. */
export function measureMemory(): number {
  if (collectGarbage === undefined) {
    setFlagsFromString('--expose-gc')
    collectGarbage = runInNewContext('gc') as () => void // V8 puts it there with the flag
  }
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
