import { isDeepStrictEqual } from 'node:util'
import { ConfigurationError } from '../errors.js'
import type { Policy } from '../policy/decision.js'
import type { RouteTable } from './authorize-routes.js'
import { entriesOf, own } from './openapi-document.js'
import { createSecurityReader, type SchemeIssuers } from './openapi-security.js'

/** What an OpenAPI document does not say. */
export interface OpenApiOptions {
  /**
   * Whose tokens satisfy which security scheme: issuers by the names of schemes. Needed where the document uses several schemes,
   * or the server trusts several issuers.
   */
  readonly issuers?: SchemeIssuers | undefined
}

/** The methods for which OpenAPI has a member, but for `head`: requests with HEAD are judged as GET. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'patch', 'trace', 'query']
const OTHER_MEMBERS = ['head', 'parameters', 'summary', 'description', 'additionalOperations', 'servers', '$ref']

/**
 * Makes the rows of a route table from the `security` of an OpenAPI document (3.0 to 3.2), so that an API does what its
 * description promises.
 *
 * The scopes of a requirement for a scheme of type `oauth2` or `openIdConnect` must all be in the token; for `http` with
 * `bearer` any valid token will do, with the roles that the requirement names. Of several requirements one must hold, and of
 * several schemes in one requirement all. `security: []`, and `{}` among the requirements, mean everybody. Paths begin after
 * the URL in `servers` of the document: mount the table there.
 *
 * This does NOT resolve references and does NOT validate the document; what it cannot express is an error. An operation for
 * which neither itself nor the document says `security` is an error too: OpenAPI would have it open.
 *
 * @example
 *   const document = JSON.parse(await readFile('openapi.json', 'utf8'))
 *   app.use(optionalAuth(), authorizeRoutes({ ...routesFromOpenApi(document), 'GET /openapi.json': open() }))
 *
 * @param document - The parsed document.
 * @throws {ConfigurationError} At start-up, with the operation or the scheme at fault.
 * @see {@link https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object | OpenAPI 3.1, Security Requirement Object}
 */
export function routesFromOpenApi(document: object, options: OpenApiOptions = {}): RouteTable {
  const version = own(document, 'openapi')
  if (typeof version !== 'string' || !/^3\.[0-2]\./.test(version)) {
    throw new ConfigurationError('routesFromOpenApi() takes a parsed OpenAPI document, version 3.0 to 3.2.')
  }
  const unknown = Object.keys(options).find((option) => option !== 'issuers')
  if (unknown !== undefined) {
    throw new ConfigurationError(`routesFromOpenApi() has no option "${unknown}": the one that there is is "issuers".`)
  }
  const readSecurity = createSecurityReader(document, options.issuers)
  const standard = own(document, 'security')
  const servers = own(document, 'servers')

  const rows = new Map<string, Policy>()
  for (const [path, item] of entriesOf(own(document, 'paths'))) {
    if (path.startsWith('x-')) continue
    for (const [name, operation] of operationsOf(path, item, servers)) {
      if (rows.has(name)) {
        throw new ConfigurationError(
          `Two operations of the OpenAPI document are for the same requests, "${name}": one of them is of the path "${path}".`,
        )
      }
      rows.set(name, readSecurity(name, own(operation, 'security') ?? standard))
    }
  }
  return Object.fromEntries(rows)
}

type Operations = readonly (readonly [name: `${string} /${string}`, operation: unknown])[]

/** The operations of a path, by the names of their rows. */
function operationsOf(path: string, item: unknown, servers: unknown): Operations {
  const at = `The path "${path}" of the OpenAPI document`
  if (own(item, '$ref') !== undefined) {
    throw new ConfigurationError(`${at} is a reference: resolve references before you call routesFromOpenApi().`)
  }
  const unknown = Object.keys(item ?? {}).find(
    (member) => !METHODS.includes(member) && !OTHER_MEMBERS.includes(member) && !member.startsWith('x-'),
  )
  if (unknown !== undefined) throw new ConfigurationError(`${at} has "${unknown}", which is no method of OpenAPI.`)
  checkHead(at, own(item, 'head'), own(item, 'get'))
  checkServers(at, own(item, 'servers'), servers)
  checkParameters(at, own(item, 'parameters'))

  const rowPath = rowPathOf(at, path)
  const members = entriesOf(item).filter(([member]) => METHODS.includes(member))
  return [...members, ...entriesOf(own(item, 'additionalOperations'))].map(([method, operation]) => {
    checkServers(at, own(operation, 'servers'), servers)
    checkParameters(at, own(operation, 'parameters'))
    return [`${method.toUpperCase()} ${rowPath}`, operation]
  })
}

/** Writes a template as the path of a row. The names of parameters are for nobody to see: policies of a document ask for none. */
function rowPathOf(at: string, path: string): `/${string}` {
  if (!path.startsWith('/')) throw new ConfigurationError(`${at} does not begin with a slash.`)
  if (/[:*]/.test(path)) throw new ConfigurationError(`${at} holds ":" or "*", which a row takes for more than a text.`)
  const segments = path.slice(1).split('/')
  const texts = segments.map((segment) => {
    if (!/[{}]/.test(segment)) return segment
    const name = /^\{([\w\-.~ ]+)\}$/.exec(segment)?.[1]
    if (name !== undefined) return `:${name.replaceAll(/\W|^(?=\d)/g, '_')}`
    throw new ConfigurationError(
      `${at} has "${segment}": a row has parameters of a whole segment, and none for several. Write its rows yourself.`,
    )
  })
  return `/${texts.join('/')}`
}

/** HEAD has no rows of its own: it is judged as GET. */
function checkHead(at: string, head: unknown, get: unknown): void {
  if (head === undefined) return
  if (get !== undefined && isDeepStrictEqual(own(head, 'security'), own(get, 'security'))) return
  throw new ConfigurationError(`${at} has HEAD with other requirements than GET: HEAD requests are judged as GET.`)
}

/** A table has one place. */
function checkServers(at: string, servers: unknown, standard: unknown): void {
  if (servers === undefined || isDeepStrictEqual(servers, standard)) return
  throw new ConfigurationError(
    `${at} has "servers" of its own: rows begin where the table is mounted. Write its rows yourself.`,
  )
}

/** In other styles a parameter is written with a sign before it, or is several segments. */
function checkParameters(at: string, parameters: unknown): void {
  for (const parameter of Array.isArray(parameters) ? parameters : []) {
    if (own(parameter, 'in') !== 'path') continue
    const style = own(parameter, 'style') ?? 'simple'
    if (style === 'simple' && own(parameter, 'allowReserved') !== true) continue
    throw new ConfigurationError(
      `${at} has a parameter in another style than "simple", which a row cannot read. Write its rows yourself.`,
    )
  }
}
