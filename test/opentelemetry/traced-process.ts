/** An Express app under the HTTP and the Express instrumentation, in a process of its own: prints the spans of some requests. */
import { createRequire } from 'node:module'
import type { createServer as makeServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type makeApp from 'express'
import type { RequestHandler } from 'express'
import { instrumentResourceServer } from '../../src/opentelemetry/index.js'
import { createTestIssuer } from '../../src/testing/index.js'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()] })

// What is instrumented is loaded afterwards, by `require`, as both instrumentations ask for.
const require = createRequire(import.meta.url)
const { createServer } = require('node:http') as { createServer: typeof makeServer }
const express = require('express') as typeof makeApp
const { requireAuth, requirePolicy, requireScope } = await import('../../src/index.js')

instrumentResourceServer({ meter: false })
const issuer = await createTestIssuer()
const app = express()
app.use(requireAuth(issuer.options))
const answer: RequestHandler = (_req, res) => {
  res.end()
}
app.get('/orders/:id', requireScope('orders:read'), answer)
app.get(
  '/slow',
  requirePolicy(async function isAsked() {
    return Promise.resolve(true)
  }),
  answer,
)
const server = createServer(app)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo // it listens on a port

/** As numbers: the SDK has its own copy of the types. */
const [SERVER, ERROR]: readonly number[] = [SpanKind.SERVER, SpanStatusCode.ERROR]
const isServer = ({ kind }: { readonly kind: number }): boolean => kind === SERVER
const hasFailed = ({ code }: { readonly code: number }): boolean => code === ERROR

async function ask(path: string, token?: string) {
  exporter.reset()
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  await fetch(`http://127.0.0.1:${String(port)}${path}`, { headers })
  // The span of a request ends when its answer has left.
  while (!exporter.getFinishedSpans().some(isServer)) await new Promise(setImmediate)
  return exporter.getFinishedSpans().map((span) => ({
    name: span.name,
    trace: span.spanContext().traceId,
    isServer: isServer(span),
    hasFailed: hasFailed(span.status),
    takesTime: span.duration[0] * 1e9 + span.duration[1] >= 0 && span.duration[0] < 60,
    attributes: span.attributes,
  }))
}

const wide = await issuer.accessToken({ scope: 'orders:read', secret: 'sesame' })
const told = { first: await ask('/orders/7', wide), second: await ask('/orders/7', wide) }
const more = {
  third: await ask('/orders/7', wide),
  denied: await ask('/orders/7', await issuer.accessToken()),
  refused: await ask('/orders/7', 'nonsense'),
  anonymous: await ask('/orders/7'),
  slow: await ask('/slow', wide),
}
issuer.goDown()
issuer.advance(100_000)
const down = await ask('/orders/7', await issuer.accessToken())
server.closeAllConnections()
server.close()
console.log(JSON.stringify({ issuer: issuer.issuer, token: wide, spans: { ...told, ...more, down } }))
