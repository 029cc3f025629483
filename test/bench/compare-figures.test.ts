import { compareFigures } from '../../bench/expected/compare-figures.js'
import { describeComparison } from '../../bench/expected/describe-comparison.js'
import { figuresOf, type CaseFigures, type Figures } from '../../bench/expected/figures.js'

const before: Figures = { bytes: 1000, promises: 0, calls: 20, functions: 10, files: 5 }

const of = (figures: Figures): CaseFigures => ({ 'a new token': { commonjs: figures } })

describe('figures beside those that are written down', () => {
  test.each([
    ['the same', {}, [], []],
    ['a tenth more', { bytes: 1100 }, [], []],
    ['a tenth less', { bytes: 910 }, [], []],
    ['more than a tenth more', { bytes: 1101 }, ['bytes'], []],
    ['more than a tenth less', { bytes: 909 }, [], ['bytes']],
    ['one where there was none', { promises: 1 }, ['promises'], []],
    ['some of each', { calls: 30, functions: 12, files: 4 }, ['calls', 'functions'], ['files']],
    ['none at all', { calls: NaN }, ['calls'], []],
  ])('%s', (_name, changes, grown, shrunk) => {
    const found = compareFigures(of(before), of({ ...before, ...changes }))
    expect(found.grown.map(({ figure }) => figure)).toEqual(grown)
    expect(found.shrunk.map(({ figure }) => figure)).toEqual(shrunk)
    expect(found.gone).toEqual([])
  })

  test('a case that is not written down has grown from nothing', () => {
    const { grown, shrunk, gone } = compareFigures({}, of(before))
    expect(grown.map(({ figure, expected, found }) => [figure, expected, found])).toEqual([
      ['bytes', undefined, 1000],
      ['promises', undefined, 0],
      ['calls', undefined, 20],
      ['functions', undefined, 10],
      ['files', undefined, 5],
    ])
    expect([shrunk, gone]).toEqual([[], []])
  })

  test('a case that is not counted any more is gone', () => {
    const { grown, gone } = compareFigures(of(before), {})
    expect(grown).toEqual([])
    expect(gone.map(({ figure }) => figure)).toEqual(['bytes', 'promises', 'calls', 'functions', 'files'])
  })
})

describe('what is said of a comparison', () => {
  test('names the case, both figures and how to accept the new one', () => {
    expect(describeComparison(compareFigures(of(before), of({ ...before, bytes: 1500, files: 3 })))).toBe(
      [
        'These grew by more than a tenth, or are new:',
        '  a new token, commonjs: bytes 1000 -> 1500',
        'These shrank by more than a tenth:',
        '  a new token, commonjs: files 5 -> 3',
        'Make it cheaper; or, where it is worth it, write it down with `npm run bench -- --accept` and say why in the commit.',
      ].join('\n'),
    )
  })

  test('asks to keep what is better', () => {
    expect(describeComparison(compareFigures(of(before), of({ ...before, bytes: 500 })))).toBe(
      [
        'These shrank by more than a tenth:',
        '  a new token, commonjs: bytes 1000 -> 500',
        'Nothing grew. `npm run bench -- --accept` writes down what is better, so that it stays.',
      ].join('\n'),
    )
  })

  test('is one line where nothing changed', () => {
    expect(describeComparison(compareFigures(of(before), of(before)))).toBe('Nothing grew by more than a tenth.')
  })
})

describe('figures that are held', () => {
  const counted = { case: 'a new token', heap: 900.4, buffers: 99.2, promises: -0.01 }

  test('are whole, of our builds, and bytes include buffers', () => {
    const ours = { ...counted, contender: 'commonjs', calls: 19.98, functions: 10, files: 5 }
    expect(figuresOf([ours, { ...counted, contender: 'jose' }])).toEqual(of(before))
  })
})
