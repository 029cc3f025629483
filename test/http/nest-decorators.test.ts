import 'reflect-metadata'
import { jest } from '@jest/globals'
import { Controller, Get, UseGuards, type Type } from '@nestjs/common'
import { scope, type Auth, type ResourceServer } from 'express-resource-server/core'
import {
  CurrentAuth,
  OptionalAuth,
  Public,
  Requires,
  RESOURCE_SERVER,
  ResourceServerGuard,
  ResourceServerModule,
  type ResourceServerModuleOptions,
} from 'express-resource-server/nest'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { decorate, start, stopAll, type Ask } from '../kit/nest.js'

let issuer: TestIssuer

beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

afterEach(stopAll)

const empty = () =>
  class {
    route() {
      return {}
    }
  }

/** A class that puts another function in the place of its method, in each instance. */
const rebinding = (replace: (self: { route: () => object }) => () => object) =>
  class {
    constructor() {
      this.route = replace(this)
    }

    route() {
      return {}
    }
  }

const startWith = (controller: Type, setUp?: ResourceServerModuleOptions): Promise<Ask> =>
  start('Express', { imports: [ResourceServerModule.forRoot(issuer.options, setUp)], controllers: [controller] })

/** A decorator of somebody else's, which puts a function of its own in the place of the method. */
const wrap: MethodDecorator = (_target, _name, descriptor) => {
  const wrapped: unknown = descriptor.value
  const wrapper = (...given: unknown[]): unknown =>
    typeof wrapped === 'function' ? Reflect.apply(wrapped, {}, given) : 0
  Object.defineProperty(descriptor, 'value', { ...descriptor, value: wrapper })
}

const a = scope('a')
const b = scope('b')

/** What a route answers to a request without a token, and to tokens of some scopes. */
const rows: readonly (readonly [
  what: string,
  create: () => Type,
  answers: Readonly<Record<'none' | 'bare' | 'a' | 'a b', number>>,
])[] = [
  ['a bare route', () => decorate(empty(), { route: [Get()] }), { none: 401, bare: 200, a: 200, 'a b': 200 }],
  [
    'what a method requires',
    () => decorate(empty(), { route: [Get(), Requires(a)] }),
    { none: 401, bare: 403, a: 200, 'a b': 200 },
  ],
  [
    'what a class requires',
    () => decorate(empty(), { route: [Get()] }, [Controller(), Requires(a)]),
    { none: 401, bare: 403, a: 200, 'a b': 200 },
  ],
  [
    'what class and method require',
    () => decorate(empty(), { route: [Get(), Requires(a)] }, [Controller(), Requires(b)]),
    { none: 401, bare: 403, a: 403, 'a b': 200 },
  ],
  [
    'two decorators on a method',
    () => decorate(empty(), { route: [Requires(a), Get(), Requires(b)] }),
    { none: 401, bare: 403, a: 403, 'a b': 200 },
  ],
  [
    'two policies of one decorator',
    () => decorate(empty(), { route: [Get(), Requires(a, b)] }),
    { none: 401, bare: 403, a: 403, 'a b': 200 },
  ],
  [
    'a public method',
    () => decorate(empty(), { route: [Get(), Public()] }),
    { none: 200, bare: 200, a: 200, 'a b': 200 },
  ],
  [
    'a public class',
    () => decorate(empty(), { route: [Get()] }, [Controller(), Public()]),
    { none: 200, bare: 200, a: 200, 'a b': 200 },
  ],
  [
    'a public method of a class that requires something',
    () => decorate(empty(), { route: [Get(), Public()] }, [Controller(), Requires(a)]),
    { none: 200, bare: 200, a: 200, 'a b': 200 },
  ],
  [
    'an optional method of a class that requires something',
    () => decorate(empty(), { route: [Get(), OptionalAuth()] }, [Controller(), Requires(a)]),
    { none: 200, bare: 200, a: 200, 'a b': 200 },
  ],
  [
    'an optional method that another decorator has wrapped',
    () => decorate(empty(), { route: [Get(), wrap, OptionalAuth()] }),
    { none: 401, bare: 200, a: 200, 'a b': 200 },
  ],
  [
    'a method of a public class that requires something',
    () => decorate(empty(), { route: [Get(), Requires(a)] }, [Controller(), Public()]),
    { none: 401, bare: 403, a: 200, 'a b': 200 },
  ],
  [
    'a method that another decorator has wrapped',
    () => decorate(empty(), { route: [Get(), wrap, Requires(a)] }),
    { none: 401, bare: 403, a: 200, 'a b': 200 },
  ],
  [
    'a method of a public class that another decorator has wrapped',
    () => decorate(empty(), { route: [Get(), wrap, Requires(a)] }, [Controller(), Public()]),
    { none: 401, bare: 403, a: 200, 'a b': 200 },
  ],
  [
    'a class that extends one that requires something',
    () =>
      decorate(class extends decorate(empty(), { route: [Get()] }, [Requires(a)]) {}, {}, [Controller(), Requires(b)]),
    { none: 401, bare: 403, a: 403, 'a b': 200 },
  ],
  [
    'a class that extends a public one, and requires something',
    () => decorate(class extends decorate(empty(), { route: [Get()] }, [Public()]) {}, {}, [Controller(), Requires(a)]),
    { none: 401, bare: 403, a: 200, 'a b': 200 },
  ],
  [
    'a method that takes the place of one which requires something',
    () =>
      decorate(
        class extends decorate(empty(), { route: [Requires(a)] }, []) {
          override route() {
            return {}
          }
        },
        { route: [Get()] },
      ),
    { none: 401, bare: 403, a: 200, 'a b': 200 },
  ],
  [
    'what a method requires that its class binds to itself',
    () =>
      decorate(
        rebinding((self) => self.route.bind(self)),
        { route: [Get(), Requires(a)] },
      ),
    { none: 401, bare: 403, a: 200, 'a b': 200 },
  ],
  [
    'its word where a method that requires something was replaced by a function without its name: an error',
    () =>
      decorate(
        rebinding(
          ({ route }) =>
            () =>
              route(),
        ),
        { route: [Get(), Requires(a)] },
      ),
    { none: 500, bare: 500, a: 500, 'a b': 500 },
  ],
  [
    'what a public class opens: not what another adds that extends it',
    () =>
      decorate(
        class extends decorate(
          class {
            base() {
              return {}
            }
          },
          { base: [Get('base')] },
          [Public()],
        ) {
          route() {
            return {}
          }
        },
        { route: [Get()] },
      ),
    { none: 401, bare: 200, a: 200, 'a b': 200 },
  ],
  [
    'what a public class opens, in a class that extends it',
    () => decorate(class extends decorate(empty(), { route: [Get()] }, [Public()]) {}, {}),
    { none: 200, bare: 200, a: 200, 'a b': 200 },
  ],
]

it.each(rows)('keeps to %s', async (_what, create, answers) => {
  const ask = await startWith(create())
  const seen = {
    none: (await ask('/')).status,
    bare: (await ask('/', await issuer.accessToken())).status,
    a: (await ask('/', await issuer.accessToken({ scope: 'a' }))).status,
    'a b': (await ask('/', await issuer.accessToken({ scope: 'a b' }))).status,
  }
  expect(seen).toEqual(answers)
})

it('stands only where it is put, when it is told to, and where something is required', async () => {
  class Orders {
    open() {
      return {}
    }
    used(auth: Auth) {
      return { for: auth.subject }
    }
    required() {
      return {}
    }
  }
  decorate(
    Orders,
    {
      open: [Get('open')],
      used: [Get('used'), UseGuards(ResourceServerGuard)],
      required: [Get('required'), Requires(a)],
    },
    [Controller()],
    { used: CurrentAuth() },
  )
  const ask = await startWith(Orders, { guardEveryRoute: false })
  expect((await ask('/open')).status).toBe(200)
  expect((await ask('/used')).status).toBe(401)
  expect((await ask('/used', await issuer.accessToken())).text).toBe('{"for":"user-1"}')
  expect((await ask('/required')).status).toBe(401)
  expect((await ask('/required', await issuer.accessToken())).status).toBe(403)
  expect((await ask('/required', await issuer.accessToken({ scope: 'a' }))).status).toBe(200)
})

it('asks a policy once for a request, though guards stand before it twice', async () => {
  let asked = 0
  const policy = (): boolean => {
    asked += 1
    return true
  }
  const ask = await startWith(decorate(empty(), { route: [Get(), Requires(policy)] }))
  const token = await issuer.accessToken()
  expect((await ask('/', token)).status).toBe(200)
  expect(asked).toBe(1)
  expect((await ask('/', token)).status).toBe(200)
  expect(asked).toBe(2)
})

it('looks at a bad token before an optional method of a public class, and where no guard stands but its own', async () => {
  const inPublic = decorate(empty(), { route: [Get(), OptionalAuth()] }, [Controller(), Public()])
  expect((await (await startWith(inPublic))('/', 'bad')).status).toBe(401)
  const ask = await startWith(decorate(empty(), { route: [Get(), OptionalAuth()] }), { guardEveryRoute: false })
  expect([(await ask('/')).status, (await ask('/', 'bad')).status]).toEqual([200, 401])
})

it('walks the methods of a class once, not for each request', async () => {
  const controller = decorate(empty(), { route: [Get(), Requires(a)] })
  const ask = await startWith(controller)
  const token = await issuer.accessToken({ scope: 'a' })
  const walked = jest.spyOn(Object, 'getOwnPropertyDescriptors')
  const walks = (): number => walked.mock.calls.filter(([of]) => of === controller.prototype).length
  await ask('/', token)
  const first = walks()
  await ask('/', token)
  expect([first > 0, walks()]).toEqual([true, first])
  walked.mockRestore()
})

it('does not start without its module', async () => {
  const controller = decorate(empty(), { route: [Get(), Requires(a)] })
  await expect(start('Express', { controllers: [controller] })).rejects.toThrow('RESOURCE_SERVER')
})

it('does not start with wrong options', async () => {
  const options = { ...issuer.options, audiense: 'x' }
  await expect(start('Express', { imports: [ResourceServerModule.forRoot(options)] })).rejects.toThrow('audiense')
})

it('takes options from other providers', async () => {
  class Settings {
    readonly name = 'settings'
  }
  const module = ResourceServerModule.forRootAsync({
    imports: [
      { module: Settings, providers: [{ provide: 'AUDIENCE', useValue: issuer.audience }], exports: ['AUDIENCE'] },
    ],
    inject: ['AUDIENCE'],
    useFactory: (audience: string) => Promise.resolve({ ...issuer.options, audience }),
  })
  const ask = await start('Express', { imports: [module], controllers: [decorate(empty(), { route: [Get()] })] })
  expect((await ask('/')).status).toBe(401)
  expect((await ask('/', await issuer.accessToken())).status).toBe(200)
})

it('hands out the resource server, and closes it with the application', async () => {
  const servers: ResourceServer[] = []
  await start('Express', { imports: [ResourceServerModule.forRoot(issuer.options)] }, (app) => {
    servers.push(app.get<ResourceServer>(RESOURCE_SERVER))
  })
  const [server] = servers
  if (server === undefined) throw new Error('There is no server.')
  expect(await server.verifyToken(await issuer.accessToken())).toMatchObject({ subject: 'user-1' })
  const closes = jest.spyOn(server, 'close')
  await stopAll()
  expect(closes).toHaveBeenCalledTimes(1)
})

it('refuses at start-up what cannot be meant', () => {
  expect(() => Requires()).toThrow('@Requires() takes at least one policy')
  expect(() => Requires('orders:read' as never)).toThrow('@Requires() takes a policy')
  const both = '@Public() and @Requires() stand in one place'
  expect(() => decorate(empty(), { route: [Public(), Requires(a)] })).toThrow(both)
  expect(() => decorate(empty(), { route: [Requires(a), Public()] })).toThrow(both)
  expect(() => decorate(empty(), {}, [Public(), Requires(a)])).toThrow(both)
  expect(() => decorate(empty(), {}, [Requires(a), Public()])).toThrow(both)
  const which = 'stand in one place: which is it?'
  for (const other of [Public(), Requires(a)]) {
    expect(() => decorate(empty(), { route: [OptionalAuth(), other] })).toThrow(which)
    expect(() => decorate(empty(), { route: [other, OptionalAuth()] })).toThrow(which)
  }
  expect(() => decorate(empty(), {}, [OptionalAuth() as never])).toThrow('@OptionalAuth() stands on methods')
})
