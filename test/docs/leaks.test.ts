import { randomBytes } from 'node:crypto'
import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import express, { type Express } from 'express'
import * as library from 'express-resource-server'
import { instrumentResourceServer } from 'express-resource-server/opentelemetry'
import { createTestIssuer } from 'express-resource-server/testing'
import fc from 'fast-check'
import { pino, type LoggerOptions } from 'pino'
import { pinoHttp, type Options } from 'pino-http'
import prometheus from 'prom-client'
import { runCli } from '../../src/cli/run-cli.js'
import { traceNames } from '../../src/tracing.js'
import { createClientKey, createProof } from '../kit/dpop.js'
import { createKey, forgeToken } from '../kit/forge.js'
import { appOf, AUDIENCE, ISSUER, snippetOf } from './harness.js'
import { run } from './snippets.js'

/** 10,000 take some minutes: LEAK_RUNS=10000 npm test -- test/docs/leaks.test.ts */
const RUNS = Number(process.env['LEAK_RUNS'] ?? 100)
const key = createKey('P-256', { kid: 'key-1' })
const proofKey = createClientKey()
const sharedSecret = randomBytes(33).toString('base64url')
const jwks = { keys: [key.jwk] }
const folder = mkdtempSync(join(tmpdir(), 'leaks-'))
const jwksFile = join(folder, 'keys.json')
writeFileSync(
  jwksFile,
  JSON.stringify({ keys: [key.jwk, { kty: 'oct', kid: 'shared', alg: 'HS256', k: sharedSecret }] }),
)

/** Everything that is written anywhere. */
const written: string[] = []
const sink = { write: (line: string) => void written.push(line) }
const stops: (() => void)[] = []
const subscribe: typeof diagnostics.subscribe = (name, listener) => {
  diagnostics.subscribe(name, listener)
  stops.push(() => void diagnostics.unsubscribe(name, listener))
}
const modules = {
  'node:diagnostics_channel': { subscribe },
  'express-resource-server': library,
  pino: { pino: (options: LoggerOptions) => pino(options, sink) },
  'pino-http': { pinoHttp: (options: Options) => pinoHttp(options) },
  'prom-client': prometheus,
}

const exporter = new InMemorySpanExporter()
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test')
const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
  exportIntervalMillis: 2 ** 30,
})
const meter = new MeterProvider({ readers: [reader] }).getMeter('test')

/** The recipe for pino-http, and servers behind it with other options each. */
async function createApi(): Promise<Express> {
  const issuer = await createTestIssuer({ issuer: ISSUER, audience: AUDIENCE })
  const app = await appOf(snippetOf('docs/logging.md', 'pino-http, and whatever else logs requests'), issuer, modules)
  const common = { issuer: { issuer: ISSUER, jwks }, audience: AUDIENCE }
  const all: readonly library.RequireAuthOptions[] = [
    common,
    { ...common, dpop: { origin: AUDIENCE } },
    { ...common, maxTokenAgeSeconds: 60, clockToleranceSeconds: 0 },
    { issuer: [{ issuer: ISSUER, jwks, profile: 'keycloak' }], audience: ['api', AUDIENCE], verifiedTokenCache: false },
    { issuer: { issuer: ISSUER, jwksUri: 'https://127.0.0.1:1/keys?api_key=sesame' }, audience: AUDIENCE },
  ]
  const api = express()
  for (const [at, options] of all.entries()) {
    api.use(`/${String(at)}`, app, library.requireAuth(options), library.requireScope('orders:read'), (_req, res) => {
      res.end()
    })
  }
  return api
}

async function runCommand(args: readonly string[], input: string): Promise<void> {
  await runCli(args, { input: Readable.from([input]), output: sink, errors: sink, env: {} })
}

const secretText = fc.integer().map(() => randomBytes(12).toString('hex'))
const value = fc.oneof(
  secretText,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(secretText, { maxLength: 3 }),
  fc.record({ a: secretText }),
)
const names = fc.constantFrom(
  'sub',
  'email',
  'name',
  'nonce',
  'jti',
  'groups',
  'realm_access',
  'cnf',
  'act',
  'acr',
  'sid',
  '__proto__',
)
const now = Math.floor(Date.now() / 1000)
const claims = fc.tuple(
  fc.dictionary(names, value),
  fc.record(
    {
      iss: fc.constantFrom(ISSUER, ISSUER, ISSUER, 'https://other.example.com'),
      aud: fc.constantFrom<unknown>(AUDIENCE, AUDIENCE, 'api', ['x', AUDIENCE], 7),
      exp: fc.constantFrom<unknown>(now + 300, now + 300, now - 300, 'soon'),
      iat: fc.constantFrom<unknown>(now, now - 1000, 'now'),
      client_id: fc.constantFrom('app-1', 'app-2'),
      scope: fc.constantFrom<unknown>('orders:read', 'orders:write', 7),
      cnf: fc.constantFrom<unknown>({ jkt: proofKey.thumbprint }, undefined, undefined, undefined),
    },
    { requiredKeys: ['iss'] },
  ),
)
const header = fc.record({
  alg: fc.constantFrom('ES256', 'ES256', 'ES256', 'HS256', 'none', 'RS256'),
  kid: fc.constantFrom('key-1', 'key-1', 'b'),
  typ: fc.constantFrom('at+jwt', 'at+jwt', 'JWT', 'dpop+jwt'),
})
const presented = fc.constantFrom(
  (token: string) => ({ authorization: `Bearer ${token}` }),
  (token: string) => ({ authorization: `DPoP ${token}` }),
  (token: string) => ({ authorization: `Bearer ${token} ${token}` }),
  (token: string) => ({ authorization: token }),
  (token: string) => ({ authorization: `Basic ${token}`, cookie: `session=${token}` }),
)

/** What nobody may find anywhere: what was sent, and each text of more than a few letters that a token holds. */
function secretsOf(token: string, proof: string, made: object): readonly string[] {
  const texts = JSON.stringify(made).match(/[0-9a-f]{24}/g) ?? []
  const segments = [...token.split('.'), ...proof.split('.').slice(1)]
  return [...segments.filter((one) => one.length > 8), ...texts, String(proofKey.jwk['x']), sharedSecret, 'sesame']
}

it('writes nothing of a token, a proof, a secret or a key: commands, events, traces, metrics, logs, the audit log', async () => {
  const server = createServer(await createApi()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  for (const page of ['docs/audit.md', 'docs/logging.md'] as const) {
    await run(snippetOf(page, page === 'docs/audit.md' ? 'Audit log' : 'Events').code, modules)
  }
  await run(snippetOf('docs/logging.md', 'Metrics').code, {
    ...modules,
    express: { __esModule: true, default: express },
  })
  stops.push(instrumentResourceServer({ meter, tracer }))
  const print = (message: unknown): void => {
    written.push(JSON.stringify(message), inspect(message, { depth: 20 }), JSON.stringify({ ...(message as object) }))
  }
  const events = [
    'token.accepted',
    'token.refused',
    'token.undecided',
    'access.granted',
    'access.denied',
    'keys.failed',
  ]
  for (const name of events) subscribe(`express-resource-server:${name}`, print)
  for (const name of traceNames) subscribe(`tracing:express-resource-server:${name}:asyncEnd`, print)
  for (const name of traceNames) subscribe(`tracing:express-resource-server:${name}:end`, print)

  let sent = 0
  const flags = ['--issuer', ISSUER, '--audience', AUDIENCE, '--jwks', jwksFile]
  const property = fc.asyncProperty(claims, header, presented, fc.nat(4), async ([odd, usual], head, present, at) => {
    const made = { ...odd, ...usual }
    const token = forgeToken(head, made, key.sign)
    const proof = createProof(proofKey, { claims: { iat: now, nonce: randomBytes(12).toString('hex') } })
    const headers = { ...present(token), dpop: proof }
    await fetch(`http://127.0.0.1:${String(port)}/${String(at)}/orders?access_token=${token}`, { headers })
    await runCommand(['explain', ...flags, '--offline', ...(at % 2 === 0 ? ['--json'] : [])], headers.authorization)
    if (++sent % 100 === 0) await runCommand(['doctor', ...flags], token)
    const spans = exporter.getFinishedSpans().map(({ name, attributes, status }) => ({ name, attributes, status }))
    exporter.reset()
    const all = written.splice(0).concat(JSON.stringify(spans)).join('\n')
    for (const secret of secretsOf(token, proof, made)) expect(all).not.toContain(secret)
    counted.push(all.length)
  })
  const counted: number[] = []
  await fc.assert(property, { numRuns: RUNS })
  const collected = JSON.stringify((await reader.collect()).resourceMetrics) + (await prometheus.register.metrics())
  expect(collected).not.toMatch(/[0-9a-f]{24}|sesame|eyJ/)
  // They did write: lines of pino-http, of the audit log, of commands.
  expect(Math.min(...counted)).toBeGreaterThan(500)
  expect(collected).toContain('authentication.duration')
  for (const stop of stops) stop()
  server.closeAllConnections()
  server.close()
}, 600_000)
