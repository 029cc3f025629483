import { randomBytes } from 'node:crypto'
import { AUDIENCE, NOW, tokenOf } from '../kit/forged-api.js'
import { activeAnswer, createIntrospectingApi, outcomeOf, TOKEN } from '../kit/introspecting-api.js'

const settle = () => new Promise((resolve) => setImmediate(resolve))
const inactive = () => Response.json({ active: false })
const active = () => Response.json(activeAnswer())

describe('by default nothing is remembered', () => {
  test('each request asks, and what is taken back is out with the next one', async () => {
    const api = createIntrospectingApi()
    for (let i = 0; i < 3; i++) expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    api.answerWith(inactive)
    expect(outcomeOf(await api.get(TOKEN))).toBe('401 token_inactive')
    api.answerWith(active)
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    expect(api.calls).toHaveLength(5)
  })
})

describe('with a cache', () => {
  const cache = { seconds: 30, negativeSeconds: 5 }

  test('an answer serves for its seconds and no longer', async () => {
    const api = createIntrospectingApi({ cache })
    for (let i = 0; i < 5; i++) expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    expect(api.calls).toHaveLength(1)
    api.answerWith(inactive)
    api.advance(29)
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    api.advance(1)
    expect(outcomeOf(await api.get(TOKEN))).toBe('401 token_inactive')
    expect(api.calls).toHaveLength(2)
  })

  test.each(['an opaque token', 'a JWT'])('its seconds begin when the issuer is asked about %s', async (kind) => {
    const api = createIntrospectingApi({ cache, tokens: 'all' })
    const token = kind === 'a JWT' ? tokenOf(api.key, 'ES256') : TOKEN
    api.answerWith(() => {
      api.advance(4)
      return active()
    })
    // A JWT is remembered from its second request on.
    if (kind === 'a JWT') expect(outcomeOf(await api.get(token))).toBe('200')
    expect(outcomeOf(await api.get(token))).toBe('200')
    api.answerWith(inactive)
    api.advance(25)
    expect(outcomeOf(await api.get(token))).toBe('200')
    api.advance(1)
    expect(outcomeOf(await api.get(token))).toBe('401 token_inactive')
  })

  test.each(['an opaque token', 'a JWT'])(
    'an answer about %s that took longer than they last serves who waits for it',
    async (kind) => {
      const api = createIntrospectingApi({ cache: { seconds: 2 }, tokens: 'all' })
      const token = kind === 'a JWT' ? tokenOf(api.key, 'ES256') : TOKEN
      api.answerWith(() => {
        api.advance(4)
        return active()
      })
      for (let i = 0; i < 3; i++) expect(outcomeOf(await api.get(token))).toBe('200')
      api.answerWith(inactive)
      expect(outcomeOf(await api.get(token))).toBe('401 token_inactive')
    },
  )

  test('and never past "exp", whatever clocks are forgiven', async () => {
    const api = createIntrospectingApi({ cache })
    api.answerWith(() => Response.json(activeAnswer({ exp: NOW + 10 })))
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    api.answerWith(inactive)
    api.advance(9)
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    api.advance(1)
    expect(outcomeOf(await api.get(TOKEN))).toBe('401 token_inactive')
  })

  test('what is not active is asked again after its few seconds', async () => {
    const api = createIntrospectingApi({ cache })
    api.answerWith(inactive)
    for (let i = 0; i < 3; i++) expect(outcomeOf(await api.get(TOKEN))).toBe('401 token_inactive')
    expect(api.calls).toHaveLength(1)
    api.answerWith(active)
    api.advance(5)
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
  })

  test('negativeSeconds: 0 remembers no such', async () => {
    const api = createIntrospectingApi({ cache: { ...cache, negativeSeconds: 0 } })
    api.answerWith(inactive)
    await api.get(TOKEN)
    await api.get(TOKEN)
    expect(api.calls).toHaveLength(2)
  })

  test('each route still asks for its scope', async () => {
    const api = createIntrospectingApi({ cache })
    expect(outcomeOf(await api.get(TOKEN, '/read'))).toBe('200')
    expect(outcomeOf(await api.get(TOKEN, '/rw'))).toBe('403 insufficient_scope')
    expect(api.calls).toHaveLength(1)
  })

  test('what fails a check is not remembered as good', async () => {
    const api = createIntrospectingApi({ cache })
    api.answerWith(() => Response.json(activeAnswer({ aud: 'https://other.example' })))
    expect(outcomeOf(await api.get(TOKEN))).toBe('401 wrong_audience')
    api.answerWith(() => Response.json(activeAnswer({ aud: AUDIENCE })))
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
  })

  test('two tokens never share an answer, and neither do two servers', async () => {
    const api = createIntrospectingApi({ cache })
    api.answerWith(({ form }) => Response.json(activeAnswer({ sub: form.get('token') })))
    const tokens = [TOKEN, `${TOKEN}0`, `0${TOKEN}`, TOKEN.toUpperCase()]
    for (const token of [...tokens, ...tokens]) expect((await api.get(token)).body).toMatchObject({ subject: token })
    expect(api.calls).toHaveLength(tokens.length)
    const other = createIntrospectingApi({ cache, clientId: 'another' })
    other.answerWith(inactive)
    expect(outcomeOf(await other.get(TOKEN))).toBe('401 token_inactive')
  })

  test('claims that a handler holds are frozen for whoever comes next', async () => {
    const api = createIntrospectingApi({ cache })
    const [one, other] = [await api.get(TOKEN), await api.get(TOKEN)]
    expect(other.body).toEqual(one.body)
  })

  test.each([
    ['seconds', { seconds: 301 }, /from 1 to 300/],
    ['no seconds', { seconds: 0 }, /from 1 to 300/],
    ['negativeSeconds', { seconds: 30, negativeSeconds: 6 }, /from 0 to 5/],
    ['maxEntries', { seconds: 30, maxEntries: 0 }, /whole number of entries/],
  ])('its bounds are held: %s', (_name, own, message) => {
    expect(() => createIntrospectingApi({ cache: own })).toThrow(message)
  })
})

describe('however many ask', () => {
  test('1,000 requests at once with one token are one call', async () => {
    const api = createIntrospectingApi()
    const answers = await Promise.all(Array.from({ length: 1000 }, () => api.verifyToken(TOKEN)))
    expect(new Set(answers)).toEqual(new Set(['accepted']))
    expect(api.calls).toHaveLength(1)
  })

  test.each([
    ['nothing', undefined],
    ['answers', { seconds: 30, negativeSeconds: 5 }],
  ])("a call that began more than a second ago is nobody else's, where %s is remembered", async (_name, cache) => {
    const api = createIntrospectingApi({ cache })
    const held: (() => void)[] = []
    let isRevoked = false
    api.answerWith(async () => {
      const answer = isRevoked ? inactive() : active()
      await new Promise<void>((resolve) => held.push(resolve))
      return answer
    })
    const first = api.verifyToken(TOKEN)
    await settle()
    api.advance(0.999)
    const joined = api.verifyToken(TOKEN)
    await settle()
    expect(api.calls).toHaveLength(1)
    isRevoked = true
    api.advance(0.001)
    const [later, last] = [api.verifyToken(TOKEN), api.verifyToken(TOKEN)]
    await settle()
    expect(api.calls).toHaveLength(2)
    for (const release of held) release()
    expect(await Promise.all([first, joined, later, last])).toEqual([
      'accepted',
      'accepted',
      'token_inactive',
      'token_inactive',
    ])
  })

  test('the end of an earlier call does not part those of a later one', async () => {
    const api = createIntrospectingApi()
    const held: (() => void)[] = []
    api.answerWith(async () => {
      await new Promise<void>((resolve) => held.push(resolve))
      return active()
    })
    const first = api.verifyToken(TOKEN)
    await settle()
    api.advance(1)
    const second = api.verifyToken(TOKEN)
    await settle()
    held[0]?.()
    await first
    const third = api.verifyToken(TOKEN)
    await settle()
    expect(api.calls).toHaveLength(2)
    held[1]?.()
    expect(await Promise.all([second, third])).toEqual(['accepted', 'accepted'])
  })

  test('and a failure is shared, and then forgotten', async () => {
    const api = createIntrospectingApi()
    api.answerWith(() => new Response(null, { status: 500 }))
    const answers = await Promise.all(Array.from({ length: 100 }, () => api.verifyToken(TOKEN)))
    expect(new Set(answers)).toEqual(new Set(['introspection_unavailable']))
    expect(api.calls).toHaveLength(1)
    api.answerWith(active)
    expect(await api.verifyToken(TOKEN)).toBe('accepted')
  })

  test('10,000 random tokens at once are at most 16 calls at a time and 1,016 in all, and good tokens never wait for them', async () => {
    const api = createIntrospectingApi({ cache: { seconds: 30, negativeSeconds: 5 } })
    const remembered = 'remembered-token-0123456789'
    const known = Array.from({ length: 20 }, (_, i) => `known-token-0123456789-${String(i)}`)
    for (const token of [remembered, ...known]) expect(await api.verifyToken(token)).toBe('accepted')
    // The known ones are to be asked about again; the one is not.
    api.advance(30)
    expect(await api.verifyToken(remembered)).toBe('accepted')
    const before = api.calls.length
    let [atOnce, most] = [0, 0]
    const held: (() => void)[] = []
    api.answerWith(async ({ form }) => {
      if (known.includes(form.get('token') ?? '')) return active()
      most = Math.max(most, ++atOnce)
      await new Promise<void>((resolve) => held.push(resolve))
      atOnce--
      return inactive()
    })
    const flood = Array.from({ length: 10_000 }, () => api.verifyToken(randomBytes(24).toString('base64url')))
    await settle()
    // While all of them wait:
    expect(await api.verifyToken(remembered)).toBe('accepted')
    expect(await Promise.all(known.map((token) => api.verifyToken(token)))).toEqual(known.map(() => 'accepted'))
    expect([most, api.calls.length - before]).toEqual([16, 16 + known.length])
    const state = { isDone: false }
    const ended = Promise.all(flood).finally(() => (state.isDone = true))
    while (!state.isDone) {
      for (const release of held.splice(0)) release()
      await settle()
    }
    const counts = new Map<string, number>()
    for (const one of await ended) counts.set(one, (counts.get(one) ?? 0) + 1)
    expect(Object.fromEntries(counts)).toEqual({ token_inactive: 1016, introspection_unavailable: 8984 })
    expect(most).toBe(16)
    // And none of them pushed a good one out.
    const after = api.calls.length
    expect(await api.verifyToken(remembered)).toBe('accepted')
    expect(api.calls).toHaveLength(after)
  })
})
