import fc from 'fast-check'
import { createScopeHierarchy, findCycle, type ScopeRules } from '../../../src/policy/scope-hierarchy.js'

const satisfying = (needed: string, rules: Partial<ScopeRules>): readonly string[] =>
  [...createScopeHierarchy({ implies: {}, wildcards: false, ...rules }).satisfying(needed)].sort()

const implies = {
  'shop:admin': ['orders:admin', 'stock:read'],
  'orders:admin': ['orders:read', 'orders:write'],
  'orders:write': ['orders:read'],
}

describe('a hierarchy of scopes', () => {
  test.each<[string, readonly string[]]>([
    ['orders:read', ['orders:admin', 'orders:read', 'orders:write', 'shop:admin']],
    ['orders:write', ['orders:admin', 'orders:write', 'shop:admin']],
    ['stock:read', ['shop:admin', 'stock:read']],
    ['shop:admin', ['shop:admin']],
    ['Orders:read', ['Orders:read']],
    ['constructor', ['constructor']],
    ['__proto__', ['__proto__']],
  ])('finds all that has what %s has, step by step and never upwards', (needed, expected) => {
    expect(satisfying(needed, { implies })).toEqual(expected)
  })

  test('knows no wildcards unless told', () => {
    expect(satisfying('orders:read', {})).toEqual(['orders:read'])
  })

  test.each<[string, readonly string[]]>([
    ['orders:read', ['orders:*', 'orders:read']],
    ['orders:items:read', ['orders:*', 'orders:items:*', 'orders:items:read']],
    // Nothing but itself has what a scope with a star in it has.
    ['orders:*', ['orders:*']],
    ['orders:*:read', ['orders:*:read']],
    ['*', ['*']],
    // A wildcard stands for something behind its colon, and has something before.
    ['orders', ['orders']],
    ['orders:', ['orders:']],
    [':read', [':read']],
    ['orders::read', ['orders::read']],
    ['read', ['read']],
  ])('finds the wildcards for %s', (needed, expected) => {
    expect(satisfying(needed, { wildcards: true })).toEqual(expected)
  })

  test('goes on from what a wildcard implies', () => {
    const expected = ['orders:*', 'orders:admin', 'orders:read', 'orders:write', 'shop:*', 'shop:admin']
    expect(satisfying('orders:read', { implies, wildcards: true })).toEqual(expected)
  })

  test.each<[string, ScopeRules['implies']]>([
    ['of one', { a: ['a'] }],
    ['of two', { a: ['b'], b: ['a'] }],
    ['of three, behind a step that is in none', { z: ['a'], a: ['b'], b: ['c'], c: ['a'] }],
  ])('with a circle %s is found out', (_name, circle) => {
    expect(findCycle(circle)).toBe('a')
  })

  test('without a circle is not', () => {
    expect(findCycle(implies)).toBeUndefined()
  })

  test('agrees with a walk down from what is held, whatever implies what', () => {
    const name = fc.constantFrom('a', 'b', 'a:x', 'a:y', 'a:y:z', 'a:*', 'a:y:*', '*', 'b:*:c')
    const edges = fc.dictionary(name, fc.uniqueArray(name, { maxLength: 3 }), { maxKeys: 6, noNullPrototype: true })
    fc.assert(
      fc.property(edges, name, name, fc.boolean(), (graph, held, needed, wildcards) => {
        const reached = new Set<string>()
        const visit = (one: string): void => {
          if (reached.has(one)) return
          reached.add(one)
          const prefix = wildcards && /^[^*]+:\*$/.test(one) ? one.slice(0, -1) : undefined
          const covered =
            prefix === undefined ? [] : [...names].filter((other) => !other.includes('*') && other.startsWith(prefix))
          for (const next of [...(graph[one] ?? []), ...covered]) visit(next)
        }
        const names = new Set(['a', 'b', 'a:x', 'a:y', 'a:y:z'])
        visit(held)
        expect(satisfying(needed, { implies: graph, wildcards }).includes(held)).toBe(reached.has(needed))
      }),
      { numRuns: 2000 },
    )
  })
})
