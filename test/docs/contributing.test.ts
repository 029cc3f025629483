import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { reasonFor, type ReasonCode } from '../../src/reasons.js'
import { plain, readDocument, readRows, readSection, readSnippets } from './snippets.js'

const root = new URL('../../', import.meta.url)
const contributing = readDocument('CONTRIBUTING.md')
const security = readDocument('SECURITY.md')

/** The names of a list, on one line or on several. */
function namesIn(list: string): string {
  return [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name).join(', ')
}

/** The words in backticks of a text. */
function quotedIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, quoted = '']) => quoted)
}

describe('CONTRIBUTING.md', () => {
  it('has the layers, and what each may import, as the architecture test holds them', () => {
    const held = [...readDocument('test/architecture.test.ts').matchAll(/^ {2}'?([\w-]+)'?: \[([^\]]*)\],$/gm)]
    const names = readdirSync(new URL('src', root)).map((name) => name.replace(/\.ts$/, ''))
    const layers = [...new Set(names)]
    const expected = held
      .map(([, layer = '', list = '']) => [layer, namesIn(list)] as const)
      .filter(([layer]) => layers.includes(layer))
    // The second list of that test, of packages, has no layer but `express` in it, and comes later.
    const arrows = new Map([...expected].reverse())
    expect([...arrows.keys()].sort()).toEqual(layers.sort())
    const rows = readRows(readSection(contributing, '## The map')).map(([layer, , imports]) => {
      return [plain(layer), plain(imports).replace('nothing', '')] as const
    })
    expect(new Map(rows)).toEqual(arrows)
  })

  it('names folders and files that exist', () => {
    const paths = quotedIn(contributing).filter((quoted) => /^(?:src|test|\.ci)\/[\w./-]+$/.test(quoted))
    expect(paths.length).toBeGreaterThan(20)
    const real = paths.filter((path) => !path.includes('NAME'))
    expect(real.filter((path) => !existsSync(new URL(path, root)))).toEqual([])
  })

  it('names every folder of the tests', () => {
    const folders = readdirSync(new URL('test', root), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(new URL(`test/${entry.name}`, root)).some(isSource))
      .map(({ name }) => `test/${name}`)
    expect(folders).toContain('test/kit')
    const named = quotedIn(contributing)
    expect(folders.filter((folder) => !named.includes(folder))).toEqual([])
  })

  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object }
    const [{ code } = { code: '' }] = readSnippets(contributing)
    const named = [...code.matchAll(/^npm (?:run )?([\w:]+)/gm)].map(([, name = '']) => name)
    expect(named).toContain('test:package')
    expect(named.filter((name) => name !== 'ci' && !Object.hasOwn(scripts, name))).toEqual([])
  })
})

function isSource(name: string): boolean {
  return name.endsWith('.ts')
}

describe('SECURITY.md', () => {
  it('names codes that exist', () => {
    const codes = quotedIn(security).filter((quoted) => /^(?:unknown|algorithm|invalid)_\w+$/.test(quoted))
    expect(codes).toContain('unknown_issuer')
    for (const code of codes) expect(reasonFor(code as ReasonCode)).toHaveProperty('status', 401) // read from the page
  })
})
