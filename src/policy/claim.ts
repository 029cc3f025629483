import { ConfigurationError } from '../errors.js'
import { claimKeys, readClaim, type ClaimPath } from '../lib/claim-path.js'
import { definePolicy, grant, type Policy } from './decision.js'

export type { ClaimPath }

/** What a claim must be: this value, an array that holds it, or whatever a predicate answers `true` to. */
export type ExpectedClaim = string | number | boolean | ((value: unknown) => boolean)

/**
 * Grants a token by one of its claims: it equals the expected value, or is an array that contains it, or the predicate
 * says `true`. Values are compared strictly, `1` is not `'1'`, and a text never "contains" another.
 *
 * @example
 *   requirePolicy(claim('realm_access.roles', 'clerk'))
 *   requirePolicy(claim('https://example.com/tier', 'gold'))
 *   requirePolicy(claim(['resource_access', 'my.client', 'roles'], 'clerk'))
 *
 * @param path - Split at dots; a name with a colon in it, and an array of names, are taken literally.
 * @throws {ConfigurationError} At start-up, on an empty path or an expectation of another type.
 */
export function claim(path: ClaimPath, expected: ExpectedClaim): Policy {
  const keys = checkPath(path)
  if (!['string', 'number', 'boolean', 'function'].includes(typeof expected) || Number.isNaN(expected)) {
    throw new ConfigurationError('claim() takes a text, a number, a boolean or a predicate as the second argument.')
  }
  const denial = {
    granted: false,
    code: 'access_denied',
    detail: `the claim ${keys.join(' > ')} is not as expected`,
  } as const
  const description = `claim ${keys.join(' > ')} ${typeof expected === 'function' ? 'as a predicate says' : `is ${JSON.stringify(expected)}`}`
  return definePolicy({ description }, ({ claims }) => (fits(readClaim(claims, keys), expected) ? grant : denial))
}

function fits(value: unknown, expected: ExpectedClaim): boolean {
  if (typeof expected === 'function') return (expected(value) as unknown) === true
  return value === expected || (Array.isArray(value) && value.includes(expected))
}

function checkPath(path: unknown): readonly string[] {
  const isPath = typeof path === 'string' || (Array.isArray(path) && path.every((key) => typeof key === 'string'))
  const keys = isPath ? claimKeys(path) : []
  if (keys.length === 0 || keys.includes('')) {
    throw new ConfigurationError(
      'claim() takes the path of a claim first: "tenant", "realm_access.roles" or an array of names.',
    )
  }
  return keys
}
