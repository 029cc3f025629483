import type { JsonObject } from '../lib/strict-json.js'
import { allOf as allOfThem, anyOf as anyOfThem } from '../policy/combine.js'
import type { Policy } from '../policy/decision.js'
import type { HttpRequest } from './resource-server.js'

/** As in Express, but that the request of a policy that does not say what it asks for is any. */
interface Combine {
  <Claims = JsonObject, Asked = HttpRequest>(
    ...policies: Policy<NoInfer<Claims>, NoInfer<Asked>>[]
  ): Policy<Claims, Asked>
  <Asked>(...policies: Policy<JsonObject, Asked>[]): Policy<JsonObject, Asked>
  <Claims, Asked>(...policies: Policy<Claims, Asked>[]): Policy<Claims, Asked>
}

/**
 * Grants when every policy grants. They run in order and the first denial ends it, so that put cheap ones first; a denial
 * for want of scopes names the scopes of all of them, run or not.
 *
 * @example
 *   const mayRefund = allOf(scope('orders:refund'), role('clerk'))
 *
 * @throws {ConfigurationError} At start-up, without policies.
 */
export const allOf: Combine = allOfThem

/**
 * Grants when at least one policy grants. They run in order and the first grant ends it.
 *
 * @example
 *   const mayRead = anyOf(scope('orders:read'), role('clerk'))
 *
 * @throws {ConfigurationError} At start-up, without policies: an empty choice must not be "always".
 */
export const anyOf: Combine = anyOfThem
