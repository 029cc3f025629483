import { NOW } from '../kit/forged-api.js'
import { activeAnswer, createIntrospectingApi, ENDPOINT, outcomeOf, SECRET, TOKEN } from '../kit/introspecting-api.js'

// RFC 7662, OAuth 2.0 Token Introspection: what a resource server must do, section by section.
describe('section 2.1, the request', () => {
  test('is a POST of a form, with the token in "token" and nowhere in the URL', async () => {
    const api = createIntrospectingApi()
    await api.get(TOKEN)
    const [call] = api.calls
    expect([call?.method, call?.url]).toEqual(['POST', ENDPOINT])
    expect(call?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(call?.form.getAll('token')).toEqual([TOKEN])
  })

  test('says which kind of token it is about', async () => {
    const api = createIntrospectingApi()
    await api.get(TOKEN)
    expect(api.calls[0]?.form.get('token_type_hint')).toBe('access_token')
  })

  test('is authenticated, and no answer of ours repeats by what', async () => {
    const api = createIntrospectingApi()
    const answer = await api.get(TOKEN)
    expect(api.calls[0]?.headers['authorization']).toMatch(/^Basic /)
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain(SECRET)
  })
})

describe('section 2.2, the response', () => {
  test('"active" is a boolean, and required', async () => {
    for (const active of ['true', 1, null, undefined, [true], {}]) {
      const api = createIntrospectingApi()
      api.answerWith(() => Response.json(activeAnswer({ active })))
      expect(outcomeOf(await api.get(TOKEN))).toBe('401 token_inactive')
    }
  })

  test.each([
    ['scope', '403 insufficient_scope', { scope: 'other' }],
    ['exp', '401 token_expired', { exp: NOW - 61, iat: NOW - 100 }],
    ['nbf', '401 token_not_yet_valid', { nbf: NOW + 60 }],
    ['aud', '401 wrong_audience', { aud: 'other' }],
    ['iss', '401 unknown_issuer', { iss: 'https://other.example' }],
    ['token_type', '401 wrong_token_type', { token_type: 'mac' }],
  ])('"%s" counts', async (_name, outcome, changes) => {
    const api = createIntrospectingApi()
    api.answerWith(() => Response.json(activeAnswer(changes)))
    expect(outcomeOf(await api.get(TOKEN, '/read'))).toBe(outcome)
  })

  test('members that nobody knows are for the application', async () => {
    const api = createIntrospectingApi()
    api.answerWith(() => Response.json(activeAnswer({ extension_field: 'twenty-seven', username: 'ada' })))
    expect((await api.get(TOKEN)).body).toMatchObject({ claims: { extension_field: 'twenty-seven', username: 'ada' } })
  })

  test('nothing is told of why a token is not active', async () => {
    const api = createIntrospectingApi()
    api.answerWith(() => Response.json({ active: false, reason: 'revoked by ada' }))
    const answer = await api.get(TOKEN)
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The access token is not active."',
    )
    expect(answer.text).not.toContain('ada')
  })
})

describe('section 2.3, errors', () => {
  test.each([401, 403])('%d is a matter of this API and not of its caller', async (status) => {
    const api = createIntrospectingApi()
    api.answerWith(() => new Response(null, { status }))
    const answer = await api.get(TOKEN)
    expect(outcomeOf(answer)).toBe('503 introspection_refused')
    expect(answer.headers['www-authenticate']).toBeUndefined()
  })
})

describe('section 4, security', () => {
  test('an answer serves no longer than to "exp"', async () => {
    const api = createIntrospectingApi({ cache: { seconds: 300 } })
    api.answerWith(() => Response.json(activeAnswer({ exp: NOW + 20 })))
    await api.get(TOKEN)
    api.advance(20)
    await api.get(TOKEN)
    expect(api.calls).toHaveLength(2)
  })

  test('the endpoint is https', () => {
    expect(() => createIntrospectingApi({ endpoint: 'http://issuer.example.com/introspect' })).toThrow(
      /http beyond this machine/,
    )
  })

  test('what one client was told serves no other', async () => {
    const [one, other] = ['one', 'other'].map((clientId) =>
      createIntrospectingApi({ clientId, cache: { seconds: 30 } }),
    )
    await one?.get(TOKEN)
    await other?.get(TOKEN)
    expect([one?.calls.length, other?.calls.length]).toEqual([1, 1])
  })
})
