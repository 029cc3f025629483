import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { getAuth, requireAuth, requireScope } from 'express-resource-server'
import request from 'supertest'
import { startDev, type Running } from '../kit/start-dev.js'
import { run } from './run.js'

const folder = mkdtempSync(join(tmpdir(), 'dev-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The body of an answer, which is not looked at before it is compared. */
async function bodyOf(asked: request.Test): Promise<unknown> {
  return (await asked).body as unknown
}

const REDIRECT = 'http://localhost:3000/callback'
const VERIFIER = 'a verifier of forty-three characters or more'
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

const usual: Readonly<Record<string, string>> = {
  response_type: 'code',
  client_id: 'app',
  redirect_uri: REDIRECT,
  scope: 'openid orders:read',
  state: 's1',
  nonce: 'n1',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
}

function query(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const all = Object.entries({ ...usual, ...changes }).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `/authorize?${new URLSearchParams(all).toString()}`
}

describe('the command "dev"', () => {
  let running: Running
  beforeAll(async () => {
    running = await startDev()
  })
  afterAll(async () => {
    expect(await running.stop()).toBe(0)
  })

  const issuer = () => request(running.issuer)
  const pick = (person = 'user-1', changes: Readonly<Record<string, string | undefined>> = {}) =>
    issuer().post(query(changes)).type('form').send({ person })
  const codeOf = async (...picked: Parameters<typeof pick>): Promise<string> => {
    const { headers } = await pick(...picked).expect(303)
    return new URL(headers['location'] ?? '').searchParams.get('code') ?? ''
  }
  const redeem = (code: string, changes: object = {}) =>
    issuer()
      .post('/token')
      .type('form')
      .send({
        grant_type: 'authorization_code',
        client_id: 'app',
        redirect_uri: REDIRECT,
        code,
        code_verifier: VERIFIER,
        ...changes,
      })
  const tokens = async (...picked: Parameters<typeof pick>) =>
    (await redeem(await codeOf(...picked)).expect(200)).body as Readonly<Record<string, string>>
  const refresh = (token: string | undefined, changes: object = {}) =>
    issuer()
      .post('/token')
      .type('form')
      .send({ grant_type: 'refresh_token', client_id: 'app', refresh_token: token, ...changes })

  const api = () => {
    const app = express()
    app.use(requireAuth({ issuer: running.issuer, audience: 'https://api.example.com' }))
    app.get('/orders', requireScope('orders:read'), (req, res) => {
      res.json({ for: getAuth(req).subject })
    })
    return app
  }

  it('leads from a picked person to a 200, and says so at once', async () => {
    expect(running.printed()).toContain('OAUTH_AUDIENCE=https://api.example.com')
    expect(
      running
        .printed()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([])
    expect(running.printed()).not.toContain('\u001B')
    const page = await issuer().get(query()).expect(200)
    expect(page.text).toContain('value="user-1"')
    const { headers } = await pick().expect(303)
    const back = new URL(headers['location'] ?? '')
    expect([back.origin + back.pathname, back.searchParams.get('state'), back.searchParams.get('iss')]).toEqual([
      REDIRECT,
      's1',
      running.issuer,
    ])
    const answered = await redeem(back.searchParams.get('code') ?? '').expect(200)
    expect(answered.headers['cache-control']).toBe('no-store')
    expect(answered.body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'openid orders:read' })
    const given = answered.body as Readonly<Record<string, string>>
    await request(api())
      .get('/orders')
      .set('Authorization', `Bearer ${given['access_token'] ?? ''}`)
      .expect(200, { for: 'user-1' })
    await request(api())
      .get('/orders')
      .set('Authorization', `Bearer ${given['id_token'] ?? ''}`)
      .expect(401)
    const who = await issuer()
      .get('/userinfo')
      .set('Authorization', `Bearer ${given['access_token'] ?? ''}`)
      .expect(200)
    expect(who.body).toEqual({ sub: 'user-1', name: 'Ada Lovelace', email: 'ada@example.com' })
  })

  it('publishes what clients discover', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const body = await bodyOf(issuer().get(path).expect(200))
      expect(body).toMatchObject({
        issuer: running.issuer,
        code_challenge_methods_supported: ['S256'],
        express_resource_server_dev: true,
      })
    }
  })

  describe('the authorization endpoint', () => {
    it.each([
      ['no client', { client_id: undefined }],
      ['no way back', { redirect_uri: undefined }],
      ['a way back elsewhere', { redirect_uri: 'https://evil.example.com/' }],
      ['one that only begins like this machine', { redirect_uri: 'http://localhost.evil.example.com/' }],
      ['one with a user', { redirect_uri: 'http://localhost@evil.example.com/' }],
      ['one with a fragment', { redirect_uri: `${REDIRECT}#x` }],
      ['a script', { redirect_uri: 'javascript:alert(1)' }],
    ])('answers to %s itself', async (_name, changes) => {
      const { headers, text } = await issuer().get(query(changes)).expect(400)
      expect([headers['location'], headers['content-type']]).toEqual([undefined, 'text/plain; charset=utf-8'])
      expect(text).not.toContain('evil')
    })

    it.each([
      ['no PKCE', { code_challenge: undefined }, 'invalid_request'],
      ['a plain one', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['one without a method', { code_challenge_method: undefined }, 'invalid_request'],
      ['one that is too short', { code_challenge: 'abc' }, 'invalid_request'],
      ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
      ['a silent sign-in', { prompt: 'none' }, 'login_required'],
    ])('sends back: %s', async (_name, changes, error) => {
      for (const method of ['get', 'post'] as const) {
        const { headers } = await issuer()[method](query(changes)).expect(303)
        const back = new URL(headers['location'] ?? '')
        expect([back.searchParams.get('error'), back.searchParams.get('state'), back.searchParams.get('code')]).toEqual(
          [error, 's1', null],
        )
      }
    })

    it('takes a form from its own page only, and somebody who is there', async () => {
      await pick().set('Origin', 'https://evil.example.com').expect(403)
      await pick().set('Origin', 'null').expect(403)
      await pick('nobody').expect(400)
      const { headers } = await issuer().post(query()).type('form').send({ cancel: 'yes' }).expect(303)
      expect(headers['location']).toContain('error=access_denied')
    })

    it('has a page that runs nothing and stands in no frame', async () => {
      const { headers, text } = await issuer()
        .get(query({ client_id: '"><script>alert(1)</script>' }))
        .expect(200)
      expect(text).not.toContain('<script')
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'nonce-[\w-]+'; form-action 'self' http:\/\/localhost:3000; base-uri 'none'; frame-ancestors 'none'$/,
      )
      expect(headers['referrer-policy']).toBe('same-origin')
    })
  })

  describe('the token endpoint', () => {
    it.each([
      ['another verifier', { code_verifier: 'another' }],
      ['none', { code_verifier: undefined }],
      ['another client', { client_id: 'other' }],
      ['another way back', { redirect_uri: 'http://localhost:3000/other' }],
    ])('refuses a code with %s', async (_name, changes) => {
      const body = await bodyOf(redeem(await codeOf(), changes).expect(400))
      expect(body).toMatchObject({ error: 'invalid_grant' })
    })

    it('takes a code once, and ends what came of it when it comes again', async () => {
      const code = await codeOf()
      const first = (await redeem(code).expect(200)).body as Readonly<Record<string, string>>
      await redeem(code).expect(400)
      await refresh(first['refresh_token']).expect(400)
      const body = await bodyOf(
        issuer().post('/introspect').type('form').send({ token: first['access_token'] }).expect(200),
      )
      expect(body).toEqual({ active: false })
    })

    it('takes a refresh token once, and ends its family when it comes again', async () => {
      const { refresh_token: first } = await tokens()
      const second = (await refresh(first).expect(200)).body as Readonly<Record<string, string>>
      await refresh(second['refresh_token'], { client_id: 'other' }).expect(400)
      await refresh(first).expect(400)
      await refresh(second['refresh_token']).expect(400)
    })

    it('gives no more at a refresh than was granted', async () => {
      const { refresh_token: token } = await tokens()
      const body = await bodyOf(refresh(token, { scope: 'orders:read orders:write' }).expect(200))
      expect(body).toMatchObject({ scope: 'orders:read' })
    })

    it('serves a client for itself, which may name itself by Basic', async () => {
      const body = await bodyOf(
        issuer()
          .post('/token')
          .auth('robot', 'anything')
          .type('form')
          .send({ grant_type: 'client_credentials', scope: 'orders:read', resource: 'https://api.example.com' })
          .expect(200),
      )
      const { access_token: token = '' } = body as Readonly<Record<string, string>>
      await request(api()).get('/orders').set('Authorization', `Bearer ${token}`).expect(200, { for: 'robot' })
    })

    it.each([
      ['an unknown grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
      ['a name of an object', { grant_type: 'constructor' }, 'unsupported_grant_type'],
    ])('refuses %s', async (_name, form, error) => {
      const body = await bodyOf(
        issuer()
          .post('/token')
          .type('form')
          .send({ client_id: 'app', ...form })
          .expect(400),
      )
      expect(body).toMatchObject({ error })
    })

    it('refuses what comes twice, and a proof that is none', async () => {
      await issuer().post('/token').type('form').send('client_id=app&client_id=b').expect(400)
      const body = await bodyOf(
        issuer().post('/token').set('DPoP', 'x.y.z').type('form').send({ client_id: 'app' }).expect(400),
      )
      expect(body).toMatchObject({ error: 'invalid_dpop_proof' })
    })
  })

  it('takes tokens back', async () => {
    const { access_token: token, refresh_token: other } = await tokens()
    const ask = async () =>
      ((await issuer().post('/introspect').type('form').send({ token }).expect(200)).body as { active: boolean }).active
    expect(await ask()).toBe(true)
    await issuer().post('/revoke').type('form').send({ token: other }).expect(200)
    expect(await ask()).toBe(false)
    await issuer()
      .get('/userinfo')
      .set('Authorization', `Bearer ${token ?? ''}`)
      .expect(401)
  })

  describe('whoever comes by another name', () => {
    it.each(['evil.example.com', 'localhost.evil.example.com', '169.254.169.254', '127.0.0.1.nip.io'])(
      'finds nothing: %j',
      async (host) => {
        const { status } = await rawGet(`${running.issuer}/.well-known/openid-configuration`, host)
        expect([400, 421]).toContain(status)
      },
    )

    it('may read it from pages of this machine, and from no other', async () => {
      const from = async (origin: string) =>
        (await issuer().get('/jwks').set('Origin', origin).expect(200)).headers['access-control-allow-origin']
      expect(await from('http://localhost:5173')).toBe('http://localhost:5173')
      expect(await from('https://evil.example.com')).toBeUndefined()
      const preflight = await issuer().options('/dev/token').set('Origin', 'http://localhost:5173')
      expect(preflight.headers['access-control-allow-origin']).toBeUndefined()
      await issuer().post('/dev/token').set('Origin', 'http://localhost:5173').send({ person: 'user-1' }).expect(403)
      await issuer().post('/dev/token').type('form').send({ person: 'user-1' }).expect(403)
    })

    it('is heard no longer than a form is long', async () => {
      await issuer()
        .post('/token')
        .type('form')
        .send({ client_id: 'x'.repeat(100_000) })
        .expect(413)
    })
  })

  describe('"dev token"', () => {
    const order = (...args: readonly string[]) => run(['dev', 'token', ...args, '--issuer', running.issuer])

    it('prints a token that gets in, and nothing else', async () => {
      const { exitCode, output, errors } = await order('user-1', '--scope', 'orders:read')
      expect([exitCode, errors, output.trim().split('\n')]).toEqual([
        0,
        '',
        [expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)],
      ])
      await request(api()).get('/orders').set('Authorization', `Bearer ${output.trim()}`).expect(200, { for: 'user-1' })
    })

    it('says beside it what a wrong one must get', async () => {
      const { output, errors } = await order('user-1', '--wrong', 'expired')
      expect(errors).toContain('401 token_expired')
      const body = await bodyOf(
        request(api()).get('/orders').set('Authorization', `Bearer ${output.trim()}`).expect(401),
      )
      expect(body).toMatchObject({ code: 'token_expired' })
    })

    it.each([
      ['nobody of that name', ['user-9']],
      ['no such wrong', ['user-1', '--wrong', 'everything']],
      ['no number', ['user-1', '--seconds', 'ten']],
      ['two people', ['user-1', 'user-2']],
    ])('is used wrongly: %s', async (_name, args) => {
      const { exitCode, output } = await order(...args)
      expect([exitCode, output]).toEqual([64, ''])
    })

    it('asks this machine only, and says when nobody answers', async () => {
      expect((await run(['dev', 'token', '--issuer', 'https://issuer.example.com'])).exitCode).toBe(64)
      const { exitCode, errors } = await run(['dev', 'token', '--issuer', 'http://127.0.0.1:1'])
      expect([exitCode, errors]).toEqual([2, expect.stringContaining('npx express-resource-server dev')])
    })
  })

  it('switches its keys off and on, and changes them', async () => {
    const turned = async (key: string, word: RegExp): Promise<void> => {
      const before = running.printed().length
      running.press(key)
      while (!word.test(running.printed().slice(before))) await new Promise((resolve) => setImmediate(resolve))
    }
    const count = async () => ((await issuer().get('/jwks').expect(200)).body as { keys: unknown[] }).keys.length
    expect(await count()).toBe(1)
    await turned('r', /Rotated/)
    expect(await count()).toBe(2)
    await turned('o', /Off/)
    await issuer().get('/jwks').expect(503)
    await issuer().get('/.well-known/openid-configuration').expect(503)
    await turned('o', /On/)
    expect(await count()).toBe(2)
  })
})

describe('people in a file', () => {
  it('are read again when it changes; a broken file changes nobody, and is complained of', async () => {
    const path = join(folder, 'people.json')
    let second = 1
    const write = (text: string): void => {
      writeFileSync(path, text)
      utimesSync(path, new Date(), new Date(++second * 1000))
    }
    write(
      JSON.stringify([
        { sub: 'a', name: '<script>alert(1)</script>', scopes: ['orders:read'], claims: { roles: ['clerk'] } },
      ]),
    )
    const running = await startDev('--people', path)
    const page = async () => (await request(running.issuer).get(query()).expect(200)).text
    expect(await page()).toContain('&#60;script&#62;')
    write(JSON.stringify([{ sub: 'b' }]))
    expect(await page()).toContain('value="b"')
    write('[{')
    expect(await page()).toContain('value="b"')
    expect(running.complaints()).toContain('no JSON document')
    expect(await running.stop()).toBe(0)
  })

  it.each([
    ['no list', '{}'],
    ['nobody', '[]'],
    ['no sub', '[{"name":"a"}]'],
    ['two of one sub', '[{"sub":"a"},{"sub":"a"}]'],
    ['an unknown member', '[{"sub":"a","role":"x"}]'],
    ['scopes that are a text', '[{"sub":"a","scopes":"x"}]'],
  ])('must make sense: %s', async (_name, text) => {
    const path = join(folder, 'bad.json')
    writeFileSync(path, text)
    expect((await run(['dev', '--port', '0', '--people', path])).exitCode).toBe(64)
  })
})

describe('it does not start', () => {
  it.each([
    ['in production', [], { NODE_ENV: 'production' }],
    ['for other machines', ['--host', '0.0.0.0'], {}],
    ['by a name of this one that others reach', ['--host', '192.168.0.1'], {}],
    ['like nobody', ['--like', 'keyclock'], {}],
    ['on no port', ['--port', '70000'], {}],
    ['with a word too many', ['tokens'], {}],
    ['with the flag of another', ['--wrong', 'expired'], {}],
  ])('%s', async (_name, args, env) => {
    expect((await run(['dev', ...args], { env })).exitCode).toBe(64)
  })
})

function rawGet(url: string, host: string): Promise<{ readonly status: number | undefined }> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers: { Host: host } }, (res) => {
      res.resume()
      resolve({ status: res.statusCode })
    })
      .on('error', reject)
      .end()
  })
}
