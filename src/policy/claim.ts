import { ConfigurationError } from '../errors.js'
import type { JsonObject } from '../lib/strict-json.js'
import { isPromised } from '../lib/take-answer.js'
import { claimKeys, readClaim, type ClaimPath } from '../tokens/claim-path.js'
import { definePolicy, deny, denyUndecided, grant, type Policy } from './decision.js'
import { describeClaim, describeOverage } from './describe-claim.js'

export type { ClaimPath }

/** What a claim must be: this value, an array that holds it, or whatever a predicate answers `true` to. */
export type ExpectedClaim = ClaimValue | ((value: unknown) => boolean)

type ClaimValue = string | number | boolean

/** A claim that is still to be told what to be. It is no policy, so that it cannot grant by accident. */
export interface ClaimExpectation {
  /** It is this value. An array is not, whatever it holds. */
  equals(value: ClaimValue): Policy<unknown>
  /** It is an array that holds this value. A text never "includes" another. */
  includes(value: ClaimValue): Policy<unknown>
  /** It is one of these values. */
  oneOf(...values: ClaimValue[]): Policy<unknown>
  /**
   * The predicate says `true` to it, and to `undefined` where it is missing. What is not a boolean grants neither way, and
   * neither does a promise: write a policy for what has to be asked for.
   */
  matches(predicate: (value: unknown) => boolean): Policy<unknown>
}

/**
 * Grants a token by one of its claims. With an expectation: the claim equals it, or is an array that contains it, or the
 * predicate says `true`. Without one it returns the exact forms, `equals`, `includes`, `oneOf` and `matches`.
 *
 * Values are compared strictly, `1` is not `'1'`. The claims are those of the token, own members only, before a schema in
 * the option `claims` made something else of them: a claim that a schema leaves out must not be missing to
 * `not(claim(...))`.
 *
 * @example
 *   requirePolicy(claim('realm_access.roles', 'clerk'))
 *   requirePolicy(claim('https://example.com/tier').oneOf('gold', 'silver'))
 *   requirePolicy(claim(['resource_access', 'my.client', 'roles']).includes('clerk'))
 *
 * @param path - Split at dots; a name with a colon in it, and an array of names, are taken literally.
 * @throws {ConfigurationError} At start-up, on an empty path or an expectation of another type.
 */
export function claim(path: ClaimPath, expected: ExpectedClaim): Policy<unknown>
export function claim(path: ClaimPath): ClaimExpectation
export function claim(path: ClaimPath, ...expectation: [] | [ExpectedClaim]): Policy<unknown> | ClaimExpectation {
  const keys = checkPath(path)
  // Told by the count: an expectation that is undefined by accident is an error.
  if (expectation.length === 0) return createExpectation(keys)
  const [expected] = expectation
  if (typeof expected === 'function') return matches(keys, expected)
  checkValue(expected, 'claim() takes a text, a number, a boolean or a predicate as the second argument.')
  return claimPolicy(keys, `is ${show(expected)}`, (value) => value === expected || isArrayWith(value, expected))
}

function createExpectation(keys: readonly string[]): ClaimExpectation {
  const check = (value: unknown, name: string): void => {
    checkValue(value, `claim().${name}() takes a text, a number or a boolean.`)
  }
  return Object.freeze({
    equals(expected: ClaimValue) {
      check(expected, 'equals')
      return claimPolicy(keys, `equals ${show(expected)}`, (value) => value === expected)
    },
    includes(expected: ClaimValue) {
      check(expected, 'includes')
      return claimPolicy(keys, `includes ${show(expected)}`, (value) => isArrayWith(value, expected))
    },
    oneOf(...expected: ClaimValue[]) {
      if (expected.length === 0) throw new ConfigurationError('claim().oneOf() needs at least one value.')
      for (const one of expected) check(one, 'oneOf')
      const values: ReadonlySet<unknown> = new Set(expected)
      return claimPolicy(keys, `is one of ${expected.map(show).join(', ')}`, (value) => values.has(value))
    },
    matches(predicate: (value: unknown) => boolean) {
      if (typeof predicate !== 'function') throw new ConfigurationError('claim().matches() takes a predicate.')
      return matches(keys, predicate)
    },
  })
}

function matches(keys: readonly string[], predicate: (value: unknown) => boolean): Policy<unknown> {
  return claimPolicy(keys, `matches ${predicate.name === '' ? 'a predicate' : predicate.name}`, predicate)
}

function claimPolicy(keys: readonly string[], expectation: string, fits: (value: unknown) => unknown): Policy<unknown> {
  const name = keys.join(' > ')
  const unclear = denyUndecided(`the predicate for the claim ${name} answered neither true nor false`)
  const promised = denyUndecided(
    `the predicate for the claim ${name} answered with a promise: it must say true or false at once`,
  )
  return definePolicy({ description: `claim ${name} ${expectation}` }, (_auth, _request, { tokenClaims }) => {
    const answer = fits(readClaim(tokenClaims, keys))
    if (answer === true) return grant
    if (answer === false) return deny(describeDenial(name, keys, tokenClaims))
    return isPromised(answer) ? promised : unclear
  })
}

function describeDenial(name: string, keys: readonly string[], claims: JsonObject): string {
  const overage = describeOverage(claims, keys[0])
  return `the claim ${name} is not as expected: ${describeClaim(claims, keys)}${overage === undefined ? '' : `. ${overage}`}`
}

function isArrayWith(value: unknown, expected: ClaimValue): boolean {
  return Array.isArray(value) && value.includes(expected)
}

function show(value: ClaimValue): string {
  return JSON.stringify(value)
}

function checkValue(value: unknown, message: string): void {
  if (['string', 'number', 'boolean'].includes(typeof value) && !Number.isNaN(value)) return
  throw new ConfigurationError(message)
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
