import fc from 'fast-check'
import type { RequestListener, Server } from 'node:http'
import { createFrontDoor } from '../../examples/browser/stage/front-door.js'
import { originsAt, type Role } from '../../examples/browser/stage/addresses.js'
import { createJournal, type Journal, type JournalEntry } from '../../examples/browser/stage/journal.js'
import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { listen } from '../../examples/listen.js'

// What the board shows of the messages: as they were sent, and without a secret in them.
let server: Server
let port: number
let journal: Journal
let answer: RequestListener

beforeAll(async () => {
  journal = createJournal()
  const roles = new Map<Role, RequestListener>()
  for (const role of ['auth', 'api', 'idp'] as const) {
    const listener: RequestListener = (req, res) => {
      answer(req, res)
    }
    roles.set(role, journal.listen(role, listener))
  }
  server = createFrontDoor(roles)
  port = await listen(server, { port: 0, advice: 'try again' })
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})
beforeEach(() => {
  answer = (req, res) => {
    note('answered')
    req.resume().once('end', () => {
      res.end()
    })
  }
})

const note = (text: string): void => {
  journal.note({ from: 'auth', to: 'app', text, outcome: 'done' })
}

function entries(): readonly JournalEntry[] {
  let all: readonly JournalEntry[] = []
  const res = { set: () => res, json: (body: readonly JournalEntry[]) => (all = body) }
  // Of a request and a response the journal needs that alone.
  void journal.answer({ query: {} } as never, res as never, () => undefined)
  return all
}

/** The entry that a request led to, once its answer has been sent. */
async function tell(role: Role, path: string, init: RequestInit = {}): Promise<JournalEntry> {
  const before = entries().at(-1)?.id ?? 0
  await (await loopbackFetch(`${originsAt(port)[role]}${path}`, init)).arrayBuffer()
  for (;;) {
    const entry = entries().find(({ id }) => id > before)
    if (entry !== undefined) return entry
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const encode = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url')
const jwt = `${encode({ alg: 'RS256', typ: 'at+jwt' })}.${encode({ sub: 'ada', aud: 'orders', sid: 'a-session-at-the-provider', client_id: 'bff' })}.c2lnbmF0dXJlLW9mLXNvbWVib2R5`

it('shows a request and its answer line by line', async () => {
  answer = (req, res) => {
    note('done')
    req.resume().once('end', () => {
      res.setHeader('set-cookie', '__Host-x=abcdefghijklmnopqrstuvwxyz; Path=/; HttpOnly; Secure; SameSite=Strict')
      res.setHeader('content-type', 'application/json; charset=utf-8')
      res.statusCode = 201
      res.write('{"expires_in":60,"refresh_token":"0123456789')
      res.end('abcdef","nested":{"a":"secret"},"list":[1]}')
    })
  }
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'a-refresh-token-of-somebody' })
  const headers = { cookie: '__Host-x=zyxwvutsrqponmlkjihgfedcba; theme=dark', 'x-csrf': '1', accept: 'secret/one' }
  const { message, page, text } = await tell('auth', '/session', { method: 'POST', body, headers })
  expect([text, page]).toEqual(['done', 'app'])
  expect(message).toBe(`POST /session
Host: auth.a.localhost:${String(port)}
X-Csrf: 1
Cookie: __Host-x=zyxwvu... (26 characters); theme=...

grant_type=refresh_token
refresh_token=a-refr... (27 characters)

201 Created
Set-Cookie: __Host-x=abcdef... (26 characters); Path=/; HttpOnly; Secure; SameSite=Strict

expires_in: 60
refresh_token: 012345... (16 characters)
nested: {...}
list: 1 of them`)
})

it('shows what a token says, and on whose behalf it came, and never the token', async () => {
  const { message, page, user } = await tell('api', '/orders', { headers: { authorization: `Bearer ${jwt}` } })
  expect([page, user]).toEqual(['bff', 'ada'])
  expect(message).toContain(`Authorization: Bearer eyJhbG... (${String(jwt.length)} characters), which says:
    typ: "at+jwt"
    sub: "ada"
    aud: "orders"
    client_id: "bff"
`)
  expect(message).not.toContain('a-session-at-the-provider')
})

it('tells by the ID token of an answer whose doing it was', async () => {
  answer = (_req, res) => {
    note('done')
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id_token: jwt }))
  }
  expect(await tell('auth', '/session')).toMatchObject({ page: 'app', user: 'ada' })
})

it('shows no secret, wherever it is sent', async () => {
  const places: readonly ((secret: string) => readonly [path: string, init: RequestInit])[] = [
    (secret) => [`/auth?client_id=bff&state=${secret}`, {}],
    (secret) => [`/auth?${secret}`, {}],
    (secret) => [`/auth/${secret}`, {}],
    (secret) => ['/', { headers: { authorization: `Bearer ${secret}` } }],
    (secret) => ['/', { headers: { authorization: `Basic ${secret}` } }],
    (secret) => ['/', { headers: { authorization: secret } }],
    (secret) => ['/', { headers: { authorization: `${secret} x` } }],
    (secret) => ['/', { headers: { cookie: `a=b; c=${secret}` } }],
    (secret) => ['/', { headers: { cookie: secret } }],
    (secret) => ['/', { headers: { 'x-secret': secret } }],
    (secret) => ['/', { method: 'POST', body: new URLSearchParams({ code: secret }) }],
    (secret) => ['/', { method: 'POST', body: new URLSearchParams({ [secret]: '' }) }],
    (secret) => ['/', { method: 'POST', body: secret }],
  ]
  const secrets = fc.oneof(fc.constant(jwt), fc.stringMatching(/^[A-Za-z0-9_-]{22,60}$/))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), secrets, async (place, secret) => {
      const [path, init] = place(secret)
      expect((await tell('idp', path, init)).message).not.toContain(secret.slice(0, 20))
    }),
    { numRuns: 60 },
  )
})

it.each([
  ['in a redirect', { location: 'http://app.a.localhost/?code=a-code-of-somebody&state=x' }, ''],
  ['in the fragment of one', { location: 'http://app.a.localhost/#a-code-of-somebody' }, ''],
  ['in JSON', { 'content-type': 'application/json' }, '{"anything":"a-code-of-somebody"}'],
  ['in nested JSON', { 'content-type': 'application/json' }, '{"status":{"in":"a-code-of-somebody"}}'],
  ['in JSON that is a text', { 'content-type': 'application/json' }, '"a-code-of-somebody"'],
  ['in HTML', { 'content-type': 'text/html' }, 'a-code-of-somebody'],
  ['in a nameless cookie', { 'set-cookie': 'a-code-of-somebody; Path=/' }, ''],
])('shows no secret of an answer %s', async (_where, headers, body) => {
  answer = (_req, res) => {
    note('done')
    res.writeHead(200, headers).end(body)
  }
  expect((await tell('idp', '/')).message).not.toContain('a-code-of-somebody')
})

it('tells what is noted after the answer, or outside of a request, without a message', async () => {
  let later: () => void = () => undefined
  answer = (_req, res) => {
    note('now')
    res.end()
    res.once('close', () => {
      later = () => {
        note('later')
      }
    })
  }
  await tell('auth', '/')
  later()
  expect(entries().at(-1)).toMatchObject({ text: 'later' })
  expect(entries().at(-1)?.message).toBeUndefined()
})
