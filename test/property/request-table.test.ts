import fc from 'fast-check'
import { createRequestTable } from '../../src/express/request-table.js'

interface Step {
  readonly kind: 'get' | 'set'
  readonly request: number
  readonly value: number
}

/** Requests with a list of their own, two that share one, one whose list is frozen, and two without any. */
function makeRequests(): readonly { readonly rawHeaders?: readonly string[] | undefined }[] {
  const shared = ['Host', 'api']
  return [
    { rawHeaders: ['Host', 'api'] },
    { rawHeaders: [] },
    { rawHeaders: shared },
    { rawHeaders: shared },
    { rawHeaders: Object.freeze(['Host', 'api']) },
    {},
    { rawHeaders: undefined },
  ]
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('get', 'set', 'set'),
  request: fc.nat(6),
  value: fc.nat(),
})

test('a table of requests does what a WeakMap does, beside another table', () => {
  let found = 0
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), step), { maxLength: 60 }), (steps) => {
      const requests = makeRequests()
      const tables = [createRequestTable<object, number>(), createRequestTable<object, number>()] as const
      const models = [new WeakMap<object, number>(), new WeakMap<object, number>()] as const
      for (const [isOther, { kind, request: index, value }] of steps) {
        const request = requests[index] ?? {}
        const at = isOther ? 1 : 0
        if (kind === 'set') {
          tables[at].set(request, value)
          models[at].set(request, value)
        }
        const seen = requests.map((one) => tables.map((table) => table.get(one)))
        expect(seen).toEqual(requests.map((one) => models.map((model) => model.get(one))))
        found += seen.flat().filter((one) => one !== undefined).length
      }
    }),
    { numRuns: 500 },
  )
  expect(found).toBeGreaterThan(1000)
})

test('what stands in a list shows nowhere', () => {
  const rawHeaders = ['Host', 'api']
  createRequestTable<object, object>().set({ rawHeaders }, { secret: true })
  expect(Reflect.ownKeys(rawHeaders)).toEqual(['0', '1', 'length'])
  expect(structuredClone(rawHeaders)).toEqual(['Host', 'api'])
  expect(JSON.stringify(rawHeaders)).toBe('["Host","api"]')
})

test('a copy of a request does not have the value of its original', () => {
  const table = createRequestTable<object, number>()
  const request = { rawHeaders: ['Host', 'api'] }
  table.set(request, 1)
  expect(table.get({ ...request })).toBeUndefined()
  expect(table.get(Object.create(request) as object)).toBeUndefined()
})
