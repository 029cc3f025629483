import express from 'express'
import {
  allOf,
  anyOf,
  anyScope,
  claim,
  not,
  optionalAuth,
  owner,
  requireAnyScope,
  requireAuth,
  requireClaim,
  requirePolicy,
  requireRole,
  requireScope,
  role,
  scope,
  type Policy,
} from 'express-resource-server'
import {
  attack,
  autoWorld,
  bearer,
  createWorld,
  family,
  http,
  strictWorld,
  threatTable,
  type Row,
  refusedAtStart,
} from './harness.js'
import { forge, goodClaims, NOW } from './tokens.js'

// A deadline for policies is in ../foreign-code.test.ts, a remembered token before a guard in state.test.ts.

const S = 'RFC 6749 3.3'
const read = { path: '/read' } as const
const I = { code: 'invalid_claims' } as const

/** A policy that does anything at all, from JavaScript. */
const policyOf = (run: () => unknown): Policy => run as unknown as Policy
const truthy: Readonly<Record<string, () => unknown>> = {
  'the text "false"': () => 'false',
  'the text "true"': () => 'true',
  'an object': () => ({}),
  'an array': () => [],
  one: () => 1,
  nothing: () => undefined,
  null: () => null,
  false: () => false,
  'a promise of a text': () => Promise.resolve('no'),
  'a promise of one': () => Promise.resolve(1),
  'a Boolean object': () => Object(true) as unknown,
  'a function': () => () => true,
  'granted "yes"': () => ({ granted: 'yes' }),
  'granted 1': () => ({ granted: 1 }),
  'granted false': () => ({ granted: false }),
  'an unknown code': () => ({ granted: false, code: 'access_denied', detail: 'x' }),
  'a symbol': () => Symbol('true'),
}
const thrown: Readonly<Record<string, () => unknown>> = {
  'an Error': () => new Error('the policy is broken'),
  nothing: () => undefined,
  'a text': () => 'route',
  'the text router': () => 'router',
  null: () => null,
  zero: () => 0,
  false: () => false,
  'an object with status 200': () => ({ status: 200, statusCode: 200 }),
  'an Error with status 200': () => Object.assign(new Error('x'), { status: 200, statusCode: 204 }),
  'an Error with status 302 and headers': () =>
    Object.assign(new Error('x'), { status: 302, headers: { location: '/' } }),
  'an object with getters that throw': () =>
    Object.defineProperty({}, 'message', {
      get: () => {
        throw new Error('bomb')
      },
    }),
}

const policies: Readonly<Record<string, Policy>> = {
  ...Object.fromEntries(
    Object.entries(truthy).map(([name, answer]) => [`/answers/${encodeURIComponent(name)}`, policyOf(answer)]),
  ),
  ...Object.fromEntries(
    Object.entries(thrown).flatMap(([name, reason]) => [
      [
        `/throws/${encodeURIComponent(name)}`,
        policyOf(() => {
          throw reason()
        }),
      ],
      [
        `/rejects/${encodeURIComponent(name)}`,
        policyOf(async () => {
          await Promise.resolve()
          throw reason()
        }),
      ],
      [
        `/not-throws/${encodeURIComponent(name)}`,
        not(
          policyOf(() => {
            throw reason()
          }),
        ),
      ],
      [
        `/anyof-throws/${encodeURIComponent(name)}`,
        anyOf(
          policyOf(() => {
            throw reason()
          }),
          () => false,
        ),
      ],
    ]),
  ),
  '/true': () => true,
  '/promise-true': () => Promise.resolve(true),
}

/** Guards on claims that look nearly right. */
const claimGuards = {
  '/claim/admin': requireClaim('group', 'admin'),
  '/claim/zero': requireClaim('level', 0),
  '/claim/one': requireClaim('level', 1),
  '/claim/true': requireClaim('flag', true),
  '/claim/nested': requireClaim('realm.roles', 'admin'),
  '/claim/inherited': requireClaim('toString', (value) => value !== undefined),
  '/claim/constructor': requireClaim('constructor.name', 'Object'),
  '/claim/length': requireClaim('group.length', 5),
  '/claim/truthy': requireClaim('group', (() => 'yes') as unknown as (value: unknown) => boolean),
  '/role/admin': requireRole('admin'),
  '/any-scope': requireAnyScope('orders:read', 'orders:write'),
  '/owner/:id': requirePolicy(owner((req) => req.params['id'])),
  '/scope/constructor': requireScope('constructor'),
  '/scope/__proto__': requireScope('__proto__'),
  '/scope/all': requirePolicy(allOf(scope('orders:read'), anyScope('orders:write'))),
  '/twice': express.Router().use(requireScope('orders:read'), requireScope('orders:write')),
} as const

const world = createWorld({
  options: { profile: 'auto' },
  before: ({ app, handler }, options) => {
    app.get('/optional', optionalAuth(options), handler)
    app.get('/optional-guarded', optionalAuth(options), requireScope('orders:read'), handler)
  },
  after: ({ app, handler }) => {
    for (const [path, policy] of Object.entries(policies)) app.get(path, requirePolicy(policy), handler)
    for (const [path, guard] of Object.entries(claimGuards)) app.get(path, guard, handler)
  },
})
const at = (path: string) => ({ path, world }) as const
const SCOPED = { world: autoWorld } as const

const rows: readonly Row[] = [
  attack(S, 'the scope itself', '200', () => forge(), read),
  ...[
    'orders:readall',
    'xorders:read',
    'orders:rea',
    'orders',
    'read',
    'ORDERS:READ',
    'Orders:Read',
    'orders:read.',
    'orders:read/x',
    '*',
    'orders:*',
    'orders:.*',
    '.*',
    'orders:',
    ':read',
    'orders:write',
    'order:read',
    'orders%3Aread',
    'orders:read%20x',
    'orders:read,orders:write',
    'orders:read+orders:write',
    'orders:read;',
    "'orders:read'",
    'orders:read\torders:write',
    'orders:read\norders:write',
    '\torders:read',
    'orders:read\r',
    'orders:read\u00a0orders:write',
    'orders:read\u3000x',
    'admin',
    'openid',
  ].flatMap((one) => [
    attack(S, `scope ${JSON.stringify(one)}`, '403s', () => forge({ scope: one }), read),
    attack(S, `scope ${JSON.stringify(one)} among others`, '403s', () => forge({ scope: `a ${one} b` }), read),
  ]),
  ...['\t', '\n', ',', '+', '%20', '\u00a0', '\u3000', ';', '|'].map((separator) =>
    attack(
      S,
      `${JSON.stringify(separator)} between the two scopes`,
      '403s',
      () => forge({ scope: `orders:read${separator}orders:write` }),
      { path: '/rw' },
    ),
  ),
  ...[
    'orders:read orders:write',
    'orders:write orders:read',
    ' orders:read  orders:write ',
    'x orders:write orders:read y',
    'orders:read orders:read orders:write',
  ].map((scopes) =>
    attack(S, `scope ${JSON.stringify(scopes)}`, '200', () => forge({ scope: scopes }), { path: '/rw' }),
  ),
  attack(S, 'no scope', '403s', () => forge({ scope: undefined }), read),
  attack(S, 'an empty scope', '403s', () => forge({ scope: '' }), read),
  attack(S, 'spaces as scope', '403s', () => forge({ scope: '   ' }), read),
  ...family(
    'scope',
    'RFC 8693 4.2',
    {
      null: null,
      number: 1,
      true: true,
      object: { 'orders:read': true },
      'arrays in an array': [['orders:read']],
      'an object in an array': [{ toString: 'orders:read' }],
      'a number in an array': ['orders:read', 1],
    },
    '401t',
    (one) => forge({ scope: one }),
    { ...read, ...I },
  ),
  // DEC-14: `auto` reads both claims, as text or array; when both are there and differ, the token is refused.
  ...family(
    'scopes',
    'our own rule',
    {
      'scope as an array': { scope: ['orders:read'] },
      'scp as an array': { scope: undefined, scp: ['orders:read'] },
      'scp as a text': { scope: undefined, scp: 'orders:read' },
      'both the same': { scp: ['orders:read'] },
    },
    '200',
    (claims) => forge(claims),
    { ...read, ...SCOPED },
  ),
  ...family(
    'scopes',
    'our own rule',
    {
      'scope and scp conflict': { scp: 'orders:write' },
      'scp holds more': { scp: ['orders:read', 'orders:write'] },
      'scp empty': { scp: [] },
      'scp null': { scp: null },
    },
    '401t',
    (claims) => forge(claims),
    { ...read, ...SCOPED, ...I },
  ),
  attack(
    'RFC 9068 2.2.3',
    'the strict profile reads no scp',
    '403s',
    () => forge({ scope: undefined, scp: ['orders:read'] }),
    read,
  ),
  attack(S, 'names of Object.prototype', '403s', () => forge({ scope: '__proto__ constructor hasOwnProperty' }), read),
  ...['constructor', '__proto__'].flatMap((one) => [
    attack(S, `a route that needs ${one}: the usual token`, '403s', () => forge(), {
      ...at(`/scope/${one}`),
    }),
    attack(
      S,
      `a route that needs ${one}: a token that has it`,
      '200',
      () => forge({ scope: one }),
      at(`/scope/${one}`),
    ),
  ]),
  ...['a"b', 'a\\b', 'a\u0007b', '\u00e9', '\u007f', '\u{1F600}'].map((one) =>
    attack(S, `scope ${JSON.stringify(one)}`, '401t', () => forge({ scope: `orders:read ${one}` }), {
      ...read,
      ...I,
    }),
  ),
  attack('RFC 6750 3.1', 'any of two: the challenge lists both', '403s', () => forge({ scope: 'x' }), {
    ...at('/any-scope'),
    also: ({ head }) => {
      expect(head).toContain('scope="orders:read orders:write"')
    },
  }),
  attack('RFC 6750 3.1', 'all of two: the challenge lists both, not what is missing', '403s', () => forge(), {
    path: '/rw',
    also: ({ head }) => {
      expect(head).toContain('scope="orders:read orders:write"')
    },
  }),
  attack('RFC 6750 3.1', 'a composed policy: the challenge lists all', '403s', () => forge({ scope: 'x' }), {
    ...at('/scope/all'),
    also: ({ head }) => {
      expect(head).toContain('scope="orders:read orders:write"')
    },
  }),
  attack('RFC 6750 3.1', 'any of two, one is there', '200', () => forge(), at('/any-scope')),
  attack('our own rule', 'a guard without auth middleware, with a good token', '500', () => forge(), {
    path: '/nomw',
  }),
  attack('our own rule', 'a guard without auth middleware, without a token', '500', () => '', {
    request: () => http('/nomw'),
  }),
  attack('our own rule', 'optionalAuth: no token', '200', () => '', {
    world,
    request: () => http('/optional'),
  }),
  attack('our own rule', 'optionalAuth: a good token', '200', () => forge(), at('/optional')),
  attack('our own rule', 'optionalAuth: a scheme that is not ours', '200', () => '', {
    world,
    request: () => http('/optional', ['Authorization: Basic dXNlcjpwYXNz']),
  }),
  ...family(
    'optionalAuth',
    'RFC 6750 3.1',
    {
      expired: { exp: NOW - 99, iat: NOW - 999 },
      'for another audience': { aud: 'x' },
      'of an unknown issuer': { iss: 'x' },
    },
    '401t',
    (claims) => forge(claims),
    at('/optional'),
  ),
  attack('RFC 6750 3.1', 'optionalAuth: letters', '401t', () => 'undefined', at('/optional')),
  attack('RFC 6750 3.1', 'optionalAuth: Bearer alone', '400r', () => '', {
    world,
    request: () => http('/optional', ['Authorization: Bearer']),
  }),
  attack('RFC 6750 3.1', 'optionalAuth: two headers', '400r', () => forge(), {
    world,
    request: (token) => http('/optional', [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`]),
  }),
  attack('our own rule', 'a guard behind optionalAuth, anonymous', '401n', () => '', {
    world,
    request: () => http('/optional-guarded'),
  }),
  attack('our own rule', 'a policy throws', '500', () => forge(), { path: '/pred-throw' }),
  ...Object.keys(thrown).flatMap((name) =>
    ['throws', 'rejects', 'not-throws', 'anyof-throws'].map((how) =>
      attack(
        'our own rule',
        `a policy ${how} ${name}`,
        '500',
        () => forge(),
        at(`/${how}/${encodeURIComponent(name)}`),
      ),
    ),
  ),
  ...Object.keys(truthy).map((name) =>
    attack(
      'our own rule',
      `a policy answers ${name}`,
      '403d',
      () => forge(),
      at(`/answers/${encodeURIComponent(name)}`),
    ),
  ),
  attack('our own rule', 'a policy answers true', '200', () => forge(), at('/true')),
  attack('our own rule', 'a policy promises true', '200', () => forge(), at('/promise-true')),
  ...(
    [
      ['/claim/admin', { group: 'admin' }, '200'],
      ['/claim/admin', { group: ['user', 'admin'] }, '200'],
      ['/claim/admin', { group: 'admins' }, '403d'],
      ['/claim/admin', { group: 'not-an-admin' }, '403d'],
      ['/claim/admin', { group: ['admins'] }, '403d'],
      ['/claim/admin', { group: [['admin']] }, '403d'],
      ['/claim/admin', { group: { admin: true } }, '403d'],
      ['/claim/admin', { group: 'ADMIN' }, '403d'],
      ['/claim/admin', { group: null }, '403d'],
      ['/claim/admin', {}, '403d'],
      ['/claim/zero', { level: 0 }, '200'],
      ['/claim/zero', { level: '0' }, '403d'],
      ['/claim/zero', { level: false }, '403d'],
      ['/claim/zero', { level: null }, '403d'],
      ['/claim/zero', { level: '' }, '403d'],
      ['/claim/zero', {}, '403d'],
      ['/claim/one', { level: '1' }, '403d'],
      ['/claim/one', { level: true }, '403d'],
      ['/claim/true', { flag: 'true' }, '403d'],
      ['/claim/true', { flag: 1 }, '403d'],
      ['/claim/true', { flag: true }, '200'],
      ['/claim/nested', { realm: { roles: ['admin'] } }, '200'],
      ['/claim/nested', { 'realm.roles': ['admin'] }, '403d'],
      ['/claim/nested', { realm: [{ roles: ['admin'] }] }, '403d'],
      ['/claim/nested', { realm: 'admin' }, '403d'],
      ['/claim/inherited', {}, '403d'],
      ['/claim/constructor', {}, '403d'],
      ['/claim/length', { group: 'admin' }, '403d'],
      ['/claim/truthy', { group: 'admin' }, '403d'],
      ['/role/admin', { roles: ['admin'] }, '200'],
      ['/role/admin', { roles: 'admin' }, '200'],
      ['/role/admin', { roles: 'admin user' }, '403d'],
      ['/role/admin', { roles: ['admins', 'Admin', ' admin'] }, '403d'],
      ['/role/admin', { roles: { admin: true } }, '403d'],
      ['/role/admin', { scope: 'admin' }, '403d'],
      [`/owner/${goodClaims.sub}`, {}, '200'],
      ['/owner/user-2-of-as1', {}, '403d'],
      [`/owner/${goodClaims.sub}?id=user-2-of-as1`, {}, '200'],
      [`/owner/user-2-of-as1?id=${goodClaims.sub}`, {}, '403d'],
      [`/owner/${goodClaims.sub.toUpperCase()}`, {}, '403d'],
      [`/owner/%75ser-1-of-as1`, {}, '200'],
      ['/owner/user-1-of-as1%00', {}, '403d'],
      ['/owner/undefined', { sub: undefined }, '403d'],
      ['/owner/', { sub: undefined }, '404'],
    ] as const
  ).map(([path, claims, outcome]) =>
    attack('our own rule', `${path} with ${JSON.stringify(claims)}`, outcome, () => forge(claims), at(path)),
  ),
  ...['/READ', '/read/', '/Read', '/read?x=1', '/read#x', '/read?access_token=x'].map((path) =>
    attack('RFC 9110 4.2.3', `${path} without the scope`, '403s', () => forge({ scope: 'x' }), { path }),
  ),
  ...['/%72ead', '//read', '/./read', '/x/../read', '/read%2F', '/read;x=1', '/read%00', '/rea%64%2f', '/read/.'].map(
    (path) =>
      attack('RFC 9110 4.2.3', `${path} without the scope is no route`, '404', () => forge({ scope: 'x' }), {
        path,
      }),
  ),
  ...['/READ', '/read/', '//read', '/./read', '/read%2F', '/read;x=1', '/nowhere', '/%'].map((path) =>
    attack('RFC 9110 15.5.2', `${path} without a token`, '401n', () => '', { request: () => http(path) }),
  ),
  attack('RFC 9110 9.1', 'a method override does not change the route', '403s', () => forge({ scope: 'x' }), {
    request: (token) =>
      http('/read?_method=HEAD', [
        `Authorization: Bearer ${token}`,
        'X-HTTP-Method-Override: OPTIONS',
        'X-HTTP-Method: OPTIONS',
      ]),
  }),
]

threatTable('scopes and policies', rows, strictWorld)

describe('guards that must not start (RFC 6749 3.3)', () => {
  const anything = (value: unknown) => value as string
  test.each<[string, () => unknown]>([
    ['requireScope()', () => requireScope()],
    ['requireScope("")', () => requireScope('')],
    ['requireScope([])', () => requireScope(anything([]))],
    ['requireScope(["a"])', () => requireScope(anything(['a']))],
    ['requireScope(undefined)', () => requireScope(anything(undefined))],
    ['requireScope(null)', () => requireScope(anything(null))],
    ['requireScope("a b")', () => requireScope('a b')],
    ['requireScope("a", "")', () => requireScope('a', '')],
    ['requireScope with a quote', () => requireScope('a"b')],
    ['requireScope with CRLF', () => requireScope('a\r\nX: 1')],
    ['requireScope with a letter beyond ASCII', () => requireScope('\u00e9')],
    ['requireAnyScope()', () => requireAnyScope()],
    ['requireAnyScope("a b")', () => requireAnyScope('a b')],
    ['requireRole()', () => requireRole()],
    ['requireRole("")', () => requireRole('')],
    ['requireRole(["a"])', () => requireRole(anything(['a']))],
    ['role()', () => role()],
    ['allOf()', () => allOf()],
    ['anyOf()', () => anyOf()],
    ['anyOf([])', () => anyOf([] as unknown as Policy)],
    ['not(undefined)', () => not(undefined as unknown as Policy)],
    ['claim("", 1)', () => claim('', 1)],
    ['claim([], 1)', () => claim([], 1)],
    ['claim("a..b", 1)', () => claim('a..b', 1)],
    ['claim("a", undefined)', () => claim('a', undefined as unknown as string)],
    ['claim("a", null)', () => claim('a', null as unknown as string)],
    ['claim("a", NaN), which equals nothing', () => claim('a', Number.NaN)],
    ['requirePolicy(true)', () => requirePolicy(true as unknown as Policy)],
    ['requirePolicy(undefined)', () => requirePolicy(undefined as unknown as Policy)],
    ['owner(undefined)', () => owner(undefined as unknown as () => string)],
    [
      'requireAuth mounted without a call',
      () => (requireAuth as unknown as (req: object) => unknown)({ rawHeaders: [], socket: {} }),
    ],
  ])('%s', (_what, make) => {
    expect(make).toThrow(refusedAtStart)
  })

  test('good ones start', () => {
    expect(() => [requireScope('a', 'b'), requireAnyScope('a'), requireRole('a b'), anyOf(() => true)]).not.toThrow()
  })
})

describe('a policy that goes its own way', () => {
  test('one that answers after the client has gone ends quietly (RFC 9110 9.2)', async () => {
    let release: (() => void) | undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    let started: (() => void) | undefined
    const inside = new Promise<void>((resolve) => {
      started = resolve
    })
    const running = await createWorld({
      after: ({ app, handler }) => {
        app.get(
          '/slow',
          requirePolicy(async () => {
            started?.()
            await gate
            return false
          }),
          handler,
        )
      },
    }).start()
    const { connect } = await import('node:net')
    const socket = connect(running.port, '127.0.0.1')
    socket.write(bearer(forge(), '/slow'), 'latin1')
    await inside
    socket.destroy()
    release?.()
    expect((await running.send(bearer(forge()))).status).toBe(200)
    expect(running.hits).toBe(1)
  })
})
