import { createResourceServer } from 'express-resource-server'
import type { ResourceServerOptions } from '../../../src/config/options.js'
import { createAuthenticator } from '../../../src/authenticator.js'
import { createKey, forgeToken, signer, type ForgeKey } from '../../kit/forge.js'
import { createKeyEndpoint } from '../../kit/key-endpoint.js'
import { settle } from '../../kit/settle.js'

type Members = Readonly<Record<string, unknown>>

const ISSUER = 'https://issuer.example.com'
const NOW = 1_800_000_000
const key = createKey('P-256', { kid: 'a' })
const next = createKey('P-256', { kid: 'b' })

const CLAIMS = {
  iss: ISSUER,
  aud: 'api',
  sub: 'user-1',
  client_id: 'client-1',
  scope: 'a b',
  iat: NOW,
  exp: NOW + 5000,
}
const HEADER = { alg: 'ES256', typ: 'at+jwt' }
const token = (claims: Members = {}, by: ForgeKey = key): string =>
  forgeToken({ ...HEADER, kid: by.kid }, { ...CLAIMS, ...claims }, signer('ES256', by))

/** A server whose time is moved by hand. */
function createStage(options: Partial<ResourceServerOptions> = {}) {
  let now = NOW
  const endpoint = createKeyEndpoint(ISSUER, [key.jwk])
  const settings = { issuer: ISSUER, audience: 'api', fetch: endpoint.fetch, clock: () => now * 1000, ...options }
  const server = createResourceServer(settings)
  return {
    endpoint,
    server,
    settings,
    advance: (seconds: number) => {
      now += seconds
    },
    /** Presents a token: the code of its refusal, or `accepted`. */
    judge: async (presented: string): Promise<string> => {
      try {
        await server.verifyToken(presented)
        return 'accepted'
      } catch (error) {
        return (error as { code: string }).code
      }
    },
  }
}

describe('what a good token says', () => {
  it('is frozen plain data, and the token is in it without showing', async () => {
    const { server } = createStage()
    const presented = token({ roles: ['r'], permissions: ['p'], deep: { list: [1] } })
    const auth = await server.verifyToken(presented)
    expect(auth).toEqual({
      scheme: 'Bearer',
      issuer: ISSUER,
      subject: 'user-1',
      clientId: 'client-1',
      audience: ['api'],
      scopes: ['a', 'b'],
      roles: ['r'],
      permissions: ['p'],
      expiresAt: NOW + 5000,
      issuedAt: NOW,
      claims: { ...CLAIMS, roles: ['r'], permissions: ['p'], deep: { list: [1] } },
      header: { ...HEADER, kid: 'a' },
    })
    expect(auth.token).toBe(presented)
    expect(Object.keys(auth)).not.toContain('token')
    expect(JSON.stringify(auth)).not.toContain(presented)
    const { audience, scopes, roles, permissions, header } = auth
    const claims = auth.claims as Members // of this stage it is not known whether it has a schema
    expect([auth, audience, scopes, roles, permissions, claims, claims['deep'], header].every(Object.isFrozen)).toBe(
      true,
    )
    expect(() => Object.assign(auth, { token: 'x' })).toThrow(TypeError)
  })

  it('leaves out what it does not say', async () => {
    const { server } = createStage()
    expect(await server.verifyToken(token({ sub: undefined, iat: undefined }))).toMatchObject({
      subject: undefined,
      issuedAt: undefined,
    })
    expect(await server.verifyToken(token({ client_id: undefined }))).toMatchObject({ clientId: '' })
  })

  it("is somebody's: a user's or a client's", async () => {
    const { server } = createStage()
    const nobodys = token({ sub: undefined, client_id: undefined })
    await expect(server.verifyToken(nobodys)).rejects.toMatchObject({
      code: 'unrecognised_token_type',
      detail: expect.stringMatching(/neither a subject \("sub"\) nor a client/) as string,
    })
  })

  it('holds what a schema made of the claims, and policies still see the claims themselves', async () => {
    const claims = { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { tenant: 7 } }) } } as const
    const { settings } = createStage()
    const authenticator = createAuthenticator({ ...settings, claims })
    for (let sight = 0; sight < 4; sight++) {
      const { auth, known } = await authenticator.verifyToken(token())
      expect(auth.claims).toEqual({ tenant: 7 })
      expect(known.facts.claims).toEqual(CLAIMS)
    }
  })
})

describe.each<[name: string, options: Partial<ResourceServerOptions>]>([
  ['remembered', {}],
  ['one of one that is remembered', { verifiedTokenCache: { maxEntries: 1 } }],
  ['not remembered', { verifiedTokenCache: false }],
])('a token that is %s', (_name, options) => {
  const present = async (stage: ReturnType<typeof createStage>, presented: string): Promise<void> => {
    for (let sight = 0; sight < 4; sight++) expect(await stage.judge(presented)).toBe('accepted')
  }

  it('is the same each time', async () => {
    const { server } = createStage(options)
    const auths = []
    for (let sight = 0; sight < 4; sight++) auths.push(await server.verifyToken(token({ jti: 'x' })))
    for (const auth of auths) expect(auth).toEqual({ ...auths[0] })
  })

  it('dies with its exp', async () => {
    const stage = createStage(options)
    const presented = token({ exp: NOW + 100 })
    await present(stage, presented)
    stage.advance(129)
    expect(await stage.judge(presented)).toBe('accepted')
    stage.advance(1)
    expect(await stage.judge(presented)).toBe('token_expired')
  })

  it('dies with its age', async () => {
    const stage = createStage({ ...options, maxTokenAgeSeconds: 6000 })
    const presented = token({ iat: NOW - 1000, exp: NOW + 5000 })
    await present(stage, presented)
    stage.advance(5029)
    expect(await stage.judge(presented)).toBe('accepted')
    stage.advance(1)
    expect(await stage.judge(presented)).not.toBe('accepted')
  })

  it('is too early when the clock is set back', async () => {
    const stage = createStage(options)
    const presented = token({ iat: undefined, nbf: NOW })
    await present(stage, presented)
    stage.advance(-31)
    expect(await stage.judge(presented)).toBe('token_not_yet_valid')
    stage.advance(1)
    expect(await stage.judge(presented)).toBe('accepted')
  })

  it('dies with its key, and lives again with it', async () => {
    const stage = createStage(options)
    const presented = token()
    await present(stage, presented)
    stage.endpoint.publish([next.jwk])
    stage.advance(661)
    expect(await stage.judge(presented)).toBe('unknown_key')
    stage.endpoint.publish([key.jwk])
    stage.advance(661)
    expect(await stage.judge(presented)).toBe('accepted')
  })

  it('dies with a key that another one of the same name replaces', async () => {
    const stage = createStage(options)
    const presented = token()
    await present(stage, presented)
    stage.endpoint.publish([{ ...next.jwk, kid: 'a' }])
    stage.advance(661)
    expect(await stage.judge(presented)).toBe('invalid_signature')
    expect(await stage.judge(presented)).toBe('invalid_signature')
  })

  it('dies so also while it is remembered', async () => {
    const stage = createStage({ ...options, keys: { freshSeconds: 1 } })
    const presented = token()
    await present(stage, presented)
    stage.endpoint.publish([{ ...next.jwk, kid: 'a' }])
    stage.advance(62)
    expect(await stage.judge(presented)).toBe('invalid_signature')
    stage.endpoint.publish([key.jwk])
    stage.advance(62)
    expect(await stage.judge(presented)).toBe('accepted')
  })

  it('dies with its issuer, where a resolver no longer knows it', async () => {
    let known = true
    const issuer = (iss: string) => (known && iss === ISSUER ? { issuer: ISSUER } : undefined)
    const stage = createStage({ ...options, issuer })
    const presented = token()
    await present(stage, presented)
    known = false
    stage.advance(601)
    expect(await stage.judge(presented)).toBe('unknown_issuer')
  })

  it('is judged anew when the settings of its issuer have changed', async () => {
    let audience = 'api'
    const stage = createStage({ ...options, issuer: () => ({ issuer: ISSUER, audience }) })
    const presented = token()
    await present(stage, presented)
    audience = 'other'
    stage.advance(601)
    expect(await stage.judge(presented)).toBe('wrong_audience')
    audience = 'api'
    stage.advance(601)
    expect(await stage.judge(presented)).toBe('accepted')
  })

  it('is judged anew also right after it was accepted by the settings of before', async () => {
    let audience = 'api'
    const stage = createStage({ ...options, issuer: () => ({ issuer: ISSUER, audience }) })
    const presented = token()
    await present(stage, presented)
    audience = 'other'
    stage.advance(590)
    await present(stage, presented)
    stage.advance(11)
    expect(await stage.judge(presented)).toBe('wrong_audience')
  })

  it('is undecided when its keys are too old', async () => {
    const stage = createStage({ ...options, keys: { maxStaleSeconds: 1000 } })
    const presented = token()
    await present(stage, presented)
    stage.endpoint.answerWith(() => new Response(null, { status: 500 }))
    stage.advance(1001)
    expect(await stage.judge(presented)).toBe('issuer_unavailable')
    await settle()
  })

  it('is refused by a schema that changes its mind', async () => {
    let fits = true
    const claims = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) => (fits ? { value } : { issues: [{ message: 'no' }] }),
      },
    } as const
    const stage = createStage({ ...options, claims })
    const presented = token()
    await present(stage, presented)
    fits = false
    expect(await stage.judge(presented)).toBe('invalid_claims')
  })

  it('opens nothing to a token that is alike but for a character', async () => {
    const stage = createStage(options)
    const presented = token()
    await present(stage, presented)
    for (const at of [10, presented.indexOf('.') + 10, presented.lastIndexOf('.') + 10]) {
      const other = presented.charAt(at) === 'A' ? 'B' : 'A'
      const altered = presented.slice(0, at) + other + presented.slice(at + 1)
      expect(await stage.judge(altered)).toMatch(/^(?:invalid_signature|malformed_token|unsupported_header)$/)
    }
    expect(await stage.judge(`${presented}.`)).toBe('malformed_token')
    expect(await stage.judge(presented.padEnd(16_385, 'A'))).toBe('token_too_large')
    await present(stage, presented)
  })
})

test('a remembered token costs no signature: its issuer is not asked, and its predicate neither', async () => {
  let asked = 0
  const isAccessToken = (): boolean => {
    asked++
    return true
  }
  const unmarked = forgeToken({ alg: 'ES256', kid: 'a' }, { ...CLAIMS, scope: undefined }, signer('ES256', key))
  const remembering = createStage({ issuer: { issuer: ISSUER, isAccessToken } })
  for (let sight = 0; sight < 10; sight++) expect(await remembering.judge(unmarked)).toBe('accepted')
  // It is kept from its second sight on.
  expect(asked).toBe(2)
  const forgetful = createStage({ issuer: { issuer: ISSUER, isAccessToken }, verifiedTokenCache: false })
  for (let sight = 0; sight < 10; sight++) expect(await forgetful.judge(unmarked)).toBe('accepted')
  expect(asked).toBe(12)
})

test('tokens that come once do not push out one that comes again', async () => {
  let asked = 0
  const isAccessToken = (): boolean => {
    asked++
    return true
  }
  const unmarked = (jti: string): string =>
    forgeToken({ alg: 'ES256', kid: 'a' }, { ...CLAIMS, scope: undefined, jti }, signer('ES256', key))
  const issuer = { issuer: ISSUER, isAccessToken }
  const { judge } = createStage({ issuer, verifiedTokenCache: { maxEntries: 2 } })
  const regular = unmarked('regular')
  await judge(regular)
  await judge(regular)
  expect(asked).toBe(2)
  for (let n = 0; n < 10; n++) {
    await judge(unmarked(String(n)))
    await judge(regular)
  }
  expect(asked).toBe(12)
  // Two that come again push it out: no more is kept than was asked for.
  for (const other of [unmarked('x'), unmarked('y')]) {
    await judge(other)
    await judge(other)
  }
  expect(asked).toBe(16)
  await judge(regular)
  expect(asked).toBe(17)
})

test('a first sight is forgotten when as many others have come, and not before', async () => {
  let asked = 0
  const isAccessToken = (): boolean => {
    asked++
    return true
  }
  const unmarked = (jti: string): string =>
    forgeToken({ alg: 'ES256', kid: 'a' }, { ...CLAIMS, scope: undefined, jti }, signer('ES256', key))
  const issuer = { issuer: ISSUER, isAccessToken }
  const sights = async (between: number): Promise<number> => {
    const { judge } = createStage({ issuer, verifiedTokenCache: { maxEntries: 4 } })
    const presented = unmarked('x')
    await judge(presented)
    for (let n = 0; n < between; n++) await judge(unmarked(String(n)))
    asked = 0
    for (let sight = 0; sight < 5; sight++) await judge(presented)
    return asked
  }
  // The second sight is judged too, and kept.
  expect(await sights(0)).toBe(1)
  expect(await sights(2)).toBe(1)
  expect(await sights(6)).toBe(1)
  // Forgotten: judged as for the first time, and then once more.
  expect(await sights(8)).toBe(2)
})

test('a token that is not remembered any more is accepted all the same', async () => {
  const { judge } = createStage({ verifiedTokenCache: { maxEntries: 1 } })
  for (let round = 0; round < 3; round++) {
    for (const jti of ['a', 'b', 'c']) expect(await judge(token({ jti }))).toBe('accepted')
  }
})

test('a remembered token is judged anew when its tenant has other settings by now, with the same keys', async () => {
  let audience = 'api'
  const { judge, advance } = createStage({
    issuer: (iss) => (iss === ISSUER ? { issuer: ISSUER, audience } : undefined),
    verifiedTokenCache: { maxAgeSeconds: 86_400 },
    keys: { freshSeconds: 86_400 },
  })
  const presented = token()
  for (let sight = 0; sight < 3; sight++) expect(await judge(presented)).toBe('accepted')
  audience = 'another'
  expect(await judge(presented)).toBe('accepted')
  advance(601) // answers of a resolver are kept for 10 minutes
  expect(await judge(presented)).toBe('wrong_audience')
})
