import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { build as bundle } from 'esbuild'
import { build as buildModules } from 'tsup'

// Builds dist/: what Node runs is CommonJS, whether it is required or imported, so that one process has one copy of all
// state. Bundlers take the ES modules (condition "module"). tsup would make the CommonJS too, but sends what entries share
// through a step that rewrites syntax and takes the names of classes.

const OUTPUT = 'dist'

await buildModules({ silent: true, ...(process.argv.includes('--no-dts') && { dts: false }) })
await toCommonJs(filesEndingIn('.js'))
for (const file of filesEndingIn('.d.ts')) writeFileSync(file.replace(/ts$/, 'cts'), withSpecifiers(file, '.cjs'))
for (const file of filesEndingIn('.cjs').filter((name) => !basename(name).startsWith('chunk-'))) writeWrapper(file)
// Their licenses ask that they go with every copy.
copyFileSync('node_modules/jose/LICENSE.md', join(OUTPUT, 'LICENSE-jose.md'))
copyFileSync('node_modules/zod/LICENSE', join(OUTPUT, 'LICENSE-zod'))

function filesEndingIn(extension: string): string[] {
  const files = readdirSync(OUTPUT, { recursive: true, encoding: 'utf8' })
  return files.filter((name) => name.endsWith(extension)).map((name) => join(OUTPUT, name))
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
    plugins: [
      {
        name: 'imports-stay',
        setup(hooks) {
          hooks.onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'entry-point' ? undefined : { path: path.replace(/^(\..*)\.js$/, '$1.cjs'), external: true },
          )
        },
      },
    ],
  })
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
  const names = Object.keys(createRequire(import.meta.url)(join(process.cwd(), file)) as object).sort()
  const named = file.replace(/cjs$/, 'names.cjs')
  const assignments = names.map((name) => `exports.${name} = library.${name}\n`)
  writeFileSync(named, `const library = require('./${basename(file)}')\n${assignments.join('')}`)
  writeFileSync(file.replace(/cjs$/, 'mjs'), `export { ${names.join(', ')} } from './${basename(named)}'\n`)
}
