import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { hang, json, openGuide, type Guide } from './guide.js'

let guide: Guide

beforeEach(async () => {
  guide = await openGuide()
})
afterEach(() => guide.close())

describe('the token handler', () => {
  function ask(method: string, path: string, cookie = '', body = ''): Promise<Response> {
    const headers = {
      origin: guide.origins.app,
      'sec-fetch-site': 'same-site',
      'x-csrf': '1',
      'content-type': 'application/x-www-form-urlencoded',
      cookie,
    }
    return loopbackFetch(`${guide.origins.auth}${path}`, { method, headers, body })
  }
  const cookieOf = (answer: Response): string => answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''

  it('seals what its cookie holds, differently each time', async () => {
    const [one, other] = [await ask('POST', '/session', '', 'code=c'), await ask('POST', '/session', '', 'code=c')]
    expect(cookieOf(one)).toMatch(/^__Host-Http-refresh=[\w-]{40,}$/)
    expect(cookieOf(one)).not.toBe(cookieOf(other))
    expect(Buffer.from(cookieOf(one).replace(/^[^=]*=/, ''), 'base64url').toString()).not.toContain('refresh-2')
  })

  it.each([
    ['a refresh token as it is', () => '__Host-Http-refresh=refresh-1'],
    ['what was sealed elsewhere', () => `__Host-Http-refresh=${'A'.repeat(80)}`],
    ['what was changed', (cookie: string) => cookie.replace(/.{4}$/, 'AAAA')],
    ['half of it', (cookie: string) => cookie.slice(0, 40)],
    ['the old name', (cookie: string) => cookie.replace('__Host-Http-refresh', '__Secure-refresh')],
  ])('takes no cookie that is %s', async (_what, change) => {
    const cookie = cookieOf(await ask('POST', '/session', '', 'code=c'))
    expect((await ask('POST', '/session/refresh', change(cookie))).status).toBe(401)
    expect((await ask('POST', '/session/refresh', cookie)).status).toBe(200)
  })

  it('refuses two cookies of its name, in either order', async () => {
    const cookie = cookieOf(await ask('POST', '/session', '', 'code=c'))
    const planted = '__Host-Http-refresh=planted'
    for (const both of [`${planted}; ${cookie}`, `${cookie}; ${planted}`]) {
      const answer = await ask('POST', '/session/refresh', both)
      expect([answer.status, await answer.json()]).toEqual([400, { error: 'ambiguous_cookie' }])
    }
  })

  it('takes the cookie from the browser when the provider hangs, and says so in time', async () => {
    const cookie = cookieOf(await ask('POST', '/session', '', 'code=c'))
    guide.provider.set('/revoke', hang)
    const answer = await ask('DELETE', '/session', cookie)
    expect(cookieOf(answer)).toBe('__Host-Http-refresh=')
    expect(await answer.json()).toEqual({ notTold: ['provider'] })
    // The copy of a thief is void here all the same.
    guide.provider.set('/revoke', (_req, res) => res.writeHead(200).end())
    expect((await ask('POST', '/session/refresh', cookie)).status).toBe(401)
  })

  it('ends the grant that was there before when somebody signs in anew', async () => {
    const cookie = cookieOf(await ask('POST', '/session', '', 'code=c'))
    expect((await ask('POST', '/session', cookie, 'code=d')).status).toBe(200)
    expect((await ask('POST', '/session/refresh', cookie)).status).toBe(401)
  })

  it('keeps the cookie of somebody whose page brought a code that is void', async () => {
    const cookie = cookieOf(await ask('POST', '/session', '', 'code=c'))
    guide.provider.set('/token', (_req, res) => {
      json(res, 400, { error: 'invalid_grant' })
    })
    const answer = await ask('POST', '/session', cookie, 'code=void')
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []])
  })

  it('answers a page that sends too much or asks for what there is not', async () => {
    expect((await ask('POST', '/session', '', `code=${'x'.repeat(5000)}`)).status).toBe(413)
    const cookie = cookieOf(await ask('POST', '/session', '', 'code=c'))
    guide.provider.set('/token', (_req, res) => {
      json(res, 400, { error: 'invalid_scope' })
    })
    const answer = await ask('POST', '/session/refresh', cookie, 'scope=everything')
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_scope' }])
  })

  it.each([
    ['a GET that a sibling caused, without an origin', { origin: undefined, 'sec-fetch-site': 'same-site' }],
    ['a request without an origin of the very host', { origin: undefined, 'sec-fetch-site': 'same-origin' }],
    ['a request without an origin of nobody', { origin: undefined, 'sec-fetch-site': 'none' }],
  ])('refuses %s', async (_what, changes) => {
    const headers = new Headers({ 'x-csrf': '1', 'sec-fetch-site': changes['sec-fetch-site'] })
    const answer = await loopbackFetch(`${guide.origins.auth}/session/refresh`, { method: 'POST', headers })
    expect(answer.status).toBe(403)
  })
})
