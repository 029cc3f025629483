import { Circuit } from '../../../src/introspection/circuit.js'

function begin() {
  let now = 1_000_000
  const circuit = new Circuit(() => now)
  return { circuit, later: (seconds: number) => (now += seconds * 1000) }
}

const fail = (circuit: Circuit, times: number, asksForPause = false): void => {
  for (let i = 0; i < times; i++) circuit.fail(asksForPause)
}

it('doubts after four failures in a row, and makes no pause of them', () => {
  const { circuit } = begin()
  fail(circuit, 3)
  expect(circuit.isDoubtful()).toBe(false)
  fail(circuit, 1)
  expect([circuit.isDoubtful(), circuit.remainingSeconds(), circuit.pauses]).toEqual([true, 0, 0])
})

it('doubts at once where a pause is asked for, and makes none', () => {
  const { circuit } = begin()
  fail(circuit, 1, true)
  expect([circuit.isDoubtful(), circuit.remainingSeconds()]).toEqual([true, 0])
})

it('counts from the last good answer on', () => {
  const { circuit, later } = begin()
  fail(circuit, 3)
  circuit.succeed()
  later(60)
  fail(circuit, 3)
  expect(circuit.isDoubtful()).toBe(false)
  fail(circuit, 1)
  expect(circuit.isDoubtful()).toBe(true)
})

it('neither doubts nor pauses for ten seconds after a good answer', () => {
  const { circuit, later } = begin()
  circuit.succeed()
  fail(circuit, 100, true)
  circuit.pause(60)
  later(9.999)
  circuit.pause(60)
  expect([circuit.isDoubtful(), circuit.remainingSeconds(), circuit.pauses]).toEqual([false, 0, 0])
  later(0.001)
  expect(circuit.isDoubtful()).toBe(true)
  circuit.pause(60)
  expect([circuit.remainingSeconds(), circuit.pauses]).toEqual([60, 1])
})

it('does not take a good answer for a late one when the clock is set back', () => {
  const { circuit, later } = begin()
  circuit.succeed()
  later(-1)
  fail(circuit, 4)
  expect(circuit.isDoubtful()).toBe(true)
})

it('pauses for longer and longer, ten seconds at most, and doubts after each', () => {
  const { circuit, later } = begin()
  for (const most of [1, 2, 4, 8, 10, 10]) {
    circuit.pause()
    const seconds = circuit.remainingSeconds()
    expect(seconds).toBeGreaterThanOrEqual(most / 2)
    expect(seconds).toBeLessThanOrEqual(most)
    // Another one that was under way does not lengthen it.
    circuit.pause(300)
    expect(circuit.remainingSeconds()).toBe(seconds)
    later(seconds)
    expect([circuit.remainingSeconds(), circuit.isDoubtful()]).toEqual([0, true])
  }
  expect(circuit.pauses).toBe(6)
})

it('pauses for as long as the other side asks, five minutes at most', () => {
  const { circuit, later } = begin()
  circuit.pause(30)
  expect(circuit.remainingSeconds()).toBe(30)
  later(30)
  circuit.pause(86_400)
  expect(circuit.remainingSeconds()).toBe(300)
})

it('ends a pause with a good answer', () => {
  const { circuit, later } = begin()
  fail(circuit, 4)
  circuit.pause(30)
  circuit.succeed()
  expect([circuit.remainingSeconds(), circuit.pauses, circuit.isDoubtful()]).toEqual([0, 0, false])
  later(60)
  expect(circuit.isDoubtful()).toBe(false)
})
