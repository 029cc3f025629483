import express from 'express'
import {
  ConfigurationError,
  createRevocation,
  fapi2,
  requireAuth,
  type RequireAuthOptions,
  type Revocation,
} from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'
import request from 'supertest'

const origin = 'https://api.example.com'
let revocation: Revocation
beforeAll(() => {
  revocation = createRevocation()
})
afterAll(() => {
  revocation.close()
})

const usual = (): RequireAuthOptions => ({
  issuer: 'https://bank.example.com',
  audience: origin,
  dpop: { origin },
  revocation,
})
const introspecting = (tokens: 'all' | 'opaque') => ({
  issuer: 'https://bank.example.com',
  introspection: {
    clientId: 'api',
    clientAuthentication: { method: 'client_secret_basic', clientSecret: 'x'.repeat(32) },
    tokens,
  } as const,
})

describe('the options of FAPI 2.0', () => {
  it.each([
    ['no bound tokens', { dpop: undefined }, /"dpop" or "mtls"/],
    ['others beside bound tokens', { dpop: { origin, required: false } }, /"required"/],
    ['others beside those of certificates', { mtls: { certificate: 'socket', required: false } }, /"required"/],
    ['an algorithm that is not of the profile', { algorithms: ['RS256'] }, /"algorithms".*PS256/],
    ['one for proofs', { dpop: { origin, algorithms: ['ES384'] } }, /"dpop.algorithms"/],
    [
      'one of an issuer',
      { issuer: { issuer: 'https://bank.example.com', algorithms: ['RS512'] } },
      /"issuer.algorithms"/,
    ],
    ['http', { dangerouslyAllowHttp: true }, /dangerouslyAllowHttp/],
    ['no leeway', { clockToleranceSeconds: 0 }, /"clockToleranceSeconds" must be 10 to 60/],
    ['too much', { clockToleranceSeconds: 61 }, /"clockToleranceSeconds"/],
    ['no leeway for proofs', { dpop: { origin, futureSeconds: 5 } }, /"dpop.futureSeconds"/],
    ['nothing that is taken back', { revocation: undefined }, /"revocation".*"introspection.tokens"/],
    ['questions about some tokens only', { revocation: undefined, issuer: introspecting('opaque') }, /"revocation"/],
    [
      'questions to some issuers only',
      { revocation: undefined, issuer: [introspecting('all'), 'https://b.example.com'] },
      /"revocation"/,
    ],
  ] as const)('refuse %s', (_name, changes, message) => {
    const make = () => fapi2({ ...usual(), ...(changes as Partial<RequireAuthOptions>) })
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(message)
  })

  it.each([
    ['DPoP', {}],
    ['certificates', { dpop: undefined, mtls: { certificate: 'socket' } }],
    ['both', { mtls: { certificate: 'socket' } }],
    ['questions about all tokens', { revocation: undefined, issuer: introspecting('all') }],
    ['a leeway of ten seconds', { clockToleranceSeconds: 10, dpop: { origin, futureSeconds: 60 } }],
  ] as const)('take %s, and start', (_name, changes) => {
    const options = fapi2({ ...usual(), ...(changes as Partial<RequireAuthOptions>) })
    expect(options.algorithms).toEqual(['PS256', 'ES256', 'EdDSA', 'Ed25519'])
    expect([options.dpop?.required, options.mtls?.required]).not.toContain(false)
    expect(() => requireAuth(options)).not.toThrow()
  })
})

describe('behind them', () => {
  it.each([
    ['a Bearer token', 'ES256', {}, 'bound_token_required'],
    ['a bound token without its proof', 'ES256', { cnf: { jkt: 'A'.repeat(43) } }, 'key_bound_token'],
    ['an algorithm that is not of the profile', 'RS256', {}, 'algorithm_not_allowed'],
  ] as const)('%s is refused', async (_name, algorithm, claims, code) => {
    const issuer = await createTestIssuer({ algorithm })
    const app = express()
    app.use(requireAuth(fapi2({ ...issuer.options, dpop: { origin }, revocation })))
    const answer = await request(app)
      .get('/')
      .set('Authorization', `Bearer ${await issuer.accessToken(claims)}`)
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ code })
  })

  it.each([
    ['RS256', { algorithms: ['RS256'] }, 503, 'issuer_unavailable'],
    ['RS256', {}, 401, 'algorithm_not_allowed'],
    ['ES256', { algorithms: ['ES256'] }, 401, 'bound_token_required'],
  ] as const)('a token of %s, where a resolver answers with %j, is %i %s', async (algorithm, own, status, code) => {
    const issuer = await createTestIssuer({ algorithm })
    for (const answer of [
      () => ({ issuer: issuer.issuer, ...own }),
      () => Promise.resolve({ issuer: issuer.issuer, ...own }),
    ]) {
      const app = express()
      app.use(requireAuth(fapi2({ ...issuer.options, issuer: answer, dpop: { origin }, revocation })))
      const refused = await request(app)
        .get('/')
        .set('Authorization', `Bearer ${await issuer.accessToken()}`)
      expect([refused.status, refused.body]).toMatchObject([status, { code }])
    }
  })

  it('an issuer that a resolver does not know is unknown', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const app = express()
    app.use(requireAuth(fapi2({ ...issuer.options, issuer: () => undefined, dpop: { origin }, revocation })))
    const refused = await request(app)
      .get('/')
      .set('Authorization', `Bearer ${await issuer.accessToken()}`)
    expect([refused.status, refused.body]).toMatchObject([401, { code: 'unknown_issuer' }])
  })

  it('a token in the query, or in a form, is none', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const app = express()
    app.use(express.urlencoded({ extended: false }))
    app.use(requireAuth(fapi2({ ...issuer.options, dpop: { origin }, revocation })))
    const token = await issuer.accessToken()
    for (const asked of [
      request(app).get(`/?access_token=${token}`),
      request(app).post('/').type('form').send({ access_token: token }),
    ]) {
      expect((await asked).body).toMatchObject({ code: 'missing_token' })
    }
  })

  it('both schemes are asked for where certificates are taken too: tokens that are bound to one come as Bearer', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' })
    const app = express()
    app.use(requireAuth(fapi2({ ...issuer.options, dpop: { origin }, mtls: { certificate: 'socket' }, revocation })))
    await request(app)
      .get('/')
      .expect('WWW-Authenticate', 'Bearer realm="api", DPoP realm="api", algs="PS256 ES256 EdDSA Ed25519"')
  })
})
