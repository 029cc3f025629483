import { jest } from '@jest/globals'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import {
  allOf,
  anyOf,
  createResourceServer,
  requireAuth,
  requirePolicy,
  UnavailableError,
  type OnError,
  type Policy,
  type RequireAuthOptions,
} from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { callApp } from '../kit/in-process.js'
import { settle } from '../kit/settle.js'

let issuer: TestIssuer

beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const ok: RequestHandler = (_req, res) => {
  res.json({ reached: true })
}

function appWith(...handlers: RequestHandler[]): Express {
  const app = express()
  app.use(...handlers)
  app.get('/', ok)
  return app
}

/** Ends what comes to `next` as an error. */
function endWith(note: (error: unknown) => void): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  return (error, _req, res, next) => {
    note(error)
    if (res.headersSent) return
    if (!(error instanceof Error)) next()
    else if (res.statusCode === 200) res.status(500).end()
    else res.end()
  }
}

const send = async (app: Express, token?: string) =>
  token === undefined ? request(app).get('/') : request(app).get('/').set('Authorization', `Bearer ${token}`)

const expired = { status: 401, code: 'token_expired' }

describe('a verdict goes by the time after the last wait: the token expires', () => {
  const passing = () => {
    issuer.advance(400)
    return Promise.resolve()
  }
  const schema = (validate: (value: unknown) => unknown) =>
    ({ '~standard': { version: 1, vendor: 'test', validate } }) as NonNullable<RequireAuthOptions['claims']>

  it.each<[name: string, options: () => RequireAuthOptions, guard?: Policy]>([
    ['while the issuer resolver is asked', () => ({ issuer: (iss) => passing().then(() => ({ issuer: iss })) })],
    [
      'while its key is fetched',
      () => ({ fetch: (url, init) => passing().then(() => issuer.options.fetch(url, init)) }),
    ],
    ['while the schema is asked', () => ({ claims: schema((value) => passing().then(() => ({ value }))) })],
    ['while a policy is asked', () => ({}), () => passing().then(() => true)],
    [
      'while a policy is asked, the first of several',
      () => ({}),
      allOf(
        () => passing().then(() => true),
        () => true,
      ),
    ],
  ])('%s', async (_name, options, guard = () => true) => {
    const app = appWith(requireAuth({ ...issuer.options, ...options() }), requirePolicy(guard))
    const response = await send(app, await issuer.accessToken())
    expect([response.status, (response.body as { code?: string }).code]).toEqual([401, 'token_expired'])
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The access token has expired."',
    )
  })

  it.each(['resolver', 'schema'])('while the %s is asked about a token that is remembered', async (slow) => {
    let isSlow = false
    const wait = () => (isSlow ? passing() : Promise.resolve())
    const server = createResourceServer({
      ...issuer.options,
      verifiedTokenCache: { maxAgeSeconds: 3600 },
      ...(slow === 'resolver' && { issuer: (iss: string) => wait().then(() => ({ issuer: iss })) }),
      ...(slow === 'schema' && { claims: schema((value) => wait().then(() => ({ value }))) }),
    })
    const token = await issuer.accessToken({ exp: issuer.now() + 900 })
    for (let time = 0; time < 3; time++) await server.verifyToken(token)
    issuer.advance(601) // the resolver is asked again
    isSlow = true
    await expect(server.verifyToken(token)).rejects.toMatchObject(expired)
  })
})

describe('an answer is read once', () => {
  it('anyOf does not grant by what another request is told in the same object', async () => {
    const shared: { granted: boolean; code: 'access_denied'; detail: string } = {
      granted: false,
      code: 'access_denied',
      detail: 'reused',
    }
    const isAdmin: Policy = (auth) => {
      shared.granted = auth.roles.includes('admin')
      return shared
    }
    const slow: Policy = () =>
      new Promise((resolve) =>
        setImmediate(() =>
          setImmediate(() => {
            resolve(false)
          }),
        ),
      )
    const app = appWith(requireAuth(issuer.options), requirePolicy(anyOf(isAdmin, slow)))
    const [user, admin] = [await issuer.accessToken(), await issuer.accessToken({ roles: ['admin'] })]
    const statuses = async (tokens: readonly string[]) =>
      Promise.all(
        tokens.map(
          async (token) => (await callApp(app, { url: '/', headers: { authorization: `Bearer ${token}` } })).status,
        ),
      )
    await statuses([user, admin])
    await statuses([user, admin])
    expect(await statuses([user, admin, user, admin])).toEqual([403, 200, 403, 200])
  })

  it('and by its types: what no header can carry does not stand in a challenge', async () => {
    const odd =
      (more: object): Policy =>
      () =>
        ({ granted: false, code: 'insufficient_scope', ...more }) as never
    const headers = async (policy: Policy) => {
      const response = await send(
        appWith(requireAuth(issuer.options), requirePolicy(policy)),
        await issuer.accessToken(),
      )
      expect(response.status).toBe(403)
      return response.headers['www-authenticate']
    }
    const bare =
      'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs."'
    expect(await headers(odd({ scopes: ['a', 'b'] }))).toBe(`${bare}, scope="a b"`)
    for (const scopes of ['a', ['a"'], ['a', 1], ['a b'], ['\u00e9'], {}, [undefined]]) {
      expect(await headers(odd({ scopes }))).toBe(bare)
    }
    for (const maxAgeSeconds of [-1, 1.5, '1', {}]) expect(await headers(odd({ maxAgeSeconds }))).toBe(bare)
    expect(await headers(odd({ acrValues: ['a\n'] }))).toBe(bare)
  })

  it('what a resolver does to its answer later changes nothing', async () => {
    const audience = [issuer.audience]
    const server = createResourceServer({ ...issuer.options, issuer: (iss) => ({ issuer: iss, audience }) })
    await server.verifyToken(await issuer.accessToken())
    audience[0] = 'other'
    await expect(server.verifyToken(await issuer.accessToken())).resolves.toBeDefined()
    await expect(server.verifyToken(await issuer.accessToken({ aud: 'other' }))).rejects.toMatchObject({ status: 401 })
  })
})

describe('a policy that cannot tell', () => {
  it('may say so: an UnavailableError is 503, as a problem', async () => {
    const down: Policy = () => Promise.reject(new UnavailableError('policy_unavailable', { retryAfterSeconds: 7 }))
    const response = await send(appWith(requireAuth(issuer.options), requirePolicy(down)), await issuer.accessToken())
    expect([response.status, response.headers['retry-after'], response.headers['cache-control']]).toEqual([
      503,
      '7',
      'no-store',
    ])
    expect(response.headers['www-authenticate']).toBeUndefined()
    expect(JSON.parse(response.text)).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: 'Whether this is permitted cannot be decided at the moment. Try again later.',
      code: 'policy_unavailable',
    })
  })

  it('leaves the others of an anyOf their say', async () => {
    const down: Policy = () => Promise.reject(new UnavailableError('policy_unavailable', { retryAfterSeconds: 7 }))
    const app = appWith(requireAuth(issuer.options), requirePolicy(anyOf(down, () => true)))
    expect((await send(app, await issuer.accessToken())).status).toBe(200)
  })
})

describe('deadlines', () => {
  beforeEach(() => {
    // Timers alone: sockets and time itself go on.
    jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] })
  })

  afterEach(() => {
    jest.useRealTimers()
  })

  it.each([
    [5, undefined],
    [0.5, 0.5],
  ])('are %d seconds with the option %p', async (seconds, callbackTimeoutSeconds) => {
    const server = createResourceServer({
      ...issuer.options,
      callbackTimeoutSeconds,
      issuer: () => new Promise(() => undefined),
    })
    let ended = false
    const verdict = server.verifyToken(await issuer.accessToken()).finally(() => (ended = true))
    const refused = expect(verdict).rejects.toMatchObject({
      code: 'issuer_unavailable',
      detail: `the issuer resolver did not answer within ${String(seconds)} s`,
      retryAfterSeconds: 5,
    })
    await settle()
    jest.advanceTimersByTime(seconds * 1000 - 1)
    await settle()
    expect(ended).toBe(false)
    jest.advanceTimersByTime(1)
    await refused
    expect(jest.getTimerCount()).toBe(0)
  })

  it('are for each policy: one that hangs leaves the others of an anyOf their say', async () => {
    const never: Policy = () => new Promise(() => undefined)
    const later: Policy = () =>
      new Promise((resolve) =>
        setImmediate(() => {
          resolve(true)
        }),
      )
    const server = createResourceServer(issuer.options)
    await server.ready()
    const app = appWith(server.requireAuth(), server.requirePolicy(anyOf(never, later)))
    const answer = callApp(app, { url: '/', headers: { authorization: `Bearer ${await issuer.accessToken()}` } })
    while (jest.getTimerCount() === 0) await settle()
    await settle()
    jest.advanceTimersByTime(5000)
    expect((await answer).status).toBe(200)
  })
})

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('an async onError (%s)', (_name, create) => {
  async function passedOn(onError: OnError): Promise<{ status: number; errors: unknown[] }> {
    const errors: unknown[] = []
    const app = create()
    app.use(requireAuth({ ...issuer.options, onError }))
    app.use(endWith((error) => errors.push(error)))
    const { status } = await request(app).get('/')
    await settle()
    return { status, errors }
  }
  const failed = new Error('audit failed')
  const refusal = expect.objectContaining({ code: 'missing_token' }) as unknown

  it.each<[name: string, onError: OnError, errors: readonly unknown[]]>([
    ['that rejects brings its error to next', async () => Promise.reject(failed), [failed]],
    [
      'that rejects after it has answered brings its error to next',
      async (_error, _req, res) => {
        res.end()
        await Promise.reject(failed)
      },
      [failed],
    ],
    [
      'that has called next and rejects has brought what it called it with, once',
      async (_error, _req, _res, next) => {
        next()
        await Promise.reject(failed)
      },
      [refusal],
    ],
    [
      'that rejects with nothing brings the refusal to next',
      () => ({
        then: (_: unknown, reject: (reason?: unknown) => void) => {
          reject()
        },
      }),
      [refusal],
    ],
    ['that answers brings nothing to next', async (_error, _req, res) => Promise.resolve(res.end()), []],
    [
      'that calls next twice brings one error',
      async (_error, _req, _res, next) => {
        next(failed)
        next()
        await Promise.resolve()
      },
      [failed],
    ],
  ])('%s', async (_what, onError, errors) => {
    const found = await passedOn(onError)
    expect(found).toEqual({ status: 401, errors })
  })
})

describe('what is thrown after a wait goes to next', () => {
  it('by whatever hooks into the response', async () => {
    const app = express()
    app.use((_req, res, next) => {
      const end = res.end.bind(res)
      let isFirst = true
      res.end = ((...parts: []) => {
        if (isFirst) {
          isFirst = false
          throw new Error('a hook')
        }
        return end(...parts)
      }) as typeof res.end
      next()
    })
    app.use(requireAuth(issuer.options))
    const errors: unknown[] = []
    app.use(endWith((error) => errors.push((error as Error).message)))
    expect((await send(app, await issuer.idToken())).status).toBe(401)
    expect(errors).toEqual(['a hook'])
  })

  it('by next itself, as when nothing was waited for', async () => {
    const guard = requireAuth(issuer.options)
    const token = await issuer.accessToken()
    const calls: unknown[] = []
    const app = express()
    app.use((req, res, done) => {
      guard(req, res, (error?: unknown) => {
        calls.push((error as Error | undefined)?.message)
        if (error === undefined) throw new Error('thrown by next')
        done(error)
      })
    })
    app.use(endWith(() => undefined))
    expect((await send(app, token)).status).toBe(500)
    expect(calls).toEqual([undefined, 'thrown by next'])
  })
})

describe('what is no text', () => {
  it('is a malformed token, also one that is remembered as a text', async () => {
    const server = createResourceServer(issuer.options)
    const token = await issuer.accessToken()
    for (let time = 0; time < 3; time++) await server.verifyToken(token)
    const others = [
      Buffer.from(token),
      new TextEncoder().encode(token),
      [token],
      { toString: () => token },
      undefined,
      null,
      1n,
    ]
    for (const other of others) {
      await expect(server.verifyToken(other as never)).rejects.toMatchObject({ status: 401, code: 'malformed_token' })
      expect(await server.explainToken(other as never)).toMatchObject({ verdict: 'refused', code: 'malformed_token' })
    }
  })
})
