import type { Request, Response } from 'express'
import { getAuth } from 'express-resource-server'
import type { Signer } from '../../kit/forge.js'
import {
  attack,
  autoWorld,
  bearer,
  bothWorld,
  createWorld,
  family,
  http,
  strictWorld,
  threatTable,
  type Row,
} from './harness.js'
import { AS1, AS2, AUDIENCE, as2rs, es1, entraIssuer, evil, forge, goodClaims, rs1, rs2, TENANTS } from './tokens.js'

// Not here, since there are no such options: an audience that must stand alone (RFC 7519 4.1.3 asks for membership), issuers as
// RegExp, tokens for one use, deny-lists, a cap for `sub` beside that of the token.

const I = { code: 'invalid_claims' } as const
const A = { code: 'wrong_audience' } as const
const U = { code: 'unknown_issuer' } as const

const perIssuer = createWorld({
  options: {
    issuer: [
      { issuer: AS1, audience: AUDIENCE },
      { issuer: AS2, audience: 'https://reports.test/' },
    ],
  },
})
const resolverCalls: string[] = []
const resolver = createWorld({
  options: {
    issuer: (iss) => {
      resolverCalls.push(iss)
      return [AS1, AS2].includes(iss) ? { issuer: iss } : undefined
    },
  },
})
const trusting = createWorld({ options: { issuer: (iss) => (iss === AS1 ? { issuer: AS1 } : { issuer: AS2 }) } })
const broken = createWorld({
  options: {
    issuer: (iss) => {
      if (iss === AS1) return { issuer: AS1 }
      throw new Error('the directory is down')
    },
  },
})
const several = createWorld({ options: { audience: ['https://other-name.test/', AUDIENCE] } })

// Microsoft Entra ID for two tenants: one set of keys for all of them, and each key says whose it is.
const ENTRA_KEYS = 'https://login.microsoftonline.com/common/discovery/v2.0/keys'
const [TENANT, OTHER_TENANT] = TENANTS
const STRANGER = '33333333-cccc-4ccc-8ccc-333333333333'
const serveEntra = () =>
  Promise.resolve(
    Response.json({
      keys: [
        { ...rs1.jwk, issuer: entraIssuer('{tenantid}') },
        { ...rs2.jwk, issuer: entraIssuer(TENANT) },
        { ...es1.jwk, issuer: 'https://login.evil.example/{tenantid}/v2.0' },
      ],
    }),
  )
const entraOptions = { profile: 'auto', jwksUri: ENTRA_KEYS, fetch: serveEntra } as const
const entraWorld = createWorld({ options: { ...entraOptions, issuer: TENANTS.map(entraIssuer) } })
const entraResolver = createWorld({
  options: {
    ...entraOptions,
    issuer: (iss) => (TENANTS.map(entraIssuer).includes(iss) ? { issuer: iss } : undefined),
  },
})
const forgeEntra = (tenant: string, { tid = tenant, by = rs1 }: { tid?: string; by?: Signer } = {}): string =>
  forge({ iss: entraIssuer(tenant), tid, scp: 'orders:read', scope: undefined }, { typ: 'JWT' }, by)

// Two issuers whose keys come from one place: the same name for a key of each, and a list of algorithms for each.
const SHARED_KEYS = 'https://keys.test/jwks'
const serveShared = () =>
  Promise.resolve(
    Response.json({
      keys: [
        { ...rs1.jwk, kid: 'shared', issuer: AS1 },
        { ...as2rs.jwk, kid: 'shared', issuer: AS2 },
        { ...es1.jwk, kid: 'both' },
      ],
    }),
  )
const sharedWorld = createWorld({
  options: {
    jwksUri: SHARED_KEYS,
    fetch: serveShared,
    issuer: [
      { issuer: AS1, algorithms: ['RS256'] },
      { issuer: AS2, algorithms: ['RS256', 'ES256'] },
    ],
  },
})
const forgeShared = (iss: string, by: Signer, kid = 'shared'): string => forge({ iss }, { kid }, by)

const wrongTypes = { null: null, number: 1, true: true, object: { [AUDIENCE]: 1 }, array: ['x'], empty: '' }

const rows: readonly Row[] = [
  ...family(
    'aud',
    'RFC 7519 4.1.3',
    {
      missing: undefined,
      null: null,
      number: 1,
      true: true,
      'an object': { [AUDIENCE]: 1 },
      'an array in an array': [[AUDIENCE]],
      'a number beside it': [AUDIENCE, 1],
      'an object beside it': [AUDIENCE, {}],
      'null beside it': [AUDIENCE, null],
      'an array-like': { 0: AUDIENCE, length: 1 },
    },
    '401t',
    (aud) => forge({ aud }),
    I,
  ),
  ...[
    '',
    [],
    [''],
    'https://other.test/',
    'https://api.test//',
    'https://api.test/x',
    'https://api.test/?',
    'https://api.test/#',
    'https://api.test/.evil.test',
    'xhttps://api.test/',
    'https://api.test/ ',
    ' https://api.test/',
    'https://api.test/\u0000',
    'https://api.test:443/',
    'https://api.test./',
    'https://%61pi.test/',
    'https://xn--api.test/',
    'HTTPS://api.test/',
    'https://API.test/',
    'http://api.test/',
    'https://user@api.test/',
    'https://apiXtest/',
    'api.test',
    '*',
    'https://*.test/',
    'https://api.test/ https://other.test/',
    'https://other.test/,https://api.test/',
    '["https://api.test/"]',
    goodClaims.client_id,
    'constructor',
    '__proto__',
    ['https://other.test/', 'https://api.test//'],
  ].map((aud) => attack('RFC 9068 4', `aud ${JSON.stringify(aud)}`, '401t', () => forge({ aud }), A)),
  ...['https://api.test', ['https://other.test/', 'https://api.test']].map((aud) =>
    attack('RFC 3986 6.2.3', `aud ${JSON.stringify(aud)}: without the slash of no path`, '200', () => forge({ aud })),
  ),
  attack('RFC 7519 4.1.3', 'this API and another audience', '200', () => forge({ aud: [AUDIENCE, 'evil-client'] })),
  attack('RFC 7519 4.1.3', 'another audience and this API', '200', () => forge({ aud: ['evil-client', AUDIENCE] })),
  attack('RFC 7519 4.1.3', 'one of two configured audiences', '200', () => forge(), { world: several }),
  attack('RFC 7519 4.1.3', 'none of two configured audiences', '401t', () => forge({ aud: 'https://other.test/' }), {
    world: several,
    ...A,
  }),
  ...family(
    'iss',
    'RFC 9068 4',
    { missing: undefined, null: null, 'an array': [AS1], 'an object': { [AS1]: 1 }, number: 1, true: true, empty: '' },
    '401t',
    (iss) => forge({ iss }),
    U,
  ),
  ...[
    'HTTPS://AS1.TEST/',
    'https://AS1.test/',
    'http://as1.test/',
    'https://as1.test',
    'https://as1.test//',
    'https://as1.test/ ',
    ' https://as1.test/',
    'https://as1.test/x',
    'https://as1.test/\u0000',
    'https://as1.test:443/',
    'https://as1.test/?x',
    'https://as1.test/#',
    'https://as1.test./',
    'https://as1',
    's1.test',
    'as1.test',
    'https://as1.test/.well-known/openid-configuration',
    'https://as1.test@canary.test/',
    'https://canary.test/https://as1.test/',
    '__proto__',
    'constructor',
    AS2,
  ].map((iss) => attack('RFC 8414 3.3', `iss ${JSON.stringify(iss)}`, '401t', () => forge({ iss }), U)),
  attack('RFC 9068 4', 'a good token of AS2, which is not trusted', '401t', () => forge({ iss: AS2 }, {}, as2rs), {
    ...U,
    also: (_answer, { fetched }) => {
      expect(fetched.filter((url) => url.startsWith(AS2))).toEqual([])
    },
  }),
  attack('RFC 9068 4', 'the same where AS2 is trusted', '200', () => forge({ iss: AS2 }, {}, as2rs), {
    world: bothWorld,
  }),
  attack('RFC 9068 4', 'AS2 for the audience that only AS1 may name', '401t', () => forge({ iss: AS2 }, {}, as2rs), {
    world: perIssuer,
    ...A,
  }),
  attack(
    'RFC 9068 4',
    'AS1 for the audience that only AS2 may name',
    '401t',
    () => forge({ aud: 'https://reports.test/' }),
    {
      world: perIssuer,
      ...A,
    },
  ),
  attack(
    'RFC 9068 4',
    'AS2 for its own audience',
    '200',
    () => forge({ iss: AS2, aud: 'https://reports.test/' }, {}, as2rs),
    {
      world: perIssuer,
    },
  ),
  attack(
    'RFC 9068 4',
    'a trusted AS2 for another resource',
    '401t',
    () => forge({ iss: AS2, aud: 'https://other.test/' }, {}, as2rs),
    { world: bothWorld, ...A },
  ),
  attack('RFC 8725 3.8', 'AS2 signs in the name of AS1', '401t', () => forge({}, {}, as2rs), {
    world: bothWorld,
  }),
  attack('RFC 8725 3.8', 'AS2 signs in the name of AS1 under its kid', '401t', () => forge({}, { kid: 'rs1' }, as2rs), {
    world: bothWorld,
    code: 'invalid_signature',
  }),
  attack('RFC 8725 3.8', 'a resolver: AS2', '200', () => forge({ iss: AS2 }, {}, as2rs), { world: resolver }),
  ...[
    '__proto__',
    'constructor',
    'https://canary.test/',
    'file:///etc/passwd',
    '',
    'x'.repeat(512),
    'x'.repeat(513),
    'x'.repeat(9000),
  ].map((iss) =>
    attack(
      'RFC 8725 3.8',
      `a resolver: iss ${iss.slice(0, 25)} of ${String(iss.length)} characters`,
      '401t',
      () => forge({ iss }, {}, evil),
      {
        world: resolver,
        ...U,
        also: () => {
          expect(Math.max(...resolverCalls.map((one) => one.length))).toBeLessThanOrEqual(512)
          // Asked once, then remembered as a miss.
          expect(resolverCalls.filter((one) => one === iss)).toHaveLength(iss.length > 512 ? 0 : 1)
        },
      },
    ),
  ),
  ...family(
    'iss, with a resolver',
    'RFC 8725 3.8',
    { 'an array': [AS1], 'an object': {}, null: null, 'a number': 1 },
    '401t',
    (iss) => forge({ iss }),
    {
      world: resolver,
      ...U,
      also: () => {
        expect(resolverCalls.every((one) => typeof one === 'string')).toBe(true)
      },
    },
  ),
  attack(
    'our own rule',
    'a resolver that answers with another issuer',
    '503',
    () => forge({ iss: 'https://canary.test/' }, {}, as2rs),
    {
      world: trusting,
    },
  ),
  attack('our own rule', 'a resolver that throws', '503', () => forge({ iss: AS2 }, {}, as2rs), {
    world: broken,
  }),
  ...[entraWorld, entraResolver].flatMap((world, n) => {
    const by = n === 0 ? 'a list' : 'a resolver'
    const extras = { world, good: () => forgeEntra(TENANT) }
    return [
      attack('RFC 9068 4', `a tenant of ${by}`, '200', () => forgeEntra(TENANT), extras),
      attack('RFC 9068 4', `the other tenant of ${by}`, '200', () => forgeEntra(OTHER_TENANT), extras),
      ...family(
        by,
        'RFC 9068 4',
        {
          'no tenant of it': STRANGER,
          'a tenant in upper case': TENANT.toUpperCase(),
          'the template itself': '{tenantid}',
          'all tenants': 'common',
          'two tenants': `${TENANT}/${OTHER_TENANT}`,
        },
        '401t',
        (tenant) => forgeEntra(tenant),
        { ...U, ...extras },
      ),
      attack(
        'RFC 8725 3.8',
        `another tenant in "tid" than in "iss", ${by}`,
        '401t',
        () => forgeEntra(TENANT, { tid: OTHER_TENANT }),
        { ...I, ...extras },
      ),
      attack(
        'RFC 8725 3.8',
        `a stranger in "tid" beside a tenant in "iss", ${by}`,
        '401t',
        () => forgeEntra(TENANT, { tid: STRANGER }),
        { ...I, ...extras },
      ),
      attack(
        'RFC 8725 3.8',
        `the key of this tenant alone, ${by}`,
        '200',
        () => forgeEntra(TENANT, { by: rs2 }),
        extras,
      ),
      attack(
        'RFC 8725 3.8',
        `the key of another tenant alone, ${by}`,
        '401t',
        () => forgeEntra(OTHER_TENANT, { by: rs2 }),
        { code: 'unknown_key', ...extras },
      ),
      attack(
        'RFC 8725 3.8',
        `a key of somebody else in the same set, ${by}`,
        '401t',
        () => forgeEntra(TENANT, { by: es1 }),
        { code: 'unknown_key', ...extras },
      ),
    ]
  }),
  ...[
    ['AS1 by its own key', '200', () => forgeShared(AS1, rs1), undefined] as const,
    ['AS2 by its own key of the same name', '200', () => forgeShared(AS2, as2rs), undefined] as const,
    ['AS1 by the key of AS2', '401t', () => forgeShared(AS1, as2rs), 'invalid_signature'] as const,
    ['AS2 by the key of AS1', '401t', () => forgeShared(AS2, rs1), 'invalid_signature'] as const,
    ['AS2 by a key of both', '200', () => forgeShared(AS2, es1, 'both'), undefined] as const,
    [
      'AS1 with an algorithm of AS2 alone',
      '401t',
      () => forgeShared(AS1, es1, 'both'),
      'algorithm_not_allowed',
    ] as const,
  ].map(([what, outcome, token, code]) =>
    attack('RFC 8725 3.8', `one place for the keys of two: ${what}`, outcome, token, {
      world: sharedWorld,
      good: () => forgeShared(AS1, rs1),
      code,
    }),
  ),
  ...family('sub', 'RFC 9068 2.2', { missing: undefined, ...wrongTypes }, '401t', (sub) => forge({ sub }), I),
  ...family('sub, profile auto', 'RFC 7519 4.1.2', wrongTypes, '401t', (sub) => forge({ sub }), {
    ...I,
    world: autoWorld,
  }),
  // Outside the strict profile `sub` is a text when present.
  attack('our own rule', 'sub missing, profile auto', '200', () => forge({ sub: undefined }), {
    world: autoWorld,
  }),
  attack('RFC 8725 3', 'sub of 100 KB', '401t', () => forge({ sub: 'u'.repeat(100_000) }), {
    code: 'token_too_large',
  }),
  ...['client_id', 'jti', 'iat'].map((name) =>
    attack('RFC 9068 2.2', `${name} missing`, '401t', () => forge({ [name]: undefined }), I),
  ),
  ...['client_id', 'jti'].flatMap((name) =>
    Object.entries(wrongTypes).map(([what, value]) =>
      attack('RFC 9068 2.2', `${name} ${what}`, '401t', () => forge({ [name]: value }), I),
    ),
  ),
  attack('our own rule', 'client_id differs from azp', '401t', () => forge({ azp: 'another-client' }), {
    ...I,
    world: autoWorld,
  }),
  attack('our own rule', 'client_id equals azp', '200', () => forge({ azp: goodClaims.client_id }), {
    world: autoWorld,
  }),
  ...family(
    'azp',
    'our own rule',
    { 'an array': [goodClaims.client_id], null: null, 'a number': 1, 'an object': {} },
    '401t',
    (azp) => forge({ azp }),
    {
      ...I,
      world: autoWorld,
    },
  ),
  ...['roles', 'permissions'].flatMap((name) =>
    Object.entries({ object: { admin: true }, number: 1, mixed: ['a', 1], null: null, nested: [['admin']] }).map(
      ([what, value]) =>
        attack('our own rule', `${name} as ${what} name none`, '200', () => forge({ [name]: value }), {
          path: '/any',
          world: autoWorld,
          also: ({ body }) => {
            expect((JSON.parse(body) as Record<string, unknown>)[name]).toEqual([])
          },
        }),
    ),
  ),
  ...family(
    'cnf',
    'RFC 7800 3.1',
    {
      'an empty object': {},
      null: null,
      'an array': [],
      'a text': 'x',
      false: false,
      zero: 0,
      jkt: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
      'jkt a number': { jkt: 1 },
      'jkt padded': { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I=' },
      'x5t#S256': { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' },
      both: { jkt: 'a', 'x5t#S256': 'b' },
      kid: { kid: 'z' },
      jwk: { jwk: evil.jwk },
      jwe: { jwe: 'a.b.c.d.e' },
      jku: { jku: 'https://canary.test/keys', kid: 'z' },
      osc: { osc: 'x' },
    },
    '401t',
    (cnf) => forge({ cnf }),
    { code: 'key_bound_token' },
  ),
  attack('RFC 7800 3.1', 'cnf in profile auto', '401t', () => forge({ cnf: { jkt: 'a' } }, { typ: 'JWT' }), {
    world: autoWorld,
    code: 'key_bound_token',
  }),
  attack('RFC 8693 4.1', 'a chain of 20 actors', '200', () => forge({ act: actors(20) })),
  attack('RFC 8693 4.1', 'a chain of 500 actors', '401t', () => forge({ act: actors(500) }), {
    code: 'malformed_token',
  }),
  attack('RFC 9396 9.1', 'authorization_details that are a text', '200', () => forge({ authorization_details: 'x' })),
  attack(
    'RFC 9396 9.1',
    'authorization_details of a megabyte',
    '401t',
    () => forge({ authorization_details: 'x'.repeat(1_000_000) }),
    {
      code: 'token_too_large',
    },
  ),
]

function actors(depth: number): object {
  let actor: object = { sub: 'actor' }
  for (let i = 1; i < depth; i++) actor = { sub: 'actor', act: actor }
  return actor
}

threatTable('issuer, audience and the shape of claims', rows, strictWorld)

describe('what one request does to its Auth is not seen by the next', () => {
  const world = createWorld({
    after: ({ app, handler }) => {
      app.get(
        '/mutate',
        (req, _res, next) => {
          const auth = getAuth(req) as unknown as Record<string, unknown[]> & { claims: Record<string, unknown> }
          for (const name of ['scopes', 'roles', 'permissions', 'audience']) {
            expect(() => auth[name]?.push('admin')).toThrow(TypeError)
          }
          expect(() => (auth.claims['scope'] = 'admin')).toThrow(TypeError)
          expect(() => ((auth as Record<string, unknown>)['subject'] = 'admin')).toThrow(TypeError)
          next()
        },
        handler,
      )
    },
  })

  test('everything in it is frozen, remembered token or not', async () => {
    const running = await world.start()
    const token = forge()
    for (let i = 0; i < 4; i++) expect((await running.send(bearer(token, '/mutate'))).status).toBe(200)
    const { scopes } = JSON.parse((await running.send(bearer(token, '/any'))).body) as { scopes: string[] }
    expect(scopes).toEqual(['orders:read'])
    expect((await running.send(bearer(token, '/rw'))).status).toBe(403)
  })
})

describe('a req.auth that somebody else set', () => {
  const seen: unknown[] = []
  const planted = { token: 'planted', clientId: 'planted', scopes: ['orders:read', 'orders:write'] }
  const world = createWorld({
    before: ({ app }) => {
      app.use((req, _res, next) => {
        req.auth = planted
        next()
      })
    },
    options: {
      onError: (error, req: Request, res: Response) => {
        seen.push(req.auth)
        res.json({ code: error.code })
      },
    },
  })

  test('is deleted before a refusal', async () => {
    const running = await world.start()
    for (const request of [http('/any'), bearer('x'), bearer(forge({ aud: 'x' }))]) {
      expect((await running.send(request)).status).toBe(401)
    }
    expect(seen).toEqual([undefined, undefined, undefined])
  })

  test('is overwritten on success, and gives no scope', async () => {
    const running = await world.start()
    expect((await running.send(bearer(forge(), '/rw'))).status).toBe(403)
    const echo = JSON.parse((await running.send(bearer(forge(), '/any'))).body) as { scopes: string[] }
    expect(echo.scopes).toEqual(['orders:read'])
  })

  test('does not open a guard without an auth middleware', async () => {
    const running = await createWorld({
      before: ({ app, handler }) => {
        app.use((req, _res, next) => {
          req.auth = planted
          next()
        })
        app.get('/planted', handler)
      },
    }).start()
    expect((await running.send(http('/nomw'))).status).toBe(500)
  })
})
