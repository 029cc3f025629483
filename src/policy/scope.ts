import { ConfigurationError } from '../errors.js'
import { isScopeToken } from '../lib/header-grammar.js'
import { definePolicy, grant, type Policy } from './decision.js'

/**
 * Grants a token that carries every one of the given scopes, compared whole and case-sensitively.
 *
 * This does NOT look at roles or permissions.
 *
 * @example
 *   requirePolicy(allOf(scope('orders:write'), role('clerk')))
 *
 * @throws {ConfigurationError} At start-up, without scopes or with one that is no scope token.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 | RFC 6749 §3.3}
 */
export function scope(...scopes: string[]): Policy {
  checkScopes(scopes, 'scope')
  return definePolicy({ description: `scope ${scopes.join(' ')}`, scopes }, (auth) => {
    const missing = scopes.filter((one) => !auth.scopes.includes(one))
    if (missing.length === 0) return grant
    return { granted: false, code: 'insufficient_scope', detail: `missing: ${missing.join(' ')}`, scopes }
  })
}

/**
 * Grants a token that carries at least one of the given scopes. The challenge of a refusal names them all.
 *
 * @example
 *   requirePolicy(anyScope('orders:read', 'orders:admin'))
 *
 * @throws {ConfigurationError} At start-up, without scopes or with one that is no scope token.
 */
export function anyScope(...scopes: string[]): Policy {
  checkScopes(scopes, 'anyScope')
  return definePolicy({ description: `any scope of ${scopes.join(' ')}`, scopes }, (auth) => {
    if (scopes.some((one) => auth.scopes.includes(one))) return grant
    return { granted: false, code: 'insufficient_scope', detail: `none of: ${scopes.join(' ')}`, scopes }
  })
}

function checkScopes(scopes: readonly unknown[], name: string): void {
  if (scopes.length === 0)
    throw new ConfigurationError(`${name}() needs at least one scope, for example requireScope('orders:read').`)
  for (const one of scopes) {
    if (typeof one === 'string' && isScopeToken(one)) continue
    if (typeof one === 'string' && one.includes(' ')) {
      throw new ConfigurationError(`${name}("${one}") holds a space: give each scope as an argument of its own.`)
    }
    throw new ConfigurationError(
      `${name}() takes each scope as a text of its own, requireScope('a', 'b'), in printable ASCII without quotes and backslashes.`,
    )
  }
}
