import fc from 'fast-check'
import { createRevocation, type Revocation } from 'express-resource-server'
import { createResourceServer } from 'express-resource-server/core'
import { createTestIssuer, type TestIssuer } from 'express-resource-server/testing'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import type { KeepingStore, Subscriber } from '../../src/stores/store.js'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const STALE_SECONDS = 30
const NAMES = ['a', 'b', 'c']

type Step =
  | { readonly kind: 'jti' | 'sid' | 'sub'; readonly name: string }
  | { readonly kind: 'advance'; readonly seconds: number }
  | { readonly kind: 'lose' | 'resume' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('jti', 'sid', 'sub'), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('advance'), seconds: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constantFrom('lose', 'resume') }),
)

/** Here it is taken back; the other hears of it, unless its messages are cut off. */
async function openTwo(issuer: TestIssuer) {
  const { clock } = issuer.options
  const store = createMemoryStore({ clock })
  let heard: Subscriber | undefined
  const line = { isCut: false, cutAt: 0 }
  const here = createRevocation({ store, clock })
  const subscribe: KeepingStore['subscribe'] = (channel, subscriber) => {
    heard = subscriber
    const message = (text: string): void => {
      if (!line.isCut) subscriber.message(text)
    }
    return store.subscribe(channel, { ...subscriber, message })
  }
  const there = createRevocation({ clock, staleSeconds: STALE_SECONDS, store: { ...store, subscribe } })
  await Promise.all([here.ready(), there.ready()])
  const servers = [here, there].map((revocation) => createResourceServer({ ...issuer.options, revocation }))
  return {
    here,
    line,
    cut() {
      if (!line.isCut) line.cutAt = issuer.now()
      line.isCut = true
      heard?.lost()
    },
    mend() {
      if (!line.isCut) return
      line.isCut = false
      heard?.current()
    },
    ask: (token: string) =>
      Promise.all(
        servers.map((server) =>
          server.verifyToken(token).then(
            () => 'granted',
            (error: unknown) => (error as { code: string }).code,
          ),
        ),
      ),
    close() {
      for (const one of [here, there]) one.close()
      for (const server of servers) server.close()
    },
  }
}

const ids = { jti: 'a', sid: 'b', sub: 'c' }

/** Takes something back, and tells whether the token falls under it. */
async function takeBack(
  { kind, name }: Extract<Step, { name: string }>,
  revocation: Revocation,
  { issuer, issuedAt }: { issuer: TestIssuer; issuedAt: number },
): Promise<boolean> {
  if (kind === 'jti') await revocation.revoke({ issuer: issuer.issuer, jti: name })
  if (kind === 'sid') await revocation.revokeSession({ issuer: issuer.issuer, sid: name })
  if (kind === 'sub') await revocation.revokeSubject({ issuer: issuer.issuer, subject: name })
  return ids[kind] === name && (kind !== 'sub' || issuedAt < Math.ceil(issuer.options.clock() / 1000))
}

it('accepts no token that was taken back, and refuses no other, whatever happens in whichever order', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const two = await openTwo(issuer)
      const token = await issuer.accessToken({ ...ids, exp: issuer.now() + 3600 })
      const issuedAt = issuer.now()
      let isTaken = false
      let isTakenThere = false
      for (const one of steps) {
        if ('name' in one) isTaken = (await takeBack(one, two.here, { issuer, issuedAt })) || isTaken
        else if (one.kind === 'advance') issuer.advance(one.seconds)
        else if (one.kind === 'lose') two.cut()
        else two.mend()
        await settled()
        const { isCut, cutAt } = two.line
        if (!isCut) isTakenThere = isTaken
        const unknown = isCut && issuer.now() >= cutAt + STALE_SECONDS ? 'revocation_unavailable' : 'granted'
        const expected = [isTaken, isTakenThere].map((taken, at) =>
          taken ? 'token_revoked' : at === 0 ? 'granted' : unknown,
        )
        expect(await two.ask(token)).toEqual(expected)
      }
      two.close()
    }),
    { numRuns: 200 },
  )
})
