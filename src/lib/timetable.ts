/** What is to be done when, in seconds since the epoch. */
export interface Timetable {
  /**
   * Has something done when its time has come, and never at once. It must not throw.
   *
   * @returns What takes it back, and does nothing when it is done already.
   */
  readonly add: (due: number, run: () => void) => () => void
  /** Takes everything back. */
  readonly clear: () => void
}

interface Entry {
  readonly due: number
  /** Undefined when it was taken back. */
  run: (() => void) | undefined
  /** Where it is in the heap; -1 when it is not in it. */
  position: number
}

/** A clock may be set, and a timer waits for no longer than 2^31 ms: it looks again after so long. */
const MAX_SLEEP_SECONDS = 30

/**
 * Creates a timetable with one timer for everything in it. The timer keeps no process alive.
 *
 * @param now - Reads the time. When it throws, everything is due: what cannot be told must not last.
 */
export function createTimetable(now: () => number): Timetable {
  const heap = new Heap()
  let timer: NodeJS.Timeout | undefined
  let wakesAt = Number.POSITIVE_INFINITY

  const read = (): number => {
    try {
      return now()
    } catch {
      return Number.POSITIVE_INFINITY
    }
  }
  const rest = (): void => {
    clearTimeout(timer)
    wakesAt = Number.POSITIVE_INFINITY
  }
  const arm = (): void => {
    const next = heap.first()
    if (next === undefined) rest()
    else if (next.due < wakesAt) {
      clearTimeout(timer)
      wakesAt = next.due
      const seconds = Math.min(Math.max(next.due - read(), 0), MAX_SLEEP_SECONDS)
      timer = setTimeout(wake, Math.ceil(seconds * 1000)).unref()
    }
  }
  const wake = (): void => {
    wakesAt = Number.POSITIVE_INFINITY
    const time = read()
    const due: Entry[] = []
    for (let next = heap.first(); next !== undefined && next.due <= time; next = heap.first()) {
      heap.remove(next)
      due.push(next)
    }
    arm()
    for (const { run } of due) run?.()
  }

  return {
    add(due, run) {
      const entry: Entry = { due, run, position: -1 }
      heap.add(entry)
      arm()
      return () => {
        heap.remove(entry)
        entry.run = undefined
        if (heap.first() === undefined) rest()
      }
    },
    clear() {
      heap.clear()
      rest()
    },
  }
}

/** The earliest first; each entry knows its place, so that it can be taken out. */
class Heap {
  #entries: Entry[] = []

  first(): Entry | undefined {
    return this.#entries[0]
  }

  clear(): void {
    for (const entry of this.#entries) entry.position = -1
    this.#entries = []
  }

  add(entry: Entry): void {
    this.#place(entry, this.#entries.length)
    this.#rise(entry)
  }

  remove(entry: Entry): void {
    const { position } = entry
    if (position === -1) return
    entry.position = -1
    const last = this.#entries.pop()
    if (last === undefined || last === entry) return
    this.#place(last, position)
    this.#rise(last)
    this.#sink(last)
  }

  #place(entry: Entry, position: number): void {
    this.#entries[position] = entry
    entry.position = position
  }

  #rise(entry: Entry): void {
    while (entry.position > 0) {
      const position = (entry.position - 1) >> 1
      const parent = this.#entries[position]
      if (parent === undefined || parent.due <= entry.due) return
      this.#place(parent, entry.position)
      this.#place(entry, position)
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const [left, right] = [1, 2].map((step) => this.#entries[2 * entry.position + step])
      const child = right !== undefined && left !== undefined && right.due < left.due ? right : left
      if (child === undefined || child.due >= entry.due) return
      const { position } = child
      this.#place(child, entry.position)
      this.#place(entry, position)
    }
  }
}
