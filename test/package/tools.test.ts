import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { installConsumer } from './install-consumer.js'
import { run, runNode, versions } from './run.js'

const TRUE = 'the story is true\n'

/** Express itself is CommonJS, and asks for this in a bundle of ES modules. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

let folder: string
beforeAll(() => {
  folder = installConsumer('tools')
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const packageCommand = (name: string): string => join(folder, 'node_modules/.bin', name)
const node = (...args: readonly string[]): string => run(process.execPath, args, folder)

describe('a test runner', () => {
  it.each([
    ['Jest as it comes, CommonJS', 'jest-commonjs', 'jest --json --silent'],
    ['Jest with ts-jest, as NestJS generates it', 'nest', 'jest --json --silent'],
    ['Jest with ES modules', 'jest-esm', '--experimental-vm-modules jest --json --silent'],
    ['Vitest', 'vitest', 'vitest run --reporter=json'],
  ])('%s', (_name, project, command) => {
    const args = command.split(' ').map((word) => (/^(?:jest|vitest)$/.test(word) ? packageCommand(word) : word))
    const { numPassedTests, success } = JSON.parse(run(process.execPath, args, join(folder, project))) as {
      numPassedTests: number
      success: boolean
    }
    expect(success).toBe(true)
    expect(numPassedTests).toBeGreaterThan(0)
  })
})

describe('without require of ES modules, as AWS Lambda and Vercel start Node', () => {
  it.each(versions)('two serverless adapters on Node %s', (version) => {
    expect(runNode(version, ['--no-experimental-require-module', 'serverless/main.cjs'], folder)).toBe(TRUE)
  })
})

describe('a bundle', () => {
  it.each([
    ['esbuild', 'main.mjs', 'cjs'],
    ['esbuild', 'main.mjs', 'esm'],
    ['esbuild', 'main.cjs', 'cjs'],
  ])('of %s: %s as %s', (_bundler, main, format) => {
    const bundle = join('out', `${main}.${format === 'esm' ? 'mjs' : 'cjs'}`)
    const banner = format === 'esm' ? [`--banner:js=${BANNER}`] : []
    const options = ['--bundle', '--platform=node', `--format=${format}`, `--outfile=${bundle}`, '--log-level=warning']
    run(packageCommand('esbuild'), [join('bundle', main), ...options, ...banner], folder)
    expect(node(bundle)).toBe(TRUE)
  })

  it.each([
    ['main.mjs', 'commonjs'],
    ['main.mjs', 'module'],
    ['main.cjs', 'commonjs'],
  ])('of webpack: %s as %s', (main, format) => {
    expect(JSON.parse(node('bundle/webpack.cjs', main, format))).toEqual([])
    expect(node(join('out', `webpack-${main}`, format === 'module' ? 'main.mjs' : 'main.cjs'))).toBe(TRUE)
  })
})
