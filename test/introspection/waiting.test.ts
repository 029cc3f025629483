import { jest } from '@jest/globals'
import {
  activeAnswer,
  createIntrospectingApi,
  TOKEN,
  type IntrospectingApi,
  type Respond,
} from '../kit/introspecting-api.js'

const TIMEOUT_SECONDS = 5
const PLACES = 16
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] })
})
afterEach(() => {
  jest.useRealTimers()
})

const random = (i: number): string => `random-token-0123456789-${String(i)}`
const active: Respond = () => Response.json(activeAnswer())

/** An API whose endpoint takes so long about strangers' tokens. */
function createSlow(seconds: number): IntrospectingApi {
  const api = createIntrospectingApi({}, { keys: { timeoutSeconds: TIMEOUT_SECONDS } })
  api.answerWith(async (call, init) => {
    if (String(call.form.get('token')).startsWith(TOKEN)) return active(call, init)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    return Response.json({ active: false })
  })
  return api
}

async function pass(api: IntrospectingApi, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 10; i++) {
    await settle()
    jest.advanceTimersByTime(100)
    api.advance(0.1)
  }
  await settle()
}

function countOf(outcomes: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

describe('the wait for a place', () => {
  it('takes nothing of the time that a call has', async () => {
    const api = createSlow(4)
    const outcomes = Promise.all(Array.from({ length: 2 * PLACES }, (_, i) => api.verifyToken(random(i))))
    await pass(api, 9)
    expect(countOf(await outcomes)).toEqual({ token_inactive: 2 * PLACES })
  })

  it('ends by itself, and says nothing of the issuer', async () => {
    const api = createSlow(4)
    // Known, so that it has a place of its own.
    expect(await api.verifyToken(TOKEN)).toBe('accepted')
    const outcomes = Promise.all(Array.from({ length: 10 * PLACES }, (_, i) => api.verifyToken(random(i))))
    await pass(api, 5.5)
    // The issuer did not say a word in time about most of them, and is well.
    expect(await api.verifyToken(TOKEN)).toBe('accepted')
    await pass(api, 5)
    expect(countOf(await outcomes)).toEqual({ token_inactive: 2 * PLACES, introspection_unavailable: 8 * PLACES })
    expect(api.calls).toHaveLength(2 * PLACES + 2)
  })

  it('is none for a call that nobody answers in its time', async () => {
    const api = createSlow(6)
    const outcomes = Promise.all(Array.from({ length: 2 * PLACES }, (_, i) => api.verifyToken(random(i))))
    await pass(api, 11)
    expect(countOf(await outcomes)).toEqual({ introspection_unavailable: 2 * PLACES })
  })

  it('ends with close()', async () => {
    const api = createSlow(4)
    const outcomes = Promise.all(Array.from({ length: 2 * PLACES }, (_, i) => api.verifyToken(random(i))))
    await pass(api, 1)
    api.close()
    expect(countOf(await outcomes)).toEqual({ introspection_unavailable: 2 * PLACES })
    await pass(api, 1)
    expect(api.calls).toHaveLength(PLACES)
  })
})
