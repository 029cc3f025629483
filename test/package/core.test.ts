import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDocument, readSnippets } from '../docs/snippets.js'
import { installConsumer } from './install-consumer.js'
import { run, runNode, versions } from './run.js'

/** The recipes of the page, by the names of their files. */
const recipes = new Map(
  readSnippets(readDocument('docs/core.md'))
    .filter(({ language }) => language === 'ts')
    .map(({ heading, code }) => [heading.toLowerCase().replaceAll(/[^a-z]+/g, '-'), code] as const)
    .map(([name, code]) => [name === 'next-js' ? 'nextjs' : name, code] as const),
)

/** Those that answer to orders with a body of their own. */
const asked = ['node-http', 'hono', 'fastify', 'nextjs', 'trpc', 'graphql', 'apollo-server'] as const

describe('the entry /core, where there is no Express', () => {
  let folder: string
  beforeAll(() => {
    folder = installConsumer('core', '--omit=peer')
    mkdirSync(join(folder, 'recipes'))
    for (const [name, code] of recipes) writeFileSync(join(folder, 'recipes', `${name}.ts`), code)
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const tsc = (...options: string[]): string => run(join(folder, 'node_modules/.bin/tsc'), options, folder)

  it('has none, and no types of it', () => {
    expect(['express', '@types/express'].filter((name) => existsSync(join(folder, 'node_modules', name)))).toEqual([])
  })

  it.each(['import', 'require'])('is loaded by %s, and what it loads is not for Express', (way) => {
    const load =
      way === 'import' ? "await import('express-resource-server/core')" : "require('express-resource-server/core')"
    const script = `const core = ${load}; console.log(Object.keys(core).sort().join())`
    const printed = run(
      process.execPath,
      [`--input-type=${way === 'import' ? 'module' : 'commonjs'}`, '-e', script],
      folder,
    )
    expect(printed.trim().split(',')).toEqual(expect.arrayContaining(['RefusalError', 'createResourceServer', 'scope']))
    const list = "require('express-resource-server/core'); console.log(Object.keys(require.cache).join('\\n'))"
    const loaded = run(process.execPath, ['--input-type=commonjs', '-e', list], folder)
    expect(loaded).toContain('/dist/core.cjs')
    expect(loaded).not.toMatch(
      /\/node_modules\/(?:express|express-rate-limit)\/|\/express-resource-server\/dist\/index\./,
    )
  })

  it.each(['node16', 'nodenext', 'bundler'])('compiles by %s, every declaration checked', (resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : resolution
    const how = ['--module', module, '--moduleResolution', resolution, '--types', 'node', '--lib', 'es2022']
    const strict = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--skipLibCheck',
      'false',
      '--target',
      'es2022',
      '--noEmit',
    ]
    expect(tsc('--ignoreConfig', ...how, ...strict, 'entry/main.ts')).toBe('')
  })

  describe('the recipes', () => {
    beforeAll(() => {
      tsc('-p', '.')
    })

    it('are those that are asked, and the one of streams', () => {
      expect([...recipes.keys()].sort()).toEqual([...asked, 'streams-and-sockets'].sort())
    })

    const cells = versions.flatMap((version) => asked.map((name) => [name, version] as const))

    it.each(cells)('%s on Node %s', (name, version) => {
      expectAnswers(name, 'node', runNode(version, ['main.js', name], folder))
    })

    // Both are binaries that npm brings. That of Bun is put in its place by a script, which npm may be told not to run.
    describe('on another runtime', () => {
      beforeAll(() => {
        run(process.execPath, ['node_modules/bun/install.js'], folder)
      })

      const bin = (name: string): string => join(folder, 'node_modules/.bin', name)

      it.each(asked)('%s on Bun', (name) => {
        expectAnswers(name, 'bun', run(bin('bun'), ['main.js', name], folder))
      })

      it.each(asked)('%s on Deno', (name) => {
        expectAnswers(
          name,
          'deno',
          run(bin('deno'), ['run', '-A', '--node-modules-dir=manual', 'main.js', name], folder),
        )
      })
    })
  })
})

const BEARER = 'Bearer realm="api"'

function expectAnswers(name: string, runtime: string, printed: string): void {
  const answers = JSON.parse(printed) as Readonly<Record<string, unknown>>
  const json = /^application\/(?:graphql-response\+|problem\+)?json/
  const type = expect.stringMatching(json) as string
  const none = { challenge: null, retryAfter: null, type }
  expect(answers).toMatchObject({
    runtime,
    granted: { ...none, status: 200, body: expect.stringContaining('user-1') as string },
    missing: { ...none, status: 401, challenge: BEARER },
    bad: {
      ...none,
      status: 401,
      challenge: expect.stringMatching(
        /^Bearer realm="api", error="invalid_token", error_description="[^"]+"$/,
      ) as string,
    },
    lesser: {
      ...none,
      status: 403,
      challenge: expect.stringMatching(
        /^Bearer realm="api", error="insufficient_scope", error_description="[^"]+", scope="orders:read"$/,
      ) as string,
    },
    undecided: { ...none, status: 503, retryAfter: expect.stringMatching(/^\d+$/) as string },
  })
  // The bodies of tRPC and of GraphQL are their own where a procedure or a field refuses.
  const ours = { trpc: [], 'apollo-server': [], graphql: ['missing', 'bad', 'undecided'] }[name] ?? [
    'missing',
    'bad',
    'lesser',
    'undecided',
  ]
  for (const key of ours) {
    expect(answers).toHaveProperty([key, 'type'], 'application/problem+json')
  }
}
