import { type } from 'arktype'
import { expectTypeOf } from 'expect-type'
import {
  allOf,
  anyOf,
  createResourceServer,
  type getAuth,
  not,
  requirePolicy,
  role,
  scope,
  type Auth,
  type Policy,
  type RequireAuthOptions,
  type ResourceServer,
} from 'express-resource-server'
import type { Request } from 'express'
import * as v from 'valibot'
import { z } from 'zod'

const options = { issuer: 'https://login.example.com', audience: 'https://api.example.com' }
const request = {} as unknown as Request

/** What the schemas make of the claims: the tenant as it is, the plan in capitals, the level as a number. */
interface Expected {
  tenant: string
  level: number
}

const schemas = {
  zod: z.object({ tenant: z.string(), level: z.string().transform(Number) }),
  valibot: v.object({ tenant: v.string(), level: v.pipe(v.string(), v.transform(Number)) }),
  arktype: type({ tenant: 'string', level: 'string.numeric.parse' }),
}

const servers = {
  zod: createResourceServer({ ...options, claims: schemas.zod }),
  valibot: createResourceServer({ ...options, claims: schemas.valibot }),
  arktype: createResourceServer({ ...options, claims: schemas.arktype }),
}

// The compiler is the test: types are checked by `npm run types`. At run time nothing may be asked of a request.
describe('the types of claims', () => {
  test('are those that each library makes of them', () => {
    expectTypeOf<ReturnType<typeof servers.zod.getAuth>['claims']>().toEqualTypeOf<Expected>()
    expectTypeOf<ReturnType<typeof servers.valibot.getAuth>['claims']>().toEqualTypeOf<Expected>()
    expectTypeOf<ReturnType<typeof servers.arktype.getAuth>['claims']>().toEqualTypeOf<Expected>()
    expectTypeOf<Awaited<ReturnType<typeof servers.zod.verifyToken>>>().toEqualTypeOf<Auth<Expected>>()
  })

  test('are inferred in policies, alone and within others', () => {
    const { requirePolicy: require } = servers.zod
    require((auth) => auth.claims.level > 2)
    require(allOf(scope('a'), (auth) => auth.claims.tenant === 'acme'))
    require(
      anyOf(
        role('staff'),
        allOf(
          scope('a'),
          not((auth) => auth.claims.level === 1),
        ),
      ),
    )
    servers.valibot.requirePolicy(async (auth) => Promise.resolve(auth.claims.level.toFixed(1) === '1.0'))
    servers.arktype.requirePolicy(anyOf((auth) => auth.claims.tenant.startsWith('a'), scope('a')))
    // @ts-expect-error A number is no text.
    require((auth) => auth.claims.level === 'gold')
    // @ts-expect-error The schema has no such claim.
    require(allOf(scope('a'), (auth) => auth.claims.plan === 'pro'))
    expect(require).toBeInstanceOf(Function)
  })

  test('go with policies that are declared elsewhere', () => {
    const ofAcme: Policy<Expected> = (auth) => auth.claims.tenant === 'acme'
    const untyped: Policy = (auth) => auth.claims['tenant'] === 'acme'
    const mayRead = allOf(ofAcme, scope('orders:read'))
    expectTypeOf(mayRead).toEqualTypeOf<Policy<Expected>>()
    servers.zod.requirePolicy(mayRead)
    servers.zod.requirePolicy(untyped)
    servers.zod.requirePolicy(allOf(scope('a'), role('b')))
    expectTypeOf(allOf(scope('a'), untyped)).toEqualTypeOf<Policy>()
    const ofLevel: Policy<{ rank: Date }> = (auth) => auth.claims.rank.getTime() > 0
    // @ts-expect-error It goes by claims that this server does not have.
    servers.zod.requirePolicy(ofLevel)
    // @ts-expect-error Nothing is known of the claims of just any server.
    requirePolicy(ofAcme)
    expect(mayRead).toBeInstanceOf(Function)
  })

  test('are unknown values without a schema, and unknown where nobody knows whether there is one', () => {
    expectTypeOf(createResourceServer(options)).toEqualTypeOf<ResourceServer>()
    expectTypeOf<ReturnType<typeof getAuth>['claims']>().toEqualTypeOf<Readonly<Record<string, unknown>>>()
    const some: RequireAuthOptions = options
    expectTypeOf(createResourceServer(some)).toEqualTypeOf<ResourceServer<unknown>>()
    requirePolicy(allOf(scope('a'), (auth) => auth.claims['tenant'] === 'acme'))
    // @ts-expect-error Without a schema a claim is an unknown value.
    createResourceServer(options).requirePolicy((auth) => auth.claims['tenant'].length > 2)
    expect(() => servers.zod.getAuth(request)).toThrow('getAuth(req) needs an auth middleware before it')
  })
})
