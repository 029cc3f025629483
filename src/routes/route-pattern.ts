import { readPath, type Reading, type RequestPath } from './request-path.js'
import { foldName, namesOf } from './spelling.js'

/** The paths that a row of a route table, or a route, is for. */
export interface RoutePattern {
  readonly segments: readonly PatternSegment[]
  /** Ends in `/*`: the path itself and everything below it. */
  readonly isTree: boolean
}

/** A segment that is spelt out, or one that may be anything. */
type PatternSegment = Literal | { readonly parameter: string }

interface Literal {
  /** As it must be written to be meant. */
  readonly written: string
  /** Decoded and folded: as it may be read. */
  readonly literal: string
}

/** What a request path may hold, but for what Express gives a meaning of its own. */
const LITERAL = /^(?:[\w\-.~!$&',;=@]|%[0-9A-Fa-f]{2})+$/
const PARAMETER = /^:([A-Za-z_]\w*)$/
/** What a server of files looks for in a folder. */
const INDEX = /^(?:index|default)\./
const INDEX_NAME = 'index.html'

/**
 * Reads a path of literal segments, whole-segment parameters and at most one `*`, at the end. Answers `undefined` for any
 * other, and for one that no request can have.
 *
 * The grammar is small on purpose: it means the same in Express 4 and 5, it names the parameters that the route sees, and it
 * can be compared, so that a row that cannot matter is found at start-up.
 */
export function parsePattern(path: string): RoutePattern | undefined {
  if (!path.startsWith('/') || path.includes('//')) return undefined
  const parts = segmentsOf(path)
  const isTree = parts.at(-1) === '*'
  const texts = isTree ? parts.slice(0, -1) : parts
  const names = texts.flatMap((text) => PARAMETER.exec(text)?.[1] ?? [])
  if (new Set(names).size < names.length) return undefined
  if (!texts.every((text) => PARAMETER.test(text) || LITERAL.test(text))) return undefined

  const read = readPath(`/${texts.map((text) => (PARAMETER.test(text) ? 'x' : text)).join('/')}`)
  const [reading] = read?.readings ?? []
  if (read === undefined || reading === undefined) return undefined
  const segments = texts.map((text, at): PatternSegment => {
    const parameter = PARAMETER.exec(text)?.[1]
    if (parameter !== undefined) return { parameter }
    return { written: read.written[at] ?? '', literal: foldName(reading.segments[at] ?? '') }
  })
  return { segments, isTree }
}

/** A path that matches a pattern, and hardly another. */
export function exampleOf({ segments }: RoutePattern): string {
  return `/${segments.map((segment) => ('parameter' in segment ? 'x' : segment.written)).join('/')}`
}

/** Splits a path. Slashes in a row count as one and one at the end does not count, since some router will see it so. */
export function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** Tells whether a path is written as the pattern is, but for a slash at the end: then it is certainly meant. */
export function isWrittenAs({ segments, isTree }: RoutePattern, { written }: RequestPath): boolean {
  if (isTree ? written.length < segments.length : written.length !== segments.length) return false
  return segments.every((segment, at) => 'parameter' in segment || segment.written === written[at])
}

/** A reading with what each of its first segments may be called. */
export interface NamedReading extends Reading {
  readonly names: readonly (readonly string[])[]
}

/** Names the segments of a reading that patterns of so many segments look at. */
export function nameSegments(reading: Reading, depth: number): NamedReading {
  return { ...reading, names: reading.segments.slice(0, depth).map(namesOf) }
}

/**
 * Tells whether a reading of a path matches, by any name that its segments may have.
 *
 * This matches at least what a route of the same pattern matches, in Express 4 and 5, whatever the settings of the app and of
 * the routers in it: where every matching row must grant, to match too much refuses and to match too little opens.
 */
export function matchesReading({ segments, isTree }: RoutePattern, { segments: path, names }: NamedReading): boolean {
  if (isTree ? path.length < segments.length : path.length !== segments.length) return false
  return isNamed(segments, names)
}

/** Tells whether a pattern matches the index of the folder that a reading is. */
export function matchesIndex(pattern: RoutePattern, { segments: path, names, isFolder }: NamedReading): boolean {
  const { segments } = pattern
  const last = segments.at(-1)
  if (!isFolder || last === undefined || segments.length !== path.length + 1) return false
  return ('parameter' in last || isIndex(pattern)) && isNamed(segments.slice(0, -1), names)
}

/** Tells whether a pattern ends in the name of an index. */
export function isIndex({ segments }: RoutePattern): boolean {
  const last = segments.at(-1)
  return last !== undefined && 'literal' in last && INDEX.test(last.literal)
}

/** Tells whether a pattern spells out the path that it is for, to its end. */
export function isSpeltOut({ segments, isTree }: RoutePattern): boolean {
  const last = segments.at(-1)
  return !isTree && (last === undefined || 'literal' in last)
}

function isNamed(segments: readonly PatternSegment[], names: readonly (readonly string[])[]): boolean {
  return segments.every((segment, at) => 'parameter' in segment || names[at]?.includes(segment.literal) === true)
}

/** Reads the parameters out of the decoded segments of a path that matches. */
export function readParameters({ segments }: RoutePattern, path: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    segments.flatMap((segment, at) => ('parameter' in segment ? [[segment.parameter, path[at] ?? INDEX_NAME]] : [])),
  )
}

/** Tells whether whatever matches the second pattern matches the first one too: as it may be read, or as it is written. */
export function covers(wide: RoutePattern, narrow: RoutePattern, by: keyof Literal = 'literal'): boolean {
  const fits = wide.isTree
    ? narrow.segments.length >= wide.segments.length
    : !narrow.isTree && narrow.segments.length === wide.segments.length
  return fits && wide.segments.every((segment, at) => 'parameter' in segment || isLiteral(narrow, at, by, segment[by]))
}

/** Tells whether something could match both, as it may be read. */
export function overlaps(one: RoutePattern, other: RoutePattern): boolean {
  const [short, long] = one.segments.length <= other.segments.length ? [one, other] : [other, one]
  if (!short.isTree && short.segments.length !== long.segments.length) return false
  return short.segments.every((segment, at) => {
    const facing = long.segments[at]
    return 'parameter' in segment || facing === undefined || 'parameter' in facing || segment.literal === facing.literal
  })
}

function isLiteral(pattern: RoutePattern, at: number, by: keyof Literal, text: string): boolean {
  const segment = pattern.segments[at]
  return segment !== undefined && 'literal' in segment && segment[by] === text
}
