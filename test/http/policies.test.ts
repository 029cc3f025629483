import express, { type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import {
  actor,
  allOf,
  anyOf,
  appOnly,
  authorizationDetails,
  claim,
  client,
  delegated,
  getAuth,
  hidden,
  not,
  owner,
  permission,
  requireAnyScope,
  requireAuth,
  requirePolicy,
  requireScope,
  role,
  scope,
  stepUp,
  type RequireAuthOptions,
  type Policy,
} from 'express-resource-server'
import { createTestIssuer, type Changes, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { denied, lacksScope, needsStepUp, type Refusal } from '../kit/refusals.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

interface Row {
  readonly policy: string
  readonly guard: () => RequestHandler
  readonly options?: Partial<RequireAuthOptions>
  readonly granted: () => Changes
  readonly refused: () => Changes
  readonly refusal: Refusal
}

const mayRead = { type: 'customer_information', actions: ['read'], datatypes: ['contacts'] }
const hierarchy: Partial<RequireAuthOptions> = {
  scopeHierarchy: {
    implies: { 'shop:admin': ['orders:admin'], 'orders:admin': ['orders:read', 'orders:write'] },
    wildcards: true,
  },
}

const rows: readonly Row[] = [
  {
    policy: 'claim().equals: this value, and not an array that holds it',
    guard: () => requirePolicy(claim('tenant').equals('acme')),
    granted: () => ({ tenant: 'acme' }),
    refused: () => ({ tenant: ['acme'] }),
    refusal: denied,
  },
  {
    policy: 'claim().includes: an array, and not a text that has it somewhere',
    guard: () => requirePolicy(claim(['resource_access', 'my.client', 'roles']).includes('clerk')),
    granted: () => ({ resource_access: { 'my.client': { roles: ['user', 'clerk'] } } }),
    refused: () => ({ resource_access: { 'my.client': { roles: 'clerk' } } }),
    refusal: denied,
  },
  {
    policy: 'claim().oneOf: one of the values, each of its own type',
    guard: () => requirePolicy(claim('https://example.com/level').oneOf(1, 'two')),
    granted: () => ({ 'https://example.com/level': 'two' }),
    refused: () => ({ 'https://example.com/level': '1' }),
    refusal: denied,
  },
  {
    policy: 'claim().matches: what the predicate says true to',
    guard: () => requirePolicy(claim('age').matches((value) => typeof value === 'number' && value >= 18)),
    granted: () => ({ age: 18 }),
    refused: () => ({ age: '18' }),
    refusal: denied,
  },
  {
    policy: 'claim().matches: what is not a boolean grants neither way',
    guard: () =>
      requirePolicy(
        not(claim('age').matches(((value: unknown) => (value === 1 ? 'yes' : false)) as (value: unknown) => boolean)),
      ),
    granted: () => ({ age: 2 }),
    refused: () => ({ age: 1 }),
    refusal: denied,
  },
  {
    policy: 'permission: every one of them, and a scope is none',
    guard: () => requirePolicy(permission('orders:refund', 'orders:read')),
    granted: () => ({ permissions: ['orders:read', 'orders:refund'] }),
    refused: () => ({ permissions: ['orders:read'], scope: 'orders:refund' }),
    refusal: denied,
  },
  {
    policy: 'client: one of the list',
    guard: () => requirePolicy(client('nightly-export', 'warehouse')),
    granted: () => ({ client_id: 'warehouse' }),
    refused: () => ({ client_id: 'warehouse2' }),
    refusal: denied,
  },
  {
    policy: 'not(client): who is not named is not let in',
    guard: () => requirePolicy(not(client('legacy'))),
    granted: () => ({ client_id: 'modern' }),
    refused: () => ({ client_id: undefined }),
    refusal: denied,
  },
  {
    policy: 'not(owner): four eyes, and a token without a subject has none of them',
    guard: () => requirePolicy(not(owner((req) => req.params['id']))),
    granted: () => ({ sub: 'approver' }),
    refused: () => ({ sub: undefined }),
    refusal: denied,
  },
  {
    policy: 'owner: as a database says, later',
    guard: () => requirePolicy(owner((req) => Promise.resolve(req.params['id']))),
    granted: () => ({ sub: 'thing-1' }),
    refused: () => ({ sub: 'thing-2' }),
    refusal: denied,
  },
  {
    policy: 'not(owner): a database that knows no owner grants neither way',
    guard: () => requirePolicy(not(owner((req) => Promise.resolve(req.headers['x-owner'])))),
    granted: () => ({ sub: 'approver' }),
    refused: () => ({ sub: undefined }),
    refusal: denied,
  },
  {
    policy: 'not(owner): nor does a request without an owner',
    guard: () => requirePolicy(not(owner((req) => req.headers['x-owner']))),
    granted: () => ({ sub: 'approver' }),
    refused: () => ({ sub: 'ada' }),
    refusal: denied,
  },
  {
    policy: 'actor: the current one; those before it are history (RFC 8693 section 4.1)',
    guard: () => requirePolicy(actor('support-desk')),
    granted: () => ({ act: { sub: 'support-desk', act: { sub: 'gateway' } } }),
    refused: () => ({ act: { sub: 'gateway', act: { sub: 'support-desk' } } }),
    refusal: denied,
  },
  {
    policy: 'actor: a subject is that of the same issuer, unless said otherwise',
    guard: () => requirePolicy(actor('support-desk', { subject: 'desk', issuer: 'https://partner.example.net' })),
    granted: () => ({ act: { sub: 'desk', iss: 'https://partner.example.net' } }),
    refused: () => ({ act: { sub: 'support-desk', iss: 'https://partner.example.net' } }),
    refusal: denied,
  },
  {
    policy: 'actor: by its client, all of what is given',
    guard: () => requirePolicy(actor({ subject: 'desk', clientId: 'crm' })),
    granted: () => ({ act: { sub: 'desk', client_id: 'crm' } }),
    refused: () => ({ act: { sub: 'desk' } }),
    refusal: denied,
  },
  {
    policy: 'not(actor): nobody acts, and what cannot be read is not nobody',
    guard: () => requirePolicy(not(actor('support-desk'))),
    granted: () => ({}),
    refused: () => ({ act: 'support-desk' }),
    refusal: denied,
  },
  {
    policy: 'authorizationDetails: all of it in one entry (RFC 9396 section 2)',
    guard: () => requirePolicy(authorizationDetails(mayRead)),
    granted: () => ({
      authorization_details: [
        { type: 'account' },
        { ...mayRead, actions: ['write', 'read'], datatypes: ['photos', 'contacts'], extra: { any: 1 } },
      ],
    }),
    refused: () => ({
      authorization_details: [
        { ...mayRead, datatypes: ['photos'] },
        { ...mayRead, actions: ['write'] },
        { type: mayRead.type },
      ],
    }),
    refusal: denied,
  },
  {
    policy: 'authorizationDetails: locations, identifier and privileges likewise',
    guard: () =>
      requirePolicy(
        authorizationDetails({ type: 't', locations: ['https://a'], identifier: '1', privileges: ['admin'] }),
      ),
    granted: () => ({
      authorization_details: [{ type: 't', locations: ['https://a'], identifier: '1', privileges: ['admin'] }],
    }),
    refused: () => ({
      authorization_details: [{ type: 't', locations: ['https://a'], identifier: '2', privileges: ['admin'] }],
    }),
    refusal: denied,
  },
  {
    policy: 'authorizationDetails: one malformed entry spoils the claim',
    guard: () => requirePolicy(authorizationDetails({ type: 't' })),
    granted: () => ({ authorization_details: [{ type: 't' }, { type: 'u' }] }),
    refused: () => ({ authorization_details: [{ type: 't' }, { type: 'u', actions: 'read' }] }),
    refusal: denied,
  },
  {
    policy: 'not(authorizationDetails): malformed is not absent',
    guard: () => requirePolicy(not(authorizationDetails({ type: 't' }))),
    granted: () => ({}),
    refused: () => ({ authorization_details: { type: 'u' } }),
    refusal: denied,
  },
  {
    policy: 'delegated: a machine is no user',
    guard: () => requirePolicy(delegated()),
    granted: () => ({ auth_time: issuer.now() }),
    refused: () => ({ sub: 'client-1' }),
    refusal: denied,
  },
  {
    policy: 'appOnly: a user is no machine',
    guard: () => requirePolicy(appOnly()),
    granted: () => ({ sub: 'client-1' }),
    refused: () => ({ auth_time: issuer.now() }),
    refusal: denied,
  },
  {
    policy: 'scope: implied by way of others, and the challenge names the least that is needed',
    guard: () => requireScope('orders:read', 'orders:write'),
    options: hierarchy,
    granted: () => ({ scope: 'shop:admin' }),
    refused: () => ({ scope: 'orders:read' }),
    refusal: lacksScope('orders:read orders:write'),
  },
  {
    policy: 'scope: implied by a wildcard, which a star elsewhere is not',
    guard: () => requireScope('orders:read'),
    options: hierarchy,
    granted: () => ({ scope: 'orders:*' }),
    refused: () => ({ scope: '* orders:*:read orders* stock:* orders:**' }),
    refusal: lacksScope('orders:read'),
  },
  {
    policy: 'scope: one with a star in it is a name like any other',
    guard: () => requireScope('orders:items:*'),
    options: hierarchy,
    granted: () => ({ scope: 'orders:items:*' }),
    refused: () => ({ scope: 'orders:* orders:items:read' }),
    refusal: lacksScope('orders:items:*'),
  },
  {
    policy: 'scope: without the option nothing implies anything',
    guard: () => requireScope('orders:read'),
    granted: () => ({ scope: 'orders:read' }),
    refused: () => ({ scope: 'orders:* orders:admin shop:admin' }),
    refusal: lacksScope('orders:read'),
  },
  {
    policy: 'anyScope: by the hierarchy too',
    guard: () => requireAnyScope('orders:write', 'stock:read'),
    options: hierarchy,
    granted: () => ({ scope: 'shop:admin' }),
    refused: () => ({ scope: 'orders:read' }),
    refusal: lacksScope('orders:write stock:read'),
  },
  {
    policy: 'not(scope): what implies the scope is as bad, and no challenge asks for more of it',
    guard: () => requirePolicy(not(scope('orders:write'))),
    options: hierarchy,
    granted: () => ({ scope: 'orders:read' }),
    refused: () => ({ scope: 'shop:admin' }),
    refusal: denied,
  },
  {
    policy: 'not(scope) within allOf: the challenge is for the other scopes alone',
    guard: () => requirePolicy(allOf(not(scope('sandbox')), scope('a'), scope('b'))),
    granted: () => ({ scope: 'a b' }),
    refused: () => ({ scope: 'b' }),
    refusal: lacksScope('a b'),
  },
  {
    policy: 'anyOf: the challenge names no scope that would not have helped',
    guard: () => requirePolicy(anyOf(allOf(scope('orders:read'), role('clerk')), scope('orders:admin'))),
    granted: () => ({ scope: 'orders:admin' }),
    refused: () => ({ scope: 'orders:read' }),
    refusal: lacksScope('orders:admin'),
  },
  {
    policy: 'anyOf: more scopes rather than another sign-in',
    guard: () => requirePolicy(anyOf(stepUp({ acr: 'gold' }), role('clerk'), scope('a'))),
    granted: () => ({ roles: ['clerk'] }),
    refused: () => ({}),
    refusal: lacksScope('a'),
  },
  {
    policy: 'allOf: a challenge for another sign-in names the scopes that are lacking too (RFC 9470 section 3)',
    guard: () => requirePolicy(allOf(stepUp({ acr: 'mfa', maxAgeSeconds: 300 }), scope('refunds:write'), scope('a'))),
    granted: () => ({ scope: 'a refunds:write', acr: 'mfa', auth_time: issuer.now() }),
    refused: () => ({ scope: 'a' }),
    refusal: needsStepUp('scope="refunds:write a", acr_values="mfa", max_age="300"'),
  },
  ...(
    [
      ['amr: one of the methods will do', { amr: ['mfa', 'hwk'] }, { amr: ['pwd', 'mfa'] }, { amr: ['pwd'] }, ''],
      ['amr: one method, as a text', { amr: 'mfa' }, { amr: 'mfa' }, { amr: 'MFA' }, ''],
      ['amr: it must be there', { amr: 'mfa' }, { amr: ['mfa'] }, {}, ''],
      ['amr: a text holds no other', { amr: 'mfa' }, { amr: ['mfa'] }, { amr: 'pwd mfa' }, ''],
      [
        'amr and acr: both',
        { amr: 'mfa', acr: 'gold' },
        { amr: ['mfa'], acr: 'gold' },
        { acr: 'gold' },
        'acr_values="gold"',
      ],
    ] as const
  ).map(([policy, needed, granted, refused, parameters]) => ({
    policy: `stepUp, ${policy} (RFC 8176 section 2; no parameter of RFC 9470 asks for methods)`,
    guard: () => requirePolicy(stepUp(needed)),
    granted: () => granted,
    refused: () => refused,
    refusal: needsStepUp(parameters),
  })),
  {
    policy: 'allOf: and none where none is lacking',
    guard: () => requirePolicy(allOf(scope('refunds:write'), stepUp({ maxAgeSeconds: 300 }))),
    granted: () => ({ scope: 'refunds:write', auth_time: issuer.now() }),
    refused: () => ({ scope: 'refunds:write', auth_time: issuer.now() - 301 }),
    refusal: needsStepUp('max_age="300"'),
  },
]

const frameworks: readonly (readonly [string, () => Express])[] = [
  ['Express 5', express],
  ['Express 4', express4],
]

const appWith = (create: () => Express, options: RequireAuthOptions, guard: RequestHandler): Express => {
  const app = create()
  app.get('/:id', requireAuth(options), guard, (req, res) => {
    res.json({ scopes: getAuth(req).scopes })
  })
  return app
}

const get = async (app: Express, by: TestIssuer, claims: Changes) =>
  request(app)
    .get('/thing-1')
    .set('Authorization', `Bearer ${await by.accessToken(claims)}`)
    .set(claims['sub'] === 'approver' ? { 'X-Owner': 'somebody' } : {})

describe.each(frameworks)('%s', (_name, create) => {
  describe.each(rows)('$policy', ({ guard, options, granted, refused, refusal }) => {
    const app = () => appWith(create, { ...issuer.options, ...options }, guard())

    it('grants', async () => {
      const response = await get(app(), issuer, granted())
      expect(response.status).toBe(200)
      expect(response.headers['www-authenticate']).toBeUndefined()
    })

    it('refuses', async () => {
      const response = await get(app(), issuer, refused())
      expect([response.status, response.headers['www-authenticate']]).toEqual([refusal.status, refusal.challenge])
      expect(JSON.parse(response.text)).toMatchObject({ code: refusal.code, status: refusal.status })
    })

    it('asks nobody without a valid token for more than a token (RFC 9470 section 9)', async () => {
      const response = await get(app(), issuer, { ...granted(), aud: 'https://other' })
      expect(response.headers['www-authenticate']).toBe(
        'Bearer realm="api", error="invalid_token", error_description="The access token was issued for another audience."',
      )
      const anonymous = await request(app()).get('/thing-1')
      expect(anonymous.headers['www-authenticate']).toBe('Bearer realm="api"')
    })
  })
})

it('what a handler sees are the scopes of the token, whatever they imply', async () => {
  const app = appWith(express, { ...issuer.options, ...hierarchy }, requireScope('orders:read'))
  expect((await get(app, issuer, { scope: 'shop:admin' })).body).toEqual({ scopes: ['shop:admin'] })
})

describe('one policy behind two servers', () => {
  it('goes by the hierarchy of each', async () => {
    const guard = requireScope('orders:read')
    const strict = appWith(express, issuer.options, guard)
    const lenient = appWith(express, { ...issuer.options, ...hierarchy }, guard)
    for (const [app, status] of [
      [strict, 403],
      [lenient, 200],
      [strict, 403],
      [lenient, 200],
    ] as const) {
      expect((await get(app, issuer, { scope: 'shop:admin' })).status).toBe(status)
    }
  })
})

describe('the order of the arms of anyOf', () => {
  const arms = [scope('a'), scope('b'), role('clerk'), stepUp({ acr: 'gold' })]

  it.each([arms, arms.toReversed(), [...arms.slice(2), ...arms.slice(0, 2)]])('changes no code', async (...list) => {
    const response = await get(appWith(express, issuer.options, requirePolicy(anyOf(...list))), issuer, {})
    expect(JSON.parse(response.text)).toMatchObject({ status: 403, code: 'insufficient_scope' })
    expect(response.headers['www-authenticate']).toMatch(/, scope="(?:a b|b a)"$/)
  })
})

it('authorization details take work that is bounded by the size of a token', async () => {
  const app = appWith(express, issuer.options, requirePolicy(authorizationDetails({ type: 't', actions: ['z'] })))
  const many = Array.from({ length: 700 }, () => ({ type: 't' }))
  expect((await get(app, issuer, { authorization_details: many })).status).toBe(403)
  const deep = [{ type: 't', actions: Array.from({ length: 2000 }, () => 'a') }]
  expect((await get(app, issuer, { authorization_details: deep })).status).toBe(403)
})

describe('the time that a policy goes by', () => {
  /** Answers after a wait of two minutes, and says what the context told before and after it. */
  const slow = (own: TestIssuer, answer: boolean, told: number[] = []): Policy =>
    async function waits(_auth, _request, context) {
      told.push(context.now)
      await Promise.resolve()
      own.advance(120)
      told.push(context.now)
      return answer
    }
  const recent = stepUp({ maxAgeSeconds: 300 })

  it.each<[name: string, policy: (own: TestIssuer) => Policy]>([
    ['allOf', (own) => allOf(slow(own, true), recent)],
    ['anyOf', (own) => anyOf(slow(own, false), recent)],
    ['not', (own) => allOf(not(slow(own, false)), recent)],
    ['hidden', (own) => allOf(slow(own, true), hidden(recent))],
  ])('is that after the wait for the policy before it, in %s', async (name, policy) => {
    const own = await createTestIssuer({ algorithm: 'ES256' })
    const app = appWith(express, own.options, requirePolicy(policy(own)))
    const authTime = Math.floor(own.now()) - 200
    expect((await get(app, own, { auth_time: authTime })).status).toBe(name === 'hidden' ? 404 : 401)
    expect((await get(app, own, { auth_time: authTime + 200 })).status).toBe(200)
  })

  it('is told at each look', async () => {
    const own = await createTestIssuer({ algorithm: 'ES256' })
    const told: number[] = []
    const app = appWith(express, own.options, requirePolicy(slow(own, true, told)))
    expect((await get(app, own, {})).status).toBe(200)
    const [before = 0, after = 0] = told
    expect(after - before).toBeGreaterThanOrEqual(120)
  })
})
