import { existsSync, readdirSync } from 'node:fs'
import { pages, readDocument, readRows, readSection } from './snippets.js'

const root = new URL('../../', import.meta.url)

/** Every page that people write or read here; machines write some. */
const documents = [
  ...pages.keys(),
  ...['SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/browser/README.md'],
  ...['bench/published/bench.md', 'test/mutation/published/mutation.md'],
]

/** A document without its fenced blocks. */
function proseOf(name: string): string {
  return readDocument(name).replaceAll(/^ *```[^\n]*\n[\s\S]*?^ *```$/gm, '')
}

/** The anchors that headings have where pages are shown. */
function anchorsOf(name: string): readonly string[] {
  return [...proseOf(name).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** Where a page links to: files by their path from the root, and anchors. */
function linksOf(name: string): readonly (readonly [file: string, anchor: string | undefined])[] {
  return [...proseOf(name).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^https?:/.test(target))
    .map((target) => {
      const { pathname, hash } = new URL(target, new URL(name, root))
      return [pathname.slice(root.pathname.length), hash === '' ? undefined : hash.slice(1)] as const
    })
}

describe('links', () => {
  it.each(documents)('of %s lead to files and headings that exist', (name) => {
    const dead = linksOf(name).filter(([file, anchor]) => {
      if (!existsSync(new URL(file, root))) return true
      return anchor !== undefined && !(file.endsWith('.md') && anchorsOf(file).includes(anchor))
    })
    expect(dead).toEqual([])
  })

  it('are seen: a page has a number of them, and one that leads nowhere would be told', () => {
    expect(linksOf('README.md').length).toBeGreaterThan(50)
    expect(linksOf('docs/faq.md')).toContainEqual(['docs/traps.md', undefined])
    expect(anchorsOf('docs/refusals.md')).toContain('why-was-this-token-refused')
  })

  it.each(documents)('and headings of %s are told apart: no two have one anchor', (name) => {
    const anchors = anchorsOf(name).filter((anchor) => !/^\d/.test(anchor))
    expect(new Set(anchors).size).toBe(anchors.length)
  })
})

describe('the pages', () => {
  const rows = readRows(readSection(readDocument('README.md'), '## Pages'))

  it('are all listed in README.md, each with a question', () => {
    const listed = rows.map(([, page = '']) => /\]\(([^)#]+)/.exec(page)?.[1])
    const inDocs = readdirSync(new URL('docs', root)).map((name) => `docs/${name}`)
    expect([...new Set(listed)].sort()).toEqual(inDocs.sort())
    expect(rows.length).toBeGreaterThanOrEqual(15)
    for (const [question = ''] of rows) expect(question).toMatch(/\?$|^Something else$/)
  })

  it.each([...pages].filter(([name]) => name !== 'README.md'))(
    '%s opens with its question, and links back',
    (_, text) => {
      const [title = '', empty, ...rest] = text.split('\n')
      expect([title.startsWith('# '), empty]).toEqual([true, ''])
      const opening = rest.slice(0, rest.indexOf('')).join(' ')
      expect(opening).toMatch(/[?.] \[All pages\]\((?:\.\.\/README\.md)#pages\)$/)
    },
  )

  it('begin with a README of a length that people read', () => {
    expect(readDocument('README.md').length).toBeLessThan(20_000)
  })
})
