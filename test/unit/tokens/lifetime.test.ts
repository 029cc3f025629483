import { resolveSettings } from '../../../src/config/resolve-settings.js'
import type { Failure } from '../../../src/errors.js'
import { createTrustedIssuers } from '../../../src/issuers/trusted-issuers.js'
import { check, type Check, type Outcome } from '../../../src/tokens/check.js'
import { checks } from '../../../src/tokens/checks/index.js'
import type { FoundIssuer, Lifetime, TokenRules } from '../../../src/tokens/examination.js'
import { createVerifiedTokenCache } from '../../../src/tokens/verified-token-cache.js'
import { TokenVerifier, type VerifiedToken } from '../../../src/tokens/verify-token.js'
import { createKey, forgeToken, signer } from '../../kit/forge.js'
import { createKeyEndpoint } from '../../kit/key-endpoint.js'

// A check whose answer changes, in each way in which it can: a remembered token is judged by what it would say now.

const ISSUER = 'https://issuer.example.com'
const PARTNER = 'https://partner.example.com'
const NOW = 1_800_000_000
const WANTED = { kid: 'p', algorithm: 'ES256' } as const
const key = createKey('P-256', { kid: 'a' })
const partnerKey = createKey('P-256', { kid: 'p' })
const otherKey = createKey('P-256', { kid: 'p' })
const token = forgeToken(
  { alg: 'ES256', typ: 'at+jwt', kid: 'a' },
  { iss: ISSUER, aud: 'api', sub: 'user-1', client_id: 'client-1', iat: NOW - 5000, exp: NOW + 5000 },
  signer('ES256', key),
)

const refusal: Failure = { code: 'access_denied', detail: 'made up' }
const unless = (isGood: boolean): Outcome => (isGood ? undefined : refusal)

/** What the made-up checks go by. */
interface World {
  flag: boolean
  partner: { readonly issuer: string; readonly audience?: string } | undefined
  /** How often the made-up check was run. */
  runs: number
  advance: (seconds: number) => void
  publish: (keys: readonly unknown[]) => void
}

type Ask = (lifetime: Lifetime, world: World) => Outcome | Promise<Outcome>

/** A verifier with the list of checks, and one more at the place that is given; without a place, at its end. */
function createStage(asks: readonly Ask[], { place = checks.length, isRemembering = true } = {}) {
  let now = NOW
  const endpoint = createKeyEndpoint(ISSUER, [key.jwk])
  const partners = createKeyEndpoint(PARTNER, [partnerKey.jwk])
  const world: World = {
    flag: true,
    partner: { issuer: PARTNER },
    runs: 0,
    advance: (seconds) => {
      now += seconds
    },
    publish: (keys) => {
      partners.publish(keys)
    },
  }
  const settings = resolveSettings(
    {
      issuer: (iss) => (iss === ISSUER ? { issuer: ISSUER } : world.partner),
      audience: 'api',
      keys: { freshSeconds: 10 },
      fetch: (url, init) => (url.startsWith(PARTNER) ? partners.fetch(url, init) : endpoint.fetch(url, init)),
      clock: () => now * 1000,
    },
    {},
  )
  const rules: TokenRules = { ...settings, dpop: undefined, issuers: createTrustedIssuers(settings) }
  const cache = createVerifiedTokenCache({ maxEntries: 10, maxAgeSeconds: 100_000 })
  const madeUp = asks.map((ask, number): Check =>
    check({
      name: `made up ${String(number)}`,
      spec: 'none',
      needs: ['decoded'],
      run({ lifetime }) {
        world.runs++
        return ask(lifetime, world)
      },
    }),
  )
  const list = [...checks.slice(0, place), ...madeUp, ...checks.slice(place)]
  const verifier = new TokenVerifier(rules, isRemembering ? cache : undefined, () => now, list)
  const judge = async (): Promise<string> => {
    const verdict = await verifier.verify(token)
    return 'code' in verdict ? verdict.code : 'accepted'
  }
  return { world, verifier, judge }
}

const later =
  (seconds = 0) =>
  (stage: World) => {
    stage.advance(seconds)
  }

const findPartner = async (lifetime: Lifetime): Promise<FoundIssuer | undefined> => lifetime.findIssuer(PARTNER)
const findKeyOfPartner = async (lifetime: Lifetime) => {
  const partner = await findPartner(lifetime)
  return partner === undefined ? undefined : lifetime.findKey(partner, WANTED)
}
/** The key that was found first. */
let expected: unknown

const ways: Readonly<
  Record<string, readonly [ask: Ask, change: (world: World) => void, back?: (world: World) => void]>
> = {
  'begins to fail at an instant': [(lifetime) => unless(lifetime.isBefore(NOW + 1000)), later(1000), later(-1)],
  'fails after an instant': [(lifetime) => unless(!lifetime.isAfter(NOW + 1000)), later(1000.5), later(-0.5)],
  'fails before an instant, and the clock is set back': [
    (lifetime) => unless(!lifetime.isBefore(NOW - 1000)),
    later(-1001),
    later(1),
  ],
  'fails up to an instant, and the clock is set back': [
    (lifetime) => unless(lifetime.isAfter(NOW - 1000)),
    later(-1000),
    later(0.5),
  ],
  'asks a second time in vain': [
    (lifetime) => unless(lifetime.isBefore(NOW + 9000) && lifetime.isBefore(NOW + 1000)),
    later(1000),
    later(-1),
  ],
  'asks the time after a wait': [
    async (lifetime) => {
      await Promise.resolve()
      return unless(lifetime.isBefore(NOW + 1000))
    },
    later(1000),
    later(-1),
  ],
  'rests on an issuer that is withdrawn': [
    async (lifetime) => unless((await findPartner(lifetime)) !== undefined),
    (world) => {
      world.partner = undefined
      world.advance(1300)
    },
    (world) => {
      world.partner = { issuer: PARTNER }
      world.advance(1300)
    },
  ],
  'rests on the settings of an issuer, which change': [
    async (lifetime) => unless((await findPartner(lifetime))?.settings.audience[0] === 'api'),
    (world) => {
      world.partner = { issuer: PARTNER, audience: 'other' }
      world.advance(1300)
    },
    (world) => {
      world.partner = { issuer: PARTNER }
      world.advance(1300)
    },
  ],
  'rests on nobody trusting an issuer, and somebody does': [
    async (lifetime, world) => {
      if (world.flag) world.partner = undefined
      return unless((await findPartner(lifetime)) === undefined)
    },
    (world) => {
      world.flag = false
      world.partner = { issuer: PARTNER }
      world.advance(1300)
    },
  ],
  'rests on a key that is withdrawn': [
    async (lifetime) => unless((await findKeyOfPartner(lifetime)) !== undefined),
    (world) => {
      world.publish([key.jwk])
      world.advance(100)
    },
    (world) => {
      world.publish([partnerKey.jwk])
      world.advance(100)
    },
  ],
  'rests on a key that another one replaces': [
    async (lifetime) => {
      const found = await findKeyOfPartner(lifetime)
      expected ??= found
      return unless(found === expected)
    },
    (world) => {
      world.publish([otherKey.jwk])
      world.advance(100)
    },
  ],
  'speaks for one request': [
    (lifetime, world) => {
      lifetime.thisRequestOnly()
      return unless(world.flag)
    },
    (world) => {
      world.flag = false
    },
    (world) => {
      world.flag = true
    },
  ],
  'speaks for one request, after a wait': [
    async (lifetime, world) => {
      await Promise.resolve()
      lifetime.thisRequestOnly()
      return unless(world.flag)
    },
    (world) => {
      world.flag = false
    },
    (world) => {
      world.flag = true
    },
  ],
}

type Change = (world: World) => void
type Row = readonly [who: string, name: string, ask: Ask, change: Change, back: Change | undefined, options: object]

const rows = Object.entries(ways).flatMap(([name, [ask, change, back]]): readonly Row[] => [
  ['remembered, by the last of all checks', name, ask, change, back, { place: checks.length }],
  ['remembered, by a check among the others', name, ask, change, back, { place: checks.length - 3 }],
  ['not remembered', name, ask, change, back, { isRemembering: false }],
])

test.each(rows)('a token that is %s, is refused when a check %s', async (_who, _name, ask, change, back, options) => {
  expected = undefined
  const { world, judge } = createStage([ask], options)
  for (let sight = 0; sight < 4; sight++) expect(await judge()).toBe('accepted')
  change(world)
  for (let sight = 0; sight < 3; sight++) expect(await judge()).toBe('access_denied')
  if (back === undefined) return
  back(world)
  for (let sight = 0; sight < 3; sight++) expect(await judge()).toBe('accepted')
})

const speaksForOneRequest: Ask = (lifetime) => {
  lifetime.thisRequestOnly()
  return undefined
}

describe('of a remembered token', () => {
  const isRun = async (ask: Ask): Promise<boolean> => {
    const { world, judge } = createStage([ask])
    for (let sight = 0; sight < 3; sight++) await judge()
    const before = world.runs
    await judge()
    return world.runs > before
  }

  test.each<[name: string, ask: Ask, expected: boolean]>([
    ['goes by the token alone', () => undefined, false],
    ['goes by the time', (lifetime) => unless(lifetime.isBefore(NOW + 1)), false],
    ['goes by an issuer', async (lifetime) => unless((await findPartner(lifetime)) !== undefined), false],
    ['goes by a key', async (lifetime) => unless((await findKeyOfPartner(lifetime)) !== undefined), false],
    ['speaks for one request', speaksForOneRequest, true],
  ])('a check that %s is run again, or not', async (_name, ask, expectedAgain) => {
    expect(await isRun(ask)).toBe(expectedAgain)
  })

  test('those that speak for one request are run in their order, to the first failure', async () => {
    const ran: number[] = []
    const asks = [0, 1, 2].map((number): Ask => (lifetime, world) => {
      ran.push(number)
      if (number !== 1) lifetime.thisRequestOnly()
      return number === 0 ? unless(world.flag) : undefined
    })
    const { world, judge } = createStage(asks)
    for (let sight = 0; sight < 3; sight++) await judge()
    ran.length = 0
    await judge()
    world.flag = false
    await judge()
    expect(ran).toEqual([0, 2, 0])
  })

  test('nothing is waited for when nothing has to be', async () => {
    const { verifier, judge } = createStage([speaksForOneRequest])
    for (let sight = 0; sight < 2; sight++) await judge()
    expect(verifier.verify(token)).not.toBeInstanceOf(Promise)
  })
})

describe('while something is waited for', () => {
  /** Waits while the time goes on. */
  const wait =
    (seconds: number): Ask =>
    async (lifetime, world) => {
      lifetime.thisRequestOnly()
      await Promise.resolve()
      world.advance(seconds)
      return undefined
    }
  const untilThen: Ask = (lifetime) => unless(lifetime.isBefore(NOW + 1000))

  test.each([
    ['a new token', 1, 999, 'accepted'],
    ['a new token', 1, 1000, 'access_denied'],
    ['a remembered token', 3, 333, 'accepted'],
    ['a remembered token', 4, 250, 'access_denied'],
  ])('%s is judged by the time after it (%d times, %d s): %s', async (_who, sights, seconds, verdict) => {
    const { judge } = createStage([untilThen, wait(seconds)])
    for (let sight = 1; sight < sights; sight++) expect(await judge()).toBe('accepted')
    expect(await judge()).toBe(verdict)
  })

  test('a check that waits itself is asked again by the time after it', async () => {
    const slow: Ask = async (lifetime, world) => {
      const verdict = unless(lifetime.isBefore(NOW + 1000))
      await Promise.resolve()
      world.advance(1000)
      return verdict
    }
    expect(await createStage([slow]).judge()).toBe('access_denied')
  })

  test.each([
    ['new', 1],
    ['remembered', 3],
  ])('a token that passed, %s, is past its time by the same checks', async (_who, sights) => {
    const { world, judge, verifier } = createStage([untilThen])
    for (let sight = 1; sight < sights; sight++) await judge()
    const verified = (await verifier.verify(token)) as VerifiedToken // it passes all of them
    expect(verifier.checkTimes(verified)).toBeUndefined()
    world.advance(999.5)
    expect(verifier.checkTimes(verified)).toBeUndefined()
    world.advance(0.5)
    expect(verifier.checkTimes(verified)).toEqual(refusal)
    world.advance(5000)
    expect(verifier.checkTimes(verified)).toMatchObject({ code: 'token_expired' })
  })
})

test('there is a bound to the number of checks, which is said at creation', () => {
  const none: Ask = () => undefined
  const room = 31 - checks.length
  expect(() => createStage(Array.from({ length: room }, () => none))).not.toThrow()
  expect(() => createStage(Array.from({ length: room + 1 }, () => none))).toThrow(RangeError)
})

test('the keys of an issuer that nobody found cannot be asked for', async () => {
  const ask: Ask = async (lifetime) => {
    const stranger = { settings: { issuer: PARTNER }, keys: {} } as unknown as FoundIssuer
    await lifetime.findKey(stranger, WANTED)
    return undefined
  }
  await expect(createStage([ask]).judge()).rejects.toThrow(TypeError)
})
