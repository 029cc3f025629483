import { createRefuse } from '../../../src/challenge/refuse.js'
import { reasons, type ReasonCode } from '../../../src/reasons.js'

const plain = { realm: 'api', resourceMetadata: undefined }

describe('a refusal', () => {
  test.each<[code: ReasonCode, headers: object]>([
    ['missing_token', { 'WWW-Authenticate': 'Bearer realm="api"', 'Cache-Control': 'no-store' }],
    [
      'malformed_credentials',
      {
        'WWW-Authenticate': `Bearer realm="api", error="invalid_request", error_description="${reasons.malformed_credentials.text}"`,
      },
    ],
    [
      'token_expired',
      {
        'WWW-Authenticate': `Bearer realm="api", error="invalid_token", error_description="${reasons.token_expired.text}"`,
        'Cache-Control': 'no-store',
      },
    ],
    [
      'insufficient_scope',
      {
        'WWW-Authenticate': `Bearer realm="api", error="insufficient_scope", error_description="${reasons.insufficient_scope.text}"`,
        'Cache-Control': 'no-store',
      },
    ],
    ['access_denied', { 'Cache-Control': 'no-store' }],
    ['too_many_failures', {}],
  ])('%s has the headers of RFC 6750 3 and RFC 9110 15.5.2', (code, headers) => {
    const error = createRefuse(plain)({ code })
    expect(error.headers).toEqual(headers)
    expect(error).toMatchObject({ name: 'AuthError', code, status: reasons[code].status, message: reasons[code].text })
  })

  it('says in its challenge what would do, in this order, and where the metadata is (RFC 6750 3, RFC 9470 3, RFC 9728 5.1)', () => {
    const settings = { realm: 'the "orders"', resourceMetadata: 'https://api.example.com/.well-known/x' }
    const remedy = { scopes: ['orders:read', 'orders:write'], acrValues: ['a', 'b'], maxAgeSeconds: 0 }
    const { headers } = createRefuse(settings)({ code: 'insufficient_user_authentication' }, remedy)
    expect(headers['WWW-Authenticate']).toBe(
      `Bearer realm="the \\"orders\\"", error="insufficient_user_authentication", error_description="${reasons.insufficient_user_authentication.text}", scope="orders:read orders:write", acr_values="a b", max_age="0", resource_metadata="https://api.example.com/.well-known/x"`,
    )
  })

  it('keeps the detail for the operator', () => {
    const error = createRefuse(plain)({ code: 'invalid_claims', detail: 'which claim' })
    expect(error.detail).toBe('which claim')
    expect(JSON.stringify(error)).not.toContain('which claim')
    expect(Object.values(error.headers).join()).not.toContain('which claim')
  })
})
