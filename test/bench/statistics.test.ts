import { spreadOf } from '../../bench/statistics.js'

describe('a spread', () => {
  test.each([
    ['one value', [3], { median: 3, p10: 3, p90: 3 }],
    ['an even number of them', [4, 1, 3, 2], { median: 2.5, p10: 1.3, p90: 3.7 }],
    ['an odd number, in any order', [11, 1, 6, 3, 9], { median: 6, p10: 1.8, p90: 10.2 }],
    ['what could not be measured, left out', [NaN, 2, Infinity, 4], { median: 3, p10: 2.2, p90: 3.8 }],
  ])('of %s', (_name, values, expected) => {
    const { median, p10, p90 } = spreadOf(values)
    expect(median).toBeCloseTo(expected.median)
    expect(p10).toBeCloseTo(expected.p10)
    expect(p90).toBeCloseTo(expected.p90)
  })

  test('of nothing is no number', () => {
    expect(spreadOf([])).toEqual({ median: NaN, p10: NaN, p90: NaN })
  })
})
