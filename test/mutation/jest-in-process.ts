import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script, constants } from 'node:vm'
import { ModernFakeTimers } from '@jest/fake-timers'
import { expect } from 'expect'
import * as circus from 'jest-circus'
import { ModuleMocker } from 'jest-mock'
import { rewindKeys } from './key-pool.js'
import { BUNDLES } from './suite.js'

// jest without jest: its own describe, test and expect run a bundled test file in this very process. Loading a file takes
// milliseconds, so that every mutant gets a fresh one.

/** What became of one test. */
export interface TestOutcome {
  readonly id: string
  readonly name: string
  readonly file: string
  readonly milliseconds: number
  readonly failure: string | undefined
}

export interface RunFileOptions {
  /** The tests to run; without it, all of them. */
  readonly only?: ReadonlySet<string> | undefined
  /** Called when the file is loaded, before the first test. */
  readonly onLoaded?: (() => void) | undefined
  readonly onTestStart?: ((id: string) => void) | undefined
  readonly onTestEnd?: (() => void) | undefined
  /** Whether a failure ends the run. */
  readonly failFast: boolean
}

type TestEntry = Extract<ReturnType<typeof circus.getState>['rootDescribeBlock']['children'][number], { type: 'test' }>
type Block = ReturnType<typeof circus.getState>['rootDescribeBlock']

const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus
const mocker = new ModuleMocker(globalThis)
type Project = ConstructorParameters<typeof ModernFakeTimers>[0]['config']
// What it reads of jest's configuration.
const project = { fakeTimers: {}, rootDir: process.cwd(), testMatch: [] } as unknown as Project
const timers = new ModernFakeTimers({ global: globalThis, config: project })
const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: () => {
    mocker.restoreAllMocks()
  },
  useFakeTimers: timers.useFakeTimers.bind(timers),
  useRealTimers: timers.useRealTimers.bind(timers),
  advanceTimersByTime: timers.advanceTimersByTime.bind(timers),
  advanceTimersByTimeAsync: timers.advanceTimersByTimeAsync.bind(timers),
  getTimerCount: timers.getTimerCount.bind(timers),
}
const scripts = new Map<string, Script>()
const uncaught: Error[] = []

/** Puts jest's names where test files look for them. */
export function installJest(): void {
  process.on('uncaughtException', (error) => {
    uncaught.push(error)
  })
  Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterAll, afterEach, expect })
}

/** Runs the tests of one file. */
export async function runFile(file: string, options: RunFileOptions): Promise<readonly TestOutcome[]> {
  const { only, onLoaded, failFast } = options
  uncaught.length = 0
  circus.resetState()
  rewindKeys()
  load(file)
  const root = circus.getState().rootDescribeBlock
  const tests = testsOf(root)
  const idOf = new Map(tests.map((entry, position) => [entry, `${file}#${String(position)}`]))
  if (only !== undefined) skipAllBut(root, (entry) => only.has(idOf.get(entry) ?? ''))
  const outcomes: TestOutcome[] = []
  const handler = (event: circus.Event): void => {
    if (event.name === 'test_started') options.onTestStart?.(idOf.get(event.test) ?? '')
    if (event.name !== 'test_done') return
    options.onTestEnd?.()
    const failure = event.test.errors.length === 0 ? undefined : String([event.test.errors[0]].flat(2)[0])
    const id = idOf.get(event.test) ?? ''
    outcomes.push({ id, name: nameOf(event.test), file, milliseconds: event.test.duration ?? 0, failure })
    if (failure !== undefined && failFast) skipAllBut(root, () => false)
  }
  circus.addEventHandler(handler)
  try {
    onLoaded?.()
    const { unhandledErrors } = await circus.run()
    // What no test can be blamed for: a hook that runs behind them, an exception in a callback.
    const failure = unhandledErrors[0] ?? uncaught[0]?.message
    if (failure !== undefined)
      outcomes.push({ id: `${file}#rest`, name: `${file}, the rest`, file, milliseconds: 0, failure })
  } finally {
    circus.removeEventHandler(handler)
    jest.restoreAllMocks()
    jest.useRealTimers()
  }
  return outcomes
}

function load(file: string): void {
  const path = resolve(BUNDLES, file.replace(/\.ts$/, '.js'))
  const script = scripts.get(path) ?? compile(path)
  scripts.set(path, script)
  const module = { exports: {} }
  const evaluate = script.runInThisContext() as (
    exports: object,
    require: (name: string) => unknown,
    module: object,
    testFileUrl: string,
  ) => void
  const require = createRequire(path)
  // An ES module has to import `jest`, and its package can be loaded inside of jest alone.
  const requireOrJest = (name: string): unknown => (name === '@jest/globals' ? { jest } : require(name))
  evaluate(module.exports, requireOrJest, module, pathToFileURL(file).href)
}

function compile(path: string): Script {
  return new Script(`(function (exports, require, module, testFileUrl) {${readFileSync(path, 'utf8')}\n})`, {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
}

function testsOf(block: Block): readonly TestEntry[] {
  return block.children.flatMap((child) => (child.type === 'test' ? [child] : testsOf(child)))
}

/** Blocks without a test to run are skipped with their hooks. */
function skipAllBut(block: Block, isWanted: (entry: TestEntry) => boolean): void {
  for (const child of block.children) {
    if (child.type === 'test') {
      if (!isWanted(child)) child.mode = 'skip'
    } else if (testsOf(child).some(isWanted)) skipAllBut(child, isWanted)
    else child.mode = 'skip'
  }
}

function nameOf(entry: TestEntry): string {
  const names: string[] = [entry.name]
  for (let block = entry.parent; block.parent !== undefined; block = block.parent) {
    names.unshift(block.name)
  }
  return names.join(' > ')
}
