import { UnavailableError } from '../errors.js'
import { withoutStack } from '../lib/without-stack.js'

/**
 * Makes the error of a store that cannot tell. It has no stack: while a store is down, each request is answered by one.
 *
 * @param detail - What is wrong, for the operator. No key.
 */
export function cannotTell(detail: string, cause?: unknown): UnavailableError {
  return withoutStack(() => new UnavailableError('store_unavailable', { retryAfterSeconds: 1, detail, cause }))
}
