import session from 'express-session'
import { exportJWK, generateKeyPair, SignJWT, type GenerateKeyPairResult } from 'jose'
import { createSessions } from '../../examples/browser/bff/create-sessions.js'
import { linkOfSid, linkOfSubject } from '../../examples/browser/bff/session-tokens.js'
import type { Sessions } from '../../examples/browser/bff/sessions.js'
import { loopbackFetch } from '../../examples/browser/stage/loopback-fetch.js'
import { json, openGuide, type Guide } from './guide.js'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

// OpenID Connect Back-Channel Logout 1.0, section 2.8: what the provider is answered, and what is left then.
describe('a sign-out over the back channel', () => {
  let keys: GenerateKeyPairResult
  let memory: Sessions
  let failures: number
  let guide: Guide

  beforeAll(async () => {
    keys = await generateKeyPair('RS256', { extractable: true })
  })
  beforeEach(async () => {
    memory = await createSessions(undefined)
    failures = 0
    guide = await openGuide({
      sessions: {
        ...memory,
        remove: (id) => (failures-- > 0 ? Promise.reject(new Error('down')) : memory.remove(id)),
      },
    })
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
    guide.provider.set('/jwks', (_req, res) => {
      json(res, 200, { keys: [jwk] })
    })
  })
  afterEach(() => guide.close())

  async function begin(sid: string | undefined, sub: string): Promise<string> {
    const { id } = await guide.begin({ sid, sub })
    if (sid !== undefined) await memory.link(linkOfSid(sid), id)
    await memory.link(linkOfSubject(sub), id)
    return id
  }
  const mint = (claims: Readonly<Record<string, unknown>>): Promise<string> =>
    new SignJWT({ events: { [EVENT]: {} }, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ: 'logout+jwt' })
      .setIssuer(guide.origins.idp)
      .setAudience('bff')
      .setIssuedAt()
      .setExpirationTime('1m')
      .setJti(crypto.randomUUID())
      .sign(keys.privateKey)
  const say = async (token: string): Promise<number> => {
    const body = new URLSearchParams({ logout_token: token })
    return (await loopbackFetch(`${guide.origins.bff}/back-channel-logout`, { method: 'POST', body })).status
  }
  const isThere = async (ids: readonly string[]): Promise<readonly boolean[]> =>
    (await Promise.all(ids.map((id) => memory.read(id)))).map((one) => one !== undefined)

  it('ends every session of a "sid", and no other of that user', async () => {
    const ids = [await begin('s1', 'ada'), await begin('s1', 'ada'), await begin('s2', 'ada'), await begin('s3', 'bob')]
    expect(await say(await mint({ sid: 's1', sub: 'ada' }))).toBe(200)
    expect(await isThere(ids)).toEqual([false, false, true, true])
  })

  it('ends every session of a user where there is no "sid"', async () => {
    const ids = [await begin('s1', 'ada'), await begin(undefined, 'ada'), await begin('s3', 'bob')]
    expect(await say(await mint({ sub: 'ada' }))).toBe(200)
    expect(await isThere(ids)).toEqual([false, false, true])
  })

  it('can be said again after the store failed, and by another token, until it is done', async () => {
    const ids = [await begin('s1', 'ada'), await begin('s1', 'ada')]
    const token = await mint({ sid: 's1' })
    failures = 1
    expect(await say(token)).toBe(503)
    failures = 1
    expect(await say(await mint({ sid: 's1' }))).toBe(503)
    expect(await say(token)).toBe(200)
    expect(await isThere(ids)).toEqual([false, false])
    expect(await say(token)).toBe(400)
  })
})

it('keeps no more sessions in memory than it says', async () => {
  const sessions = await createSessions(undefined)
  const write = (id: number) => sessions.write(String(id), { cookie: new session.Cookie() })
  for (let id = 0; id <= 10_000; id++) await write(id)
  expect(await sessions.read('0')).toBeUndefined()
  expect(await sessions.read('10000')).toBeDefined()
})
