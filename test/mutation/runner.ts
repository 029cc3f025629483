import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  type DryRunOptions,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
} from '@stryker-mutator/api/test-runner'
import { installJest, runFile, type TestOutcome } from './jest-in-process.js'
import { installKeyPool } from './key-pool.js'
import { installLoopback } from './loopback.js'
import { listTestFiles } from './suite.js'

/**
 * Runs the suite for Stryker without a process or a socket for each mutant: a mutant is a number in a global, a test file is
 * loaded anew for each, and the first failure ends it.
 */
class InProcessRunner implements TestRunner {
  readonly #context = contextOf(globalThis)

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: true }
  }

  init(): Promise<void> {
    installLoopback()
    installKeyPool()
    installJest()
    process.env['THREATS'] = 'direct'
    // What Express prints about errors that tests bring about.
    console.error = () => undefined
    return Promise.resolve()
  }

  async dryRun({ disableBail }: DryRunOptions): Promise<DryRunResult> {
    const context = this.#context
    delete context.activeMutant
    context.mutantCoverage = { static: {}, perTest: {} }
    const tests: TestResult[] = []
    for (const file of listTestFiles()) {
      const outcomes = await runFile(file, {
        failFast: !disableBail,
        onTestStart: (id) => {
          context.currentTestId = id
        },
        onTestEnd: () => {
          delete context.currentTestId
        },
      })
      tests.push(...outcomes.map(describeOutcome))
    }
    const mutantCoverage = context.mutantCoverage
    delete context.mutantCoverage
    return { status: DryRunStatus.Complete, tests, mutantCoverage }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { testFilter, hitLimit, activeMutant, mutantActivation } = options
    const context = this.#context
    if (hitLimit !== undefined) Object.assign(context, { hitLimit, hitCount: 0 })
    let nrOfTests = 0
    try {
      const only = testFilter === undefined ? undefined : new Set(testFilter)
      for (const file of listTestFiles()) {
        if (testFilter?.some((id) => id.startsWith(`${file}#`)) === false) continue
        if (mutantActivation === 'static') context.activeMutant = activeMutant.id
        else delete context.activeMutant
        const onLoaded = (): void => {
          context.activeMutant = activeMutant.id
        }
        const outcomes = await runFile(file, { only, onLoaded, failFast: true })
        nrOfTests += outcomes.length
        const failed = outcomes.find(({ failure }) => failure !== undefined)
        const timeout = determineHitLimitReached(context.hitCount, hitLimit)
        if (timeout !== undefined) return { ...timeout, status: MutantRunStatus.Timeout }
        if (failed === undefined) continue
        return {
          status: MutantRunStatus.Killed,
          killedBy: [failed.id],
          failureMessage: failed.failure ?? '',
          nrOfTests,
        }
      }
      return { status: MutantRunStatus.Survived, nrOfTests }
    } catch (error) {
      return { status: MutantRunStatus.Error, errorMessage: String(error) }
    } finally {
      delete context.activeMutant
      delete context.hitCount
    }
  }
}

function describeOutcome({ id, name, file, milliseconds, failure }: TestOutcome): TestResult {
  const common = { id, name, fileName: file, timeSpentMs: milliseconds }
  return failure === undefined
    ? { ...common, status: TestStatus.Success }
    : { ...common, status: TestStatus.Failed, failureMessage: failure }
}

/** Where mutated code looks for the number of the mutant that is on. */
function contextOf(global: typeof globalThis): InstrumenterContext {
  const holder = global as unknown as Record<string, InstrumenterContext | undefined>
  return (holder[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {})
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)]
