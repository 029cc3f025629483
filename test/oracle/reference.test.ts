import fc from 'fast-check'
import { caseFor } from './arbitraries.js'
import { compareWithReference, prepare, ruleSetCount, Tally, type ProfileName } from './judges.js'

const tally = new Tally()

test.each<ProfileName>(['auto', 'rfc9068'])(
  'profile "%s" accepts and refuses exactly what the reference validator does, over 5,000 random tokens',
  async (profile) => {
    await fc.assert(
      fc.asyncProperty(caseFor(profile, ruleSetCount), async (example) => {
        expect(await compareWithReference(prepare(profile, example), tally)).toBeUndefined()
      }),
      { numRuns: 5000 },
    )
  },
  120_000,
)

test('the random tokens are neither all good nor all bad: between 15 % and 60 % of them are accepted', () => {
  expect(tally.share('nothing speaks against it')).toBeGreaterThan(0.15)
  expect(tally.share('nothing speaks against it')).toBeLessThan(0.6)
})
