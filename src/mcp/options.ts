import type { ResourceMetadataOptions } from '../config/resource-metadata.js'
import { ConfigurationError } from '../errors.js'
import type { RequireAuthOptions } from '../express/options.js'
import type { JsonObject } from '../lib/strict-json.js'
import type { Policy, PolicyRequest } from '../policy/decision.js'

/** A request that calls a tool, as its policy sees it. Nobody has checked the arguments. */
export interface ToolCallRequest extends PolicyRequest {
  readonly body: { readonly params: { readonly name: string; readonly arguments?: unknown } }
}

/** What an MCP server is told: who may issue tokens for which resource, and what its tools ask for. */
export interface McpOptions extends RequireAuthOptions, Omit<ResourceMetadataOptions, 'challengeScopes'> {
  /** What tokens must carry in `aud`. Default: the resource. */
  readonly audience?: RequireAuthOptions['audience']
  /** The issuers that clients may get tokens from. Default: those of the option `issuer`, or `OAUTH_ISSUER`. */
  readonly authorizationServers?: readonly string[] | undefined
  /** The scopes that clients may ask for. Default: those of `policy` and of `tools`. */
  readonly scopesSupported?: readonly string[] | undefined
  /**
   * What every request to the endpoint needs, whatever it asks. The scopes of it are what a 401 names for a client to ask for.
   * Default: a valid token.
   */
  readonly policy?: Policy | undefined
  /**
   * What the call of a tool needs beside that, by its name; `'*'` is for all that have no row, which are refused without it.
   * Default: no more.
   *
   * @example
   *   tools: { search: scope('notes:read'), purge: allOf(scope('notes:write'), stepUp({ maxAgeSeconds: 300 })) }
   */
  readonly tools?: Readonly<Record<string, Policy<JsonObject, ToolCallRequest>>> | undefined
  /** The origins whose pages are let in, as browsers write them. Default: any, as no page gets in without a token. */
  readonly allowedOrigins?: readonly string[] | undefined
}

/** The options that are of MCP, and those for the parts that know nothing of it. */
export interface McpParts {
  readonly auth: RequireAuthOptions
  readonly metadata: ResourceMetadataOptions
  readonly policy: Policy | undefined
  readonly tools: ReadonlyMap<string, Policy> | undefined
  readonly allowedOrigins: readonly string[] | undefined
  /** The scopes that policies ask for. */
  readonly scopes: readonly string[]
}

/**
 * Sorts the options. Whoever gets the rest refuses what it does not know.
 *
 * @throws {ConfigurationError} When they are none, or when what is of MCP is malformed.
 */
export function sortOptions(options: McpOptions): McpParts {
  checkObject(options, 'createMcpResourceServer() takes an object of options, or nothing.')
  const {
    resource,
    authorizationServers = issuersOf(options),
    scopesSupported,
    resourceName,
    resourceDocumentation,
    policy,
    tools,
    allowedOrigins,
    ...auth
  } = options
  if (policy !== undefined) checkFunction(policy, 'policy')
  const byName = tools === undefined ? undefined : readTools(tools)
  const scopes = scopesOf([policy, ...(byName?.values() ?? [])])
  const { dangerouslyAllowHttp, dpop, mtls } = auth
  return {
    auth,
    metadata: {
      resource,
      authorizationServers,
      scopesSupported: scopesSupported ?? scopes,
      challengeScopes: scopesOf([policy]),
      resourceName,
      resourceDocumentation,
      dpop,
      mtls,
      dangerouslyAllowHttp,
    },
    policy,
    tools: byName,
    allowedOrigins: readOrigins(allowedOrigins),
    scopes: [...(scopesSupported ?? []), ...(scopes ?? [])],
  }
}

/** Those that are named; a resolver for many tenants names none. What is malformed is refused by whoever trusts it. */
function issuersOf({ issuer }: McpOptions): readonly string[] | undefined {
  const listed: readonly unknown[] = [issuer].flat()
  const names = listed.map((one) => (isRecord(one) ? one['issuer'] : one)).filter((name) => typeof name === 'string')
  return names.length === 0 ? undefined : names
}

/** Undefined for none. */
function scopesOf(policies: readonly (Policy | undefined)[]): readonly string[] | undefined {
  const scopes = new Set(policies.flatMap((policy) => policy?.scopes ?? []))
  return scopes.size === 0 ? undefined : [...scopes]
}

function readTools(tools: NonNullable<McpOptions['tools']>): ReadonlyMap<string, Policy> {
  checkObject(tools, 'The option "tools" must be an object of policies by the names of tools.')
  const rows = Object.entries(tools)
  for (const [name, policy] of rows) checkFunction(policy, `tools.${name}`)
  // A policy of a tool is asked about calls of that tool only.
  return new Map(rows as [string, Policy][])
}

function readOrigins(origins: unknown): readonly string[] | undefined {
  if (origins === undefined) return undefined
  if (Array.isArray(origins) && origins.every(isOrigin)) return [...origins]
  throw new ConfigurationError(
    'The option "allowedOrigins" must be an array of origins: "https://app.example.com", without a path and in lower case.',
  )
}

/** As a browser writes it (RFC 6454 section 6.2). */
function isOrigin(origin: unknown): origin is string {
  return typeof origin === 'string' && /^[a-z][a-z0-9+.-]*:\/\/[^\sA-Z/?#]+$/.test(origin)
}

function checkFunction(policy: unknown, name: string): void {
  if (typeof policy === 'function') return
  throw new ConfigurationError(
    `The option "${name}" must be a policy: scope(...), allOf(...), or a function (auth, req) => boolean.`,
  )
}

function checkObject(value: unknown, message: string): void {
  if (!isRecord(value)) throw new ConfigurationError(message)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
