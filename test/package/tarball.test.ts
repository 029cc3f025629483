import { readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { installConsumer } from './install-consumer.js'
import { installed, run, tarball } from './run.js'

/** The entries: their paths, and what their files have in common. */
const entries = [
  { path: '.', file: 'dist/index' },
  { path: './augment', file: 'dist/augment' },
  { path: './routes', file: 'dist/routes/index' },
  { path: './mcp', file: 'dist/mcp/index' },
  { path: './redis', file: 'dist/redis/index' },
  { path: './core', file: 'dist/core' },
  { path: './nest', file: 'dist/nest/index' },
  { path: './opentelemetry', file: 'dist/opentelemetry/index' },
  { path: './websocket', file: 'dist/websocket/index' },
  { path: './testing', file: 'dist/testing/index' },
]

describe('the tarball', () => {
  let judges: string
  beforeAll(() => {
    judges = installConsumer('judges')
  })
  afterAll(() => {
    rmSync(judges, { recursive: true, force: true })
  })

  const judge = (name: string): string => join(judges, 'node_modules/.bin', name)

  it('is fine by publint, suggestions included', () => {
    expect(run(judge('publint'), ['run', tarball, '--strict'])).toContain('All good!')
  })

  it('has types that every way of looking for them finds, the oldest included', () => {
    const report = JSON.parse(run(judge('attw'), [tarball, '--format', 'json'])) as {
      analysis: { entrypoints: Record<string, unknown> }
    }
    expect(Object.keys(report.analysis.entrypoints)).toEqual([...entries.map(({ path }) => path), './package.json'])
  })

  it('holds what was built, the readme, the license, and nothing else', () => {
    const files = run('tar', ['-tzf', tarball]).trim().split('\n')
    expect(files).toEqual(
      expect.arrayContaining([
        'package/LICENSE',
        'package/README.md',
        'package/dist/LICENSE-jose.md',
        'package/dist/LICENSE-zod',
        ...entries.flatMap(({ file }) =>
          ['.js', '.cjs', '.mjs', '.d.ts', '.d.cts'].map((end) => `package/${file}${end}`),
        ),
      ]),
    )
    expect(files.filter((name) => !/^package\/(LICENSE|README\.md|package\.json|dist\/.+)$/.test(name))).toEqual([])
  })
})

/** What a module imports: parsed, since a mere scanner loses its way at some template literals and regular expressions. */
function importsIn(source: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const isStatic = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
    const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    const specifier = isStatic ? node.moduleSpecifier : isDynamic ? node.arguments[0] : undefined
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push(specifier.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('module.js', source, ts.ScriptTarget.ESNext))
  return found
}

describe('the installed package', () => {
  let consumer: string
  beforeAll(() => {
    consumer = installConsumer('cjs-express4')
  })
  afterAll(() => {
    rmSync(consumer, { recursive: true, force: true })
  })

  const loadedByRequire = (specifier: string): string[] => {
    const script = `require(${JSON.stringify(specifier)}); console.log(JSON.stringify(Object.keys(require.cache)))`
    // As AWS Lambda and Vercel start Node: nothing that is required may be an ES module.
    const loaded = JSON.parse(
      run(process.execPath, ['--no-experimental-require-module', '-e', script], consumer),
    ) as string[]
    return loaded
      .filter((file) => file.includes('/node_modules/express-resource-server/'))
      .map((file) => file.replace(/^.*\/node_modules\/express-resource-server\//, ''))
  }

  /** The files and the packages that an ES module loads, directly or not. */
  const importedBy = (entry: string): { files: string[]; packages: string[] } => {
    const root = installed(consumer)
    const files = new Set<string>()
    const packages = new Set<string>()
    const visit = (file: string): void => {
      if (files.has(file)) return
      files.add(file)
      const source = readFileSync(join(root, file), 'utf8')
      for (const fileName of importsIn(source)) {
        if (fileName.startsWith('.')) visit(relative(root, join(root, dirname(file), fileName)))
        else if (!isBuiltin(fileName)) packages.add(fileName)
      }
    }
    visit(entry)
    return { files: [...files], packages: [...packages].sort() }
  }

  const entry = (name: string): string => (name === '' ? 'express-resource-server' : `express-resource-server/${name}`)

  it.each(['routes', 'testing'])('loads nothing of the entry %s with the root entry', (name) => {
    const ofEntry = (files: readonly string[]): string[] => files.filter((file) => file.startsWith(`dist/${name}/`))
    expect(loadedByRequire(entry(''))).toContain('dist/index.cjs')
    expect(ofEntry(loadedByRequire(entry('')))).toEqual([])
    expect(ofEntry(loadedByRequire(entry(name)))).toEqual([`dist/${name}/index.cjs`])
    expect(ofEntry(importedBy('dist/index.js').files)).toEqual([])
    expect(ofEntry(importedBy(`dist/${name}/index.js`).files)).toEqual([`dist/${name}/index.js`])
  })

  // What is shared is in files of their own, which are not named after an entry.
  it.each([
    ['routes', 'authorizeRoutes() takes rows'],
    ['routes', 'takes an Express app'],
    ['routes', 'mounted_app'],
    ['testing', 'The test issuer is down.'],
  ])('has nothing of the entry %s copied into what the root entry loads: %s', (name, text) => {
    const holds = (file: string): boolean => readFileSync(join(installed(consumer), file), 'utf8').includes(text)
    expect(importedBy('dist/index.js').files.filter(holds)).toEqual([])
    expect(loadedByRequire(entry('')).filter(holds)).toEqual([])
    expect(importedBy(`dist/${name}/index.js`).files.filter(holds)).toHaveLength(1)
    expect(loadedByRequire(entry(name)).filter(holds)).toHaveLength(1)
  })

  it('loads the packages that it depends on and no other; not even Express', () => {
    expect(importedBy('dist/index.js').packages).toEqual(['express-rate-limit', 'lru-cache'])
    expect(importedBy('dist/routes/index.js').packages.filter((name) => name.startsWith('express'))).toEqual([])
    expect(importedBy('dist/testing/index.js').packages).toEqual([])
    // Nothing of an SDK; it parses JSON with the application's Express.
    expect(importedBy('dist/mcp/index.js').packages).toEqual(['express', 'express-rate-limit', 'lru-cache'])
    // It takes the client that the application has.
    expect(importedBy('dist/redis/index.js').packages).toEqual([])
    expect(importedBy('dist/opentelemetry/index.js').packages).toEqual(['@opentelemetry/api'])
    // Neither ws nor socket.io: it takes what the application has.
    expect(importedBy('dist/websocket/index.js').packages).toEqual([])
  })

  it.each([
    ['require', `require('express-resource-server/opentelemetry')`, '@opentelemetry/api'],
    ['import', `import('express-resource-server/opentelemetry')`, '@opentelemetry/api'],
    ['require', `require('express-resource-server/nest')`, '@nestjs/common'],
    ['import', `import('express-resource-server/nest')`, '@nestjs/common'],
  ])('names the optional peer that an entry needs where it is missing: %s', (_way, loading, peer) => {
    const script = `
      void (async () => {
        try {
          await ${loading}
        } catch (error) {
          console.log(error.message.split('\\n', 1)[0])
          // Node 20 throws it once more, behind the back of whoever caught it, where a CommonJS module is imported.
          process.exit()
        }
      })()
    `
    expect(run(process.execPath, ['-e', script], consumer)).toContain(`Cannot find module '${peer}'`)
  })

  it.each([
    ['require', `const { createWebSocketGuard } = require('express-resource-server/websocket')`],
    ['import', `const { createWebSocketGuard } = await import('express-resource-server/websocket')`],
  ])('lets the entry websocket be loaded: %s', (_way, loading) => {
    const script = `void (async () => { ${loading}; console.log(typeof createWebSocketGuard) })()`
    expect(run(process.execPath, ['-e', script], consumer)).toBe('function\n')
  })

  it.each([
    ['require', `const { requireAuth } = require('express-resource-server')`],
    ['import', `const { requireAuth } = await import('express-resource-server')`],
  ])('loads what limits refused requests where there is such a limit: %s', (_way, loading) => {
    const script = `
      const options = { issuer: 'https://login.example.com', audience: 'https://api.example.com' }
      const hasLimiter = () => Object.keys(require.cache).some((file) => file.includes('express-rate-limit'))
      const told = []
      void (async () => {
        ${loading}
        requireAuth(options)
        told.push(hasLimiter())
        requireAuth({ ...options, failedAuthLimit: {} })
        told.push(hasLimiter())
        console.log(JSON.stringify(told))
      })()
    `
    const told = run(process.execPath, ['--no-experimental-require-module', '-e', script], consumer)
    expect(JSON.parse(told)).toEqual([false, true])
  })

  it('asks for the types of Express that the application has, where a package manager keeps them apart', () => {
    // In a pnpm workspace with Express 4 in one application and Express 5 in another, the declarations would otherwise
    // find the types of either.
    const manifest = JSON.parse(readFileSync(join(installed(consumer), 'package.json'), 'utf8')) as object
    expect(manifest).toMatchObject({
      peerDependencies: { express: '^4.21.0 || ^5.0.0', '@types/express': '^4.17.21 || ^5.0.0' },
      peerDependenciesMeta: { '@types/express': { optional: true } },
    })
    expect(manifest).not.toHaveProperty(['dependencies', '@types/express'])
  })
})
