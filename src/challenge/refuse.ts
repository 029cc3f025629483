import { AuthError, type Failure, type Remedy } from '../errors.js'
import { withoutStack } from '../lib/without-stack.js'
import { reasons, type ReasonCode } from '../reasons.js'
import { writeHeaders, type ChallengeSettings, type Headers } from './write-headers.js'

/** Makes the error of a failure, with the headers of its answer. */
export type Refuse = (failure: Failure, remedy?: Remedy) => AuthError

/**
 * Sets up how a server says no: without a remedy nothing in the headers of an answer varies, so that they are written here,
 * once for each code.
 *
 * The errors have no stack: a refusal is an answer and not a fault, and under a flood of bad tokens the stacks would cost more
 * than the judging.
 */
export function createRefuse(settings: ChallengeSettings): Refuse {
  const codes = Object.keys(reasons) as ReasonCode[] // the keys of the table itself
  const written = new Map<ReasonCode, Headers>(codes.map((code) => [code, writeHeaders(code, settings)]))
  return ({ code, detail }, remedy) => {
    const headers = remedy === undefined ? written.get(code) : writeHeaders(code, settings, remedy)
    return withoutStack(() => new AuthError(code, { detail, headers }))
  }
}
