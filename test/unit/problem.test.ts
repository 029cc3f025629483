import { writeProblem } from '../../src/problem.js'
import { reasons, type ReasonCode } from '../../src/reasons.js'

const codes = Object.keys(reasons) as ReasonCode[] // the keys of the table itself
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

describe('the body of a refusal', () => {
  test.each(codes.filter((code) => code !== 'issuer_unavailable'))('%s says the same as the table', (code) => {
    const { status, text, ...row } = { error: undefined, ...reasons[code] }
    expect(JSON.parse(writeProblem(code))).toEqual({
      type: 'about:blank',
      title: TITLES[status],
      status,
      detail: text,
      ...(row.error !== undefined && { error: row.error, error_description: text }),
      code,
    })
  })

  it('of something that is not available carries no OAuth error (RFC 9457 3)', () => {
    const problem: unknown = JSON.parse(writeProblem('issuer_unavailable'))
    expect(problem).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: reasons.issuer_unavailable.text,
      code: 'issuer_unavailable',
    })
    expect(problem).not.toHaveProperty('error')
  })
})
