import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { jest } from '@jest/globals'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { SHARED_SECRET } from '../../../src/issuers/jwk-rules.js'
import { FITS_NONE } from '../../../src/issuers/verification-key.js'
import { createGate } from '../../../src/lib/gate.js'
import { createLoadGates } from '../../../src/issuers/load-gates.js'
import { RemoteKeySet, type KeyLifetimes, type RemoteKeySetOptions } from '../../../src/issuers/remote-key-set.js'
import type { Fetch } from '../../../src/lib/fetch-json.js'
import { settle } from '../../kit/settle.js'

const issuer = 'https://issuer.example.com'
const jwksUri = `${issuer}/keys`
const START = 1_800_000_000_000
const lifetimes: KeyLifetimes = {
  freshSeconds: undefined,
  maxStaleSeconds: 14_400,
  cooldownSeconds: 30,
  timeoutSeconds: 5,
}

let a: JWK
let b: JWK
/** A public RSA key without `alg`. */
const rsa = { kty: 'RSA', n: `_${'A'.repeat(340)}Q`, e: 'AQAB', kid: 'rsa' }

const createKey = async (kid: string): Promise<JWK> => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }
}

beforeAll(async () => {
  a = await createKey('a')
  b = await createKey('b')
})

type Reply = () => Response | Promise<Response>

const json = { 'content-type': 'application/json' }

const keys =
  (...members: readonly unknown[]): Reply =>
  () =>
    Response.json({ keys: members })
const status =
  (code: number, headers: Record<string, string> = {}): Reply =>
  () =>
    new Response('{}', { status: code, headers })
const metadata =
  (document: object): Reply =>
  () =>
    Response.json({ issuer, ...document })

const createKeySet = (options: Omit<RemoteKeySetOptions, 'gates'> & Partial<RemoteKeySetOptions>): RemoteKeySet =>
  new RemoteKeySet({ gates: createLoadGates(), ...options })

/** A key set whose time and whose issuer are moved by hand. */
function createStage({ discover = false, ...changes }: Partial<KeyLifetimes> & { discover?: boolean } = {}) {
  let now = START
  let seconds = 0
  const asked: string[] = []
  const replies: Record<string, Reply> = { [jwksUri]: keys(a) }
  const fetch: Fetch = async (url) => {
    asked.push(url)
    return (replies[url] ?? status(404))()
  }
  const keySet = createKeySet({
    source: { issuer, jwksUri: discover ? undefined : jwksUri, fetch, maxBytes: 65_536, dangerouslyAllowHttp: false },
    lifetimes: { ...lifetimes, ...changes },
    algorithms: ['ES256'],
    clock: () => now,
    stopwatch: () => (seconds += 2),
  })
  return {
    keySet,
    asked,
    replies,
    advance: (seconds: number) => {
      now += seconds * 1000
    },
    answer: (reply: Reply) => {
      replies[jwksUri] = reply
    },
    /** What comes of asking: the name of the key, `none`, or `503`; after an `!` when the answer had to wait. */
    ask: async (kid: string): Promise<string> => {
      const found = keySet.find({ kid, algorithm: 'ES256' })
      const wait = found instanceof Promise ? '!' : ''
      try {
        return `${wait}${(await found)?.kid ?? 'none'}`
      } catch (error) {
        return `${wait}${String((error as { status: number }).status)}` // an UnavailableError
      }
    },
  }
}

describe('a key set without keys', () => {
  it('fetches nothing before it is asked, and then once for everybody', async () => {
    const { keySet, asked, ask } = createStage()
    expect(asked).toEqual([])
    expect(keySet.peek({ kid: 'a', algorithm: 'ES256' })).toBeUndefined()
    expect(asked).toEqual([])
    expect(await Promise.all(Array.from({ length: 1000 }, () => ask('a')))).toEqual(Array<string>(1000).fill('!a'))
    expect(asked).toEqual([jwksUri])
    expect(await ask('a')).toBe('a')
  })

  it('answers 503 to everybody who waits for a fetch that fails, and starts anew after the back-off', async () => {
    const { asked, ask, answer, advance } = createStage()
    answer(status(500))
    expect(await Promise.all([ask('a'), ask('b'), ask('a')])).toEqual(['!503', '!503', '!503'])
    expect(await ask('a')).toBe('!503')
    expect(asked).toHaveLength(1)
    answer(keys(a))
    advance(1)
    expect(await ask('a')).toBe('!a')
    expect(asked).toHaveLength(2)
  })

  it('doubles the time between attempts up to 10 seconds, cut by up to a half: every request is 503 in the meantime', async () => {
    const { asked, ask, answer, advance } = createStage()
    answer(status(500))
    expect(await ask('a')).toBe('!503')
    for (const step of [1, 2, 4, 8, 10, 10, 10]) {
      const before = asked.length
      advance(step / 2 - 0.001)
      expect(await ask('a')).toBe('!503')
      expect(asked).toHaveLength(before)
      advance(step / 2 + 0.001)
      expect(await ask('a')).toBe('!503')
      expect(asked).toHaveLength(before + 1)
    }
  })

  it.each<[name: string, headers: Record<string, string>, seconds: number]>([
    ['seconds', { 'retry-after': '20' }, 20],
    ['more seconds than anybody waits', { 'retry-after': '86400' }, 300],
    ['a date', { 'retry-after': 'Fri, 15 Jan 2027 08:00:40 GMT', date: 'Fri, 15 Jan 2027 08:00:00 GMT' }, 40],
    [
      'a date that has passed',
      { 'retry-after': 'Fri, 15 Jan 2027 08:00:00 GMT', date: 'Fri, 15 Jan 2027 08:00:40 GMT' },
      1,
    ],
    ['nonsense', { 'retry-after': 'later' }, 1],
    ['a negative number', { 'retry-after': '-5' }, 1],
  ])('heeds a Retry-After of %s (RFC 9110 10.2.3)', async (_name, headers, seconds) => {
    const { asked, keySet, answer, advance, ask } = createStage()
    answer(status(429, headers))
    await expect(keySet.ready()).rejects.toMatchObject({ status: 503, retryAfterSeconds: seconds })
    advance(seconds / 2 - 0.001)
    expect(await ask('a')).toBe('!503')
    expect(asked).toHaveLength(1)
    answer(keys(a))
    advance(seconds / 2 + 0.001)
    expect(await ask('a')).toBe('!a')
  })

  it('forgets earlier failures after a success', async () => {
    const { ask, answer, advance, keySet } = createStage()
    answer(status(500))
    for (const step of [1, 2, 4, 8, 16]) {
      await ask('a')
      advance(step)
    }
    answer(keys(a))
    expect(await ask('a')).toBe('!a')
    answer(status(500))
    advance(14_400)
    await expect(keySet.ready()).rejects.toMatchObject({ retryAfterSeconds: 1 })
  })
})

describe('an operator is told', () => {
  const openid = `${issuer}/.well-known/openid-configuration`

  const listen = (event: string): { readonly messages: readonly unknown[]; readonly stop: () => void } => {
    const messages: unknown[] = []
    const listener = (message: unknown): void => void messages.push(message)
    subscribe(`express-resource-server:${event}`, listener)
    return { messages, stop: () => unsubscribe(`express-resource-server:${event}`, listener) }
  }

  it.each<[name: string, replies: Record<string, Reply>, reason: string]>([
    ['is down', { [jwksUri]: status(500) }, `${jwksUri} answered with status 500`],
    [
      'has no usable key',
      { [jwksUri]: keys({ kty: 'x' }) },
      `The key set of ${issuer} holds no usable key: "kty" is unknown`,
    ],
    [
      'has several of which none is usable',
      { [jwksUri]: keys({ kty: 'x' }, { kty: 'x' }, { kty: 'oct' }, { ...rsa, use: 'enc' }, rsa) },
      `The key set of ${issuer} holds no usable key: "kty" is unknown (2 keys), ${SHARED_SECRET}, "use" is not "sig", ${FITS_NONE}`,
    ],
    ['has no key', { [jwksUri]: keys() }, `The key set of ${issuer} holds no usable key: it is empty`],
    [
      'publishes something else',
      { [jwksUri]: () => Response.json({ keys: 'none' }) },
      `${jwksUri} did not answer with a JSON Web Key Set`,
    ],
    [
      'names another issuer',
      { [openid]: metadata({ issuer: `${issuer}/`, jwks_uri: jwksUri }) },
      `The metadata of ${issuer} names another issuer: set "issuer" to exactly what it says there`,
    ],
    ['names no place', { [openid]: metadata({}) }, `The metadata of ${issuer} has no "jwks_uri" with https`],
    [
      'names a place without TLS',
      { [openid]: metadata({ jwks_uri: 'http://keys.example.com' }) },
      `The metadata of ${issuer} has no "jwks_uri" with https`,
    ],
    [
      'names a place on this machine',
      { [openid]: metadata({ jwks_uri: 'http://127.0.0.1/keys' }) },
      `The metadata of ${issuer} has no "jwks_uri" with https`,
    ],
  ])('when the issuer %s', async (_name, replies, reason) => {
    const stage = createStage({ discover: openid in replies })
    Object.assign(stage.replies, replies)
    const { messages, stop } = listen('keys.failed')
    await expect(stage.keySet.ready()).rejects.toMatchObject({ code: 'issuer_unavailable', detail: reason })
    // Nobody asks again so soon, and who is refused meanwhile is told the same.
    await expect(stage.keySet.ready()).rejects.toMatchObject({ code: 'issuer_unavailable', detail: reason })
    stop()
    expect(messages).toEqual([{ issuer, reason, stale: false, durationSeconds: 2, ageSeconds: undefined }])
  })

  it('when the issuer has no metadata, since it is no URL', async () => {
    const source = { issuer: 'orders', jwksUri: undefined, maxBytes: 65_536, dangerouslyAllowHttp: false }
    const fetch: Fetch = () => Promise.reject(new Error('Nobody is to be asked.'))
    const keySet = createKeySet({
      source: { ...source, fetch },
      lifetimes,
      algorithms: ['ES256'],
      clock: () => START,
    })
    await expect(keySet.ready()).rejects.toMatchObject({
      detail: 'orders is not a URL and has no metadata: give it "jwksUri" or "jwks"',
    })
  })

  const UNKNOWN = '"kty" is unknown'

  it.each<[name: string, members: () => readonly unknown[], count: number, skipped: number, reasons: string[]]>([
    ['one key', () => [a], 1, 0, []],
    ['one of two', () => [a, { kty: 'x' }], 1, 1, [UNKNOWN]],
    ['a thousand', () => [a, ...Array<unknown>(999).fill(null)], 1, 999, ['it is not an object (999 keys)']],
    [
      'the first thousand of more',
      () => [a, ...Array<unknown>(999).fill(null), b],
      1,
      1000,
      ['it is not an object (999 keys)', 'only the first 1000 keys are read'],
    ],
    [
      'the last of a thousand',
      () => [...Array<unknown>(999).fill(null), b],
      1,
      999,
      ['it is not an object (999 keys)'],
    ],
    [
      'one of two that are on no curve',
      () => [a, { ...b, y: b.x }],
      1,
      1,
      ['its key material is not valid: a point that is not on its curve, say'],
    ],
    ['one of two of which one is for no algorithm that is allowed', () => [a, rsa], 1, 1, [FITS_NONE]],
    [
      'one of several',
      () => [{ kty: 1 }, a, { kty: 2 }, { ...b, use: 'enc' }],
      1,
      3,
      [`${UNKNOWN} (2 keys)`, '"use" is not "sig"'],
    ],
  ])('how many keys are used, and why others are not: %s', async (_name, members, count, skipped, reasons) => {
    const { keySet, answer } = createStage()
    answer(keys(...members()))
    const { messages, stop } = listen('keys.refreshed')
    await keySet.ready()
    stop()
    const first = { durationSeconds: 2, ageSeconds: undefined }
    expect(messages).toEqual([{ issuer, keys: count, skipped, reasons, ...first }])
  })
})

describe('a key set with keys', () => {
  const createWarm = async (options: Parameters<typeof createStage>[0] = {}) => {
    const stage = createStage(options)
    await stage.keySet.ready()
    return stage
  }

  it('answers at once and fetches nothing while they are fresh', async () => {
    const { ask, asked, advance, keySet } = await createWarm()
    advance(599.999)
    expect(await ask('a')).toBe('a')
    await keySet.ready()
    expect(asked).toHaveLength(1)
  })

  it('answers at once for the minute after that, while one refresh runs behind', async () => {
    const { ask, asked, advance, answer } = await createWarm()
    answer(keys(b))
    advance(659.999)
    expect(await Promise.all([ask('a'), ask('a'), ask('a')])).toEqual(['a', 'a', 'a'])
    expect(asked).toHaveLength(2)
    await settle()
    expect(await ask('b')).toBe('b')
    expect(await ask('a')).toBe('!none')
  })

  it('waits for the refresh after a longer silence, and looks for what is missing then no further', async () => {
    const { ask, asked, advance, answer } = await createWarm()
    answer(keys(b))
    advance(660)
    expect(await Promise.all([ask('a'), ask('b')])).toEqual(['!none', '!b'])
    expect(asked).toHaveLength(2)
  })

  it('answers with what it has when the refresh after a silence fails', async () => {
    const { ask, asked, advance, answer } = await createWarm()
    answer(status(500))
    advance(660)
    expect(await Promise.all([ask('a'), ask('b')])).toEqual(['!a', '!503'])
    expect(await ask('a')).toBe('a')
    expect(asked).toHaveLength(2)
  })

  it('waits again after a silence that follows a failure long past', async () => {
    const { ask, advance, answer } = await createWarm()
    answer(status(500))
    expect(await ask('b')).toBe('!503')
    answer(keys(b))
    advance(3600)
    expect(await ask('a')).toBe('!none')
    expect(await ask('b')).toBe('b')
  })

  it.each([
    ['before 4 hours have passed', 14_399.999, 'a'],
    ['after 4 hours', 14_400, '!503'],
  ])('that cannot be refreshed serves as long as it may: %s', async (_name, seconds, expected) => {
    const { ask, advance, answer } = await createWarm()
    answer(status(500))
    advance(700)
    expect(await ask('a')).toBe('!a')
    advance(seconds - 700 - 60)
    await ask('a')
    advance(60)
    await settle()
    expect((await ask('a')).replace(/^!(?=a)/, '')).toBe(expected)
  })

  it('doubles the time between attempts up to a minute, cut by up to a half, while they serve', async () => {
    const { asked, ask, answer, advance } = await createWarm()
    answer(status(500))
    advance(660)
    expect(await ask('a')).toBe('!a')
    for (const step of [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
      const before = asked.length
      advance(step / 2 - 0.001)
      expect(await ask('a')).toBe('a')
      expect(asked).toHaveLength(before)
      advance(step / 2 + 0.001)
      expect(await ask('a')).toBe('a')
      await settle()
      expect(asked).toHaveLength(before + 1)
    }
  })

  it('does not finish a step of a minute when the last of them have expired in it', async () => {
    const { asked, ask, answer, advance, keySet } = await createWarm({ maxStaleSeconds: 1000 })
    const random = jest.spyOn(Math, 'random').mockReturnValue(1)
    answer(status(500))
    advance(660)
    expect(await ask('a')).toBe('!a')
    for (const step of [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]) {
      advance(step)
      await ask('a')
      await settle()
    }
    // 963 s after they were fetched, and a minute before the next attempt.
    const before = asked.length
    advance(37)
    await expect(keySet.ready()).rejects.toMatchObject({ status: 503 })
    expect(asked).toHaveLength(before + 1)
    random.mockRestore()
  })

  it.each([
    ['an empty set', keys()],
    ['a set without a usable key', keys({ kty: 'oct', k: 'AAAA' }, null)],
    ['no set at all', () => Response.json({ keys: {} })],
  ])('keeps them when %s comes, and says so', async (_name, reply) => {
    const { ask, advance, answer } = await createWarm()
    const messages: unknown[] = []
    const listener = (message: unknown): void => void messages.push(message)
    subscribe('express-resource-server:keys.failed', listener)
    answer(reply)
    advance(601)
    expect(await ask('a')).toBe('a')
    await settle()
    unsubscribe('express-resource-server:keys.failed', listener)
    const old = { durationSeconds: 2, ageSeconds: 601 }
    expect(messages).toEqual([{ issuer, reason: expect.any(String) as string, stale: true, ...old }])
    expect(await ask('a')).toBe('a')
  })

  it('keeps a key that comes again the same object, and drops what no longer comes', async () => {
    const { keySet, advance, answer } = await createWarm()
    const find = (kid: string) => keySet.peek({ kid, algorithm: 'ES256' })
    const first = find('a')
    answer(keys(b, a))
    advance(660)
    await keySet.find({ kid: 'b', algorithm: 'ES256' })
    expect(find('a')).toBe(first)
    answer(keys({ ...b, kid: 'a' }))
    advance(660)
    await keySet.find({ kid: 'a', algorithm: 'ES256' })
    expect(find('a')).not.toBe(first)
    expect(find('b')).toBeUndefined()
  })

  it.each([
    ['freshSeconds', { freshSeconds: 5 }, 4.999, 5],
    ['freshSeconds beyond an hour', { freshSeconds: 7200 }, 7199.999, 7200],
  ])('obeys %s whatever the issuer says', async (_name, options, before, after) => {
    const { ask, asked, advance } = await createWarm(options)
    advance(before)
    await ask('a')
    await settle()
    expect(asked).toHaveLength(1)
    advance(after - before)
    await ask('a')
    await settle()
    expect(asked).toHaveLength(2)
  })

  it('is asked again by ready() only when nothing usable is left', async () => {
    const { keySet, asked, advance, answer } = await createWarm()
    answer(status(500))
    advance(14_399)
    await expect(keySet.ready()).resolves.toBeUndefined()
    expect(asked).toHaveLength(1)
    advance(1)
    await expect(keySet.ready()).rejects.toMatchObject({ code: 'issuer_unavailable' })
    await expect(keySet.ready()).rejects.toMatchObject({ code: 'issuer_unavailable' })
    expect(asked).toHaveLength(2)
  })
})

describe('an unknown key name', () => {
  const createWarm = async (options: Parameters<typeof createStage>[0] = {}) => {
    const stage = createStage(options)
    await stage.keySet.ready()
    return stage
  }

  it('brings about one fetch, and then none until the cooldown is over', async () => {
    const { ask, asked, advance } = await createWarm()
    expect(await Promise.all([ask('x'), ask('y'), ask('z')])).toEqual(['!none', '!none', '!none'])
    expect(asked).toHaveLength(2)
    advance(29.999)
    expect(await ask('x')).toBe('!none')
    expect(asked).toHaveLength(2)
    advance(0.001)
    expect(await ask('x')).toBe('!none')
    expect(asked).toHaveLength(3)
  })

  it('obeys cooldownSeconds', async () => {
    const { ask, asked, advance } = await createWarm({ cooldownSeconds: 5 })
    for (let second = 0; second < 20; second++) {
      await ask('x')
      advance(1)
    }
    expect(asked).toHaveLength(1 + 4)
  })

  it('does not start the cooldown when it is answered by a first load', async () => {
    const { ask, asked, answer } = createStage()
    expect(await ask('b')).toBe('!none')
    answer(keys(a, b))
    expect(await ask('b')).toBe('!b')
    expect(asked).toHaveLength(2)
  })

  it('does not start the cooldown when a routine refresh comes', async () => {
    const { ask, asked, answer, advance } = await createWarm()
    advance(600)
    expect(await ask('a')).toBe('a')
    await settle()
    answer(keys(a, b))
    advance(1)
    expect(await ask('b')).toBe('!b')
    expect(asked).toHaveLength(3)
  })

  it('is looked for in a refresh that is under way before anything else is fetched', async () => {
    const { ask, asked, answer, advance } = await createWarm()
    answer(keys(a, b))
    advance(600)
    expect(await Promise.all([ask('a'), ask('b')])).toEqual(['a', '!b'])
    expect(asked).toHaveLength(2)
  })

  it('never makes a known one wait', async () => {
    const { ask, answer } = await createWarm()
    let release: (response: Response) => void = () => undefined
    answer(() => new Promise((resolve) => (release = resolve)))
    const unknown = ask('x')
    expect(await ask('a')).toBe('a')
    await settle()
    release(Response.json({ keys: [a] }))
    expect(await unknown).toBe('!none')
  })

  it('cannot be judged while the issuer is down, and is fetched for once in a cooldown', async () => {
    const { ask, asked, advance, answer } = await createWarm()
    answer(status(500))
    for (let second = 0; second < 30; second++) {
      expect(await ask('x')).toBe('!503')
      expect(await ask('a')).toBe('a')
      advance(1)
    }
    expect(asked).toHaveLength(2)
    answer(keys(a))
    expect(await ask('x')).toBe('!none')
    expect(asked).toHaveLength(3)
  })

  it('of a key for another algorithm is unknown too', async () => {
    const { keySet, answer } = createStage()
    answer(keys(a))
    expect(await keySet.find({ kid: 'a', algorithm: 'RS256' })).toBeUndefined()
    expect(await keySet.find({ kid: 'a', algorithm: 'ES256' })).toMatchObject({ kid: 'a', algorithm: 'ES256' })
  })

  it.each<[name: string, members: () => readonly unknown[], expected: string]>([
    ['when it is the only key', () => [a], '!a'],
    ['with two keys not', () => [a, b], '!none'],
    ['when the other one is for encryption', () => [a, { ...b, use: 'enc' }], '!a'],
  ])('that is missing finds a key %s (RFC 7515 4.1.4)', async (_name, members, expected) => {
    const { keySet, answer } = createStage()
    answer(keys(...members()))
    const found = await keySet.find({ kid: undefined, algorithm: 'ES256' })
    expect(`!${found?.kid ?? 'none'}`).toBe(expected)
  })

  it('that is missing finds the only key of a type among keys that say no algorithm (RFC 8725 3.1)', async () => {
    const fetch: Fetch = () => Promise.resolve(Response.json({ keys: [{ ...a, alg: undefined }, rsa] }))
    const find = async (algorithm: 'RS256' | 'PS256' | 'ES256' | 'ES384') => {
      const keySet = createKeySet({
        source: { issuer, jwksUri, fetch, maxBytes: 65_536, dangerouslyAllowHttp: false },
        lifetimes,
        algorithms: ['RS256', 'PS256', 'ES256', 'ES384'],
        clock: () => START,
      })
      return (await keySet.find({ kid: undefined, algorithm }))?.kid
    }
    expect([await find('ES256'), await find('RS256')]).toEqual(['a', 'rsa'])
    // It is held to the first algorithm that fits.
    expect([await find('PS256'), await find('ES384')]).toEqual([undefined, undefined])
  })

  it('that two keys share finds neither (RFC 8725 3.1)', async () => {
    const { ask, answer } = createStage()
    answer(keys(a, { ...b, kid: 'a' }))
    expect(await ask('a')).toBe('!none')
    answer(keys(a, a))
    expect(await ask('a')).toBe('!a')
  })
})

describe('what the budget leaves undecided', () => {
  const createWarm = async (options: Parameters<typeof createStage>[0] = {}) => {
    const stage = createStage(options)
    await stage.keySet.ready()
    return stage
  }
  const refusal = async (find: () => unknown) => {
    try {
      return await find()
    } catch (error) {
      return error
    }
  }

  it('is every name that nobody has looked for since the latest fetch, with the time until the next one', async () => {
    const { ask, keySet, answer, advance, asked } = await createWarm()
    expect(await ask('x')).toBe('!none')
    answer(keys(a, b))
    advance(10)
    expect(await refusal(() => keySet.find({ kid: 'b', algorithm: 'ES256' }))).toMatchObject({
      status: 503,
      retryAfterSeconds: 20,
      detail: expect.stringContaining('keys.cooldownSeconds') as string,
    })
    // It was looked for, and was not there.
    expect(await ask('x')).toBe('!none')
    advance(20)
    expect(await ask('b')).toBe('!b')
    expect(asked).toHaveLength(3)
  })

  it('is decided for all who asked by the next fetch, whoever brings it about', async () => {
    const { ask, advance, answer } = await createWarm()
    expect(await ask('x')).toBe('!none')
    expect([await ask('y'), await ask('b')]).toEqual(['!503', '!503'])
    advance(30)
    answer(keys(a, b))
    expect(await ask('z')).toBe('!none')
    expect([await ask('y'), await ask('b')]).toEqual(['!none', 'b'])
  })

  it('is not decided by a fetch that was under way before it was asked for', async () => {
    const { ask, answer } = await createWarm()
    let release: (response: Response) => void = () => undefined
    answer(() => new Promise((resolve) => (release = resolve)))
    const first = ask('x')
    await settle()
    const late = ask('b')
    await settle()
    release(Response.json({ keys: [a] }))
    expect([await first, await late]).toEqual(['!none', '!503'])
  })

  it('costs no fetch and bounded memory: a flood of made-up names', async () => {
    const { ask, asked, advance, answer } = await createWarm()
    expect(await ask('x')).toBe('!none')
    const answers = new Set<string>()
    for (let n = 0; n < 1000; n++) answers.add(await ask(`made-up ${String(n)}`))
    expect([...answers]).toEqual(['!503'])
    expect(asked).toHaveLength(2)
    advance(30)
    answer(keys(a, b))
    expect(await ask('b')).toBe('!b')
    expect(await ask('made-up 999')).toBe('!none')
  })

  it('is nothing that the set itself explains: another algorithm, or two keys', async () => {
    const { keySet, ask, answer, advance, asked } = createStage()
    answer(keys(a, b, { ...b, x: a.x, y: a.y }))
    await keySet.ready()
    expect(await ask('x')).toBe('!none')
    const wrong = { kid: 'a', algorithm: 'RS256' } as const
    const nameless = { kid: undefined, algorithm: 'ES256' } as const
    const shared = { kid: 'b', algorithm: 'ES256' } as const
    for (const wanted of [wrong, nameless, shared]) expect(await keySet.find(wanted)).toBeUndefined()
    expect(asked).toHaveLength(2)
    expect(keySet.explain(wrong)).toBe('the key of that name is for ES256, and the token says RS256')
    expect(keySet.explain(nameless)).toContain('names no key, and several keys of the issuer fit')
    expect(keySet.explain(shared)).toContain('several keys of the issuer have that name')
    expect(keySet.explain({ kid: 'y', algorithm: 'ES256' })).toBe('the issuer has no key of that name')
    expect(keySet.explain({ kid: undefined, algorithm: 'ES384' })).toBe(
      'the token names no key, and the issuer has none for ES384',
    )
    advance(30)
    answer(status(500))
    for (const wanted of [wrong, nameless, shared]) expect(await keySet.find(wanted)).toBeUndefined()
    expect(await ask('x')).toBe('!503')
  })

  it('says what to write where a key without "alg" is held to another algorithm, or cannot be used', async () => {
    const source = { issuer, jwksUri, maxBytes: 65_536, dangerouslyAllowHttp: false }
    const fetch: Fetch = () => Promise.resolve(Response.json({ keys: [rsa, { ...a, use: 'enc' }] }))
    const keySet = createKeySet({
      source: { ...source, fetch },
      lifetimes,
      algorithms: ['RS256', 'PS256', 'ES256'],
      clock: () => START,
    })
    await keySet.ready()
    for (const kid of ['rsa', undefined]) {
      expect(keySet.explain({ kid, algorithm: 'PS256' })).toBe(
        `the key says no "alg" and is held to RS256, the first of the "algorithms" that fits it, and the token says PS256: if the issuer signs so, write "algorithms: ['PS256']"`,
      )
    }
    expect(keySet.explain({ kid: 'a', algorithm: 'ES256' })).toBe(
      'the key of that name cannot be used: "use" is not "sig"',
    )
  })
})

describe('where too many issuers are being asked', () => {
  it.each([
    ['without keys at hand it is 503', 0, 1],
    ['with keys at hand these serve', 1, 0],
  ])('a load waits for its place within its time: %s', async (_name, first, refresh) => {
    let now = START
    const keySet = createKeySet({
      source: {
        issuer,
        jwksUri,
        fetch: () => Promise.resolve(Response.json({ keys: [a] })),
        maxBytes: 65_536,
        dangerouslyAllowHttp: false,
      },
      lifetimes: { ...lifetimes, timeoutSeconds: 0.05 },
      algorithms: ['ES256'],
      clock: () => now,
      gates: { first: createGate(first), refresh: createGate(refresh) },
    })
    const busy = {
      status: 503,
      retryAfterSeconds: 1,
      detail: `The keys of ${issuer} were not loaded: too many other issuers were being asked at that time`,
    }
    const find = async (kid: string) => keySet.find({ kid, algorithm: 'ES256' })
    if (first === 0) {
      await expect(find('a')).rejects.toMatchObject(busy)
      return
    }
    expect(await find('a')).toMatchObject({ kid: 'a' })
    now += 700_000
    // The refresh finds no place, and the keys at hand go on serving.
    expect(await find('a')).toMatchObject({ kid: 'a' })
    await expect(find('x')).rejects.toMatchObject({ status: 503 })
  })
})

describe('a new key under an old name', () => {
  const wanted = { kid: 'a', algorithm: 'ES256' } as const
  const createWarm = async () => {
    const stage = createStage()
    await stage.keySet.ready()
    const old = stage.keySet.peek(wanted)
    if (old === undefined) throw new Error('It is there.')
    return { ...stage, old, findOther: () => stage.keySet.findOther(wanted, old) }
  }

  it('is found by one fetch, out of the same budget as unknown names', async () => {
    const { findOther, answer, asked, ask, old } = await createWarm()
    answer(keys({ ...b, kid: 'a' }))
    const others = await Promise.all([findOther(), findOther(), findOther()])
    expect(others.map((other) => other?.kid)).toEqual(['a', 'a', 'a'])
    expect(others).not.toContain(old)
    expect(asked).toHaveLength(2)
    // Who comes later finds it at hand.
    expect(findOther()).toBe(others[0])
    expect(await ask('x')).toBe('!503')
    expect(asked).toHaveLength(2)
  })

  it('costs one fetch in a cooldown where there is none, and never makes a 503 of a bad signature', async () => {
    const { findOther, asked, advance, answer, keySet } = await createWarm()
    for (let n = 0; n < 100; n++) expect(await findOther()).toBeUndefined()
    expect(asked).toHaveLength(2)
    advance(30)
    answer(status(500))
    for (let n = 0; n < 10; n++) expect(await findOther()).toBeUndefined()
    expect(asked).toHaveLength(3)
    advance(3600)
    keySet.close()
    expect(await findOther()).toBeUndefined()
    expect(asked).toHaveLength(3)
  })

  it('is none where the name is gone', async () => {
    const { findOther, answer } = await createWarm()
    answer(keys(b))
    expect(await findOther()).toBeUndefined()
  })
})

describe('a clock that was set back', () => {
  it('makes keys stale at once, for no longer than any stale key may serve', async () => {
    const { ask, asked, advance, answer } = createStage()
    expect(await ask('a')).toBe('!a')
    answer(status(500))
    advance(-86_400)
    expect(await ask('a')).toBe('a')
    await settle()
    expect(asked).toHaveLength(2)
    advance(14_399.999)
    expect((await ask('a')).replace('!', '')).toBe('a')
    advance(0.001)
    expect(await ask('a')).toBe('!503')
  })

  it('ends a back-off and a cooldown rather than lengthen them', async () => {
    const { ask, asked, advance, answer } = createStage()
    answer(status(429, { 'retry-after': '300' }))
    expect(await ask('a')).toBe('!503')
    answer(keys(a))
    advance(-3600)
    expect(await ask('a')).toBe('!a')
    expect(await ask('x')).toBe('!none')
    expect(asked).toHaveLength(3)
    advance(-1)
    answer(keys(a, b))
    expect(await ask('b')).toBe('!b')
  })
})

describe('the place of the keys', () => {
  const openid = `${issuer}/.well-known/openid-configuration`
  const oauth = `${issuer}/.well-known/oauth-authorization-server`
  const moved = `${issuer}/moved`

  const createDiscovering = (changes: Partial<KeyLifetimes> = {}) => {
    const stage = createStage({ ...changes, discover: true })
    stage.replies[openid] = metadata({ jwks_uri: jwksUri })
    return stage
  }

  it('is asked for once, in OpenID metadata', async () => {
    const { ask, asked, advance } = createDiscovering()
    expect(await ask('a')).toBe('!a')
    advance(660)
    expect(await ask('a')).toBe('!a')
    expect(asked).toEqual([openid, jwksUri, jwksUri])
  })

  it('is asked for in RFC 8414 metadata where there is no OpenID metadata, and only then', async () => {
    const { ask, asked, replies, advance } = createDiscovering()
    replies[oauth] = metadata({ jwks_uri: jwksUri })
    replies[openid] = status(500)
    expect(await ask('a')).toBe('!503')
    expect(asked).toEqual([openid])
    replies[openid] = status(404)
    advance(1)
    expect(await ask('a')).toBe('!a')
    expect(asked).toEqual([openid, openid, oauth, jwksUri])
  })

  it('may be on this machine where the issuer is on it too', async () => {
    const local = 'http://127.0.0.1:8080'
    const documents: Record<string, object> = {
      [`${local}/.well-known/openid-configuration`]: { issuer: local, jwks_uri: `${local}/keys` },
      [`${local}/keys`]: { keys: [a] },
    }
    const fetch: Fetch = (url) => Promise.resolve(Response.json(documents[url]))
    const keySet = createKeySet({
      source: { issuer: local, jwksUri: undefined, fetch, maxBytes: 65_536, dangerouslyAllowHttp: false },
      lifetimes,
      algorithms: ['ES256'],
      clock: () => START,
    })
    expect(await keySet.find({ kid: 'a', algorithm: 'ES256' })).toMatchObject({ kid: 'a' })
  })

  it('is asked for again after an hour, so that keys may move', async () => {
    const { ask, replies, advance } = createDiscovering()
    expect(await ask('a')).toBe('!a')
    replies[openid] = metadata({ jwks_uri: moved })
    replies[moved] = keys(b)
    advance(3600)
    expect(await ask('b')).toBe('!b')
    expect(await ask('a')).toBe('!none')
  })

  it('is asked for again after a failure', async () => {
    const { ask, replies, advance } = createDiscovering()
    expect(await ask('a')).toBe('!a')
    replies[jwksUri] = status(404)
    replies[openid] = metadata({ jwks_uri: moved })
    replies[moved] = keys(a, b)
    advance(660)
    expect(await ask('a')).toBe('!a')
    advance(1)
    expect(await ask('a')).toBe('a')
    await settle()
    expect(await ask('b')).toBe('b')
  })

  it.each<[name: string, reply: Reply]>([
    ['is down', status(500)],
    ['names another issuer', metadata({ issuer: 'https://evil.example', jwks_uri: 'https://evil.example/keys' })],
    ['names no place', metadata({})],
  ])('stays known while the metadata %s', async (_name, reply) => {
    const { ask, asked, replies, advance } = createDiscovering()
    expect(await ask('a')).toBe('!a')
    replies[openid] = reply
    replies[jwksUri] = status(500)
    advance(660)
    expect(await ask('a')).toBe('!a')
    replies[jwksUri] = keys(b)
    advance(1)
    expect(await ask('a')).toBe('a')
    await settle()
    expect(await ask('b')).toBe('b')
    expect(asked).not.toContain('https://evil.example/keys')
  })

  it('is used without the metadata at every other attempt, where the metadata takes all the time there is', async () => {
    const { ask, asked, replies, advance } = createDiscovering({ timeoutSeconds: 0.05 })
    expect(await ask('a')).toBe('!a')
    replies[openid] = () => new Promise(() => undefined)
    replies[jwksUri] = status(500)
    advance(660)
    expect(await ask('a')).toBe('!a')
    replies[jwksUri] = keys(b)
    advance(1)
    expect(await ask('b')).toBe('!503')
    advance(2)
    expect(await ask('b')).toBe('!b')
    expect(asked.filter((url) => url === openid)).toHaveLength(2)
  })

  it.each([
    ['http on another machine', 'http://keys.example.com/'],
    ['http on this machine, for an issuer elsewhere', 'http://127.0.0.1:9200/'],
    ['http on localhost, for an issuer elsewhere', 'http://localhost/keys'],
    ['a file', 'file:///etc/passwd'],
    ['a URL with a password', 'https://user:secret@issuer.example.com/keys'],
    ['a relative reference', '/keys'],
  ])('is never %s', async (_name, uri) => {
    const { ask, asked, replies } = createDiscovering()
    replies[openid] = metadata({ jwks_uri: uri })
    expect(await ask('a')).toBe('!503')
    expect(asked).toEqual([openid])
  })

  it.each([
    ['https://issuer.example.com', openid, oauth],
    ['https://issuer.example.com/', openid, oauth],
    [
      'https://issuer.example.com/tenant/a',
      'https://issuer.example.com/tenant/a/.well-known/openid-configuration',
      'https://issuer.example.com/.well-known/oauth-authorization-server/tenant/a',
    ],
    [
      'https://issuer.example.com/tenant/',
      'https://issuer.example.com/tenant/.well-known/openid-configuration',
      'https://issuer.example.com/.well-known/oauth-authorization-server/tenant',
    ],
  ])('of %s is asked for at both well-known paths (OIDC Discovery 4, RFC 8414 3.1)', async (name, first, second) => {
    const asked: string[] = []
    const fetch: Fetch = (url) => {
      asked.push(url)
      return Promise.resolve(new Response(null, { status: 404 }))
    }
    const source = { issuer: name, jwksUri: undefined, fetch, maxBytes: 65_536, dangerouslyAllowHttp: false }
    const keySet = createKeySet({ source, lifetimes, algorithms: ['ES256'], clock: () => START })
    await expect(keySet.ready()).rejects.toMatchObject({ status: 503 })
    expect(asked).toEqual([first, second])
  })
})

describe('a fetch', () => {
  it('asks for JSON, follows no redirect and can be aborted', async () => {
    const calls: RequestInit[] = []
    const fetch: Fetch = (_url, init) => {
      calls.push(init)
      return Promise.resolve(Response.json({ keys: [a] }))
    }
    const source = { issuer, jwksUri, fetch, maxBytes: 65_536, dangerouslyAllowHttp: false }
    await createKeySet({ source, lifetimes, algorithms: ['ES256'], clock: () => START }).ready()
    expect(calls).toEqual([
      { redirect: 'manual', headers: { accept: 'application/json' }, signal: expect.any(AbortSignal) as AbortSignal },
    ])
    expect(calls[0]?.signal?.aborted).toBe(false)
  })

  it.each<[name: string, reply: Reply]>([
    [
      'throws at once',
      () => {
        throw new TypeError('no')
      },
    ],
    [
      'answers with a redirected response',
      () => Object.defineProperty(Response.json({ keys: [a] }), 'redirected', { value: true }),
    ],
    [
      'answers with a body that somebody has read',
      async () => {
        const response = Response.json({ keys: [a] })
        await response.text()
        return response
      },
    ],
    ['answers with nothing', () => undefined as unknown as Response],
  ])('that %s is a failure like any other', async (_name, reply) => {
    const { ask, answer, advance } = createStage()
    answer(reply)
    expect(await ask('a')).toBe('!503')
    answer(keys(a))
    advance(1)
    expect(await ask('a')).toBe('!a')
  })

  it.each<[name: string, reply: Reply]>([
    ['does not listen to its signal', () => new Promise(() => undefined)],
    ['answers with a body that does not', () => new Response(new ReadableStream(), { headers: json })],
  ])('that %s ends all the same at the deadline', async (_name, reply) => {
    const { ask, answer, advance } = createStage({ timeoutSeconds: 0.05 })
    answer(reply)
    expect(await ask('a')).toBe('!503')
    answer(keys(a))
    advance(1)
    expect(await ask('a')).toBe('!a')
  })

  it('under way is ended by close(), and none starts after that', async () => {
    const { keySet, ask, asked, answer, advance } = createStage()
    await keySet.ready()
    answer(() => new Promise(() => undefined))
    const waiting = ask('x')
    await settle()
    keySet.close()
    keySet.close()
    expect(await waiting).toBe('!503')
    advance(3600)
    expect(await ask('a')).toBe('a')
    expect(await ask('x')).toBe('!503')
    expect(asked).toHaveLength(2)
  })

  it('that fails may make a listener ask again without harm (CVE-2025-64527)', async () => {
    const { ask, asked, answer } = createStage()
    answer(status(500))
    const nested: Promise<string>[] = []
    const listener = (): void => void nested.push(ask('a'))
    subscribe('express-resource-server:keys.failed', listener)
    expect(await ask('a')).toBe('!503')
    unsubscribe('express-resource-server:keys.failed', listener)
    expect(await Promise.all(nested)).toEqual(['!503'])
    expect(asked).toHaveLength(1)
  })
})
