/** The paths that a row of a route table, or a route, is for. */
export interface RoutePattern {
  readonly segments: readonly PatternSegment[]
  /** Ends in `/*`: the path itself and everything below it. */
  readonly isTree: boolean
}

/** A segment that is spelt out, in lower case, or one that may be anything. */
type PatternSegment = { readonly literal: string } | { readonly parameter: string }

/** What a request path may hold, but for what Express gives a meaning of its own. */
const LITERAL = /^(?:[\w\-.~!$&',;=@]|%[0-9A-Fa-f]{2})+$/
const PARAMETER = /^:([A-Za-z_]\w*)$/

/**
 * Reads a path of literal segments, whole-segment parameters and at most one `*`, at the end. Answers `undefined` for any
 * other.
 *
 * The grammar is small on purpose: it means the same in Express 4 and 5, it names the parameters that the route sees, and it
 * can be compared, so that a row that cannot matter is found at start-up.
 */
export function parsePattern(path: string): RoutePattern | undefined {
  if (!path.startsWith('/') || path.includes('//')) return undefined
  const parts = segmentsOf(path)
  const isTree = parts.at(-1) === '*'
  const segments = (isTree ? parts.slice(0, -1) : parts).map(parseSegment)
  const names = segments.flatMap((segment) =>
    segment !== undefined && 'parameter' in segment ? segment.parameter : [],
  )
  if (new Set(names).size < names.length) return undefined
  return segments.every((segment) => segment !== undefined) ? { segments, isTree } : undefined
}

/** Splits a path. Slashes in a row count as one and one at the end does not count, since some router will see it so. */
export function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/**
 * Tells whether a path, in segments, matches, without regard to case.
 *
 * This matches at least what a route of the same pattern matches, in Express 4 and 5, whatever the settings of the app and of
 * the routers in it: where every matching row must grant, to match too much refuses and to match too little opens.
 */
export function matchesPattern({ segments, isTree }: RoutePattern, path: readonly string[]): boolean {
  if (isTree ? path.length < segments.length : path.length !== segments.length) return false
  return segments.every((segment, at) => 'parameter' in segment || segment.literal === path[at]?.toLowerCase())
}

/**
 * Reads the parameters of a path that matches.
 *
 * @throws {URIError} On a percent sign that begins no escape.
 */
export function readParameters({ segments }: RoutePattern, path: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    segments.flatMap((segment, at) =>
      'parameter' in segment ? [[segment.parameter, decodeURIComponent(path[at] ?? '')]] : [],
    ),
  )
}

/** Tells whether whatever matches the second pattern matches the first one too. */
export function covers(wide: RoutePattern, narrow: RoutePattern): boolean {
  const fits = wide.isTree
    ? narrow.segments.length >= wide.segments.length
    : !narrow.isTree && narrow.segments.length === wide.segments.length
  return fits && wide.segments.every((segment, at) => 'parameter' in segment || isLiteral(narrow, at, segment.literal))
}

/** Tells whether something could match both. */
export function overlaps(one: RoutePattern, other: RoutePattern): boolean {
  const [short, long] = one.segments.length <= other.segments.length ? [one, other] : [other, one]
  if (!short.isTree && short.segments.length !== long.segments.length) return false
  return short.segments.every((segment, at) => {
    const facing = long.segments[at]
    return 'parameter' in segment || facing === undefined || 'parameter' in facing || segment.literal === facing.literal
  })
}

function isLiteral(pattern: RoutePattern, at: number, literal: string): boolean {
  const segment = pattern.segments[at]
  return segment !== undefined && 'literal' in segment && segment.literal === literal
}

function parseSegment(text: string): PatternSegment | undefined {
  const parameter = PARAMETER.exec(text)?.[1]
  if (parameter !== undefined) return { parameter }
  return LITERAL.test(text) ? { literal: text.toLowerCase() } : undefined
}
