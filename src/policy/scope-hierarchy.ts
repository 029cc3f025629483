/** Which scopes are as good as others. */
export interface ScopeHierarchy {
  /** Every scope that another one is said to imply. */
  readonly implied: readonly string[]
  /** Every scope that has what the one needed has, itself among them. A token with any of them will do. */
  satisfying(needed: string): ReadonlySet<string>
}

/** What each scope implies, and whether a scope that ends in `:*` does so too. */
export interface ScopeRules {
  readonly implies: Readonly<Record<string, readonly string[]>>
  readonly wildcards: boolean
}

const WILDCARD = ':*'

/**
 * Creates a hierarchy of scopes. What implies what is followed to the end: where `admin` implies `write` and `write`
 * implies `read`, `admin` does for `read`.
 *
 * A wildcard is a scope with one `*`, alone behind its last colon and with something before: `orders:*` implies
 * `orders:read` and `orders:items:read`, and neither `orders` nor `orders:`. `*` and `orders:*:read` imply nothing, and
 * nothing but itself implies a scope that holds a `*`.
 */
export function createScopeHierarchy({ implies, wildcards }: ScopeRules): ScopeHierarchy {
  const impliers = new Map<string, string[]>()
  for (const [holder, implied] of Object.entries(implies)) {
    for (const one of implied) impliers.set(one, [...(impliers.get(one) ?? []), holder])
  }
  return {
    implied: [...impliers.keys()],
    satisfying(needed) {
      const found = new Set([needed])
      // A set is walked in the order of insertion, what is added meanwhile included.
      for (const one of found) {
        for (const holder of impliers.get(one) ?? []) found.add(holder)
        if (wildcards) for (const wildcard of wildcardsFor(one)) found.add(wildcard)
      }
      return found
    },
  }
}

/** Finds a scope that implies itself by way of others. */
export function findCycle(implies: ScopeRules['implies']): string | undefined {
  const hierarchy = createScopeHierarchy({ implies, wildcards: false })
  return Object.entries(implies).find(([holder, implied]) =>
    implied.some((one) => hierarchy.satisfying(holder).has(one)),
  )?.[0]
}

/** `a:b:c` is implied by `a:*` and `a:b:*`. */
function wildcardsFor(scope: string): readonly string[] {
  if (scope.includes('*')) return []
  const parts = scope.split(':')
  if (parts.includes('')) return []
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(':') + WILDCARD)
}
