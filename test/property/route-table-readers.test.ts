import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express, { type Express, type RequestHandler } from 'express'
import { ConfigurationError, createResourceServer, open } from 'express-resource-server'
import { authorizeRoutes } from 'express-resource-server/routes'
import { createTestIssuer } from 'express-resource-server/testing'
import fc from 'fast-check'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { callApp } from '../kit/in-process.js'
import { rawRequest, startServer, type RunningServer } from '../kit/raw-request.js'
import { table, targets } from './paths/arbitraries.js'
import { fileOf, isPublic, nameOf, writeFiles, type PlainRow } from './paths/files.js'
import { oldRule } from './paths/old-rule.js'
import { makeReaders } from './paths/readers.js'
import { expressVersions } from '../kit/express.js'

// How many raw targets are sent: PATH_TARGETS=100000 npm test -- test/property/route-table-readers.test.ts
const COUNT = Number(process.env['PATH_TARGETS'] ?? 4000)

const root = mkdtempSync(join(tmpdir(), 'route-table-readers-'))
let optionalAuth: RequestHandler
let backend: RunningServer

beforeAll(async () => {
  writeFiles(root)
  optionalAuth = createResourceServer((await createTestIssuer({ algorithm: 'ES256' })).options).optionalAuth()
  backend = await startServer(express().use(express.static(root)))
})

afterAll(async () => {
  await backend.close()
  rmSync(root, { recursive: true })
})

const PROXY = 'a proxy that decodes'

/** Makes the table of the library; `undefined` for rows that it refuses. */
function newRule(rows: readonly PlainRow[]): RequestHandler | undefined {
  const entries = rows.map((row) => [nameOf(row), row.isOpen ? open() : () => false] as const)
  if (new Set(entries.map(([name]) => name)).size < entries.length) return undefined
  try {
    return authorizeRoutes(Object.fromEntries(entries))
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined
    throw error
  }
}

/** An app whose table is exchanged, with every reader behind it, one at a time. */
interface World {
  readonly app: Express
  readonly readers: readonly string[]
  readonly server: RunningServer
  use(table: RequestHandler): void
}

async function createWorld(factory: typeof express): Promise<World> {
  const proxy = createProxyMiddleware({
    target: `http://127.0.0.1:${String(backend.port)}`,
    pathRewrite: (path) => decodeURIComponent(path),
  })
  const readers = makeReaders(factory, root)
  let current: RequestHandler | undefined
  const app = factory()
  app.set('env', 'test')
  app.use(optionalAuth, (req, res, next) => {
    if (current === undefined) throw new Error('There is no table yet.')
    current(req, res, next)
  })
  app.use((req, res, next) => {
    const reader = readers.get(String(req.headers['x-reader']))
    if (reader !== undefined) reader(req, res, next)
    // What this answers stands beside what the readers do.
    else void proxy(req, res, next).catch(next)
  })
  return {
    app,
    readers: [...readers.keys()],
    server: await startServer(app),
    use(made) {
      current = made
    },
  }
}

/** What was seen, in numbers. */
interface Tally {
  targets: number
  refused: number
  overSocket: number
  readonly served: Map<string, number>
  readonly leaks: string[]
}

const describeRows = (rows: readonly PlainRow[]): string =>
  rows.map((row) => `${nameOf(row)} ${row.isOpen ? 'open' : 'closed'}`).join(', ')

/** Sends one target to every reader, and notes what came that should not have come. */
async function send(world: World, rows: readonly PlainRow[], url: string, tally: Tally): Promise<void> {
  const note = (reader: string, body: string): void => {
    const file = fileOf(body)
    if (file === undefined) return
    tally.served.set(reader, (tally.served.get(reader) ?? 0) + 1)
    if (!isPublic(rows, file)) tally.leaks.push(`${reader}: ${url} got ${file} by ${describeRows(rows)}`)
  }
  tally.targets++
  for (const reader of world.readers) {
    const { status, body } = await callApp(world.app, { url, headers: { 'X-Reader': reader } })
    if (status === 401 || status === 403 || (status === 400 && body.includes('ambiguous_path'))) {
      tally.refused++
      if (tally.refused % 20 !== 0) return
      // Over a socket it is the same, unless Node itself refuses it.
      tally.overSocket++
      const overSocket = await rawRequest(world.server.port, { path: url })
      if (overSocket.head.endsWith('\r\nConnection: close') && overSocket.body === '') return
      expect([url, overSocket.status]).toEqual([url, status])
      return
    }
    note(reader, body)
  }
  tally.overSocket++
  note(PROXY, (await rawRequest(world.server.port, { path: url })).body)
}

const emptyTally = (): Tally => ({ targets: 0, refused: 0, overSocket: 0, served: new Map(), leaks: [] })

const aCase = fc.tuple(table, targets)

/** Sends as many targets as are wanted, and fails at the first leak. */
async function run(world: World, count: number): Promise<Tally> {
  const tally = emptyTally()
  const property = fc.asyncProperty(aCase, async ([rows, urls]) => {
    const made = newRule(rows)
    if (made === undefined) {
      fc.pre(false)
      return
    }
    world.use(made)
    for (const url of urls) await send(world, rows, url, tally)
    expect(tally.leaks).toEqual([])
  })
  await fc.assert(property, { numRuns: Math.ceil(count / 50), maxSkipsPerRun: 1000, endOnFailure: true })
  return tally
}

describe.each(expressVersions)('behind a route table, on Express %s', (_version, factory) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(factory)
  })
  afterAll(() => world.server.close())

  it('no reader of paths serves a byte of what its own rows refuse', async () => {
    const tally = await run(world, COUNT / expressVersions.length)
    console.log(
      `${String(tally.targets)} raw targets, ${String(tally.refused)} refused, ${String(tally.overSocket)} over a socket, ` +
        `0 leaks; served: ${JSON.stringify(Object.fromEntries(tally.served))}`,
    )
    expect(tally.targets).toBeGreaterThanOrEqual(COUNT / expressVersions.length)
    expect(tally.served.size).toBe(world.readers.length + 1)
    for (const [reader, served] of tally.served) {
      expect([reader, served > tally.targets / 100]).toEqual([reader, true])
    }
  }, 1_800_000)

  it('every reader got what it should not by the rule that was before, within 1,000 targets', async () => {
    const tally = emptyTally()
    for (const [rows, urls] of fc.sample(aCase, { numRuns: 20, seed: 1 })) {
      world.use(oldRule(rows))
      for (const url of urls) await send(world, rows, url, tally)
    }
    expect(tally.targets).toBe(1000)
    for (const reader of [...world.readers, PROXY]) {
      expect([reader, tally.leaks.some((leak) => leak.startsWith(`${reader}: `))]).toEqual([reader, true])
    }
  }, 600_000)
})
