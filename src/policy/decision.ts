import type { JsonObject } from '../lib/strict-json.js'
import type { ReasonCode } from '../reasons.js'
import type { Auth } from '../tokens/auth.js'

/** What a policy may see of a request. An Express request is one. */
export interface PolicyRequest {
  readonly method: string
  readonly originalUrl: string
  readonly params: Readonly<Record<string, string | readonly string[]>>
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What else a policy may go by. */
export interface PolicyContext {
  /** The reading of the server's clock, in seconds since the epoch. */
  readonly now: number
  /** The option of that name. */
  readonly clockToleranceSeconds: number
  /** The token's own claims, before a schema in the option `claims` made something else of them. */
  readonly tokenClaims: JsonObject
}

/** A policy's answer. */
export type Decision = Grant | Denial

export interface Grant {
  readonly granted: true
}

export interface Denial {
  readonly granted: false
  readonly code: Extract<ReasonCode, 'insufficient_scope' | 'access_denied' | 'insufficient_user_authentication'>
  /** What was missing, in words for the operator. */
  readonly detail: string
  /** Every scope that the operation needs, for the challenge. */
  readonly scopes?: readonly string[] | undefined
  /** The authentication contexts that would do, the preferred one first (RFC 9470 §3). */
  readonly acrValues?: readonly string[] | undefined
  /** The greatest age of the user's authentication, in seconds (RFC 9470 §3). */
  readonly maxAgeSeconds?: number | undefined
}

/**
 * Decides whether a verified token may do something. A plain predicate is a policy; only `true` and a granting
 * {@link Decision} grant, and one that throws ends in a 500.
 */
export interface Policy {
  (auth: Auth, request: PolicyRequest, context: PolicyContext): Decision | boolean | Promise<Decision | boolean>
  /** The scopes that it asks for, so that a composed policy can name them all before it has run them all. */
  readonly scopes?: readonly string[]
  /** What it asks for, in one short line of plain words: `scope orders:read`. A function of yours has its name instead. */
  readonly description?: string
}

export const grant: Grant = Object.freeze({ granted: true })

/** Runs a policy and settles what it answers: anything that does not clearly grant denies. */
export async function decide(policy: Policy, ...facts: Parameters<Policy>): Promise<Decision> {
  // Callers from JavaScript may return anything.
  const answer: unknown = await policy(...facts)
  if (answer === true) return grant
  if (typeof answer !== 'object' || answer === null || !('granted' in answer)) return plainDenial
  if (answer.granted === true) return grant
  return 'code' in answer && typeof answer.code === 'string' ? (answer as Denial) : plainDenial
}

const plainDenial: Denial = Object.freeze({
  granted: false,
  code: 'access_denied',
  detail: 'a predicate did not say true',
})

/** What can be said of a policy without running it. */
export interface PolicyFacts {
  readonly description: string
  readonly scopes?: readonly string[]
}

/** Gives a policy what can be said of it without running it. */
export function definePolicy({ description, scopes = [] }: PolicyFacts, policy: Policy): Policy {
  return Object.assign(policy, {
    description: description.replaceAll(/\s+/g, ' '),
    ...(scopes.length > 0 && { scopes: Object.freeze([...new Set(scopes)]) }),
  })
}

/** Says in one line what a policy asks for: its description, or the name of the function. */
export function describePolicy({ description, name }: Policy): string {
  return description ?? (name === '' ? 'a predicate' : name)
}
