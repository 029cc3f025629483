import express from 'express'
import { createRevocation, type BackchannelLogout, type Revocation } from 'express-resource-server'
import { createTestIssuer, type Changes, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import { createApi, expectGranted, expectRefused, type Api } from '../kit/api.js'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let issuer: TestIssuer
let revocation: Revocation
let receive: BackchannelLogout
let api: Api
let clientId: string

beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
  revocation = createRevocation({ clock: issuer.options.clock })
  await revocation.ready()
  clientId = readClaims(await issuer.logoutToken())['aud'] as string
  receive = revocation.backchannelLogout({ issuer: issuer.issuer, clientId, fetch: issuer.options.fetch })
  api = createApi({ ...issuer.options, revocation })
})

afterEach(() => {
  revocation.close()
})

function readClaims(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

interface Seen {
  readonly status: number
  readonly cacheControl: string | null
  readonly body: string
}

type Send = (body: string, type?: string) => Promise<Seen>
const TYPE = 'application/x-www-form-urlencoded'

const doors: Readonly<Record<string, Send>> = {
  Express: (body, type) => sendTo(express().post('/logout', receive), body, type),
  'Express with a parser': (body, type) =>
    sendTo(
      express()
        .use(express.urlencoded({ extended: false }))
        .post('/logout', receive),
      body,
      type,
    ),
  async 'a Request of the web'(body, type = TYPE) {
    const asked = new Request('https://api.example/logout', { method: 'POST', body, headers: { 'Content-Type': type } })
    const answer = await receive(asked)
    return { status: answer.status, cacheControl: answer.headers.get('cache-control'), body: await answer.text() }
  },
}

async function sendTo(app: express.Express, body: string, type = TYPE): Promise<Seen> {
  const { status, text, headers } = await request(app).post('/logout').set('Content-Type', type).send(body)
  const fields = headers as Readonly<Record<string, string | undefined>>
  return { status, cacheControl: fields['cache-control'] ?? null, body: text }
}

const send = (token: string): Promise<Seen> =>
  doors['Express']?.(`logout_token=${token}`) ?? Promise.reject(new Error())
const done: Seen = { status: 200, cacheControl: 'no-store', body: '' }
const bad = (problem: string): Seen => ({
  status: 400,
  cacheControl: 'no-store',
  body: JSON.stringify({ error: 'invalid_request', error_description: problem }),
})

describe.each(Object.keys(doors))('a logout request, by %s', (name) => {
  const ask: Send = (body, type) => doors[name]?.(body, type) ?? Promise.reject(new Error(name))

  it('ends the session that it names, and no other', async () => {
    const [token, other] = [await issuer.accessToken({ sid: 's' }), await issuer.accessToken({ sid: 't' })]
    await expectGranted(api, token)
    expect(await ask(`logout_token=${await issuer.logoutToken({ sid: 's' })}`)).toEqual(done)
    await expectRefused(api, token, 'token_revoked')
    await expectGranted(api, other)
  })

  it.each([
    ['no form', '{}', 'application/json'],
    ['no token', 'a=b', TYPE],
    ['two tokens', 'logout_token=a&logout_token=b', TYPE],
  ])('is refused with %s', async (_problem, body, type) => {
    expect(await ask(body, type)).toEqual(bad('The body must be a form with one logout_token.'))
  })
})

it('a body that is too long is not read to its end', async () => {
  expect(await doors['a Request of the web']?.(`logout_token=${'a'.repeat(40_000)}`)).toEqual(
    bad('The body must be a form with one logout_token.'),
  )
})

it('is for POST alone', async () => {
  const { status, headers } = await request(express().all('/logout', receive)).get('/logout')
  expect([status, headers['allow'], headers['cache-control']]).toEqual([405, 'POST', 'no-store'])
})

it('a subject without a session: what it was issued before, and in that second', async () => {
  const token = await issuer.accessToken()
  expect(await send(await issuer.logoutToken({ sid: undefined }))).toEqual(done)
  await expectRefused(api, token, 'token_revoked')
  issuer.advance(1)
  await expectGranted(api, await issuer.accessToken())
})

describe('a logout token', () => {
  const rows: readonly (readonly [string, (now: number) => Changes, Changes, string?])[] = [
    ['with the type of all JWTs', () => ({}), { typ: 'JWT' }],
    ['without a type', () => ({}), { typ: undefined }],
    ['with the whole type', () => ({}), { typ: 'application/logout+jwt' }],
    ['for several clients', () => ({ aud: ['other', clientId] }), {}],
    ['that expired less than the tolerance ago', (now) => ({ exp: now - 29 }), {}],
    [
      'of the type of access tokens',
      () => ({}),
      { typ: 'at+jwt' },
      'The type of the token is not that of a logout token.',
    ],
    ['of an ID token', () => ({ nonce: 'n' }), {}, 'A logout token has no nonce.'],
    ['of another issuer', () => ({ iss: 'https://other.example' }), {}, 'The logout token comes from another issuer.'],
    ['without an issuer', () => ({ iss: undefined }), {}, 'The logout token comes from another issuer.'],
    ['for another client', () => ({ aud: 'other' }), {}, 'The logout token is for another client.'],
    ['for nobody', () => ({ aud: undefined }), {}, 'The logout token is for another client.'],
    ['that has expired', (now) => ({ exp: now - 31 }), {}, 'The logout token has expired.'],
    ['without an expiry', () => ({ exp: undefined }), {}, 'The logout token does not say when it expires.'],
    [
      'with an expiry as a text',
      (now) => ({ exp: String(now + 9) }),
      {},
      'The logout token does not say when it expires.',
    ],
    ['without a time of issue', () => ({ iat: undefined }), {}, 'The logout token does not say when it was issued.'],
    ['from the future', (now) => ({ iat: now + 60, exp: now + 90 }), {}, 'The logout token was issued in the future.'],
    ['without an identifier', () => ({ jti: undefined }), {}, 'The logout token has no identifier.'],
    ['with a number for an identifier', () => ({ jti: 1 }), {}, 'The logout token has no identifier.'],
    ['without events', () => ({ events: undefined }), {}, 'The token does not tell of a logout.'],
    ['with a list of events', () => ({ events: [EVENT] }), {}, 'The token does not tell of a logout.'],
    ['of another event', () => ({ events: { 'urn:other': {} } }), {}, 'The token does not tell of a logout.'],
    ['whose event is a text', () => ({ events: { [EVENT]: '' } }), {}, 'The token does not tell of a logout.'],
    [
      'of nobody',
      () => ({ sub: undefined, sid: undefined }),
      {},
      'The logout token names neither a subject nor a session.',
    ],
    ['with a number for a session', () => ({ sid: 1 }), {}, 'The logout token names neither a subject nor a session.'],
    [
      'that says it is compressed',
      () => ({}),
      { zip: 'DEF' },
      'The header of the logout token holds a parameter that is not accepted.',
    ],
    [
      'with an unknown key',
      () => ({}),
      { kid: 'other' },
      'The logout token is signed with a key that is not known for its issuer.',
    ],
  ]
  it.each(rows.map(([name, ...row]) => [name, row] as const))('%s', async (_name, [claims, header, problem]) => {
    const token = await issuer.accessToken({ sid: 's' })
    const answer = await send(await issuer.logoutToken({ sid: 's', ...claims(issuer.now()) }, header))
    expect(answer).toEqual(problem === undefined ? done : bad(problem))
    if (problem === undefined) await expectRefused(api, token, 'token_revoked')
    else await expectGranted(api, token)
  })

  it.each([
    ['unsigned', async () => `${(await issuer.logoutToken()).split('.').slice(0, 2).join('.')}.`],
    ['no token', () => Promise.resolve('garbage')],
  ])('that is %s is refused', async (_name, token) => {
    expect((await send(await token())).status).toBe(400)
  })

  it('signed by somebody else is refused', async () => {
    const other = await createTestIssuer({ algorithm: 'ES256', issuer: issuer.issuer })
    const { kid } = JSON.parse(
      Buffer.from((await issuer.logoutToken()).split('.')[0] ?? '', 'base64url').toString(),
    ) as {
      kid: string
    }
    expect(await send(await other.logoutToken({}, { kid }))).toEqual(
      bad('The signature of the logout token could not be verified.'),
    )
  })

  it('is taken once', async () => {
    const token = await issuer.logoutToken({ sid: 's' })
    expect(await send(token)).toEqual(done)
    expect(await send(token)).toEqual(bad('The logout token came before.'))
  })

  it('whose key cannot be had is 503, and good later', async () => {
    const token = await issuer.logoutToken({ sid: 's' })
    issuer.goDown()
    const answer = await send(token)
    expect(answer).toEqual({
      status: 503,
      cacheControl: 'no-store',
      body: '{"error":"temporarily_unavailable","error_description":"The logout cannot be done at the moment."}',
    })
    issuer.comeBack()
    issuer.advance(31)
    expect(await send(token)).toEqual(done)
  })

  it('that cannot be written down is 503, and good later', async () => {
    const store = createMemoryStore({ clock: issuer.options.clock })
    let isDown = true
    const failing = createRevocation({
      clock: issuer.options.clock,
      store: {
        ...store,
        keep(...message) {
          if (isDown) throw new Error('down')
          return store.keep(...message)
        },
      },
    })
    receive = failing.backchannelLogout({ issuer: issuer.issuer, clientId, fetch: issuer.options.fetch })
    const token = await issuer.logoutToken({ sid: 's' })
    expect((await send(token)).status).toBe(503)
    isDown = false
    expect(await send(token)).toEqual(done)
    failing.close()
  })

  it('is no access token', async () => {
    await expectRefused(api, await issuer.logoutToken({ aud: issuer.audience }), 'logout_token_presented')
  })
})

it.each([
  [
    { issuer: 'https://a.example', clientId: 'a', jwksURI: 'https://a.example/keys' },
    'has no option "jwksURI". It has issuer, ',
  ],
  [undefined, 'takes an object { issuer, clientId }'],
  ['https://a.example', 'takes an object { issuer, clientId }'],
])('refuses what are no options: %j', (options, says) => {
  expect(() => revocation.backchannelLogout(options as never)).toThrow(says)
})

it.each([
  { issuer: '', clientId: 'a' },
  { issuer: 'https://a.example', clientId: '' },
  { issuer: 'http://a.example', clientId: 'a' },
  { issuer: 'https://a.example', clientId: 'a', algorithms: ['HS256'] as const },
  { issuer: 'https://a.example', clientId: 'a', algorithms: [] },
])('refuses the options %j', (options) => {
  expect(() => revocation.backchannelLogout(options)).toThrow(/The option "\w+" of backchannelLogout must be/)
})

it.each(['memory', null, {}])('the store is none of %j', (store) => {
  expect(() => createRevocation({ store } as never)).toThrow('The option "store" of createRevocation must be')
})
