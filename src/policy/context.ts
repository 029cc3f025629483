import type { VerifiedToken } from '../tokens/verify-token.js'
import type { PolicyContext } from './decision.js'

/** What is the same for every request to a server. */
type Common = Pick<PolicyContext, 'clockToleranceSeconds' | 'callbackTimeoutSeconds' | 'scopeHierarchy'>

/** A class, since an object with a getter of its own costs ten times as much. */
class Context implements PolicyContext {
  readonly clockToleranceSeconds: PolicyContext['clockToleranceSeconds']
  readonly callbackTimeoutSeconds: PolicyContext['callbackTimeoutSeconds']
  readonly scopeHierarchy: PolicyContext['scopeHierarchy']
  readonly tokenClaims: PolicyContext['tokenClaims']
  readonly actsFor: PolicyContext['actsFor']
  readonly namePlaces: PolicyContext['namePlaces']
  readonly #now: () => number

  constructor(now: () => number, common: Common, { known: { facts } }: VerifiedToken) {
    this.clockToleranceSeconds = common.clockToleranceSeconds
    this.callbackTimeoutSeconds = common.callbackTimeoutSeconds
    this.scopeHierarchy = common.scopeHierarchy
    this.tokenClaims = facts.claims
    this.actsFor = facts.actsFor
    this.namePlaces = facts.namePlaces
    this.#now = now
  }

  get now(): number {
    return this.#now()
  }
}

/**
 * Creates what policies go by besides the token and the request. The time is read when one asks for it, since the policy
 * before it may have been waited for.
 *
 * @param now - Reads the time, in seconds since the epoch.
 */
export function createContext(now: () => number, common: Common, verified: VerifiedToken): PolicyContext {
  return new Context(now, common, verified)
}
