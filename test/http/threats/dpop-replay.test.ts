import express, { type Express } from 'express'
import { ConfigurationError, requireAuth, type DpopOptions } from 'express-resource-server'
import { createTestIssuer, type TestDpopClient, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { createMemoryStore } from '../../../src/stores/memory-store.js'

const origin = 'https://api.example.com'
const url = `${origin}/orders`

let issuer: TestIssuer
let client: TestDpopClient
let token: string

beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  client = issuer.dpop()
  token = await client.accessToken({ exp: issuer.now() + 3600 })
})

/** One process of an API. */
function createApp(dpop: Partial<DpopOptions> = {}): Express {
  const app = express()
  app.use(requireAuth({ ...issuer.options, dpop: { origin, ...dpop } }))
  app.get('/orders', (_req, res) => {
    res.json({})
  })
  return app
}

async function send(app: Express, proof: string): Promise<string> {
  const response = await request(app)
    .get('/orders')
    .set({ Authorization: `DPoP ${token}`, DPoP: proof })
  const { code } = response.body as { code?: string }
  return response.status === 200 ? 'granted' : `${String(response.status)} ${String(code)}`
}

/** A new proof, by default of now. */
const proof = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> => client.proof({ url, token }, claims)

const used = '401 invalid_dpop_proof'
const cannotTell = '503 store_unavailable'

describe('58 a proof at a second process', () => {
  test('is refused where they share a store', async () => {
    const replay = createMemoryStore({ clock: issuer.options.clock })
    const [one, other] = [createApp({ replay }), createApp({ replay })]
    const first = await proof()
    expect(await send(one, first)).toBe('granted')
    expect([await send(other, first), await send(one, first)]).toEqual([used, used])
    expect(await send(other, await proof())).toBe('granted')
  })

  test('gets in once in each where they do not, as the page about it says', async () => {
    const [one, other] = [createApp(), createApp()]
    const first = await proof()
    expect([await send(one, first), await send(other, first)]).toEqual(['granted', 'granted'])
    expect([await send(one, first), await send(other, first)]).toEqual([used, used])
  })

  test('is refused where they share a store that a nonce is asked with', async () => {
    const shared = {
      replay: createMemoryStore({ clock: issuer.options.clock }),
      nonce: { secret: 's'.repeat(32), everySeconds: 60 },
    }
    const [one, other] = [createApp(shared), createApp(shared)]
    const answer = await request(one)
      .get('/orders')
      .set(await client.headers({ url, token }))
    const nonce = answer.headers['dpop-nonce']
    const first = await proof({ nonce })
    expect([await send(other, first), await send(one, first)]).toEqual(['granted', used])
  })
})

describe('60 a flood of good proofs', () => {
  test('pushes out none that is fresh: what finds no room is 503, until there is some', async () => {
    const app = createApp({ replay: createMemoryStore({ maxEntries: 20, clock: issuer.options.clock }) })
    const first = await proof()
    expect(await send(app, first)).toBe('granted')
    const answers: string[] = []
    for (let i = 0; i < 60; i++) answers.push(await send(app, await proof()))
    expect(answers).toEqual([...Array<string>(19).fill('granted'), ...Array<string>(41).fill(cannotTell)])
    expect(await send(app, first)).toBe(used)
    issuer.advance(81)
    expect(await send(app, await proof())).toBe('granted')
    expect(await send(app, first)).toBe(used)
  })

  test('of another client takes the room of all, and lets none in twice', async () => {
    const app = createApp({ replay: createMemoryStore({ maxEntries: 1, clock: issuer.options.clock }) })
    const other = issuer.dpop()
    const theirs = await other.accessToken()
    const answer = await request(app)
      .get('/orders')
      .set(await other.headers({ url, token: theirs }))
    expect(answer.status).toBe(200)
    expect(await send(app, await proof())).toBe(cannotTell)
  })
})

describe('62 a proof at the edge of its time', () => {
  test.each([
    ['made 59 s ago', -59, [0, 1, 1, 1, 9, 60]],
    ['made by a clock that is 10 s ahead', 10, [0, 1, 68, 1, 1, 9, 60]],
  ])('%s gets in once, however long it is tried', async (_title, by, steps) => {
    const app = createApp({ replay: createMemoryStore({ clock: issuer.options.clock }) })
    const first = await proof({ iat: issuer.now() + by })
    expect(await send(app, first)).toBe('granted')
    for (const step of steps) {
      issuer.advance(step)
      expect(await send(app, first)).toBe(used)
    }
  })

  test('is remembered for as long as a process with the widest window takes it', async () => {
    const replay = createMemoryStore({ clock: issuer.options.clock })
    const app = createApp({ replay, proofMaxAgeSeconds: 600, futureSeconds: 300 })
    const first = await proof({ iat: issuer.now() + 300 })
    expect(await send(app, first)).toBe('granted')
    for (const step of [299, 300, 300, 1]) {
      issuer.advance(step)
      expect(await send(app, first)).toBe(used)
    }
  })
})

describe('63 a clock that is set back', () => {
  test('by 5 minutes: nobody gets in with what was forgotten meanwhile', async () => {
    const app = createApp()
    const first = await proof()
    expect(await send(app, first)).toBe('granted')
    issuer.advance(300)
    // Each looks at some entries, and forgets those that are over.
    for (let i = 0; i < 5; i++) expect(await send(app, await proof())).toBe('granted')
    issuer.advance(-300)
    expect(await send(app, first)).toBe(cannotTell)
    expect(await send(app, await proof())).toBe(cannotTell)
    issuer.advance(300)
    expect(await send(app, await proof())).toBe('granted')
  })

  test('by a little: what was used is known still', async () => {
    const app = createApp()
    const first = await proof()
    expect(await send(app, first)).toBe('granted')
    issuer.advance(70)
    expect(await send(app, await proof())).toBe('granted')
    issuer.advance(-70)
    expect(await send(app, first)).toBe(used)
    expect(await send(app, await proof())).toBe('granted')
  })
})

describe('32 hosts that can be written in several ways', () => {
  test.each([
    ['in ASCII, as browsers send it', 'https://xn--bcher-kva.example', 'https://xn--bcher-kva.example', 'granted'],
    ['in ASCII and upper case', 'https://xn--bcher-kva.example', 'https://XN--BCHER-KVA.example', 'granted'],
    ['in its own letters', 'https://xn--bcher-kva.example', 'https://b\u00fccher.example', used],
    ['as a look-alike', 'https://xn--bcher-kva.example', 'https://bucher.example', used],
    ['with a dot at the end', 'https://api.example.com', 'https://api.example.com.', used],
    ['as an IPv6 address', 'https://[::1]:8443', 'https://[::1]:8443', 'granted'],
    ['as a longer IPv6 address', 'https://[::1]:8443', 'https://[0:0:0:0:0:0:0:1]:8443', 'granted'],
    ['as an IPv4 address within one of IPv6', 'https://[::ffff:127.0.0.1]', 'https://[::ffff:7f00:1]', 'granted'],
    ['as an IPv4 address instead', 'https://[::ffff:127.0.0.1]', 'https://127.0.0.1', used],
    ['as another IPv6 address', 'https://[::1]:8443', 'https://[::2]:8443', used],
    ['as an IPv6 address without brackets', 'https://[::1]', 'https://::1', used],
    ['as an IPv6 address with a zone', 'https://[fe80::1]', 'https://[fe80::1%25eth0]', used],
  ])('%s', async (_title, base, claimed, outcome) => {
    const app = createApp({ origin: base })
    expect(await send(app, await proof({ htu: `${claimed}/orders` }))).toBe(outcome)
  })

  test('the origin is written in ASCII, or it is an error at start-up', () => {
    expect(() => createApp({ origin: 'https://b\u00fccher.example' })).toThrow(ConfigurationError)
  })
})
