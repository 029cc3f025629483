import { expectTypeOf } from 'expect-type'
import type { input } from 'zod/mini'
import type {
  IssuerOptions,
  KeyOptions,
  ResourceServerOptions,
  ScopeHierarchyOptions,
} from '../../src/config/options.js'
import type { issuerSchema, optionsSchema } from '../../src/config/schema.js'
import type { RequireAuthOptions } from '../../src/express/options.js'

type Written = input<typeof optionsSchema>

/** These two are of the Express layer: the schema, which knows no Express, takes them for mere functions and objects. */
type ExpressOptions = 'failedAuthLimit' | 'onError'

// The compiler is the test: it fails `npm run types` when the documented interfaces and the schemas drift apart.
describe('the option interfaces and their schemas are equal', () => {
  test('for a resource server', () => {
    expectTypeOf<Omit<Written, ExpressOptions>>().toEqualTypeOf<Omit<ResourceServerOptions, ExpressOptions>>()
  })

  test('for an issuer', () => {
    expectTypeOf<input<typeof issuerSchema>>().toEqualTypeOf<IssuerOptions>()
  })

  test('for the keys', () => {
    expectTypeOf<NonNullable<Written['keys']>>().toEqualTypeOf<KeyOptions>()
  })

  test('for the scopes', () => {
    expectTypeOf<NonNullable<Written['scopeHierarchy']>>().toEqualTypeOf<ScopeHierarchyOptions>()
  })

  test('by name, those of Express included', () => {
    expectTypeOf<keyof Written>().toEqualTypeOf<keyof RequireAuthOptions>()
    expectTypeOf<Exclude<keyof RequireAuthOptions, keyof ResourceServerOptions>>().toEqualTypeOf<ExpressOptions>()
  })

  test('and what Express users may write fits the schema', () => {
    expectTypeOf<RequireAuthOptions['onError']>().toExtend<Written['onError']>()
    expectTypeOf<RequireAuthOptions>().toExtend<ResourceServerOptions>()
  })

  test('and none of them takes just anything', () => {
    expectTypeOf<{ audiance: string }>().not.toExtend<ResourceServerOptions>()
    expectTypeOf<{ clockToleranceSeconds: string }>().not.toExtend<ResourceServerOptions>()
    expectTypeOf<{ algorithms: ['none'] }>().not.toExtend<ResourceServerOptions>()
    expectTypeOf<{ audience: string }>().not.toExtend<IssuerOptions>()
  })
})
