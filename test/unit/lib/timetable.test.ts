import { jest } from '@jest/globals'
import fc from 'fast-check'
import { createTimetable } from '../../../src/lib/timetable.js'

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] })
})
afterEach(() => {
  jest.useRealTimers()
})

/** A timetable whose clock goes with the timers, but for what is added. */
function start() {
  let time = 1_700_000_000
  const done: string[] = []
  const timetable = createTimetable(() => time)
  return {
    timetable,
    done,
    add: (seconds: number, name: string) => timetable.add(time + seconds, () => done.push(name)),
    pass: (seconds: number): void => {
      for (let left = seconds; left > 0; left -= 0.5) {
        time += 0.5
        jest.advanceTimersByTime(500)
      }
    },
    setClock: (by: number): void => {
      time += by
    },
  }
}

describe('a timetable', () => {
  it('runs what is due, in order, and nothing else', () => {
    const { add, pass, done } = start()
    add(20, 'c')
    add(5, 'a')
    add(10, 'b')
    pass(4.5)
    expect(done).toEqual([])
    pass(6)
    expect(done).toEqual(['a', 'b'])
    pass(10)
    expect(done).toEqual(['a', 'b', 'c'])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('has one timer, however much is in it, and none for nothing', () => {
    const { add } = start()
    const cancels = Array.from({ length: 1000 }, (_, n) => add(1000 - n, String(n)))
    expect(jest.getTimerCount()).toBe(1)
    for (const cancel of cancels) cancel()
    expect(jest.getTimerCount()).toBe(0)
  })

  it('never runs anything at once', () => {
    const { add, pass, done } = start()
    add(-10, 'late')
    expect(done).toEqual([])
    pass(0.5)
    expect(done).toEqual(['late'])
  })

  it('waits for what is further away than a timer can be told', () => {
    const { add, done } = start()
    add(2 ** 31, 'far')
    jest.advanceTimersByTime(120_000)
    expect(done).toEqual([])
    expect(jest.getTimerCount()).toBe(1)
  })

  it('notices soon when the clock was set forward, and is not early when it was set back', () => {
    const { add, pass, setClock, done } = start()
    add(3600, 'forward')
    setClock(3590)
    pass(30)
    expect(done).toEqual(['forward'])
    add(10, 'back')
    setClock(-60)
    pass(30)
    expect(done).toEqual(['forward'])
    pass(60)
    expect(done).toEqual(['forward', 'back'])
  })

  it('takes a clock that cannot be read for the end of everything', () => {
    let broken = false
    const done: number[] = []
    const timetable = createTimetable(() => {
      if (broken) throw new Error('no time')
      return 0
    })
    timetable.add(3600, () => done.push(1))
    broken = true
    jest.advanceTimersByTime(30_000)
    expect(done).toEqual([1])
  })

  it('may be added to, and taken from, by what it runs', () => {
    const { timetable, add, pass, done } = start()
    const cancel = add(5, 'taken back')
    add(4, 'first')
    timetable.add(0, () => {
      cancel()
      add(0, 'added')
    })
    pass(1)
    expect(done).toEqual(['added'])
    pass(10)
    expect(done).toEqual(['added', 'first'])
  })

  it('does not run what the one before it took back at the last moment', () => {
    const { timetable, add, pass, done } = start()
    timetable.add(0, () => {
      cancel()
    })
    const cancel = add(0, 'taken back')
    pass(1)
    expect(done).toEqual([])
  })

  it('forgets everything when it is cleared, and can be used again', () => {
    const { timetable, add, pass, done } = start()
    const cancel = add(1, 'a')
    timetable.clear()
    expect(jest.getTimerCount()).toBe(0)
    cancel()
    add(2, 'b')
    pass(3)
    expect(done).toEqual(['b'])
  })

  it('does what a sorted list does', () => {
    const step = fc.record({ isAdd: fc.boolean(), seconds: fc.nat(50), which: fc.nat(30), pass: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { add, pass, done, timetable } = start()
        const model: { name: string; at: number; cancel: () => void }[] = []
        const expected: string[] = []
        let time = 0
        for (const [n, { isAdd, seconds, which, pass: passed }] of steps.entries()) {
          if (isAdd) model.push({ name: String(n), at: time + seconds + 0.25, cancel: add(seconds + 0.25, String(n)) })
          else
            model.splice(which % (model.length + 1), 1).forEach(({ cancel }) => {
              cancel()
            })
          pass(passed)
          time += passed
          const due = model.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)
          for (const one of due) model.splice(model.indexOf(one), 1)
          expected.push(...due.map(({ name }) => name))
          expect([...done].sort()).toEqual([...expected].sort())
        }
        timetable.clear()
      }),
      { numRuns: 200 },
    )
  })

  it('lets the process end', () => {
    jest.useRealTimers()
    const before = process.getActiveResourcesInfo().length
    createTimetable(() => 0).add(3600, () => undefined)
    expect(process.getActiveResourcesInfo().length).toBe(before)
  })
})
