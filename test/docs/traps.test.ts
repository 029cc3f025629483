import { existsSync } from 'node:fs'
import { reasonFor, type ReasonCode } from '../../src/reasons.js'
import { warnings } from '../../src/warnings.js'
import { plain, readDocument, readRows } from './snippets.js'

const rows = readRows(readDocument('docs/traps.md'))

describe('docs/traps.md', () => {
  it('has a row for each of the 36 traps, none without an answer', () => {
    expect(rows).toHaveLength(36)
    for (const [trap, tells] of rows) expect([trap, tells?.length]).not.toEqual([trap, 0])
  })

  it.each(rows.map((row) => [row[0] ?? '', row] as const))('says what is there: %s', (_trap, [, tells = '', test]) => {
    expect(existsSync(new URL(`../../${plain(test)}`, import.meta.url))).toBe(true)
    for (const [, code = ''] of tells.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)) {
      expect([code, reasonFor(code as ReasonCode)]).toEqual([
        code,
        expect.objectContaining({ status: expect.any(Number) as number }),
      ])
    }
    for (const [code] of tells.matchAll(/ERS_[A-Z_]+/g)) expect(Object.keys(warnings)).toContain(code)
  })
})
