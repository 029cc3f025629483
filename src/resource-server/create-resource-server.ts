import { createAuthenticator } from '../authenticator.js'
import type { ClaimsOf, ResourceServerOptions } from '../config/options.js'
import { ConfigurationError } from '../errors.js'
import { noteCreation } from './note-creation.js'
import { resourceServerOf, type ResourceServer } from './resource-server.js'

type ClaimsSchema = NonNullable<ResourceServerOptions['claims']>

/** Options whose schema decides what the claims are. */
type WithSchema<Schema> = Omit<ResourceServerOptions, 'claims'> & { readonly claims: Schema }
type WithoutSchema = ResourceServerOptions & { readonly claims?: undefined }

/** What Express's options have beyond these, and what takes its place. */
const OF_EXPRESS: ReadonlyMap<string, string> = new Map([
  ['onError', 'here an error is thrown or returned, and you answer it: error.toResponse(), or error.send(res)'],
  ['failedAuthLimit', 'here count what is refused yourself: error.status is 400 or 401'],
])

/**
 * Creates a resource server without a web framework.
 *
 * @example
 *   const server = createResourceServer({ issuer, audience })
 *   export async function GET(request: Request) {
 *     try {
 *       const auth = await server.authenticate(request)
 *       const refusal = await server.authorize(auth, scope('orders:read'), request)
 *       return refusal?.toResponse() ?? Response.json(ordersOf(auth.subject))
 *     } catch (error) {
 *       if (error instanceof RefusalError) return error.toResponse()
 *       throw error
 *     }
 *   }
 *
 * @param options - Without them, `OAUTH_ISSUER` and `OAUTH_AUDIENCE` are read.
 * @throws {ConfigurationError} At start-up, when something is missing, unknown or contradictory.
 */
export function createResourceServer<Schema extends ClaimsSchema>(
  options: WithSchema<Schema>,
): ResourceServer<ClaimsOf<Schema>>
export function createResourceServer(options?: WithoutSchema): ResourceServer
/** Options of which it is not known whether they have a schema: nothing is known of the claims then. */
export function createResourceServer(options: ResourceServerOptions): ResourceServer<unknown>
export function createResourceServer(options: ResourceServerOptions = {}): ResourceServer {
  for (const [name, instead] of OF_EXPRESS) {
    if (Object(options) === options && Reflect.get(options, name) !== undefined) {
      throw new ConfigurationError(
        `The option "${name}" is for Express, createResourceServer() of "express-resource-server": ${instead}.`,
      )
    }
  }
  const authenticator = createAuthenticator(options)
  noteCreation(authenticator, options)
  return resourceServerOf(authenticator)
}
