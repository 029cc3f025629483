import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { installConsumer } from './install-consumer.js'
import { installed, run } from './run.js'

describe('what was built', () => {
  let consumer: string
  let files: readonly { readonly name: string; readonly text: string }[]
  beforeAll(() => {
    consumer = installConsumer('cjs-express4')
    const dist = join(installed(consumer), 'dist')
    files = readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => ({ name, text: readFileSync(join(parentPath, name), 'utf8') }))
  })
  afterAll(() => {
    rmSync(consumer, { recursive: true, force: true })
  })

  const print = (script: string): unknown =>
    JSON.parse(run(process.execPath, ['--input-type=module', '-e', `${PRELUDE}${script}`], consumer))

  it('is what was written, for Node 20: no syntax is rewritten', () => {
    const code = files.filter(({ name }) => /\.[cm]?js$/.test(name))
    const helpers =
      /\b_(?:optionalChain|nullishCoalesce|interopRequire|class\d|async|__)\w*|__(?:async|spread|privateGet)\b/
    expect(code.filter(({ text }) => helpers.test(text)).map(({ name }) => name)).toEqual([])
    const [commonJs, modules] = ['index.cjs', 'index.js'].map(
      (wanted) => code.find(({ name }) => name === wanted)?.text,
    )
    expect(commonJs?.split('?.').length).toBe(modules?.split('?.').length)
    expect(commonJs?.split('??').length).toBe(modules?.split('??').length)
  })

  it('is imported by way of files that hold names alone, as Node searches the whole file for them', () => {
    const named = files.filter(({ name }) => name.endsWith('.names.cjs'))
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> }
    expect(named).toHaveLength(Object.values(exports).filter((entry) => typeof entry === 'object').length)
    for (const { text } of named) {
      expect(text).toMatch(/^const library = require\('\.\/\w+\.cjs'\)\n(?:exports\.(\w+) = library\.\1\n)*$/)
    }
    const wrappers = files.filter(({ name }) => name.endsWith('.mjs'))
    expect(wrappers.filter(({ text }) => !/^export \{ .*\} from '\.\/\w+\.names\.cjs'\n$/.test(text))).toEqual([])
  })

  it('calls every function and every class by its name', () => {
    const names = print(`
      const entries = [required, requiredCore, requiredRoutes, requiredTesting, imported, importedCore, importedRoutes, importedTesting]
      const isCalled = ([, value]) => typeof value === 'function'
      console.log(JSON.stringify(entries.map((entry) => Object.entries(entry).filter(isCalled).map(([name, value]) => [name, value.name]))))
    `) as [string, string][][]
    expect(names.flat().length).toBeGreaterThan(60)
    expect(names.flat().filter(([exported, own]) => exported !== own)).toEqual([])
  })

  it('is one thing, required or imported', () => {
    expect(
      print(`
        const same = (one, other) => Object.keys(one).every((name) => one[name] === other[name])
        const pairs = [
          [required, imported],
          [requiredCore, importedCore],
          [requiredRoutes, importedRoutes],
          [requiredTesting, importedTesting],
        ]
        const shared = (core) => Object.keys(core).every((name) => name === 'createResourceServer' || core[name] === required[name])
        console.log(JSON.stringify([...pairs.map((pair) => same(...pair)), shared(requiredCore)]))
      `),
    ).toEqual([true, true, true, true, true])
  })

  it.each(['requiredTesting', 'importedTesting'])('keeps one memory for all entries: %s', (testing) => {
    const script = (routes: string): string => `
      const app = express()
      ${routes}.trackRoutes(app)
      app.use('/api', required.requireAuth({ issuer: 'https://login.example.com', audience: 'a' }))
      const router = express.Router()
      router.get('/orders', (req, res) => res.end())
      app.use('/api', router)
      ${testing}.expectProtected(app)
      console.log(JSON.stringify(String(${routes}.trackRoutes(app)).split('\\n')))
    `
    const table = ['METHOD  PATH         PROTECTED BY', 'GET     /api/orders  requireAuth()']
    expect(print(script('requiredRoutes'))).toEqual(table)
    expect(print(script('importedRoutes'))).toEqual(table)
  })

  it('has source maps that lead to the source, and nowhere on the machine that built it', () => {
    const maps = files.filter(({ name }) => name.endsWith('.map'))
    expect(maps.length).toBeGreaterThan(3)
    for (const { text } of maps) {
      const { sources, sourceRoot } = JSON.parse(text) as { sources: string[]; sourceRoot?: string }
      expect(sourceRoot ?? '').toBe('')
      expect(
        sources
          // The build writes it itself.
          .filter((source) => source !== 'when-used:express-rate-limit')
          // An entry that only hands on has no line of its own: its source is the module beside it.
          .filter((source) => !files.some(({ name }) => name === source))
          .filter((source) => !/^(?:\.\.\/)+(?:src|node_modules\/(?:jose\/dist|zod\/v4))\/[\w./-]+$/.test(source)),
      ).toEqual([])
    }
    expect(files.filter(({ text }) => text.includes(process.cwd())).map(({ name }) => name)).toEqual([])
  })

  it('says in a stack trace where that is in the source', () => {
    const script = `
      try { required.requireAuth({ audiance: 'a' }) } catch (error) { console.log(JSON.stringify(error.stack)) }
    `
    const stack = JSON.parse(
      run(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', `${PRELUDE}${script}`], consumer),
    ) as string
    expect(stack).toContain(resolve(dirname(installed(consumer)), 'express-resource-server/src/config/'))
  })
})

const PRELUDE = `
  import { createRequire } from 'node:module'
  import * as imported from 'express-resource-server'
  import * as importedCore from 'express-resource-server/core'
  import * as importedRoutes from 'express-resource-server/routes'
  import * as importedTesting from 'express-resource-server/testing'
  const require = createRequire(process.cwd() + '/main.js')
  const express = require('express')
  const required = require('express-resource-server')
  const requiredCore = require('express-resource-server/core')
  const requiredRoutes = require('express-resource-server/routes')
  const requiredTesting = require('express-resource-server/testing')
`
