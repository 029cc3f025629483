import { checkNames } from './check-names.js'
import { definePolicy, deny, grant, type Policy } from './decision.js'
import { describeNames } from './describe-names.js'

/**
 * Grants a token with at least one of the given roles, which are read from wherever the issuer's profile says that they
 * live (`realm_access.roles`, `cognito:groups`, ...).
 *
 * This does NOT look at scopes: a role says what the user may do, a scope what the client was allowed to do for the user.
 *
 * @example
 *   requirePolicy(role('clerk', 'manager'))
 *
 * @throws {ConfigurationError} At start-up, without roles or with one that is empty.
 */
export function role(...roles: string[]): Policy<unknown> {
  checkNames(roles, 'role', "requireRole('clerk', 'manager')")
  const wanted = `none of the roles: ${roles.join(', ')}`
  return definePolicy({ description: `role ${roles.join(' | ')}` }, (auth, _request, context) =>
    roles.some((one) => auth.roles.includes(one))
      ? grant
      : deny(`${wanted}. ${describeNames('roles', roles, auth, context)}`),
  )
}
