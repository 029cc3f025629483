import type express from 'express'
import { type Express, type RequestHandler } from 'express'
import { createResourceServer, open } from 'express-resource-server'
import { authorizeRoutes, trackRoutes } from 'express-resource-server/routes'
import { createTestIssuer } from 'express-resource-server/testing'
import fc from 'fast-check'
import { callApp } from '../kit/in-process.js'
import { expressVersions } from '../kit/express.js'

/** Something that is registered, in order, on an app or a router. */
type Node =
  | { readonly kind: 'route'; readonly path: string; readonly all: boolean; readonly chain: readonly Handler[] }
  | { readonly kind: 'guard'; readonly path: string; readonly guard: Guard }
  | { readonly kind: 'table'; readonly path: string; readonly rows: readonly string[] }
  | {
      readonly kind: 'mount'
      readonly path: string
      readonly isApp: boolean
      readonly sensitive: boolean
      readonly nodes: readonly Node[]
    }

type Guard = 'requireAuth' | 'optionalAuth'
type Handler = Guard | 'handler'

const path = fc.constantFrom('', '/', '/a', '/A', '/b', '/:id', '/a/b', '/a/', '/:id/b')
const guard = fc.constantFrom<Guard>('requireAuth', 'optionalAuth')
const rowPath = fc.constantFrom('/*', '/a/*', '/:id/*', '/a/b/*', '/b/:id/*')

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('route' as const),
        path,
        all: fc.boolean(),
        chain: fc.array(fc.constantFrom<Handler>('requireAuth', 'optionalAuth', 'handler', 'handler'), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('guard' as const), path, guard }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('table' as const),
        path,
        rows: fc.uniqueArray(rowPath, { maxLength: 2 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('mount' as const),
        path,
        isApp: fc.boolean(),
        sensitive: fc.boolean(),
        nodes: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
      }),
    },
  ),
}))

/** Changes to a request path that some router may not see. */
const mangle = fc.constantFrom<(url: string) => string>(
  (url) => url,
  (url) => url,
  (url) => `${url}/`,
  (url) => url.toUpperCase(),
  (url) => url.replace('/a', '/A'),
  (url) => url.replace('/', '//'),
  (url) => url.replace(/\/(?=[^/]*$)/, '//'),
  (url) => url.replace(/^(\/[^/]*)\//, '$1//'),
  (url) => `http://x${url}`,
  (url) => url.replace(/\/(?=[^/]*$)/, '\\'),
)

interface Registrar {
  use(path: string, ...handlers: RequestHandler[]): unknown
  get(path: string, ...handlers: RequestHandler[]): unknown
  all(path: string, ...handlers: RequestHandler[]): unknown
}

/** What is needed to register nodes, and what they did. */
interface World {
  readonly factory: typeof express
  readonly guards: Readonly<Record<Guard, RequestHandler>>
  /** The last route whose handler ran. */
  reached: string | undefined
  routes: number
}

async function reachedBy(world: World, app: Express, url: string): Promise<string | undefined> {
  world.reached = undefined
  await callApp(app, { url })
  return world.reached
}

/** Registers nodes, and answers the paths of the routes: each ends in a name of its own, by which it is found again. */
function register(world: World, at: Registrar, nodes: readonly Node[], prefix: string): readonly string[] {
  return nodes.flatMap((one): readonly string[] => {
    const mount = one.path === '' ? '/' : one.path
    switch (one.kind) {
      case 'guard':
        at.use(mount, world.guards[one.guard])
        return []
      case 'table':
        at.use(mount, world.guards.optionalAuth, tableOf(one.rows))
        return []
      case 'mount': {
        const inner = one.isApp ? world.factory() : world.factory.Router({ caseSensitive: one.sensitive })
        at.use(mount, inner)
        return register(world, inner as Registrar, one.nodes, `${prefix}/${one.path}`)
      }
      case 'route': {
        const name = `route-${String(world.routes++)}-end`
        const handler: RequestHandler = (_req, res) => {
          world.reached = name
          res.end()
        }
        const chain = one.chain.map((step) => (step === 'handler' ? handler : world.guards[step]))
        at[one.all ? 'all' : 'get'](`${one.path.replace(/\/$/, '')}/${name}`, ...chain)
        return [`${prefix}/${one.path}/${name}`.replaceAll(/\/+/g, '/').replaceAll(':id', 'a')]
      }
    }
  })
}

/** A table whose first row is open; one that the library refuses lets nobody through. */
function tableOf(rows: readonly string[]): RequestHandler {
  try {
    return authorizeRoutes(Object.fromEntries(rows.map((row, at) => [`GET ${row}`, at === 0 ? open() : () => true])))
  } catch {
    return authorizeRoutes({ 'GET /nowhere': () => false })
  }
}

test.each(expressVersions)(
  'no request without a token reaches a route that counts as protected (Express %s)',
  async (_name, factory) => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const server = createResourceServer(issuer.options)
    const guards = { requireAuth: server.requireAuth(), optionalAuth: server.optionalAuth() }
    const counts = { protected: 0, open: 0, reached: 0 }

    const check = async (nodes: readonly Node[], sensitive: boolean, mangles: readonly ((url: string) => string)[]) => {
      const world: World = { factory, guards, reached: undefined, routes: 0 }
      const app = factory()
      app.set('env', 'test')
      app.set('case sensitive routing', sensitive)
      const inventory = trackRoutes(app)
      const urls = register(world, app, nodes, '')
      for (const url of urls) {
        const name = url.slice(url.lastIndexOf('/') + 1)
        const reports = inventory.routes().filter((report) => report.path.endsWith(name))
        const isProtected = reports.every((report) => report.isProtected)
        for (const change of mangles) {
          const isReached = (await reachedBy(world, app, change(url))) === name
          if (isReached) counts.reached++
          counts[isProtected ? 'protected' : 'open']++
          if (isProtected && isReached)
            throw new Error(`${change(url)} reached what is protected:\n${String(inventory)}`)
        }
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(node, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.array(mangle, { minLength: 6, maxLength: 6 }),
        check,
      ),
      { numRuns: 500, endOnFailure: true },
    )
    expect(counts.protected).toBeGreaterThan(3000)
    expect(counts.open).toBeGreaterThan(3000)
    expect(counts.reached).toBeGreaterThan(1000)
  },
  300_000,
)
