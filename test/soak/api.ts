// The API under test, in a process of its own, so that its heap is its own.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import express from 'express'
import { getAuth, requireAuth, requireScope } from 'express-resource-server'
import { cacheEntries, clockToleranceSeconds, keys, scope, type ApiMessage, type ApiSetup } from './settings.js'

const SAMPLE_EVERY_MS = 3000

// The parent is run.ts, which passes one ApiSetup.
const setup = JSON.parse(process.argv[2] ?? '{}') as ApiSetup

const app = express()
app.disable('x-powered-by')
app.use(
  requireAuth({
    issuer: setup.issuers,
    audience: setup.audience,
    keys,
    clockToleranceSeconds,
    verifiedTokenCache: { maxEntries: cacheEntries },
    fetch: (url, init) => {
      tell({ type: 'fetch', url, at: Date.now() })
      return fetch(url, init)
    },
  }),
)
app.get('/orders', requireScope(scope), (req, res) => {
  const { issuer, subject } = getAuth(req)
  res.json({ issuer, subject })
})

// More header than usual gets in, so that the library and not Node judges a token of 16 KiB. No connection is closed for being
// idle: one that is closed just when the client takes it up again would count as an answer that never came.
const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 3_600_000 }, app)
server.listen(0, '127.0.0.1', () => {
  // A server that listens on an address has one of this kind.
  const { port } = server.address() as AddressInfo
  tell({ type: 'listening', port })
})

const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()
setInterval(() => {
  const stalledMs = delay.max / 1e6
  globalThis.gc?.()
  tell({ type: 'sample', at: Date.now(), heapUsed: process.memoryUsage().heapUsed, stalledMs })
  delay.reset()
}, SAMPLE_EVERY_MS)

// Nothing of this outlives the run.
process.on('disconnect', () => {
  process.exit(0)
})

function tell(message: ApiMessage): void {
  process.send?.(message)
}
