/** An API that a process of its own asks, with metrics or without; it says what it has answered and how much CPU it took. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { requireAuth, requireScope } from '../../src/index.js'
import { instrumentResourceServer } from '../../src/opentelemetry/index.js'
import { createTestIssuer } from '../../src/testing/index.js'
import { createCollector } from './collect.js'

/** What it says when it is asked. */
export interface Told {
  readonly answered: number
  readonly cpuSeconds: number
}

if (process.argv[2] === 'metrics') instrumentResourceServer({ meter: createCollector().meter, tracer: false })
const issuer = await createTestIssuer()
let answered = 0
const app = express().disable('x-powered-by').use(requireAuth(issuer.options))
app.get('/orders', requireScope('orders:read'), (_req, res) => {
  answered++
  res.end()
})
const server = createServer(app).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo // it listens on a port
  void issuer.accessToken({ scope: 'orders:read' }).then((token) => process.send?.({ port, token }))
})
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ answered, cpuSeconds: (user + system) / 1e6 } satisfies Told)
})
