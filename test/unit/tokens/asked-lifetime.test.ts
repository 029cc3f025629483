import { resolveSettings } from '../../../src/config/resolve-settings.js'
import type { IntrospectionAnswer, Introspector } from '../../../src/issuers/introspector.js'
import { createTrustedIssuers } from '../../../src/issuers/trusted-issuers.js'
import { NotedLifetime } from '../../../src/tokens/lifetime.js'

const ISSUER = 'https://issuer.example.com'
const NOW = 1_800_000_000

/** A lifetime, and an issuer that was found there and answers so. */
async function createStage(holdsUntil: IntrospectionAnswer['holdsUntil'], isAsked = true) {
  const settings = resolveSettings({ issuer: ISSUER, audience: 'api', clock: () => NOW * 1000 }, {})
  const introspector: Introspector = {
    cache: undefined,
    about: 'the issuer',
    nameOf: (token) => token,
    ready: () => Promise.resolve(),
    ask: () => Promise.resolve({ isActive: true, claims: {}, holdsUntil }),
    close: () => undefined,
  }
  const issuers = createTrustedIssuers({
    ...settings,
    createIntrospector: () => (isAsked ? introspector : undefined),
  })
  const lifetime = new NotedLifetime(NOW, issuers)
  lifetime.askedBy(3)
  const issuer = await lifetime.findIssuer(ISSUER)
  if (issuer === undefined) throw new TypeError('The issuer is not trusted.')
  return { lifetime, issuer }
}

describe('what an issuer says when asked', () => {
  test('holds for one request, and only the check that asked says so', async () => {
    const { lifetime, issuer } = await createStage(undefined)
    await lifetime.introspect(issuer, 'token')
    expect([lifetime.eachTime, lifetime.timed, lifetime.until]).toEqual([1 << 3, 0, Number.POSITIVE_INFINITY])
  })

  test('or until an instant, which stands when the time is asked again', async () => {
    const { lifetime, issuer } = await createStage(NOW + 30)
    await lifetime.introspect(issuer, 'token')
    lifetime.isBefore(NOW + 10)
    expect([lifetime.eachTime, lifetime.until]).toEqual([0, NOW + 10])
    lifetime.moveTo(NOW + 5)
    lifetime.forgetTimes()
    expect(lifetime.until).toBe(NOW + 30)
    lifetime.isBefore(NOW + 300)
    expect(lifetime.until).toBe(NOW + 30)
  })

  test('and nobody asks one that is not asked, or was not found', async () => {
    const { lifetime, issuer } = await createStage(undefined, false)
    await expect(lifetime.introspect(issuer, 'token')).rejects.toThrow(TypeError)
    const { lifetime: other } = await createStage(undefined)
    await expect(other.introspect(issuer, 'token')).rejects.toThrow(TypeError)
  })
})
