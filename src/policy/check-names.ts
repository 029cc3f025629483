import { ConfigurationError } from '../errors.js'

/**
 * Refuses an empty list of names, and what is no name, at start-up: an empty list must not be "everybody".
 *
 * @throws {ConfigurationError} Naming the policy and showing how it is written.
 */
export function checkNames(names: readonly unknown[], policy: string, example: string): void {
  if (names.length > 0 && names.every((one) => typeof one === 'string' && one !== '')) return
  throw new ConfigurationError(`${policy}() needs at least one ${policy}, each as a text of its own: ${example}.`)
}
