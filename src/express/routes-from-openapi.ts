import { ConfigurationError } from '../errors.js'
import { allOf, anyOf } from '../policy/combine.js'
import type { Policy } from '../policy/decision.js'
import { open } from '../policy/open.js'
import { role } from '../policy/role.js'
import { scope } from '../policy/scope.js'
import type { RouteTable } from './authorize-routes.js'

/** The methods for which OpenAPI has a member, but for `head`: requests with HEAD are judged as GET. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'patch', 'trace', 'query']

/**
 * Makes the rows of a route table from the `security` of an OpenAPI document (3.0 to 3.2), so that an API does what its
 * description promises.
 *
 * The scopes of a requirement for a scheme of type `oauth2` or `openIdConnect` must all be in the token; for `http` with
 * `bearer` any valid token will do, with the roles that the requirement names. Of several requirements one must hold, and of
 * several schemes in one requirement all. `security: []`, and `{}` among the requirements, mean everybody. Paths begin after
 * the URL in `servers`: mount the table there.
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
export function routesFromOpenApi(document: object): RouteTable {
  const version = own(document, 'openapi')
  if (typeof version !== 'string' || !version.startsWith('3.')) {
    throw new ConfigurationError('routesFromOpenApi() takes a parsed OpenAPI document, version 3.0 to 3.2.')
  }
  const schemes = own(own(document, 'components'), 'securitySchemes')
  const standard = own(document, 'security')
  const operations = entriesOf(own(document, 'paths')).flatMap(([path, item]) =>
    path.startsWith('/') ? operationsOf(path, item) : [],
  )
  return Object.fromEntries(
    operations.map(([name, operation]) => [name, policyFor(name, own(operation, 'security') ?? standard, schemes)]),
  )
}

const validToken: Policy = Object.assign(() => true, { description: 'any valid token' })

/** The operations of a path, by the names of their rows. */
function operationsOf(
  path: string,
  item: unknown,
): readonly (readonly [name: `${string} /${string}`, operation: unknown])[] {
  const at = `The path "${path}" of the OpenAPI document`
  if (own(item, '$ref') !== undefined) {
    throw new ConfigurationError(`${at} is a reference: resolve references before you call routesFromOpenApi().`)
  }
  if (/[:*]/.test(path)) throw new ConfigurationError(`${at} holds ":" or "*", which a row takes for more than a text.`)
  checkHead(at, own(item, 'head'), own(item, 'get'))
  const rowPath = path
    .slice(1)
    .replaceAll(/\{([^{}/]+)\}/g, (_, name: string) => `:${name.replaceAll(/\W|^(?=\d)/g, '_')}`)
  const members = entriesOf(item).filter(([member]) => METHODS.includes(member))
  return [...members, ...entriesOf(own(item, 'additionalOperations'))].map(([method, operation]) => [
    `${method.toUpperCase()} /${rowPath}`,
    operation,
  ])
}

/** HEAD has no rows of its own: it is judged as GET. */
function checkHead(at: string, head: unknown, get: unknown): void {
  if (head === undefined) return
  if (get !== undefined && JSON.stringify(own(head, 'security')) === JSON.stringify(own(get, 'security'))) return
  throw new ConfigurationError(`${at} has HEAD with other requirements than GET: HEAD requests are judged as GET.`)
}

/** Of several requirements one must hold. */
function policyFor(name: string, requirements: unknown, schemes: unknown): Policy {
  if (requirements === undefined) {
    throw new ConfigurationError(
      `"${name}" has no "security" in the OpenAPI document: write "security": [] if it is open.`,
    )
  }
  if (!Array.isArray(requirements) || !requirements.every(isObject)) {
    throw new ConfigurationError(`"security" of "${name}" must be an array of objects.`)
  }
  const alternatives = requirements.map((requirement: unknown) =>
    entriesOf(requirement).map(([scheme, needed]) => policyOf(name, scheme, needed, schemes)),
  )
  if (alternatives.every((policies) => policies.length > 0) && alternatives.length > 0) {
    return oneOrMore(
      anyOf,
      alternatives.map((policies) => oneOrMore(allOf, policies)),
    )
  }
  return open()
}

/** What a scheme in a requirement asks for. */
function policyOf(name: string, scheme: string, needed: unknown, schemes: unknown): Policy {
  const definition = own(schemes, scheme)
  const type = own(definition, 'type')
  if (!Array.isArray(needed) || !needed.every((one) => typeof one === 'string')) {
    throw new ConfigurationError(`"${name}" must list the scopes of "${scheme}" in an array.`)
  }
  const isBearer = type === 'http' && String(own(definition, 'scheme')).toLowerCase() === 'bearer'
  if (type !== 'oauth2' && type !== 'openIdConnect' && !isBearer) {
    throw new ConfigurationError(
      `"${name}" needs the security scheme "${scheme}", which ${definition === undefined ? 'the document does not define' : 'is nothing that an access token can satisfy'}: ` +
        'known are the types oauth2, openIdConnect, and http with bearer.',
    )
  }
  if (needed.length === 0) return validToken
  return isBearer
    ? oneOrMore(
        allOf,
        needed.map((one) => role(one)),
      )
    : scope(...needed)
}

function oneOrMore(combine: (...policies: Policy[]) => Policy, policies: readonly Policy[]): Policy {
  const [first] = policies
  return policies.length === 1 && first !== undefined ? first : combine(...policies)
}

function own(value: unknown, member: string): unknown {
  return isObject(value) && Object.hasOwn(value, member) ? Reflect.get(value, member) : undefined
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : []
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
