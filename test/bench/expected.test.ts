import { readFileSync } from 'node:fs'
import { caseGroups } from '../../bench/cases/index.js'
import { builds } from '../../bench/results.js'
import type { Expected } from '../../bench/expected/figures.js'

const expected = JSON.parse(readFileSync(new URL('../../bench/expected.json', import.meta.url), 'utf8')) as Expected

describe('bench/expected.json', () => {
  test('is of the oldest Node that is supported', () => {
    expect(expected.node).toBe(20)
  })

  test('has cases of every group', () => {
    const ids = Object.keys(expected.cases)
    expect(caseGroups.map(({ id }) => id).filter((id) => !ids.some((one) => one.startsWith(id)))).toEqual([])
  })

  test.each(Object.entries(expected.cases))('has figures of both builds: %s', (_id, figures) => {
    expect(Object.keys(figures)).toEqual([...builds])
    for (const one of Object.values(figures)) {
      expect(Object.keys(one)).toEqual(['bytes', 'promises', 'calls', 'functions', 'files'])
      for (const figure of Object.values(one)) expect(figure).toBeGreaterThanOrEqual(0)
    }
  })
})
