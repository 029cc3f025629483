import { ConfigurationError } from '../errors.js'
import { isPending, whenSettled, type Eventual } from '../lib/eventual.js'
import type { JsonObject } from '../lib/strict-json.js'
import { checkPolicy } from './check-policy.js'
import {
  decide,
  definePolicy,
  deny,
  denyUndecided,
  describePolicy,
  grant,
  type Decision,
  type Denial,
  type Facts,
  type Policy,
  type PolicyRequest,
} from './decision.js'
import { holdsScope } from './scope.js'

/**
 * Grants when every policy grants. They run in order and the first denial ends it, so that put cheap ones first; a denial
 * for want of scopes names the scopes of all of them, run or not, and so does one for want of a better sign-in, where the
 * token lacks some.
 *
 * One that throws, or cannot tell, never grants; a later one may still deny. Without such a denial, the throw counts.
 *
 * @example
 *   requirePolicy(allOf(scope('orders:refund'), role('clerk'), owner((req) => req.params['customer'])))
 *
 * @throws {ConfigurationError} At start-up, without policies.
 */
export function allOf<Claims = JsonObject, Asked = PolicyRequest>(
  ...policies: Policy<NoInfer<Claims>, NoInfer<Asked>>[]
): Policy<Claims, Asked>
export function allOf<Asked>(...policies: Policy<JsonObject, Asked>[]): Policy<JsonObject, Asked>
export function allOf<Claims, Asked>(...policies: Policy<Claims, Asked>[]): Policy<Claims, Asked>
export function allOf<Claims, Asked>(...policies: Policy<Claims, Asked>[]): Policy<Claims, Asked> {
  checkPolicies(policies, 'allOf')
  const combination: Combination<Claims, Asked> = {
    policies,
    settles: isDefiniteDenial,
    conclude(outcomes, facts) {
      const last = outcomes.at(-1)
      if (last !== undefined && isDefiniteDenial(last)) return nameAllScopes(last, outcomes.length - 1, policies, facts)
      throwIfBroken(outcomes)
      return outcomes.find(isDenial) ?? grant
    },
  }
  const description = `all of: ${listed(policies, ' & ')}`
  return definePolicy({ description, scopes: scopesOf(policies) }, (...facts) => runFrom([], facts, combination))
}

/**
 * Grants when at least one policy grants. They run in order and the first grant ends it. When all deny, the answer is one
 * that another token could change, if there is one: more scopes rather than another sign-in.
 *
 * One that throws, or cannot tell, never grants; another may. Where none does, the throw counts.
 *
 * @example
 *   requirePolicy(anyOf(role('staff'), owner((req) => req.params['customer'])))
 *
 * @throws {ConfigurationError} At start-up, without policies: an empty choice must not be "always".
 */
export function anyOf<Claims = JsonObject, Asked = PolicyRequest>(
  ...policies: Policy<NoInfer<Claims>, NoInfer<Asked>>[]
): Policy<Claims, Asked>
export function anyOf<Asked>(...policies: Policy<JsonObject, Asked>[]): Policy<JsonObject, Asked>
export function anyOf<Claims, Asked>(...policies: Policy<Claims, Asked>[]): Policy<Claims, Asked>
export function anyOf<Claims, Asked>(...policies: Policy<Claims, Asked>[]): Policy<Claims, Asked> {
  checkPolicies(policies, 'anyOf')
  const combination: Combination<Claims, Asked> = {
    policies,
    settles: isGrant,
    conclude(outcomes) {
      if (outcomes.some(isGrant)) return grant
      throwIfBroken(outcomes)
      return mostUseful(outcomes.filter(isDenial))
    },
  }
  const description = `any of: ${listed(policies, ' | ')}`
  return definePolicy({ description, scopes: scopesOf(policies) }, (...facts) => runFrom([], facts, combination))
}

/**
 * Grants when a policy denies. One that throws, or cannot tell, grants neither way. A denial comes without a challenge: it
 * is for what the token has, and no token with more would help.
 *
 * @example
 *   requirePolicy(allOf(scope('orders:read'), not(role('suspended'))))
 */
export function not<Claims = JsonObject, Asked = PolicyRequest>(policy: Policy<Claims, Asked>): Policy<Claims, Asked> {
  checkPolicies([policy], 'not')
  const denial = deny(`${describePolicy(policy)} must not grant and did`)
  const flip = (decision: Decision): Decision => {
    if (decision.granted) return denial
    return decision.undecided === true ? denyUndecided(decision.detail) : grant
  }
  return definePolicy({ description: `not ${listed([policy], '')}` }, (...facts) =>
    whenSettled(decide(policy, ...facts), flip),
  )
}

/** A policy that threw: neither a yes nor a no. */
interface Broken {
  readonly granted: undefined
  readonly error: unknown
}

type Outcome = Decision | Broken

interface Combination<Claims, Asked> {
  readonly policies: readonly Policy<Claims, Asked>[]
  /** Whether an outcome settles the verdict, whatever the policies after it say. */
  readonly settles: (outcome: Outcome) => boolean
  /** The decision, by the outcomes up to the one that settled it, or by all of them. */
  readonly conclude: (outcomes: readonly Outcome[], facts: Facts<Claims, Asked>) => Decision
}

/** Runs the policies that have no outcome yet, one after the other and at once as long as they answer at once. */
function runFrom<Claims, Asked>(
  outcomes: Outcome[],
  facts: Facts<Claims, Asked>,
  combination: Combination<Claims, Asked>,
): Eventual<Decision> {
  const { policies, settles, conclude } = combination
  for (let policy = policies[outcomes.length]; policy !== undefined; policy = policies[outcomes.length]) {
    const outcome = attempt(policy, facts)
    if (isPending(outcome)) {
      return outcome.then((settled) => {
        outcomes.push(settled)
        return settles(settled) ? conclude(outcomes, facts) : runFrom(outcomes, facts, combination)
      })
    }
    outcomes.push(outcome)
    if (settles(outcome)) break
  }
  return conclude(outcomes, facts)
}

function attempt<Claims, Asked>(policy: Policy<Claims, Asked>, facts: Facts<Claims, Asked>): Eventual<Outcome> {
  try {
    const decision = decide(policy, ...facts)
    return isPending(decision) ? decision.catch(asBroken) : decision
  } catch (error) {
    return asBroken(error)
  }
}

function asBroken(error: unknown): Broken {
  return { granted: undefined, error }
}

function throwIfBroken(outcomes: readonly Outcome[]): void {
  const broken = outcomes.find((outcome) => outcome.granted === undefined)
  // A policy may throw anything, and it is passed on as it was.
  if (broken !== undefined) throw broken.error
}

function isGrant(outcome: Outcome): boolean {
  return outcome.granted === true
}

function isDenial(outcome: Outcome): outcome is Denial {
  return outcome.granted === false
}

function isDefiniteDenial(outcome: Outcome): outcome is Denial {
  return outcome.granted === false && outcome.undecided !== true
}

/**
 * The challenge of one policy among several that must all grant: what it lacks itself, and the scopes that the others ask
 * for. A challenge for another sign-in names scopes only where the token lacks some (RFC 9470 §3).
 */
function nameAllScopes<Claims, Asked>(
  denial: Denial,
  position: number,
  policies: readonly Policy<Claims, Asked>[],
  [{ scopes: held }, , { scopeHierarchy }]: Facts<Claims, Asked>,
): Denial {
  if (denial.code === 'access_denied') return denial
  const scopes = unique(
    policies.flatMap((policy, index) => (index === position ? denial.scopes : undefined) ?? policy.scopes ?? []),
  )
  const lacksSome = scopes.some((one) => !holdsScope(held, one, scopeHierarchy))
  return denial.code === 'insufficient_scope' || lacksSome ? { ...denial, scopes } : denial
}

/** One denial for several, any of which would have been enough to grant. */
function mostUseful(denials: readonly Denial[]): Denial {
  const detail = denials.map((denial) => denial.detail).join('; or ')
  const undecided = denials.some((denial) => denial.undecided === true) || undefined
  const isHidden = denials.some((denial) => denial.isHidden === true) || undefined
  const lackScopes = denials.filter(({ code }) => code === 'insufficient_scope')
  if (lackScopes.length > 0) {
    const scopes = unique(lackScopes.flatMap((denial) => denial.scopes ?? []))
    return { granted: false, code: 'insufficient_scope', detail, scopes, undecided, isHidden }
  }
  // Another sign-in, or a token that is bound to a key: what a client can do something about.
  const remediable = denials.find(({ code }) => code !== 'access_denied')
  return { ...(remediable ?? deny(detail)), detail, undecided, isHidden }
}

/** `(scope orders:read) | (owner)` */
function listed(policies: readonly Policy<never, never>[], separator: string): string {
  return policies.map((policy) => `(${describePolicy(policy)})`).join(separator)
}

function scopesOf(policies: readonly Policy<never, never>[]): readonly string[] {
  return unique(policies.flatMap((policy) => policy.scopes ?? []))
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

function checkPolicies(policies: readonly unknown[], name: string): void {
  if (policies.length === 0) throw new ConfigurationError(`${name}() needs at least one policy.`)
  for (const policy of policies) checkPolicy(policy, name)
}
