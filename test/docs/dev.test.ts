import { wrongs } from '../../src/cli/dev/mint.js'
import { readDocument, readRows } from './snippets.js'

it('the page lists the tokens that must be refused as the command has them', () => {
  const rows = readRows(readDocument('docs/dev.md')).map((cells) => cells.map((cell) => cell.replaceAll('`', '')))
  const has = Object.entries(wrongs).map(([name, { code, about }]) => [name, about, code])
  expect(rows.filter(([name = '']) => name in wrongs)).toEqual(has)
})
