import type { ScopeHierarchy } from './scope-hierarchy.js'

/** Adds to the scopes that a token carries those that they imply. */
export type EffectiveScopes = (held: readonly string[]) => readonly string[]

/**
 * Sets up what the scopes of a token come to, for whoever compares scopes and knows no hierarchy.
 *
 * A wildcard implies more than can be listed: it is of `known` and of what the hierarchy names.
 *
 * @param known - Scopes that somebody may ask for.
 */
export function createEffectiveScopes(
  hierarchy: ScopeHierarchy | undefined,
  known: readonly string[],
): EffectiveScopes {
  if (hierarchy === undefined) return (held) => held
  const impliers = [...new Set([...hierarchy.implied, ...known])].map(
    (name) => [name, hierarchy.satisfying(name)] as const,
  )
  return (held) => {
    const implied = impliers.filter(([, satisfying]) => held.some((one) => satisfying.has(one)))
    return [...new Set([...held, ...implied.map(([name]) => name)])]
  }
}
