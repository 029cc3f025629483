import type { Refused } from '../challenge/write-headers.js'
import type { ResourceMetadata } from '../config/resource-metadata.js'
import type { AuthError, Failure } from '../errors.js'
import type { Stopwatch } from '../lib/clock.js'
import type { Credentials, IncomingRequest } from '../request/read-credentials.js'
import type { TokenVerifier, VerifiedToken } from '../tokens/verify-token.js'

/** Makes the error for a request that is refused. */
export type RefuseWith = (failure: Failure, refused?: Refused, resource?: ResourceMetadata) => AuthError

/** What judging requests takes. */
export interface Judging {
  readonly verifier: TokenVerifier
  readonly read: (request: IncomingRequest) => Credentials | Failure
  readonly refuseWith: RefuseWith
  readonly stopwatch: Stopwatch
  /** Tells at once whether a verified token was taken back; undefined where nothing can be. Throws what cannot be told. */
  readonly checkRevoked: ((verified: VerifiedToken) => Failure | undefined) | undefined
  /** Called with what is let in: it may be taken back while it is held. */
  readonly rememberForRevocation: ((verified: VerifiedToken) => void) | undefined
}
