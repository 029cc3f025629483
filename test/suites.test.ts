import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('.', import.meta.url))

/** What stands beside the source and must share nothing with it: a common mistake would hide. */
const apart = ['kit/forge.ts', 'oracle/mint.ts', 'oracle/reference-validator.ts']

/** What reads the documents serves whoever holds them to something; what callbacks do wrong is held to the page about them. */
const shared = ['docs/snippets.js', 'http/foreign-code/callbacks.js']

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  // Consumers run in folders of their own, with the packed library.
  (name) => name.endsWith('.ts') && !name.includes('node_modules') && !name.startsWith('package/consumers'),
)

function importsOf(name: string): readonly string[] {
  return ts.preProcessFile(readFileSync(join(root, name), 'utf8')).importedFiles.map((one) => one.fileName)
}

/** `http` of `http/threats/http.test.ts`. */
const folderOf = (name: string): string => name.split('/', 1)[0] ?? ''

describe('the suites', () => {
  test.each(files)('%s takes helpers from test/kit or from its own folder', (name) => {
    const foreign = importsOf(name)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => normalize(join(dirname(name), specifier)))
      .filter((target) => !target.startsWith('..') && !shared.includes(target))
      .filter((target) => !['kit', folderOf(name)].includes(folderOf(target)))
    expect(foreign).toEqual([])
  })

  test.each(apart)('%s knows nothing but node:crypto', (name) => {
    expect(importsOf(name).filter((specifier) => specifier !== 'node:crypto')).toEqual([])
  })
})
