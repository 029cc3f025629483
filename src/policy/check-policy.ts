import { ConfigurationError } from '../errors.js'

/**
 * Refuses what is no policy, at start-up.
 *
 * @throws {ConfigurationError} Naming whoever was given it, and what to write instead.
 */
export function checkPolicy(policy: unknown, name: string): void {
  if (typeof policy === 'function') return
  // What claim() returns before it is told what to expect.
  if (typeof policy === 'object' && policy !== null && 'oneOf' in policy) {
    throw new ConfigurationError(
      `${name}() was given a claim without an expectation: add .equals(...), .includes(...), .oneOf(...) or .matches(...).`,
    )
  }
  throw new ConfigurationError(
    `${name}() takes a policy: scope(...), allOf(...), or a function (auth, req) => boolean.`,
  )
}
