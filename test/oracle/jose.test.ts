import fc from 'fast-check'
import { caseFor } from './arbitraries.js'
import { compareWithJose, prepare, ruleSetCount, Tally, type ProfileName } from './judges.js'

const tally = new Tally()

test.each<ProfileName>(['auto', 'rfc9068'])(
  'with the profile "%s" refuses whatever jose refuses, over 2,500 random tokens',
  async (profile) => {
    await fc.assert(
      fc.asyncProperty(caseFor(profile, ruleSetCount), async (example) => {
        expect(await compareWithJose(prepare(profile, example), tally)).toBeUndefined()
      }),
      { numRuns: 2500 },
    )
  },
  120_000,
)

test('at least 15 % of the tokens are accepted by both, 15 % refused by both, and 10 % refused by us alone', () => {
  expect(tally.share('we accept, jose accepts')).toBeGreaterThan(0.15)
  expect(tally.share('we refuse, jose refuses')).toBeGreaterThan(0.15)
  expect(tally.share('we refuse, jose accepts')).toBeGreaterThan(0.1)
  expect(tally.count('we accept, jose refuses')).toBe(0)
})
