import { checkNames } from './check-names.js'
import { definePolicy, deny, grant, type Policy } from './decision.js'
import { describeNames } from './describe-names.js'

/**
 * Grants a token with every one of the given permissions, which are read from wherever the issuer's profile says that they
 * live (Auth0's `permissions`, `entitlements` of RFC 9068, ...).
 *
 * This does NOT look at scopes or roles, and knows no hierarchy. A denial has no challenge: a client cannot ask for
 * permissions.
 *
 * @example
 *   requirePolicy(allOf(scope('orders:write'), permission('orders:refund')))
 *
 * @throws {ConfigurationError} At start-up, without permissions or with one that is empty.
 */
export function permission(...permissions: string[]): Policy<unknown> {
  checkNames(permissions, 'permission', "permission('orders:refund')")
  const wanted = `not all of the permissions: ${permissions.join(', ')}`
  return definePolicy({ description: `permission ${permissions.join(' & ')}` }, (auth, _request, context) =>
    permissions.every((one) => auth.permissions.includes(one))
      ? grant
      : deny(`${wanted}. ${describeNames('permissions', permissions, auth, context)}`),
  )
}
