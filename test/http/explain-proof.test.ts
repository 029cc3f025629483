import { createResourceServer, type TokenReport } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { athOf, createClientKey, createProof, ORIGIN } from '../kit/dpop.js'

const key = createClientKey()
const method = 'GET'
const url = `${ORIGIN}/orders?page=1`

let issuer: TestIssuer
let bound: string
let plain: string

beforeAll(async () => {
  issuer = await createTestIssuer()
  bound = await issuer.accessToken({ cnf: { jkt: key.thumbprint } })
  plain = await issuer.accessToken()
})

const proofFor = (token: string, claims: object = {}): string =>
  createProof(key, { claims: { iat: issuer.now(), ath: athOf(token), ...claims } })

const last = ({ verdict, code, checks }: TokenReport) => {
  const { name, outcome, detail } = checks.at(-1) ?? {}
  return { verdict, code, name, outcome, detail }
}

describe('a report on a token and its proof', () => {
  const take = (more: object = {}) => createResourceServer({ ...issuer.options, dpop: { origin: ORIGIN, ...more } })
  const passed = { name: 'proof', outcome: 'passed', verdict: 'accepted' }

  test('accepts both, as often as it is asked', async () => {
    const server = take()
    const proof = proofFor(bound)
    for (let i = 0; i < 2; i++)
      expect(last(await server.explainToken(bound, { proof, method, url }))).toMatchObject(passed)
  })

  test('says what is wrong with a proof, after all that is said of the token', async () => {
    const report = await take().explainToken(bound, { proof: proofFor(bound, { htm: 'PUT' }), method, url })
    expect(last(report)).toEqual({
      verdict: 'refused',
      code: 'invalid_dpop_proof',
      name: 'proof',
      outcome: 'failed',
      detail: 'its "htm" is not GET',
    })
    expect(report.checks.slice(0, -1).every(({ outcome }) => outcome === 'passed')).toBe(true)
  })

  test.each([
    ['no proof', () => bound, undefined, 'invalid_dpop_proof'],
    ['a token that is bound to no key', () => plain, () => proofFor(plain), 'key_binding_mismatch'],
  ] as const)('%s', async (_what, token, proof, code) => {
    const report = await take().explainToken(token(), { proof: proof?.(), method, url })
    expect(last(report)).toMatchObject({ verdict: 'refused', code, outcome: 'failed' })
  })

  test('tells of a token alone what it would be told as Bearer', async () => {
    expect(last(await take().explainToken(bound))).toMatchObject({ verdict: 'refused', code: 'key_bound_token' })
    expect(last(await take().explainToken(plain))).toMatchObject(passed)
    const strict = take({ required: true })
    expect(last(await strict.explainToken(plain))).toMatchObject({ verdict: 'refused', code: 'bound_token_required' })
  })

  test('judges no proof of a token whose key is not known', async () => {
    const report = await take().explainToken('x.y', { proof: proofFor('x.y'), method, url })
    expect(last(report)).toMatchObject({ verdict: 'refused', code: 'malformed_token', outcome: 'skipped' })
  })

  test('says that the option is missing', async () => {
    const server = createResourceServer(issuer.options)
    const report = await server.explainToken(plain, { proof: proofFor(plain), method, url })
    expect(last(report)).toMatchObject({
      code: 'missing_token',
      detail: expect.stringContaining('"dpop" is not set') as string,
    })
    expect((await server.explainToken(plain)).checks.some(({ name }) => name === 'proof')).toBe(false)
  })
})

describe('a token without a request', () => {
  test('is never taken where it is bound, and taken where it is not', async () => {
    const server = createResourceServer({ ...issuer.options, dpop: { origin: ORIGIN } })
    // Remembered or not.
    for (let i = 0; i < 4; i++) {
      await expect(server.verifyToken(bound)).rejects.toMatchObject({ code: 'key_bound_token' })
      await expect(server.verifyToken(plain)).resolves.toMatchObject({ scheme: 'Bearer', binding: undefined })
    }
  })
})

describe('the option "dpop" fails at start-up', () => {
  const configure = (dpop: unknown): string => {
    try {
      createResourceServer({ ...issuer.options, dpop: dpop as { origin: string } })
    } catch (error) {
      return (error as Error).message
    }
    return 'no error'
  }
  const ORIGIN_FORM =
    'The origin for DPoP must be the URL at which clients reach this API, without user, query and fragment: "https://api.example.com".'

  test.each<[what: string, dpop: unknown, message: string]>([
    ['a good one', { origin: 'https://api.example.com/v1/' }, 'no error'],
    ['true', true, 'The option "dpop" must be an object { origin: \'https://api.example.com\' }.'],
    ['no origin', {}, 'The option "dpop.origin" must be a text.'],
    ['no scheme', { origin: 'api.example.com' }, ORIGIN_FORM],
    ['another scheme', { origin: 'ftp://api.example.com' }, ORIGIN_FORM],
    ['a user', { origin: 'https://a:b@api.example.com' }, ORIGIN_FORM],
    ['a query', { origin: 'https://api.example.com?a' }, ORIGIN_FORM],
    ['a misspelt member', { origin: ORIGIN, requird: true }, 'Unknown option "dpop.requird". Did you mean "required"?'],
    [
      'a symmetric algorithm',
      { origin: ORIGIN, algorithms: ['HS256'] },
      'The algorithms of DPoP proofs must be asymmetric, and at least one.',
    ],
    [
      'a short secret',
      { origin: ORIGIN, nonce: { secret: 'short', everySeconds: 60 } },
      'The secret of DPoP nonces must have at least 32 bytes.',
    ],
    [
      'a client in place of a store',
      { origin: ORIGIN, replay: { get: () => null } },
      'The option "dpop.replay" must be a store, as "express-resource-server/redis" makes one of a client of Redis.',
    ],
    [
      'too long a window',
      { origin: ORIGIN, proofMaxAgeSeconds: 3601 },
      'The option "dpop.proofMaxAgeSeconds" must be a number of seconds from 1 to 3600.',
    ],
  ])('%s', (_what, dpop, message) => {
    expect(configure(dpop)).toBe(message)
  })
})
