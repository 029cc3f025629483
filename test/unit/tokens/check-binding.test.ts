import type { Failure } from '../../../src/errors.js'
import { binding } from '../../../src/tokens/checks/binding.js'
import type { Findings } from '../../../src/tokens/examination.js'
import { runCheck } from './run-check.js'

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

/** Runs the check, and says what it found beside its outcome. */
function judge(claims: Readonly<Record<string, unknown>>, dpop: object | undefined, mtls?: object) {
  const findings: Partial<Findings> = { decoded: { header: {}, claims } }
  const outcome = runCheck(binding, findings, { rules: { dpop, mtls } })
  const { boundTo, boundToCertificate } = findings
  return { outcome: outcome as Failure | undefined, boundTo, boundToCertificate }
}

describe('the check "binding"', () => {
  test.each([{}, undefined])('finds nothing in a token without "cnf", whoever takes proofs', (dpop) => {
    expect(judge({ jkt: JKT }, dpop)).toEqual({ outcome: undefined, boundTo: undefined })
  })

  test('refuses every "cnf" where nobody takes proofs, and says which options would', () => {
    const detail = 'there is a "cnf", and neither of the options "dpop" and "mtls" is set'
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
    ['a certificate of another form', { 'x5t#S256': `${JKT}=` }],
    ['one by SHA-1', { x5t: JKT.slice(0, 27) }],
    ['one in hexadecimal', { 'x5t#S256': 'a'.repeat(64) }],
    ['SHA-1 under the name of SHA-256', { 'x5t#S256': JKT.slice(0, 27) }],
    ['a key', { jwk: { kty: 'EC' } }],
    ['a name of a key beside jkt', { jkt: JKT, kid: 'a' }],
    ['something unknown beside jkt', { jkt: JKT, other: null }],
    ['something inherited', Object.create({ jkt: JKT }) as object],
  ])('refuses what it cannot read, although proofs are taken: %s', (_what, cnf) => {
    const { outcome, boundTo, boundToCertificate } = judge({ cnf }, {}, {})
    expect(outcome?.code).toBe('key_bound_token')
    expect(outcome?.detail).toBe(
      'its "cnf" is not the thumbprint of a key ("jkt"), that of a certificate ("x5t#S256") or both, and nothing else',
    )
    expect([boundTo, boundToCertificate]).toEqual([undefined, undefined])
  })

  test('RFC 8705 3.1: finds the thumbprint of a certificate, alone and beside that of a key', () => {
    const x5t = { 'x5t#S256': JKT }
    expect(judge({ cnf: x5t }, undefined, {})).toEqual({ boundToCertificate: JKT })
    expect(judge({ cnf: { ...x5t, jkt: JKT } }, {}, {})).toEqual({ boundTo: JKT, boundToCertificate: JKT })
  })

  test.each([
    ['x5t#S256', { 'x5t#S256': JKT }, {}, undefined, 'mtls'],
    ['x5t#S256', { jkt: JKT, 'x5t#S256': JKT }, {}, undefined, 'mtls'],
    ['jkt', { jkt: JKT }, undefined, {}, 'dpop'],
    ['jkt', { 'x5t#S256': JKT, jkt: JKT }, undefined, {}, 'dpop'],
  ])('names the option that is not set for "%s" in %j', (name, cnf, dpop, mtls, option) => {
    const { outcome, boundTo, boundToCertificate } = judge({ cnf }, dpop, mtls)
    expect(outcome).toEqual({
      code: 'key_bound_token',
      detail: `its "cnf" has "${name}", and the option "${option}" is not set`,
    })
    expect([boundTo, boundToCertificate]).toEqual([undefined, undefined])
  })
})
