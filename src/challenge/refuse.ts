import { AuthError, type Failure, type Scheme } from '../errors.js'
import { withoutStack } from '../lib/without-stack.js'
import { reasons, type ReasonCode } from '../reasons.js'
import { writeHeaders, type ChallengeSettings, type Headers, type Refused } from './write-headers.js'

/** Makes the error of a failure, with the headers of its answer. */
export type Refuse = (failure: Failure, refused?: Refused) => AuthError

/**
 * Sets up how a server says no: without a remedy nothing in the headers of an answer varies but in whose challenge the error
 * stands, so that they are written here, once for each code and scheme.
 *
 * The errors have no stack: a refusal is an answer and not a fault, and under a flood of bad tokens the stacks would cost more
 * than the judging.
 */
export function createRefuse(settings: ChallengeSettings): Refuse {
  const schemes: readonly (Scheme | undefined)[] = [undefined, 'Bearer', 'DPoP']
  const written = new Map(schemes.map((scheme) => [scheme, writeAll(settings, scheme)]))
  return (failure, refused = {}) => {
    const { code } = failure
    const remedy = refused.scopes ?? refused.acrValues ?? refused.maxAgeSeconds
    const headers =
      remedy === undefined ? written.get(refused.scheme)?.get(code) : writeHeaders(code, settings, refused)
    const { nonce } = refused
    const own = nonce === undefined ? headers : { ...headers, 'DPoP-Nonce': nonce }
    // Why it failed may take some work to say, and most of all refusals nobody reads.
    const init = {
      headers: own,
      get detail() {
        return failure.detail
      },
    }
    return withoutStack(() => new AuthError(code, init))
  }
}

function writeAll(settings: ChallengeSettings, scheme: Scheme | undefined): ReadonlyMap<ReasonCode, Headers> {
  const codes = Object.keys(reasons) as ReasonCode[] // the keys of the table itself
  return new Map(codes.map((code) => [code, writeHeaders(code, settings, { scheme })]))
}
