import { inspect } from 'node:util'
import type { NextFunction, Request, Response } from 'express'
import {
  createResourceServer,
  getAuth,
  requireAuth,
  requirePolicy,
  type RequireAuthOptions,
} from 'express-resource-server'
import { parseChallenge } from '../../kit/challenges.js'
import { segmentsOf } from '../../kit/forge.js'
import { attack, bearer, createWorld, http, strictWorld, threatTable, type Row, refusedAtStart } from './harness.js'
import { AS1, AUDIENCE, evil, forge, NOW } from './tokens.js'

// That nothing of a token comes back, or goes into a log or an event, is looked at on every row of every file.

const secrets = {
  sub: 'secret-subject-0001',
  client_id: 'secret-client-0001',
  jti: 'secret-jti-0001',
  email: 'secret-mail@example.com',
}

const server = createWorld({ options: { realm: 'orders' } })
const withMetadata = createWorld({
  options: { resourceMetadataUrl: 'https://api.test/.well-known/oauth-protected-resource' },
})

const rows: readonly Row[] = [
  ...[
    '\r\nX-Injected: 1',
    '\u001b[2J',
    '\u0000',
    '%0d%0a',
    '"><script>',
    '\u2028',
    '${jndi:ldap://canary.test/x}',
    '{{7*7}}',
    'x'.repeat(5000),
  ].flatMap((odd) =>
    ['iss', 'aud', 'sub', 'jti', 'scope', 'client_id', 'x'].map((name) =>
      attack(
        'RFC 6750 3',
        `${name} with ${JSON.stringify(odd.slice(0, 30))}`,
        '401t',
        () => forge({ [name]: `secret-value${odd}`, ...(name === 'aud' ? {} : { aud: 'https://other.test/' }) }),
        {
          also: ({ header, head, body }) => {
            expect(header('x-injected')).toBeUndefined()
            expect(head.length + body.length).toBeLessThan(1200)
          },
        },
      ),
    ),
  ),
  ...[
    'text/html',
    'application/json',
    'application/problem+json',
    'image/png',
    '*/*',
    'text/html, <script>',
    'application/xml;q=1',
    '',
  ].flatMap((accept) => [
    attack('RFC 9457 3', `Accept: ${accept}`, '401t', () => forge({ aud: 'x' }), {
      request: (token) => http('/any', [`Authorization: Bearer ${token}`, `Accept: ${accept}`]),
    }),
    attack('RFC 9457 3', `Accept: ${accept}, no token`, '401n', () => '', {
      request: () => http('/any', [`Accept: ${accept}`]),
    }),
  ]),
  ...[
    'If-None-Match: *',
    'If-Modified-Since: Mon, 23 Nov 2037 00:00:00 GMT',
    'Range: bytes=0-1',
    'Cache-Control: only-if-cached',
    'Accept-Encoding: gzip',
    'Accept-Language: de',
  ].map((line) =>
    attack('RFC 9111 3.5', `a refusal to a request with ${line}`, '401t', () => forge({ aud: 'x' }), {
      request: (token) => http('/any', [`Authorization: Bearer ${token}`, line]),
      also: ({ header }) => {
        expect([header('etag'), header('last-modified'), header('expires')]).toEqual([undefined, undefined, undefined])
      },
    }),
  ),
  attack(
    'RFC 6750 3.1',
    'a 403 names what is needed, not what is there',
    '403s',
    () => forge({ ...secrets, scope: 'secret:scope:0001' }),
    {
      path: '/read',
    },
  ),
  attack('RFC 6750 3', 'no field but the usual ones', '401t', () => forge({ aud: 'x' }), {
    also: ({ headers }) => {
      expect(headers.map(([name]) => name.toLowerCase()).sort()).toEqual([
        'cache-control',
        'connection',
        'content-length',
        'content-type',
        'date',
        'www-authenticate',
      ])
    },
  }),
  attack('RFC 6750 3.1', 'another realm', '401t', () => forge({ aud: 'x' }), {
    world: server,
    also: ({ header }) => {
      expect(parseChallenge(header('www-authenticate') ?? '').params.get('realm')).toBe('orders')
    },
  }),
]

threatTable('responses, logs and leaks', rows, strictWorld)

describe('what stands in a challenge (RFC 9110 11.6.1)', () => {
  const start = (options: RequireAuthOptions) => () => requireAuth({ issuer: AS1, audience: AUDIENCE, ...options })
  const refused = refusedAtStart

  test.each(['a\r\nX: 1', 'a\nb', 'a\u0000b', '\u007f', '\u00e9', '\u{1F511}', '\t', ''])(
    'the realm %j must not start',
    (realm) => {
      expect(start({ realm })).toThrow(refused)
    },
  )

  test.each(['a"b', 'a\\b', '", error="x', '\\"', "it's", 'a, b=c'])('the realm %j is escaped', async (realm) => {
    const running = await createWorld({ options: { realm } }).start()
    const { header } = await running.send(http('/any'))
    const { params } = parseChallenge(header('www-authenticate') ?? '')
    expect([...params]).toEqual([['realm', realm]])
  })

  test.each([
    'not a url',
    'http://api.test/x',
    'https://api.test/\r\nX: 1',
    'https://user:pass@api.test/',
    'ftp://api.test/',
    'https://\u00e9.test/',
    '',
    'https://api.test/a b',
    'https://api.test/a"b',
    'javascript:1',
  ])('the metadata URL %j must not start', (resourceMetadataUrl) => {
    expect(start({ resourceMetadataUrl })).toThrow(refused)
  })

  test('a good metadata URL is named in every challenge (RFC 9728 5.1)', async () => {
    const running = await withMetadata.start()
    for (const request of [
      http('/any'),
      bearer('x'),
      bearer(forge({ scope: 'x' }), '/read'),
      http('/any', ['Authorization: Bearer']),
    ]) {
      const { header } = await running.send(request)
      const { params } = parseChallenge(header('www-authenticate') ?? '')
      expect(params.get('resource_metadata')).toBe('https://api.test/.well-known/oauth-protected-resource')
    }
  })
})

describe('the answer to a bad signature tells nothing else (RFC 8725 3)', () => {
  test('whatever a badly signed token claims but its expiry, the bytes are the same', async () => {
    const running = await strictWorld.start()
    const claims = [
      {},
      { aud: 'x' },
      { iat: 'x' },
      { sub: 1 },
      { nonce: 'n' },
      { scope: 1 },
      { cnf: {} },
      { nbf: NOW + 999 },
    ]
    const answers = []
    for (const one of claims) answers.push(await running.send(bearer(forge(one, { kid: 'rs1' }, evil))))
    expect(
      new Set(answers.map(({ status, head, body }) => `${String(status)}${head.replace(/^Date:.*$/m, '')}${body}`))
        .size,
    ).toBe(1)
  })
})

describe('an error holds nothing of the token', () => {
  const errors: unknown[] = []
  const world = createWorld({
    options: {
      onError: (error, _req: Request, res: Response, next: NextFunction) => {
        errors.push(error)
        // A bare next() must not open the door.
        if (res.headersSent) return
        next()
      },
    },
  })
  const bad: readonly (readonly [string, () => string])[] = [
    // First: a later one would be 503, since the fetch for unknown names is spent.
    ['under an unknown kid', () => forge(secrets, { kid: 'secret-kid-0001' })],
    ['for another audience', () => forge({ ...secrets, aud: 'https://other-secret.test/' })],
    ['badly signed', () => forge(secrets, { kid: 'rs1' }, evil)],
    ['expired', () => forge({ ...secrets, exp: NOW - 99, iat: NOW - 999 })],
    ['malformed', () => `${forge(secrets)}x`],
    ['an ID token', () => forge({ ...secrets, nonce: 'secret-nonce-0001' }, { typ: 'JWT' })],
    // The issuer and the audience that were found are told to operators, who must compare them.
    ['of an unknown issuer', () => forge({ ...secrets, iss: 'https://elsewhere.test/' })],
    ['bound to a key', () => forge({ ...secrets, cnf: { jkt: 'secret-thumbprint-1' } })],
  ]

  test.each(bad)('a token %s', async (_what, make) => {
    const running = await world.start()
    const token = make()
    const answer = await running.send(bearer(token))
    expect(answer.status).toBe(401)
    expect(running.hits).toBe(0)
    const error = errors.at(-1) as Error
    const shown = [
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify(error),
      String(error.stack),
      answer.head,
      answer.body,
    ].join('\n')
    for (const secret of [...segmentsOf(token), ...(shown.match(/secret-[\w@.-]+/g) ?? [])])
      expect(shown).not.toContain(secret)
  })

  test.each(bad)('verifyToken and explainToken: a token %s', async (_what, make) => {
    const { options } = await strictWorld.start()
    const api = createResourceServer(options)
    await api.ready()
    const token = make()
    const error = await api.verifyToken(token).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const report = await api.explainToken(token)
    expect(error).toMatchObject({ name: 'AuthError', status: 401, code: report.code })
    const shown = inspect([error, report], { depth: 9, showHidden: true })
    for (const segment of segmentsOf(token)) expect(shown).not.toContain(segment)
    expect(shown).not.toMatch(/secret-/)
  })
})

describe('the token of a good request', () => {
  test('is there for the handler, and in no response and no log by accident', async () => {
    let shown = ''
    const world = createWorld({
      after: ({ app, handler }) => {
        app.get(
          '/log',
          (req, _res, next) => {
            const auth = getAuth(req)
            shown = [inspect(auth, { depth: 9 }), JSON.stringify({ ...auth }), String(Object.keys(auth))].join('\n')
            expect(auth.token).toBe(req.get('Authorization')?.slice('Bearer '.length))
            next()
          },
          handler,
        )
      },
    })
    const running = await world.start()
    const token = forge()
    expect((await running.send(bearer(token, '/log'))).status).toBe(200)
    for (const segment of segmentsOf(token)) expect(shown).not.toContain(segment)
    expect((await running.send(bearer(token, '/any'))).body).not.toContain(segmentsOf(token)[2])
  })
})

describe('whatever fails inside, the door stays shut', () => {
  const explode = (): never => {
    throw new Error('secret detail of the fault')
  }
  test.each<[string, RequireAuthOptions, readonly number[]]>([
    ['fetch throws', { fetch: explode }, [503]],
    ['fetch rejects', { fetch: () => Promise.reject(new Error('secret detail of the fault')) }, [503]],
    ['fetch answers nothing', { fetch: () => Promise.resolve(undefined as unknown as globalThis.Response) }, [503]],
    ['fetch answers a text', { fetch: () => Promise.resolve('x' as unknown as globalThis.Response) }, [503]],
    ['the clock throws', { clock: explode }, [500]],
    ['the schema throws', { claims: { '~standard': { version: 1, vendor: 'x', validate: explode } } }, [500]],
    [
      'the schema rejects',
      {
        claims: {
          '~standard': {
            version: 1,
            vendor: 'x',
            validate: () => Promise.reject(new Error('secret detail of the fault')),
          },
        },
      },
      [500],
    ],
    [
      'the schema answers nothing',
      { claims: { '~standard': { version: 1, vendor: 'x', validate: () => undefined as never } } },
      [500],
    ],
    ['the resolver throws', { issuer: explode }, [503]],
    ['the resolver answers a text', { issuer: () => AS1 as never }, [503]],
    ['onError throws', { onError: explode, audience: 'https://other.test/' }, [401, 500]],
  ])('%s', async (_what, options, statuses) => {
    const running = await createWorld({ options }).start()
    const answer = await running.send(bearer(forge()))
    expect(statuses).toContain(answer.status)
    expect(`${answer.head}${answer.body}`).not.toContain('secret detail')
    expect(running.hits).toBe(0)
    expect((await running.send(http('/open'))).status).toBe(200)
  })
})

test('a refusal can be told by its code alone', async () => {
  const { options } = await strictWorld.start()
  await expect(createResourceServer(options).verifyToken('x')).rejects.toMatchObject({ code: 'malformed_token' })
  expect(requirePolicy(() => true)).toBeInstanceOf(Function)
})
