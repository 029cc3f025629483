import { jest } from '@jest/globals'
import fc from 'fast-check'
import { allOf, anyOf, not, type Decision, type Policy } from 'express-resource-server'
import { decide, type Facts } from '../../src/policy/decision.js'
import { isPending } from '../../src/lib/eventual.js'

/** Beside yes and no: it could not be told, and it broke. Neither is a yes or a no, whichever way it is turned. */
type Verdict = 'yes' | 'no' | 'unclear' | 'broken'

type Tree =
  | { readonly kind: 'leaf'; readonly verdict: Verdict; readonly answer: unknown; readonly later: boolean }
  | { readonly kind: 'all' | 'any'; readonly arms: readonly Tree[] }
  | { readonly kind: 'not'; readonly arm: Tree }

const deny = (code: string, more: object = {}): object => ({ granted: false, code, detail: 'no', ...more })
const BROKEN = new Error('broken')

/** Everything that a policy may answer, and what it means. */
const answers: readonly (readonly [Verdict, unknown])[] = [
  ['yes', true],
  ['yes', { granted: true }],
  ['no', false],
  ['no', deny('access_denied')],
  ['no', deny('insufficient_scope', { scopes: ['a'] })],
  ['no', deny('insufficient_user_authentication', { acrValues: ['gold'] })],
  ['no', { granted: false }],
  ['no', deny('token_expired')],
  ['unclear', undefined],
  ['unclear', 'yes'],
  ['unclear', 1],
  ['unclear', { granted: 1 }],
  ['unclear', deny('access_denied', { undecided: true })],
  ['broken', BROKEN],
]

const leaf: fc.Arbitrary<Tree> = fc
  .record({ row: fc.constantFrom(...answers), later: fc.boolean() })
  .map(({ row: [verdict, answer], later }) => ({ kind: 'leaf', verdict, answer, later }))

const { tree } = fc.letrec<{ tree: Tree }>((tie) => {
  const arms = fc.array(tie('tree'), { minLength: 1, maxLength: 4 })
  return {
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({ kind: fc.constantFrom('all' as const, 'any' as const), arms }),
      fc.record({ kind: fc.constant('not' as const), arm: tie('tree') }),
    ),
  }
})
const trees = fc.array(tree, { minLength: 1, maxLength: 4 })

const nothing = {} as never
const facts: Facts = [
  { scopes: [] } as never,
  nothing,
  { scopeHierarchy: undefined, callbackTimeoutSeconds: 5 } as never,
]

/** Makes the policy of a tree; `ran` collects the leaves that were asked. */
function policyOf(one: Tree, ran: Tree[] = []): Policy {
  if (one.kind === 'not') return not(policyOf(one.arm, ran))
  if (one.kind !== 'leaf') return (one.kind === 'all' ? allOf : anyOf)(...one.arms.map((arm) => policyOf(arm, ran)))
  const { answer, verdict, later } = one
  return (() => {
    ran.push(one)
    if (verdict === 'broken' && !later) throw BROKEN
    if (verdict === 'broken') return Promise.reject(BROKEN)
    return later ? Promise.resolve(answer) : answer
  }) as unknown as Policy // what JavaScript may answer
}

/** What the tree means, by a table of its own (Kleene's strong logic, where what broke is stronger than what is unclear). */
function meaningOf(one: Tree): Verdict {
  if (one.kind === 'leaf') return one.verdict
  if (one.kind === 'not') {
    const verdict = meaningOf(one.arm)
    if (verdict === 'yes') return 'no'
    return verdict === 'no' ? 'yes' : verdict
  }
  const verdicts = one.arms.map(meaningOf)
  const order: readonly Verdict[] =
    one.kind === 'all' ? ['no', 'broken', 'unclear', 'yes'] : ['yes', 'broken', 'unclear', 'no']
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'broken'
}

async function verdictOf(policy: Policy): Promise<Verdict> {
  let decision: Decision
  try {
    decision = await decide(policy, ...facts)
  } catch (error) {
    expect(error).toBe(BROKEN)
    return 'broken'
  }
  if (decision.granted) return 'yes'
  expect(['access_denied', 'insufficient_scope', 'insufficient_user_authentication']).toContain(decision.code)
  return decision.undecided === true ? 'unclear' : 'no'
}

const isLate = (one: Tree): boolean => one.kind === 'leaf' && one.later

jest.setTimeout(60_000)

describe('the algebra of policies', () => {
  const check = (property: fc.IAsyncProperty<unknown>): Promise<void> => fc.assert(property, { numRuns: 1000 })

  it('means what its truth table says, for every tree of policies', () =>
    check(
      fc.asyncProperty(tree, async (one) => {
        expect(await verdictOf(policyOf(one))).toBe(meaningOf(one))
      }),
    ))

  it('holds to De Morgan, also where policies break or cannot tell', () =>
    check(
      fc.asyncProperty(trees, async (list) => {
        const arms = () => list.map((one) => policyOf(one))
        const negated = () => arms().map((arm) => not(arm))
        expect(await verdictOf(not(allOf(...arms())))).toBe(await verdictOf(anyOf(...negated())))
        expect(await verdictOf(not(anyOf(...arms())))).toBe(await verdictOf(allOf(...negated())))
        expect(await verdictOf(not(not(allOf(...arms()))))).toBe(await verdictOf(allOf(...arms())))
      }),
    ))

  it('comes to one verdict in any order', () =>
    check(
      fc.asyncProperty(
        trees.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        async ([list, shuffled]) => {
          for (const combine of [allOf, anyOf]) {
            const verdicts = [list, shuffled].map((some) => verdictOf(combine(...some.map((one) => policyOf(one)))))
            const [first, second] = await Promise.all(verdicts)
            expect(first).toBe(second)
          }
        },
      ),
    ))

  it('asks no further once the verdict stands, and everybody until then', () =>
    check(
      fc.asyncProperty(fc.array(leaf, { minLength: 1, maxLength: 5 }), async (list) => {
        for (const [kind, settling] of [
          ['all', 'no'],
          ['any', 'yes'],
        ] as const) {
          const ran: Tree[] = []
          await verdictOf(policyOf({ kind, arms: list }, ran))
          const settled = list.findIndex((one) => meaningOf(one) === settling)
          expect(ran).toEqual(settled === -1 ? list : list.slice(0, settled + 1))
        }
      }),
    ))

  it('answers at once unless somebody who was asked does not', () =>
    check(
      fc.asyncProperty(tree, async (one) => {
        const ran: Tree[] = []
        let decision: Decision | Promise<Decision> | undefined
        try {
          decision = decide(policyOf(one, ran), ...facts)
        } catch {
          // It broke at once.
        }
        const pending = isPending(decision)
        await Promise.resolve(decision).catch(() => undefined)
        expect(pending).toBe(ran.some(isLate))
      }),
    ))

  it('waits for one that never answers, and grants by it neither way', async () => {
    const never: Policy = () => new Promise(() => undefined)
    const yes: Policy = () => true
    let ended = 0
    const waiting = [
      never,
      not(never),
      allOf(yes, never),
      allOf(never, yes),
      anyOf(never, yes),
      anyOf(() => false, never),
    ]
    for (const policy of waiting) {
      Promise.resolve(decide(policy, ...facts)).then(
        () => ended++,
        () => ended++,
      )
    }
    await new Promise(setImmediate)
    expect(ended).toBe(0)
    // Whoever is asked before it may settle the verdict.
    expect(await verdictOf(anyOf(yes, never))).toBe('yes')
    expect(await verdictOf(allOf(() => false, never))).toBe('no')
  })
})
