import type { Failure } from '../errors.js'

/** Says of a claim that it cannot be read, or contradicts another one. */
export function malformedClaim(name: string): Failure {
  return {
    code: 'invalid_claims',
    detail: `"${name}" is missing or malformed, or differs from a claim that says the same`,
  }
}
