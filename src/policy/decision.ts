import { UnavailableError, type Failure, type Remedy } from '../errors.js'
import type { Deadline } from '../lib/deadline.js'
import type { Eventual } from '../lib/eventual.js'
import type { JsonObject } from '../lib/strict-json.js'
import { takeAnswer } from '../lib/take-answer.js'
import type { ReasonCode } from '../reasons.js'
import type { Auth } from '../tokens/auth.js'
import type { ActsFor, NamePlaces } from '../tokens/token-facts.js'
import type { ScopeHierarchy } from './scope-hierarchy.js'
import { isScopeToken } from './scope-token.js'

/**
 * What a policy may see of a request. An Express request is one; a policy that needs more of it, or its types, says so at its
 * own parameter: `(auth, req: Request<{ id: string }> & { order: Order }) => ...`.
 */
export interface PolicyRequest {
  readonly method: string
  readonly originalUrl: string
  readonly params: Readonly<Record<string, string | readonly string[]>>
  readonly query: Readonly<Record<string, unknown>>
  /** What a parser above the guard made of the body, and `undefined` without one. Nobody has checked it. */
  readonly body?: unknown
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What else a policy may go by. */
export interface PolicyContext {
  /** The time by the server's clock, in seconds since the epoch: read at each look, and so never older than the policy's own wait. */
  readonly now: number
  /** The option of that name. */
  readonly clockToleranceSeconds: number
  /** The option of that name. */
  readonly callbackTimeoutSeconds: number
  /** What the option `scopeHierarchy` says, where it is set. */
  readonly scopeHierarchy: ScopeHierarchy | undefined
  /** The token's own claims, before a schema in the option `claims` made something else of them. */
  readonly tokenClaims: JsonObject
  /** Whom the token acts for: a user, or its client alone. Undefined where nothing tells. */
  readonly actsFor: ActsFor
  /** In which claims its roles and permissions were looked for. */
  readonly namePlaces: NamePlaces
}

/** A policy's answer. */
export type Decision = Grant | Denial

export interface Grant {
  readonly granted: true
}

/** A failure, and what would help. */
export interface Denial extends Failure, Remedy {
  readonly granted: false
  readonly code: (typeof DENIAL_CODES)[number]
  /** What was missing, in words for the operator. */
  readonly detail: string
  /** Nobody may learn that there is something: the answer is 404. */
  readonly isHidden?: true | undefined
  /** It could not be told: then `not` of this policy denies as well. */
  readonly undecided?: true | undefined
}

/**
 * Decides whether a verified token may do something. A plain predicate is a policy; only `true` and a granting
 * {@link Decision} grant, and one that throws ends in a 500. One that throws an {@link UnavailableError}, or does not answer
 * within the option `callbackTimeoutSeconds`, ends in a 503.
 *
 * @typeParam Claims - What the schema in the option `claims` makes of the claims.
 * @typeParam Asked - What it asks of the request. That requests are so where it is mounted is for whoever mounts it to see to.
 */
export interface Policy<Claims = JsonObject, Asked = unknown extends Claims ? unknown : PolicyRequest> {
  (auth: Auth<Claims>, request: Asked, context: PolicyContext): Answer | PromiseLike<Answer>
  /** The scopes that it asks for, so that a composed policy can name them all before it has run them all. */
  readonly scopes?: readonly string[]
  /** What it asks for, in one short line of plain words: `scope orders:read`. A function of yours has its name instead. */
  readonly description?: string
}

type Answer = Decision | boolean

/** What a policy is asked about. */
export type Facts<Claims = never, Asked = never> = Parameters<Policy<Claims, Asked>>

export const grant: Grant = Object.freeze({ granted: true })

/**
 * Runs a policy and settles what it answers: anything that does not clearly grant denies. The decision comes at once when
 * the policy answers at once.
 */
export function decide<Claims, Asked>(
  policy: Policy<Claims, Asked>,
  ...facts: Facts<Claims, NoInfer<Asked>>
): Eventual<Decision> {
  const answer: unknown = policy(...facts)
  // By far the most of all.
  if (answer === grant || answer === true) return grant
  const deadline = ours.has(policy) ? undefined : deadlineOf(facts[2])
  return takeAnswer(answer, { read: settle, deadline })
}

/** Policies of this library give a deadline of its own to each answer that they wait for. */
const ours = new WeakSet<Policy<never, never>>()

/** How long a function that decides may take to answer. */
export function deadlineOf({ callbackTimeoutSeconds: seconds }: PolicyContext): Deadline {
  const late = (): Error => {
    const detail = `a policy did not answer within ${String(seconds)} s`
    return new UnavailableError('policy_unavailable', { detail, retryAfterSeconds: RETRY_SECONDS })
  }
  return { seconds, late }
}

/**
 * Reads an answer, each member once and by its type, into a decision of ours: callers from JavaScript may return anything,
 * and the object may be another request's answer as well.
 */
function settle(answer: unknown): Decision {
  if (answer === true) return grant
  if (answer === false) return plainDenial
  if (typeof answer !== 'object' || answer === null || !('granted' in answer)) return unclearDenial
  // Whatever is in there is unknown, and may be missing.
  const { granted, code, detail, scopes, acrValues, maxAgeSeconds, undecided, isHidden } = answer as Partial<
    Record<keyof Denial, unknown>
  >
  if (granted === true) return grant
  if (granted !== false) return unclearDenial
  return {
    granted,
    code: DENIAL_CODES.find((known) => known === code) ?? 'access_denied',
    detail: typeof detail === 'string' ? detail : plainDenial.detail,
    scopes: readTexts(scopes),
    acrValues: readTexts(acrValues),
    maxAgeSeconds: readWholeNumber(maxAgeSeconds),
    undecided: isUnclear(undecided),
    isHidden: isHidden === true || undefined,
  }
}

/** Whatever stands there, but for a plain no: in doubt neither a policy nor its `not` grants. */
function isUnclear(undecided: unknown): true | undefined {
  return undecided === undefined || undecided === false ? undefined : true
}

/** What a challenge can say: texts of another form would not stand in its header. */
function readTexts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const texts: readonly unknown[] = [...(value as readonly unknown[])]
  return texts.every(isText) ? texts : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && isScopeToken(value)
}

function readWholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

const DENIAL_CODES = [
  'insufficient_scope',
  'access_denied',
  'insufficient_user_authentication',
  'bound_token_required',
] as const satisfies readonly ReasonCode[]
const RETRY_SECONDS = 5

const plainDenial = deny('a predicate said no')
const unclearDenial = denyUndecided('a policy answered neither yes nor no')

/** A denial that no other token would change. */
export function deny(detail: string): Denial {
  return Object.freeze({ granted: false, code: 'access_denied', detail })
}

/** A denial for want of knowledge: neither a policy nor its `not` may grant by what cannot be told. */
export function denyUndecided(detail: string): Denial {
  return Object.freeze({ granted: false, code: 'access_denied', detail, undecided: true })
}

/** What can be said of a policy without running it. */
export interface PolicyFacts {
  readonly description: string
  readonly scopes?: readonly string[]
}

/** Gives a policy of this library what can be said of it without running it. */
export function definePolicy<Claims, Asked>(
  { description, scopes = [] }: PolicyFacts,
  policy: Policy<Claims, Asked>,
): Policy<Claims, Asked> {
  ours.add(policy)
  return Object.assign(policy, {
    description: description.replaceAll(/\s+/g, ' '),
    ...(scopes.length > 0 && { scopes: Object.freeze([...new Set(scopes)]) }),
  })
}

/** Says in one line what a policy asks for: its description, or the name of the function. */
export function describePolicy({ description, name }: Policy<never, never>): string {
  return description ?? (name === '' ? 'a predicate' : name)
}
