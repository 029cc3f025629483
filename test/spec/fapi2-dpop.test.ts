import { randomUUID } from 'node:crypto'
import express from 'express'
import { requireAuth } from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import { athOf, createClientKey, createProof, ORIGIN, type ClientKey, type ProofChanges } from '../kit/dpop.js'
import { rawRequest, startServer, type RunningServer } from '../kit/raw-request.js'

/**
 * What the conformance suite of the OpenID Foundation sends to a resource server with DPoP, and what it wants back: the modules
 * "dpop-negative-tests", "check-dpop-proof-nbf-exp", "ensure-dpop-proof-with-iat-is-10seconds-before" and "-after", and
 * "access-token-type-header-case-sensitivity" of FAPI 2.0 Security Profile. In the order of its modules, by its own words.
 */
const key = createClientKey()
const other = createClientKey()
const rsa = createClientKey('RS256')
const fixed = randomUUID()

let issuer: TestIssuer
let token: string
let rsaToken: string
let api: RunningServer

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'PS256' })
  token = await issuer.accessToken({ cnf: { jkt: key.thumbprint } })
  rsaToken = await issuer.accessToken({ cnf: { jkt: rsa.thumbprint } })
  const replay = createMemoryStore({ clock: issuer.options.clock })
  const algorithms = ['PS256', 'ES256', 'EdDSA'] as const
  const app = express()
  app.use(requireAuth({ ...issuer.options, algorithms, dpop: { origin: ORIGIN, required: true, algorithms, replay } }))
  app.get('/orders', (_req, res) => {
    res.json({})
  })
  api = await startServer(app)
})
afterAll(() => api.close())

const proof = ({ header, claims }: ProofChanges = {}, by: ClientKey = key, of = token): string =>
  createProof(by, { header: header ?? {}, claims: { iat: issuer.now(), ath: athOf(of), ...claims } })

interface Sent {
  readonly scheme?: string
  readonly token?: string
  /** The `DPoP` fields, by their names. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly path?: string
}

const one = (value: string): Sent => ({ fields: [['DPoP', value]] })
const claims = (changes: () => object) => (): Sent => one(proof({ claims: { ...changes() } }))
const header = (changes: object) => (): Sent => one(proof({ header: { ...changes } }))
const htu = `${ORIGIN}/orders`

type Row = readonly [what: string, send: () => Sent, expected: 'accepted' | 'refused']
const rows: readonly Row[] = [
  ['a correct DPoP proof', () => one(proof()), 'accepted'],
  ['all upper case header', () => ({ fields: [['DPOP', proof()]] }), 'accepted'],
  [
    'more than one DPoP in the header',
    () => ({
      fields: [
        ['DPoP', proof()],
        ['DPoP', proof()],
      ],
    }),
    'refused',
  ],
  ['not well-formed JWT', () => one(proof().replace('.', '')), 'refused'],
  ["'typ' is missing in header", header({ typ: undefined }), 'refused'],
  ["'alg' is missing", header({ alg: undefined }), 'refused'],
  ["'jwk' is missing", header({ jwk: undefined }), 'refused'],
  ...['jti', 'htm', 'htu', 'iat', 'ath'].map((name): Row => [
    `'${name}' is missing`,
    claims(() => ({ [name]: undefined })),
    'refused',
  ]),
  ["invalid 'typ' in header", header({ typ: 'at+jwt' }), 'refused'],
  ['signed using RS256', () => ({ ...one(proof({}, rsa, rsaToken)), token: rsaToken }), 'refused'],
  [
    'none alg',
    () =>
      one(
        `${proof({ header: { alg: 'none' } })
          .split('.')
          .slice(0, 2)
          .join('.')}.`,
      ),
    'refused',
  ],
  ['invalid signature', () => one(`${proof().slice(0, -8)}AAAAAAAA`), 'refused'],
  [
    'jwk header incorrectly containing private key',
    header({ jwk: key.privateKey.export({ format: 'jwk' }) }),
    'refused',
  ],
  ["incorrect 'htm'", claims(() => ({ htm: 'PUT' })), 'refused'],
  ["'htu' has a query/fragment", claims(() => ({ htu: `${htu}?query=1#fragment` })), 'accepted'],
  [
    "'htu' does not contain the query/fragment",
    () => ({ ...one(proof({ claims: { htu } })), path: '/orders?query=1' }),
    'accepted',
  ],
  ["'htu' is a different url", claims(() => ({ htu: 'https://other.example.com/orders' })), 'refused'],
  ["'iat' is one hour in the future", claims(() => ({ iat: issuer.now() + 3600 })), 'refused'],
  ["'iat' is one hour in the past", claims(() => ({ iat: issuer.now() - 3600 })), 'refused'],
  ['first use of jti', claims(() => ({ jti: fixed })), 'accepted'],
  ['second use of the same jti', claims(() => ({ jti: fixed })), 'refused'],
  ["'ath' is incorrect", claims(() => ({ ath: athOf('another') })), 'refused'],
  ['signed with a different key', () => one(proof({}, other)), 'refused'],
  [
    'extra claims on header and claims',
    () => one(proof({ header: { extra: 'a' }, claims: { extra: { b: 1 } } })),
    'accepted',
  ],
  ['scheme and hostname in upper case', claims(() => ({ htu: 'HTTPS://API.EXAMPLE.COM/orders' })), 'accepted'],
  ['the default port', claims(() => ({ htu: 'https://api.example.com:443/orders' })), 'accepted'],
  ['without DPoP proof', () => ({ fields: [] }), 'refused'],
  [
    "without DPoP proof and authorization type changed to 'Bearer'",
    () => ({ scheme: 'Bearer', fields: [] }),
    'refused',
  ],
  ["'nbf' and 'exp' in the claims", claims(() => ({ nbf: issuer.now() - 5, exp: issuer.now() + 300 })), 'accepted'],
  ["'iat' is 10 seconds before", claims(() => ({ iat: issuer.now() - 10 })), 'accepted'],
  ["'iat' is 10 seconds after", claims(() => ({ iat: issuer.now() + 10 })), 'accepted'],
  ['the type of the access token in inverted case', () => ({ ...one(proof()), scheme: 'dpOp' }), 'accepted'],
  ['a correct DPoP proof still works', () => one(proof()), 'accepted'],
]

test.each(rows)('%s', async (_what, send, expected) => {
  const { scheme = 'DPoP', token: presented = token, fields, path = '/orders' } = send()
  const headers = [['Authorization', `${scheme} ${presented}`] as const, ...fields]
  const { status } = await rawRequest(api.port, { path, headers })
  if (expected === 'accepted') expect(status).toBe(200)
  else expect([400, 401]).toContain(status)
})
