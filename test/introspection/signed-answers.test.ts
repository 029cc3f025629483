import { createKey, forgeToken, type ForgeKey } from '../kit/forge.js'
import { ISSUER, NOW } from '../kit/forged-api.js'
import { activeAnswer, createIntrospectingApi, outcomeOf, TOKEN } from '../kit/introspecting-api.js'

const MEDIA_TYPE = 'application/token-introspection+jwt'
type Members = Readonly<Record<string, unknown>>

/** A signed answer (RFC 9701 section 5), with changes. */
function signedAnswer(key: ForgeKey, claims: Members = {}, header: Members = {}): string {
  return forgeToken(
    { alg: 'ES256', kid: key.kid, typ: 'token-introspection+jwt', ...header },
    { iss: ISSUER, aud: 'orders-api', iat: NOW, token_introspection: activeAnswer(), ...claims },
    key.sign,
  )
}

const respondWith =
  (jwt: string, contentType = MEDIA_TYPE) =>
  () =>
    new Response(jwt, { headers: { 'content-type': contentType } })

describe('an answer that its issuer signed', () => {
  test('is asked for and demanded by "signedResponse"', async () => {
    const api = createIntrospectingApi({ signedResponse: 'required' })
    expect(outcomeOf(await api.get(TOKEN))).toBe('503 introspection_unavailable')
    api.answerWith(respondWith(signedAnswer(api.key)))
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    expect(api.calls.map(({ headers }) => headers['accept'])).toEqual([MEDIA_TYPE, MEDIA_TYPE])
  })

  test('is checked where nobody asked for it, and JSON is taken too', async () => {
    const api = createIntrospectingApi()
    api.answerWith(respondWith(signedAnswer(api.key)))
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    api.answerWith(respondWith(signedAnswer(api.key, { iss: 'https://other.example' })))
    expect(outcomeOf(await api.get(TOKEN))).toBe('503 introspection_unavailable')
    api.answerWith(() => Response.json(activeAnswer()))
    expect(outcomeOf(await api.get(TOKEN))).toBe('200')
    expect(api.calls[0]?.headers['accept']).toBe('application/json')
  })

  const stranger = createKey('P-256')
  const rows: readonly (readonly [name: string, make: (key: ForgeKey) => string, outcome: string])[] = [
    ['as it should be', (key) => signedAnswer(key), '200'],
    ['with the whole media type as "typ"', (key) => signedAnswer(key, {}, { typ: MEDIA_TYPE }), '200'],
    ['for several audiences', (key) => signedAnswer(key, { aud: ['x', 'orders-api'] }), '200'],
    [
      'that says not active',
      (key) => signedAnswer(key, { token_introspection: { active: false } }),
      '401 token_inactive',
    ],
    ['that says "true"', (key) => signedAnswer(key, { token_introspection: { active: 'true' } }), '401 token_inactive'],
    ['for another client', (key) => signedAnswer(key, { aud: 'another' }), '503 introspection_unavailable'],
    ['for nobody', (key) => signedAnswer(key, { aud: undefined }), '503 introspection_unavailable'],
    [
      'of another issuer',
      (key) => signedAnswer(key, { iss: 'https://other.example' }),
      '503 introspection_unavailable',
    ],
    ['of no type', (key) => signedAnswer(key, {}, { typ: undefined }), '503 introspection_unavailable'],
    [
      'of the type of an access token',
      (key) => signedAnswer(key, {}, { typ: 'at+jwt' }),
      '503 introspection_unavailable',
    ],
    ['of the type of a JWT', (key) => signedAnswer(key, {}, { typ: 'JWT' }), '503 introspection_unavailable'],
    ['from an hour ago', (key) => signedAnswer(key, { iat: NOW - 3600 }), '503 introspection_unavailable'],
    ['from the future', (key) => signedAnswer(key, { iat: NOW + 3600 }), '503 introspection_unavailable'],
    ['of no time', (key) => signedAnswer(key, { iat: undefined }), '503 introspection_unavailable'],
    [
      'without an answer',
      (key) => signedAnswer(key, { token_introspection: undefined }),
      '503 introspection_unavailable',
    ],
    [
      'with the answer beside',
      (key) => signedAnswer(key, { ...activeAnswer(), token_introspection: undefined }),
      '503 introspection_unavailable',
    ],
    [
      'with alg none',
      () =>
        forgeToken(
          { alg: 'none', typ: 'token-introspection+jwt' },
          { iss: ISSUER, aud: 'orders-api', iat: NOW, token_introspection: activeAnswer() },
          () => Buffer.alloc(8),
        ),
      '503 introspection_unavailable',
    ],
    ['with a key of its own', (key) => signedAnswer(key, {}, { jwk: stranger.jwk }), '503 introspection_unavailable'],
    ['with "crit"', (key) => signedAnswer(key, {}, { crit: ['x'], x: 1 }), '503 introspection_unavailable'],
    ['by a stranger', () => signedAnswer(stranger), '503 introspection_unavailable'],
    [
      'by a stranger in the name of the key',
      (key) => signedAnswer({ ...stranger, kid: key.kid }),
      '503 introspection_unavailable',
    ],
    ['that is encrypted', () => 'aaaa.bbbb.cccc.dddd.eeee', '503 introspection_unavailable'],
    ['that is nonsense', () => 'nonsense', '503 introspection_unavailable'],
    ['that is empty', () => '', '503 introspection_unavailable'],
  ]
  test.each(rows)('%s', async (_name, make, outcome) => {
    const api = createIntrospectingApi({ signedResponse: 'required' })
    api.answerWith(respondWith(make(api.key)))
    const answer = await api.get(TOKEN)
    expect(outcomeOf(answer)).toBe(outcome)
    if (outcome.startsWith('503')) expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(api.handled()).toBe(outcome === '200' ? 1 : 0)
  })

  test('under the name of JSON it is no JSON', async () => {
    const api = createIntrospectingApi()
    api.answerWith(respondWith(signedAnswer(api.key), 'application/json'))
    expect(outcomeOf(await api.get(TOKEN))).toBe('503 introspection_unavailable')
  })

  test('is never taken as an access token', async () => {
    const api = createIntrospectingApi()
    expect(outcomeOf(await api.get(signedAnswer(api.key, { ...activeAnswer({ active: undefined }) })))).toBe(
      '401 wrong_token_type',
    )
    expect(api.calls).toHaveLength(0)
  })
})
