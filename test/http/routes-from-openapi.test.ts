import type express from 'express'
import { ConfigurationError, open, optionalAuth } from 'express-resource-server'
import {
  authorizeRoutes,
  routesFromOpenApi,
  type OpenApiOptions,
  type RouteTable,
} from 'express-resource-server/routes'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { expressVersions } from '../kit/express.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const securitySchemes = {
  oauth: { type: 'oauth2', flows: {} },
  oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://login.example.com' },
  bearer: { type: 'http', scheme: 'Bearer', bearerFormat: 'JWT' },
  basic: { type: 'http', scheme: 'basic' },
  key: { type: 'apiKey', in: 'header', name: 'X-Key' },
}
const documentOf = (paths: object, more: object = {}): object => ({
  openapi: '3.1.1',
  components: { securitySchemes },
  paths,
  ...more,
})

const INSUFFICIENT_SCOPE =
  'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs."'

describe.each(expressVersions)('a table from an OpenAPI document, on Express %s', (_version, factory) => {
  const ask = async (security: unknown, claims?: Record<string, unknown>, standard?: unknown) => {
    const operation = security === undefined ? {} : { security }
    const document = documentOf({ '/orders/{order-id}': { get: operation } }, { security: standard })
    const app = factory()
    const issuers = { oauth: issuer.issuer, oidc: [issuer.issuer], bearer: issuer.issuer }
    app.use(optionalAuth(issuer.options), authorizeRoutes(routesFromOpenApi(document, { issuers })), (_req, res) => {
      res.sendStatus(204)
    })
    const asked = request(app).get('/orders/7')
    const { status, headers } = await (claims === undefined
      ? asked
      : asked.set('Authorization', `Bearer ${await issuer.accessToken(claims)}`))
    return [status, headers['www-authenticate']] as const
  }
  const lacks = (scopes: string): readonly unknown[] => [403, `${INSUFFICIENT_SCOPE}, scope="${scopes}"`]
  const denied = [403, undefined]
  const granted = [204, undefined]
  const anonymous = [401, 'Bearer realm="api"']

  test.each<[string, unknown, Record<string, unknown> | undefined, readonly unknown[]]>([
    ['scopes of one scheme: all', [{ oauth: ['a', 'b'] }], { scope: 'a b' }, granted],
    ['scopes of one scheme: one missing', [{ oauth: ['a', 'b'] }], { scope: 'a' }, lacks('a b')],
    ['scopes, without a token', [{ oauth: ['a'] }], undefined, anonymous],
    ['OpenID Connect is the same', [{ oidc: ['a'] }], { scope: 'b' }, lacks('a')],
    ['no scopes: any valid token', [{ oauth: [] }], { scope: undefined }, granted],
    ['no scopes, without a token', [{ oauth: [] }], undefined, anonymous],
    ['bearer: any valid token', [{ bearer: [] }], {}, granted],
    ['bearer, without a token', [{ bearer: [] }], undefined, anonymous],
    ['bearer with roles: all of them', [{ bearer: ['clerk', 'boss'] }], { roles: ['clerk', 'boss'] }, granted],
    ['bearer with roles: one missing', [{ bearer: ['clerk', 'boss'] }], { roles: ['clerk'] }, denied],
    ['several requirements: the second will do', [{ oauth: ['a'] }, { oidc: ['b'] }], { scope: 'b' }, granted],
    ['several requirements: none holds', [{ oauth: ['a'] }, { oidc: ['b'] }], { scope: 'c' }, lacks('a b')],
    ['several schemes in one: all', [{ oauth: ['a'], oidc: ['b'] }], { scope: 'a b' }, granted],
    ['several schemes in one: one is missing', [{ oauth: ['a'], oidc: ['b'] }], { scope: 'a' }, lacks('a b')],
    ['nothing is needed', [], undefined, granted],
    ['nothing among others', [{ oauth: ['a'] }, {}], undefined, granted],
    ['nothing among others, with a token', [{}, { oauth: ['a'] }], { scope: 'b' }, granted],
  ])('%s', async (_what, security, claims, expected) => {
    expect(await ask(security, claims)).toEqual(expected)
  })

  describe('and several issuers', () => {
    let customers: TestIssuer
    beforeAll(async () => {
      customers = await createTestIssuer({ issuer: 'https://customers.example.com', algorithm: 'ES256' })
    })

    const appFor = (table: () => RouteTable) => {
      const app = factory()
      app.set('env', 'test')
      const fetch: typeof issuer.options.fetch = (url, init) =>
        (url.startsWith(customers.issuer) ? customers : issuer).options.fetch(url, init)
      app.use(
        optionalAuth({ ...issuer.options, issuer: [issuer.issuer, customers.issuer], fetch }),
        authorizeRoutes(table()),
        (_req, res) => {
          res.sendStatus(204)
        },
      )
      return app
    }
    const statusesOf = async (app: express.Express, path: string) =>
      Promise.all(
        [issuer, customers].map(async (one) => {
          const token = await one.accessToken({ scope: 'a' })
          return (await request(app).get(path).set('Authorization', `Bearer ${token}`)).status
        }),
      )
    const document = documentOf({
      '/staff': { get: { security: [{ oauth: ['a'] }] } },
      '/all': { get: { security: [{ oauth: [] }, { bearer: [] }] } },
      '/open': { get: { security: [] } },
    })

    it('takes for a scheme the tokens of its issuers alone', async () => {
      const issuers = { oauth: issuer.issuer, bearer: ['https://other.example.com', customers.issuer] }
      const app = appFor(() => routesFromOpenApi(document, { issuers }))
      expect(await statusesOf(app, '/staff')).toEqual([204, 403])
      expect(await statusesOf(app, '/all')).toEqual([204, 204])
      expect(await statusesOf(app, '/open')).toEqual([204, 204])
    })

    it('takes none where the document has one scheme and nobody said whose it is', async () => {
      const staff = documentOf({ '/staff': { get: { security: [{ oauth: ['a'] }] } } })
      expect(
        await statusesOf(
          appFor(() => routesFromOpenApi(staff)),
          '/staff',
        ),
      ).toEqual([500, 500])
      expect(
        await statusesOf(
          appFor(() => routesFromOpenApi(staff, { issuers: { oauth: issuer.issuer } })),
          '/staff',
        ),
      ).toEqual([204, 403])
      const open = documentOf({ '/staff': { get: { security: [] } } })
      expect(
        await statusesOf(
          appFor(() => routesFromOpenApi(open)),
          '/staff',
        ),
      ).toEqual([204, 204])
    })
  })

  it('falls back to what the document says, and an operation overrides it', async () => {
    expect(await ask(undefined, { scope: 'b' }, [{ oauth: ['a'] }])).toEqual(lacks('a'))
    expect(await ask([{ oauth: ['b'] }], { scope: 'b' }, [{ oauth: ['a'] }])).toEqual(granted)
    expect(await ask([], undefined, [{ oauth: ['a'] }])).toEqual(granted)
  })

  it('refuses what the document does not describe', async () => {
    const document = documentOf({ '/orders': { get: { security: [] } } })
    const app = factory()
    app.use(optionalAuth(issuer.options), authorizeRoutes({ ...routesFromOpenApi(document), 'GET /docs': open() }))
    app.use((_req, res) => res.sendStatus(204))
    const statuses = await Promise.all(
      ['/orders', '/docs', '/orders/1', '/other'].map(async (path) => (await request(app).get(path)).status),
    )
    expect([...statuses, (await request(app).post('/orders')).status]).toEqual([204, 204, 401, 401, 401])
  })
})

it('names rows by method and path, for every method that there is', () => {
  const operation = { security: [] }
  const table = routesFromOpenApi(
    documentOf({
      '/a/{id}/b/{2nd-id}': { get: operation, head: operation, put: operation, post: operation, delete: operation },
      '/c': {
        options: operation,
        patch: operation,
        trace: operation,
        parameters: [],
        summary: 'text',
        'x-get': operation,
      },
      '/d': { query: operation, additionalOperations: { LINK: operation } },
      'x-extension': { get: operation },
    }),
  )
  expect(Object.keys(table)).toEqual([
    'GET /a/:id/b/:_2nd_id',
    'PUT /a/:id/b/:_2nd_id',
    'POST /a/:id/b/:_2nd_id',
    'DELETE /a/:id/b/:_2nd_id',
    'OPTIONS /c',
    'PATCH /c',
    'TRACE /c',
    'QUERY /d',
    'LINK /d',
  ])
  expect(Object.values(table).every((policy) => policy === open())).toBe(true)
})

describe('a document that cannot be expressed is an error at start-up', () => {
  const withSecurity = (security: unknown): object => documentOf({ '/a': { get: { security } } })
  const TYPES = 'known are the types oauth2, openIdConnect, and http with bearer.'

  test.each<[string, object, string]>([
    ['no document', {}, 'routesFromOpenApi() takes a parsed OpenAPI document, version 3.0 to 3.2.'],
    [
      'a text',
      '{"openapi":"3.1.0"}' as unknown as object,
      'routesFromOpenApi() takes a parsed OpenAPI document, version 3.0 to 3.2.',
    ],
    ['Swagger 2', { openapi: '2.0' }, 'routesFromOpenApi() takes a parsed OpenAPI document, version 3.0 to 3.2.'],
    [
      'no security at all',
      documentOf({ '/a': { get: {} } }),
      '"GET /a" has no "security" in the OpenAPI document: write "security": [] if it is open.',
    ],
    ['security that is no array', withSecurity({ oauth: [] }), '"security" of "GET /a" must be an array of objects.'],
    ['a requirement that is a text', withSecurity(['oauth']), '"security" of "GET /a" must be an array of objects.'],
    ['a requirement that is an array', withSecurity([[]]), '"security" of "GET /a" must be an array of objects.'],
    ['a requirement that is nothing', withSecurity([null]), '"security" of "GET /a" must be an array of objects.'],
    [
      'scopes that are no array',
      withSecurity([{ oauth: 'a' }]),
      '"GET /a" must list the scopes of "oauth" in an array.',
    ],
    [
      'a scope that is no text',
      withSecurity([{ oauth: [1] }]),
      '"GET /a" must list the scopes of "oauth" in an array.',
    ],
    [
      'an unknown scheme',
      withSecurity([{ other: [] }]),
      `"GET /a" needs the security scheme "other", which the document does not define: ${TYPES}`,
    ],
    [
      'a scheme that an object inherits',
      withSecurity([{ toString: [] }]),
      `"GET /a" needs the security scheme "toString", which the document does not define: ${TYPES}`,
    ],
    ...['basic', 'key'].map((scheme): [string, object, string] => [
      `the scheme ${scheme}`,
      withSecurity([{}, { oauth: [], [scheme]: [] }]),
      `"GET /a" needs the security scheme "${scheme}", which is nothing that an access token can satisfy: ${TYPES}`,
    ]),
    [
      'a reference',
      documentOf({ '/a': { $ref: 'other.json' } }),
      'The path "/a" of the OpenAPI document is a reference: resolve references before you call routesFromOpenApi().',
    ],
    [
      'a colon in a path',
      documentOf({ '/a/:b': { get: { security: [] } } }),
      'The path "/a/:b" of the OpenAPI document holds ":" or "*", which a row takes for more than a text.',
    ],
    [
      'a path that begins with no slash',
      documentOf({ a: { get: { security: [] } } }),
      'The path "a" of the OpenAPI document does not begin with a slash.',
    ],
    ...['{id}.json', '{a}{b}', '{path+}', '{path*}', '{?q}', '{;id}', '{a', 'a}', '{}'].map(
      (segment): [string, object, string] => [
        `the segment ${segment}`,
        documentOf({ [`/a/${segment}`]: { get: { security: [] } } }),
        segment.includes('*')
          ? `The path "/a/${segment}" of the OpenAPI document holds ":" or "*", which a row takes for more than a text.`
          : `The path "/a/${segment}" of the OpenAPI document has "${segment}": a row has parameters of a whole segment, and none for several. Write its rows yourself.`,
      ],
    ),
    [
      'two parameters that become one',
      documentOf({ '/a/{x-y}': { get: { security: [{ oauth: [] }] } }, '/a/{x_y}': { get: { security: [] } } }),
      'Two operations of the OpenAPI document are for the same requests, "GET /a/:x_y": one of them is of the path "/a/{x_y}".',
    ],
    [
      'a method that stands twice',
      documentOf({ '/a': { get: { security: [{ oauth: [] }] }, additionalOperations: { GET: { security: [] } } } }),
      'Two operations of the OpenAPI document are for the same requests, "GET /a": one of them is of the path "/a".',
    ],
    [
      'a method in capitals',
      documentOf({ '/a': { GET: { security: [] } } }),
      'The path "/a" of the OpenAPI document has "GET", which is no method of OpenAPI.',
    ],
    [
      'security of a path',
      documentOf({ '/a': { security: [{ oauth: [] }], get: { security: [] } } }),
      'The path "/a" of the OpenAPI document has "security", which is no method of OpenAPI.',
    ],
    ...(['path', 'operation'] as const).flatMap((level): [string, object, string][] => {
      const pathOf = (more: object): object =>
        documentOf(
          { '/a/{id}': level === 'path' ? { ...more, get: { security: [] } } : { get: { security: [], ...more } } },
          { servers: [{ url: '/v1' }] },
        )
      const STYLE =
        'The path "/a/{id}" of the OpenAPI document has a parameter in another style than "simple", which a row cannot read. Write its rows yourself.'
      return [
        [
          `servers of the ${level}`,
          pathOf({ servers: [{ url: '/v2' }] }),
          'The path "/a/{id}" of the OpenAPI document has "servers" of its own: rows begin where the table is mounted. Write its rows yourself.',
        ],
        [
          `a matrix parameter of the ${level}`,
          pathOf({ parameters: [{ in: 'path', name: 'id', style: 'matrix' }] }),
          STYLE,
        ],
        [
          `a label parameter of the ${level}`,
          pathOf({ parameters: [{ in: 'path', name: 'id', style: 'label' }] }),
          STYLE,
        ],
        [
          `a parameter with slashes of the ${level}`,
          pathOf({ parameters: [{ in: 'path', name: 'id', allowReserved: true }] }),
          STYLE,
        ],
      ]
    }),
    [
      'a scheme that is a reference',
      documentOf(
        { '/a': { get: { security: [{ far: [] }] } } },
        { components: { securitySchemes: { far: { $ref: 'other.json' } } } },
      ),
      'The security scheme "far" is a reference: resolve references before you call routesFromOpenApi().',
    ],
    [
      'several schemes of which nobody says whose they are',
      documentOf({ '/a': { get: { security: [{ oauth: [] }] } }, '/b': { get: { security: [{ oidc: [] }] } } }),
      'The OpenAPI document does not say whether the security schemes "oauth" and "oidc" are of one issuer: ' +
        'name the issuers of each, routesFromOpenApi(document, { issuers: { SCHEME: ISSUER } }).',
    ],
    [
      'HEAD with requirements of its own',
      documentOf({ '/a': { get: { security: [] }, head: { security: [{ oauth: [] }] } } }),
      'The path "/a" of the OpenAPI document has HEAD with other requirements than GET: HEAD requests are judged as GET.',
    ],
    [
      'HEAD without GET',
      documentOf({ '/a': { head: {} } }, { security: [] }),
      'The path "/a" of the OpenAPI document has HEAD with other requirements than GET: HEAD requests are judged as GET.',
    ],
  ])('%s', (_what, document, message) => {
    expect(() => routesFromOpenApi(document)).toThrow(new ConfigurationError(message))
  })

  test.each<[string, unknown, string]>([
    [
      'an option that there is not',
      { issuer: {} },
      'routesFromOpenApi() has no option "issuer": the one that there is is "issuers".',
    ],
    [
      'issuers that are a text',
      { issuers: 'x' },
      '"issuers" of routesFromOpenApi() must be an object: { SCHEME: ISSUER }.',
    ],
    [
      'an unknown scheme',
      { issuers: { other: 'x' } },
      '"issuers" names the security scheme "other", which the document does not define.',
    ],
    [
      'a scheme left out',
      { issuers: { oidc: 'x' } },
      '"GET /a" needs the security scheme "oauth", of which "issuers" names none.',
    ],
    ['no issuer', { issuers: { oauth: '' } }, '"issuers" must name one issuer of "oauth", or an array of them.'],
    ['an empty list', { issuers: { oauth: [] } }, '"issuers" must name one issuer of "oauth", or an array of them.'],
    [
      'a number among them',
      { issuers: { oauth: ['a', 1] } },
      '"issuers" must name one issuer of "oauth", or an array of them.',
    ],
  ])('and so are wrong options: %s', (_what, options, message) => {
    expect(() => routesFromOpenApi(withSecurity([{ oauth: [] }]), options as OpenApiOptions)).toThrow(
      new ConfigurationError(message),
    )
  })

  it('and so are two templates for the same requests, and a path that no request can have', () => {
    const operation = { get: { security: [] } }
    const message = (...paths: string[]): string => {
      try {
        authorizeRoutes(routesFromOpenApi(documentOf(Object.fromEntries(paths.map((path) => [path, operation])))))
        return 'none'
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError)
        return (error as Error).message
      }
    }
    expect(message('/a/{x}', '/a/{y}')).toMatch('are for the same requests')
    expect(message('/a', '/a/')).toMatch('are for the same requests')
    for (const path of ['/a%2e', '/%2e%2e/a', '/a//b', '/a?b', '/caf\u00e9', '/a%2Fb']) {
      expect([path, message(path)]).toEqual([
        path,
        path === '/a%2e' ? 'none' : expect.stringMatching(/^The (?:path of the )?row /),
      ])
    }
  })

  it('and one that says no more than others is taken: webhooks, deprecated, servers that are those of the document', () => {
    const servers = [{ url: '/v1' }]
    const table = routesFromOpenApi(
      documentOf(
        {
          'x-paths': 'text',
          '/a/{id}': {
            servers,
            parameters: [
              { in: 'path', name: 'id', style: 'simple' },
              { in: 'query', name: 'q', style: 'form' },
              { $ref: '#/x' },
            ],
            get: { deprecated: true, security: [{ oauth: [] }], callbacks: { done: {} }, servers },
          },
        },
        { servers, webhooks: { done: { post: {} } } },
      ),
    )
    expect(Object.keys(table)).toEqual(['GET /a/:id'])
  })
})
