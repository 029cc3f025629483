import { jest } from '@jest/globals'
import { BackOff } from '../../../src/issuers/back-off.js'

const START = 1_800_000_000_000

afterEach(() => {
  jest.restoreAllMocks()
})

/** A back-off whose time and whose longest step are set by hand. */
function createStage(random: number, maxStepSeconds = 60) {
  const stage = { now: START, maxStepSeconds }
  jest.spyOn(Math, 'random').mockReturnValue(random)
  return Object.assign(stage, {
    backOff: new BackOff(
      () => stage.now,
      () => stage.maxStepSeconds,
    ),
  })
}

const failTimes = (backOff: BackOff, times: number): void => {
  for (let n = 0; n < times; n++) backOff.fail()
}

test('nothing has to wait before a failure and after a success', () => {
  const { backOff } = createStage(1)
  const calm = { failures: 0, isOn: false, isCurrent: false, remaining: 0 }
  const look = () => ({
    failures: backOff.failures,
    isOn: backOff.isOn(),
    isCurrent: backOff.isCurrent(3600),
    remaining: backOff.remainingSeconds(),
  })
  expect(look()).toEqual(calm)
  failTimes(backOff, 3)
  expect(look()).toEqual({ failures: 3, isOn: true, isCurrent: true, remaining: 4 })
  backOff.succeed()
  expect(look()).toEqual(calm)
})

test.each([
  ['the whole', 1, [1, 2, 4, 8, 16, 32, 60, 60]],
  ['a half', 0, [0.5, 1, 2, 4, 8, 16, 30, 30]],
  ['three quarters', 0.5, [0.75, 1.5, 3, 6, 12, 24, 45, 45]],
])('steps double up to the longest, and %s of them is waited for', (_name, random, steps) => {
  const { backOff } = createStage(random)
  for (const step of steps) {
    backOff.fail()
    expect(backOff.remainingSeconds()).toBe(step)
  }
})

test.each([
  ['less than the step', 1, 4],
  ['more', 100, 100],
  ['more than anybody waits', 86_400, 300],
])('the other side asks for %s', (_name, asked, expected) => {
  const { backOff } = createStage(1)
  failTimes(backOff, 2)
  backOff.fail(asked)
  expect(backOff.remainingSeconds()).toBe(expected)
})

test('a step ends with the longest one that counts now, and what was asked for counts all the same', () => {
  const stage = createStage(1)
  failTimes(stage.backOff, 10)
  stage.now += 10_000
  expect([stage.backOff.isOn(), stage.backOff.remainingSeconds()]).toEqual([true, 50])
  stage.maxStepSeconds = 10
  expect([stage.backOff.isOn(), stage.backOff.remainingSeconds()]).toEqual([false, 0])
  stage.backOff.fail(30)
  expect(stage.backOff.remainingSeconds()).toBe(30)
})

test('it is on until its step has passed, current for a grace beyond it, and neither when the clock was set back', () => {
  const stage = createStage(1)
  failTimes(stage.backOff, 3)
  const look = (now: number) => {
    stage.now = now
    return [stage.backOff.isOn(), stage.backOff.isCurrent(60), stage.backOff.remainingSeconds()]
  }
  expect(look(START)).toEqual([true, true, 4])
  expect(look(START + 3999)).toEqual([true, true, 0.001])
  expect(look(START + 4000)).toEqual([false, true, 0])
  expect(look(START + 63_999)).toEqual([false, true, 0])
  expect(look(START + 64_000)).toEqual([false, false, 0])
  expect(look(START - 1)).toEqual([false, false, 0])
})
