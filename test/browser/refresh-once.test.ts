import { jest } from '@jest/globals'
import { GrantEnded, type OAuthClient } from '../../examples/browser/oauth-client.js'
import { createRefreshOnce, type RefreshOnce } from '../../examples/browser/refresh-once.js'

/** A provider that rotates, and that ends the family when a refresh token comes a second time. */
function createProvider() {
  const used = new Set<string>()
  const asked: string[] = []
  const revoked: string[] = []
  let issued = 0
  let isOver = false
  let held: Promise<unknown> = Promise.resolve()
  let isDown = false
  const refresh: OAuthClient['refresh'] = async (presented, { scope = 'all' } = {}) => {
    asked.push(`${presented} ${scope}`)
    await held
    if (isDown) throw new Error('down')
    if (isOver || used.has(presented)) {
      isOver = true
      throw new GrantEnded('reuse')
    }
    used.add(presented)
    issued += 1
    const refresh_token = `R${String(issued)}`
    return { access_token: `A${String(issued)} ${scope}`, refresh_token, token_type: 'bearer', expires_in: 60 }
  }
  const revoke: OAuthClient['revoke'] = (token) => {
    revoked.push(token)
    if (isDown) return Promise.reject(new Error('down'))
    isOver = true
    return Promise.resolve()
  }
  return {
    client: { refresh, revoke } as OAuthClient, // nothing else of it is asked for here
    asked,
    revoked,
    fail(down: boolean) {
      isDown = down
    },
    hold() {
      let release: (value?: unknown) => void = () => undefined
      held = new Promise((resolve) => (release = resolve))
      return release
    },
  }
}

// Point 2 of the story: what the token handler remembers, and when it forgets.
describe('a refresh token that is presented again', () => {
  let provider: ReturnType<typeof createProvider>
  let renewals: RefreshOnce
  const orders = {}
  const reports = { scope: 'reports' }

  beforeEach(() => {
    provider = createProvider()
    renewals = createRefreshOnce(provider.client)
  })

  it('gets the same answer to the same wish, and the provider is asked once', async () => {
    const both = await Promise.all([renewals.refresh('R0', orders), renewals.refresh('R0', orders)])
    both.push(await renewals.refresh('R0', orders))
    expect(new Set(both.map(({ refresh_token }) => refresh_token))).toEqual(new Set(['R1']))
    expect(provider.asked).toEqual(['R0 all'])
  })

  it('gets an answer to another wish with its successor, and nobody is signed out', async () => {
    await renewals.refresh('R0', orders)
    const other = await renewals.refresh('R0', reports)
    expect([other.access_token, other.refresh_token]).toEqual(['A2 reports', 'R2'])
    expect(provider.asked).toEqual(['R0 all', 'R1 reports'])
    // The successor that the first answer carried is as good as before, and so is the second.
    expect((await renewals.refresh('R1', orders)).refresh_token).toBe('R3')
    expect((await renewals.refresh('R3', orders)).refresh_token).toBe('R4')
  })

  it('gets answers to several wishes at once, one after the other', async () => {
    const scopes = ['a', 'b', 'c', 'a']
    const answers = await Promise.all(scopes.map((scope) => renewals.refresh('R0', { scope })))
    expect(answers.map(({ access_token }) => access_token)).toEqual(['A1 a', 'A2 b', 'A3 c', 'A1 a'])
    expect(provider.asked).toEqual(['R0 a', 'R1 b', 'R2 c'])
  })

  it('is replayed as soon as its successor was presented, and the family ends', async () => {
    await renewals.refresh('R0', orders)
    await renewals.refresh('R1', orders)
    await expect(renewals.refresh('R0', orders)).rejects.toThrow(GrantEnded)
    await expect(renewals.refresh('R2', orders)).rejects.toThrow(GrantEnded)
  })

  it('gets nothing after a sign-out with its successor', async () => {
    await renewals.refresh('R0', orders)
    await renewals.refresh('R0', reports)
    await renewals.end('R2')
    for (const old of ['R0', 'R1', 'R2']) {
      for (const wish of [orders, reports]) await expect(renewals.refresh(old, wish)).rejects.toThrow(GrantEnded)
    }
  })

  it('gets nothing after a sign-out with the old one itself', async () => {
    await renewals.refresh('R0', orders)
    await renewals.end('R0')
    for (const old of ['R0', 'R1']) await expect(renewals.refresh(old, orders)).rejects.toThrow(GrantEnded)
    expect(provider.revoked).toContain('R0')
  })

  it('gets nothing after a sign-out while it was being refreshed, and what came is given back', async () => {
    const release = provider.hold()
    const answer = renewals.refresh('R0', orders)
    provider.revoked.length = 0
    const ended = renewals.end('R0').catch(() => undefined)
    release()
    await ended
    await expect(answer).rejects.toThrow(GrantEnded)
    await expect(renewals.refresh('R0', orders)).rejects.toThrow(GrantEnded)
  })

  it('gets nothing after a sign-out of which the provider could not be told', async () => {
    await renewals.refresh('R0', orders)
    provider.fail(true)
    await expect(renewals.end('R1')).rejects.toThrow('down')
    provider.fail(false)
    await expect(renewals.refresh('R0', orders)).rejects.toThrow(GrantEnded)
    await expect(renewals.refresh('R1', orders)).rejects.toThrow(GrantEnded)
    // And the provider is told again.
    expect(provider.revoked).toEqual(['R1', 'R0', 'R1'])
  })

  it('gets nothing when the provider has ended the grant', async () => {
    await renewals.refresh('R0', orders)
    await provider.client.revoke('R1')
    await expect(renewals.refresh('R0', reports)).rejects.toThrow(GrantEnded)
    await expect(renewals.refresh('R0', orders)).rejects.toThrow(GrantEnded)
  })

  it('is asked for again after a failure that said nothing of it', async () => {
    provider.fail(true)
    await expect(renewals.refresh('R0', orders)).rejects.toThrow('down')
    provider.fail(false)
    expect((await renewals.refresh('R0', orders)).refresh_token).toBe('R1')
  })

  it('is remembered from when it is answered, however long that took', async () => {
    const release = provider.hold()
    const first = renewals.refresh('R0', orders)
    const clock = jest.spyOn(performance, 'now')
    const now = performance.now()
    clock.mockReturnValue(now + 11_000)
    release()
    await first
    expect((await renewals.refresh('R0', orders)).refresh_token).toBe('R1')
    clock.mockReturnValue(now + 22_000)
    // The cache looks at the clock once in a millisecond.
    do await new Promise((resolve) => setImmediate(resolve))
    while ((await renewals.refresh('R0', orders).catch(() => undefined)) !== undefined)
    await expect(renewals.refresh('R1', orders)).rejects.toThrow(GrantEnded)
    clock.mockRestore()
  })
})
