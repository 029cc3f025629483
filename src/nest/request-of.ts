import type { ArgumentsHost, ExecutionContext } from '@nestjs/common'
import { ConfigurationError } from '../errors.js'
import type { HttpRequest } from '../resource-server/resource-server.js'

/** A request as an adapter hands it out: Express's is Node's own, Fastify's has it in `raw`. */
type AdaptedRequest = HttpRequest & Record<'raw' | (typeof SEEN)[number], unknown>

/** What policies, and those who listen, see of a request beside what Node's has. */
const SEEN = ['params', 'query', 'body', 'originalUrl', 'routeOptions'] as const

/**
 * Finds the request of a call, HTTP or GraphQL, as Node has it.
 *
 * @throws {ConfigurationError} When there is none: a message is no request.
 */
export function requestOf(context: ExecutionContext): HttpRequest {
  const request = adaptedRequestOf(context)
  return isRequest(request.raw) ? request.raw : request
}

/** The same, with what policies see. */
export function seenRequestOf(context: ExecutionContext): HttpRequest {
  const request = adaptedRequestOf(context)
  if (!isRequest(request.raw)) return request
  return Object.assign(request.raw, Object.fromEntries(SEEN.map((name) => [name, request[name]])))
}

function adaptedRequestOf(context: ExecutionContext): AdaptedRequest {
  const kind = context.getType<string>()
  const request: unknown = kind === 'graphql' ? ofGraphQL(context).req : context.getArgByIndex(0)
  if ((kind === 'http' || kind === 'graphql') && isRequest(request)) return request as AdaptedRequest // a request has these, or lacks them
  throw new ConfigurationError(
    kind === 'graphql'
      ? 'The context of GraphQL needs the request as "req": context: ({ req, res }) => ({ req, res }).'
      : `A guard of requests stands before a handler of "${kind}": judge the token there with verifyToken(), and mark the handler @Public().`,
  )
}

/** What resolvers of GraphQL share, the third of their arguments. */
export function ofGraphQL(host: ArgumentsHost): { readonly req?: unknown; readonly res?: unknown } {
  return Object(host.getArgByIndex(2)) as object // of which members may be missing
}

function isRequest(value: unknown): value is HttpRequest {
  return typeof value === 'object' && value !== null && 'headers' in value
}
