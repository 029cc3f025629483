import type { Request, Response as ExpressResponse } from 'express'
import {
  allOf,
  anyOf,
  claim,
  not,
  owner,
  requirePolicy,
  role,
  scope,
  type Policy,
  type RequireAuthOptions,
} from 'express-resource-server'
import type { TestIssuer } from 'express-resource-server/testing'
import { changing, type Answers, type Misbehaviour } from './misbehaviours.js'

/** What a caller gets when a function misbehaves, by the way in which it does. */
type Statuses = Readonly<Record<Misbehaviour, number>>

/** One function that users pass in. */
export interface ForeignCallback {
  readonly name: string
  readonly answers: (issuer: TestIssuer) => Answers
  /** @param call - Answers well or misbehaves; the options take what it says for the function's answer. */
  readonly options?: (call: () => never, issuer: TestIssuer) => Partial<RequireAuthOptions>
  readonly guard?: (call: () => never) => ReturnType<typeof requirePolicy>
  /** Of the request that meets the misbehaviour. Default: a good one. */
  readonly credentials?: 'none' | 'bad' | 'unmarked' | 'opaque'
  readonly statuses: Statuses
}

/** The statuses in the order of the table of misbehaviours. */
function statuses(
  never: number,
  rejects: number,
  throws: number,
  thenable: number,
  twice: number,
  changes: number,
  more: Partial<Statuses> = {},
): Statuses {
  return {
    'never settles': never,
    rejects,
    'rejects after the deadline': never,
    throws,
    'throws undefined': throws,
    'answers by a foreign thenable': thenable,
    'answers by a thenable that calls back twice': twice,
    'answers by a thenable that throws': rejects,
    'answers what changes': changes,
    ...more,
  }
}

const granted = (yes: boolean): Answers => ({
  good: yes,
  bad: !yes,
  changing: () => changing('granted', !yes, yes),
})

/** Whoever must answer at once is not waited for. */
const atOnce = (refused: number, thrown: number): Statuses =>
  statuses(refused, refused, thrown, refused, refused, refused)

const asked: Statuses = statuses(503, 500, 500, 200, 403, 403)

const policyIn = (name: string, wrap: (policy: Policy) => Policy, yes = true): ForeignCallback => ({
  name,
  answers: () => granted(yes),
  guard: (call) => requirePolicy(wrap(() => call())),
  statuses: asked,
})

const limited = (
  name: string,
  options: (call: () => never) => RequireAuthOptions['failedAuthLimit'],
): ForeignCallback => ({
  name,
  answers: () => ({
    good: { totalHits: 1, resetTime: undefined },
    bad: undefined,
    changing: () => changing('totalHits', 1, 99),
  }),
  options: (call) => ({ failedAuthLimit: { limit: 5, validate: false, ...options(call) } }),
  credentials: 'bad',
  // Whatever becomes of the count, the refusal stands.
  statuses: statuses(401, 401, 401, 401, 401, 401),
})

const basicOf = ({ clientId, clientAuthentication: { clientSecret } }: TestIssuer['introspection']): string =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`

const store = (call: () => never) => ({
  increment: () => call(),
  decrement: () => undefined,
  resetKey: () => undefined,
})

/** A response with a member of its own. */
const responseWith = (response: Response, members: object): unknown =>
  new Proxy(response, {
    get(target, name) {
      const source = Object.hasOwn(members, name) ? members : target
      const value: unknown = Reflect.get(source, name)
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value
    },
  })

export const callbacks: readonly ForeignCallback[] = [
  {
    name: 'the issuer resolver',
    answers: ({ issuer }) => ({
      good: { issuer },
      bad: undefined,
      changing: () => changing('issuer', 'https://evil.example', issuer),
    }),
    options: (call) => ({ issuer: () => call() }),
    statuses: statuses(503, 503, 503, 200, 401, 503),
  },
  {
    name: 'issuerOfOpaqueToken',
    answers: ({ issuer }) => ({
      good: issuer,
      bad: undefined,
      changing: () =>
        changing(
          'toString',
          () => 'https://evil.example',
          () => issuer,
        ),
    }),
    options: (call, { issuer, introspection }) => ({
      issuer: { issuer, introspection },
      issuerOfOpaqueToken: () => call(),
    }),
    credentials: 'opaque',
    statuses: statuses(503, 503, 503, 200, 401, 401),
  },
  {
    name: 'clientAuthentication.token',
    answers: () => ({
      good: 'a-token',
      bad: undefined,
      changing: () =>
        changing(
          'toString',
          () => 'a-token',
          () => 'b',
        ),
    }),
    options: (call, { issuer, introspection, options: { fetch } }) => ({
      issuer: {
        issuer,
        introspection: { ...introspection, clientAuthentication: { method: 'bearer', token: () => call() } },
      },
      // An issuer that takes that token, and no other.
      fetch: (url: string, init?: RequestInit) => {
        const isTaken = new Headers(init?.headers).get('authorization') === 'Bearer a-token'
        return fetch(url, isTaken ? { ...init, headers: { authorization: basicOf(introspection) } } : init)
      },
    }),
    credentials: 'opaque',
    statuses: statuses(503, 503, 503, 200, 503, 503),
  },
  {
    name: 'the schema in "claims"',
    answers: () => ({
      good: { value: { a: 1 } },
      bad: { issues: [{ message: 'no' }] },
      changing: () => changing('issues', [{ message: 'no' }], undefined, { value: {} }),
    }),
    options: (call) => ({ claims: { '~standard': { version: 1, vendor: 'test', validate: () => call() } } }),
    statuses: statuses(503, 500, 500, 200, 401, 401),
  },
  policyIn('a policy', (policy) => policy),
  policyIn('a policy within allOf', (policy) => allOf(policy, scope('a'))),
  policyIn('a policy within anyOf', (policy) => anyOf(role('nobody'), policy)),
  policyIn('a policy within not', (policy) => not(policy), false),
  policyIn('a policy within all of them', (policy) => allOf(scope('a'), anyOf(not(not(policy)), role('nobody')))),
  {
    name: 'the predicate of a claim',
    answers: () => granted(true),
    guard: (call) => requirePolicy(claim('sub').matches(() => call())),
    statuses: { ...atOnce(403, 500), 'answers by a thenable that throws': 403 },
  },
  {
    name: 'the negated predicate of a claim',
    answers: () => granted(false),
    guard: (call) => requirePolicy(not(claim('sub', () => call()))),
    statuses: { ...atOnce(403, 500), 'answers by a thenable that throws': 403 },
  },
  {
    name: 'owner()',
    answers: () => ({ good: 'user-1', bad: 'user-2', changing: () => ['user-1'] }),
    guard: (call) => requirePolicy(owner(() => call())),
    statuses: asked,
  },
  {
    name: 'isAccessToken',
    answers: () => granted(true),
    options: (call, { issuer }) => ({ issuer: { issuer, isAccessToken: () => call() } }),
    credentials: 'unmarked',
    statuses: atOnce(401, 401),
  },
  {
    name: 'onError',
    answers: () => ({ good: undefined, bad: undefined, changing: () => changing('then', undefined, undefined) }),
    options: (call) => ({
      onError: (_error: Error, _req: Request, res: ExpressResponse) => {
        const answer: unknown = call()
        // It answers, unless it is one that never does.
        const { then } = Object(answer) as { then?: unknown }
        if (!(answer instanceof Promise) && !String(then).includes('thrown by then')) res.end()
        return answer
      },
    }),
    credentials: 'none',
    statuses: statuses(401, 500, 500, 401, 401, 401, { 'throws undefined': 401 }),
  },
  {
    name: 'fetch',
    answers: ({ issuer }: TestIssuer): Answers => {
      const metadata = () => Response.json({ issuer, jwks_uri: new URL('/test-issuer/jwks', issuer).href })
      return {
        good: metadata(),
        bad: new Response(null, { status: 500 }),
        changing: () => responseWith(metadata(), changing('status', 500, 200)),
      }
    },
    options: (call, issuer) => ({
      fetch: (url: string, init: RequestInit) => {
        const answer: unknown = url.includes('.well-known') ? call() : passOn
        return answer === passOn ? issuer.options.fetch(url, init) : (answer as Promise<Response>)
      },
    }),
    statuses: statuses(503, 503, 503, 200, 503, 503),
  },
  {
    name: 'the body of a response',
    answers: () => ({
      good: { done: true },
      bad: { done: false, value: 'text' },
      changing: () => ({ done: false, value: {} }),
    }),
    options: (call, issuer) => ({
      fetch: async (url: string, init: RequestInit) => {
        const response = await issuer.options.fetch(url, init)
        const reader = response.body?.getReader()
        // One read more, by the function, before those of the body.
        let isFirst = url.includes('.well-known')
        const read = () => {
          const answer: unknown = isFirst ? call() : undefined
          isFirst = false
          return answer === undefined || answer === passOn ? reader?.read() : answer
        }
        const body = { getReader: () => ({ read, cancel: () => undefined }) }
        return responseWith(response, { body }) as Response
      },
    }),
    statuses: statuses(503, 503, 503, 503, 503, 503),
  },
  {
    name: 'clock',
    answers: () => ({ good: 0, bad: 0, changing: () => Number.NaN }),
    options: (call, issuer) => ({
      clock: () => {
        const answer: unknown = call()
        return answer === passOn ? issuer.options.clock() : (answer as number)
      },
    }),
    statuses: atOnce(500, 500),
  },
  limited('the store of failedAuthLimit', (call) => ({ store: store(call) })),
  limited('the keyGenerator of failedAuthLimit', (call) => ({ keyGenerator: () => call() })),
  limited('the skip of failedAuthLimit', (call) => ({ skip: () => call() })),
  limited('the limit of failedAuthLimit', (call) => ({ limit: () => call() })),
]

/** What stands for the good answer where only the callback itself knows it. */
export const passOn = Symbol('as it would be')
