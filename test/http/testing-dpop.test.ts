import express, { type Express } from 'express'
import { getAuth, requireAuth, type DpopOptions, type ReasonCode } from 'express-resource-server'
import {
  createTestIssuer,
  wrongProofs,
  type DpopRequest,
  type TestDpopClient,
  type TestIssuer,
  type WrongProof,
} from 'express-resource-server/testing'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import request from 'supertest'

const origin = 'https://api.example.com'
const url = `${origin}/orders`
const nonce = { secret: 's'.repeat(32), everySeconds: 60 }

let issuer: TestIssuer
let client: TestDpopClient
let token: string

beforeAll(async () => {
  issuer = await createTestIssuer()
  client = issuer.dpop()
  token = await client.accessToken({ scope: 'orders:read' })
})

function createApp(dpop: Partial<DpopOptions> = {}): Express {
  const app = express()
  app.use(requireAuth({ ...issuer.options, dpop: { origin, ...dpop } }))
  app.all('/orders', (req, res) => {
    res.json(getAuth(req).binding)
  })
  return app
}

interface Answer {
  readonly status: number
  /** Undefined for a good one. */
  readonly code: ReasonCode | undefined
  readonly nonce: string
}

async function send(
  app: Express,
  proof: string,
  { method = 'get' }: { method?: 'get' | 'post' } = {},
): Promise<Answer> {
  const asked = request(app)
  const response = await asked[method]('/orders').set({ Authorization: `DPoP ${token}`, DPoP: proof })
  const { code } = response.body as { code?: ReasonCode }
  return { status: response.status, code, nonce: String(response.headers['dpop-nonce']) }
}

/** An API that gives nonces, and a request that holds the one of now. */
async function withNonce(): Promise<{ app: Express; about: DpopRequest }> {
  const app = createApp({ nonce })
  const refused = await send(app, await client.proof({ url, token }))
  expect(refused).toMatchObject({ status: 401, code: 'use_dpop_nonce' })
  return { app, about: { url, token, nonce: refused.nonce } }
}

describe('a client of the test issuer that holds a key', () => {
  it('gets in with a bound token and a proof, and is known by its key', async () => {
    const response = await request(createApp())
      .get('/orders')
      .set(await client.headers({ url, token }))
    expect(response.status).toBe(200)
    expect(response.body).toEqual({ method: 'dpop', thumbprint: client.thumbprint })
  })

  it('gets in by the method and with the nonce that the proof is for', async () => {
    const { app, about } = await withNonce()
    const proof = await client.proof({ ...about, method: 'POST' })
    expect(await send(app, proof, { method: 'post' })).toMatchObject({ status: 200 })
    expect(await send(createApp(), await client.proof(about))).toMatchObject({ status: 200 })
  })

  it('is not let in twice with one proof', async () => {
    const app = createApp()
    const proof = await client.proof({ url, token })
    expect(await send(app, proof)).toMatchObject({ status: 200 })
    expect(await send(app, proof)).toMatchObject({ status: 401, code: 'invalid_dpop_proof' })
    expect(await send(app, await client.proof({ url, token }))).toMatchObject({ status: 200 })
  })

  const mistakes = Object.keys(wrongProofs) as WrongProof[] // what it was made of
  it.each(mistakes)('is refused with the code that is promised for a wrong %s', async (what) => {
    const { app, about } = await withNonce()
    expect(await send(app, await client.wrongProof(what, about))).toMatchObject({
      status: 401,
      code: wrongProofs[what],
    })
    // Nothing else was wrong, and nothing was used up.
    expect(await send(app, await client.proof(about))).toMatchObject({ status: 200 })
  })

  it.each(['get', 'post'] as const)('sends a proof for another method than %s', async (method) => {
    const about = { url, token, method: method.toUpperCase() }
    const app = createApp()
    expect(await send(app, await client.wrongProof('htm', about), { method })).toMatchObject({ status: 401 })
    expect(await send(app, await client.wrongProof('htm', { ...about, method: 'DELETE' }), { method })).toMatchObject({
      status: method === 'get' ? 200 : 401,
    })
  })

  it('makes proofs that are too old for the longest time that an API may grant', async () => {
    const app = createApp({ proofMaxAgeSeconds: 3600, futureSeconds: 300 })
    expect(await send(app, await client.wrongProof('iat', { url, token }))).toMatchObject({ code: wrongProofs.iat })
  })

  it('makes nothing of a wrong nonce for an API without nonces', async () => {
    expect(await send(createApp(), await client.wrongProof('nonce', { url, token }))).toMatchObject({ status: 200 })
  })

  it('refuses to make what it does not know', async () => {
    // What JavaScript may pass.
    const what = 'htx' as WrongProof
    await expect(client.wrongProof(what, { url, token })).rejects.toThrow('Unknown mistake "htx". Known are: typ, htm,')
  })

  it('changes claims and header members of a proof, and takes out what is undefined', async () => {
    const proof = await client.proof({ url, token }, { iat: undefined, more: 1 }, { typ: 'other', kid: 'k' })
    expect(decodeProtectedHeader(proof)).toEqual({
      typ: 'other',
      alg: 'ES256',
      kid: 'k',
      jwk: { kty: 'EC', crv: 'P-256', x: expect.any(String) as unknown, y: expect.any(String) as unknown },
    })
    expect(decodeJwt(proof)).toEqual({
      jti: expect.any(String) as unknown,
      htm: 'GET',
      htu: url,
      ath: expect.any(String) as unknown,
      more: 1,
    })
  })

  it('makes proofs by the time of the issuer', async () => {
    const app = createApp()
    const before = await client.proof({ url, token })
    issuer.advance(61)
    expect(await send(app, before)).toMatchObject({ code: 'invalid_dpop_proof' })
    expect(await send(app, await client.proof({ url, token }))).toMatchObject({ status: 200 })
    issuer.advance(-61)
  })
})

describe('what else a thief or a wrong client sends', () => {
  it.each<[string, () => Promise<Readonly<Record<string, string>>>, ReasonCode]>([
    ['a bound token as Bearer', () => Promise.resolve({ Authorization: `Bearer ${token}` }), 'key_bound_token'],
    [
      'a bound token as Bearer beside a good proof',
      async () => ({ ...(await client.headers({ url, token })), Authorization: `Bearer ${token}` }),
      'key_bound_token',
    ],
    ['a stolen token and a key of its own', () => issuer.dpop().headers({ url, token }), 'key_binding_mismatch'],
    ['no proof', () => Promise.resolve({ Authorization: `DPoP ${token}` }), 'invalid_dpop_proof'],
    [
      'a token that is bound to no key',
      async () => client.headers({ url, token: await issuer.accessToken() }),
      'key_binding_mismatch',
    ],
  ])('%s is refused', async (_title, headers, code) => {
    const response = await request(createApp())
      .get('/orders')
      .set(await headers())
    expect(response.status).toBe(401)
    expect(response.body).toMatchObject({ code })
  })

  it('binds any other token by the thumbprint', async () => {
    const machine = await issuer.appToken({ cnf: { jkt: client.thumbprint } })
    const response = await request(createApp())
      .get('/orders')
      .set(await client.headers({ url, token: machine }))
    expect(response.status).toBe(200)
  })
})
