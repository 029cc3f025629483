import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { isFailure } from '../../src/errors.js'
import { athOf, createClientKey, dpopAt, NOW, ORIGIN, signTexts, TOKEN, type ClientKey } from '../kit/dpop.js'
import { createDpopJudge, type JudgedRequest } from './dpop-judge.js'

const keys = ['ES256', 'ES256', 'ES256', 'EdDSA', 'ES384', 'PS256'].map((alg) => createClientKey(alg))
const [first = createClientKey()] = keys
const ALGORITHMS = ['ES256', 'EdDSA', 'PS256'] as const
const SECRET = 'a secret of nonces, long enough for them'
const EVERY_SECONDS = 100

/** As the one that makes nonces describes it, made once more. */
const nonceOf = (step: number): string =>
  createHmac('sha256', SECRET)
    .update(`dpop nonce ${String(step)}`)
    .digest('base64url')
const STEP = Math.floor(NOW / EVERY_SECONDS)
const noncesAt = (now: number): readonly string[] =>
  [-1, 0, 1].map((by) => nonceOf(Math.floor(now / EVERY_SECONDS) + by))

const LEFT_OUT = Symbol('left out')
const one = <Value>(...values: Value[]) => fc.constantFrom(...values)

/** Ways to write a path, of which several are the same. */
const paths = one(
  '/orders',
  '/./orders',
  '/a/../orders',
  '/../orders',
  '/%6Frders',
  '/%6frders',
  '/orders/',
  '//orders',
  '/Orders',
  '/orders%2F',
  '/orders%2f',
  '/o|s',
  '/o%7Cs',
  '/o%7cs',
  '/',
  '/.',
  '/..',
  '/orders/..',
  '/a/./b/../../orders',
  '/%2E/orders',
  '/%2e%2e/orders',
  '/orders%',
  '/orders%4',
  String.raw`/or\ders`,
  '/%25',
  '/orders;v=1',
  '/%3B',
  '/;',
)
const targets = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constant('/orders') }, { weight: 1, arbitrary: paths }),
    one('', '', '?a=1', '?', '?a=/../b'),
  )
  .map(([path, query]) => path + query)
const uris = fc
  .tuple(
    one('https', 'https', 'https', 'HTTPS', 'Https', 'http', 'ftp', ''),
    one(
      'api.example.com',
      'api.example.com',
      'API.example.COM',
      'evil.example',
      'api.example.com.',
      'user@api.example.com',
      '',
    ),
    one('', '', '', ':443', ':', ':80', ':8443'),
    fc.oneof(fc.constant('/orders'), fc.constant('/orders'), paths),
    one('', '', '?a=1', '#top', '?a#b?c', '?'),
  )
  .map(([scheme, host, port, path, end]) => `${scheme}://${host}${port}${path}${end}`)
const odd: fc.Arbitrary<unknown> = one<unknown>(null, true, 0, 1, '', 'x', [], {}, ['x'], LEFT_OUT)

/** What a member becomes. */
const headerBends = fc.oneof(
  fc.tuple(fc.constant('typ'), fc.oneof(one<unknown>('JWT', 'DPOP+JWT', 'application/dpop+jwt', 'at+jwt'), odd)),
  fc.tuple(
    fc.constant('alg'),
    fc.oneof(one<unknown>('none', 'HS256', 'ES256', 'EdDSA', 'RS256', 'PS256', 'ES384'), odd),
  ),
  fc.tuple(
    one('crit', 'b64', 'zip', 'enc', 'kid', 'jku', 'x5c', 'cty'),
    odd.filter((value) => value !== LEFT_OUT),
  ),
  fc.tuple(fc.constant('jwk'), odd),
)
const keyBends = fc.oneof(
  fc.tuple(one('d', 'p', 'oth', 'priv', 'junk', 'issuer', 'x5c'), one<unknown>('AA', 1, null)),
  fc.tuple(fc.constant('use'), one<unknown>('sig', 'enc', null)),
  fc.tuple(fc.constant('alg'), one<unknown>('ES256', 'EdDSA', 'PS256', 'RS256', null)),
  fc.tuple(fc.constant('key_ops'), one<unknown>(['verify'], ['sign'], ['sign', 'verify'], [], 'verify', null)),
  fc.tuple(fc.constant('kid'), one<unknown>('a', '', 1, 'k'.repeat(257))),
  fc.tuple(one('x', 'y', 'n', 'e'), one<unknown>('AA', '', null, LEFT_OUT, 'AQAB', 'AAEAAQ')),
  fc.tuple(one('kty', 'crv'), one<unknown>('EC', 'OKP', 'RSA', 'oct', 'P-256', 'P-384', 'secp256k1', null, LEFT_OUT)),
)
const claimBends = fc.oneof(
  fc.tuple(fc.constant('htu'), fc.oneof({ weight: 6, arbitrary: uris }, { weight: 1, arbitrary: odd })),
  fc.tuple(fc.constant('htm'), fc.oneof(one<unknown>('get', 'POST', 'GET '), odd)),
  fc.tuple(
    fc.constant('iat'),
    fc.oneof(
      one<unknown>(
        ...[-61, -60, -59, -11, -10, -9, 9, 10, 11, 60, 3600, -3600, 0.5].map((by) => NOW + by),
        NOW * 1000,
        String(NOW),
      ),
      odd,
    ),
  ),
  fc.tuple(
    one('exp', 'nbf'),
    fc.oneof(
      one<unknown>(...[-11, -10, -9, 9, 10, 11].map((by) => NOW + by), 0.5),
      odd.filter((value) => value !== LEFT_OUT),
    ),
  ),
  fc.tuple(fc.constant('ath'), fc.oneof(one<unknown>(athOf('x'), `${athOf(TOKEN)}=`), odd)),
  fc.tuple(
    fc.constant('jti'),
    fc.oneof(one<unknown>('a\0', '\u4e2d', '\u007f', '\u0085', 'j'.repeat(256), 'j'.repeat(257)), odd),
  ),
  fc.tuple(fc.constant('nonce'), fc.oneof(one<unknown>(...[-2, -1, 0, 1, 2].map((by) => nonceOf(STEP + by))), odd)),
  fc.tuple(one('junk', 'sub', 'cnf'), odd),
)
const textBends = one<(proof: string) => string | undefined>(
  () => undefined,
  (proof) => `${proof}=`,
  (proof) => `${proof}.`,
  (proof) => proof.slice(0, -1),
  (proof) => proof.slice(0, proof.lastIndexOf('.')),
  (proof) => `${proof.slice(0, -4)}AAAA`,
  (proof) => `${proof}, ${proof}`,
  (proof) => ` ${proof}`,
  (proof) => proof.replace('.', '..'),
)

type Bend = readonly [name: string, value: unknown]

interface Example {
  readonly key: ClientKey
  readonly signer: ClientKey
  readonly jti: string
  readonly nonce: string
  readonly header: readonly Bend[]
  readonly jwk: readonly Bend[]
  readonly claims: readonly Bend[]
  readonly duplicate: string
  readonly bend: ((proof: string) => string | undefined) | undefined
  readonly request: Omit<JudgedRequest, 'proof' | 'boundTo'> & {
    /** "its key" for that of the proof. */
    readonly boundTo: string | undefined
  }
  readonly after: number
}

const seldom = <Value>(weight: number, usual: Value, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary })
const bends = (arbitrary: fc.Arbitrary<Bend>, weight: number): fc.Arbitrary<readonly Bend[]> =>
  seldom<readonly Bend[]>(weight, [], fc.array(arbitrary, { minLength: 1, maxLength: 2 }))

const examples: fc.Arbitrary<Example> = fc
  .record({
    key: seldom(2, first, one(...keys)),
    signer: seldom(20, undefined, one(...keys)),
    jti: seldom(1, '', one('one', 'two')),
    nonce: seldom(4, nonceOf(STEP), one(nonceOf(STEP - 1), nonceOf(STEP - 2), 'x')),
    header: bends(headerBends, 8),
    jwk: bends(keyBends, 8),
    claims: bends(claimBends, 2),
    duplicate: seldom(30, '', one(',"jti":"one"', ',"x":{"a":1,"a":1}', ',"__proto__":1', ',"x":1e999', ',"x":[[]]')),
    bend: seldom<Example['bend']>(20, undefined, textBends),
    request: fc.record({
      method: seldom(10, 'GET', one('POST', 'get')),
      target: seldom(2, '/orders', targets),
      token: seldom(20, TOKEN, one('x', `${TOKEN}x`)),
      boundTo: seldom<string | undefined>(12, 'its key', one(undefined, first.thumbprint, '', 'x')),
    }),
    after: seldom(3, 0, one(1, 30, 59, 61, 70, 75)),
  })
  .map(({ signer, ...rest }) => ({ ...rest, signer: signer ?? rest.key }))

function bent(members: Readonly<Record<string, unknown>>, changes: readonly Bend[]): Record<string, unknown> {
  const result: Record<string, unknown> = { ...members }
  for (const [name, value] of changes) {
    if (value === LEFT_OUT) Reflect.deleteProperty(result, name)
    else result[name] = value
  }
  return result
}

let serial = 0

function requestOf(example: Example, nonces: boolean): JudgedRequest {
  const { key, signer, header, jwk, claims, duplicate, bend, request } = example
  const headerMembers = bent({ typ: 'dpop+jwt', alg: key.alg, jwk: bent(key.jwk, jwk) }, header)
  const jti = example.jti === '' ? `jti ${String(serial++)}` : example.jti
  const usual = {
    jti,
    htm: 'GET',
    htu: `${ORIGIN}/orders`,
    iat: NOW,
    ath: athOf(TOKEN),
    ...(nonces && { nonce: example.nonce }),
  }
  const payload = JSON.stringify(bent(usual, claims)).replace(/\}$/, `${duplicate}}`)
  const proof = signTexts(signer, JSON.stringify(headerMembers), payload)
  const { boundTo } = request
  return {
    ...request,
    boundTo: boundTo === 'its key' ? key.thumbprint : boundTo,
    proof: bend === undefined ? proof : bend(proof),
  }
}

const tally = { taken: 0, refused: 0, alone: new Map<string, number>() }

test.each([false, true])(
  'proofs are taken and refused as by an independent judge, over 12,000 of them, with nonces: %p',
  async (nonces) => {
    await fc.assert(
      fc.asyncProperty(fc.array(examples, { minLength: 3, maxLength: 3 }), async (cases) => {
        const { dpop, at } = dpopAt({
          algorithms: ALGORITHMS,
          ...(nonces && { nonce: { secret: SECRET, everySeconds: EVERY_SECONDS } }),
        })
        const judge = createDpopJudge({
          origin: ORIGIN,
          algorithms: ALGORITHMS,
          maxAge: 60,
          skew: 10,
          noncesAt: nonces ? noncesAt : undefined,
        })
        let seconds = 0
        for (const example of cases) {
          seconds += example.after
          at(seconds)
          const request = requestOf(example, nonces)
          const broken = await judge(request, NOW + seconds)
          const answer = await dpop.take(request)
          const [rule] = broken
          count(broken)
          expect([isFailure(answer) ? 'refused' : 'taken', broken]).toEqual([
            rule === undefined ? 'taken' : 'refused',
            broken,
          ])
          if (isFailure(answer) && broken.length === 1) expect(answer.code).toBe(codeFor(rule))
        }
      }),
      { numRuns: 4000 },
    )
  },
  300_000,
)

function codeFor(rule: string | undefined): string {
  if (rule === 'nonce') return 'use_dpop_nonce'
  return rule === 'binding' ? 'key_binding_mismatch' : 'invalid_dpop_proof'
}

function count(broken: readonly string[]): void {
  const [rule] = broken
  if (rule === undefined) tally.taken++
  else tally.refused++
  if (rule !== undefined && broken.length === 1) tally.alone.set(rule, (tally.alone.get(rule) ?? 0) + 1)
}

test('the proofs are neither all good nor all bad, and each rule alone has refused some', () => {
  const all = tally.taken + tally.refused
  expect(all).toBeGreaterThanOrEqual(20_000)
  expect(tally.taken / all).toBeGreaterThan(0.1)
  expect(tally.taken / all).toBeLessThan(0.6)
  const rules = [
    'form',
    'typ',
    'header',
    'alg',
    'jwk',
    'htm',
    'htu',
    'iat',
    'exp',
    'nbf',
    'ath',
    'jti',
    'nonce type',
    'binding',
    'nonce',
    'signature',
    'replay',
  ]
  for (const rule of rules) expect([rule, (tally.alone.get(rule) ?? 0) > 10]).toEqual([rule, true])
})
