import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { JsonWebKeySet } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { findRedisServer, startRedisServer, type RedisServer } from '../../examples/processes/redis-server.js'
import { athOf, createClientKey, createProof } from '../kit/dpop.js'
import type { BoundApiSetup } from './bound-api.js'

const redisServer = findRedisServer() ?? ''
const describeWithRedis = redisServer === '' ? describe.skip : describe
const TIMEOUT_SECONDS = 0.5
/** How many proofs come 100 times each: more of them with `REPLAYED_PROOFS=100`, half a minute. */
const REPLAYED = Number(process.env['REPLAYED_PROOFS'] ?? 20)
/** What one answer may take: the deadline of the store, and what a busy machine adds. */
const MAX_MS = 20_000

const key = createClientKey()
let issuer: TestIssuer
let token: string
let server: RedisServer
let apis: readonly Api[]

interface Api {
  readonly child: ChildProcess
  readonly port: number
  readonly agent: Agent
}

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  token = await issuer.accessToken({ cnf: { jkt: key.thumbprint }, exp: issuer.now() + 3600 })
})

/** Two APIs that have nothing in common but their Redis. */
async function begin(client: string): Promise<void> {
  server = await startRedisServer(redisServer)
  const published = await issuer.options.fetch(new URL('/test-issuer/jwks', issuer.issuer).href)
  const setup: BoundApiSetup = {
    issuer: issuer.issuer,
    audience: issuer.audience,
    jwks: (await published.json()) as JsonWebKeySet, // the issuer is ours
    redis: server.url,
    client,
    timeoutSeconds: TIMEOUT_SECONDS,
  }
  apis = await Promise.all([startApi(setup), startApi(setup)])
}

async function startApi(setup: BoundApiSetup): Promise<Api> {
  const child = fork(fileURLToPath(new URL('bound-api.ts', import.meta.url)), [JSON.stringify(setup)], {
    execArgv: ['--import', 'tsx'],
  })
  const [port] = (await once(child, 'message')) as [number]
  return { child, port, agent: new Agent({ keepAlive: true, maxSockets: 100 }) }
}

afterEach(async () => {
  for (const { child, agent } of apis) {
    agent.destroy()
    child.kill()
    await once(child, 'exit')
  }
  await server.stop()
})

const proofOfNow = (): string => createProof(key, { claims: { iat: Math.floor(Date.now() / 1000), ath: athOf(token) } })

/** "granted", or the code of the refusal with its status. */
async function send({ port, agent }: Api, proof: string): Promise<string> {
  const began = performance.now()
  const sent = request({ port, agent, path: '/orders', headers: { authorization: `DPoP ${token}`, dpop: proof } }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const body = JSON.parse(await text(response)) as { code?: string }
  expect(performance.now() - began).toBeLessThan(MAX_MS)
  return response.statusCode === 200 ? 'granted' : `${String(response.statusCode)} ${String(body.code)}`
}

const used = '401 invalid_dpop_proof'
const unavailable = '503 store_unavailable'

/** Sends each of so many new proofs so many times to each API, all at once; what came of each proof. */
async function sendAll(proofs: number, times: number): Promise<readonly (readonly string[])[]> {
  const answers = await Promise.all(
    Array.from({ length: proofs }, async () => {
      const proof = proofOfNow()
      return Promise.all(Array.from({ length: times }, () => apis.map((api) => send(api, proof))).flat())
    }),
  )
  // Whatever becomes of the store.
  for (const codes of answers) {
    expect(codes.filter((code) => code === 'granted').length).toBeLessThanOrEqual(1)
    expect(codes.filter((code) => !['granted', used, unavailable].includes(code))).toEqual([])
  }
  return answers
}

const isWell = (answers: readonly (readonly string[])[]): boolean =>
  answers.every((codes) => codes.includes('granted') && !codes.includes(unavailable))

/** Until the store is there for all again: a client takes a moment to find its server. */
async function recover(): Promise<void> {
  const end = performance.now() + MAX_MS
  while (!isWell(await sendAll(20, 1))) {
    if (performance.now() > end) throw new Error(`The store is there, and not for all after ${String(MAX_MS)} ms.`)
  }
}

describeWithRedis.each(['redis 6', 'ioredis'])('two APIs with one Redis, by %s', (client) => {
  it('admit none of some proofs twice, of which each comes 100 times at once', async () => {
    await begin(client)
    const answers = await sendAll(REPLAYED, 50)
    expect(answers.flat()).toHaveLength(REPLAYED * 100)
    for (const codes of answers) {
      expect(codes.filter((code) => code === 'granted')).toHaveLength(1)
      expect(codes.filter((code) => code === used)).toHaveLength(99)
    }
  }, 180_000)

  it('answer 503 while it is paused, and 503 while it is dead, under load, and go on when it does', async () => {
    await begin(client)
    expect(isWell(await sendAll(100, 1))).toBe(true)

    const caught = sendAll(300, 1)
    server.pause()
    await caught
    expect(new Set((await sendAll(300, 1)).flat())).toEqual(new Set([unavailable]))
    server.resume()
    await recover()

    const { port } = new URL(server.url)
    const caughtAgain = sendAll(300, 1)
    await server.stop()
    await caughtAgain
    expect(new Set((await sendAll(300, 1)).flat())).toEqual(new Set([unavailable]))
    server = await startRedisServer(redisServer, { port: Number(port) })
    await recover()
  }, 180_000)
})
