import { types } from 'node:util'

/** Tells an error by its nature, too: one of another realm is no instance of the `Error` that is at hand. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown)
}

/** Makes an error of whatever was thrown: Express takes `next(undefined)` for leave to go on, and `next('route')` for a jump. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error('Something was thrown that is not an Error.', { cause: thrown })
}
