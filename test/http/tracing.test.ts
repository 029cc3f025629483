import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import express from 'express'
import { createResourceServer, requireAuth, requirePolicy, type TraceMessages } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import { athOf, createClientKey, createProof, ORIGIN } from '../kit/dpop.js'

const names = ['authenticate', 'authorize', 'keys.load', 'store'] as const satisfies readonly (keyof TraceMessages)[]
const moments = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

interface Heard {
  readonly at: string
  readonly message: { readonly error?: unknown }
}

/** Traces everything while the work runs. */
async function listen(work: () => Promise<unknown>): Promise<readonly Heard[]> {
  const heard: Heard[] = []
  const stops = names.flatMap((name) =>
    moments.map((moment) => {
      const channel = `tracing:express-resource-server:${name}:${moment}`
      const hear = (message: unknown): void => {
        heard.push({ at: `${name} ${moment}`, message: message as Heard['message'] })
      }
      subscribe(channel, hear)
      return () => unsubscribe(channel, hear)
    }),
  )
  await work()
  for (const stop of stops) stop()
  return heard
}

const at = (heard: readonly Heard[]): readonly string[] => heard.map((one) => one.at)

const waited = (name: string, within: readonly string[] = []): readonly string[] => [
  `${name} start`,
  ...within,
  `${name} end`,
]
const done = (name: string): readonly string[] => [`${name} asyncStart`, `${name} asyncEnd`]

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

describe('the tracing channels', () => {
  it('tell of what waits: the first token, for its keys, and a policy; and that a known token does not', async () => {
    const app = express()
    app.use(requireAuth(issuer.options))
    app.use(
      requirePolicy(async function isAsked() {
        return Promise.resolve(true)
      }),
    )
    app.use((_req, res) => res.end())
    const token = await issuer.accessToken({ secret: 'sesame' })
    const send = () => request(app).get('/').set('Authorization', `Bearer ${token}`).expect(200)
    await send()
    issuer.advance(4000)
    const again = await issuer.accessToken({ secret: 'sesame' })
    const heard = await listen(async () => {
      for (let i = 0; i < 3; i++) await request(app).get('/').set('Authorization', `Bearer ${again}`).expect(200)
    })
    expect(at(heard)).toEqual([
      ...waited('authenticate', waited('keys.load')),
      ...done('keys.load'),
      ...done('authenticate'),
      ...waited('authorize'),
      ...done('authorize'),
      // Its signature is checked once more, before it is kept.
      ...waited('authenticate'),
      ...done('authenticate'),
      ...waited('authorize'),
      ...done('authorize'),
      ...waited('authenticate'),
      ...waited('authorize'),
      ...done('authorize'),
    ])
    expect(heard.find(({ at: name }) => name === 'authorize start')?.message).toEqual({ policy: 'isAsked' })
    const printed = JSON.stringify(heard) + inspect(heard, { depth: 20 })
    for (const part of [...again.split('.'), 'sesame']) expect(printed).not.toContain(part)
  })

  it('tell what failed, now and later', async () => {
    const server = createResourceServer({ ...issuer.options, keys: { maxStaleSeconds: 0 } })
    const token = await issuer.accessToken()
    issuer.goDown()
    const heard = await listen(async () => {
      await server.verifyToken('x').catch(() => undefined)
      await server.verifyToken(token).catch(() => undefined)
    })
    expect(at(heard)).toEqual([
      // A refusal is an error of it, as it is for a request.
      ...['authenticate start', 'authenticate error', 'authenticate end'],
      ...waited('authenticate', waited('keys.load')),
      'keys.load error',
      ...done('keys.load'),
      'authenticate error',
      ...done('authenticate'),
    ])
    expect(heard.at(-1)?.message.error).toMatchObject({ code: 'issuer_unavailable' })
    const thrown = await listen(async () => {
      const denied = server.authorize(undefined, () => true, { method: 'GET', url: '/', rawHeaders: [], headers: {} })
      expect(await denied).toMatchObject({ code: 'missing_token' })
    })
    expect(at(thrown)).toEqual(waited('authorize'))
  })

  it('tell of an error that comes at once', async () => {
    const app = express()
    app.use(requireAuth(issuer.options))
    const heard = await listen(() => request(app).get('/').expect(401))
    expect(at(heard)).toEqual(['authenticate start', 'authenticate error', 'authenticate end'])
  })

  it('tell of the store that is asked whether a proof came before', async () => {
    const memory = createMemoryStore({ clock: issuer.options.clock })
    const replay = {
      ...memory,
      addIfAbsent: async (...key: [string, number]) => Promise.resolve(memory.addIfAbsent(...key)),
    }
    const app = express().use(requireAuth({ ...issuer.options, dpop: { origin: ORIGIN, replay } }))
    const client = createClientKey()
    const token = await issuer.accessToken({ cnf: { jkt: client.thumbprint } })
    const iat = Math.floor(issuer.options.clock() / 1000)
    const proof = createProof(client, { claims: { htu: `${ORIGIN}/`, iat, ath: athOf(token) } })
    const heard = await listen(async () => {
      await request(app).get('/').set('Authorization', `DPoP ${token}`).set('DPoP', proof).expect(404)
    })
    const asked = heard.filter(({ at: name }) => name.startsWith('store'))
    expect(at(asked)).toEqual([...waited('store'), ...done('store')])
    expect(asked[0]?.message).toEqual({ user: 'replay', operation: 'addIfAbsent' })
  })

  it('bind a store to what is done within', async () => {
    const storage = new AsyncLocalStorage<string>()
    const channel = tracingChannel<unknown, TraceMessages['authenticate']>('express-resource-server:authenticate')
    channel.start.bindStore(storage, () => 'bound')
    const seen: (string | undefined)[] = []
    const fetch: typeof issuer.options.fetch = (...args) => {
      seen.push(storage.getStore())
      return issuer.options.fetch(...args)
    }
    const server = createResourceServer({ ...issuer.options, fetch })
    await server.verifyToken(await issuer.accessToken())
    channel.start.unbindStore(storage)
    expect(new Set(seen)).toEqual(new Set(['bound']))
    expect(storage.getStore()).toBeUndefined()
  })
})
