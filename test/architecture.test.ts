import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What each layer of `src` may import. Arrows point up this list; a layer may always import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  reasons: [],
  problem: ['reasons'],
  errors: ['problem', 'reasons'],
  events: ['errors', 'reasons'],
  tracing: ['events', 'lib'],
  warnings: [],
  request: ['lib', 'errors'],
  issuers: ['lib', 'errors', 'events', 'tracing', 'warnings'],
  tokens: ['lib', 'errors', 'reasons', 'issuers'],
  introspection: ['lib', 'errors', 'events', 'warnings', 'issuers', 'tokens'],
  stores: ['lib', 'errors', 'tracing'],
  revocation: ['lib', 'errors', 'reasons', 'events', 'warnings', 'issuers', 'tokens', 'stores'],
  binding: ['lib', 'errors', 'reasons', 'warnings', 'request', 'issuers', 'tokens', 'stores'],
  policy: ['lib', 'errors', 'reasons', 'tokens'],
  challenge: ['lib', 'errors', 'reasons'],
  config: ['lib', 'errors', 'warnings', 'issuers', 'tokens', 'stores', 'revocation', 'policy'],
  decisions: [
    'lib',
    'errors',
    'reasons',
    'events',
    'tracing',
    'warnings',
    'request',
    'tokens',
    'binding',
    'policy',
    'challenge',
    'config',
  ],
  authenticator: [
    'lib',
    'errors',
    'request',
    'issuers',
    'tokens',
    'introspection',
    'revocation',
    'binding',
    'policy',
    'challenge',
    'config',
    'decisions',
  ],
  'resource-server': ['lib', 'errors', 'warnings', 'request', 'tokens', 'binding', 'policy', 'config', 'authenticator'],
  express: ['lib', 'errors', 'events', 'warnings', 'tokens', 'policy', 'config', 'authenticator', 'resource-server'],
  routes: ['lib', 'errors', 'policy', 'express'],
  mcp: ['lib', 'errors', 'warnings', 'tokens', 'policy', 'config', 'authenticator', 'express'],
  testing: ['lib', 'issuers', 'routes'],
  redis: ['lib', 'errors', 'stores'],
  augment: ['tokens'],
  core: [
    'errors',
    'events',
    'tracing',
    'reasons',
    'issuers',
    'tokens',
    'revocation',
    'binding',
    'policy',
    'config',
    'resource-server',
  ],
  opentelemetry: ['lib', 'reasons', 'events', 'tracing'],
  nest: ['lib', 'errors', 'problem', 'reasons', 'tokens', 'policy', 'config', 'resource-server'],
  websocket: ['errors', 'warnings', 'tokens', 'policy', 'resource-server'],
  cli: [
    'lib',
    'errors',
    'reasons',
    'request',
    'issuers',
    'tokens',
    'policy',
    'config',
    'routes',
    'authenticator',
    'testing',
  ],
  index: [
    'errors',
    'events',
    'tracing',
    'reasons',
    'issuers',
    'tokens',
    'revocation',
    'binding',
    'policy',
    'config',
    'express',
  ],
}

/** The same of `bench`: a layer is a folder or a file, or both of one name. */
const ofBench: Readonly<Record<string, readonly string[]>> = {
  children: [],
  prepare: [],
  progress: [],
  statistics: [],
  turns: [],
  cores: [],
  websocket: [],
  measured: [],
  load: ['measured', 'tools'],
  tokens: ['children', 'progress', 'measured'],
  contenders: ['tokens'],
  jwks: ['measured', 'tokens'],
  revision: ['contenders'],
  environment: ['contenders'],
  results: ['tokens', 'environment'],
  settings: ['tokens', 'contenders', 'results'],
  bench: ['children', 'progress', 'cores', 'tokens', 'contenders', 'settings'],
  audit: ['tokens', 'contenders', 'bench'],
  cases: ['tokens'],
  counting: ['children', 'tokens', 'results', 'bench', 'cases'],
  expected: ['results'],
  suites: [
    'children',
    'turns',
    'cores',
    'load',
    'tokens',
    'contenders',
    'results',
    'bench',
    'audit',
    'cases',
    'counting',
    'tools',
  ],
  options: ['tokens', 'contenders', 'results', 'settings', 'suites'],
  report: ['statistics', 'environment', 'results', 'tools'],
  profile: ['children', 'prepare', 'progress', 'contenders', 'bench', 'cases', 'counting', 'tools'],
  main: [
    'children',
    'prepare',
    'progress',
    'cores',
    'contenders',
    'revision',
    'environment',
    'results',
    'bench',
    'expected',
    'suites',
    'options',
    'report',
    'tools',
  ],
}

/** The same of `examples`. */
const ofExamples: Readonly<Record<string, readonly string[]>> = {
  listen: [],
  'token-files': [],
  'embedded-provider': [],
  quickstart: ['listen', 'token-files', 'embedded-provider'],
  policies: ['token-files'],
  mcp: ['listen', 'embedded-provider'],
  chat: ['listen'],
  'browser/pages': [],
  'browser/stage': [],
  processes: ['listen', 'embedded-provider'],
  dpop: ['listen', 'processes'],
  logout: ['listen', 'processes'],
  browser: ['listen', 'embedded-provider', 'browser/stage', 'processes'],
}

/** Where each package may be imported. */
const packageHomes: Readonly<Record<string, readonly string[]>> = {
  express: ['express', 'routes', 'mcp'],
  'express-rate-limit': ['express'],
  zod: ['config'],
  jose: ['issuers', 'testing', 'cli'],
  'lru-cache': ['issuers', 'tokens', 'binding'],
  '@nestjs/common': ['nest'],
  '@nestjs/core': ['nest'],
  '@opentelemetry/api': ['opentelemetry'],
  '@standard-schema/spec': ['config', 'tokens'],
}

interface SourceFile {
  readonly name: string
  readonly layer: string
  /** The files of the same house. */
  readonly files: readonly string[]
  /** The layers of those, and the folder of what is outside of the house. */
  readonly layers: readonly string[]
  readonly packages: readonly string[]
}

type Row = readonly [name: string, file: SourceFile]

function readHouse(root: string, map: Readonly<Record<string, readonly string[]>>): readonly SourceFile[] {
  const folder = fileURLToPath(new URL(`../${root}`, import.meta.url))
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /(?<!\.d)\.[jt]s$/.test(name) && !/(?:^|\/)(?:node_modules|\.cache|results)\//.test(name),
  )
  const layers = Object.keys(map).sort((one, other) => other.length - one.length)
  const layerOf = (name: string): string =>
    layers.find((layer) => name.startsWith(`${layer}/`) || name.replace(/\.[jt]s$/, '') === layer) ?? `unknown: ${name}`
  return names.map((name) => {
    const imports = ts
      .preProcessFile(readFileSync(join(folder, name), 'utf8'))
      .importedFiles.map(({ fileName }) => fileName)
    const relative = imports.filter(isRelative).map((specifier) => normalize(join(dirname(name), specifier)))
    const files = relative
      .filter((path) => !path.startsWith('../'))
      .map((path) => (names.includes(path) ? path : path.replace(/\.js$/, '.ts')))
    const outside = relative.flatMap((path) => /^\.\.\/([\w-]+)\//.exec(path)?.[1] ?? [])
    const packages = imports.filter((specifier) => !isRelative(specifier) && !/^(?:node:|\/)/.test(specifier))
    return { name, layer: layerOf(name), files, layers: [...files.map(layerOf), ...outside], packages }
  })
}

/** `jose` of `jose/key/import`, `@scope/name` of whatever is in there. */
const packageOf = (specifier: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? ''
const isRelative = (specifier: string): boolean => specifier.startsWith('.')

describe.each([
  ['src', mayImport],
  ['bench', ofBench],
  ['examples', ofExamples],
] as const)('the layers of %s', (root, map) => {
  const files = readHouse(root, map)
  const rows = files.map((file): Row => [file.name, file])

  test('are all known', () => {
    expect([...new Set(files.map(({ layer }) => layer))].sort()).toEqual(Object.keys(map).sort())
  })

  test('stand in an order in which every arrow points one way', () => {
    const order = Object.keys(map)
    const wrong = Object.entries(map).flatMap(([layer, targets]) =>
      targets.filter((target) => order.indexOf(target) >= order.indexOf(layer)).map((target) => [layer, target]),
    )
    expect(wrong).toEqual([])
  })

  test.each(rows)('%s imports only what its layer may', (_name, { layer, layers }) => {
    expect(layers.filter((target) => target !== layer && map[layer]?.includes(target) !== true)).toEqual([])
  })

  test('import all that they may', () => {
    const unused = Object.entries(map).flatMap(([layer, targets]) => {
      const used = new Set(files.filter((file) => file.layer === layer).flatMap((file) => file.layers))
      return targets.filter((target) => !used.has(target)).map((target) => [layer, target])
    })
    expect(unused).toEqual([])
  })

  test('have no cycle of files', () => {
    const graph = new Map(files.map((file) => [file.name, file.files]))
    const done = new Set<string>()
    const visit = (name: string, path: readonly string[]): void => {
      if (path.includes(name)) throw new Error(`A cycle: ${[...path, name].join(' -> ')}`)
      if (done.has(name)) return
      const next = graph.get(name)
      if (next === undefined) throw new Error(`${String(path.at(-1))} imports ${name}, which is not there.`)
      for (const one of next) visit(one, [...path, name])
      done.add(name)
    }
    for (const name of graph.keys()) visit(name, [])
    expect(done.size).toBe(files.length)
  })
})

describe('the source', () => {
  const files = readHouse('src', mayImport)
  const rows = files.map((file): Row => [file.name, file])

  test.each(rows)('%s imports packages only where they live', (_name, { layer, packages }) => {
    expect(packages.filter((name) => packageHomes[packageOf(name)]?.includes(layer) !== true)).toEqual([])
  })

  test.each(rows)('%s is plain ASCII and at most 300 lines', (name) => {
    const text = readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')
    // The section sign stands in references to RFCs.
    expect(text.replaceAll('\u00a7', '')).toMatch(/^[\s\x20-\x7e]*$/)
    expect(text.split('\n').length).toBeLessThanOrEqual(301)
  })

  test.each(rows.filter(([, { layer }]) => layer === 'lib'))('%s speaks of nothing that only tokens have', (name) => {
    const text = readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')
    expect(text).not.toMatch(/\b(?:bearer|claims?|issuers?|jw[kst]s?|oauth|scopes?|tokens?)\b/i)
  })

  test.each(['routes', 'mcp', 'nest', 'testing', 'redis', 'opentelemetry', 'websocket', 'augment', 'cli'])(
    'loads nothing of %s with the root entry',
    (entry) => {
      const loaded = new Set<string>()
      const visit = (name: string): void => {
        if (loaded.has(name)) return
        loaded.add(name)
        for (const next of files.find((file) => file.name === name)?.files ?? []) visit(next)
      }
      visit('index.ts')
      expect(loaded).toContain('express/guards.ts')
      expect([...loaded].filter((name) => name.startsWith(`${entry}/`) || name === `${entry}.ts`)).toEqual([])
    },
  )
})
