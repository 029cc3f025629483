import { ConfigurationError } from '../errors.js'
import { decide, definePolicy, describePolicy, grant, type Denial, type Policy } from './decision.js'

/**
 * Grants when every policy grants. They run in order and the first denial ends it, so that put cheap ones first; a denial
 * for want of scopes names the scopes of all of them, run or not.
 *
 * @example
 *   requirePolicy(allOf(scope('orders:refund'), role('clerk'), owner((req) => req.params['customer'])))
 *
 * @throws {ConfigurationError} At start-up, without policies.
 */
export function allOf(...policies: Policy[]): Policy {
  checkPolicies(policies, 'allOf')
  const scopes = scopesOf(policies)
  return definePolicy({ description: `all of: ${listed(policies, ' & ')}`, scopes }, async (...facts) => {
    for (const policy of policies) {
      const decision = await decide(policy, ...facts)
      if (!decision.granted) return decision.code === 'insufficient_scope' ? { ...decision, scopes } : decision
    }
    return grant
  })
}

/**
 * Grants when at least one policy grants. They run in order and the first grant ends it. When all deny, the answer is one
 * that another token could change, if there is one.
 *
 * @example
 *   requirePolicy(anyOf(role('staff'), owner((req) => req.params['customer'])))
 *
 * @throws {ConfigurationError} At start-up, without policies: an empty choice must not be "always".
 */
export function anyOf(...policies: Policy[]): Policy {
  checkPolicies(policies, 'anyOf')
  const scopes = scopesOf(policies)
  return definePolicy({ description: `any of: ${listed(policies, ' | ')}`, scopes }, async (...facts) => {
    const denials: Denial[] = []
    for (const policy of policies) {
      const decision = await decide(policy, ...facts)
      if (decision.granted) return grant
      denials.push(decision)
    }
    const detail = denials.map((denial) => denial.detail).join('; or ')
    const remediable = denials.find(({ code }) => code !== 'access_denied')
    if (remediable === undefined) return { granted: false, code: 'access_denied', detail }
    return remediable.code === 'insufficient_scope' ? { ...remediable, detail, scopes } : { ...remediable, detail }
  })
}

/**
 * Grants when a policy denies. One that throws still ends in a 500.
 *
 * @example
 *   requirePolicy(allOf(scope('orders:read'), not(role('suspended'))))
 */
export function not(policy: Policy): Policy {
  checkPolicies([policy], 'not')
  const denial: Denial = { granted: false, code: 'access_denied', detail: 'a policy that must not grant did' }
  return definePolicy({ description: `not ${listed([policy], '')}` }, async (...facts) =>
    (await decide(policy, ...facts)).granted ? denial : grant,
  )
}

/** `(scope orders:read) | (owner)` */
function listed(policies: readonly Policy[], separator: string): string {
  return policies.map((policy) => `(${describePolicy(policy)})`).join(separator)
}

function scopesOf(policies: readonly Policy[]): readonly string[] {
  return [...new Set(policies.flatMap((policy) => policy.scopes ?? []))]
}

function checkPolicies(policies: readonly unknown[], name: string): void {
  if (policies.length === 0) throw new ConfigurationError(`${name}() needs at least one policy.`)
  if (!policies.every((policy) => typeof policy === 'function')) {
    throw new ConfigurationError(
      `${name}() takes policies: scope(...), role(...), or a function (auth, req) => boolean.`,
    )
  }
}
