import type { Failure } from '../../../src/errors.js'
import { binding } from '../../../src/tokens/checks/binding.js'
import type { Findings } from '../../../src/tokens/examination.js'
import { runCheck } from './run-check.js'

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

/** Runs the check, and says what it found beside its outcome. */
function judge(claims: Readonly<Record<string, unknown>>, dpop: object | undefined) {
  const findings: Partial<Findings> = { decoded: { header: {}, claims } }
  const outcome = runCheck(binding, findings, { rules: { dpop } })
  return { outcome: outcome as Failure | undefined, boundTo: findings.boundTo }
}

describe('the check "binding"', () => {
  test.each([{}, undefined])('finds nothing in a token without "cnf", whoever takes proofs', (dpop) => {
    expect(judge({ jkt: JKT }, dpop)).toEqual({ outcome: undefined, boundTo: undefined })
  })

  test('refuses every "cnf" where nobody takes proofs, and says which option would', () => {
    const detail = 'there is a "cnf", and the option "dpop" is not set'
    expect(judge({ cnf: { jkt: JKT } }, undefined)).toEqual({ outcome: { code: 'key_bound_token', detail } })
  })

  test('RFC 9449 6.1: finds the thumbprint in "cnf.jkt" where proofs are taken', () => {
    expect(judge({ cnf: { jkt: JKT } }, {})).toEqual({ outcome: undefined, boundTo: JKT })
  })

  test.each([
    ['null', null],
    ['a text', JKT],
    ['an array', [JKT]],
    ['empty', {}],
    ['a number as jkt', { jkt: 1 }],
    ['an empty jkt', { jkt: '' }],
    ['a jkt with padding', { jkt: `${JKT}=` }],
    ['a jkt that is cut', { jkt: JKT.slice(1) }],
    ['a jkt with stray bits at its end', { jkt: `${JKT.slice(0, -1)}J` }],
    ['a jkt in base64', { jkt: JKT.replace('-', '+') }],
    ['a certificate', { 'x5t#S256': JKT }],
    ['a certificate beside jkt', { jkt: JKT, 'x5t#S256': JKT }],
    ['a key', { jwk: { kty: 'EC' } }],
    ['a name of a key beside jkt', { jkt: JKT, kid: 'a' }],
    ['something unknown beside jkt', { jkt: JKT, other: null }],
    ['something inherited', Object.create({ jkt: JKT }) as object],
  ])('refuses what it cannot read, although proofs are taken: %s', (_what, cnf) => {
    const { outcome, boundTo } = judge({ cnf }, {})
    expect(outcome?.code).toBe('key_bound_token')
    expect(outcome?.detail).toBe('its "cnf" is not one "jkt", the thumbprint of a key, and nothing else')
    expect(boundTo).toBeUndefined()
  })
})
