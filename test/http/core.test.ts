import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type RequestListener } from 'node:http'
import { jest } from '@jest/globals'
import express from 'express'
import { createResourceServer as createExpressServer, requirePolicy } from 'express-resource-server'
import {
  allOf,
  AuthError,
  createResourceServer,
  hidden,
  owner,
  RefusalError,
  scope,
  stepUp,
  UnavailableError,
  type Auth,
  type HttpRequest,
  type Policy,
  type ResourceServer,
} from 'express-resource-server/core'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'

let issuer: TestIssuer

beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const orders = allOf(scope('orders:read'), stepUp({ acr: 'mfa' }))

const undecided = (): boolean => {
  throw new UnavailableError('policy_unavailable', { retryAfterSeconds: 7 })
}

type Options = TestIssuer['options'] & { readonly realm?: string }
type Asking = Policy<Auth['claims'], HttpRequest>

/** How an answer looks to a client. */
interface Seen {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | null>>
}

const NAMES = ['www-authenticate', 'cache-control', 'retry-after', 'content-type']

/** What a request is sent with: fields, in order, of which one may come twice. */
type Send = (authorization: readonly string[]) => Promise<Seen>

async function sendTo(listener: RequestListener, authorization: readonly string[]): Promise<Seen> {
  const sent = request(createServer(listener)).get('/orders')
  const { status, text, headers } = await (authorization.length === 0
    ? sent
    : sent.set('Authorization', authorization as unknown as string)) // superagent sends a list as several fields
  const fields = headers as Readonly<Record<string, string | undefined>>
  return { status, body: text, headers: Object.fromEntries(NAMES.map((name) => [name, fields[name] ?? null])) }
}

const doors: Readonly<Record<string, (options: Options, policy: Asking) => Send>> = {
  'the middleware': (options, policy) => {
    const app = express()
    const server = createExpressServer(options)
    app.use(server.requireAuth(), requirePolicy(policy), (_req, res) => {
      res.end('granted')
    })
    return (authorization) => sendTo(app, authorization)
  },
  'node:http': (options, policy) => {
    const server = createResourceServer(options)
    const listener: RequestListener = (req, res) => {
      void (async () => {
        try {
          const auth = await server.authenticate(req)
          const refusal = await server.authorize(auth, policy, req)
          if (refusal === undefined) res.end('granted')
          else refusal.send(res)
        } catch (error) {
          if (error instanceof RefusalError) error.send(res)
          else res.writeHead(500).end()
        }
      })()
    }
    return (authorization) => sendTo(listener, authorization)
  },
  'the web': (options, policy) => {
    const server = createResourceServer(options)
    return async (authorization) => {
      const headers = new Headers()
      for (const value of authorization) headers.append('Authorization', value)
      const response = await answer(server, policy, new Request('https://api.example.com/orders', { headers }))
      const fields = Object.fromEntries(NAMES.map((name) => [name, response.headers.get(name)]))
      return { status: response.status, body: await response.text(), headers: fields }
    }
  },
}

async function answer(server: ResourceServer, policy: Asking, request: Request): Promise<Response> {
  try {
    const auth = await server.authenticate(request)
    const refusal = await server.authorize(auth, policy, request)
    return refusal?.toResponse() ?? new Response('granted', { headers: { 'Content-Type': '' } })
  } catch (error) {
    if (error instanceof RefusalError) return error.toResponse()
    throw error
  }
}

describe('a request is answered alike, byte for byte, by every door', () => {
  type Row = readonly [title: string, status: number, policy: Asking, send: () => Promise<readonly string[]>]
  const bearer = async (claims: object): Promise<readonly string[]> => [
    `Bearer ${await issuer.accessToken({ ...claims })}`,
  ]
  const good = { scope: 'orders:read', acr: 'mfa' }

  test.each<Row>([
    ['without a token', 401, orders, () => Promise.resolve([])],
    ['with a bad one', 401, orders, () => Promise.resolve(['Bearer x.y.z'])],
    ['with another scheme', 401, orders, () => Promise.resolve(['Basic dXNlcjpwYXNz'])],
    ['with malformed credentials', 400, orders, () => Promise.resolve(['Bearer a b'])],
    ['with a good token twice', 400, orders, async () => [...(await bearer(good)), ...(await bearer(good))]],
    ['with another scheme beside it', 400, orders, async () => [...(await bearer(good)), 'Basic dXNlcjpwYXNz']],
    ['with another scheme before it', 400, orders, async () => ['Basic dXNlcjpwYXNz', ...(await bearer(good))]],
    ['with an expired token', 401, orders, () => bearer({ exp: 1 })],
    ['without the scope', 403, orders, () => bearer({ acr: 'mfa' })],
    ['without the sign-in', 401, orders, () => bearer({ scope: 'orders:read' })],
    ['that a policy forbids', 403, () => false, () => bearer(good)],
    ['of which a policy cannot tell', 503, undecided, () => bearer(good)],
    ['while no keys can be had', 503, orders, () => (issuer.goDown(), bearer(good))],
  ])('%s: %i', async (_title, status, policy, send) => {
    const authorization = await send()
    const [expected, ...others] = await Promise.all(
      Object.values(doors).map((open) => open({ ...issuer.options, realm: 'orders' }, policy)(authorization)),
    )
    expect(expected?.status).toBe(status)
    expect(expected?.headers['content-type']).toBe('application/problem+json')
    for (const seen of others) expect(seen).toEqual(expected)
  })

  test('that may: 200', async () => {
    const authorization = await bearer(good)
    for (const open of Object.values(doors)) {
      expect(await open(issuer.options, orders)(authorization)).toMatchObject({ status: 200, body: 'granted' })
    }
  })
})

const webRequest = (token?: string): Request =>
  new Request(
    'https://api.example.com/orders/1',
    token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } },
  )

describe('authorize', () => {
  it('answers nothing where the policy grants, and the error where it does not', async () => {
    const server = createResourceServer(issuer.options)
    const asked = webRequest(await issuer.accessToken({ scope: 'a' }))
    const auth = await server.authenticate(asked)
    expect(await server.authorize(auth, scope('a'), asked)).toBeUndefined()
    expect(await server.authorize(auth, scope('b'), asked)).toMatchObject({ code: 'insufficient_scope', status: 403 })
    expect(await server.authorize(auth, hidden(scope('b')), asked)).toMatchObject({ code: 'not_found', headers: {} })
  })

  it('shows the policy the request that it is given, typed as that', async () => {
    const server = createResourceServer(issuer.options)
    const asked = webRequest(await issuer.accessToken({ sub: '1' }))
    const auth = await server.authenticate(asked)
    const idOf = ({ url }: Request): string | undefined => new URL(url).pathname.split('/').at(-1)
    expect(await server.authorize(auth, owner(idOf), asked)).toBeUndefined()
    expect(await server.authorize(auth, (_auth, { url }) => url === asked.url, asked)).toBeUndefined()
    expect(await server.authorize(auth, allOf(scope('b'), owner(idOf)), asked)).toBeInstanceOf(AuthError)
  })

  it('goes by the time of the token after a wait', async () => {
    const server = createResourceServer(issuer.options)
    const asked = webRequest(await issuer.accessToken())
    const auth = await server.authenticate(asked)
    const slow = async (): Promise<boolean> => {
      await Promise.resolve()
      issuer.advance(7200)
      return true
    }
    expect(await server.authorize(auth, slow, asked)).toMatchObject({ code: 'token_expired', status: 401 })
  })

  it('goes by the time of the token also where nothing is waited for: what was held may have expired', async () => {
    const server = createResourceServer(issuer.options)
    const asked = webRequest(await issuer.accessToken({ scope: 'a' }))
    const auth = await server.authenticate(asked)
    issuer.advance(7200)
    for (const policy of [scope('a'), scope('b'), hidden(scope('b'))]) {
      expect(await server.authorize(auth, policy, asked)).toMatchObject({ code: 'token_expired', status: 401 })
    }
  })

  it('refuses an anonymous request', async () => {
    const server = createResourceServer(issuer.options)
    const auth = await server.authenticateIfPresented(webRequest())
    expect(auth).toBeUndefined()
    expect(await server.authorize(auth, () => true, webRequest())).toMatchObject({ code: 'missing_token' })
    await expect(server.authenticateIfPresented(webRequest('x'))).rejects.toThrow(AuthError)
  })

  it('takes a token that came some other way', async () => {
    const server = createResourceServer(issuer.options)
    const auth = await server.verifyToken(await issuer.accessToken({ scope: 'a' }))
    expect(await server.authorize(auth, scope('a'), webRequest())).toBeUndefined()
  })

  it('takes nothing that another server verified, that was copied or made up', async () => {
    const server = createResourceServer(issuer.options)
    const asked = webRequest(await issuer.accessToken({ scope: 'a' }))
    const foreign = await createResourceServer(issuer.options).authenticate(asked)
    const own = await server.authenticate(asked)
    for (const auth of [foreign, { ...own }, { scopes: ['a'] } as typeof own]) {
      await expect(server.authorize(auth, scope('a'), asked)).rejects.toThrow('authorize() takes what authenticate()')
    }
  })

  it('throws on what a policy throws', async () => {
    const server = createResourceServer(issuer.options)
    const asked = webRequest(await issuer.accessToken())
    const auth = await server.authenticate(asked)
    const broken = (): boolean => {
      throw new RangeError('broken')
    }
    await expect(server.authorize(auth, broken, asked)).rejects.toThrow(RangeError)
    await expect(server.authorize(auth, 'orders:read' as never, asked)).rejects.toThrow('authorize() takes a policy')
  })

  it('tells of every decision, with the request itself', async () => {
    const server = createResourceServer(issuer.options)
    const asked = webRequest(await issuer.accessToken({ scope: 'a' }))
    const heard: unknown[] = []
    const hear = (message: unknown, channel: string | symbol): void => {
      heard.push([String(channel).split(':')[1], (message as { request: unknown }).request === asked])
    }
    const names = ['token.accepted', 'access.granted', 'access.denied'].map((name) => `express-resource-server:${name}`)
    for (const name of names) subscribe(name, hear)
    const auth = await server.authenticate(asked)
    await server.authorize(auth, scope('a'), asked)
    await server.authorize(auth, scope('b'), asked)
    for (const name of names) unsubscribe(name, hear)
    expect(heard).toEqual([
      ['token.accepted', true],
      ['access.granted', true],
      ['access.denied', true],
    ])
  })
})

describe('the server of Express', () => {
  it('authenticates and authorizes, too, also what its middleware let through', async () => {
    const server = createExpressServer(issuer.options)
    const other = createExpressServer(issuer.options)
    const app = express()
    app.use(server.requireAuth(), (req, res, next) => {
      const auth = server.getAuth(req)
      Promise.all([
        server.authorize(auth, scope('a'), req),
        server.authorize(auth, scope('b'), req),
        server.authorize(undefined, scope('a'), req),
        other.authorize(auth, scope('a'), req).catch((error: unknown) => error),
        server.authorize({ ...auth }, scope('a'), req).catch((error: unknown) => error),
      ])
        .then((found) => res.json(found.map((one) => (one as { code?: string } | undefined)?.code ?? null)))
        .catch(next)
    })
    const response = await request(app)
      .get('/')
      .set('Authorization', `Bearer ${await issuer.accessToken({ scope: 'a' })}`)
    expect(response.body).toEqual([
      null,
      'insufficient_scope',
      'missing_token',
      'configuration_error',
      'configuration_error',
    ])
    expect((await server.authenticate(webRequest(await issuer.accessToken({ sub: 'x' })))).subject).toBe('x')
  })
})

describe('what is no request', () => {
  test.each<[name: string, value: unknown]>([
    ['nothing', undefined],
    ['a text', 'Bearer a'],
    ['an object without headers', {}],
    ["a framework's own, which has one in raw", { headers: { authorization: 'Bearer a' }, raw: {} }],
    ['headers that are no object', { headers: null, rawHeaders: [] }],
  ])('is an error of the program, never a grant: %s', async (_name, value) => {
    const server = createResourceServer(issuer.options)
    const asked = value as Request // what code without types may do
    const auth = await server.verifyToken(await issuer.accessToken())
    for (const attempt of [
      server.authenticate(asked),
      server.authenticateIfPresented(asked),
      server.authorize(auth, () => true, asked),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'configuration_error' })
    }
  })
})

describe('the options', () => {
  test.each(['onError', 'failedAuthLimit'])('of Express are refused by name: %s', (name) => {
    const options = { ...issuer.options, [name]: name === 'onError' ? () => undefined : {} }
    expect(() => createResourceServer(options)).toThrow(`The option "${name}" is for Express`)
  })

  it('are judged like those of Express otherwise', () => {
    expect(() => createResourceServer({ ...issuer.options, audiance: 'a' } as object)).toThrow(
      'Did you mean "audience"?',
    )
    expect(() => createResourceServer([] as object)).toThrow('The option object must be an object')
    expect(() => createResourceServer()).toThrow('No issuer.')
  })
})

describe('onExpiry', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] })
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  it('calls back when the token has expired, by the clock of the server, and after the grace', async () => {
    const server = createResourceServer(issuer.options)
    const auth = await server.verifyToken(await issuer.accessToken())
    const called: string[] = []
    server.onExpiry(auth, () => called.push('at once'))
    server.onExpiry(auth, () => called.push('later'), { graceSeconds: 60 })
    const cancel = server.onExpiry(auth, () => called.push('never'))
    cancel()
    expect(jest.getTimerCount()).toBe(1)
    const pass = (seconds: number): readonly string[] => {
      issuer.advance(seconds)
      jest.advanceTimersByTime(30_000)
      return called
    }
    expect(pass(auth.expiresAt - issuer.now() - 5)).toEqual([])
    expect(pass(6)).toEqual(['at once'])
    expect(pass(60)).toEqual(['at once', 'later'])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('is over when the server is closed', async () => {
    const server = createResourceServer(issuer.options)
    server.onExpiry(await server.verifyToken(await issuer.accessToken()), () => undefined)
    server.close()
    expect(jest.getTimerCount()).toBe(0)
  })

  it.each([-1, 3601, Number.NaN, '5'])('takes no grace of %p', async (graceSeconds) => {
    const server = createResourceServer(issuer.options)
    const auth = await server.verifyToken(await issuer.accessToken())
    const options = { graceSeconds: graceSeconds as number } // what code without types may do
    expect(() => server.onExpiry(auth, () => undefined, options)).toThrow('onExpiry() takes "graceSeconds"')
    expect(() => server.onExpiry({} as typeof auth, () => undefined)).toThrow('onExpiry() takes what authenticate()')
  })
})
