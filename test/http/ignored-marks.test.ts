import express from 'express'
import { createResourceServer, requireAuth, type IssuerOptions } from 'express-resource-server'
import { createTestIssuer, type Changes, type TestIssuer } from 'express-resource-server/testing'
import request from 'supertest'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' })
})

const optionsWith = (own: Partial<IssuerOptions>) => ({
  ...issuer.options,
  issuer: { issuer: issuer.issuer, ...own },
})

/** `accepted`, or the code of the refusal. */
async function judge(token: string, own: Partial<IssuerOptions>): Promise<string> {
  const app = express()
  app.use(requireAuth(optionsWith(own)))
  app.get('/', (_req, res) => res.sendStatus(204))
  const { status, text } = await request(app).get('/').set('Authorization', `Bearer ${token}`)
  return status === 204 ? 'accepted' : (JSON.parse(text) as { code: string }).code
}

describe('dangerouslyIgnoredMarks', () => {
  const ignored = ['active', 'token_type', 'typ', 'events', 'code', 'mode']

  test.each<[claims: Changes, without: string]>([
    [{ active: true }, 'wrong_token_type'],
    [{ token_type: 'user' }, 'wrong_token_type'],
    [{ typ: 'employee' }, 'wrong_token_type'],
    [{ events: ['a'] }, 'logout_token_presented'],
    [{ code: 'DE', state: 'BY' }, 'wrong_token_type'],
    [{ mode: 'test' }, 'unrecognised_token_type'],
  ])('lets %j in, for the issuer that uses it otherwise', async (claims, without) => {
    const token = await issuer.accessToken({ scope: 'orders:read', ...claims }, { typ: 'JWT' })
    expect(await judge(token, {})).toBe(without)
    expect(await judge(token, { dangerouslyIgnoredMarks: ignored })).toBe('accepted')
    const server = createResourceServer(optionsWith({ dangerouslyIgnoredMarks: ignored }))
    await expect(server.explainToken(token)).resolves.toMatchObject({ verdict: 'accepted' })
  })

  test.each<[claims: Changes, code: string]>([
    [{ token_type: 'refresh' }, 'refresh_token_presented'],
    [{ token_type: 'Refresh_Token' }, 'refresh_token_presented'],
    [{ typ: 'ID' }, 'id_token_presented'],
    [{ mode: 'logout' }, 'logout_token_presented'],
    [{ active: true, redirect_uri: 'https://app.example.com' }, 'wrong_token_type'],
    [{ active: true, token_use: 'id' }, 'id_token_presented'],
    [{ active: true, nonce: 'n' }, 'id_token_presented'],
    [{ active: true, htm: 'GET' }, 'dpop_proof_presented'],
    [{ active: true, scope: undefined }, 'unrecognised_token_type'],
    // What a claim says that means something else is no mark of an access token.
    [{ token_type: 'access', scope: undefined }, 'unrecognised_token_type'],
  ])('keeps %j out', async (claims, code) => {
    const token = await issuer.accessToken({ scope: 'orders:read', ...claims }, { typ: 'JWT' })
    expect(await judge(token, { dangerouslyIgnoredMarks: ignored })).toBe(code)
  })

  test.each(['idToken', 'refreshToken', 'logoutToken'] as const)(
    'keeps the %s of the test issuer out',
    async (kind) => {
      expect(await judge(await issuer[kind](), { dangerouslyIgnoredMarks: ignored })).not.toBe('accepted')
    },
  )
})
