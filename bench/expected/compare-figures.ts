import type { CaseFigures, Figures } from './figures.js'

/** By how much a figure may grow unnoticed. */
const TOLERANCE = 0.1

/** One figure that is not what is written down; without a number where there is none. */
export interface Difference {
  readonly case: string
  readonly build: string
  readonly figure: string
  readonly expected: number | undefined
  readonly found: number | undefined
}

export interface Comparison {
  /** More than a tenth over what is written down, or not written down. */
  readonly grown: readonly Difference[]
  /** More than a tenth below: writing it down keeps it. */
  readonly shrunk: readonly Difference[]
  /** Written down, and not counted any more. */
  readonly gone: readonly Difference[]
}

/** Holds what was counted against what is written down. */
export function compareFigures(expected: CaseFigures, found: CaseFigures): Comparison {
  const differences = namesOf(expected, found).flatMap((id) =>
    namesOf(expected[id], found[id]).flatMap((build) => {
      const before: Partial<Figures> = expected[id]?.[build] ?? {}
      const now: Partial<Figures> = found[id]?.[build] ?? {}
      return namesOf(before, now).map((figure): Difference => {
        const name = figure as keyof Figures // of either
        return { case: id, build, figure, expected: before[name], found: now[name] }
      })
    }),
  )
  return {
    grown: differences.filter(({ expected: before, found: now }) => now !== undefined && !(now <= most(before))),
    shrunk: differences.filter(({ expected: before, found: now }) => before !== undefined && most(now) < before),
    gone: differences.filter(({ found: now }) => now === undefined),
  }
}

/** Without a figure nothing is allowed, and nothing is below it. */
function most(figure = Number.NaN): number {
  return figure * (1 + TOLERANCE)
}

function namesOf(one: object = {}, other: object = {}): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
}
