import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { hang, json, openGuide, sendRaw, type Guide } from './guide.js'

let guide: Guide

beforeEach(async () => {
  guide = await openGuide()
})
afterEach(() => guide.close())

/** A request as bytes, with everything that opens the door to our own page. */
async function raw(start: string, { headers = [] as readonly string[], body = '' } = {}): Promise<string> {
  const { cookie } = await guide.begin()
  const head = [
    start,
    `Host: bff.a.localhost:${String(guide.port)}`,
    `Origin: ${guide.origins.bff}`,
    'Sec-Fetch-Site: same-origin',
    'X-CSRF: 1',
    `Cookie: ${cookie}`,
    'Connection: close',
    ...headers,
    ...(body === '' ? [] : [`Content-Length: ${String(body.length)}`]),
  ]
  const answer = await sendRaw(guide.port, `${head.join('\r\n')}\r\n\r\n${body}`)
  const status = /^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 'closed'
  return `${status} ${/\{.*\}/s.exec(answer)?.[0] ?? ''}`.trim()
}

const invalid = '400 {"error":"invalid_request"}'
const unknown = '404 {"error":"no_such_route"}'
const notAllowed = '405 {"error":"method_not_allowed"}'

describe('the proxy of the BFF', () => {
  it.each([
    ['names a scheme and a host', 'GET host://x/api/orders HTTP/1.1', invalid],
    ['prolongs the host of the API', 'GET munity://x/api/orders HTTP/1.1', invalid],
    ['is in absolute form', 'GET http://evil.b.localhost/api/orders HTTP/1.1', invalid],
    ['is in absolute form, for ourselves', 'GET http://bff.a.localhost/api/orders HTTP/1.1', invalid],
    ['has a user in it', 'GET @evil.b.localhost/api/orders HTTP/1.1', '400'],
    ['is an asterisk', 'OPTIONS * HTTP/1.1', invalid],
    ['is relative to a scheme', 'GET //evil.b.localhost/api/orders HTTP/1.1', '404'],
    ['is relative to a scheme, behind the mount', 'GET /api//evil.b.localhost/orders HTTP/1.1', unknown],
    ['climbs', 'GET /api/../admin HTTP/1.1', unknown],
    ['climbs and comes back', 'GET /api/admin/../orders HTTP/1.1', unknown],
    ['climbs in disguise', 'GET /api/%2e%2e/admin HTTP/1.1', unknown],
    ['hides a slash', 'GET /api/x%2forders HTTP/1.1', unknown],
    ['hides a letter', 'GET /api/%6frders HTTP/1.1', unknown],
    ['turns a slash around', 'GET /api/\\evil.b.localhost/orders HTTP/1.1', unknown],
    ['has parameters in its path', 'GET /api/orders;x=1 HTTP/1.1', unknown],
    ['ends in a slash', 'GET /api/orders/ HTTP/1.1', unknown],
    ['is a name of Object.prototype', 'GET /api/constructor HTTP/1.1', unknown],
    ['cannot be decoded', 'GET /api/%ff HTTP/1.1', unknown],
    ['is deleted', 'DELETE /api/orders HTTP/1.1', notAllowed],
    ['is put', 'PUT /api/orders HTTP/1.1', notAllowed],
    ['is traced', 'TRACE /api/orders HTTP/1.1', notAllowed],
    ['is asked for its head', 'HEAD /api/orders HTTP/1.1', '405'],
  ])('reaches nobody with a target that %s', async (_what, start, expected) => {
    expect((await raw(start)).slice(0, expected.length)).toBe(expected)
    expect(guide.reached).toEqual([])
  })

  it('says which methods there are', async () => {
    const { cookie } = await guide.begin()
    expect((await guide.ask('PUT', '/api/orders', { cookie })).headers.get('allow')).toBe('GET, POST')
  })

  it('refuses a GET with a body, and a body that is too large', async () => {
    expect(await raw('GET /api/orders HTTP/1.1', { body: 'x' })).toBe(invalid)
    const { cookie } = await guide.begin()
    const large = await guide.ask('POST', '/api/orders', { cookie, body: 'x'.repeat(200_000) })
    expect([large.status, await large.json()]).toEqual([413, { error: 'too_large' }])
    expect(guide.reached).toEqual([])
  })

  it('passes on method, query and body, to the API alone, with its own token and without the cookie', async () => {
    const seen: unknown[] = []
    guide.api = (req, res) => {
      const { authorization, cookie, host } = req.headers
      seen.push([req.method, req.url, authorization, cookie, host])
      req.pipe(res.writeHead(201, { 'content-type': 'text/plain' }))
    }
    const { cookie } = await guide.begin()
    const answer = await guide.ask('POST', '/api/orders?page=2&to=//evil.b.localhost', { cookie, body: 'a stamp' })
    expect([answer.status, await answer.text()]).toEqual([201, 'a stamp'])
    const host = `api.a.localhost:${String(guide.port)}`
    expect(seen).toEqual([['POST', '/orders?page=2&to=//evil.b.localhost', 'Bearer access-1', undefined, host]])
  })

  it('follows no redirect of the API', async () => {
    guide.api = (_req, res) => res.writeHead(307, { location: `${guide.origins.evil}/` }).end()
    const { cookie } = await guide.begin()
    expect((await guide.ask('GET', '/api/orders', { cookie })).status).toBe(307)
  })

  it('gives an API up that does not answer, and ends an answer that breaks off', async () => {
    guide.api = hang
    const { cookie } = await guide.begin()
    const late = await guide.ask('GET', '/api/orders', { cookie })
    expect([late.status, await late.json()]).toEqual([503, { error: 'try_again' }])
    guide.api = (_req, res) => void res.writeHead(200, { 'content-type': 'text/plain' }).write('the first half')
    await expect(guide.ask('GET', '/api/orders', { cookie }).then((answer) => answer.text())).rejects.toThrow()
  })

  it('gives the API up when the page is gone', async () => {
    const { cookie } = await guide.begin()
    const gone = new Promise((resolve) => {
      guide.api = (req) => {
        req.once('close', resolve)
        page.abort()
      }
    })
    const page = new AbortController()
    const headers = { origin: guide.origins.bff, 'x-csrf': '1', cookie }
    await expect(loopbackFetch(`${guide.origins.bff}/api/orders`, { headers, signal: page.signal })).rejects.toThrow()
    await gone
  })

  it('renews once where the API refuses the token, and keeps the answer to that', async () => {
    guide.api = (req, res) => {
      json(res, req.headers.authorization === 'Bearer access-2' ? 200 : 401, {})
    }
    const { cookie } = await guide.begin()
    expect((await guide.ask('GET', '/api/orders', { cookie })).status).toBe(200)
  })
})

describe('a wish that the provider will not grant', () => {
  it.each(['invalid_scope', 'invalid_target'])('is answered with %s, and not with "try again"', async (error) => {
    guide.provider.set('/token', (_req, res) => {
      json(res, 400, { error })
    })
    const { cookie } = await guide.begin()
    const answer = await guide.ask('POST', '/demonstration/without-scope', { cookie })
    expect([answer.status, await answer.json()]).toEqual([400, { error }])
  })

  it.each(['invalid_client', 'temporarily_unavailable'])(
    'is not the fault of the page when it is %s',
    async (error) => {
      guide.provider.set('/token', (_req, res) => {
        json(res, 400, { error })
      })
      const { cookie } = await guide.begin()
      const answer = await guide.ask('POST', '/demonstration/without-scope', { cookie })
      expect([answer.status, await answer.json()]).toEqual([503, { error: 'try_again' }])
    },
  )
})
