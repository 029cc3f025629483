/** What may stand in a path, and what browsers leave as it is; all else in ASCII could begin or end one for somebody. */
const PATH = /^\/[\x21\x22\x24-\x3e\x40-\x5b\x5d-\x7e]*$/
const BROKEN_ESCAPE = /%(?![\dA-Fa-f]{2})/
/** An escape, or a character that RFC 3986 has no other way to write than as one. */
const TO_SPELL = /%[\dA-Fa-f]{2}|[^\w\-.~!$&'()*+,;=:@/%]/g
const UNRESERVED = /^[\w\-.~]$/

/**
 * Writes a path in the one spelling of syntax-based normalisation: escapes of unreserved characters decoded, the others in
 * upper case, dot segments removed. Two paths of one spelling are the same; an encoded slash and a slash are not. `undefined`
 * for what is no path.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2 | RFC 3986 §6.2.2}
 */
export function normalisePath(path: string): string | undefined {
  if (!PATH.test(path) || BROKEN_ESCAPE.test(path)) return undefined
  return withoutDots(path.replaceAll(TO_SPELL, spell))
}

function spell(one: string): string {
  if (!one.startsWith('%')) return `%${one.charCodeAt(0).toString(16).toUpperCase()}`
  const decoded = String.fromCharCode(Number.parseInt(one.slice(1), 16))
  return UNRESERVED.test(decoded) ? decoded : one.toUpperCase()
}

/** RFC 3986 §5.2.4, of a path that begins with a slash. */
function withoutDots(path: string): string {
  if (!path.includes('/.')) return path
  const segments = path.slice(1).split('/')
  const kept: string[] = []
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  const last = segments.at(-1)
  if (last === '.' || last === '..') kept.push('')
  return `/${kept.join('/')}`
}
