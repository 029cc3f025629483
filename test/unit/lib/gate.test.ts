import { createGate } from '../../../src/lib/gate.js'

const waiting = (): AbortController => new AbortController()

test('lets so many in at once, and then one for each that leaves, in the order in which they came', async () => {
  const gate = createGate(2)
  const entered: number[] = []
  const { signal } = waiting()
  const all = [0, 1, 2, 3].map(async (n) => {
    await gate.enter(signal)
    entered.push(n)
  })
  await Promise.all(all.slice(0, 2))
  expect(entered).toEqual([0, 1])
  gate.leave()
  await all[2]
  gate.leave()
  await all[3]
  expect(entered).toEqual([0, 1, 2, 3])
})

test('lets go of who waits no longer, and gives the place to the next', async () => {
  const gate = createGate(1)
  await gate.enter(waiting().signal)
  const impatient = waiting()
  const refused = gate.enter(impatient.signal)
  const patient = gate.enter(waiting().signal)
  impatient.abort()
  await expect(refused).rejects.toThrow('no place in time')
  gate.leave()
  await expect(patient).resolves.toBeUndefined()
  gate.leave()
  await expect(gate.enter(waiting().signal)).resolves.toBeUndefined()
})

test('does not let in whose time was over before', async () => {
  const gate = createGate(1)
  const late = waiting()
  late.abort()
  await expect(gate.enter(late.signal)).rejects.toThrow()
  await expect(gate.enter(waiting().signal)).resolves.toBeUndefined()
})
