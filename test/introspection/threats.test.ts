import { activeAnswer, createIntrospectingApi, ENDPOINT, outcomeOf, SECRET, TOKEN } from '../kit/introspecting-api.js'
import { AUDIENCE, ISSUER, NOW } from '../kit/forged-api.js'

describe('an opaque token is what its issuer says', () => {
  test('one that is active and for this API gets in, with the facts of a JWT', async () => {
    const api = createIntrospectingApi()
    const answer = await api.get(TOKEN)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      scheme: 'Bearer',
      issuer: ISSUER,
      subject: 'user-1',
      clientId: 'client-1',
      audience: [AUDIENCE],
      scopes: ['orders:read'],
      roles: [],
      permissions: [],
      expiresAt: NOW + 300,
      issuedAt: NOW,
      claims: { ...activeAnswer(), active: undefined },
      header: {},
    })
    expect(api.calls).toHaveLength(1)
    const [call] = api.calls
    expect(call).toMatchObject({ url: ENDPOINT, method: 'POST', body: `token=${TOKEN}&token_type_hint=access_token` })
    expect(JSON.stringify(answer.headers)).not.toContain(SECRET)
  })

  const rows: readonly (readonly [name: string, answer: unknown, outcome: string])[] = [
    ['active false', { active: false }, '401 token_inactive'],
    ['active "true"', activeAnswer({ active: 'true' }), '401 token_inactive'],
    ['active 1', activeAnswer({ active: 1 }), '401 token_inactive'],
    ['active {}', activeAnswer({ active: {} }), '401 token_inactive'],
    ['active null', activeAnswer({ active: null }), '401 token_inactive'],
    ['active missing', activeAnswer({ active: undefined }), '401 token_inactive'],
    ['active [true]', activeAnswer({ active: [true] }), '401 token_inactive'],
    ['ACTIVE true', { ...activeAnswer({ active: undefined }), ACTIVE: true }, '401 token_inactive'],
    ['exp past', activeAnswer({ exp: NOW - 61, iat: NOW - 100 }), '401 token_expired'],
    ['exp missing', activeAnswer({ exp: undefined }), '401 invalid_claims'],
    ['exp a text', activeAnswer({ exp: String(NOW + 300) }), '401 invalid_claims'],
    ['exp null', activeAnswer({ exp: null }), '401 invalid_claims'],
    ['nbf future', activeAnswer({ nbf: NOW + 100 }), '401 token_not_yet_valid'],
    ['iat future', activeAnswer({ iat: NOW + 100 }), '401 token_not_yet_valid'],
    ['iss of another', activeAnswer({ iss: 'https://other.example' }), '401 unknown_issuer'],
    ['iss null', activeAnswer({ iss: null }), '401 unknown_issuer'],
    ['iss missing', activeAnswer({ iss: undefined }), '200'],
    ['aud missing', activeAnswer({ aud: undefined }), '401 invalid_claims'],
    ['aud of another', activeAnswer({ aud: 'https://other.example' }), '401 wrong_audience'],
    ['aud []', activeAnswer({ aud: [] }), '401 wrong_audience'],
    ['aud in a list', activeAnswer({ aud: ['x', AUDIENCE] }), '200'],
    ['token_type refresh_token', activeAnswer({ token_type: 'refresh_token' }), '401 refresh_token_presented'],
    ['token_type N_A', activeAnswer({ token_type: 'N_A' }), '401 wrong_token_type'],
    ['token_type DPoP with Bearer', activeAnswer({ token_type: 'DPoP' }), '401 key_bound_token'],
    ['token_type missing', activeAnswer({ token_type: undefined }), '200'],
    ['token_type bearer', activeAnswer({ token_type: 'bearer' }), '200'],
    ['token_use access_token, as Hydra says', activeAnswer({ token_use: 'access_token' }), '200'],
    ['token_use refresh_token, as Hydra says', activeAnswer({ token_use: 'refresh_token' }), '401 wrong_token_type'],
    ['typ Bearer, as Keycloak says', activeAnswer({ typ: 'Bearer', azp: 'client-1', username: 'ada' }), '200'],
    ['typ Refresh, as Keycloak says', activeAnswer({ typ: 'Refresh' }), '401 refresh_token_presented'],
    ['typ ID, as Keycloak says', activeAnswer({ typ: 'ID' }), '401 id_token_presented'],
    ['cnf with a key', activeAnswer({ cnf: { jkt: 'x'.repeat(43) } }), '401 key_bound_token'],
    ['cnf empty', activeAnswer({ cnf: {} }), '401 key_bound_token'],
    [
      'neither subject nor client',
      activeAnswer({ sub: undefined, client_id: undefined }),
      '401 unrecognised_token_type',
    ],
    ['a client alone', activeAnswer({ sub: undefined }), '200'],
    ['sub a number', activeAnswer({ sub: 1 }), '401 invalid_claims'],
    ['clients that differ', activeAnswer({ azp: 'other' }), '401 invalid_claims'],
    ['scope missing', activeAnswer({ scope: undefined }), '200'],
    ['scope an array', activeAnswer({ scope: ['orders:read'] }), '200'],
    ['scope a number', activeAnswer({ scope: 1 }), '401 invalid_claims'],
  ]
  test.each(rows)('%s', async (_name, answer, outcome) => {
    const api = createIntrospectingApi()
    api.answerWith(() => Response.json(answer))
    expect(outcomeOf(await api.get(TOKEN))).toBe(outcome)
    expect(api.handled()).toBe(outcome === '200' ? 1 : 0)
  })
})
