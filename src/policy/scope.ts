import { ConfigurationError } from '../errors.js'
import { definePolicy, grant, type Policy } from './decision.js'
import type { ScopeHierarchy } from './scope-hierarchy.js'
import { isListOfScopes, isScopeToken } from './scope-token.js'

/**
 * Grants a token that carries every one of the given scopes, compared whole and case-sensitively, or scopes that imply them
 * by the server's option `scopeHierarchy`.
 *
 * This does NOT look at roles or permissions.
 *
 * @example
 *   requirePolicy(allOf(scope('orders:write'), role('clerk')))
 *
 * @throws {ConfigurationError} At start-up, without scopes or with one that is no scope token.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 | RFC 6749 §3.3}
 */
export function scope(...scopes: string[]): Policy<unknown> {
  checkScopes(scopes, 'scope')
  const needed = scopes.map(createNeededScope)
  return definePolicy(
    { description: `scope ${scopes.join(' ')}`, scopes },
    ({ scopes: held }, _request, { scopeHierarchy }) => {
      if (needed.every(({ isHeld }) => isHeld(held, scopeHierarchy))) return grant
      const missing = needed.filter(({ isHeld }) => !isHeld(held, scopeHierarchy)).map(({ name }) => name)
      return { granted: false, code: 'insufficient_scope', detail: `missing: ${missing.join(' ')}`, scopes }
    },
  )
}

/**
 * Grants a token that carries at least one of the given scopes. The challenge of a refusal names them all.
 *
 * @example
 *   requirePolicy(anyScope('orders:read', 'orders:admin'))
 *
 * @throws {ConfigurationError} At start-up, without scopes or with one that is no scope token.
 */
export function anyScope(...scopes: string[]): Policy<unknown> {
  checkScopes(scopes, 'anyScope')
  const accepted = scopes.map(createNeededScope)
  return definePolicy(
    { description: `any scope of ${scopes.join(' ')}`, scopes },
    ({ scopes: held }, _request, { scopeHierarchy }) => {
      if (accepted.some(({ isHeld }) => isHeld(held, scopeHierarchy))) return grant
      return { granted: false, code: 'insufficient_scope', detail: `none of: ${scopes.join(' ')}`, scopes }
    },
  )
}

/** Tells whether scopes hold the one needed, or one that implies it. */
export function holdsScope(held: readonly string[], needed: string, hierarchy: ScopeHierarchy | undefined): boolean {
  return held.includes(needed) || (hierarchy !== undefined && includesAny(held, hierarchy.satisfying(needed)))
}

/** A scope that a policy asks for. What implies it is worked out once for each server. */
interface NeededScope {
  readonly name: string
  readonly isHeld: (held: readonly string[], hierarchy: ScopeHierarchy | undefined) => boolean
}

function createNeededScope(name: string): NeededScope {
  const known = new WeakMap<ScopeHierarchy, ReadonlySet<string>>()
  return {
    name,
    isHeld(held, hierarchy) {
      if (held.includes(name)) return true
      if (hierarchy === undefined) return false
      const satisfying = known.get(hierarchy) ?? hierarchy.satisfying(name)
      known.set(hierarchy, satisfying)
      return includesAny(held, satisfying)
    },
  }
}

function includesAny(held: readonly string[], satisfying: ReadonlySet<string>): boolean {
  return held.some((one) => satisfying.has(one))
}

function checkScopes(scopes: readonly unknown[], name: string): void {
  if (scopes.length === 0)
    throw new ConfigurationError(`${name}() needs at least one scope, for example requireScope('orders:read').`)
  for (const one of scopes) {
    const held = typeof one === 'string' ? separatorIn(one) : undefined
    if (held !== undefined) {
      throw new ConfigurationError(
        `${name}("${String(one)}") holds a ${held}: give each scope as an argument of its own.`,
      )
    }
    if (typeof one === 'string' && isScopeToken(one)) continue
    throw new ConfigurationError(
      `${name}() takes each scope as a text of its own, requireScope('a', 'b'), in printable ASCII without quotes and backslashes.`,
    )
  }
}

function separatorIn(text: string): 'space' | 'comma' | undefined {
  if (text.includes(' ')) return 'space'
  return isListOfScopes(text) ? 'comma' : undefined
}
