import { createSingleFlight } from '../../../src/lib/single-flight.js'

function work() {
  const runs: PromiseWithResolvers<number>[] = []
  const flight = createSingleFlight(() => {
    const { promise, resolve, reject } = deferred()
    runs.push({ promise, resolve, reject })
    return promise
  })
  return { runs, flight }
}

interface PromiseWithResolvers<Value> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (reason: Error) => void
}

function deferred(): PromiseWithResolvers<number> {
  let resolve: PromiseWithResolvers<number>['resolve'] = () => undefined
  let reject: PromiseWithResolvers<number>['reject'] = () => undefined
  const promise = new Promise<number>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}

describe('createSingleFlight', () => {
  test('runs the work once for all calls made while it is under way', async () => {
    const { runs, flight } = work()
    const answers = [flight.run(), flight.run(), flight.run()]
    expect(runs).toHaveLength(1)
    runs[0]?.resolve(1)
    expect(await Promise.all(answers)).toEqual([1, 1, 1])
  })

  test('runs it again for a call made afterwards', async () => {
    const { runs, flight } = work()
    const first = flight.run()
    runs[0]?.resolve(1)
    await first
    const second = flight.run()
    runs[1]?.resolve(2)
    expect(await second).toBe(2)
    expect(runs).toHaveLength(2)
  })

  test('shares a failure, and then forgets it', async () => {
    const { runs, flight } = work()
    const answers = [flight.run(), flight.run()]
    runs[0]?.reject(new Error('no'))
    expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const again = flight.run()
    runs[1]?.resolve(1)
    expect(await again).toBe(1)
  })

  test('tells what is under way', async () => {
    const { runs, flight } = work()
    expect(flight.pending()).toBeUndefined()
    const answer = flight.run()
    expect(flight.pending()).toBe(answer)
    runs[0]?.resolve(1)
    await answer
    expect(flight.pending()).toBeUndefined()
  })
})
