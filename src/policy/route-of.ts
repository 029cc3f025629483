import type { Policy } from './decision.js'

const routes = new WeakMap<Policy<never, never>, string>()

/** Says of a policy for which route it was made: the path of a row of a table. */
export function noteRoute<Claims, Asked>(policy: Policy<Claims, Asked>, route: string): Policy<Claims, Asked> {
  routes.set(policy, route)
  return policy
}

/** Finds the route for which a policy was made, if it was for one. */
export function routeOf(policy: Policy<never, never>): string | undefined {
  return routes.get(policy)
}
