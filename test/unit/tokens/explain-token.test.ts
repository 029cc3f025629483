import { createResourceServer } from 'express-resource-server'
import type { ResourceServerOptions } from '../../../src/config/options.js'
import { reasonFor } from '../../../src/reasons.js'
import { createKey, encode, forgeToken, signer } from '../../kit/forge.js'
import { createKeyEndpoint } from '../../kit/key-endpoint.js'

type Members = Readonly<Record<string, unknown>>

const ISSUER = 'https://issuer.example.com'
const NOW = 1_800_000_000
const key = createKey('P-256', { kid: 'a' })
const evil = createKey('P-256', { kid: 'a' })

const CLAIMS = { iss: ISSUER, aud: 'api', sub: 'user-1', scope: 'a', iat: NOW, exp: NOW + 300 }
const token = (claims: Members = {}, header: Members = {}, by = key): string =>
  forgeToken({ alg: 'ES256', kid: 'a', typ: 'at+jwt', ...header }, { ...CLAIMS, ...claims }, signer('ES256', by))

function createServer(options: Partial<ResourceServerOptions> = {}) {
  const endpoint = createKeyEndpoint(ISSUER, [key.jwk])
  const clock = () => NOW * 1000
  return {
    endpoint,
    ...createResourceServer({ issuer: ISSUER, audience: 'api', fetch: endpoint.fetch, clock, ...options }),
  }
}

const CHECKS = [
  ['form', 'RFC 7515 \u00a77.1'],
  ['type', 'RFC 8725 \u00a73.11'],
  ['header', 'RFC 8725 \u00a73.10'],
  ['issuer', 'RFC 9068 \u00a74'],
  ['algorithm', 'RFC 8725 \u00a73.1'],
  ['expiry', 'RFC 7519 \u00a74.1.4'],
  ['key', 'RFC 7515 \u00a74.1.4'],
  ['signature', 'RFC 7515 \u00a75.2'],
  ['kind', 'RFC 8725 \u00a73.12'],
  ['claims', 'RFC 7519 \u00a74'],
  ['audience', 'RFC 9068 \u00a74'],
  ['not before', 'RFC 7519 \u00a74.1.5'],
  ['age', 'RFC 7519 \u00a74.1.6'],
  ['binding', 'RFC 7800 \u00a73.1'],
  ['authority', 'RFC 9068 \u00a72.2.3'],
  ['schema', 'the option "claims"'],
] as const

/** The outcomes, those that passed left out, in the order of the checks. */
async function explain(presented: string, options: Partial<ResourceServerOptions> = {}) {
  const server = createServer(options)
  if (options.fetch === undefined) await server.ready()
  const { verdict, code, checks } = await server.explainToken(presented)
  expect(checks.map(({ name, spec }) => [name, spec])).toEqual(CHECKS)
  const others = checks.filter(({ outcome }) => outcome !== 'passed')
  for (const report of others.filter(({ outcome }) => outcome !== 'skipped')) {
    expect(report.hint).toBe(reasonFor(report.code ?? 'missing_token').hint)
  }
  for (const report of checks.filter(({ outcome }) => outcome === 'passed' || outcome === 'skipped')) {
    expect([report.code, report.detail, report.hint]).toEqual([undefined, undefined, undefined])
  }
  const of = (outcome: string): readonly string[] =>
    others.filter((one) => one.outcome === outcome).map(({ name }) => name)
  return {
    verdict,
    code,
    failed: of('failed'),
    skipped: of('skipped'),
    undecided: of('undecided'),
    details: others.flatMap(({ detail }) => (detail === undefined ? [] : [detail])),
  }
}

const nothing = { failed: [], skipped: [], undecided: [], details: [] }

test('a good token passes every check, in this order', async () => {
  expect(await explain(token())).toEqual({ ...nothing, verdict: 'accepted', code: undefined })
})

const ALL = CHECKS.map(([name]) => name)
const without = (...names: string[]): readonly string[] => ALL.filter((name) => !names.includes(name))

describe('a token that fails', () => {
  test.each<[name: string, make: () => string, expected: object]>([
    [
      'its form leaves nothing to look at',
      () => 'x',
      {
        code: 'malformed_token',
        failed: ['form'],
        skipped: without('form'),
        details: ['it does not have three segments'],
      },
    ],
    [
      'its type and its header are looked at all the same',
      () => token({}, { typ: 'logout+jwt', jwk: {} }),
      {
        code: 'logout_token_presented',
        failed: ['type', 'header', 'kind'],
        details: [
          'its "typ" header names another kind of token',
          '"jwk" is not accepted',
          'its "typ" header names another kind of token',
        ],
      },
    ],
    [
      'it names no audience, which is said once, with the profile that fits',
      () => token({ aud: undefined, client_id: 'c', token_use: 'access' }, { typ: 'JWT' }),
      {
        code: 'invalid_claims',
        failed: ['audience'],
        skipped: ['authority'],
        details: [
          '"aud" is missing: the token names no audience. A token of Amazon Cognito looks like this: set "profile" to "cognito", and "audience" to the ids of the app clients that may call.',
        ],
      },
    ],
    [
      'its issuer is unknown: no key, no kind, no audience',
      () => token({ iss: 'https://evil.example' }),
      {
        code: 'unknown_issuer',
        failed: ['issuer'],
        skipped: ['algorithm', 'key', 'signature', 'kind', 'claims', 'audience', 'authority'],
        details: ['its "iss" is "https://evil.example"; trusted is "https://issuer.example.com"'],
      },
    ],
    [
      'its issuer is no text',
      () => token({ iss: [ISSUER] }),
      {
        code: 'unknown_issuer',
        failed: ['issuer'],
        skipped: ['algorithm', 'key', 'signature', 'kind', 'claims', 'audience', 'authority'],
        details: ['"iss" is not a text'],
      },
    ],
    [
      'its algorithm is not allowed: no key is looked for',
      () => token({}, { alg: 'HS256' }),
      {
        code: 'algorithm_not_allowed',
        failed: ['algorithm'],
        skipped: ['key', 'signature'],
        details: [
          'its "alg" is "HS256"; allowed are RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519. HS256 is made with a shared secret, and whoever verifies with one can make tokens too: have the issuer sign with an asymmetric key (ES256, RS256)',
        ],
      },
    ],
    [
      'its algorithm is missing',
      () => token({}, { alg: undefined }),
      {
        code: 'algorithm_not_allowed',
        failed: ['algorithm'],
        skipped: ['key', 'signature'],
        details: ['"alg" is missing'],
      },
    ],
    [
      'its key is unknown: no signature is checked',
      () => token({}, { kid: 'b' }),
      {
        code: 'unknown_key',
        failed: ['key'],
        skipped: ['signature'],
        details: ['the issuer has no key of that name'],
      },
    ],
    [
      'its key is unknown, and it has expired',
      () => token({ exp: NOW - 31 }, { kid: 'b' }),
      {
        code: 'token_expired',
        failed: ['expiry', 'key', 'age'],
        skipped: ['signature'],
        details: [
          'it expired 31 s ago',
          'its key is not at hand, and "exp" says that it is not worth a fetch',
          '"iat" lies after "exp"',
        ],
      },
    ],
    ["its signature is another key's", () => token({}, {}, evil), { code: 'invalid_signature', failed: ['signature'] }],
    [
      'everything that its claims can be wrong in',
      () => token({ sub: 1, aud: 'other', exp: NOW - 60, nbf: NOW, iat: NOW, cnf: {}, nonce: 'n' }, { typ: 'JWT' }),
      {
        code: 'token_expired',
        failed: ['expiry', 'kind', 'claims', 'audience', 'not before', 'age', 'binding'],
        details: [
          'it expired 60 s ago',
          'it carries "nonce"',
          '"sub" is not a text',
          'its "aud" is "other"; expected "api"',
          '"nbf" lies after "exp"',
          '"iat" lies after "exp"',
          'there is a "cnf", and neither of the options "dpop" and "mtls" is set',
        ],
      },
    ],
    [
      'its scopes are malformed',
      () => token({ scope: 1 }),
      {
        code: 'invalid_claims',
        failed: ['authority'],
        details: ['"scope" is missing or malformed, or differs from a claim that says the same'],
      },
    ],
  ])('%s', async (_name, make, expected) => {
    expect(await explain(make())).toEqual({ ...nothing, verdict: 'refused', ...expected })
  })

  test('the schema of the user says so last', async () => {
    const claims = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no', path: ['x'] }] }) },
    } as const
    expect(await explain(token(), { claims })).toEqual({
      ...nothing,
      verdict: 'refused',
      code: 'invalid_claims',
      failed: ['schema'],
      details: ['the claims do not fit the schema at "x"'],
    })
  })
})

test('where the keys cannot be had it is undecided, and the rest is judged', async () => {
  const down = () => Promise.reject(new TypeError('down'))
  expect(await explain(token(), { fetch: down })).toEqual({
    ...nothing,
    verdict: 'undecided',
    code: 'issuer_unavailable',
    undecided: ['key'],
    skipped: ['signature'],
    details: [expect.any(String)],
  })
  expect(await explain(token({ aud: 'other' }), { fetch: down })).toMatchObject({
    verdict: 'undecided',
    code: 'issuer_unavailable',
    failed: ['audience'],
  })
  expect(await explain(token({}, { crit: [] }), { fetch: down })).toMatchObject({
    verdict: 'refused',
    code: 'unsupported_header',
    undecided: ['key'],
  })
})

test('what breaks without anybody being down is reported, and names no reason (a request gets the error itself)', async () => {
  const claims = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => {
        throw new RangeError('the schema is broken')
      },
    },
  } as const
  expect(await createServer({ claims }).explainToken(token())).toMatchObject({ verdict: 'undecided', code: undefined })
  const { checks } = await createServer({ claims }).explainToken(token())
  expect(checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([
    {
      name: 'schema',
      spec: 'the option "claims"',
      outcome: 'undecided',
      detail: 'it threw an error: a request with this token ends in a 500 with that error',
    },
  ])
  await expect(createServer({ claims }).verifyToken(token())).rejects.toThrow(RangeError)
})

test('no fetch is made for a token that is dead, or whose issuer is unknown', async () => {
  const server = createServer()
  const dead = [
    token({ exp: NOW - 31 }),
    token({ exp: undefined }),
    token({ exp: 'x' }),
    token({ iss: 'https://x.example' }),
  ]
  for (const one of dead) {
    await expect(server.verifyToken(one)).rejects.toMatchObject({ status: 401 })
    await server.explainToken(one)
  }
  expect(server.endpoint.requests).toEqual([])
  await server.verifyToken(token({ exp: NOW - 29, iat: NOW - 100 }))
  expect(server.endpoint.requests).toHaveLength(2)
})

test('nothing that the payload claims but its expiry shows before the signature holds', async () => {
  const server = createServer()
  await server.ready()
  const lies: Members = { aud: 'other', exp: NOW + 300, nonce: 'n', cnf: {}, sub: 1, scope: 1 }
  for (const [name, value] of Object.entries(lies)) {
    await expect(server.verifyToken(token({ [name]: value }, { typ: 'JWT' }, evil))).rejects.toMatchObject({
      code: 'invalid_signature',
    })
  }
})

test('a token is not verified by parts of itself', async () => {
  const server = createServer()
  const [header = '', , signature = ''] = token().split('.')
  const altered = [header, encode({ ...CLAIMS, sub: 'admin' }), signature].join('.')
  await expect(server.verifyToken(altered)).rejects.toMatchObject({ code: 'invalid_signature' })
  await expect(server.verifyToken(token({}, { alg: 'ES384' }))).rejects.toMatchObject({ code: 'unknown_key' })
})
