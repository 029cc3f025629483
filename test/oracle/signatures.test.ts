import fc from 'fast-check'
import { algorithmNames } from '../../src/issuers/algorithms.js'
import { Tally } from './judges.js'
import { bends, compareSignature } from './signatures.js'

const tally = new Tally()

test('a signature verifies exactly where it does for jose, over 6,000 good, foreign and bent ones', async () => {
  await fc.assert(
    fc.asyncProperty(bends, async (bend) => {
      expect(await compareSignature(bend, tally)).toBeUndefined()
    }),
    { numRuns: 6000 },
  )
}, 120_000)

test('every algorithm had its turn, and there were enough of either verdict', () => {
  for (const algorithm of algorithmNames) expect(tally.count(`of which ${algorithm}`)).toBeGreaterThan(50)
  expect(tally.count('verified by us, verified by jose')).toBeGreaterThan(300)
  expect(tally.count('not verified by us, not verified by jose')).toBeGreaterThan(3000)
})
