import { ConfigurationError, open, scope, type Policy } from 'express-resource-server'
import { authorizeRoutes, type RouteTable } from 'express-resource-server/routes'
import { readPath, type Reading } from '../../../src/routes/request-path.js'
import {
  covers,
  matchesReading,
  nameSegments,
  overlaps,
  parsePattern,
  readParameters,
  type RoutePattern,
} from '../../../src/routes/route-pattern.js'

const policy = scope('a')
const refusal = (table: unknown): string => {
  try {
    authorizeRoutes(table as RouteTable)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  return 'none'
}
const tableOf = (...rows: readonly (readonly [string, unknown])[]): string => refusal(Object.fromEntries(rows))

describe('a table that cannot be meant', () => {
  test.each([
    ['nothing', undefined],
    ['no rows', {}],
    ['an array', [['GET /', policy]]],
    ['a function', policy],
  ])('is refused: %s', (_what, table) => {
    expect(refusal(table)).toBe("authorizeRoutes() takes rows: { 'GET /orders': scope('orders:read') }.")
  })

  const NEEDS = ' needs a method, a space and a path: "GET /orders/:id".'
  const PATHS =
    ' may hold texts and parameters of a whole segment each, and "*" at the end: "/orders/:id", "/files/*". ' +
    'Write what no such path says as several rows, and other characters percent-encoded.'
  const NO_METHOD = ' has no method that a route can have. '

  test.each<[string, string]>([
    ['/orders', `The row "/orders"${NEEDS}`],
    ['GET', `The row "GET"${NEEDS}`],
    ['GET orders', `The row "GET orders"${NEEDS}`],
    ['GET  /orders', `The row "GET  /orders"${NEEDS}`],
    ['GET /or ders', `The row "GET /or ders"${NEEDS}`],
    ['GET /orders ', `The row "GET /orders "${NEEDS}`],
    ['get /orders', `The row "get /orders"${NO_METHOD}Did you mean "GET"?`],
    ['FETCH /orders', `The row "FETCH /orders"${NO_METHOD}Use one such as GET, POST, PUT, DELETE, or ALL.`],
    ['CONNECT /orders', `The row "CONNECT /orders"${NO_METHOD}Use one such as GET, POST, PUT, DELETE, or ALL.`],
    ['* /orders', `The row "* /orders"${NO_METHOD}Use one such as GET, POST, PUT, DELETE, or ALL.`],
    ['HEAD /orders', 'The row "HEAD /orders" would change nothing: HEAD requests are judged by the rows of GET.'],
    ...[
      '/orders/:id?',
      '/orders{/:id}',
      '/orders/:id(\\d+)',
      '/:from-:to',
      '/file.:ext',
      '/files/*path',
      '/*/files',
      '/:id/:id',
      '/:',
      '/:1',
      '//orders',
      '/orders//items',
      '/orders?x=1',
      '/orders#x',
      '/caf\u00e9',
      '/100%',
      '/.',
      '/a/../b',
      '/a/%2e%2E',
      '/a/..;x',
      '/a/;x',
      '/a%00',
      '/a%5Cb',
      '/%ff',
      '/%252e',
      '/a%2F',
      '/a\\b',
      '/a+',
      '/(a|b)',
    ].map((path) => [`GET ${path}`, `The path of the row "GET ${path}"${PATHS}`] as [string, string]),
  ])('is refused for its row "%s"', (name, message) => {
    expect(tableOf([name, policy])).toBe(message)
  })

  test.each([
    ['open', open, 'The row "GET /a" has open without its parentheses: write open().'],
    [
      'a text',
      'a',
      'The row "GET /a" needs a policy: scope(...), allOf(...), open(), or a function (auth, req) => boolean.',
    ],
    [
      'nothing',
      undefined,
      'The row "GET /a" needs a policy: scope(...), allOf(...), open(), or a function (auth, req) => boolean.',
    ],
  ])('is refused for %s in place of a policy', (_what, wrong, message) => {
    expect(tableOf(['GET /a', wrong])).toBe(message)
  })

  test.each([
    ['GET /orders/:id', 'GET /orders/:order'],
    ['GET /orders', 'GET /orders/'],
    ['GET /files/*', 'GET /files/*/'],
    ['ALL /a', 'ALL /a/'],
    ['GET /caf%C3%A9', 'GET /caf%c3%a9'],
  ])('is refused for two rows for the same requests: %s and %s', (one, other) => {
    expect(tableOf([one, policy], [other, open()])).toBe(
      `The rows "${one}" and "${other}" are for the same requests: neither a slash at the end nor the names of parameters ` +
        'tell paths apart. Make them one row, with allOf().',
    )
  })

  test.each([
    ['GET /orders/public', 'GET /orders/:id'],
    ['GET /orders/:id', 'GET /orders/*'],
    ['GET /orders', 'GET /orders/*'],
    ['GET /orders', 'ALL /orders'],
    ['GET /orders/*', 'ALL /*'],
    ['ALL /orders/a', 'ALL /:kind/a'],
  ])('is refused for an open row that opens nothing: %s next to %s', (dead, wide) => {
    const pairs = (other: Policy): readonly (readonly (readonly [string, Policy])[])[] => [
      [
        [dead, open()],
        [wide, other],
      ],
      [
        [wide, other],
        [dead, open()],
      ],
    ]
    const start = `every request that it matches is also for the row "${wide}"`
    for (const rows of pairs(policy)) {
      expect(tableOf(...rows)).toBe(
        `The row "${dead}" opens nothing: ${start}, and every matching row must grant. Leave it out, or narrow "${wide}".`,
      )
    }
    for (const rows of pairs(open())) {
      expect(tableOf(...rows)).toBe(
        `The row "${dead}" changes nothing: ${start}. Leave it out, since it is open already.`,
      )
    }
  })

  test.each([
    ['GET /Orders', 'GET /orders'],
    ['GET /priv%61te', 'GET /private'],
    ['GET /orders;v', 'GET /ORDERS;V'],
  ])('is refused for an open row that a row closes in another spelling: %s next to %s', (dead, closed) => {
    expect(tableOf([dead, open()], [closed, policy])).toMatch(/^The row ".*" opens nothing: /)
  })

  test.each([
    ['GET /tags/C%23', 'GET /tags/d'],
    ['GET /a%2Fb', 'GET /b/:x'],
    ['GET /a%3Fb/c', 'GET /:x/c'],
  ])('is refused for a text that may be read otherwise and has no row then: %s beside %s', (row, other) => {
    expect(tableOf([row, policy], [other, policy])).toBe(
      `The row "${row}" grants nothing: its path may also be read with its "/", "?" or "#" decoded, and no row is for that. Add one.`,
    )
  })
})

describe('a table that can be meant', () => {
  test.each<[string, readonly (readonly [string, Policy])[]]>([
    [
      'a row within a wider one',
      [
        ['GET /orders/mine', policy],
        ['GET /orders/:id', policy],
      ],
    ],
    [
      'a stricter row below an open one',
      [
        ['GET /docs/*', open()],
        ['GET /docs/internal/*', policy],
      ],
    ],
    [
      'an open row beside one that overlaps',
      [
        ['GET /:kind/new', open()],
        ['GET /orders/:id', policy],
      ],
    ],
    [
      'another method',
      [
        ['GET /orders', open()],
        ['POST /orders', policy],
      ],
    ],
    [
      'all methods, one of them stricter',
      [
        ['ALL /a', open()],
        ['DELETE /a', policy],
      ],
    ],
    [
      'the root, and everything',
      [
        ['GET /', open()],
        ['POST /*', policy],
      ],
    ],
    [
      'another spelling',
      [
        ['GET /orders', policy],
        ['GET /Orders', policy],
        ['GET /@me', open()],
        ['GET /%40me', open()],
      ],
    ],
    [
      'a text that is read otherwise, and that reading',
      [
        ['GET /tags/C%23', policy],
        ['GET /tags/:tag', policy],
        ['GET /a%2Fb', policy],
        ['GET /a/*', policy],
      ],
    ],
    [
      'an open folder in an open tree, with an index that would be closed',
      [
        ['GET /*', open()],
        ['GET /', open()],
        ['GET /:name', policy],
      ],
    ],
    [
      'odd but honest texts',
      [
        ["GET /a.b-c_d~e!f$g&h'i,j;k=l@m%20n", policy],
        ['M-SEARCH /a', policy],
      ],
    ],
  ])('is taken: %s', (_what, rows) => {
    expect(tableOf(...rows)).toBe('none')
  })
})

describe('patterns', () => {
  const parse = (path: string): RoutePattern => {
    const pattern = parsePattern(path)
    if (pattern === undefined) throw new Error(`Not a pattern: ${path}`)
    return pattern
  }
  const readingOf = (path: string): Reading => {
    const [reading] = readPath(path)?.readings ?? []
    if (reading === undefined) throw new Error(`Not a path: ${path}`)
    return reading
  }
  const all = [
    '/',
    '/*',
    '/a',
    '/A/',
    '/b',
    '/:x',
    '/a/*',
    '/:x/*',
    '/a/b',
    '/a/:y',
    '/:x/b',
    '/:x/:y',
    '/a/b/*',
    '/a/:y/b',
  ]
  const paths = [
    '/',
    '/a',
    '/b',
    '/c',
    '/a/b',
    '/a/c',
    '/b/b',
    '/b/c',
    '/a/b/b',
    '/a/c/b',
    '/a/b/c',
    '/c/c/c',
    '/c/c/c/c',
  ]
  const pairs = all.flatMap((one) => all.map((other) => [one, other] as const))

  test.each(pairs)('%s and %s cover and overlap each other as their paths do', (one, other) => {
    const matched = (pattern: string): readonly string[] =>
      paths.filter((path) => matchesReading(parse(pattern), nameSegments(readingOf(path), 4)))
    expect(covers(parse(one), parse(other))).toBe(matched(other).every((path) => matched(one).includes(path)))
    expect(overlaps(parse(one), parse(other))).toBe(matched(other).some((path) => matched(one).includes(path)))
  })

  it('read the parameters, decoded, whatever their names', () => {
    expect(readParameters(parse('/a/:id/:__proto__'), readingOf('/a/x%20y/z/').segments)).toEqual(
      Object.fromEntries([
        ['id', 'x y'],
        ['__proto__', 'z'],
      ]),
    )
  })
})
