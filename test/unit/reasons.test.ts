import { reasonFor, reasons, type ReasonCode } from '../../src/reasons.js'

const codes = Object.keys(reasons) as ReasonCode[]

describe('every reason', () => {
  test.each(codes)('%s has a text that error_description may carry (RFC 6750 section 3)', (code) => {
    expect(reasonFor(code).text).toMatch(/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/)
  })

  test.each(codes)('%s says where its rule stands and what to do', (code) => {
    expect(reasonFor(code).spec).toMatch(/^RFC \d{4} /)
    expect(reasonFor(code).hint).toMatch(/\.$/)
  })
})
