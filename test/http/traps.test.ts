import { plain, readDocument, readRows } from '../docs/snippets.js'
import { hear } from './traps/hear.js'
import { keys } from './traps/keys.js'
import { requests } from './traps/requests.js'
import { tokens } from './traps/tokens.js'

const rows = new Map(readRows(readDocument('docs/traps.md')).map(([trap = '', tells = '']) => [trap, tells]))
const traps = { ...requests, ...tokens, ...keys }

/** Codes of refusals and warnings, events, and the error at start-up, as a row of the page names them. */
const NAMED = /`([a-z]+(?:_[a-z]+)+|ERS_[A-Z_]+|ConfigurationError|(?:access|keys|token)\.[a-z]+)`/g

describe('the traps of docs/traps.md', () => {
  it('are these', () => {
    expect(Object.keys(traps).sort()).toEqual([...rows.keys()].sort())
  })

  it.each(Object.entries(traps))('%s: whoever falls into it hears what the page says', async (trap, { run, says }) => {
    const named = Array.from((rows.get(trap) ?? '').matchAll(NAMED), ([text]) => plain(text))
    const { names, text } = await hear(run)
    expect([...names]).toEqual(expect.arrayContaining(named))
    expect(text).toMatch(says)
  })
})
