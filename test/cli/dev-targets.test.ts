import { exchange, type RawResponse } from '../kit/raw-request.js'
import { startDev, type Running } from '../kit/start-dev.js'

let running: Running
beforeAll(async () => {
  running = await startDev()
})
afterAll(async () => {
  expect(await running.stop()).toBe(0)
})

const QUERY = `client_id=app&redirect_uri=http://localhost:3000/callback&response_type=code&code_challenge_method=S256&code_challenge=${'a'.repeat(43)}`
const port = (): string => new URL(running.issuer).port
const say = async (text: string): Promise<RawResponse> => {
  const [answer] = await exchange(Number(port()), text.replaceAll('PORT', port()).replaceAll('QUERY', QUERY))
  if (answer === undefined) throw new Error('There was no answer.')
  return answer
}

describe('what web pages of this machine may read of the issuer', () => {
  it.each([
    ['/jwks', 200, true],
    ['http://127.0.0.1:PORT/jwks', 200, true],
    ['/authorize?QUERY', 200, false],
    ['http://127.0.0.1:PORT/authorize?QUERY', 200, false],
    ['HTTP://127.0.0.1:PORT/authorize?QUERY', 400, false],
    ['http://localhost:PORT/authorize?QUERY', 400, false],
    ['http://127.0.0.1:1/authorize?QUERY', 400, false],
    ['http://evil.example/authorize?QUERY', 400, false],
    ['http://evil.example@127.0.0.1:PORT/authorize?QUERY', 400, false],
    ['https://127.0.0.1:PORT/authorize?QUERY', 400, false],
    ['//127.0.0.1:PORT/authorize?QUERY', 400, false],
    ['/\\127.0.0.1:PORT/authorize?QUERY', 400, false],
    ['\\\\127.0.0.1:PORT/authorize?QUERY', 400, false],
    ['///authorize?QUERY', 400, false],
    ['/./authorize?QUERY', 400, false],
    ['/a/../authorize?QUERY', 400, false],
    ['/%2e/authorize?QUERY', 400, false],
    ['/\\authorize?QUERY', 400, false],
    ['/%61uthorize?QUERY', 404, true],
    ['/AUTHORIZE?QUERY', 404, true],
    ['/authorize/?QUERY', 404, false],
    ['/authorize#?QUERY', 400, false],
    ['@127.0.0.1:PORT/authorize?QUERY', 400, false],
    ['*', 400, false],
  ])('GET %s is %i', async (target, status, isReadable) => {
    const answer = await say(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nOrigin: http://localhost:3000\r\n\r\n`,
    )
    expect([answer.status, answer.header('access-control-allow-origin')]).toEqual([
      status,
      isReadable ? 'http://localhost:3000' : undefined,
    ])
    // Neither the page nor a code, but by the name of the endpoint.
    if (status !== 200) expect(answer.body).not.toContain('<form')
  })

  it.each(['/dev/token', '//127.0.0.1:PORT/dev/token', '/./dev/token', '/%2e/dev/token', '/\\dev/token'])(
    'is no token by %s: no preflight says so',
    async (target) => {
      const head = `Host: 127.0.0.1:PORT\r\nConnection: close\r\nOrigin: http://localhost:3000\r\n`
      const asked = await say(`OPTIONS ${target} HTTP/1.1\r\n${head}Access-Control-Request-Method: POST\r\n\r\n`)
      const posted = await say(
        `POST ${target} HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
      )
      expect(asked.header('access-control-allow-origin')).toBeUndefined()
      expect([400, 403, 404]).toContain(posted.status)
      expect(posted.body).not.toContain('"token"')
    },
  )
})

describe('a form of the sign-in page', () => {
  it.each([
    ['127.0.0.1:PORT', 'http://127.0.0.1:PORT', 303],
    ['localhost:PORT', 'http://localhost:PORT', 303],
    ['[::1]:PORT', 'http://[::1]:PORT', 303],
    ['localhost:PORT', undefined, 303],
    ['127.0.0.1:PORT', 'http://localhost:PORT', 403],
    ['localhost:PORT', 'http://[::1]:PORT', 403],
    ['localhost:PORT', 'https://localhost:PORT', 403],
    ['localhost:PORT', 'http://localhost', 403],
    ['localhost:PORT', 'http://localhost:3000', 403],
    ['localhost:PORT', 'http://localhost:PORT.evil.example', 403],
    ['localhost:PORT', 'null', 403],
    ['localhost:PORT', '', 403],
    ['evil.example:PORT', 'http://evil.example:PORT', 421],
    ['evil.localhost:PORT', 'http://evil.localhost:PORT', 421],
    ['localhost.evil.example', 'http://localhost.evil.example', 421],
    ['a@localhost:PORT', 'http://localhost:PORT', 421],
    ['localhost:PORT/', 'http://localhost:PORT', 421],
    ['localhost:PORT, evil.example', 'http://localhost:PORT', 421],
  ])('to %s, of the origin %s, is %i', async (host, origin, status) => {
    const body = 'person=user-1'
    const answer = await say(
      `POST /authorize?QUERY HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${origin === undefined ? '' : `Origin: ${origin}\r\n`}` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
    )
    expect(answer.status).toBe(status)
    expect(answer.header('location')?.includes('code=') ?? false).toBe(status === 303)
  })
})
