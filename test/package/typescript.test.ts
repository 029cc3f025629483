import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { installConsumer } from './install-consumer.js'
import { run } from './run.js'

const settings = [
  '--noEmit --strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --esModuleInterop --skipLibCheck false',
  '--target es2022 --lib es2022 --types node',
].join(' ')

/** How modules are found: the oldest way, and those of today. */
const resolutions = {
  node10: '--module commonjs --moduleResolution node10',
  node16: '--module node16 --moduleResolution node16',
  nodenext: '--module nodenext --moduleResolution nodenext',
  bundler: '--module esnext --moduleResolution bundler',
}
type Resolution = keyof typeof resolutions

/** Compiles files of a consumer, and says what the compiler says. Declarations of packages are checked, too. */
function compile(folder: string, compiler: string, resolution: Resolution, files: readonly string[]): string {
  const home = join(folder, 'node_modules', compiler)
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { bin: { tsc: string } }
  // Deprecated there, and gone in the next version.
  const leave = compiler === 'typescript6' && resolution === 'node10' ? ['--ignoreDeprecations', '6.0'] : []
  const options = [...settings.split(' '), ...resolutions[resolution].split(' '), ...leave]
  return run(process.execPath, [join(home, bin.tsc), ...options, ...files.map((name) => join('src', name))], folder)
}

function install(name: string): string {
  const folder = installConsumer(name)
  cpSync(resolve('test/package/consumers/typescript/src'), join(folder, 'src'), { recursive: true })
  cpSync(resolve('test/types/handlers.ts'), join(folder, 'src/handlers.ts'))
  return folder
}

describe('with the types of Express 5', () => {
  let folder: string
  beforeAll(() => {
    folder = install('typescript')
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const old: readonly Resolution[] = ['node10', 'node16', 'nodenext', 'bundler']
  const cells: readonly (readonly [compiler: string, resolution: Resolution])[] = [
    ...['typescript5.4', 'typescript5.9', 'typescript6'].flatMap((compiler) =>
      old.map((resolution) => [compiler, resolution] as const),
    ),
    ...(['node16', 'nodenext', 'bundler'] as const).map((resolution) => ['typescript7', resolution] as const),
  ]

  it.each(cells)('%s finds every entry by %s', (compiler, resolution) => {
    expect(compile(folder, compiler, resolution, ['entries.ts'])).toBe('')
  })

  it.each([
    ['typescript5.4', 'node10'],
    ['typescript7', 'nodenext'],
  ] as const)('%s takes by %s whatever compiles behind cors()', (compiler, resolution) => {
    expect(compile(folder, compiler, resolution, ['handlers.ts'])).toBe('')
  })

  it.each(['beside-auth0.ts', 'beside-others.ts'])('compiles beside libraries that have a req.auth too: %s', (file) => {
    expect(compile(folder, 'typescript7', 'nodenext', [file])).toBe('')
  })
})

describe('with the types of Express 4', () => {
  let folder: string
  beforeAll(() => {
    folder = install('typescript-express4')
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(['entries.ts', 'handlers.ts', 'beside-auth0.ts', 'beside-others.ts'])('compiles %s', (file) => {
    expect(compile(folder, 'typescript7', 'nodenext', [file])).toBe('')
  })
})
