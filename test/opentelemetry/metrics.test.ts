import express from 'express'
import { channel } from 'node:diagnostics_channel'
import { optionalAuth, requireAuth, requirePolicy, requireScope } from 'express-resource-server'
import { createResourceServer, UnavailableError } from 'express-resource-server/core'
import { instrumentResourceServer } from 'express-resource-server/opentelemetry'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import { athOf, createClientKey, createProof, ORIGIN } from '../kit/dpop.js'
import { createCollector, type Collected, type Collector } from './collect.js'

let issuer: TestIssuer
let collector: Collector
let stop: () => void
beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  collector = createCollector()
  stop = instrumentResourceServer({ meter: collector.meter, tracer: false })
})
afterEach(async () => {
  stop()
  await collector.stop()
})

/** What was counted, by what is told of it. */
async function counted(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  const short = ({ name }: Collected): string => name.replace('express_resource_server.', '')
  const about = (attributes: object): string =>
    Object.entries(attributes)
      .map(([name, value]) => `${name.replace(/^express_resource_server\.(?:\w+\.)*/, '')}=${String(value)}`)
      .join(' ')
  return Object.fromEntries(
    (await collector.collect()).map((one) => [
      short(one),
      Object.fromEntries(one.points.map(({ attributes, value }) => [about(attributes), value])),
    ]),
  )
}

const send = (app: express.Express, token?: string, scheme = 'Bearer') => {
  const asked = request(app).get('/orders')
  return token === undefined ? asked : asked.set('Authorization', `${scheme} ${token}`)
}

describe('the metrics', () => {
  it('tell what came of requests, of policies and of loads', async () => {
    const app = express()
    app.use(requireAuth({ ...issuer.options, failedAuthLimit: { limit: 3 } }))
    app.get('/orders', requireScope('orders:read'))
    const [good, narrow] = [await issuer.accessToken({ scope: 'orders:read' }), await issuer.accessToken()]
    for (let i = 0; i < 3; i++) await send(app, good)
    await send(app, narrow)
    await send(app)
    await send(app, await issuer.idToken())
    await send(app, await issuer.accessToken({ iss: 'https://other.example.com' }))
    await send(app, await issuer.accessToken({ aud: 'other' }))
    await send(app, 'a')
    const of = `issuer=${issuer.issuer}`
    expect(await counted()).toEqual({
      'authentication.duration': {
        'result=success scheme=Bearer is_remembered=false': 3,
        'result=success scheme=Bearer is_remembered=true': 1,
        'result=none scheme=none': 1,
        'result=failure scheme=Bearer': 4,
      },
      'authorization.attempts': { 'result=success': 3, 'result=failure error.type=insufficient_scope': 1 },
      refusals: {
        [`error.type=insufficient_scope http.response.status_code=403 ${of}`]: 1,
        'error.type=missing_token http.response.status_code=401 issuer=other': 1,
        // It was told by what it says, before its signature was looked at.
        [`error.type=id_token_presented http.response.status_code=401 ${of}`]: 1,
        'error.type=unknown_issuer http.response.status_code=401 issuer=other': 1,
        [`error.type=wrong_audience http.response.status_code=401 ${of}`]: 1,
        'error.type=malformed_token http.response.status_code=401 issuer=other': 1,
        'error.type=too_many_failures http.response.status_code=429 issuer=other': 1,
      },
      'keys.loads': { [`result=success ${of}`]: 1 },
    })
  })

  it('tell what could not be told, of a token and of a policy', async () => {
    const app = express().use(
      requireAuth(issuer.options),
      requirePolicy(() => {
        throw new UnavailableError('policy_unavailable', { retryAfterSeconds: 1 })
      }),
    )
    await send(app, await issuer.accessToken())
    issuer.goDown()
    await send(express().use(optionalAuth(issuer.options)), await issuer.accessToken())
    expect(await counted()).toMatchObject({
      'authentication.duration': { 'result=undecided scheme=Bearer': 1 },
      'authorization.attempts': { 'result=undecided error.type=policy_unavailable': 1 },
      refusals: {
        [`error.type=policy_unavailable http.response.status_code=503 issuer=${issuer.issuer}`]: 1,
        'error.type=issuer_unavailable http.response.status_code=503 issuer=other': 1,
      },
      'keys.loads': { [`result=success issuer=${issuer.issuer}`]: 1, [`result=failure issuer=${issuer.issuer}`]: 1 },
    })
  })

  it('count proofs that come again', async () => {
    const replay = createMemoryStore({ clock: issuer.options.clock })
    const app = express().use(requireAuth({ ...issuer.options, dpop: { origin: ORIGIN, replay } }))
    const client = createClientKey()
    const token = await issuer.accessToken({ cnf: { jkt: client.thumbprint } })
    const iat = Math.floor(issuer.options.clock() / 1000)
    const proof = createProof(client, { claims: { htu: `${ORIGIN}/orders`, iat, ath: athOf(token) } })
    for (const one of [proof, proof, proof, 'x']) await send(app, token, 'DPoP').set('DPoP', one)
    expect(await counted()).toMatchObject({
      'proof.replays': { '': 2 },
      'authentication.duration': {
        'result=success scheme=DPoP is_remembered=false': 1,
        'result=failure scheme=DPoP': 3,
      },
    })
  })

  it('know only 20 issuers of very many tenants', async () => {
    for (let i = 0; i < 50; i++) {
      channel('express-resource-server:keys.failed').publish({ issuer: `https://t${String(i)}.example.com` })
    }
    const { 'keys.loads': loads = {} } = await counted()
    expect(Object.keys(loads)).toHaveLength(21)
    expect(loads['result=failure issuer=other']).toBe(30)
  })

  it('take for "other" what they do not know, from another version of the package', async () => {
    const message = { code: 'tomorrows_code', status: 499, issuer: 'x', isIssuerVerified: false, scheme: 'Magic' }
    channel('express-resource-server:token.refused').publish({ ...message, durationSeconds: 1 })
    expect(await counted()).toMatchObject({
      'authentication.duration': { 'result=failure scheme=other': 1 },
      refusals: { 'error.type=other http.response.status_code=0 issuer=other': 1 },
    })
  })

  it('are in seconds, and end when they are told to', async () => {
    const server = createResourceServer(issuer.options)
    const token = await issuer.accessToken()
    await server.verifyToken(token)
    stop()
    await server.verifyToken(token)
    const [duration] = await collector.collect()
    expect(duration).toMatchObject({ name: 'express_resource_server.authentication.duration', unit: 's' })
    expect(duration?.points.map(({ value }) => value)).toEqual([1])
  })
})
