import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import express, { type RequestHandler } from 'express'
import {
  createResourceServer,
  createRevocation,
  optionalAuth,
  requireAuth,
  requirePolicy,
  requireScope,
  requireStepUp,
  scope,
  type EventMessages,
  type RequireAuthOptions,
} from 'express-resource-server'
import { authorizeRoutes } from 'express-resource-server/routes'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { z } from 'zod'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import { athOf, createClientKey, createProof, ORIGIN } from '../kit/dpop.js'

const names = [
  'token.accepted',
  'token.refused',
  'token.undecided',
  'access.granted',
  'access.denied',
  'limit.reached',
  'keys.refreshed',
  'keys.failed',
] as const satisfies readonly (keyof EventMessages)[]

interface Heard {
  readonly name: string
  readonly message: object
}

/** Hears everything that is published while the work runs. */
async function listen(work: () => Promise<void>): Promise<readonly Heard[]> {
  const heard: Heard[] = []
  const hear = (message: unknown, channel: string | symbol): void => {
    heard.push({ name: String(channel).replace('express-resource-server:', ''), message: message as object })
  }
  for (const name of names) subscribe(`express-resource-server:${name}`, hear)
  await work()
  for (const name of names) unsubscribe(`express-resource-server:${name}`, hear)
  return heard
}

/** An app with one route behind the middleware. */
function createApp(...middleware: RequestHandler[]): express.Express {
  const app = express()
  for (const one of middleware) app.use(one)
  app.use((_req, res) => {
    res.end('granted')
  })
  return app
}

const seconds = expect.any(Number) as number

const send = (app: express.Express, token: string) =>
  request(app).get('/x?code=s').set('Authorization', `Bearer ${token}`)

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

describe('the events', () => {
  it('tell what happened, and nothing of a token', async () => {
    const app = createApp(
      requireAuth({ ...issuer.options, keys: { maxStaleSeconds: 0 }, failedAuthLimit: { limit: 1 } }),
    )
    const access = await issuer.accessToken({ secret: 'sesame' })
    const id = await issuer.idToken({ secret: 'sesame' })

    const heard = await listen(async () => {
      await send(app, access)
      await send(app, id)
      await send(app, id)
      await send(app, 'a b')
      await request(app).get('/')
      issuer.goDown()
      issuer.advance(3600)
      await send(app, await issuer.accessToken({ secret: 'sesame' }))
    })

    const measured = { scheme: 'Bearer', route: undefined, durationSeconds: seconds }
    const verified = { issuer: issuer.issuer, isIssuerVerified: true, isReplay: false, ...measured }
    const nobody = { ...measured, issuer: undefined, isIssuerVerified: false, isReplay: false, scheme: undefined }
    const idToken = { code: 'id_token_presented', status: 401, detail: 'it carries "nonce"', ...verified }
    const reason = `${issuer.issuer}/test-issuer/jwks could not be fetched`
    const first = { durationSeconds: seconds, ageSeconds: undefined }
    expect(heard).toEqual([
      { name: 'keys.refreshed', message: { issuer: issuer.issuer, keys: 1, skipped: 0, reasons: [], ...first } },
      {
        name: 'token.accepted',
        message: { issuer: issuer.issuer, actsFor: undefined, isRemembered: false, ...measured },
      },
      { name: 'token.refused', message: idToken },
      { name: 'token.refused', message: idToken },
      { name: 'limit.reached', message: { code: 'too_many_failures', status: 429 } },
      {
        name: 'token.refused',
        message: {
          code: 'malformed_credentials',
          status: 400,
          detail: 'several words stand behind the scheme',
          ...nobody,
          scheme: 'Bearer',
        },
      },
      { name: 'limit.reached', message: { code: 'too_many_failures', status: 429 } },
      { name: 'token.refused', message: { code: 'missing_token', status: 401, detail: undefined, ...nobody } },
      {
        name: 'keys.failed',
        message: { issuer: issuer.issuer, reason: expect.stringContaining(reason) as string, stale: false, ...first },
      },
      {
        name: 'token.undecided',
        message: {
          code: 'issuer_unavailable',
          status: 503,
          detail: expect.stringContaining(reason) as string,
          issuer: issuer.issuer,
          isIssuerVerified: false,
          ...measured,
        },
      },
    ])
    // Every way in which logs print things, deep enough to reach whatever hangs on a message.
    const printed = [
      JSON.stringify(heard),
      inspect(heard, { depth: 20 }),
      JSON.stringify(heard.map((one) => ({ ...one.message }))),
    ]
    for (const text of printed) {
      expect(text).not.toContain('sesame')
      for (const segment of [...access.split('.'), ...id.split('.')]) expect(text).not.toContain(segment)
    }
  })

  type Row = readonly [string, (options: RequireAuthOptions) => express.Express, string, object]
  const one = { status: 403, isIssuerVerified: true }
  test.each<Row>([
    [
      'a missing scope',
      (options) => createApp(requireAuth(options), requireScope('orders:write')),
      'access.denied',
      { ...one, code: 'insufficient_scope', detail: 'missing: orders:write', policy: 'scope orders:write' },
    ],
    [
      'a policy that says no, later',
      (options) =>
        createApp(
          requireAuth(options),
          requirePolicy(async function isAsked() {
            return Promise.resolve(false)
          }),
        ),
      'access.denied',
      { ...one, code: 'access_denied', detail: 'a predicate said no', policy: 'isAsked' },
    ],
    [
      'a sign-in that does not suffice',
      (options) => createApp(requireAuth(options), requireStepUp({ acr: 'gold' })),
      'access.denied',
      { ...one, code: 'insufficient_user_authentication', status: 401, policy: 'sign-in: acr gold' },
    ],
    [
      'a row of a table that says no',
      (options) => createApp(requireAuth(options), authorizeRoutes({ 'GET /:name': scope('orders:write') })),
      'access.denied',
      {
        ...one,
        code: 'insufficient_scope',
        detail: 'GET /:name: missing: orders:write',
        policy: 'all of: (GET /:name: scope orders:write)',
      },
    ],
    [
      'a table without a row',
      (options) => createApp(requireAuth(options), authorizeRoutes({ 'GET /orders': scope('orders:write') })),
      'access.denied',
      {
        ...one,
        code: 'access_denied',
        detail: 'no row of the route table matches the request',
        policy: 'no row',
      },
    ],
    [
      'a guard of a server',
      (options) => {
        const server = createResourceServer(options as Omit<RequireAuthOptions, 'claims'>)
        return createApp(
          server.requireAuth(),
          server.requirePolicy(() => false),
        )
      },
      'access.denied',
      { ...one, code: 'access_denied', detail: 'a predicate said no' },
    ],
  ])('tell of %s, also where onError answers', async (_title, create, name, message) => {
    const token = await issuer.accessToken({ scope: 'orders:read' })
    for (const onError of [undefined, (_e: unknown, _req: unknown, res: express.Response) => res.end()]) {
      const heard = await listen(async () => {
        await send(
          create({ ...issuer.options, ...(onError && { onError: onError as RequireAuthOptions['onError'] }) }),
          token,
        )
      })
      const denials = heard.filter((event) => event.name === name)
      expect(denials).toEqual([
        { name, message: expect.objectContaining({ issuer: issuer.issuer, ...message }) as object },
      ])
      expect(heard.map((event) => event.name)).toEqual(expect.arrayContaining(['token.accepted', name]))
    }
  })

  it('tell of what was granted, guard by guard and row by row, now and later', async () => {
    const app = createApp(
      requireAuth(issuer.options),
      requireScope('orders:read'),
      authorizeRoutes({ 'GET /:name': scope('orders:read') }),
      requirePolicy(async function isAsked() {
        return Promise.resolve(true)
      }),
    )
    const token = await issuer.accessToken({ scope: 'orders:read' })
    const heard = await listen(async () => {
      await send(app, token)
    })
    const policies = ['scope orders:read', 'all of: (GET /:name: scope orders:read)', 'isAsked']
    expect(heard.filter(({ name }) => name.startsWith('access.'))).toEqual(
      policies.map((policy, at) => ({
        name: 'access.granted',
        message: {
          issuer: issuer.issuer,
          policy,
          scheme: 'Bearer',
          actsFor: undefined,
          route: at === 1 ? '/:name' : undefined,
          durationSeconds: seconds,
        },
      })),
    )
  })

  it.each([
    ['of Express', '/orders/7', '/orders/:id'],
    ['below a router, whose own place is whatever was asked for', '/TENANTS/t-1/orders/7', '/orders/:id'],
  ])('name the pattern of a route %s, and nothing that was asked for', async (_title, path, route) => {
    const orders = express.Router()
    orders.get('/orders/:id', requireScope('orders:read'), (_req, res) => {
      res.end()
    })
    const app = express().use(requireAuth(issuer.options)).use('/tenants/:tenant', orders).use(orders)
    const token = await issuer.accessToken({ scope: 'orders:read' })
    const heard = await listen(async () => {
      await request(app).get(path).set('Authorization', `Bearer ${token}`).expect(200)
    })
    expect(heard.map(({ name, message }) => [name, (message as { route?: string }).route])).toEqual([
      ['keys.refreshed', undefined],
      ['token.accepted', undefined],
      ['access.granted', route],
    ])
  })

  it.each([
    ['', {}],
    [', also where a check runs for each request', { claims: z.looseObject({}) }],
  ] as const)('tell what was remembered from what was checked anew%s', async (_title, more) => {
    const app = createApp(requireAuth({ ...issuer.options, ...more }))
    const token = await issuer.accessToken()
    const heard = await listen(async () => {
      for (let i = 0; i < 4; i++) await send(app, token)
    })
    const accepted = heard.filter(({ name }) => name === 'token.accepted')
    expect(accepted.map(({ message }) => (message as { isRemembered?: boolean }).isRemembered)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('tell how old the keys are that keep serving, and that are replaced', async () => {
    const server = createResourceServer({ ...issuer.options, keys: { freshSeconds: 60 } })
    const token = await issuer.accessToken({ exp: Math.floor(issuer.options.clock() / 1000) + 7200 })
    const heard = await listen(async () => {
      await server.verifyToken(token)
      issuer.goDown()
      issuer.advance(1000)
      await server.verifyToken(token)
      issuer.comeBack()
      issuer.advance(1000)
      await server.verifyToken(token)
    })
    const loads = heard.filter(({ name }) => name.startsWith('keys.'))
    expect(loads.map(({ name, message }) => [name, (message as { ageSeconds?: number }).ageSeconds])).toEqual([
      ['keys.refreshed', undefined],
      ['keys.failed', 1000],
      ['keys.refreshed', 2000],
    ])
    server.close()
  })

  it('tell a proof that was used before from any other that is refused', async () => {
    const replay = createMemoryStore({ clock: issuer.options.clock })
    const app = createApp(requireAuth({ ...issuer.options, dpop: { origin: ORIGIN, replay } }))
    const client = createClientKey()
    const token = await issuer.accessToken({ cnf: { jkt: client.thumbprint } })
    const iat = Math.floor(issuer.options.clock() / 1000)
    const proof = createProof(client, { claims: { htu: `${ORIGIN}/x`, iat, ath: athOf(token) } })
    const heard = await listen(async () => {
      for (const one of [proof, proof, 'nonsense']) {
        await request(app).get('/x').set('Authorization', `DPoP ${token}`).set('DPoP', one)
      }
    })
    const judged = heard.filter(({ name }) => name.startsWith('token.'))
    expect(judged.map(({ message }) => message)).toMatchObject([
      { scheme: 'DPoP' },
      { scheme: 'DPoP', code: 'invalid_dpop_proof', isReplay: true },
      { scheme: 'DPoP', code: 'invalid_dpop_proof', isReplay: false },
    ])
  })

  it('say nothing of a grant that came too late for the token', async () => {
    const app = createApp(
      requireAuth(issuer.options),
      requirePolicy(async () => {
        await Promise.resolve()
        issuer.advance(7200)
        return true
      }),
    )
    const token = await issuer.accessToken()
    const heard = await listen(async () => {
      await send(app, token)
    })
    expect(heard.map(({ name }) => name)).toEqual(['keys.refreshed', 'token.accepted', 'token.refused'])
  })

  it('tell of an anonymous request that a guard refuses, once', async () => {
    const heard = await listen(async () => {
      await request(createApp(optionalAuth(issuer.options), requireScope('a'))).get('/')
    })
    expect(heard.map(({ name, message }) => [name, (message as { code?: string }).code])).toEqual([
      ['token.refused', 'missing_token'],
    ])
  })

  it.each([
    ['before the signature: anybody could have written the issuer', { kid: 'made-up' }, {}, 'unknown_key', false],
    ['by the signature', {}, { forged: true }, 'invalid_signature', false],
    ['behind the signature', {}, { aud: 'other' }, 'wrong_audience', true],
  ] as const)('say whose token it is that is refused %s', async (_title, header, claims, code, isIssuerVerified) => {
    const token = await issuer.accessToken(claims, header)
    const sent = code === 'invalid_signature' ? `${token.slice(0, -8)}AAAAAAAA` : token
    const [refused] = (
      await listen(async () => {
        await send(createApp(requireAuth(issuer.options)), sent)
      })
    ).filter(({ name }) => name === 'token.refused')
    expect(refused?.message).toMatchObject({ code, issuer: issuer.issuer, isIssuerVerified })
  })

  it('say whose token it is that was remembered, and taken back since', async () => {
    const revocation = createRevocation({ clock: issuer.options.clock })
    await revocation.ready()
    const app = createApp(requireAuth({ ...issuer.options, revocation }))
    const token = await issuer.accessToken()
    for (let i = 0; i < 3; i++) await send(app, token)
    await revocation.revoke({ token })
    const [refused] = await listen(async () => {
      await send(app, token)
    })
    expect(refused?.name).toBe('token.refused')
    expect(refused?.message).toMatchObject({ code: 'token_revoked', issuer: issuer.issuer, isIssuerVerified: true })
  })

  it('hold the request itself, where no log prints it', async () => {
    const requests: unknown[] = []
    const app = createApp(
      (req, _res, next) => {
        requests.push(req)
        next()
      },
      requireAuth(issuer.options),
      requirePolicy(() => false),
    )
    const token = await issuer.accessToken()
    const heard = await listen(async () => {
      await send(app, token)
      await send(app, 'nonsense')
    })
    const judged = heard.filter(({ name }) => name !== 'keys.refreshed')
    expect(judged.map(({ name }) => name)).toEqual(['token.accepted', 'access.denied', 'token.refused'])
    const shown = judged.map(({ message }) => (message as EventMessages['token.refused']).request)
    expect(shown.map((req) => requests.indexOf(req))).toEqual([0, 0, 1])
    expect(shown.map((req) => [req?.method, req?.originalUrl])).toEqual(shown.map(() => ['GET', '/x?code=s']))
    for (const { message } of judged) expect(Object.keys(message)).not.toContain('request')
  })

  it('have no request for a token that came without one', async () => {
    const heard = await listen(async () => {
      await createResourceServer(issuer.options)
        .verifyToken('x')
        .catch(() => undefined)
    })
    expect(heard).toEqual([
      {
        name: 'token.refused',
        message: expect.objectContaining({ code: 'malformed_token', scheme: 'Bearer' }) as object,
      },
    ])
    expect((heard[0]?.message as EventMessages['token.refused']).request).toBeUndefined()
  })
})
