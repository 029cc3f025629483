import { findChromium, noChromium } from '../../examples/browser/stage/chromium.js'

describe('the tests in a browser', () => {
  it('run if there is a Chromium, and say so if there is none', () => {
    if (findChromium() !== undefined) return
    if (process.env['REQUIRE_SERVICES'] !== undefined) throw new Error(`${noChromium}. REQUIRE_SERVICES is set.`)
    process.stderr.write(`Skipped: the tests in test/browser. ${noChromium}.\n`)
  })
})
