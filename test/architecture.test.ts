import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../src', import.meta.url))

/** What each layer may import. A layer may always import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  reasons: [],
  problem: ['reasons'],
  errors: ['reasons'],
  events: ['reasons'],
  warnings: [],
  request: ['lib', 'errors'],
  issuers: ['lib', 'errors', 'events'],
  tokens: ['lib', 'errors', 'reasons', 'events', 'issuers'],
  stores: ['lib', 'errors'],
  policy: ['lib', 'errors', 'reasons', 'tokens'],
  challenge: ['lib', 'errors', 'reasons'],
  config: ['lib', 'errors', 'warnings', 'tokens'],
  authenticator: [
    'lib',
    'errors',
    'reasons',
    'events',
    'warnings',
    'request',
    'issuers',
    'tokens',
    'policy',
    'challenge',
    'config',
  ],
  express: ['lib', 'errors', 'reasons', 'problem', 'events', 'warnings', 'tokens', 'policy', 'config', 'authenticator'],
  routes: ['lib', 'errors', 'policy', 'express'],
  testing: ['lib', 'tokens', 'routes'],
  augment: ['tokens'],
  index: ['lib', 'errors', 'events', 'reasons', 'tokens', 'policy', 'config', 'express', 'routes'],
}

/** Where each package may be imported. */
const packageHomes: Readonly<Record<string, readonly string[]>> = {
  express: ['express', 'routes'],
  'express-rate-limit': ['express'],
  zod: ['config'],
  jose: ['issuers', 'testing'],
  'lru-cache': ['issuers', 'tokens'],
  '@standard-schema/spec': ['config', 'tokens'],
}

interface SourceFile {
  readonly name: string
  readonly layer: string
  readonly imports: readonly string[]
}

const files: readonly SourceFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => {
    const imports = ts.preProcessFile(readFileSync(join(root, name), 'utf8')).importedFiles.map((one) => one.fileName)
    return { name, layer: layerOf(name), imports }
  })

function layerOf(name: string): string {
  return name.includes('/') ? (name.split('/', 1)[0] ?? '') : name.replace(/\.ts$/, '')
}

function resolve(from: string, specifier: string): string {
  return normalize(join(dirname(from), specifier)).replace(/\.js$/, '.ts')
}

/** `jose` of `jose/key/import`, `@scope/name` of whatever is in there. */
const packageOf = (specifier: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? ''
const isRelative = (specifier: string): boolean => specifier.startsWith('.')

describe('the layers', () => {
  test('are all known', () => {
    expect([...new Set(files.map(({ layer }) => layer))].sort()).toEqual(Object.keys(mayImport).sort())
  })

  test.each(files.map((file) => [file.name, file] as const))('%s imports only what its layer may', (_name, file) => {
    const targets = file.imports.filter(isRelative).map((specifier) => layerOf(resolve(file.name, specifier)))
    const forbidden = targets.filter(
      (target) => target !== file.layer && mayImport[file.layer]?.includes(target) !== true,
    )
    expect(forbidden).toEqual([])
  })

  test.each(files.map((file) => [file.name, file] as const))(
    '%s imports packages only where they live',
    (_name, file) => {
      const packages = file.imports.filter((specifier) => !isRelative(specifier) && !specifier.startsWith('node:'))
      expect(packages.filter((name) => packageHomes[packageOf(name)]?.includes(file.layer) !== true)).toEqual([])
    },
  )

  test('have no cycle of files', () => {
    const graph = new Map(
      files.map(({ name, imports }) => [name, imports.filter(isRelative).map((one) => resolve(name, one))]),
    )
    const done = new Set<string>()
    const visit = (name: string, path: readonly string[]): void => {
      if (path.includes(name)) throw new Error(`A cycle: ${[...path, name].join(' -> ')}`)
      if (done.has(name)) return
      for (const next of graph.get(name) ?? []) visit(next, [...path, name])
      done.add(name)
    }
    for (const name of graph.keys()) visit(name, [])
    expect(done.size).toBe(files.length)
  })
})

describe('the source', () => {
  test.each(files.map(({ name }) => [name]))('%s is plain ASCII and at most 300 lines', (name) => {
    const text = readFileSync(join(root, name), 'utf8')
    // The section sign stands in references to RFCs.
    expect(text.replaceAll('\u00a7', '')).toMatch(/^[\s\x20-\x7e]*$/)
    expect(text.split('\n').length).toBeLessThanOrEqual(301)
  })
})
