import { checkedClock, type Clock } from '../../../src/lib/clock.js'

describe('a clock of somebody else', () => {
  it.each([0, -1, 1_800_000_000_000.5])('tells %p', (now) => {
    expect(checkedClock(() => now)()).toBe(now)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, null, '1', new Date(0), Promise.resolve(0)])(
    'that tells %p is an error',
    (now) => {
      expect(checkedClock((() => now) as unknown as Clock)).toThrow('The option "clock"')
    },
  )

  it('leaves no rejection alone', async () => {
    const clock = checkedClock((() => Promise.reject(new Error('nobody'))) as unknown as Clock)
    expect(clock).toThrow(TypeError)
    await new Promise(setImmediate)
  })
})
