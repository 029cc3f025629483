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
    const figures: Figures = {
      bytes: Math.round(heap + buffers),
      // What is nearly none may be a little below it.
      promises: Math.max(0, Math.round(promises)),
      calls: Math.round(calls),
      functions,
      files,
    }
    cases[id] = { ...cases[id], [contender]: figures }
  }
  return cases
}
