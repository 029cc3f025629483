import cors from 'cors'
import express, { type Express } from 'express'
import * as library from 'express-resource-server'
import * as mcp from 'express-resource-server/mcp'
import * as routes from 'express-resource-server/routes'
import type * as testing from 'express-resource-server/testing'
import helmet from 'helmet'
import request, { type Response } from 'supertest'
import { z } from 'zod'
import { isModule, pages, readSnippets, run, type Snippet } from './snippets.js'

export const ISSUER = 'https://login.example.com'
export const AUDIENCE = 'https://api.example.com'

/** A block of TypeScript, and the page that it stands on. */
export interface PageSnippet extends Snippet {
  readonly page: string
}

const all: readonly PageSnippet[] = [...pages].flatMap(([page, text]) =>
  readSnippets(text).map((snippet) => ({ ...snippet, page })),
)

/** Every block of TypeScript of every page. */
export const snippets = all.filter(({ language }) => language === 'ts')
/** Those that are lines out of a module. */
export const fragments = snippets.filter((snippet) => !isModule(snippet))

/** The handlers and other functions that fragments use and do not show. */
export const HANDLERS = ['listOrders', 'listReports', 'deleteOrder', 'transfer', 'refund', 'updateOrder', 'findUser']

/** What a fragment may use without an import: the library, an app, and handlers. */
const PRELUDE = `
import express, { type RequestHandler } from 'express'
import { ${Object.keys(library).sort().join(', ')} } from 'express-resource-server'
import { ${Object.keys(routes).sort().join(', ')} } from 'express-resource-server/routes'
declare const app: express.Express
declare const deleteOrder: RequestHandler, listOrders: RequestHandler, listReports: RequestHandler
declare const refund: RequestHandler, transfer: RequestHandler, updateOrder: RequestHandler
declare const findUser: (id: string | undefined) => Promise<object>
declare const secret: string
`

/** The files of a user that snippets import. */
export const THEIRS = {
  'app.ts': "import type { Express } from 'express'\nexport declare function createApp(options: object): Express",
  'orders.ts': `export interface Order { readonly id: string; readonly customer: string }
export declare function findOrder(id: string): Promise<Order | undefined>
export declare function findOrdersOf(customer: string | undefined): Promise<readonly Order[]>`,
}

/** A snippet as a module: as it is, or with its imports added. */
export function asModule(snippet: Snippet): string {
  return isModule(snippet) ? snippet.code : `${PRELUDE}\n{\n${snippet.code}\n}`
}

/** A name for the file of a snippet, by which it can be found. */
export function fileOf({ page, line }: PageSnippet): string {
  return `${page.replaceAll(/\W/g, '-')}-line-${String(line)}`
}

/** The one snippet of a language below a heading of a page. */
export function snippetOf(page: string, heading: string, language = 'ts', position = 0): Snippet {
  const found = all.filter((one) => one.page === page && one.heading === heading && one.language === language)[position]
  if (found === undefined) throw new Error(`There is no snippet "${language}" below "${heading}" of ${page}.`)
  return found
}

/** The library with the issuer and the clock of a test, whatever the options of a snippet say. */
function libraryFor({ options: { fetch, clock } }: testing.TestIssuer): typeof library {
  const here = (options: library.RequireAuthOptions = {}): library.RequireAuthOptions => ({ ...options, fetch, clock })
  return {
    ...library,
    requireAuth: (options) => library.requireAuth(here(options)),
    optionalAuth: (options) => library.optionalAuth(here(options)),
    // One signature of several: what a snippet's schema makes of the claims is for the compiler.
    createResourceServer: ((options?: library.RequireAuthOptions) =>
      library.createResourceServer(here(options))) as typeof library.createResourceServer,
  }
}

/** Runs a snippet and answers the app that it made. Its issuer is a test issuer; its options are its own. */
export async function appOf(
  { code }: Snippet,
  issuer: testing.TestIssuer,
  modules: Readonly<Record<string, unknown>> = {},
): Promise<Express> {
  const made: Express[] = []
  const makeApp = Object.assign(
    () => {
      const app = express()
      app.listen = (() => undefined) as unknown as Express['listen'] // nothing is served here
      made.push(app)
      return app
    },
    { json: express.json, static: express.static },
  )
  await run(code, {
    express: { __esModule: true, default: makeApp, Router: express.Router },
    cors: { __esModule: true, default: cors },
    helmet: { __esModule: true, default: helmet },
    zod: { z },
    'express-resource-server': libraryFor(issuer),
    'express-resource-server/mcp': {
      createMcpResourceServer: (options: mcp.McpOptions) =>
        mcp.createMcpResourceServer({ ...options, fetch: issuer.options.fetch, clock: issuer.options.clock }),
    },
    'express-resource-server/routes': routes,
    ...modules,
  })
  const [app] = made
  if (app === undefined) throw new Error('The snippet makes no app.')
  return app
}

export const get = (app: Express, path: string, token?: string): request.Test => {
  const asked = request(app).get(path)
  return token === undefined ? asked : asked.set('Authorization', `Bearer ${token}`)
}

/** Compares an answer with a block of HTTP: the status, the headers that it shows, and the body if it shows one. */
export function expectAnswer(response: Response, { code }: Snippet): void {
  const [head = '', body] = code.split('\n\n')
  const [statusLine, ...fields] = head.split('\n')
  expect(`HTTP/1.1 ${String(response.status)}`).toBe(statusLine?.split(' ', 2).join(' '))
  for (const field of fields) {
    const [name = '', value] = field.split(/: (.*)/s)
    expect([name, response.headers[name.toLowerCase()]]).toEqual([name, value])
  }
  if (body !== undefined) expect(JSON.parse(response.text)).toEqual(JSON.parse(body))
}

/** What a fragment hands to `requireAuth`. */
export async function optionsOf({ code }: Snippet): Promise<library.RequireAuthOptions> {
  const seen: library.RequireAuthOptions[] = []
  await run(code, {}, { requireAuth: (options: library.RequireAuthOptions) => seen.push(options) })
  const [options] = seen
  if (options === undefined) throw new Error('The snippet does not call requireAuth().')
  return options
}
