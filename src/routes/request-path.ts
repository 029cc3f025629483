import { composed } from './spelling.js'

/** How one reader may take a path. */
export interface Reading {
  /** Decoded, and without the empty one after a slash at the end. */
  readonly segments: readonly string[]
  /** It ends in a slash: whoever serves files serves the index of a folder then. */
  readonly isFolder: boolean
}

/** A path of which it is known how it can be read. */
export interface RequestPath {
  /** The segments as they were sent, in one spelling of escapes; see {@link writtenAs}. */
  readonly written: readonly string[]
  /** The first is that of whoever splits the path before decoding it, as Express does. */
  readonly readings: readonly Reading[]
}

/** RFC 9112 section 3.2.2, with nothing in the authority that could begin a path for somebody else. */
const ABSOLUTE = /^https?:\/\/(?:[\w.-]+|\[[\dA-Fa-f:.]+\])(?::\d*)?(\/[^?]*)?(?:\?|$)/i
/** RFC 3986 section 3.3, and what browsers leave as it is. */
const PATH = /^\/(?:[\w\-.~!$&'()*+,;=:@/|^[\]]|%[\dA-Fa-f]{2})*$/
/** Backslashes, control characters, and escapes that are left when all have been decoded. */
const MISREAD = /[\\\p{Cc}]|%(?:[\dA-F]{2}|u[\dA-F]{4})/iu
/** Segments that are empty or dots to somebody: as they stand, cut at what ends a name, without the dots and spaces at the end. */
const DOTS = /\/(?:\/|[;:]|[. ]+(?:[/;:?#]|$))/

/** `OPTIONS *` */
const ASTERISK: RequestPath = { written: ['*'], readings: [{ segments: ['*'], isFolder: false }] }

/** Takes the path out of the target of a request; `undefined` where that may be more than one. */
export function pathOfTarget(target: string): string | undefined {
  if (!target.startsWith('/')) {
    const match = ABSOLUTE.exec(target)
    return match === null ? undefined : (match[1] ?? '/')
  }
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}

/**
 * Reads a path in every way in which those behind us may read it: an encoded slash as one or as a part of a name, and a "?" or
 * "#" that was encoded as the end of the path or as a part of a name; each also where another character is one to whoever
 * composes characters, as full-width ones are. Answers `undefined` for what they could take anywhere:
 * dot segments, empty segments, backslashes and control characters, in whatever encoding; escapes within escapes, escapes
 * that are none or no UTF-8, and characters that no path may have.
 */
export function readPath(target: string): RequestPath | undefined {
  if (target === '*') return ASTERISK
  const path = pathOfTarget(target)
  if (path === undefined || !PATH.test(path)) return undefined
  const decoded = decode(path)
  const simple = decoded === undefined ? undefined : simplify(decoded)
  if (decoded === undefined || simple === undefined) return undefined

  const isFolder = path.endsWith('/')
  const raw = splitPath(path)
  // Each is whole UTF-8 since all of it is: no octet of a character is a slash.
  const whole = decoded === path ? raw : raw.map(decodeURIComponent)
  const isSplit = whole.some((segment) => segment.includes('/'))
  const split = isSplit ? splitPath(decoded) : whole
  const wholes = [whole, ...(isSplit ? [split] : []), ...(simple === decoded ? [] : [splitPath(simple)])]
  const cuts = wholes.filter((segments) => segments.some(hasEnd)).map(cutAtEnd)
  return {
    written: raw.map(writtenAs),
    readings: [...wholes.map((segments) => ({ segments, isFolder })), ...cuts],
  }
}

/** Splits a path that begins with a slash. One at the end begins no segment. */
function splitPath(path: string): readonly string[] {
  const segments = path.slice(1).split('/')
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments
}

/** Decodes a path; `undefined` for what is not the same path to everybody. */
function decode(path: string): string | undefined {
  let decoded = path
  try {
    if (path.includes('%')) decoded = decodeURIComponent(path)
  } catch {
    return undefined
  }
  return isMisread(decoded) || decoded.endsWith('/') !== path.endsWith('/') ? undefined : decoded
}

function isMisread(decoded: string): boolean {
  return MISREAD.test(decoded) || DOTS.test(decoded)
}

/**
 * Composes the characters of a decoded path where that makes others of them that part it; else it is left as it is, and names
 * alone are composed, see {@link namesOf}. `undefined` for what could be taken anywhere then.
 */
function simplify(decoded: string): string | undefined {
  const simple = composed(decoded)
  if (simple === decoded) return decoded
  if (isMisread(simple) || simple.endsWith('/') !== decoded.endsWith('/')) return undefined
  return partsOf(simple) === partsOf(decoded) ? decoded : simple
}

/** The characters alone that part a path. */
function partsOf(text: string): string {
  return text.replaceAll(/[^/?#]/g, '')
}

/** What is left for whoever decodes a path before parsing it. */
function cutAtEnd(segments: readonly string[]): Reading {
  const at = segments.findIndex(hasEnd)
  const last = segments[at]?.replace(/[?#].*$/s, '') ?? ''
  const before = segments.slice(0, at)
  return { segments: last === '' ? before : [...before, last], isFolder: last === '' }
}

function hasEnd(segment: string): boolean {
  return /[?#]/.test(segment)
}

/** What rows have no way to write as it is, and therefore write as an escape. */
const AS_ESCAPES: Readonly<Record<string, string>> = {
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2B': '+',
  '%3A': ':',
  '%5B': '[',
  '%5D': ']',
  '%5E': '^',
  '%7C': '|',
}

/** One spelling for what is written in the same way: the digits of escapes in upper case. */
function writtenAs(segment: string): string {
  return segment.replaceAll(/%[\dA-Fa-f]{2}/g, (escape) => {
    const upper = escape.toUpperCase()
    return AS_ESCAPES[upper] ?? upper
  })
}
