import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { EventMessages } from 'express-resource-server'
import { createAuthentication } from '../../../src/decisions/authenticate.js'
import { createAuthorize } from '../../../src/decisions/authorize.js'
import type { Failure } from '../../../src/errors.js'
import { createTestIssuer } from '../../../src/testing/index.js'
import { createAuthenticator } from '../../../src/authenticator.js'
import { createContext } from '../../../src/policy/context.js'
import { createRefuse } from '../../../src/challenge/refuse.js'
import { readCredentials } from '../../../src/request/read-credentials.js'
import type { VerifiedToken } from '../../../src/tokens/verify-token.js'

const names = ['token.accepted', 'token.refused', 'access.granted', 'access.denied'] as const

/** A stopwatch that goes on by 2 seconds at each look, and says how often it was looked at. */
function createStopwatch() {
  let looks = 0
  return { stopwatch: () => 2 * ++looks, looks: () => looks }
}

/** Judges one token, and asks two policies about it, by a stopwatch. */
async function judge(stopwatch: () => number): Promise<void> {
  const issuer = await createTestIssuer()
  const real = createAuthenticator(issuer.options)
  const verified = await real.verifyToken(await issuer.accessToken())
  const refuse = createRefuse({ realm: 'api', resourceMetadata: undefined, dpop: undefined })
  const verdicts: (VerifiedToken | Failure)[] = [verified, { code: 'malformed_token' }]
  const verifier = { verify: () => verdicts.shift(), checkTimes: () => undefined }
  const judging = { verifier, read: readCredentials, refuseWith: refuse, stopwatch, prove: () => verified }
  // Of a verifier these two are all that is asked.
  const parts = judging as unknown as Parameters<typeof createAuthentication>[0]
  const authentication = createAuthentication(parts)
  const request = { headers: { authorization: 'Bearer a.b.c' } }
  await authentication.authenticate(request)
  expect(() => authentication.authenticate(request)).toThrow('well-formed')
  const common = { clockToleranceSeconds: 0, callbackTimeoutSeconds: 1, scopeHierarchy: undefined }
  const authorize = createAuthorize(parts, (one) => createContext(() => 0, common, one))
  await authorize(verified, () => true, request)
  await authorize(verified, () => false, request)
  real.close()
}

describe('how long a decision took', () => {
  it('is told in seconds of a clock that never goes back, to those who listen', async () => {
    const heard: unknown[] = []
    const hear = (message: unknown): void => {
      heard.push((message as EventMessages['token.accepted']).durationSeconds)
    }
    for (const name of names) subscribe(`express-resource-server:${name}`, hear)
    const { stopwatch } = createStopwatch()
    await judge(stopwatch)
    for (const name of names) unsubscribe(`express-resource-server:${name}`, hear)
    expect(heard.slice(-4)).toEqual([2, 2, 2, 2])
  })

  it('is measured for nobody who does not listen', async () => {
    const { stopwatch, looks } = createStopwatch()
    await judge(stopwatch)
    expect(looks()).toBe(0)
  })
})
