import { requireAuth, type RequireAuthOptions } from 'express-resource-server'
import { createKey, flipBit, segmentsOf, type Jwk } from '../../kit/forge.js'
import {
  attack,
  bearer,
  bothWorld,
  createWorld,
  http,
  strictWorld,
  threatTable,
  type Row,
  type WorldOptions,
  refusedAtStart,
} from './harness.js'
import { AS1, AS2, AUDIENCE, as1Keys, as2rs, evil, forge, NOW, rs1, rs2 } from './tokens.js'

// Load is in test/soak, two installations of the library in test/package, what opens and closes with the keys in test/faults.

const token = forge()
const other = forge({ sub: 'user-2-of-as1' })

/** Tokens that must not profit from a remembered one. */
const lookAlikes: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    [0, 1, 7, 8, 1023, 1024, 2039, 2040, 2047].map((bit) => [
      `bit ${String(bit)} of the signature flipped`,
      () => {
        const [header, payload, signature] = segmentsOf(token)
        return `${header}.${payload}.${flipBit(signature, bit)}`
      },
    ]),
  ),
  'the signature of another remembered token': () => [...segmentsOf(token).slice(0, 2), segmentsOf(other)[2]].join('.'),
  'the payload of another remembered token': () =>
    [segmentsOf(token)[0], segmentsOf(other)[1], segmentsOf(token)[2]].join('.'),
  'no signature': () => `${segmentsOf(token).slice(0, 2).join('.')}.`,
  'a signature cut short': () => token.slice(0, -4),
  'a letter behind': () => `${token}A`,
  'in capitals': () => token.toUpperCase(),
}

/** Remembers both tokens: the cache keeps one from its second sight on. */
const warmWorld = (settings: WorldOptions = {}) => {
  const world = createWorld(settings)
  return {
    start: async () => {
      const running = await world.start()
      if (running.hits === 0) {
        for (const one of [token, other, token, other, token, other]) await running.send(bearer(one))
      }
      return running
    },
  }
}
const warm = warmWorld()
const tiny = warmWorld({ options: { verifiedTokenCache: { maxEntries: 1 } } })
const off = warmWorld({ options: { verifiedTokenCache: false } })

const rows: readonly Row[] = [
  ...Object.entries(lookAlikes).flatMap(([what, make]) =>
    [warm, tiny, off].map((world, n) =>
      attack('RFC 7515 5.2', `${what}, cache ${['on', 'of one', 'off'][n] ?? ''}`, '401t', make, { world }),
    ),
  ),
  ...[warm, tiny, off].map((world) => attack('our own rule', 'the token itself', '200', () => token, { world })),
  // A verdict about the token is remembered, none about a route.
  attack('RFC 6750 3.1', 'a remembered token on a route that needs more', '403s', () => token, {
    world: warm,
    path: '/rw',
  }),
  attack('RFC 6750 3.1', 'a remembered token on the route that it opens', '200', () => token, {
    world: warm,
    path: '/read',
  }),
  attack('our own rule', 'a remembered token where a policy throws', '500', () => token, {
    world: warm,
    path: '/pred-throw',
  }),
  attack('RFC 8725 3.8', 'a token of AS2 where only AS1 is trusted', '401t', () => forge({ iss: AS2 }, {}, as2rs)),
  attack('RFC 8725 3.8', 'the same where both are trusted', '200', () => forge({ iss: AS2 }, {}, as2rs), {
    world: bothWorld,
  }),
]

threatTable('caches and several servers in one process', rows, strictWorld)

describe('a remembered token and its key', () => {
  /** A world whose key set can be changed; it refreshes when its clock says so. */
  const changing = async (first: readonly Jwk[]) => {
    let published = first
    const running = await createWorld({ jwks: () => published }).start()
    const status = async (one: string) => (await running.send(bearer(one))).status
    return {
      status,
      publish: async (next: readonly Jwk[]) => {
        published = next
        // Beyond freshness and the grace behind it, the first request waits for the refresh.
        running.now += 900
        await status(forge({ exp: NOW + 86_400, iat: NOW }, {}, rs2))
      },
    }
  }
  const lasting = forge({ exp: NOW + 86_400, iat: NOW })

  test('a withdrawn key takes the remembered tokens with it', async () => {
    const { status, publish } = await changing([rs1.jwk, rs2.jwk])
    for (let i = 0; i < 4; i++) expect(await status(lasting)).toBe(200)
    await publish([rs2.jwk])
    expect(await status(lasting)).toBe(401)
    await publish([rs1.jwk, rs2.jwk])
    expect(await status(lasting)).toBe(200)
  })

  test('a key that changes under its name does too', async () => {
    const successor = createKey('RSA', { kid: 'rs1' })
    const { status, publish } = await changing([rs1.jwk, rs2.jwk])
    for (let i = 0; i < 4; i++) expect(await status(lasting)).toBe(200)
    await publish([successor.jwk, rs2.jwk])
    expect(await status(lasting)).toBe(401)
    expect(await status(forge({ exp: NOW + 86_400 }, {}, successor))).toBe(200)
  })

  test('a routine refresh leaves them alone', async () => {
    const { status, publish } = await changing([rs1.jwk, rs2.jwk])
    for (let i = 0; i < 4; i++) expect(await status(lasting)).toBe(200)
    await publish([rs2.jwk, rs1.jwk])
    expect(await status(lasting)).toBe(200)
  })

  test('a key that becomes ambiguous or unusable under its name does too', async () => {
    for (const next of [
      [rs1.jwk, { ...evil.jwk, kid: 'rs1' }, rs2.jwk],
      [{ ...rs1.jwk, use: 'enc' }, rs2.jwk],
      [{ ...rs1.jwk, alg: 'PS256' }, rs2.jwk],
    ]) {
      const { status, publish } = await changing([rs1.jwk, rs2.jwk])
      for (let i = 0; i < 4; i++) expect(await status(lasting)).toBe(200)
      await publish(next)
      expect(await status(lasting)).toBe(401)
    }
  })

  test('an issuer that its resolver no longer knows does too', async () => {
    let trusted = true
    const running = await createWorld({
      options: { issuer: (iss) => (trusted && iss === AS1 ? { issuer: AS1 } : undefined) },
    }).start()
    for (let i = 0; i < 4; i++) expect((await running.send(bearer(lasting))).status).toBe(200)
    trusted = false
    running.now += 601
    expect((await running.send(bearer(lasting))).status).toBe(401)
  })
})

describe('the cache is bounded and holds no refusal', () => {
  test('500 good tokens through a cache of one keep their own claims', async () => {
    const running = await tiny.start()
    const subjects = Array.from({ length: 50 }, (_, n) => `user-${String(n)}`)
    const tokens = subjects.map((sub) => forge({ sub }))
    for (let round = 0; round < 3; round++) {
      for (const [n, one] of tokens.entries()) {
        const { subject } = JSON.parse((await running.send(bearer(one, '/any'))).body) as { subject: string }
        expect(subject).toBe(subjects[n])
      }
    }
  })

  test('a token that was refused for want of a key is accepted when the key is there', async () => {
    let published: readonly Jwk[] = [rs2.jwk]
    const running = await createWorld({ jwks: () => published }).start()
    for (let i = 0; i < 3; i++) expect((await running.send(bearer(token))).status).toBe(401)
    published = [rs1.jwk, rs2.jwk]
    running.now += 31
    expect((await running.send(bearer(token))).status).toBe(200)
  })
})

describe('the limit on refusals (RFC 6585 4)', () => {
  const limited = (options: RequireAuthOptions = {}) =>
    createWorld({ options: { failedAuthLimit: { windowMs: 60_000, limit: 3 }, ...options } })

  test('past the limit bad tokens get 429, and a good one gets through all the same', async () => {
    const running = await limited().start()
    const bad = forge({ aud: 'x' })
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await running.send(bearer(bad))).status)
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    const answer = await running.send(bearer(bad))
    expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/)
    expect(answer.header('www-authenticate')).toBeUndefined()
    expect(JSON.parse(answer.body)).toMatchObject({ status: 429, code: 'too_many_failures' })
    expect((await running.send(bearer(forge()))).status).toBe(200)
    expect(running.hits).toBe(1)
  })

  test('a spoofed X-Forwarded-For does not start a new count', async () => {
    const running = await limited({
      failedAuthLimit: { windowMs: 60_000, limit: 3, validate: false },
    }).start()
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) {
      const lines = ['Authorization: Bearer x', `X-Forwarded-For: 203.0.113.${String(i)}`]
      statuses.push((await running.send(http('/any', lines))).status)
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429])
  })

  test('requests without credentials and good ones are not counted', async () => {
    const running = await limited().start()
    for (let i = 0; i < 6; i++) {
      expect((await running.send(http('/any'))).status).toBe(401)
      expect((await running.send(bearer(forge()))).status).toBe(200)
      expect((await running.send(bearer(forge({ scope: 'x' }), '/read'))).status).toBe(403)
    }
    expect((await running.send(bearer('x'))).status).toBe(401)
  })
})

describe('misspelt options must not start', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['audiance', { audiance: AUDIENCE }, 'audience'],
    ['issuers', { issuers: [AS1] }, 'issuer'],
    ['algorithm', { algorithm: ['RS256'] }, 'algorithms'],
    ['jwksURI', { jwksURI: `${AS1}jwks` }, 'jwksUri'],
    ['clockTolerance', { clockTolerance: 30 }, 'clockToleranceSeconds'],
    ['maxTokenAge', { maxTokenAge: 30 }, 'maxTokenAgeSeconds'],
    ['dangerouslyAllowHTTP', { dangerouslyAllowHTTP: true }, 'dangerouslyAllowHttp'],
    ['verifiedTokenCashe', { verifiedTokenCashe: false }, 'verifiedTokenCache'],
  ])('%s: the message names the nearest known one', (name, options, meant) => {
    const make = () => requireAuth({ issuer: AS1, audience: AUDIENCE, ...options })
    expect(make).toThrow(refusedAtStart)
    expect(make).toThrow(name)
    expect(make).toThrow(meant)
  })

  test('and a caller that changes its options afterwards changes nothing', async () => {
    const audience = [AUDIENCE]
    const keys = as1Keys.map(({ jwk }) => ({ ...jwk }))
    const jwks = { keys }
    const running = await createWorld({ options: { audience, jwks } }).start()
    audience.push('https://other.test/')
    keys.push({ ...evil.jwk, kid: 'evil' })
    Object.assign(keys[1] ?? {}, { n: evil.jwk['n'] })
    expect((await running.send(bearer(forge()))).status).toBe(200)
    expect((await running.send(bearer(forge({ aud: 'https://other.test/' })))).status).toBe(401)
    expect((await running.send(bearer(forge({}, {}, evil)))).status).toBe(401)
    expect((await running.send(bearer(forge({}, { kid: 'rs2' }, evil)))).status).toBe(401)
    expect((await running.send(bearer(forge({}, {}, rs2)))).status).toBe(200)
  })
})
