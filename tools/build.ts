import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { build as bundle } from 'esbuild'
import { build as buildModules } from 'tsup'

// Builds dist/: what Node runs is CommonJS, whether it is required or imported, so that one process has one copy of all
// state. Bundlers take the ES modules (condition "module"). tsup would make the CommonJS too, but sends what entries share
// through a step that rewrites syntax and takes the names of classes.

const OUTPUT = 'dist'
const COMMAND = 'cli/bin.cjs'

/** What few need and takes as long to load as all the rest: `require` is called when one of its exports is first read. */
const LOADED_WHEN_USED: ReadonlySet<string> = new Set(['express-rate-limit'])

/**
 * What a module exports is a getter of a getter at first, for those that change or are asked for in a circle. No export of ours
 * changes once its module has run, and no two modules import each other: values cost their users nothing.
 */
const WITH_VALUES = "module.exports = Object.defineProperty({ ...module.exports }, '__esModule', { value: true });"

const require = createRequire(import.meta.url)

await buildModules({ silent: true, ...(process.argv.includes('--no-dts') && { dts: false }) })
await toCommonJs(filesEndingIn('.js'))
for (const file of filesEndingIn('.d.ts')) writeFileSync(file.replace(/ts$/, 'cts'), withSpecifiers(file, '.cjs'))
for (const file of filesEndingIn('.cjs').filter(isEntry)) writeWrapper(file)
// The command is run and never imported: it needs neither types nor the ES module.
for (const file of filesEndingIn('').filter((name) => /\bcli\/bin\.(?!cjs)/.test(name))) rmSync(file)
chmodSync(join(OUTPUT, COMMAND), 0o755)
// Their licenses ask that they go with every copy.
copyFileSync('node_modules/jose/LICENSE.md', join(OUTPUT, 'LICENSE-jose.md'))
copyFileSync('node_modules/zod/LICENSE', join(OUTPUT, 'LICENSE-zod'))

function filesEndingIn(extension: string): string[] {
  const files = readdirSync(OUTPUT, { recursive: true, encoding: 'utf8' })
  return files.filter((name) => name.endsWith(extension)).map((name) => join(OUTPUT, name))
}

function isEntry(file: string): boolean {
  return !basename(file).startsWith('chunk-') && file !== join(OUTPUT, COMMAND)
}

/** Each module for itself, its imports of others as they are, but for the ending. */
async function toCommonJs(modules: readonly string[]): Promise<void> {
  await bundle({
    entryPoints: [...modules],
    outdir: OUTPUT,
    outbase: OUTPUT,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    bundle: true,
    logLevel: 'warning',
    footer: { js: WITH_VALUES },
    plugins: [
      {
        name: 'imports-stay',
        setup(hooks) {
          hooks.onResolve({ filter: /./ }, ({ kind, path }) => {
            if (kind === 'entry-point') return undefined
            if (kind === 'import-statement' && LOADED_WHEN_USED.has(path)) return { path, namespace: 'when-used' }
            return { path: path.replace(/^(\..*)\.js$/, '$1.cjs'), external: true }
          })
          hooks.onLoad({ filter: /./, namespace: 'when-used' }, ({ path }) => ({ contents: requiringWhenUsed(path) }))
        },
      },
    ],
  })
}

/** A module with the exports of a package, none of which it has before it is asked for one. */
function requiringWhenUsed(name: string): string {
  const members = Object.keys(require(name) as object)
  const getters = members.map((member) => `get ${member}() { return require(${JSON.stringify(name)}).${member} }`)
  return `module.exports = { ${getters.join(', ')} }`
}

function withSpecifiers(declarations: string, extension: string): string {
  return readFileSync(declarations, 'utf8').replaceAll(/((?:from|import) '\.[^']*)\.js'/g, `$1${extension}'`)
}

/**
 * What `import` loads: the names of the CommonJS module, written out. Node searches a CommonJS module that is imported for
 * the names that it exports, to its end, by a scanner that takes longer than running the module: it is given a file to search
 * that has nothing else.
 */
function writeWrapper(file: string): void {
  const names = Object.keys(require(join(process.cwd(), file)) as object).sort()
  const named = file.replace(/cjs$/, 'names.cjs')
  const assignments = names.map((name) => `exports.${name} = library.${name}\n`)
  writeFileSync(named, `const library = require('./${basename(file)}')\n${assignments.join('')}`)
  writeFileSync(file.replace(/cjs$/, 'mjs'), `export { ${names.join(', ')} } from './${basename(named)}'\n`)
}
