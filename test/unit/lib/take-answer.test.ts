import { jest } from '@jest/globals'
import { isPending } from '../../../src/lib/eventual.js'
import { isPromised, takeAnswer } from '../../../src/lib/take-answer.js'

const deadline = { seconds: 5, late: () => new Error('too late') }
const take = (answer: unknown) => takeAnswer(answer, { read: (one) => ['read', one], deadline })

beforeEach(() => {
  // Timers alone: time itself is not looked at.
  jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] })
})

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

type Callback = (value: unknown) => void

describe('takeAnswer', () => {
  it.each([undefined, null, 0, 'then', true, {}, { then: true }])('reads %p at once', (answer) => {
    expect(take(answer)).toEqual(['read', answer])
  })

  it.each<[name: string, thenable: unknown]>([
    ['a promise', Promise.resolve(1)],
    [
      'a promise of a promise',
      Promise.resolve({
        then: (resolve: Callback) => {
          resolve(1)
        },
      }),
    ],
    [
      'a thenable that calls back at once',
      {
        then: (resolve: Callback) => {
          resolve(1)
        },
      },
    ],
    [
      'one that calls back twice',
      {
        then: (resolve: Callback) => {
          resolve(1)
          resolve(2)
        },
      },
    ],
    [
      'one that changes its mind',
      {
        then: (resolve: Callback, reject: Callback) => {
          resolve(1)
          reject(new Error('no'))
        },
      },
    ],
    [
      'one that throws after it has called back',
      {
        then: (resolve: Callback) => {
          resolve(1)
          throw new Error('no')
        },
      },
    ],
    [
      'a function with a `then`',
      Object.assign(() => undefined, {
        then: (resolve: Callback) => {
          resolve(1)
        },
      }),
    ],
  ])('waits for %s', async (_name, thenable) => {
    const answer = take(thenable)
    expect(isPending(answer)).toBe(true)
    expect(await answer).toEqual(['read', 1])
  })

  it.each<[name: string, thenable: unknown]>([
    ['a promise that rejects', Promise.reject(new Error('no'))],
    [
      'a thenable that rejects at once',
      {
        then: (_: Callback, reject: Callback) => {
          reject(new Error('no'))
        },
      },
    ],
    [
      'one that throws',
      {
        then: () => {
          throw new Error('no')
        },
      },
    ],
    [
      'one that rejects twice',
      {
        then: (_: Callback, reject: Callback) => {
          reject(new Error('no'))
          reject(new Error('again'))
        },
      },
    ],
  ])('fails as %s does', async (_name, thenable) => {
    await expect(take(thenable)).rejects.toThrow('no')
  })

  it('reads `then` once, and throws what its getter throws', async () => {
    let reads = 0
    const changing = {
      get then() {
        reads++
        return reads > 1
          ? undefined
          : (resolve: Callback) => {
              resolve(1)
            }
      },
    }
    expect(await take(changing)).toEqual(['read', 1])
    expect(reads).toBe(1)
    const throwing = {
      get then() {
        throw new Error('no')
      },
    }
    expect(() => take(throwing)).toThrow('no')
  })

  it("fails at the deadline, and whatever comes later is nobody's", async () => {
    let reject: Callback = () => undefined
    const answer = take(
      new Promise((_, no) => {
        reject = no
      }),
    )
    const failed = expect(answer).rejects.toThrow('too late')
    jest.advanceTimersByTime(4999)
    expect(jest.getTimerCount()).toBe(1)
    jest.advanceTimersByTime(1)
    await failed
    reject(new Error('long after'))
  })

  it('fails with what reading throws', async () => {
    const read = (): never => {
      throw new Error('unreadable')
    }
    expect(() => takeAnswer(1, { read, deadline })).toThrow('unreadable')
    await expect(takeAnswer(Promise.resolve(1), { read, deadline })).rejects.toThrow('unreadable')
  })

  it('waits for what has deadlines of its own for as long as it takes', async () => {
    const answer = takeAnswer(Promise.resolve(1), { read: (one) => one, deadline: undefined })
    expect(jest.getTimerCount()).toBe(0)
    expect(await answer).toBe(1)
  })
})

describe('isPromised', () => {
  it('tells a promise, and takes its rejection', () => {
    expect(isPromised(Promise.reject(new Error("nobody's")))).toBe(true)
    expect(
      isPromised({
        then: () => {
          throw new Error("nobody's")
        },
      }),
    ).toBe(true)
  })

  it.each([undefined, null, true, {}, { then: 1 }])('tells that %p is none', (answer) => {
    expect(isPromised(answer)).toBe(false)
  })
})
