import { createRefuse } from '../../../src/challenge/refuse.js'
import { parseChallenges } from '../../kit/challenges.js'
import { reasonFor, reasons, type ReasonCode } from '../../../src/reasons.js'

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

  describe('where DPoP proofs are taken (RFC 9449 7)', () => {
    const dpop = { algorithms: ['ES256', 'PS256'], required: false }
    const both = { ...plain, dpop }
    const alone = { ...plain, dpop: { ...dpop, required: true } }
    const bearer = 'Bearer realm="api"'
    const algs = 'algs="ES256 PS256"'
    const says = (code: ReasonCode): string =>
      `error="${reasonFor(code).error ?? ''}", error_description="${reasonFor(code).text}"`

    test.each<[what: string, code: ReasonCode, scheme: 'Bearer' | 'DPoP' | undefined, value: string]>([
      ['without credentials, nothing is told', 'missing_token', undefined, `${bearer}, DPoP realm="api", ${algs}`],
      [
        'of a Bearer token, Bearer tells',
        'token_expired',
        'Bearer',
        `${bearer}, ${says('token_expired')}, DPoP realm="api", ${algs}`,
      ],
      [
        'of a DPoP token, DPoP tells',
        'token_expired',
        'DPoP',
        `${bearer}, DPoP realm="api", ${says('token_expired')}, ${algs}`,
      ],
      [
        'of a proof, DPoP tells',
        'invalid_dpop_proof',
        'DPoP',
        `${bearer}, DPoP realm="api", ${says('invalid_dpop_proof')}, ${algs}`,
      ],
      [
        'of both schemes at once, both tell (RFC 9449 7.2)',
        'malformed_credentials',
        undefined,
        `${bearer}, ${says('malformed_credentials')}, DPoP realm="api", ${says('malformed_credentials')}, ${algs}`,
      ],
    ])('%s', (_what, code, scheme, value) => {
      const { headers } = createRefuse(both)({ code }, { scheme })
      expect(headers['WWW-Authenticate']).toBe(value)
      expect(parseChallenges(value).map((one) => one.scheme)).toEqual(['Bearer', 'DPoP'])
    })

    it('says what would do in the challenge that tells', () => {
      const { headers } = createRefuse(both)({ code: 'insufficient_scope' }, { scopes: ['a', 'b'], scheme: 'DPoP' })
      expect(headers['WWW-Authenticate']).toBe(
        `${bearer}, DPoP realm="api", ${says('insufficient_scope')}, scope="a b", ${algs}`,
      )
    })

    test.each(['Bearer', 'DPoP', undefined] as const)('asks for DPoP alone where it is required: %s', (scheme) => {
      const { headers } = createRefuse(alone)({ code: 'token_expired' }, { scheme })
      expect(headers['WWW-Authenticate']).toBe(`DPoP realm="api", ${says('token_expired')}, ${algs}`)
    })

    it('hands out a nonce, once and not to be stored', () => {
      expect(createRefuse(both)({ code: 'use_dpop_nonce' }, { scheme: 'DPoP', nonce: 'n' }).headers).toEqual({
        'WWW-Authenticate': `${bearer}, DPoP realm="api", ${says('use_dpop_nonce')}, ${algs}`,
        'Cache-Control': 'no-store',
        'DPoP-Nonce': 'n',
      })
    })

    test.each<ReasonCode>(['access_denied', 'not_found', 'too_many_failures'])('%s is not challenged', (code) => {
      expect(createRefuse(both)({ code }, { scheme: 'DPoP' }).headers).not.toHaveProperty('WWW-Authenticate')
    })
  })

  it('keeps the detail for the operator', () => {
    const error = createRefuse(plain)({ code: 'invalid_claims', detail: 'which claim' })
    expect(error.detail).toBe('which claim')
    expect(JSON.stringify(error)).not.toContain('which claim')
    expect(Object.values(error.headers).join()).not.toContain('which claim')
  })
})
