/**
 * RFC 9068, the JWT profile for access tokens, judged by `profile: 'rfc9068'` (to the letter) and by `'auto'` (the default, for the
 * providers that do not follow it); with RFC 8707 (resource indicators) where it is about `aud`.
 *
 * Deviated from, or not applicable:
 *
 * - RFC 9068 4, `typ`, and 2.2, required claims: hold for `'rfc9068'`. `'auto'` takes `typ: JWT` or none where the token bears
 *   a mark of an access token and none of another kind, and asks for `iss`, `exp` and `aud`: most providers sign such tokens.
 * - RFC 9068 2.2.3, `scope` is a text: holds for `'rfc9068'`; `'auto'` also reads an array of texts, and `scp`, as providers write them.
 * - RFC 9068 4, encrypted tokens: not supported, five segments are refused.
 * - RFC 9068 5, collisions of `sub` and `client_id`: there is no `isClientCredentials`; both are in the auth object for a policy.
 * - RFC 8707 2, a resource is an absolute URI without fragment, and better without query: `audience` is any text, because
 *   many providers name APIs otherwise (`api://...`, a GUID); RFC 7519 4.1.3 allows it. There is no resource mode.
 */
import { requirePolicy, requireStepUp } from 'express-resource-server'
import type { ReasonCode } from 'express-resource-server'
import { createTestIssuer, type Changes, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { expectRefusal } from '../kit/refusals.js'
import { answerOf, createApi, expectGranted, expectOutcome, expectRefused, present, type Api } from '../kit/api.js'

type Outcome = ReasonCode | 'granted'

let issuer: TestIssuer
let strict: Api
let auto: Api

beforeAll(async () => {
  issuer = await createTestIssuer()
  strict = createApi({ ...issuer.options, profile: 'rfc9068' })
  auto = createApi({ ...issuer.options, profile: 'auto' })
})

// An expired token never causes a fetch: the keys are at hand before each test.
beforeEach(async () => {
  const token = await issuer.accessToken()
  await expectGranted(strict, token)
  await expectGranted(auto, token)
})

/** Mints with changes to the claims and to the header, and expects what each profile says. */
async function expectBoth(token: string, outcomes: readonly [strict: Outcome, auto: Outcome]): Promise<void> {
  await expectOutcome(strict, token, outcomes[0])
  await expectOutcome(auto, token, outcomes[1])
}

describe('the header', () => {
  test.each(['RS256', 'ES256', 'PS256', 'EdDSA'] as const)(
    'RFC 9068 2.1: takes %s without being told',
    async (algorithm) => {
      const own = await createTestIssuer({ algorithm })
      await expectGranted(createApi({ ...own.options, profile: 'rfc9068' }), await own.accessToken())
      const other = await createTestIssuer({ algorithm })
      await expectRefused(createApi(own.options), await other.accessToken(), 'unknown_key')
    },
  )

  test.each(['none', 'None', 'NONE', 'nOnE', 'HS256', 'HS512'])(
    'RFC 9068 2.1: refuses alg %s, signed or not',
    async (alg) => {
      const [, payload = '', signature = ''] = (await issuer.accessToken()).split('.')
      const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt' })).toString('base64url')
      await expectBoth(`${header}.${payload}.${signature}`, ['algorithm_not_allowed', 'algorithm_not_allowed'])
      await expectBoth(`${header}.${payload}.`, ['malformed_token', 'malformed_token'])
      await expectBoth(`${header}.${payload}`, ['malformed_token', 'malformed_token'])
    },
  )

  const refusedType = ['wrong_token_type', 'wrong_token_type'] as const
  const types: readonly [typ: unknown, strict: Outcome, auto: Outcome][] = [
    ['at+jwt', 'granted', 'granted'],
    ['AT+JWT', 'granted', 'granted'],
    ['at+JWT', 'granted', 'granted'],
    ['application/at+jwt', 'granted', 'granted'],
    ['APPLICATION/AT+JWT', 'granted', 'granted'],
    ['JWT', 'unrecognised_token_type', 'granted'],
    ['jwt', 'unrecognised_token_type', 'granted'],
    ['application/jwt', 'unrecognised_token_type', 'granted'],
    [undefined, 'unrecognised_token_type', 'granted'],
    ['text/at+jwt', ...refusedType],
    ['application//at+jwt', ...refusedType],
    ['application/application/at+jwt', ...refusedType],
    ['at+jwtx', ...refusedType],
    ['xat+jwt', ...refusedType],
    ['at jwt', ...refusedType],
    ['at%2Bjwt', ...refusedType],
    [' at+jwt', ...refusedType],
    ['at+jwt ', ...refusedType],
    ['at+jwt;charset=utf-8', ...refusedType],
    ['', ...refusedType],
    ['JWS', ...refusedType],
    ['JOSE', ...refusedType],
    ['constructor', ...refusedType],
    ['__proto__', ...refusedType],
    [['at+jwt'], 'unsupported_header', 'unsupported_header'],
    [1, 'unsupported_header', 'unsupported_header'],
    [null, 'unsupported_header', 'unsupported_header'],
  ]

  test.each(types)('RFC 9068 4: typ %j is %s for rfc9068, and %s for auto', async (typ, forStrict, forAuto) => {
    await expectBoth(await issuer.accessToken({}, { typ }), [forStrict, forAuto])
  })

  test.each([
    ['id_token+jwt', 'id_token_presented'],
    ['rt+jwt', 'refresh_token_presented'],
    ['logout+jwt', 'logout_token_presented'],
    ['dpop+jwt', 'dpop_proof_presented'],
    ['secevent+jwt', 'wrong_token_type'],
    ['token-introspection+jwt', 'wrong_token_type'],
    ['oauth-authz-req+jwt', 'wrong_token_type'],
    ['client-authentication+jwt', 'wrong_token_type'],
    ['oauth-id-jag+jwt', 'wrong_token_type'],
    ['entity-statement+jwt', 'wrong_token_type'],
    ['statuslist+jwt', 'wrong_token_type'],
    ['txntoken+jwt', 'wrong_token_type'],
    ['vc+jwt', 'wrong_token_type'],
    ['dc+sd-jwt', 'wrong_token_type'],
    ['kb+jwt', 'wrong_token_type'],
  ] as const)('RFC 9068 4: typ %s is another kind of token: %s', async (typ, code) => {
    await expectBoth(await issuer.accessToken({}, { typ }), [code, code])
    await expectBoth(await issuer.accessToken({}, { typ: `application/${typ}` }), [code, code])
    await expectBoth(await issuer.accessToken({}, { typ: typ.toUpperCase() }), [code, code])
  })
})

describe('the kind', () => {
  const named = (code: Outcome) => [code, code] as const
  const unrecognised = named('unrecognised_token_type')
  const kinds: readonly [what: string, strict: Outcome, auto: Outcome, token: () => Promise<string>][] = [
    ['an ID token', ...named('id_token_presented'), () => issuer.idToken()],
    ['an ID token for this API', ...named('id_token_presented'), () => issuer.idToken({ aud: issuer.audience })],
    ['an ID token without typ', ...named('id_token_presented'), () => issuer.idToken({}, { typ: undefined })],
    [
      'an ID token for this API without nonce and at_hash',
      ...unrecognised,
      () => issuer.idToken({ aud: issuer.audience, nonce: undefined, at_hash: undefined }),
    ],
    ['a refresh token', ...named('refresh_token_presented'), () => issuer.refreshToken()],
    ['a logout token', ...named('logout_token_presented'), () => issuer.logoutToken()],
    [
      'a logout token with typ JWT',
      ...named('logout_token_presented'),
      () => issuer.logoutToken({ aud: issuer.audience }, { typ: 'JWT' }),
    ],
    [
      'a logout token with typ at+jwt',
      ...named('logout_token_presented'),
      () => issuer.logoutToken({ aud: issuer.audience }, { typ: 'at+jwt' }),
    ],
    [
      'a DPoP proof with typ at+jwt',
      ...named('dpop_proof_presented'),
      () => issuer.accessToken({ htm: 'GET', htu: 'https://api.example.com/any' }),
    ],
    [
      'a token with typ at+jwt and token_use id',
      ...named('id_token_presented'),
      () => issuer.accessToken({ token_use: 'id' }),
    ],
    [
      'a token with typ at+jwt and claim typ ID',
      ...named('id_token_presented'),
      () => issuer.accessToken({ typ: 'ID' }),
    ],
    [
      'a token with typ at+jwt and claim typ Refresh',
      ...named('refresh_token_presented'),
      () => issuer.accessToken({ typ: 'Refresh' }),
    ],
    [
      'a token with at+jwt in the claims only',
      ...unrecognised,
      () => issuer.accessToken({ typ: 'at+jwt', scope: undefined }, { typ: 'JWT' }),
    ],
    ['a token with typ at+jwt and a nonce', 'granted', 'granted', () => issuer.accessToken({ nonce: 'n' })],
    [
      'a token with typ JWT, scope and nonce',
      ...named('id_token_presented'),
      () => issuer.accessToken({ nonce: 'n' }, { typ: 'JWT' }),
    ],
    [
      'a token with typ JWT and no mark',
      ...unrecognised,
      () => issuer.accessToken({ scope: undefined }, { typ: 'JWT' }),
    ],
    [
      'a client assertion for this API',
      ...unrecognised,
      () => {
        const now = issuer.now()
        return issuer.sign({
          iss: issuer.issuer,
          sub: 'client-1',
          aud: issuer.audience,
          jti: 'j',
          iat: now,
          exp: now + 60,
        })
      },
    ],
  ]

  test.each(kinds)(
    'RFC 9068 5: %s, signed with the right key, is %s for rfc9068, and %s for auto',
    async (_what, forStrict, forAuto, token) => {
      await expectBoth(await token(), [forStrict, forAuto])
    },
  )

  test('RFC 9068 5: a token whose audience is the client opens nothing, whatever its kind', async () => {
    await expectBoth(await issuer.accessToken({ aud: 'client-1' }), ['wrong_audience', 'wrong_audience'])
    await expectBoth(await issuer.accessToken({ aud: ['client-1', issuer.issuer] }), [
      'wrong_audience',
      'wrong_audience',
    ])
  })
})

describe('the claims', () => {
  const missing: readonly [claim: string, strict: Outcome, auto: Outcome][] = [
    ['iss', 'unknown_issuer', 'unknown_issuer'],
    ['exp', 'invalid_claims', 'invalid_claims'],
    ['aud', 'invalid_claims', 'invalid_claims'],
    ['sub', 'invalid_claims', 'granted'],
    ['client_id', 'invalid_claims', 'granted'],
    ['iat', 'invalid_claims', 'granted'],
    ['jti', 'invalid_claims', 'granted'],
  ]

  test.each(missing)(
    'RFC 9068 2.2: a token without %s is %s for rfc9068, and %s for auto',
    async (claim, forStrict, forAuto) => {
      await expectBoth(await issuer.accessToken({ [claim]: undefined }), [forStrict, forAuto])
    },
  )

  const shapes: readonly unknown[] = [null, '', 0, 1, true, [], {}, ['x'], { a: 1 }]
  const texts = ['sub', 'client_id', 'jti'].flatMap((claim) => shapes.map((value): [string, unknown] => [claim, value]))

  test.each(texts)('RFC 9068 2.2: %s must be a text, not %j', async (claim, value) => {
    await expectBoth(await issuer.accessToken({ [claim]: value }), ['invalid_claims', 'invalid_claims'])
  })

  test('RFC 9068 2.2: client_id and azp that differ name no client', async () => {
    await expectBoth(await issuer.accessToken({ azp: 'client-2' }), ['invalid_claims', 'invalid_claims'])
    await expectBoth(await issuer.accessToken({ azp: 'client-1' }), ['granted', 'granted'])
  })

  test.each([
    ['in capitals', 'HTTPS://ISSUER.EXAMPLE.COM'],
    ['with http', 'http://issuer.example.com'],
    ['with a slash', 'https://issuer.example.com/'],
    ['with its port', 'https://issuer.example.com:443'],
    ['with a path', 'https://issuer.example.com/x'],
    ['cut off', 'https://issuer.example.co'],
    ['with something before it', 'xhttps://issuer.example.com'],
    ['with a space behind it', 'https://issuer.example.com '],
    ['with a Cyrillic letter', 'https://issu\u0435r.example.com'],
    ['with a dot behind the host', 'https://issuer.example.com.'],
    ['as an array', ['https://issuer.example.com']],
    ['as an object', { 'https://issuer.example.com': 1 }],
    ['as null', null],
    ['as a number', 1],
    ['as an empty text', ''],
    ['named like a built-in', '__proto__'],
  ])('RFC 9068 4: the issuer %s is another issuer, and nothing is fetched for it', async (_what, iss) => {
    const fetched = issuer.requests.length
    await expectBoth(await issuer.accessToken({ iss }), ['unknown_issuer', 'unknown_issuer'])
    expect(issuer.requests.length).toBe(fetched)
  })

  const api = 'https://api.example.com'
  const audiences: readonly [what: string, aud: unknown, outcome: Outcome][] = [
    ['this API', api, 'granted'],
    ['this API in a list of one', [api], 'granted'],
    ['this API and others', ['https://other.example.com', api, 'client-1'], 'granted'],
    ['this API twice', [api, api], 'granted'],
    ['another API', 'https://other.example.com', 'wrong_audience'],
    ['this API with a slash', `${api}/`, 'granted'],
    ['this API with two slashes', `${api}//`, 'wrong_audience'],
    ['this API with its port', `${api}:443`, 'wrong_audience'],
    ['a path of this API', `${api}/orders`, 'wrong_audience'],
    ['this API in capitals', api.toUpperCase(), 'wrong_audience'],
    ['this API with something before it', `x${api}`, 'wrong_audience'],
    ['this API with something behind it', `${api}.evil.example`, 'wrong_audience'],
    ['this API cut off', api.slice(0, -1), 'wrong_audience'],
    ['a pattern that matches this API', 'https://.*', 'wrong_audience'],
    ['what this API would match as a pattern', 'https://apixexamplexcom', 'wrong_audience'],
    ['two in one text, by a space', `${api} client-1`, 'wrong_audience'],
    ['two in one text, by a comma', `${api},client-1`, 'wrong_audience'],
    ['nobody', [], 'wrong_audience'],
    ['an empty text', '', 'wrong_audience'],
    ['null', null, 'invalid_claims'],
    ['a number', 1, 'invalid_claims'],
    ['an object with this API as a member', { [api]: 1 }, 'invalid_claims'],
    ['this API in a list in a list', [[api]], 'invalid_claims'],
    ['this API beside a number', [api, 1], 'invalid_claims'],
    ['this API beside null', [api, null], 'invalid_claims'],
  ]

  test.each(audiences.map(([what, aud, outcome]) => [what, outcome, aud] as const))(
    'RFC 9068 4: a token for %s is %s',
    async (_what, outcome, aud) => {
      await expectBoth(await issuer.accessToken({ aud }), [outcome, outcome])
    },
  )

  // RFC 3986 section 6.2.3: an empty path and "/" are one; with a path, every character counts.
  test.each([
    ['https://api.example.com/', 'https://api.example.com', 'granted'],
    ['https://api.example.com/', 'https://api.example.com/', 'granted'],
    ['https://api.example.com:8443', 'https://api.example.com:8443/', 'granted'],
    ['http://localhost:3000', 'http://localhost:3000/', 'granted'],
    ['https://api.example.com/mcp', 'https://api.example.com/mcp/', 'wrong_audience'],
    ['https://api.example.com/mcp/', 'https://api.example.com/mcp', 'wrong_audience'],
    ['https://api.example.com', 'https://api.example.com/?', 'wrong_audience'],
    ['https://api.example.com?a=b', 'https://api.example.com?a=b/', 'wrong_audience'],
    ['https://api.example.com', 'https://api.example.com\\/', 'wrong_audience'],
    ['https://api.example.com', 'http://api.example.com/', 'wrong_audience'],
    ['https://api.example.com', 'https://API.example.com/', 'wrong_audience'],
    ['api://orders', 'api://orders/', 'wrong_audience'],
    ['urn:orders', 'urn:orders/', 'wrong_audience'],
    ['orders', 'orders/', 'wrong_audience'],
    ['https://', 'https:///', 'wrong_audience'],
  ])('RFC 8707 2.2: for the audience %s, a token for %s is %s', async (audience, aud, outcome) => {
    const slashed = createApi({ ...issuer.options, audience })
    const token = await issuer.accessToken({ aud: ['x', aud] })
    if (outcome === 'granted') await expectGranted(slashed, token)
    else await expectRefused(slashed, token, 'wrong_audience')
  })

  test('RFC 9068 4: of several audiences of this API one will do', async () => {
    const two = createApi({ ...issuer.options, audience: ['https://a.example.com', 'urn:b'] })
    await expectGranted(two, await issuer.accessToken({ aud: 'urn:b' }))
    await expectGranted(two, await issuer.accessToken({ aud: ['https://a.example.com', 'x'] }))
    await expectRefused(two, await issuer.accessToken({ aud: ['https://a.example.com urn:b'] }), 'wrong_audience')
  })

  test('RFC 9068 2.2: a refusal repeats no claim', async () => {
    const secret = 'jane.doe@example.com'
    for (const changes of [{ sub: secret, aud: secret }, { sub: [secret] }, { iss: secret }, { client_id: [secret] }]) {
      const { body, header } = await present(strict, await issuer.accessToken(changes))
      expect(`${body}${header('www-authenticate') ?? ''}`).not.toContain(secret)
    }
  })
})

describe('the time', () => {
  /** Seconds from the reading of the clock, for a tolerance of 0, of 30 and of 300. */
  const times: readonly [
    what: string,
    changes: (now: number) => Changes,
    outcomes: readonly [Outcome, Outcome, Outcome],
  ][] = [
    ['exp one second ahead', (now) => ({ exp: now + 1 }), ['granted', 'granted', 'granted']],
    ['exp now', (now) => ({ exp: now }), ['token_expired', 'granted', 'granted']],
    ['exp 29 s ago', (now) => ({ iat: now - 90, exp: now - 29 }), ['token_expired', 'granted', 'granted']],
    ['exp 30 s ago', (now) => ({ iat: now - 90, exp: now - 30 }), ['token_expired', 'token_expired', 'granted']],
    ['exp 59 s ago', (now) => ({ iat: now - 90, exp: now - 59 }), ['token_expired', 'token_expired', 'granted']],
    ['exp 60 s ago', (now) => ({ iat: now - 90, exp: now - 60 }), ['token_expired', 'token_expired', 'token_expired']],
    ['nbf now', (now) => ({ nbf: now }), ['granted', 'granted', 'granted']],
    ['nbf 1 s ahead', (now) => ({ nbf: now + 1 }), ['token_not_yet_valid', 'granted', 'granted']],
    ['nbf 30 s ahead', (now) => ({ nbf: now + 30 }), ['token_not_yet_valid', 'granted', 'granted']],
    ['nbf 31 s ahead', (now) => ({ nbf: now + 31 }), ['token_not_yet_valid', 'token_not_yet_valid', 'granted']],
    ['iat now', (now) => ({ iat: now }), ['granted', 'granted', 'granted']],
    ['iat 30 s ahead', (now) => ({ iat: now + 30 }), ['token_not_yet_valid', 'granted', 'granted']],
    ['iat 31 s ahead', (now) => ({ iat: now + 31 }), ['token_not_yet_valid', 'token_not_yet_valid', 'granted']],
    [
      'nbf 301 s ahead',
      (now) => ({ nbf: now + 301, exp: now + 400 }),
      ['token_not_yet_valid', 'token_not_yet_valid', 'token_not_yet_valid'],
    ],
  ]
  // A clock that stands at a full second, so that a boundary is where it is written.
  test.each(times.map(([what, changes, outcomes]) => [what, outcomes.join(', '), changes, outcomes] as const))(
    'RFC 9068 4: %s is, with a tolerance of 0, 30 and 300 s: %s',
    async (_what, _outcomes, changes, outcomes) => {
      const second = Math.floor(issuer.options.clock() / 1000) * 1000
      const rows = [
        [0, outcomes[0]],
        [30, outcomes[1]],
        [300, outcomes[2]],
      ] as const
      for (const [clockToleranceSeconds, outcome] of rows) {
        const api = createApi({ ...issuer.options, clock: () => second, clockToleranceSeconds })
        await expectGranted(api, await issuer.accessToken())
        await expectOutcome(api, await issuer.accessToken(changes(second / 1000)), outcome)
      }
    },
  )

  test.each([-1, 301, Number.NaN, Number.POSITIVE_INFINITY, '30', '1 minute', null])(
    'RFC 9068 4: a tolerance of %j is an error at start-up',
    (clockToleranceSeconds) => {
      const options = { ...issuer.options, clockToleranceSeconds: clockToleranceSeconds as number }
      expect(() => createApi(options)).toThrow('clockToleranceSeconds')
    },
  )
})

describe('the rest', () => {
  test.each([
    ['five segments', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'],
    ['five full segments', 'eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.AAAA.AAAA.AAAA.AAAA'],
  ])('RFC 9068 4: an encrypted token is refused: %s', async (_what, token) => {
    await expectBoth(token, ['malformed_token', 'malformed_token'])
  })

  test('RFC 9068 4: the signature is verified with the key that its issuer publishes, and no other', async () => {
    const other = await createTestIssuer()
    const token = await issuer.accessToken()
    const [header = '', payload = ''] = token.split('.')
    const [, , signature = ''] = (await issuer.accessToken({ sub: 'user-2' })).split('.')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }
    await expectBoth(await other.accessToken({}, { kid }), ['invalid_signature', 'invalid_signature'])
    await expectBoth(`${header}.${payload}.${signature}`, ['invalid_signature', 'invalid_signature'])
    await expectBoth(token, ['granted', 'granted'])
  })

  const scopes: readonly [
    what: string,
    claims: Changes,
    orders: 'granted' | 'insufficient_scope' | 'invalid_claims',
  ][] = [
    ['the scope', { scope: 'orders:read' }, 'granted'],
    ['the scope among others', { scope: 'openid orders:read profile' }, 'granted'],
    ['the scope twice', { scope: 'orders:read orders:read' }, 'granted'],
    ['a longer scope', { scope: 'orders:readall' }, 'insufficient_scope'],
    ['a shorter scope', { scope: 'orders:rea' }, 'insufficient_scope'],
    ['other letters', { scope: 'ORDERS:READ' }, 'insufficient_scope'],
    ['a wildcard', { scope: 'orders:* *' }, 'insufficient_scope'],
    ['a tab between scopes', { scope: 'orders:read\torders:write' }, 'insufficient_scope'],
    ['a comma between scopes', { scope: 'orders:read,orders:write' }, 'insufficient_scope'],
    ['a plus sign between scopes', { scope: 'orders:read+orders:write' }, 'insufficient_scope'],
    ['a no-break space between scopes', { scope: 'orders:read\u00a0orders:write' }, 'insufficient_scope'],
    ['nothing', { scope: '' }, 'insufficient_scope'],
    ['no scope claim', { scope: undefined }, 'insufficient_scope'],
    ['null', { scope: null }, 'invalid_claims'],
    ['a number', { scope: 1 }, 'invalid_claims'],
    ['an object', { scope: { 'orders:read': true } }, 'invalid_claims'],
    ['an array in an array', { scope: [['orders:read']] }, 'invalid_claims'],
    ['a quote', { scope: 'orders:read "' }, 'invalid_claims'],
    ['a control character', { scope: 'orders:read \u0000' }, 'invalid_claims'],
  ]

  test.each(scopes.map(([what, claims, outcome]) => [what, outcome, claims] as const))(
    'RFC 9068 2.2.3: where the scope claim holds %s, the route is %s',
    async (_what, outcome, claims) => {
      const token = await issuer.accessToken(claims)
      for (const api of [strict, auto]) {
        if (outcome === 'granted') await expectGranted(api, token, '/read')
        else if (outcome === 'invalid_claims') await expectRefused(api, token, outcome, '/read')
        else expectRefusal(await present(api, token, '/read'), outcome, { scope: 'orders:read', token })
      }
    },
  )

  test('RFC 9068 2.2.3: an array of scopes is refused to the letter, and read by auto member by member', async () => {
    const array = await issuer.accessToken({ scope: ['openid', 'orders:read'] })
    await expectRefused(strict, array, 'invalid_claims', '/read')
    await expectGranted(auto, array, '/read')
    const joined = await issuer.accessToken({ scope: ['orders:read orders:write'] })
    await expectRefused(strict, joined, 'invalid_claims', '/read')
    expectRefusal(await present(auto, joined, '/read'), 'insufficient_scope', { scope: 'orders:read', token: joined })
  })

  test('RFC 9068 2.2.3: scope and scp that differ are not added up', async () => {
    const differing = await issuer.accessToken({ scope: 'openid', scp: ['orders:read'] })
    await expectRefused(auto, differing, 'invalid_claims', '/read')
    expectRefusal(await present(strict, differing, '/read'), 'insufficient_scope', { scope: 'orders:read' })
    const same = await issuer.accessToken({ scope: 'openid orders:read', scp: ['orders:read', 'openid'] })
    await expectGranted(auto, same, '/read')
  })

  test('RFC 9068 4: whatever fails the validation is invalid_token', async () => {
    const tokens = [
      await issuer.accessToken({}, { typ: 'x' }),
      await issuer.accessToken({ sub: undefined }),
      await issuer.accessToken({ aud: 'x' }),
      await issuer.accessToken({ iss: 'x' }),
      await issuer.accessToken({ iat: 0, exp: 1 }),
    ]
    for (const token of tokens) {
      const { status, header } = await present(strict, token)
      expect(status).toBe(401)
      expect(header('www-authenticate')).toMatch(
        /^Bearer realm="api", error="invalid_token", error_description="[^"]+"$/,
      )
    }
  })

  test('RFC 9068 2.2.1: auth_time and acr decide where a route asks for them', async () => {
    const { app } = createApi({ ...issuer.options, profile: 'rfc9068' })
    app.get('/mfa', requireStepUp({ acr: 'urn:mfa', maxAgeSeconds: 60 }), (_req, res) => {
      res.json({})
    })
    const get = async (claims: Changes) => {
      const token = await issuer.accessToken(claims)
      return answerOf(await request(app).get('/mfa').set('Authorization', `Bearer ${token}`))
    }
    const now = issuer.now()
    expect((await get({ acr: 'urn:mfa', auth_time: now - 30 })).status).toBe(200)
    const insufficient: readonly Changes[] = [
      {},
      { acr: 'urn:mfa' },
      { auth_time: now },
      { acr: 'urn:pwd', auth_time: now },
      { acr: 'urn:mfa', auth_time: now - 90 },
      { acr: 'urn:mfa', auth_time: now + 90 },
      { acr: 'urn:mfa', auth_time: String(now) },
      { acr: ['urn:mfa'], auth_time: now },
    ]
    for (const claims of insufficient) {
      const answer = await get(claims)
      expect(answer.status).toBe(401)
      expect(answer.header('www-authenticate')).toBe(
        'Bearer realm="api", error="insufficient_user_authentication", error_description="This operation needs a stronger or more recent sign-in.", acr_values="urn:mfa", max_age="60"',
      )
    }
  })

  test('RFC 9068 5: a policy can tell a client that acts for itself from a user', async () => {
    const { app } = createApi({ ...issuer.options, profile: 'rfc9068' })
    app.get(
      '/me',
      requirePolicy(({ subject, clientId }) => subject !== clientId),
      (_req, res) => {
        res.json({})
      },
    )
    const get = async (claims: Changes) => {
      const token = await issuer.accessToken(claims)
      return answerOf(await request(app).get('/me').set('Authorization', `Bearer ${token}`))
    }
    expect((await get({ sub: 'user-1', client_id: 'client-1' })).status).toBe(200)
    expectRefusal(await get({ sub: 'client-1', client_id: 'client-1' }), 'access_denied')
  })
})
