import fc from 'fast-check'
import { createRevocation } from 'express-resource-server'
import { createResourceServer } from 'express-resource-server/core'
import { createTestIssuer } from 'express-resource-server/testing'
import { createMemoryStore } from '../../src/stores/memory-store.js'
import type { Subscriber } from '../../src/stores/store.js'

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

it('accepts no token that was taken back, and refuses no other, whatever happens in whichever order', async () => {
  const issuer = await createTestIssuer({ algorithm: 'ES256' })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const store = createMemoryStore({ clock: issuer.options.clock })
      let heard: Subscriber | undefined
      /** Here it is taken back; the other hears of it, unless its messages are cut off. */
      const here = createRevocation({ store, clock: issuer.options.clock })
      let isCut = false
      const there = createRevocation({
        clock: issuer.options.clock,
        staleSeconds: STALE_SECONDS,
        store: {
          ...store,
          subscribe(channel, subscriber) {
            heard = subscriber
            const message = (text: string): void => {
              if (!isCut) subscriber.message(text)
            }
            return store.subscribe(channel, { ...subscriber, message })
          },
        },
      })
      await Promise.all([here.ready(), there.ready()])
      const servers = [here, there].map((revocation) => createResourceServer({ ...issuer.options, revocation }))
      const ids = { jti: 'a', sid: 'b', sub: 'c' }
      const exp = issuer.now() + 3600
      const token = await issuer.accessToken({ ...ids, exp })
      const issuedAt = issuer.now()
      let isTaken = false
      let isTakenThere = false
      let cutAt = 0
      for (const one of steps) {
        if (one.kind === 'advance') issuer.advance(one.seconds)
        else if (one.kind === 'lose') {
          if (!isCut) cutAt = issuer.now()
          isCut = true
          heard?.lost()
        } else if (one.kind === 'resume') {
          if (!isCut) continue
          isCut = false
          heard?.current()
        } else if ('name' in one) {
          const { name, kind } = one
          if (kind === 'jti') await here.revoke({ issuer: issuer.issuer, jti: name })
          if (kind === 'sid') await here.revokeSession({ issuer: issuer.issuer, sid: name })
          if (kind === 'sub') await here.revokeSubject({ issuer: issuer.issuer, subject: name })
          if (ids[kind] === name && (kind !== 'sub' || issuedAt < Math.ceil(issuer.options.clock() / 1000)))
            isTaken = true
        }
        await settled()
        if (!isCut) isTakenThere = isTaken
        const isStale = isCut && issuer.now() >= cutAt + STALE_SECONDS
        const expected = [
          isTaken ? 'token_revoked' : 'granted',
          isTakenThere ? 'token_revoked' : isStale ? 'revocation_unavailable' : 'granted',
        ]
        const seen = await Promise.all(
          servers.map((server) =>
            server.verifyToken(token).then(
              () => 'granted',
              (error: unknown) => (error as { code: string }).code,
            ),
          ),
        )
        expect(seen).toEqual(expected)
      }
      for (const one of [here, there]) one.close()
      for (const server of servers) server.close()
    }),
    { numRuns: 200 },
  )
})
