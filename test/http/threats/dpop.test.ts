import { createHmac, randomUUID, sign } from 'node:crypto'
import express from 'express'
import express4 from 'express4'
import {
  getAuth,
  optionalAuth,
  requireAuth,
  requireBoundToken,
  requireScope,
  type DpopOptions,
} from 'express-resource-server'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import type { Store } from '../../../src/stores/store.js'
import { createMemoryStore } from '../../../src/stores/memory-store.js'
import { athOf, createClientKey, createProof, ORIGIN, type ClientKey, type ProofChanges } from '../../kit/dpop.js'
import {
  rawRequest,
  startServer,
  type RawRequest,
  type RawResponse,
  type RunningServer,
} from '../../kit/raw-request.js'

const versions = [
  ['Express 5', express],
  ['Express 4', express4],
] as const

const key = createClientKey()
const other = createClientKey()
const NONCE = { secret: 's'.repeat(32), everySeconds: 60 }
const ALGS = 'algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519"'

let issuer: TestIssuer
let bound: string
let plain: string
const running: RunningServer[] = []

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  bound = await issuer.accessToken({ scope: 'orders:read', cnf: { jkt: key.thumbprint } })
  plain = await issuer.accessToken({ scope: 'orders:read' })
})

afterAll(async () => {
  for (const server of running) await server.close()
})

interface Api {
  readonly port: number
  readonly handled: () => number
  readonly send: (request: RawRequest) => Promise<RawResponse>
}

/** An API at `/orders`, with one router at `/mounted`, that takes proofs. */
async function start(
  make: typeof express,
  dpop: Partial<DpopOptions> | false = {},
  wrap: typeof requireAuth = requireAuth,
): Promise<Api> {
  let handled = 0
  const app = make()
  const replay = createMemoryStore({ clock: issuer.options.clock })
  const options = { ...issuer.options, ...(dpop !== false && { dpop: { origin: ORIGIN, replay, ...dpop } }) }
  app.use((req, _res, next) => {
    // As the package method-override does.
    const override = req.headers['x-http-method-override']
    if (typeof override === 'string') {
      Object.assign(req, { originalMethod: req.method })
      req.method = override
    }
    next()
  })
  const auth = wrap(options)
  const handler: express.RequestHandler = (req, res) => {
    handled++
    res.json(wrap === optionalAuth ? {} : getAuth(req))
  }
  app.use('/mounted', make.Router().use(auth).all('/orders', handler))
  app.use(auth)
  app.all('/scoped', requireScope('orders:write'), handler)
  app.all('/bound', requireBoundToken(), handler)
  app.all(/.*/, handler)
  const server = await startServer(app)
  running.push(server)
  return { port: server.port, handled: () => handled, send: (request) => rawRequest(server.port, request) }
}

/** A proof for a request of now. */
function proof(changes: ProofChanges = {}, by: ClientKey = key, token = bound): string {
  return createProof(by, {
    header: changes.header ?? {},
    claims: { iat: issuer.now(), ath: athOf(token), ...changes.claims },
  })
}

type Fields = readonly (readonly [name: string, value: string])[]
const present = (dpop: string | undefined, token = bound, scheme = 'DPoP'): Fields => [
  ['Authorization', `${scheme} ${token}`],
  ...(dpop === undefined ? [] : [['DPoP', dpop] as const]),
]

function codeOf({ status, body }: RawResponse): string {
  return status === 200 ? 'granted' : String((JSON.parse(body) as { code?: unknown }).code)
}

interface Row {
  readonly what: string
  readonly fields: () => Fields | Promise<Fields>
  readonly request?: RawRequest
  readonly code: string
}

const row = (what: string, code: string, fields: Row['fields'], request?: RawRequest): Row => ({
  what,
  code,
  fields,
  ...(request && { request }),
})
const claim = (what: string, claims: () => object, code = 'invalid_dpop_proof', request?: RawRequest): Row =>
  row(what, code, () => present(proof({ claims: { ...claims() } })), request)
const header = (what: string, change: object, code = 'invalid_dpop_proof'): Row =>
  row(what, code, () => present(proof({ header: { ...change } })))

const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value).slice(0, 40))

const rows: readonly Row[] = [
  row('01 a good proof', 'granted', () => present(proof())),
  row('02 the scheme in lower case', 'granted', () => present(proof(), bound, 'dpop')),
  row('02 the scheme in upper case', 'granted', () => present(proof(), bound, 'DPOP')),
  row('02 the name of the field in lower case', 'granted', () => [...present(undefined), ['dpop', proof()]]),
  row('03 no proof', 'invalid_dpop_proof', () => present(undefined)),
  row('03 an empty proof', 'invalid_dpop_proof', () => present('')),
  row('04 the same proof in two fields', 'invalid_dpop_proof', () => {
    const one = proof()
    return [...present(one), ['DPoP', one]]
  }),
  row('04 two proofs in two fields', 'invalid_dpop_proof', () => [...present(proof()), ['dpop', proof()]]),
  row('04 two proofs in one field', 'invalid_dpop_proof', () => present(`${proof()}, ${proof()}`)),
  row('06 a proof of 9 KiB', 'invalid_dpop_proof', () => present(proof({ claims: { junk: 'x'.repeat(6900) } }))),
  header('07 no typ', { typ: undefined }),
  ...['JWT', 'dpop+jwtx', 'DPOP+JWT', 'application/dpop+jwt'].map((typ) => header(`07 typ ${typ}`, { typ })),
  header('08 no alg', { alg: undefined }),
  ...['none', 'RS1', 'ES256K', 'es256'].map((alg) => header(`08 alg ${alg}`, { alg })),
  row('08 HS256 with the public key as its secret', 'invalid_dpop_proof', () => {
    const [head = '', payload = ''] = proof({ header: { alg: 'HS256' } }).split('.')
    const mac = createHmac('sha256', JSON.stringify(key.jwk)).update(`${head}.${payload}`).digest('base64url')
    return present(`${head}.${payload}.${mac}`)
  }),
  header('11 a private key', { jwk: { ...key.jwk, d: 'x'.repeat(43) } }),
  header('11 a secret', { jwk: { kty: 'oct', k: 'x'.repeat(43) } }),
  header('12 a point that is not on the curve', { jwk: { ...key.jwk, x: key.jwk['y'] } }, 'key_binding_mismatch'),
  header('13 a key for encryption', { jwk: { ...key.jwk, use: 'enc' } }),
  header('13 a key that contradicts its algorithm', { jwk: { ...key.jwk, alg: 'ES384' } }),
  header('13 a key with a name and junk', { jwk: { ...key.jwk, kid: 'a', junk: 'x'.repeat(100) } }, 'granted'),
  header('14 a number of the key in another spelling', { jwk: { ...key.jwk, x: `${String(key.jwk['x'])}=` } }),
  ...['crit', 'b64', 'zip', 'enc'].map((name) => header(`16 ${name} in the header`, { [name]: ['a'] })),
  row("17 another key's signature", 'invalid_dpop_proof', () => {
    const [head = '', payload = ''] = proof().split('.')
    return present(`${head}.${payload}.${createProof(other).split('.')[2] ?? ''}`)
  }),
  row('17 a signature of zeros', 'invalid_dpop_proof', () =>
    present(`${proof().split('.').slice(0, 2).join('.')}.${Buffer.alloc(64).toString('base64url')}`),
  ),
  row('17 a signature in DER', 'invalid_dpop_proof', () => {
    const signed = proof().split('.').slice(0, 2).join('.')
    return present(`${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`)
  }),
  ...[undefined, '', 1, 'x'.repeat(257), 'a\u0000'].map((jti) => claim(`18 jti ${shown(jti)}`, () => ({ jti }))),
  ...[undefined, 'get', 'POST', 'GET ', ['GET']].map((htm) => claim(`19 htm ${shown(htm)}`, () => ({ htm }))),
  row('21 another method by a header: the proof for the one that came', 'granted', () => [
    ...present(proof()),
    ['X-HTTP-Method-Override', 'DELETE'],
  ]),
  row('21 another method by a header: the proof for that', 'invalid_dpop_proof', () => [
    ...present(proof({ claims: { htm: 'DELETE' } })),
    ['X-HTTP-Method-Override', 'DELETE'],
  ]),
  ...[undefined, '/orders', [`${ORIGIN}/orders`], `${ORIGIN}/${'x'.repeat(4000)}`].map((htu) =>
    claim(`22 htu ${shown(htu)}`, () => ({ htu })),
  ),
  ...[
    'https://evil.example.com/orders',
    `${ORIGIN}/order`,
    'http://api.example.com/orders',
    'https://api.example.com:8443/orders',
  ].map((htu) => claim(`23 htu ${htu}`, () => ({ htu }))),
  claim('24 htu with a query and a fragment', () => ({ htu: `${ORIGIN}/orders?a=1#b` }), 'granted'),
  claim('24 a request with a query', () => ({}), 'granted', { path: '/orders?a=1' }),
  claim('26 scheme and host in upper case', () => ({ htu: 'HTTPS://API.EXAMPLE.COM/orders' }), 'granted'),
  claim('27 the default port', () => ({ htu: 'https://api.example.com:443/orders' }), 'granted'),
  claim('28 unreserved characters encoded', () => ({ htu: `${ORIGIN}/%6Frders` }), 'granted'),
  claim('28 escapes in another case', () => ({ htu: `${ORIGIN}/a%2fb` }), 'granted', { path: '/a%2Fb' }),
  claim('28 an encoded slash is none', () => ({ htu: `${ORIGIN}/a/b` }), 'invalid_dpop_proof', { path: '/a%2Fb' }),
  claim('29 a slash more', () => ({ htu: `${ORIGIN}/orders/` })),
  claim('29 an empty segment more', () => ({ htu: `${ORIGIN}//orders` })),
  claim('31 a user in htu', () => ({ htu: 'https://user@api.example.com/orders' })),
  row('33 a proxy that has changed everything but the path', 'granted', () => [
    ...present(proof()),
    ['X-Forwarded-Host', 'inner'],
    ['X-Forwarded-Proto', 'http'],
  ]),
  row('34, 35 forwarding headers say where the proof was for', 'invalid_dpop_proof', () => [
    ...present(proof({ claims: { htu: 'https://evil.example.com/orders' } })),
    ['X-Forwarded-Host', 'evil.example.com'],
    ['Forwarded', 'host=evil.example.com;proto=https'],
  ]),
  row('36 the Host says where the proof was for', 'invalid_dpop_proof', () => [
    ['Host', 'evil.example.com'],
    ...present(proof({ claims: { htu: 'https://evil.example.com/orders' } })),
  ]),
  claim('37 a mounted router: the whole path', () => ({ htu: `${ORIGIN}/mounted/orders` }), 'granted', {
    path: '/mounted/orders',
  }),
  claim('37 a mounted router: what is left of it', () => ({}), 'invalid_dpop_proof', { path: '/mounted/orders' }),
  ...[undefined, '1', 1.5, null].map((iat) => claim(`38 iat ${shown(iat)}`, () => ({ iat }))),
  claim('38 iat in milliseconds', () => ({ iat: issuer.now() * 1000 })),
  ...([-59, -10, 8, 10] as const).map((by) =>
    claim(`39 iat ${String(by)} s`, () => ({ iat: issuer.now() + by }), 'granted'),
  ),
  ...([-3600, -61, 11, 3600] as const).map((by) => claim(`41 iat ${String(by)} s`, () => ({ iat: issuer.now() + by }))),
  claim('42 exp is past', () => ({ exp: issuer.now() - 60 })),
  claim('42 nbf is to come', () => ({ nbf: issuer.now() + 60 })),
  claim('43 no ath', () => ({ ath: undefined })),
  claim('43 ath of another token', () => ({ ath: athOf(plain) })),
  claim('43 ath with padding', () => ({ ath: `${athOf(bound)}=` })),
  claim('44 ath over the scheme as well', () => ({ ath: athOf(`DPoP ${bound}`) })),
  row('46 a token that is bound to no key', 'key_binding_mismatch', () => present(proof({}, key, plain), plain)),
  row('46 a token that is bound to another key', 'key_binding_mismatch', () => present(proof({}, other))),
  ...[{ jkt: 1 }, { jkt: 'x' }, {}, null, { 'x5t#S256': 'x'.repeat(43) }].map((cnf) =>
    row(`47 cnf ${shown(cnf)}`, 'key_bound_token', async () => {
      const token = await issuer.accessToken({ cnf })
      return present(proof({}, key, token), token)
    }),
  ),
  row('47 a certificate beside the key', 'key_bound_token', async () => {
    const token = await issuer.accessToken({ cnf: { jkt: key.thumbprint, 'x5t#S256': key.thumbprint } })
    return present(proof({}, key, token), token)
  }),
  row('48 a bound token as Bearer', 'key_bound_token', () => present(undefined, bound, 'Bearer')),
  row('49 a bound token as Bearer, with a good proof', 'key_bound_token', () => present(proof(), bound, 'Bearer')),
  row('a plain token as Bearer', 'granted', () => present(undefined, plain, 'Bearer')),
  row('a plain token as Bearer, with whatever proof', 'granted', () => present('junk', plain, 'Bearer')),
  row('52 both schemes in two fields', 'malformed_credentials', () => [
    ...present(undefined, plain, 'Bearer'),
    ...present(proof()),
  ]),
  row('52 both schemes in one field', 'malformed_credentials', () => [
    ['Authorization', `DPoP ${bound}, Bearer ${plain}`],
    ['DPoP', proof()],
  ]),
  row('the scheme alone', 'malformed_credentials', () => [
    ['Authorization', 'DPoP'],
    ['DPoP', proof()],
  ]),
  row('a proof alone', 'missing_token', () => [['DPoP', proof()]]),
  row('an expired token, before its proof', 'token_expired', async () => {
    const token = await issuer.accessToken({ exp: issuer.now() - 60, cnf: { jkt: key.thumbprint } })
    return present('junk', token)
  }),
]

describe.each(versions)('DPoP behind %s', (_name, make) => {
  let api: Api
  beforeAll(async () => {
    api = await start(make)
  })

  test.each(rows.map((one) => [one.what, one] as const))('%s', async (_what, { fields, request, code }) => {
    const before = api.handled()
    const answer = await api.send({ path: '/orders', ...request, headers: await fields() })
    expect(codeOf(answer)).toBe(code)
    expect(api.handled() - before).toBe(code === 'granted' ? 1 : 0)
    if (code !== 'granted') expect(answer.head + answer.body).not.toContain(bound.split('.')[2])
  })

  test('the whole challenge: Bearer first, the error where it belongs', async () => {
    const says = (error: string, text: string): string => `error="${error}", error_description="${text}"`
    const challengeOf = async (fields: Fields): Promise<string | undefined> => {
      const answer = await api.send({ path: '/orders', headers: fields })
      expect(answer.header('dpop-nonce')).toBeUndefined()
      return answer.header('www-authenticate')
    }
    expect(await challengeOf([])).toBe(`Bearer realm="api", DPoP realm="api", ${ALGS}`)
    const wrong = says(
      'invalid_dpop_proof',
      'The DPoP proof is missing or malformed, was used before or is not for this request.',
    )
    expect(await challengeOf(present(undefined))).toBe(`Bearer realm="api", DPoP realm="api", ${wrong}, ${ALGS}`)
    const asBearer = says(
      'invalid_token',
      'The access token is bound to a key and cannot be used as a plain Bearer token.',
    )
    expect(await challengeOf(present(undefined, bound, 'Bearer'))).toBe(
      `Bearer realm="api", ${asBearer}, DPoP realm="api", ${ALGS}`,
    )
    const twice = says('invalid_request', 'The Authorization header must hold a scheme and one token, once.')
    expect(await challengeOf([...present(proof()), ...present(undefined, plain, 'Bearer')])).toBe(
      `Bearer realm="api", ${twice}, DPoP realm="api", ${twice}, ${ALGS}`,
    )
  })

  test('a policy says no in the challenge of the scheme', async () => {
    const headers = present(proof({ claims: { htu: `${ORIGIN}/scoped` } }))
    expect((await api.send({ path: '/scoped', headers })).header('www-authenticate')).toBe(
      `Bearer realm="api", DPoP realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="orders:write", ${ALGS}`,
    )
  })

  test('what handlers see: the scheme and the proven key', async () => {
    const seen = async (headers: Fields): Promise<unknown> =>
      JSON.parse((await api.send({ path: '/orders', headers })).body)
    const binding = { method: 'dpop', thumbprint: key.thumbprint }
    // Remembered by the second time, and proved by each.
    for (let i = 0; i < 4; i++) expect(await seen(present(proof()))).toMatchObject({ scheme: 'DPoP', binding })
    const auth = await seen(present(undefined, plain, 'Bearer'))
    expect(auth).toMatchObject({ scheme: 'Bearer' })
    expect(auth).not.toHaveProperty('binding')
  })

  describe('a proof that came before', () => {
    test('53 is refused', async () => {
      const headers = present(proof())
      expect(codeOf(await api.send({ path: '/orders', headers }))).toBe('granted')
      for (let i = 0; i < 3; i++)
        expect(codeOf(await api.send({ path: '/orders', headers }))).toBe('invalid_dpop_proof')
    })

    test('54 is refused with another token of the same key', async () => {
      const second = await issuer.accessToken({ cnf: { jkt: key.thumbprint } })
      const one = proof()
      expect(codeOf(await api.send({ path: '/orders', headers: present(one) }))).toBe('granted')
      expect(codeOf(await api.send({ path: '/orders', headers: present(one, second) }))).toBe('invalid_dpop_proof')
    })

    test('56 is refused when it is signed once more with the same jti', async () => {
      const jti = randomUUID()
      expect(codeOf(await api.send({ path: '/orders', headers: present(proof({ claims: { jti } })) }))).toBe('granted')
      expect(codeOf(await api.send({ path: '/orders', headers: present(proof({ claims: { jti } })) }))).toBe(
        'invalid_dpop_proof',
      )
    })

    test('57 lets one of 100 at once in', async () => {
      const headers = present(proof())
      const before = api.handled()
      const answers = await Promise.all(Array.from({ length: 100 }, () => api.send({ path: '/orders', headers })))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(api.handled() - before).toBe(1)
    })
  })

  test('51 nothing but bound tokens is taken where that is required', async () => {
    const strict = await start(make, { required: true })
    const refused = await strict.send({ path: '/orders', headers: present(undefined, plain, 'Bearer') })
    expect(codeOf(refused)).toBe('bound_token_required')
    expect(refused.header('www-authenticate')).toBe(
      `DPoP realm="api", error="invalid_token", error_description="This needs an access token that is bound to a key of the client.", ${ALGS}`,
    )
    expect((await strict.send({ path: '/orders' })).header('www-authenticate')).toBe(`DPoP realm="api", ${ALGS}`)
    expect(codeOf(await strict.send({ path: '/orders', headers: present(proof()) }))).toBe('granted')
    expect(strict.handled()).toBe(1)
  })

  test('51 one route takes nothing but bound tokens', async () => {
    const before = api.handled()
    const refused = await api.send({ path: '/bound', headers: present(undefined, plain, 'Bearer') })
    expect([refused.status, codeOf(refused), api.handled() - before]).toEqual([401, 'bound_token_required', 0])
    expect(refused.header('www-authenticate')).toBe(
      `Bearer realm="api", DPoP realm="api", error="invalid_token", error_description="This needs an access token that is bound to a key of the client.", ${ALGS}`,
    )
    const headers = present(proof({ claims: { htu: `${ORIGIN}/bound` } }))
    expect(codeOf(await api.send({ path: '/bound', headers }))).toBe('granted')
  })

  test('without the option, bound tokens and the scheme are refused as ever', async () => {
    const off = await start(make, false)
    expect(codeOf(await off.send({ path: '/orders', headers: present(proof()) }))).toBe('missing_token')
    const asBearer = await off.send({ path: '/orders', headers: present(proof(), bound, 'Bearer') })
    expect(codeOf(asBearer)).toBe('key_bound_token')
    expect(asBearer.header('www-authenticate')).not.toContain('DPoP')
    expect(off.handled()).toBe(0)
  })

  test.each(['DPoP', 'dpop x', 'DPoP a b'])('behind optionalAuth nobody is anonymous with "%s"', async (value) => {
    const open = await start(make, {}, optionalAuth)
    const { status } = await open.send({ path: '/orders', headers: [['Authorization', value]] })
    expect([400, 401]).toContain(status)
    expect(open.handled()).toBe(0)
    expect((await open.send({ path: '/orders' })).status).toBe(200)
  })

  describe('with nonces', () => {
    let nonces: Api
    beforeAll(async () => {
      nonces = await start(make, { nonce: NONCE })
    })
    const ask = async (nonce?: unknown): Promise<RawResponse> =>
      nonces.send({ path: '/orders', headers: present(proof({ claims: nonce === undefined ? {} : { nonce } })) })
    const given = async (): Promise<string> => (await ask()).header('dpop-nonce') ?? 'none'

    test('66 a proof without one gets one, once and not to be stored', async () => {
      const answer = await ask()
      expect(codeOf(answer)).toBe('use_dpop_nonce')
      expect(answer.status).toBe(401)
      expect(answer.headers.filter(([name]) => name.toLowerCase() === 'dpop-nonce')).toHaveLength(1)
      expect(answer.header('dpop-nonce')).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]+$/)
      expect(answer.header('cache-control')).toBe('no-store')
      expect(answer.header('www-authenticate')).toBe(
        `Bearer realm="api", DPoP realm="api", error="use_dpop_nonce", error_description="The DPoP proof must hold the nonce that comes with this answer.", ${ALGS}`,
      )
    })

    test('with the one that was given it gets in, and 69 without it no more', async () => {
      const nonce = await given()
      const answer = await ask(nonce)
      expect(codeOf(answer)).toBe('granted')
      expect(answer.header('dpop-nonce')).toBeUndefined()
      expect(codeOf(await ask())).toBe('use_dpop_nonce')
    })

    test.each(['', 'made up', 'x'.repeat(3000)])('67 one that is not ours: %#', async (nonce) => {
      expect(codeOf(await ask(nonce))).toBe('use_dpop_nonce')
    })

    test.each([1, ['a'], null])('71 one that is no text: %j', async (nonce) => {
      expect(codeOf(await ask(nonce))).toBe('invalid_dpop_proof')
    })

    test('68, 72 the one before gets in, with the new one and not to be stored; the one before that does not', async () => {
      const old = await given()
      issuer.advance(60)
      const answer = await ask(old)
      expect(codeOf(answer)).toBe('granted')
      expect(answer.header('dpop-nonce')).toBe(await given())
      expect(answer.header('cache-control')).toBe('no-store')
      issuer.advance(60)
      expect(codeOf(await ask(old))).toBe('use_dpop_nonce')
      bound = await issuer.accessToken({ scope: 'orders:read', cnf: { jkt: key.thumbprint } })
      plain = await issuer.accessToken({ scope: 'orders:read' })
    })
  })

  describe('the store', () => {
    const at = async (addIfAbsent: Store['addIfAbsent'], headers = present(proof())): Promise<RawResponse> => {
      const replay = { ...createMemoryStore(), addIfAbsent }
      return (await start(make, { replay })).send({ path: '/orders', headers })
    }

    test.each<[what: string, addIfAbsent: () => unknown]>([
      [
        'throws',
        () => {
          throw new Error('down')
        },
      ],
      ['rejects', () => Promise.reject(new Error('MOVED'))],
      ['answers nothing', () => undefined],
      ['answers true', () => true],
      ['answers OK', () => 'OK'],
    ])('64 nobody gets in where it %s', async (_what, addIfAbsent) => {
      const answer = await at(addIfAbsent as Store['addIfAbsent'])
      expect([answer.status, codeOf(answer)]).toEqual([503, 'store_unavailable'])
      expect(answer.header('retry-after')).toBe('1')
    })

    test('61, 74 hears of no bad proof and of no bad token', async () => {
      let asked = 0
      const count = (): 'added' => {
        asked++
        return 'added'
      }
      await at(count, present(proof({ claims: { htm: 'PUT' } })))
      await at(count, present(proof({}, other)))
      await at(count, present(proof(), `${bound.slice(0, -10)}AAAAAAAAAA`))
      await at(count, present(proof(), bound, 'Bearer'))
      expect(asked).toBe(0)
      await at(count)
      expect(asked).toBe(1)
    })

    test('59 in the memory of one process cannot tell of what was before it', async () => {
      const issuedAt = issuer.now()
      const before = present(proof({ claims: { iat: issuedAt - 1 } }))
      const young = await start(make, { replay: undefined })
      expect(codeOf(await young.send({ path: '/orders', headers: before }))).toBe('store_unavailable')
      expect(codeOf(await young.send({ path: '/orders', headers: present(proof()) }))).toBe('granted')
      expect(young.handled()).toBe(1)
    })

    test('has the token judged again after a wait', async () => {
      const token = await issuer.accessToken({ exp: issuer.now() + 20, cnf: { jkt: key.thumbprint } })
      const headers = present(proof({}, key, token), token)
      const answer = await at(() => {
        issuer.advance(60)
        return Promise.resolve('added')
      }, headers)
      expect(codeOf(answer)).toBe('token_expired')
    })
  })
})
