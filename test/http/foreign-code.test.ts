import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import express from 'express'
import { callbacks } from './foreign-code/callbacks.js'
import { misbehaviours } from './foreign-code/misbehaviours.js'
import { walk, type Step } from './foreign-code/walk.js'

const script = fileURLToPath(new URL('./foreign-code/run.ts', import.meta.url))

/** What a walk in a process of its own found: over Express 5, then over Express 4. */
interface Run {
  readonly steps: readonly Step[]
  readonly unhandled: readonly string[]
  /** Whether the promise of an async function is no instance of the global Promise. */
  readonly isPatched: boolean
}

async function runApart(...flags: readonly string[]): Promise<Run> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...flags])
  return JSON.parse(stdout) as Run
}

const differing = (steps: readonly Step[]): readonly Step[] =>
  steps.filter(({ expected, found }) => JSON.stringify(expected) !== JSON.stringify(found))

describe('a function of the user that misbehaves leads to the status of its table, and to a good answer the next time', () => {
  let steps: readonly Step[] = []

  beforeAll(async () => {
    steps = await walk(() => express())
  })

  const rows = callbacks.flatMap(({ name }) => misbehaviours.map((misbehaviour) => [name, misbehaviour] as const))

  it.each(rows)('%s %s', (name, misbehaviour) => {
    const step = steps.find((one) => one.callback === name && one.misbehaviour === misbehaviour)
    expect(step?.found).toEqual(step?.expected)
    expect(step?.expected).toHaveLength(2)
  })
})

describe('whatever they do, nothing hangs and no rejection is left alone, with Express 5 and 4', () => {
  it.each([
    ['as Node.js is', [], false],
    ['with zone.js, for which the promise of an async function is no Promise', ['--zone'], true],
  ])('%s', async (_name, flags, isPatched) => {
    const run = await runApart(...flags)
    expect(run.unhandled).toEqual([])
    expect(differing(run.steps)).toEqual([])
    expect(run.steps).toHaveLength(2 * callbacks.length * misbehaviours.length)
    expect(run.isPatched).toBe(isPatched)
  })
})
