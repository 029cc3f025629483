import type { KeyMaterial } from '../../issuers/jwk-rules.js'
import type { Algorithm } from '../../issuers/algorithms.js'
import type { RememberedHeaders, UnverifiedToken } from '../../tokens/decode-token.js'
import type { Failure } from '../../errors.js'
import type { Nonces } from './nonces.js'

/** A proof as it came, and what it must be for. */
export interface PresentedProof {
  /** The value of the one `DPoP` header; undefined where there is none. */
  readonly proof: string | undefined
  readonly method: string
  /** The target of the request line, as it came. */
  readonly target: string
  /** The access token that was verified. */
  readonly token: string
  /** The thumbprint in its `cnf.jkt`; undefined where it is bound to no key. */
  readonly boundTo: string | undefined
}

/** What proofs are judged by. */
export interface ProofRules {
  /** See `readTargetUri`. */
  readonly base: string
  readonly algorithms: readonly Algorithm[]
  readonly proofMaxAgeSeconds: number
  readonly futureSeconds: number
  readonly nonces: Nonces | undefined
  /** Those of good proofs: a client has one, with its key in it, for all that it sends. */
  readonly headers: RememberedHeaders
}

/** What was found out about a good proof, but for whether it came before. */
export interface ProofFacts {
  /** Of the key that signed it, which is the one that the token is bound to. */
  readonly thumbprint: string
  /** What no second proof may have: a digest over its key, its `jti`, method and URI. */
  readonly replayKey: string
  /** Its `iat`. */
  readonly issuedAt: number
  /** Until when it could be taken for fresh by any process, in seconds since the epoch. */
  readonly replayUntil: number
  /** Whether its nonce is not the one that is given out now. */
  readonly isNonceStale: boolean
}

/** What checks find, each for those after it. */
export interface ProofFindings {
  decoded: UnverifiedToken
  algorithm: Algorithm
  material: KeyMaterial
  thumbprint: string
  uri: string
  issuedAt: number
  jti: string
  isNonceStale: boolean
}

/** Makes the refusal of a proof. */
export function badProof(detail: string): Failure {
  return { code: 'invalid_dpop_proof', detail }
}
