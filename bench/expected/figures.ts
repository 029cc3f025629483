import type { CountSample } from '../results.js'

/** What is held of one case and build; whole numbers, as none of them is known better. */
export interface Figures {
  /** Allocated by a call, buffers and all. */
  readonly bytes: number
  readonly promises: number
  readonly calls: number
  readonly functions: number
  readonly files: number
}

/** By case and build. */
export type CaseFigures = Readonly<Record<string, Readonly<Record<string, Figures>>>>

/** What bench/expected.json holds. */
export interface Expected {
  /** The major version of Node that the figures are of: another one allocates otherwise. */
  readonly node: number
  readonly cases: CaseFigures
}

/** The figures of what was counted. */
export function figuresOf(samples: readonly CountSample[]): CaseFigures {
  const cases: Record<string, Record<string, Figures>> = {}
  for (const { case: id, contender, heap, buffers, promises, calls, functions, files } of samples) {
    if (calls === undefined || functions === undefined || files === undefined) continue
    const all = { bytes: heap + buffers, promises, calls, functions, files }
    // `|| 0` since what is nearly nothing may be below it.
    const whole = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, Math.round(value) || 0]))
    cases[id] = { ...cases[id], [contender]: whole as unknown as Figures } // the same members
  }
  return cases
}
